//! A project opened for work: its definitions, its ledger, its vault, and the moment it is looked at.

use std::path::Path;
use std::sync::Arc;

use amends_custody::Journal;
use amends_custody::reserve;
use amends_custody::sums::{self, Compared};
use amends_expressions::Planner;
use amends_ledger::{Ledger, Writer};
use amends_model::{Problem, Result, time};
use amends_project::{Diagnostic, Project};
use amends_vault::Vault;
use jiff::Timestamp;

use crate::terminal::number::counted;
use crate::terminal::prose;
use crate::{surroundings, terminal};

/// The file in which a company says where its data are.
const COMPANY: &str = "amends.toml";

/// The mistake of naming a variable that is not set.
const NOT_SET: &str = "AM0109";

/// A project opened for work.
pub(crate) struct Context {
    /// Its definitions, as they are in force.
    pub project: Arc<Project>,
    /// Its definitions, as its folder says them.
    pub folder: Arc<Project>,
    /// Plans its expressions.
    pub planner: Planner,
    /// Its ledger.
    pub ledger: Ledger,
    /// Its vault.
    pub vault: Vault,
    /// The journal of erasures.
    pub journal: Journal,
    /// As of when the user asked, if at all.
    pub as_of: Option<Timestamp>,
}

impl Context {
    /// The right to write to ledger and vault.
    ///
    /// # Errors
    /// `AM0402` when somebody else is writing; `AM0427` when a database is damaged.
    pub(crate) async fn writer(&self, holder: &str) -> Result<Writer> {
        sums::write(&self.ledger, &self.project.data, holder).await
    }

    /// Brings the databases to rest at the end of a command that has written, and keeps some room for a day without. What cannot be done now is done by a later one.
    pub(crate) async fn rest(&self) {
        let holder = surroundings::holder("taking checksums");
        reserve::keep(&self.project.data);
        let _later = sums::set(&self.ledger, &self.vault, &self.project.data, &holder).await;
    }
}

/// Reads the definitions; mistakes are shown on standard error.
///
/// # Errors
/// `AM0011` when there is no project; `AM0012` when its definitions hold mistakes.
pub(crate) fn project(root: &Path, json: bool) -> Result<Project> {
    there(root)?;
    whole(
        root,
        json,
        amends_project::load(root, &surroundings::variable),
    )
}

/// As [`project`], for whoever reads no exports: a variable that is not set, and that only paths of exports name, keeps nothing from being asked.
///
/// # Errors
/// As [`project`].
fn project_without_exports(root: &Path, json: bool) -> Result<Project> {
    there(root)?;
    let loaded = amends_project::load(root, &surroundings::variable);
    let mut mistakes = loaded.1.iter().filter(|one| !one.is_warning);
    let only_exports =
        mistakes.all(|one| one.code == NOT_SET && one.place.file.starts_with("sources"));
    if loaded.0.is_some() || !only_exports {
        return whole(root, json, loaded);
    }
    let as_written = |name: &str| surroundings::variable(name).or(Some(format!("${{{name}}}")));
    whole(root, json, amends_project::load(root, &as_written))
}

fn there(root: &Path) -> Result<()> {
    if root.join(COMPANY).is_file() {
        return Ok(());
    }
    Err(Problem::new("AM0011", "this folder holds no project")
        .detail(format!("there is no amends.toml in {}", root.display()))
        .hint("go to the project's folder, name it with --project DIR, or begin one with `amends init DIR`"))
}

/// A project without mistakes; those that it has are shown on standard error.
fn whole(
    root: &Path,
    json: bool,
    (project, diagnostics): (Option<Project>, Vec<Diagnostic>),
) -> Result<Project> {
    match project {
        Some(project) => Ok(project),
        None => {
            if !json {
                terminal::diagnostics::show_on_stderr(root, &diagnostics);
            }
            let mistakes = diagnostics
                .iter()
                .filter(|diagnostic| !diagnostic.is_warning)
                .count();
            let first = diagnostics.iter().find(|diagnostic| !diagnostic.is_warning);
            let detail = first.map(|first| {
                format!(
                    "{}:{}:{}: {}",
                    first.place.file.display(),
                    first.place.line,
                    first.place.column,
                    first.message
                )
            });
            let mistakes = counted(mistakes as u64, "mistake", "mistakes");
            Err(
                Problem::new("AM0012", format!("the definitions hold {mistakes}"))
                    .detail(detail.unwrap_or_default())
                    .hint("`amends check` shows them all"),
            )
        }
    }
}

/// Opens a project for work that reads its exports.
///
/// # Errors
/// Whatever stands in the way of reading its definitions, ledger or vault.
pub(crate) async fn open_with_exports(
    root: &Path,
    as_of: Option<&str>,
    json: bool,
) -> Result<Context> {
    let project = project(root, json)?;
    opened(project, Definitions::InForce, as_of, json).await
}

/// The folder as far as it says where the data are, where the rest of it holds mistakes.
fn company_alone(root: &Path) -> Option<Project> {
    let text = std::fs::read_to_string(root.join(COMPANY)).ok()?;
    let texts = [(COMPANY.to_owned(), text)].into();
    let (project, _) = amends_project::load_texts(root, &texts, &surroundings::variable);
    project.filter(|project| project.data.is_dir())
}

/// Opens a project for work on what was imported.
///
/// # Errors
/// As [`open_with_exports`].
pub(crate) async fn open(
    root: &Path,
    definitions: Definitions,
    as_of: Option<&str>,
    json: bool,
) -> Result<Context> {
    let problem = match project_without_exports(root, json) {
        Ok(project) => return opened(project, definitions, as_of, json).await,
        Err(problem) => problem,
    };
    let is_asked = matches!(definitions, Definitions::InForceWhateverTheFolder);
    let is_asked = is_asked && problem.code() == "AM0012";
    let Some(company) = company_alone(root).filter(|_| is_asked) else {
        return Err(problem);
    };
    // Mistakes in the folder keep nothing from being asked that is in force without them.
    let ledger = Ledger::open(&company.data.join("ledger")).await?;
    let activations = amends_promises::activations(&ledger.snapshot().await?)?;
    let Some(last) = activations.last() else {
        return Err(problem);
    };
    // Where the data are says the folder alone.
    let project = Project {
        data: company.data,
        erasures: company.erasures,
        retention: company.retention,
        ..amends_promises::as_put_in_force(root, last)?
    };
    let problem = problem.hint("`amends check` shows them all; until they are mended, what was put in force last answers, sources and journey too");
    terminal::problem::warn(&problem, json);
    opened(project, definitions, as_of, json).await
}

/// Which definitions answer.
#[derive(Clone, Copy)]
pub(crate) enum Definitions {
    /// Those in force. The folder is to hold no mistake.
    InForce,
    /// Those in force; what was put in force last stands in for a folder with mistakes.
    InForceWhateverTheFolder,
    /// Those of the folder, for whoever puts them in force.
    OfFolder,
}

async fn opened(
    project: Project,
    definitions: Definitions,
    as_of: Option<&str>,
    json: bool,
) -> Result<Context> {
    let as_of = as_of
        .map(|text| time::as_of(text, &project.company.zone))
        .transpose()?;
    amends_custody::see_whole(&project.data)?;
    amends_custody::sweep(&project.data)?;
    reserve::give_up(&project.data);
    for database in sums::databases(&project.data) {
        if database.is_soon_compared() && sums::compare(&database)? == Compared::Wrong {
            terminal::problem::warn(&sums::damaged(&database), json);
        }
    }
    let ledger = Ledger::open(&project.data.join("ledger")).await?;
    let vault = Vault::open(&project.data.join("vault")).await?;
    belong_together(&ledger, &vault).await?;
    let journal = Journal::at(project.erasures.clone());
    let holder = surroundings::holder("finishing an erasure");
    let finished =
        amends_custody::finish(&ledger, &vault, &journal, &project.data, &holder).await?;
    if finished > 0 && !json {
        let erasures = counted(finished as u64, "erasure", "erasures");
        anstream::eprintln!("carried out {erasures} of the journal");
    }
    let in_force = match definitions {
        Definitions::InForce | Definitions::InForceWhateverTheFolder => {
            in_force(&project, &ledger, json).await?
        }
        Definitions::OfFolder => project.clone(),
    };
    Ok(Context {
        project: Arc::new(in_force),
        folder: Arc::new(project),
        planner: Planner::new(),
        ledger,
        vault,
        journal,
        as_of,
    })
}

/// The definitions that are in force; says so where the folder has others.
///
/// # Errors
/// `AM0710` and `AM0711` when what was put in force cannot be read.
async fn in_force(folder: &Project, ledger: &Ledger, json: bool) -> Result<Project> {
    let activations = amends_promises::activations(&ledger.snapshot().await?)?;
    let in_force = amends_promises::standing(folder, &activations)?;
    let promises = amends_promises::differences(folder, &in_force);
    let promises = promises.values().filter(|one| one.is_draft()).count();
    let customers = folder.customers_version() != in_force.customers_version();
    let differing = promises + usize::from(customers);
    if differing > 0 && !json {
        let definitions = counted(
            differing as u64,
            "definition of the folder is",
            "definitions of the folder are",
        );
        let says = format!("{definitions} not in force: `amends plan` shows what would move");
        let lines = prose::lines(&says, 0, prose::width_of_talk());
        lines.iter().for_each(|line| anstream::eprintln!("{line}"));
    }
    Ok(in_force)
}

/// Whether ledger and vault are of one history, as far as a lost one shows: it is new, and the other is not.
///
/// # Errors
/// `AM0307` when the vault is lost, `AM0415` when the ledger is.
async fn belong_together(ledger: &Ledger, vault: &Vault) -> Result<()> {
    let lost = |code, message: &str, detail: String| {
        Problem::new(code, message).detail(detail).hint(
            "nothing was changed: put the folder back, or `amends restore` a backup; an import now would take everybody for somebody new",
        )
    };
    match (ledger.is_new().await?, vault.is_new().await?) {
        (true, false) => Err(lost(
            "AM0415",
            "the ledger is lost: the vault knows people, and nothing was ever imported",
            "the folder `ledger` is new, and the folder `vault` is not".into(),
        )),
        (false, true) => {
            let imports = ledger.imports().await?;
            let events: u64 = imports.iter().map(|import| import.events).sum();
            if events == 0 {
                return Ok(());
            }
            let events = counted(events, "event", "events");
            Err(lost(
                "AM0307",
                "the vault is lost: nobody was ever named in it",
                format!("the ledger holds {events} of people whom this vault does not know"),
            ))
        }
        _ => Ok(()),
    }
}
