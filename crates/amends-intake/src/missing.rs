//! Records that left a source each of whose exports holds all that it has (rule 2): told, and nothing is withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::{ImportRecord, Ledger};
use amends_model::event::column;
use amends_model::{Problem, Result};
use amends_project::definition::Source;
use arrow::array::AsArray;

use crate::map::Keys;

/// What an import of a complete snapshot no longer held.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// The imports that it is compared with: those of the last run before it that count.
    pub compared_with: Vec<i64>,
    /// The native keys of the records, in order.
    pub records: Vec<String>,
}

/// Compares a run, which is the imports of all files of a source, with the last one that counts. `None` where the source is no snapshot, where it
/// came for the first time, or where the run brought nothing.
///
/// A record is known by its native key, and there as long as any of its events is told.
///
/// # Errors
/// `AM0403` when the database fails; `AM0406` when the ledger cannot be read.
pub async fn missing(
    source: &Source,
    ledger: &Ledger,
    run: &[ImportRecord],
) -> Result<Option<Missing>> {
    let Some(first) = run.iter().map(|record| record.import).min() else {
        return Ok(None);
    };
    if !source.snapshot {
        return Ok(None);
    }
    let imports = ledger.imports().await?.into_iter();
    let before = imports.filter(|record| record.import < first);
    let of_source = before.filter(|record| record.start.source == source.name);
    let before: Vec<ImportRecord> = of_source.collect();
    let earlier = last_run(&before, &ledger.replays().await?);
    if earlier.is_empty() {
        return Ok(None);
    }
    let later = run.iter().map(|record| record.import).collect();
    let untold = ledger.untold(&earlier, &later).await?;
    // A record that lost one of its events, such as an end that was taken back, is there by the others.
    let mut kinds: Vec<Keys> = source
        .events
        .iter()
        .map(|event| Keys::new(&source.name, &source.main, &event.kind))
        .collect();
    let mut records = BTreeSet::new();
    for batch in &untold.events {
        let natives = batch.column_by_name(column::NATIVE_KEY);
        let natives = natives.and_then(|natives| natives.as_string_opt::<i32>());
        let natives = natives.ok_or_else(|| {
            Problem::new("AM0406", "an event has no native key")
                .detail(source.name.clone())
                .hint("run `amends doctor`")
        })?;
        for native in natives.iter().flatten() {
            let told = kinds
                .iter_mut()
                .any(|keys| untold.later_told(keys.native(native)));
            if !told {
                records.insert(native.to_owned());
            }
        }
    }
    Ok(Some(Missing {
        compared_with: earlier.into_iter().collect(),
        records: records.into_iter().collect(),
    }))
}

/// The imports of the last run that count. All files of a run are imported as of one moment; what was replayed out of the quarantine belongs to
/// the run that set it aside.
fn last_run(imports: &[ImportRecord], replays: &[(i64, i64)]) -> BTreeSet<i64> {
    let origins: BTreeMap<i64, i64> = replays.iter().map(|(of, by)| (*by, *of)).collect();
    let started: BTreeMap<i64, _> = imports
        .iter()
        .map(|record| (record.import, record.start.started_at))
        .collect();
    let run_of = |mut import: i64| {
        while let Some(origin) = origins.get(&import) {
            import = *origin;
        }
        started.get(&import)
    };
    let counting = || imports.iter().filter(|record| record.stands());
    let last = counting()
        .rev()
        .find(|record| !origins.contains_key(&record.import))
        .map(|record| record.start.started_at);
    let in_run =
        counting().filter(|record| last.is_some() && run_of(record.import) == last.as_ref());
    in_run.map(|record| record.import).collect()
}
