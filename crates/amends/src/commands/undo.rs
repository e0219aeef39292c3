//! `amends import --undo`: imports taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use amends_ledger::ImportRecord;
use amends_model::Result;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::commands::imports;
use crate::context::Context;
use crate::surroundings;
use crate::terminal::number::counted;
use crate::terminal::paint::{GOOD, QUIET, paint};

/// Undoes imports.
///
/// # Errors
/// `AM0411` when there is no such import; `AM0412` when it was undone already; whatever ledger and vault report.
pub(crate) async fn run(context: &Context, imports: &[i64]) -> Result<Outcome> {
    Ok(Outcome::good(undo(context, imports).await?))
}

/// The undo itself.
///
/// # Errors
/// As [`run`].
pub(crate) async fn undo(context: &Context, undo: &[i64]) -> Result<Undone> {
    let holder = surroundings::holder("import --undo");
    let writer = context.writer(&holder).await?;
    let before = context.ledger.imports().await?;
    let now = surroundings::now();
    let undone = amends_intake::undo(undo, &context.ledger, &context.vault, &writer, now).await?;
    let after = context.ledger.imports().await?;
    let gone: BTreeSet<i64> = undone.iter().map(|import| import.import).collect();
    let replaced = before.iter().filter(|import| gone.contains(&import.import));
    let replaced = replaced.filter_map(|import| Some((import.import, import.replaced_by?)));
    let replaced = replaced.collect();
    let moved = after.into_iter().zip(before).filter(|(after, before)| {
        let counts = |import: &ImportRecord| (import.stands(), import.stored, import.events);
        !gone.contains(&after.import) && counts(after) != counts(before)
    });
    Ok(Undone {
        asked: undo.to_vec(),
        undone,
        replaced,
        moved: moved.collect(),
    })
}

pub(crate) struct Undone {
    asked: Vec<i64>,
    undone: Vec<ImportRecord>,
    /// Which of them counted no longer before, and by which import they had been replaced.
    replaced: BTreeMap<i64, i64>,
    /// Other imports of which more or less counts than before, now and then.
    moved: Vec<(ImportRecord, ImportRecord)>,
}

impl Undone {
    /// Each import that counts otherwise than before.
    pub(crate) fn show_imports(&self, out: &mut dyn Write) -> io::Result<()> {
        for import in &self.undone {
            let asked = self.asked.contains(&import.import);
            let why = if asked {
                ""
            } else {
                ", which replayed rows of it"
            };
            let events = match self.replaced.get(&import.import) {
                Some(by) => format!("nothing of it counted any more, import {by} had replaced it"),
                None => counted(
                    import.events,
                    "event no longer counts",
                    "events no longer count",
                ),
            };
            writeln!(
                out,
                "{} import {}{why} ({}): {events}",
                paint(GOOD, "Undone"),
                import.import,
                import.start.file,
            )?;
        }
        for (now, then) in &self.moved {
            let how = if then.stands() {
                format!("{} then, {} now", then.events, now.events)
            } else {
                format!(
                    "it counts again, with {}",
                    counted(now.events, "event", "events")
                )
            };
            writeln!(out, "  import {} ({}): {how}", now.import, now.start.file)?;
        }
        Ok(())
    }
}

impl Answer for Undone {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        self.show_imports(out)?;
        let hint = "`amends import` reads files again that shall count after all";
        writeln!(out, "{}", paint(QUIET, hint))
    }

    fn json(&self) -> Value {
        let undone = self.undone.iter().map(|import| {
            let mut object = imports::import(import);
            object["counted_before"] = json!(!self.replaced.contains_key(&import.import));
            object
        });
        let undone: Vec<Value> = undone.collect();
        let moved = self.moved.iter().map(|(now, then)| {
            let mut import = imports::import(now);
            import["stored_before"] = json!(then.stored);
            import["events_before"] = json!(then.events);
            import["counted_before"] = json!(then.stands());
            import
        });
        json!({ "undone": undone, "moved": moved.collect::<Vec<_>>() })
    }
}
