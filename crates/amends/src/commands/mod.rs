//! One file per command. Each reads its arguments, asks the crates, and answers.

mod altered;
mod backup;
mod card;
mod changed;
mod check;
mod complaints;
mod completions;
mod customer;
mod definitions;
mod doctor;
mod dry_run;
mod due;
mod erase;
mod event;
mod explain;
mod export_person;
mod fracture;
mod fractures;
mod help;
mod hold;
mod identity;
mod import;
mod imports;
mod init;
mod letdowns;
mod math;
mod moves;
mod normal;
mod people;
mod plan;
mod promises;
mod quarantine;
mod restore;
mod retention;
mod simulate;
mod test;
mod undo;
mod validate;

use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};
use tokio::sync::OnceCell;

use crate::answer::Outcome;
use crate::arguments::{Arguments, Command};
use crate::context::Context;
use crate::{context, room, surroundings};

/// Runs the command that the arguments name.
///
/// # Errors
/// Whatever the command could not do.
pub(crate) async fn run(arguments: Arguments) -> Result<Outcome> {
    let root = arguments.project.clone();
    let others = match &arguments.command {
        Command::Backup(folders) => {
            let parts = backup::parts(folders);
            vec![parts.ledger, parts.vault, parts.key]
        }
        Command::Simulate(settings) => vec![settings.out.clone()],
        _ => Vec::new(),
    };
    let opened = OnceCell::new();
    let outcome = asked(arguments, &opened).await;
    if let Some(context) = opened.get() {
        context.rest().await;
    }
    outcome.map_err(|problem| with_room_told(problem, &root, &others))
}

/// Tells a full disk as one, whether it is that of the data folder or of what else the command writes to.
fn with_room_told(problem: Problem, root: &Path, others: &[PathBuf]) -> Problem {
    let (project, _) = amends_project::load(root, &surroundings::variable);
    let data = project.map(|project| project.data);
    let folders = data.iter().chain(others).map(PathBuf::as_path);
    room::told(problem, &folders.collect::<Vec<_>>())
}

async fn asked(arguments: Arguments, opened: &OnceCell<Context>) -> Result<Outcome> {
    let (root, as_of, json) = (arguments.project, arguments.as_of, arguments.json);
    let of = plan::asks(&arguments.command);
    let open = || opened.get_or_try_init(|| context::open(&root, of, as_of.as_deref(), json));
    let with_exports =
        || opened.get_or_try_init(|| context::open_with_exports(&root, as_of.as_deref(), json));
    match arguments.command {
        Command::Init { dir, gallery } => init::run(&dir, gallery.as_deref()),
        Command::Check => check::run(&root).await,
        Command::Test { promise } => {
            test::run(&context::project(&root, json)?, promise.as_deref()).await
        }
        Command::Import {
            sources,
            undo,
            dry_run: true,
        } => dry_run::run(with_exports().await?, &sources, &undo).await,
        Command::Import { undo, .. } if !undo.is_empty() => undo::run(open().await?, &undo).await,
        Command::Import { sources, .. } => import::run(with_exports().await?, &sources).await,
        Command::Imports { sources, limit } => imports::run(open().await?, &sources, limit).await,
        Command::Card { period, marble } => {
            card::run(open().await?, period.as_deref(), marble).await
        }
        Command::Math(asked) => math::run(open().await?, &asked).await,
        Command::Letdowns(asked) => letdowns::run(open().await?, &asked).await,
        Command::Promises => promises::run(open().await?).await,
        Command::Fractures { promise, by, limit } => {
            fractures::run(open().await?, promise.as_deref(), by, limit).await
        }
        Command::Fracture { action } => fracture::run(open().await?, action).await,
        Command::Validate(asked) => validate::run(open().await?, &asked).await,
        Command::Complaints(asked) => complaints::run(open().await?, &asked).await,
        Command::Normal(asked) => normal::run(open().await?, &asked).await,
        Command::Plan(asked) => plan::run(open().await?, &asked).await,
        Command::Due(asked) => due::run(open().await?, &asked).await,
        Command::Customer { who, reveal, .. } => {
            customer::run(open().await?, who.as_deref(), reveal).await
        }
        Command::Explain { id, about } => explain::run(open().await?, &id, about.as_deref()).await,
        Command::People {
            figure,
            period,
            segment,
            reveal,
            limit,
        } => {
            let asked = people::Asked {
                figure: &figure,
                period: period.as_deref(),
                segment: segment.as_deref(),
                reveal,
                limit,
            };
            people::run(open().await?, &asked).await
        }
        Command::Identity { action } => identity::run(open().await?, action).await,
        Command::Quarantine { action } => quarantine::run(open().await?, action).await,
        Command::Simulate(settings) => simulate::run(&settings),
        Command::Doctor => doctor::run(open().await?).await,
        Command::ExportPerson { whom, out } => {
            export_person::run(open().await?, &whom, out.as_deref()).await
        }
        Command::Erase {
            whom,
            reason,
            perhaps,
            yes,
        } => erase::run(open().await?, &whom, reason.as_deref(), perhaps, yes, json).await,
        Command::Hold { action } => hold::run(open().await?, action).await,
        Command::Backup(folders) => backup::run(open().await?, &folders).await,
        Command::Restore { folders, replace } => restore::run(&root, &folders, replace, json).await,
        Command::Retention => retention::run(open().await?).await,
        Command::Completions { shell } => completions::run(shell),
        Command::Help { topic, markdown } => help::run(&topic, markdown),
    }
}
