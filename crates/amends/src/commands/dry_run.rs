//! `--dry-run`: an import or an undo is tried on a copy, and what would move is shown.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use amends_custody::Rehearsal;
use amends_ledger::Ledger;
use amends_model::{Problem, Result};
use amends_project::Project;
use amends_vault::Vault;
use serde_json::{Value, json};

use super::{card, import, letdowns, undo};
use crate::answer::{Answer, Outcome};
use crate::arguments::Letdowns;
use crate::context::Context;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table};

/// The figures of a card that are compared.
const OF_CARD: [&str; 11] = [
    "opening",
    "new",
    "returned",
    "lost",
    "lost_natural",
    "lost_avoidable",
    "lost_company",
    "lost_unknown",
    "joined_and_left",
    "closing",
    "net",
];
/// The figures of a promise that are compared.
const OF_PROMISE: [&str; 10] = [
    "exposed",
    "open",
    "kept",
    "beaten",
    "unconfirmed",
    "overdue",
    "late",
    "broken",
    "excused",
    "total",
];

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
            moves: moves(&before, &after),
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
        planner: context.planner.clone(),
        journal: context.journal.clone(),
        as_of: context.as_of,
    })
}

/// What is answered at one moment; null where nothing was imported.
struct Answers {
    card: Value,
    promises: Value,
}

impl Answers {
    async fn of(context: &Context, period: Option<&str>) -> Result<Self> {
        let told = |answer: Result<Outcome>| match answer {
            Ok(outcome) => Ok(outcome.answer.json()),
            Err(problem) if is_empty(&problem) => Ok(Value::Null),
            Err(problem) => Err(problem),
        };
        Ok(Self {
            card: told(card::run(context, period, None).await)?,
            promises: told(letdowns::run(context, &Letdowns::default()).await)?,
        })
    }

    fn period(&self) -> Option<String> {
        self.card["period"].as_str().map(str::to_owned)
    }

    fn as_of(&self) -> Value {
        self.promises["as_of"].clone()
    }

    fn promise(&self, name: &str) -> &Value {
        let all = self.promises["promises"].as_array().into_iter().flatten();
        let mut named = all.filter(|promise| promise["promise"] == name);
        named.next().unwrap_or(&Value::Null)
    }
}

/// Whether nothing was imported yet.
fn is_empty(problem: &Problem) -> bool {
    problem.code() == "AM0017"
}

/// A figure that would stand otherwise.
struct Move {
    /// The card's period, or the promise.
    of: String,
    figure: &'static str,
    before: Option<i64>,
    after: Option<i64>,
}

fn moves(before: &Answers, after: &Answers) -> Vec<Move> {
    let mut moves = Vec::new();
    let mut compare = |of: String, figures: &[&'static str], before: &Value, after: &Value| {
        for figure in figures {
            let (before, after) = (before[*figure].as_i64(), after[*figure].as_i64());
            if before != after {
                let of = of.clone();
                moves.push(Move {
                    of,
                    figure,
                    before,
                    after,
                });
            }
        }
    };
    let period = after.period().unwrap_or_default();
    compare(
        format!("card {period}"),
        &OF_CARD,
        &before.card,
        &after.card,
    );
    for promise in after.promises["promises"].as_array().into_iter().flatten() {
        let name = promise["promise"].as_str().unwrap_or_default();
        compare(name.to_owned(), &OF_PROMISE, before.promise(name), promise);
    }
    moves
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
        let mut table = Table::new(&[
            Column::name("of"),
            Column::words("figure"),
            Column::number("now"),
            Column::number("then"),
        ]);
        let number = |value: Option<i64>| match value {
            None => "-".to_owned(),
            Some(value) if value < 0 => format!("-{}", whole(value.unsigned_abs())),
            Some(value) => whole(value.unsigned_abs()),
        };
        for one in &self.moves {
            table.row([
                one.of.clone(),
                one.figure.replace('_', " "),
                number(one.before),
                number(one.after),
            ]);
        }
        table.write(out)?;
        if let (Some(before), Some(after)) = (self.as_of.0.as_str(), self.as_of.1.as_str())
            && before != after
        {
            let note = format!("now as of {before}, then as of {after}");
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let moves = self.moves.iter().map(|one| {
            json!({ "of": one.of, "figure": one.figure, "before": one.before, "after": one.after })
        });
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
