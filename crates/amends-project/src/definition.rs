//! What a project says, after checking: plain values, each with the place in its file where it was written.

mod given;
mod journey;
mod promise;
mod promise_test;
mod shapes;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use amends_model::money::Currency;
use amends_model::period::Length;
use amends_model::wait::{Calendar, Wait};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::files::Texts;

pub use given::listed;
pub use journey::{Baseline, Stage, Touchpoint};
pub use promise::{
    About, By, Deadline, Hears, Lasts, Moved, Never, Pause, Promise, Shape, Spell, TimeOfDay,
    Window,
};
pub use promise_test::{Expectation, PromiseTest, TestEvent, TestValue};
pub use shapes::{
    AtLeast, AtMost, Before, Exposed, Limits, Match, Normal, Notice, Share, ShareOf, Side,
    Tolerance, Unmeasured,
};
pub use voice::Voice;

/// Where something was written: the file below the project folder, and line and column counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The file, relative to the project folder.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// SQL as a definition writes it: inline, or the text of a `.sql` file beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// Where its first character stands.
    pub place: Place,
}

impl Sql {
    /// Where in the definition file something stands whose line and column inside the text are known.
    pub fn place_of(&self, (line, column): (usize, usize)) -> Place {
        let first = &self.place;
        let column = if line <= 1 {
            first.column + column.saturating_sub(1)
        } else {
            column
        };
        Place {
            file: first.file.clone(),
            line: first.line + line.saturating_sub(1),
            column,
        }
    }
}

/// A checked project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The project folder.
    pub root: PathBuf,
    /// Where its ledger, vault and derived tables stand: `data = "..."` in amends.toml, else `.amends` in the project folder.
    pub data: PathBuf,
    /// Where the journal of erasures stands: `erasures = "..."` in amends.toml, else `erasures.jsonl` in the data folder.
    pub erasures: PathBuf,
    /// How long what is personal is kept.
    pub retention: Retention,
    /// Who the company is.
    pub company: Company,
    /// Calendars by name; `default` is always there.
    pub calendars: BTreeMap<String, Calendar>,
    /// Sources by name.
    pub sources: BTreeMap<String, Source>,
    /// Sources that there were when definitions were put in force, and are not now: what they reported still counts for what they decided.
    pub gone: BTreeMap<String, Source>,
    /// What names someone, by name of the identifier.
    pub identifiers: BTreeMap<String, IdentifierRule>,
    /// What makes a customer new, returned, lost. `None` until customers.toml is written.
    pub customers: Option<Customers>,
    /// What counts as speaking up.
    pub voice: Voice,
    /// Touchpoints by name.
    pub touchpoints: BTreeMap<String, Touchpoint>,
    /// Stages in the order of the journey.
    pub stages: Vec<Stage>,
    /// The past that says what is normal; `None`: the first complete periods.
    pub baseline: Option<Baseline>,
    /// Promises by name.
    pub promises: BTreeMap<String, Promise>,
    /// Definitions of promises that others have followed, by name, the first in force first.
    pub earlier: BTreeMap<String, Vec<Promise>>,
    /// Promises that cannot be measured yet, by name.
    pub unmeasured: BTreeMap<String, Unmeasured>,
    /// A short hash of every definition, comments and spaces aside: the definition version of figures.
    pub version: String,
    /// The files that it was read from.
    pub texts: Texts,
}

impl Project {
    /// The definitions of a promise that judge something, the first in force first.
    pub fn definitions(&self, promise: &str) -> impl Iterator<Item = &Promise> {
        let earlier = self.earlier.get(promise).into_iter().flatten();
        earlier.chain(self.promises.get(promise))
    }

    /// The definition by which a promise is judged that opened at a moment: the one that was in force then (rule 12).
    pub fn judge(&self, promise: &str, opened_at: Timestamp) -> Option<&Promise> {
        let mut all = self.definitions(promise);
        all.find(|promise| promise.spell.holds(opened_at))
    }
}

/// `amends.toml`, `[company]`.
#[derive(Clone, Debug)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// The zone that its periods follow.
    pub zone: TimeZone,
    /// Its currency.
    pub currency: Currency,
    /// How long its reporting periods are.
    pub period: Length,
    /// Whether people or accounts are counted.
    pub counts: Counted,
    /// The sector's own word for one customer, such as "guest".
    pub customer_word: String,
    /// The sector's own word for several customers.
    pub customers_word: String,
}

/// `amends.toml`, `[retention]`: how long what is personal is kept. What is not named is kept until somebody is erased.
#[derive(Clone, Debug, Default)]
pub struct Retention {
    /// The raw text of rows in quarantine, from the import that set them aside.
    pub quarantine: Option<Wait>,
    /// Personal fields of a source's records, from when their event happened.
    pub personal: BTreeMap<String, Wait>,
}

/// What a company counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// People.
    Customers,
    /// Organisations.
    Accounts,
}

/// One export of one system: `sources/*.toml`, `[source.NAME]`.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub says: String,
    /// Where it was written.
    pub place: Place,
    /// Its files by alias; `main` is one of them.
    pub files: BTreeMap<String, SourceFile>,
    /// The alias of the file whose rows are counted; also the stream of its events.
    pub main: String,
    /// Joins the files to one table of records; without it the main file is that table. It must carry the main file's column `_line`.
    pub sql: Option<Sql>,
    /// The native key of a record (over the record table); without it a record is known by its content and occurrence.
    pub key: Option<Sql>,
    /// The source's own growing version or time of a record.
    pub version: Option<Sql>,
    /// The zone of its civil times; days are of the company's zone.
    pub zone: TimeZone,
    /// How far it has reported.
    pub complete: Complete,
    /// Where that was written, and in which words; `None` where it was not.
    pub complete_written: Option<(Place, String)>,
    /// How much later than it happened something may still be reported.
    pub lag: Option<Wait>,
    /// Whether each file holds everything that the source knows.
    pub snapshot: bool,
    /// How many rows of one file may be set aside; with more of them the file is refused.
    pub most_aside: u64,
    /// Columns of the record table that go to the vault.
    pub personal: BTreeSet<String>,
    /// Columns of the record table that the SQL derives from what is personal and that say nobody's own value, such as an age group;
    /// each with the reason why it may be kept.
    pub derived: BTreeMap<String, Reason>,
    /// Columns that are left out altogether.
    pub ignore: BTreeSet<String>,
    /// What each record becomes.
    pub events: Vec<EventMapping>,
    /// A short hash of this source's definition: the mapping version of its events.
    pub mapping: String,
}

impl Source {
    /// How many pieces of SQL it holds.
    pub fn expressions(&self) -> usize {
        let own = [&self.sql, &self.key, &self.version];
        let of_event = |event: &EventMapping| {
            let optional = [&event.when, &event.about, &event.amount, &event.currency];
            1 + optional.into_iter().flatten().count()
                + event.identifiers.len()
                + event.properties.len()
        };
        let of_events: usize = self.events.iter().map(of_event).sum();
        own.into_iter().flatten().count() + of_events
    }
}

/// Why something is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Where it was written.
    pub place: Place,
}

/// How far a source has reported (rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complete {
    /// Until a moment that the definition names: `complete-until = "2018-11-01"` (the end of that day, in the company's zone).
    Until(Timestamp),
    /// Until the latest moment in its events.
    LatestEvent,
    /// Until the file was last written.
    FileDate,
}

/// One file of a source.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path with environment variables filled in; `*` in the file name stands for several, in order of their names.
    pub path: PathBuf,
    /// The path as written.
    pub written: String,
    /// The section that it is written in, such as `source.orders.file`.
    pub section: String,
    /// Where the path was written.
    pub place: Place,
    /// How it is read.
    pub format: Format,
    /// How it is packed.
    pub packing: Packing,
    /// Types of columns that are not plain text.
    pub columns: BTreeMap<String, ColumnRule>,
    /// What some of the files call a column, and the name by which it is read where the file has no column of that name.
    pub renamed: BTreeMap<String, String>,
}

/// The format of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, or separated by something else.
    Csv {
        /// The byte between cells.
        delimiter: u8,
        /// The encoding's WHATWG label, such as `utf-8` or `latin1`.
        encoding: String,
        /// Column names where the file has no header line.
        header: Option<Vec<String>>,
    },
    /// One JSON object a line; nested fields are named with dots.
    JsonLines,
    /// Parquet.
    Parquet,
    /// One sheet of a workbook.
    Xlsx {
        /// Its name; the first that is not hidden without it.
        sheet: Option<String>,
        /// The row that holds the names of the columns, from 1; the first that is not empty without it.
        header_row: Option<i64>,
    },
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    None,
    /// gzip, several members included.
    Gzip,
    /// zstd.
    Zstd,
}

/// How a column's text is read. Types are declared, never guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRule {
    /// Its type.
    pub kind: ColumnType,
    /// A strptime format for dates, months and timestamps; ISO 8601 without it.
    pub format: Option<String>,
    /// Where it was written.
    pub place: Place,
}

/// The type of a column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text as it stands; an empty cell is null.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// true/false, yes/no, t/f, y/n, 1/0.
    Boolean,
    /// A day.
    Date,
    /// A month: its first day, noted as `month`.
    Month,
    /// A moment: civil in the source's zone, or with an offset of its own.
    Timestamp,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// An amount in the currency given: read exactly, kept in minor units.
    Money(Currency),
}

/// `[[source.NAME.event]]`: one event that a record gives. All SQL is over the record table.
#[derive(Clone, Debug)]
pub struct EventMapping {
    /// The kind, such as `order_placed`.
    pub kind: String,
    /// Where it was written.
    pub place: Place,
    /// When it happened; a record without it does not give this event.
    pub at: Sql,
    /// Whether `at` may be a plan: while it lies ahead the record does not give this event yet, and is read well all the same.
    pub planned: bool,
    /// A record gives this event only where this holds.
    pub when: Option<Sql>,
    /// What it concerns.
    pub about: Option<Sql>,
    /// Whom it names, by identifier, in the order written: the first is whom it happened to.
    pub identifiers: Vec<NamedBy>,
    /// Money: an expression of a column of type money, or minor units as an integer.
    pub amount: Option<Sql>,
    /// Its currency; the company's without it.
    pub currency: Option<Sql>,
    /// Further properties by name.
    pub properties: Vec<(String, Sql)>,
    /// The properties, or `amount`, of which a new value corrects what the record said before; of all others it tells that something changed (rule 2).
    pub corrections: Vec<String>,
}

/// How an event names someone.
#[derive(Clone, Debug)]
pub struct NamedBy {
    /// By which identifier.
    pub identifier: String,
    /// Where that was written.
    pub place: Place,
    /// The name.
    pub sql: Sql,
}

/// `customers.toml`, `[identifier.NAME]`: what names someone.
#[derive(Clone, Debug)]
pub struct IdentifierRule {
    /// Its name, such as `email`.
    pub name: String,
    /// How a name is brought into one form before it is compared.
    pub normalise: Normalise,
    /// On more than this many others it is no evidence (rule 10).
    pub at_most: usize,
    /// Names that stand for nobody in particular; for mail addresses the part before the `@`, beside those built in.
    pub generic: BTreeSet<String>,
    /// Whether it names a person or an account.
    pub names: Counted,
}

/// How names are brought into one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalise {
    /// Trimmed only.
    None,
    /// Trimmed, lower case.
    Lower,
    /// As a mail address: trimmed, lower case, must hold one `@`.
    Email,
    /// As a telephone number: digits and a leading plus only.
    Phone,
}

/// An event of a kind, perhaps only where a condition over its columns holds: `{ on = "...", where = "..." }`.
#[derive(Clone, Debug)]
pub struct On {
    /// The kind.
    pub kind: String,
    /// The condition.
    pub condition: Option<Sql>,
    /// Of what a promise hears: SQL over it, what it reaches. Everything that stood there then hears of it, whatever it is about.
    pub reaches: Option<Sql>,
    /// Where it was written.
    pub place: Place,
}

/// `customers.toml`, `[customers]` and what follows.
#[derive(Clone, Debug)]
pub struct Customers {
    /// What makes somebody a customer.
    pub new: Vec<On>,
    /// How customers are lost.
    pub lost: Lost,
    /// SQL over a leaving event: the stated reason.
    pub reason: Option<Sql>,
    /// What stated reasons mean, in order.
    pub classes: Vec<ReasonClass>,
    /// Who said they would recommend.
    pub would_recommend: Vec<On>,
    /// Who did.
    pub did_recommend: Vec<On>,
    /// What customers are told apart by.
    pub segments: BTreeMap<String, Segment>,
}

/// `[segment.NAME]`: what customers are told apart by.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What it means.
    pub says: Option<String>,
    /// SQL over an event that makes somebody a customer.
    pub value: Sql,
}

/// How customers are lost.
#[derive(Clone, Debug)]
pub enum Lost {
    /// By an event: the contract named by `about` ends; a customer is lost with the last of them.
    Contract {
        /// What ends a contract.
        on: Vec<On>,
    },
    /// By silence after the last of these events; dated last activity + silence (rule 11).
    Silence {
        /// How long.
        after: Wait,
        /// What counts as a sign of life; events of `new` always do.
        activity: Vec<On>,
        /// The company's default calendar, by which it is counted.
        calendar: Box<Calendar>,
    },
}

/// `[[leaving.class]]`: what some stated reasons mean.
#[derive(Clone, Debug)]
pub struct ReasonClass {
    /// The reasons, compared without case.
    pub reasons: Vec<String>,
    /// Whose choice it was.
    pub nature: Nature,
    /// What it was about.
    pub cause: Cause,
}

/// Why a customer was lost: whose doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nature {
    /// Nobody could have held them: moved, died.
    Natural,
    /// We could have held them.
    Avoidable,
    /// The company let them go.
    Company,
    /// Nobody knows.
    Unknown,
}

/// Why a customer was lost: over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The product.
    Product,
    /// The service.
    Service,
    /// The price.
    Price,
    /// Their life.
    Life,
    /// Nobody knows.
    Unknown,
}
