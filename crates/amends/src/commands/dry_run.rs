//! `--dry-run`: an import or an undo is tried on a copy, and what would move is shown.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use amends_custody::Rehearsal;
use amends_ledger::Ledger;
use amends_model::Result;
use amends_project::Project;
use amends_vault::Vault;
use serde_json::{Value, json};

use super::moves::{self, Answers, Move, table};
use super::{import, undo};
use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::terminal::number::counted;
use crate::terminal::paint::{CARE, HEADING, QUIET, paint};

/// Imports sources, or undoes imports, and changes nothing.
///
/// # Errors
/// As the import or the undo; `AM0426` while another dry run is under way; `AM0420` when the copy cannot be made.
pub(crate) async fn run(context: &Context, sources: &[String], undone: &[i64]) -> Result<Outcome> {
    import::known(context, sources)?;
    let before = Answers::of(context, None).await?;
    let data = &context.project.data;
    let rehearsal = Rehearsal::begin(&context.ledger, &context.vault, data).await?;
    let copy = copy_of(context, &rehearsal).await?;
    let (tried, exit) = match undone {
        [] => {
            let imported = import::import(&copy, sources).await?;
            let exit = imported.exit();
            (Tried::Import(imported), exit)
        }
        undone => (
            Tried::Undo(undo::undo(&copy, undone).await?),
            ExitCode::SUCCESS,
        ),
    };
    let period = before.period();
    let after = Answers::of(&copy, period.as_deref()).await?;
    Ok(Outcome {
        exit,
        answer: Box::new(WouldMove {
            moves: moves::between(&before, &after),
            as_of: (before.as_of(), after.as_of()),
            tried,
        }),
    })
}

/// The same project over the copy.
async fn copy_of(context: &Context, rehearsal: &Rehearsal) -> Result<Context> {
    let data = rehearsal.data().to_owned();
    Ok(Context {
        ledger: Ledger::open(&data.join("ledger")).await?,
        vault: Vault::open(&data.join("vault")).await?,
        project: Arc::new(Project {
            data,
            ..Project::clone(&context.project)
        }),
        folder: Arc::clone(&context.folder),
        planner: context.planner.clone(),
        journal: context.journal.clone(),
        as_of: context.as_of,
    })
}

/// What was tried.
enum Tried {
    Import(import::Imported),
    Undo(undo::Undone),
}

struct WouldMove {
    tried: Tried,
    moves: Vec<Move>,
    /// Before and after.
    as_of: (Value, Value),
}

impl Answer for WouldMove {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{}\n",
            paint(CARE, "Tried on a copy: nothing was changed")
        )?;
        match &self.tried {
            Tried::Import(imported) => {
                imported.show_counts(out)?;
                imported.show_missing(out)?;
                imported.show_altered(out)?;
                imported.show_problems();
            }
            Tried::Undo(undone) => undone.show_imports(out)?,
        }
        writeln!(out)?;
        if self.moves.is_empty() {
            let note = "No figure of the card and no count of a promise would move";
            return writeln!(out, "{}", paint(HEADING, note));
        }
        let figures = counted(self.moves.len() as u64, "figure", "figures");
        writeln!(out, "{} would move", paint(HEADING, figures))?;
        table(&self.moves).write(out)?;
        if let (Some(before), Some(after)) = (self.as_of.0.as_str(), self.as_of.1.as_str())
            && before != after
        {
            let note = format!("now as of {before}, then as of {after}");
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let moves = self.moves.iter().map(Move::json);
        let tried = match &self.tried {
            Tried::Import(imported) => imported.json(),
            Tried::Undo(undone) => undone.json(),
        };
        json!({
            "dry_run": true,
            "tried": tried,
            "moves": moves.collect::<Vec<_>>(),
            "as_of": { "before": self.as_of.0, "after": self.as_of.1 },
        })
    }
}
