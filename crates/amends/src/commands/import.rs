//! `amends import`: files become events; every row is accounted for.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_custody::Forgotten;
use amends_ledger::ImportRecord;
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use super::retention;
use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{BAD, CARE, GOOD, QUIET, paint};
use crate::terminal::progress::{Bar, stop_on_interrupt};
use crate::terminal::table::{Side, Table};
use crate::{noticing, surroundings};

/// Imports all sources, or the ones named.
///
/// # Errors
/// `AM0014` when a source is not in the project; whatever intake reports.
pub(crate) async fn run(context: &Context, only: &[String]) -> Result<Outcome> {
    let project = &context.project;
    if let Some(unknown) = only
        .iter()
        .find(|name| !project.sources.contains_key(*name))
    {
        let known: Vec<&str> = project.sources.keys().map(String::as_str).collect();
        return Err(Problem::new("AM0014", "the project has no such source")
            .detail(format!("{unknown:?}"))
            .hint(format!("its sources are: {}", known.join(", "))));
    }
    let stopped = stop_on_interrupt();
    let writer = context
        .ledger
        .writer(&surroundings::holder("import"))
        .await?;
    let mut imports = BTreeMap::new();
    for (name, source) in &project.sources {
        if !only.is_empty() && !only.contains(name) {
            continue;
        }
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
        imports.insert(name.clone(), records?);
    }
    let forgotten = retention::forget(context, surroundings::now()).await?;
    let noticed = noticing::notice(context, &writer, surroundings::now()).await?;
    Ok(Outcome::good(Imported {
        imports,
        noticed,
        forgotten,
    }))
}

struct Imported {
    imports: BTreeMap<String, Vec<ImportRecord>>,
    noticed: BTreeMap<String, u64>,
    forgotten: Forgotten,
}

impl Imported {
    fn sum(&self, of: impl Fn(&ImportRecord) -> u64) -> u64 {
        self.imports.values().flatten().map(of).sum()
    }
}

impl Answer for Imported {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = |heading| (heading, Side::Right);
        let mut table = Table::new(&[
            ("source", Side::Left),
            ("file", Side::Left),
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
        )?;
        let set_aside = self.sum(|record| record.quarantined);
        if set_aside > 0 {
            let rows = paint(CARE, counted(set_aside, "row was", "rows were"));
            writeln!(
                out,
                "{rows} set aside; {}",
                paint(QUIET, "`amends quarantine list` says why")
            )?;
        }
        if self.forgotten != Forgotten::default() {
            writeln!(out, "{}", retention::sentence(&self.forgotten))?;
        }
        for (promise, new) in self.noticed.iter().filter(|(_, new)| **new > 0) {
            let new = paint(BAD, counted(*new, "let-down", "let-downs"));
            let how = paint(
                QUIET,
                format!("`amends letdowns --promise {promise}` lists them"),
            );
            writeln!(out, "{new} of {promise} noticed for the first time; {how}")?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let sources: BTreeMap<&String, Value> = self
            .imports
            .iter()
            .map(|(name, records)| (name, source(records)))
            .collect();
        json!({ "sources": sources, "noticed": self.noticed, "forgotten": retention::counts(&self.forgotten) })
    }
}

/// The counts of one source, its files summed, and each file beside.
fn source(records: &[ImportRecord]) -> Value {
    let sum = |of: fn(&ImportRecord) -> u64| records.iter().map(of).sum::<u64>();
    let imports = records.iter().map(|record| {
        json!({
            "import": record.import,
            "file": record.start.file,
            "received": record.received,
            "stored": record.stored,
            "duplicate": record.duplicate,
            "quarantined": record.quarantined,
            "events": record.events,
        })
    });
    json!({
        "received": sum(|record| record.received),
        "stored": sum(|record| record.stored),
        "duplicate": sum(|record| record.duplicate),
        "quarantined": sum(|record| record.quarantined),
        "events": sum(|record| record.events),
        "imports": imports.collect::<Vec<_>>(),
    })
}
