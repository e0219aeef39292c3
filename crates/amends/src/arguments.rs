//! The command line: every command, its options and its examples. `docs/commands.md` is made from this.

mod due;
mod fracture;
mod math;
mod normal;
mod plan;
mod voice;

pub(crate) use due::Due;
pub(crate) use fracture::{By, DecidedBy, FractureAction};
pub(crate) use math::Math;
pub(crate) use normal::Normal;
pub(crate) use plan::Plan;
pub(crate) use voice::{Apart, Complaints, Validate};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// Reads the traces of every time a company let a customer down: when, where, who else, and what is owed.
#[derive(Parser, Debug)]
#[command(
    name = "amends",
    version,
    max_term_width = 110,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Start with `amends init my-company`, then follow what it prints. `amends help AM0101` explains an error code.\n\
Exit codes: 0 done; 1 done, and something is wrong with what was looked at; 2 wrong usage; 3 could not be done; 130 stopped by you."
)]
pub(crate) struct Arguments {
    /// The project folder.
    #[arg(
        long,
        short = 'p',
        global = true,
        default_value = ".",
        value_name = "DIR"
    )]
    pub project: PathBuf,

    /// As of when: a day (its end), a time in the company's zone, or an RFC 3339 timestamp. Default: the earliest moment up to which all sources in use have reported.
    #[arg(long, global = true, value_name = "T")]
    pub as_of: Option<String>,

    /// Answer in JSON, with the fields that docs/json.md describes.
    #[arg(long, global = true)]
    pub json: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Write a new project that works, with comments, to start from.
    #[command(
        after_help = "Examples:\n  amends init my-company\n  amends init my-shop --gallery shop"
    )]
    Init {
        /// The folder to write; it must be empty or new.
        dir: PathBuf,
        /// Begin with the promises of a sector, each with its tests.
        #[arg(long, value_name = "SECTOR", value_parser = clap::builder::PossibleValuesParser::new(amends_project::gallery()))]
        gallery: Option<String>,
    },
    /// Find every mistake in the definitions, planned against the real columns of the real files.
    #[command(after_help = "Example: amends check --project examples/olist")]
    Check,
    /// Run the tests inside the promise files: straight, restored from a checkpoint, and shuffled.
    #[command(after_help = "Examples:\n  amends test\n  amends test delivery-date")]
    Test {
        /// Only the tests of this promise.
        promise: Option<String>,
    },
    /// Read the files of all sources, or of some, into the ledger. The same record twice is counted once.
    #[command(
        after_help = "Examples:\n  amends import\n  amends import orders --json\n  amends import --dry-run\n  amends import --undo 7\n  amends import --undo 7 --undo 9 --dry-run"
    )]
    Import {
        /// Only these sources.
        sources: Vec<String>,
        /// Undo the import of this number, as `amends imports` lists it: what it said counts no longer, as if it had never been. Can be repeated.
        #[arg(long, value_name = "IMPORT", conflicts_with = "sources")]
        undo: Vec<i64>,
        /// Try it on a copy, and show which figures would move. Nothing is changed.
        #[arg(long)]
        dry_run: bool,
    },
    /// What was imported: file, when, counts, and whether it still counts.
    #[command(after_help = "Examples:\n  amends imports\n  amends imports orders --json")]
    Imports {
        /// Only those of these sources.
        sources: Vec<String>,
        /// At most so many lines for people, the newest; JSON has them all.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
    /// The report card of a period: in, out, net, reasons, and three sentences to read aloud.
    #[command(
        after_help = "Examples:\n  amends card\n  amends card --period 2018-Q1\n  amends card --period 2018-03 --json"
    )]
    Card {
        /// A month (2018-03), a quarter (2018-Q1) or a year (2018). Default: the last whole one.
        #[arg(long, value_name = "P")]
        period: Option<String>,
        /// Customers per marble. Default: so that both bowls fit.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        marble: Option<u64>,
    },
    /// Customers gained and lost, one period after another, of everybody and segment by segment.
    #[command(
        after_help = "Examples:\n  amends math\n  amends math --from 2024-01 --to 2026-12\n  amends math --by plan --json"
    )]
    Math(Math),
    /// Who was let down, by which promise, and how badly.
    #[command(
        after_help = "Examples:\n  amends letdowns\n  amends letdowns --promise delivery-date --limit 20\n  amends letdowns --promise delivery-date --period 2018-03 --reveal\n  amends letdowns --promise delivery-date --json"
    )]
    Letdowns(Letdowns),
    /// The register of promises: each with its shape, its owner, and how it stands or what it needs to be measured.
    #[command(after_help = "Examples:\n  amends promises\n  amends promises --json")]
    Promises,
    /// Where promises keep breaking: each place with everybody who fell through it, the most people and the worst hurt first.
    #[command(
        after_help = "Examples:\n  amends fractures\n  amends fractures --promise delivery-date\n  amends fractures --by money\n  amends fractures --json"
    )]
    Fractures {
        /// Only this promise.
        #[arg(long, value_name = "ID")]
        promise: Option<String>,
        /// In which order: first the people, or first the money that was at stake in what was let down.
        #[arg(long, default_value = "people", value_name = "WHAT")]
        by: By,
        /// At most so many for people; JSON has them all.
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
    },
    /// One fracture: what is known of it, and what is decided about it.
    #[command(
        after_help = "Examples:\n  amends fracture show 3f9a1c2e\n  amends fracture own 3f9a1c2e --by Depots\n  amends fracture mended 3f9a1c2e --by Depots --on 2026-05-01\n  amends people fracture.3f9a1c2e"
    )]
    Fracture {
        /// What to do.
        #[command(subcommand)]
        action: FractureAction,
    },
    /// Whether promises name those who complain before they do: with complaints and scores hidden, how many were named first, how early, and at what price.
    #[command(
        after_help = "Examples:\n  amends validate\n  amends validate --promise delivery-date\n  amends validate --split 2026-03\n  amends validate --promise delivery-date --from 2026-03 --json"
    )]
    Validate(Validate),
    /// Complaints per 1,000 customers by period, source and service, beside the let-downs found in the same time: few complaints of many let-downs is silence.
    #[command(
        after_help = "Examples:\n  amends complaints\n  amends complaints --from 2026-01 --to 2026-06 --by service\n  amends complaints --json"
    )]
    Complaints(Complaints),
    /// What is normal: share kept, lateness, what is not done, and volume of every promise against the limits of its own past, and beside them what was written as great.
    #[command(
        after_help = "Examples:\n  amends normal\n  amends normal --every day --period 2026-03-05\n  amends normal delivery-date\n  amends normal delivery --every month --json\n  amends people normal.delivery-date.let-down --period 2026-W10"
    )]
    Normal(Normal),
    /// What the definitions in the folder would move, and putting them in force: from then on figures follow what is in force, whatever the folder says.
    #[command(
        after_help = "Examples:\n  amends plan\n  amends plan --in-force --approver \"Ada Example\" --note \"ten days instead of twelve\"\n  amends plan --in-force --approver \"Ada Example\" --from 2026-04-01\n  amends plan --in-force --approver \"Ada Example\" --restate"
    )]
    Plan(Plan),
    /// Open promises that are about to break: those in a live fracture first, then the likeliest.
    #[command(
        after_help = "Examples:\n  amends due --within \"3 days\"\n  amends due --promise delivery-date --likely 20"
    )]
    Due(Due),
    /// One customer: what happened, and what we owe.
    #[command(
        after_help = "Examples:\n  amends customer 4f0c...\n  amends customer ada@example.com\n  amends customer --someone"
    )]
    Customer {
        /// An id, the beginning of one, or a name by which a source knows them.
        #[arg(required_unless_present = "someone")]
        who: Option<String>,
        /// Somebody who was let down badly, chosen so that the same data shows the same person.
        #[arg(long, conflicts_with = "who")]
        someone: bool,
        /// Show the names and texts that the vault keeps.
        #[arg(long)]
        reveal: bool,
    },
    /// One let-down in plain sentences, with the events that prove it; or one event, as it was read.
    #[command(
        after_help = "Examples:\n  amends explain delivery-date/b9a6c5f5df52\n  amends explain delivery-date b9a6c5f5df52\n  amends explain 0a7c6dd4e1f2b98c35d1e60f7a2b4c8d"
    )]
    Explain {
        /// PROMISE/ABOUT as other commands print it, PROMISE followed by ABOUT, or the id of an event.
        id: String,
        /// What it is about, where the first word is only the promise.
        about: Option<String>,
    },
    /// Who is behind a figure of the card, or fell through a fracture.
    #[command(
        after_help = "Examples:\n  amends people lost --period 2018-03\n  amends people letdowns.delivery-date\n  amends people lost --segment plan=basic"
    )]
    People {
        /// The figure's id, such as `lost.avoidable`, `new`, `joined-and-left`, `reason.price`, `letdowns.delivery-date`, `fracture.ID`, `normal.delivery-date.let-down`.
        figure: String,
        /// The period. Default: as for the card; of a fracture, all time; of what is normal a day, a week or a month, the newest complete week.
        #[arg(long, value_name = "P")]
        period: Option<String>,
        /// Only those of one segment, as `amends math --by NAME` tells them apart; nothing after the sign for those of whom nothing is said.
        #[arg(long, value_name = "NAME=VALUE")]
        segment: Option<String>,
        /// Show the names that the vault keeps of them.
        #[arg(long)]
        reveal: bool,
        /// At most so many lines for people; JSON has them all.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
    /// Which identifiers are one person, and why.
    #[command(
        after_help = "Examples:\n  amends identity explain ada@example.com --reveal\n  amends identity unlink ID ID --by \"Vera\" --why \"two sisters\"\n  amends identity link ID ID --by \"Vera\" --why \"one person after all\""
    )]
    Identity {
        /// What to do.
        #[command(subcommand)]
        action: IdentityAction,
    },
    /// Rows that could not be read: list them, explain one, or try them again.
    #[command(
        after_help = "Examples:\n  amends quarantine list\n  amends quarantine explain 3/17 --reveal\n  amends quarantine replay 3"
    )]
    Quarantine {
        /// What to do.
        #[command(subcommand)]
        action: QuarantineAction,
    },
    /// Invent a company with fractures planted in it, and the truth beside it.
    #[command(
        after_help = "Examples:\n  amends simulate --customers 2000 --months 12 --seed 7 --out parcels\n  amends simulate --plant depot,release --out tea\n  amends simulate --plant none --out control"
    )]
    Simulate(Simulate),
    /// Look for damage: files, checksums, conservation, leftovers; and say how to mend it.
    #[command(after_help = "Example: amends doctor")]
    Doctor,
    /// Everything that is kept about one person, as one JSON document for them.
    #[command(
        after_help = "Examples:\n  amends export-person ada@example.com --out ada.json\n  amends export-person --identifier email=ada@example.com"
    )]
    ExportPerson {
        /// Whom.
        #[command(flatten)]
        whom: Whom,
        /// The file to write, for its owner alone; it must not be there yet. Default: standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Destroy what is kept about one person: names, personal fields, keys. Counts stay as they are.
    #[command(
        after_help = "Examples:\n  amends erase ada@example.com --reason \"asked for it in writing\"\n  amends erase --identifier email=ada@example.com --yes"
    )]
    Erase {
        /// Whom.
        #[command(flatten)]
        whom: Whom,
        /// Why. It stays in the ledger and must not name anybody.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Also forget rows in quarantine that hold no more than something as short as one of their names.
        #[arg(long)]
        perhaps: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Legal holds: while one stands, the person is not erased.
    #[command(
        after_help = "Examples:\n  amends hold add ada@example.com --reason \"lawsuit 12/2026\"\n  amends hold list\n  amends hold lift ada@example.com --reason \"lawsuit settled\""
    )]
    Hold {
        /// What to do.
        #[command(subcommand)]
        action: HoldAction,
    },
    /// Copy ledger, vault and key to folders of their own, while others go on working. What is there already is not copied again.
    #[command(
        after_help = "Examples:\n  amends backup /backups/shop\n  amends backup /backups/shop --key-to /safe/shop"
    )]
    Backup(BackupFolders),
    /// Put a backup back, after every byte of it was checked, and repeat the erasures that are younger.
    #[command(
        after_help = "Examples:\n  amends restore /backups/shop --project shop\n  amends restore /backups/shop --key-to /safe/shop --replace"
    )]
    Restore {
        /// Where the backup stands.
        #[command(flatten)]
        folders: BackupFolders,
        /// Replace the ledger and vault that the project has.
        #[arg(long)]
        replace: bool,
    },
    /// Forget what amends.toml keeps for a time only. Every import does so at its end; this does it now.
    #[command(after_help = "Example: amends retention")]
    Retention,
    /// Write completions for a shell.
    #[command(
        after_help = "Example: amends completions bash > ~/.local/share/bash-completion/completions/amends"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Explain an error code or a command.
    #[command(
        after_help = "Examples:\n  amends help AM0402\n  amends help card\n  amends help quarantine list"
    )]
    Help {
        /// An error code such as AM0402, or a command with what it is told to do.
        topic: Vec<String>,
        /// Write the whole command reference as Markdown.
        #[arg(long, hide = true)]
        markdown: bool,
    },
}

/// Names one person.
#[derive(Args, Debug)]
pub(crate) struct Whom {
    /// An id, the beginning of one, or a name by which a source knows them.
    #[arg(value_name = "CUSTOMER", required_unless_present = "identifier")]
    pub who: Option<String>,
    /// A name of one kind, in any form that the definition takes for the same.
    #[arg(long, value_name = "NAMESPACE=NAME", conflicts_with = "who")]
    pub identifier: Option<String>,
}

/// The folders of a backup.
#[derive(Args, Debug)]
pub(crate) struct BackupFolders {
    /// The folder of the backup; the three parts stand below it unless they are named.
    pub dir: PathBuf,
    /// The folder of the vault. Default: `vault` in DIR.
    #[arg(long, value_name = "DIR")]
    pub vault_to: Option<PathBuf>,
    /// The folder of the vault's master key. Default: `key` in DIR. Whoever has key and vault can read every name.
    #[arg(long, value_name = "DIR")]
    pub key_to: Option<PathBuf>,
}

/// What to do with legal holds.
#[derive(Subcommand, Debug)]
pub(crate) enum HoldAction {
    /// Place a hold on a person.
    Add {
        /// Whom.
        #[command(flatten)]
        whom: Whom,
        /// Why. It stays in the ledger and must not name anybody.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Lift all holds on a person.
    Lift {
        /// Whom.
        #[command(flatten)]
        whom: Whom,
        /// Why. It stays in the ledger and must not name anybody.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List the holds, of one person or of all.
    List {
        /// Only theirs: an id, the beginning of one, or a name by which a source knows them.
        #[arg(value_name = "CUSTOMER")]
        who: Option<String>,
    },
}

/// What to do with identities.
#[derive(Subcommand, Debug)]
pub(crate) enum IdentityAction {
    /// Show which identifiers belong together, by which evidence, and which were not linked and why.
    Explain {
        /// An identifier's id or name.
        who: String,
        /// A second one: the evidence between the two.
        other: Option<String>,
        /// Show the names that the vault keeps.
        #[arg(long)]
        reveal: bool,
    },
    /// Take an undone link back, so that records which name both count again. It is a decision like the other.
    Link {
        /// One identifier's id or name.
        a: String,
        /// The other's.
        b: String,
        /// Who decides.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why.
        #[arg(long, value_name = "REASON")]
        why: String,
    },
    /// Undo the link between two identifiers. It is a decision: it stays in the ledger with who and why; `link` takes it back.
    Unlink {
        /// One identifier's id or name.
        a: String,
        /// The other's.
        b: String,
        /// Who decides.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why.
        #[arg(long, value_name = "REASON")]
        why: String,
    },
}

/// What to do with rows in quarantine.
#[derive(Subcommand, Debug)]
pub(crate) enum QuarantineAction {
    /// List those that wait, each once, by file, line and reason.
    List {
        /// Only those of this import.
        #[arg(long, value_name = "N")]
        import: Option<i64>,
        /// Also those that are settled, and what became of them: mended or removed since, or replayed.
        #[arg(long)]
        all: bool,
        /// At most so many lines for people; JSON has them all.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
    /// Show one row with its reason.
    Explain {
        /// IMPORT/ENTRY as the list prints it.
        entry: String,
        /// Show its text, which the vault keeps.
        #[arg(long)]
        reveal: bool,
    },
    /// Try the rows of an import again with today's definitions.
    Replay {
        /// The number of the import.
        import: i64,
    },
}

/// Which let-downs.
#[derive(Args, Debug, Default)]
pub(crate) struct Letdowns {
    /// Only this promise. Without it: all promises, one line each.
    #[arg(long, value_name = "ID")]
    pub promise: Option<String>,
    /// Only what came due in this month (2018-03), quarter (2018-Q1) or year (2018). Default: everything.
    #[arg(long, value_name = "P")]
    pub period: Option<String>,
    /// Show the names that the vault keeps of the customers.
    #[arg(long, requires = "promise")]
    pub reveal: bool,
    /// At most so many lines for people; JSON has them all.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
}

/// The settings of an invented company.
#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// How many customers it ever has.
    #[arg(long, default_value_t = 2000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub customers: u64,
    /// How many months it runs.
    #[arg(long, default_value_t = 12, value_name = "M", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub months: u64,
    /// The same seed gives the same company, byte for byte.
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub seed: u64,
    /// What breaks in it, with commas between: depot, release, charges, weekends, outage, pair; or all, or none. The company then has all of its systems: an
    /// app, payments and kettles on a line too. Without this it has shop and help desk, and the depot breaks.
    #[arg(long, value_name = "LIST")]
    pub plant: Option<String>,
    /// The folder to write; it must be empty or new.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
