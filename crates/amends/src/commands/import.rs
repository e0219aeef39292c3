//! `amends import`: files become events; every row is accounted for.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use amends_custody::Forgotten;
use amends_intake::{Altered, Missing};
use amends_ledger::ImportRecord;
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome, exit_code_of};
use crate::commands::changed::{self, Changed};
use crate::commands::quarantine::aside;
use crate::commands::{altered, imports, retention};
use crate::context::Context;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, QUIET, paint};
use crate::terminal::progress::{Bar, stop_on_interrupt};
use crate::terminal::table::{Column, Table, plain};
use crate::{noticing, room, surroundings, terminal};

/// The user stopped the import.
const STOPPED: &str = "AM0510";
/// A file that is read to its end, and gives nothing.
const NONE_READ: &str = "AM0540";
/// So many missing records are named to people.
const SHOWN: usize = 5;

/// Imports all sources, or the ones named. A source that fails keeps no other from being imported, and everything that was stored is
/// told beside what failed.
///
/// # Errors
/// `AM0014` when a source is not in the project; `AM04..` when the ledger cannot be written.
pub(crate) async fn run(context: &Context, only: &[String]) -> Result<Outcome> {
    let imported = import(context, only).await?;
    Ok(Outcome {
        exit: imported.exit(),
        answer: Box::new(imported),
    })
}

/// The import itself.
///
/// # Errors
/// As [`run`].
pub(crate) async fn import(context: &Context, only: &[String]) -> Result<Imported> {
    let project = &context.project;
    known(context, only)?;
    let stopped = stop_on_interrupt();
    let writer = context.writer(&surroundings::holder("import")).await?;
    let mut imported = Imported::default();
    let begun = newest(context).await?;
    for (name, source) in &project.sources {
        if !only.is_empty() && !only.contains(name) {
            continue;
        }
        let before = newest(context).await?;
        let bar = Bar::new(name, stopped.clone());
        let now = surroundings::now();
        let records = amends_intake::import(
            project,
            source,
            &context.planner,
            &context.vault,
            &writer,
            now,
            &bar,
        )
        .await;
        bar.finish();
        let records = match records {
            Ok(records) => records,
            Err(problem) => {
                let problem =
                    amends_intake::explained(project, source, &context.ledger, problem).await?;
                let user_stopped = problem.code() == STOPPED;
                imported.problems.push((Some(name.clone()), problem));
                imported
                    .imports
                    .insert(name.clone(), since(context, before, name).await?);
                if user_stopped {
                    break;
                }
                continue;
            }
        };
        let unread = records.iter().filter_map(none_read);
        imported
            .problems
            .extend(unread.map(|problem| (Some(name.clone()), problem)));
        match amends_intake::missing(source, &context.ledger, &records).await {
            Ok(missing) => imported
                .missing
                .extend(missing.map(|of| (name.clone(), of))),
            Err(problem) => imported.problems.push((Some(name.clone()), problem)),
        }
        match amends_intake::altered(source, &context.ledger, &records).await {
            Ok(altered) if altered.is_empty() => {}
            Ok(altered) => drop(imported.altered.insert(name.clone(), altered)),
            Err(problem) => imported.problems.push((Some(name.clone()), problem)),
        }
        imported.imports.insert(name.clone(), records);
    }
    match retention::forget(context, surroundings::now()).await {
        Ok(forgotten) => imported.forgotten = forgotten,
        Err(problem) => imported.problems.push((None, problem)),
    }
    let (noticed, problems) = noticing::notice(context, &writer, surroundings::now()).await;
    imported.noticed = noticed;
    let problems = problems.into_iter().map(|problem| (None, problem));
    imported.problems.extend(problems);
    imported.changed = changed::since(context, begun).await?;
    imported.joined = context.ledger.quarantined_joined(begun).await?;
    imported.older = older(context, &imported.imports).await?;
    let data = context.project.data.as_path();
    let told = |(source, problem)| (source, room::told(problem, &[data]));
    imported.problems = imported.problems.into_iter().map(told).collect();
    Ok(imported)
}

/// Whether the project has all of these sources.
///
/// # Errors
/// `AM0014` where it does not.
pub(crate) fn known(context: &Context, only: &[String]) -> Result<()> {
    let sources = &context.project.sources;
    let Some(unknown) = only.iter().find(|name| !sources.contains_key(*name)) else {
        return Ok(());
    };
    let known: Vec<&str> = sources.keys().map(String::as_str).collect();
    Err(Problem::new("AM0014", "the project has no such source")
        .detail(format!("{unknown:?}"))
        .hint(format!("its sources are: {}", known.join(", "))))
}

/// What is wrong with a file of which every row was set aside.
fn none_read(record: &ImportRecord) -> Option<Problem> {
    let all = record.received;
    (all > 0 && record.quarantined == all).then(|| {
        let import = record.import;
        let rows = counted(all, "row was", "rows were");
        Problem::new(NONE_READ, "no row of a file can be read")
            .detail(format!("{}: {rows} set aside", record.start.file))
            .hint(format!(
                "`amends quarantine list --import {import}` says why"
            ))
    })
}

/// Imports of sources that older definitions read, of files whose bytes were not there to be read again: their events count on.
async fn older(
    context: &Context,
    imported: &BTreeMap<String, Vec<ImportRecord>>,
) -> Result<Vec<ImportRecord>> {
    let all = context.ledger.imports().await?.into_iter();
    let is_older = |import: &ImportRecord| {
        let source = context.project.sources.get(&import.start.source);
        imported.contains_key(&import.start.source)
            && import.events > 0
            && import.stands()
            && source.is_some_and(|source| source.mapping != import.start.mapping)
    };
    Ok(all.filter(is_older).collect())
}

/// The number of the newest import; 0 where there is none.
async fn newest(context: &Context) -> Result<i64> {
    let imports = context.ledger.imports().await?;
    Ok(imports.last().map_or(0, |record| record.import))
}

/// What was imported of a source since an import. Nobody else writes meanwhile.
async fn since(context: &Context, before: i64, source: &str) -> Result<Vec<ImportRecord>> {
    let mut records = context.ledger.imports().await?;
    records.retain(|record| record.import > before && record.start.source == source);
    Ok(records)
}

/// Each problem once, with the sources that it stopped: what is wrong with the disk is wrong for all of them.
fn together(problems: &[(Option<String>, Problem)]) -> Vec<(&Problem, Vec<&str>)> {
    let same = |one: &Problem, other: &Problem| {
        one.code() == other.code()
            && (one.code() == room::CODE
                || (one.message(), one.detail_text()) == (other.message(), other.detail_text()))
    };
    let mut each: Vec<(&Problem, Vec<&str>)> = Vec::new();
    for (source, problem) in problems {
        let source = source.as_deref();
        match each.iter_mut().find(|(other, _)| same(other, problem)) {
            Some((_, stopped)) => stopped.extend(source),
            None => each.push((problem, source.into_iter().collect())),
        }
    }
    each
}

/// What was stored, and what stood in the way of the rest.
#[derive(Default)]
pub(crate) struct Imported {
    imports: BTreeMap<String, Vec<ImportRecord>>,
    /// By import: rows of joined files that were set aside.
    joined: BTreeMap<i64, u64>,
    /// By source that is a complete snapshot: what it no longer holds.
    missing: BTreeMap<String, Missing>,
    /// By source: files with other columns than the one before.
    altered: BTreeMap<String, Vec<Altered>>,
    changed: Changed,
    older: Vec<ImportRecord>,
    noticed: BTreeMap<String, u64>,
    /// Each with the source that it concerns, if it is one's.
    problems: Vec<(Option<String>, Problem)>,
    forgotten: Forgotten,
}

impl Imported {
    /// On standard error: what was stored is the answer.
    pub(crate) fn show_problems(&self) {
        for (problem, stopped) in together(&self.problems) {
            terminal::problem::show(problem, false);
            if !stopped.is_empty() && problem.code() != NONE_READ {
                let stopped = format!("it stopped {}", stopped.join(", "));
                anstream::eprintln!("  {}", paint(QUIET, stopped));
            }
        }
    }

    /// A stop by the user counts before everything else that went wrong, and a file that gives nothing after it.
    pub(crate) fn exit(&self) -> ExitCode {
        let rank = |problem: &&Problem| match problem.code() {
            STOPPED => 0,
            NONE_READ => 2,
            _ => 1,
        };
        let problems = self.problems.iter().map(|(_, problem)| problem);
        match problems.min_by_key(rank) {
            Some(problem) => exit_code_of(problem),
            None => ExitCode::SUCCESS,
        }
    }

    fn sum(&self, of: impl Fn(&ImportRecord) -> u64) -> u64 {
        self.imports.values().flatten().map(of).sum()
    }

    fn joined_of(&self, record: &ImportRecord) -> u64 {
        self.joined.get(&record.import).copied().unwrap_or(0)
    }

    /// The counts of one source, its files summed, and each file beside.
    fn source(&self, name: &str, records: &[ImportRecord]) -> Value {
        let missing = self.missing.get(name);
        let sum = |of: fn(&ImportRecord) -> u64| records.iter().map(of).sum::<u64>();
        let joined = |record: &ImportRecord| self.joined_of(record);
        let imports = records.iter().map(|record| {
            json!({
                "import": record.import,
                "file": record.start.file,
                "received": record.received,
                "stored": record.stored,
                "duplicate": record.duplicate,
                "quarantined": record.quarantined,
                "quarantined_joined": joined(record),
                "events": record.events,
            })
        });
        json!({
            "received": sum(|record| record.received),
            "stored": sum(|record| record.stored),
            "duplicate": sum(|record| record.duplicate),
            "quarantined": sum(|record| record.quarantined),
            "quarantined_joined": records.iter().map(joined).sum::<u64>(),
            "events": sum(|record| record.events),
            "missing": missing.map(|missing| missing.records.len()),
            "missing_records": missing.map_or(&[][..], |missing| &missing.records),
            "compared_with": missing.map_or(&[][..], |missing| &missing.compared_with),
            "changed": self.changed.get(name).cloned().unwrap_or_default(),
            "columns": altered::json(self.altered.get(name)),
            "imports": imports.collect::<Vec<_>>(),
        })
    }

    pub(crate) fn show_missing(&self, out: &mut dyn Write) -> io::Result<()> {
        for (source, missing) in &self.missing {
            let records = &missing.records;
            if records.is_empty() {
                continue;
            }
            let shown = records.iter().take(SHOWN).map(|key| plain(key));
            let mut shown: Vec<String> = shown.collect();
            if records.len() > SHOWN {
                let more = whole((records.len() - SHOWN) as u64);
                shown.push(format!("and {more} more, which --json lists"));
            }
            let all = counted(records.len() as u64, "record", "records");
            writeln!(
                out,
                "{} of {source} that its last import held are missing from this one: {}; {}",
                paint(CARE, all),
                shown.join(", "),
                paint(QUIET, "their events stay")
            )?;
        }
        Ok(())
    }

    pub(crate) fn show_altered(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut all = self.altered.values().flatten();
        all.try_for_each(|altered| altered::show(altered, out))
    }

    fn show_older(&self, out: &mut dyn Write) -> io::Result<()> {
        for import in &self.older {
            writeln!(
                out,
                "{} of import {} ({}) were read by an older definition, and its bytes are not there to be read again: they count on; {}",
                paint(CARE, counted(import.events, "event", "events")),
                import.import,
                import.start.file,
                paint(
                    QUIET,
                    format!("`amends import --undo {}` takes them back", import.import)
                )
            )?;
        }
        Ok(())
    }
}

impl Imported {
    /// Every file with its counts; nothing where there is none.
    pub(crate) fn show_counts(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.imports.values().all(Vec::is_empty) {
            return Ok(());
        }
        let number = Column::number;
        let mut table = Table::new(&[
            Column::name("source"),
            Column::words("file").goes(1),
            number("received"),
            number("stored"),
            number("duplicate"),
            number("quarantined"),
            number("events"),
        ]);
        for (source, records) in &self.imports {
            for record in records {
                let file = record
                    .start
                    .file
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let [received, stored, duplicate, quarantined, events] = [
                    record.received,
                    record.stored,
                    record.duplicate,
                    record.quarantined,
                    record.events,
                ]
                .map(whole);
                table.row([
                    source.clone(),
                    file,
                    received,
                    stored,
                    duplicate,
                    quarantined,
                    events,
                ]);
            }
        }
        table.write(out)?;
        let rows = counted(self.sum(|record| record.received), "row", "rows");
        writeln!(
            out,
            "\n{} {rows}: received = stored + duplicate + quarantined holds for every file",
            paint(GOOD, "Accounted for")
        )
    }
}

impl Answer for Imported {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        self.show_counts(out)?;
        let set_aside = self.sum(|record| record.quarantined);
        let of_joined = self.sum(|record| self.joined_of(record));
        if set_aside + of_joined > 0 {
            writeln!(
                out,
                "{}; {}",
                aside(set_aside, of_joined),
                paint(QUIET, "`amends quarantine list` says why")
            )?;
        }
        self.show_missing(out)?;
        changed::show(&self.changed, out)?;
        self.show_altered(out)?;
        self.show_older(out)?;
        if self.forgotten != Forgotten::default() {
            writeln!(out, "{}", retention::sentence(&self.forgotten))?;
        }
        noticing::show(&self.noticed, out)?;
        self.show_problems();
        Ok(())
    }

    fn json(&self) -> Value {
        let sources: BTreeMap<&String, Value> = self
            .imports
            .iter()
            .map(|(name, records)| (name, self.source(name, records)))
            .collect();
        let older: Vec<Value> = self.older.iter().map(imports::import).collect();
        let problems = self.problems.iter();
        let problems = problems.map(|(source, problem)| told(source.as_deref(), problem));
        json!({
            "sources": sources,
            "older": older,
            "noticed": self.noticed,
            "forgotten": retention::counts(&self.forgotten),
            "problems": problems.collect::<Vec<_>>(),
        })
    }
}

/// A problem that kept nobody from an answer, with the source that it concerns.
pub(crate) fn told(source: Option<&str>, problem: &Problem) -> Value {
    json!({
        "source": source,
        "code": problem.code(),
        "message": problem.message(),
        "detail": problem.detail_text(),
        "hint": problem.hint_text(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_that_several_sources_met_is_told_once_with_all_of_them() {
        let full = |file: &str| Problem::new(room::CODE, "the disk is full").detail(file);
        let wrong = || Problem::new("AM0509", "does not fit").detail("one column");
        let problems = [
            (Some("couriers".to_owned()), full("1.parquet")),
            (Some("desk".to_owned()), wrong()),
            (Some("shop".to_owned()), full("2.parquet")),
            (Some("survey".to_owned()), wrong().detail("another column")),
            (None, full("ledger.db")),
        ];
        let told: Vec<_> = together(&problems)
            .into_iter()
            .map(|(problem, stopped)| (problem.code(), stopped))
            .collect();
        assert_eq!(
            told,
            [
                (room::CODE, vec!["couriers", "shop"]),
                ("AM0509", vec!["desk"]),
                ("AM0509", vec!["survey"]),
            ]
        );
    }
}
