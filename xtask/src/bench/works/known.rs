//! Import into a ledger that holds many keys already, against the same import into an empty one.
//!
//! The exports are those of another company, a tenth of the size, under other source names: none of their records is known.

use serde_json::Value;

use super::import::{Imported, ready};
use crate::bench::Bench;
use crate::bench::company::{Company, cloned, removed};
use crate::bench::compare::BALANCE;
use crate::bench::report::Measured;

/// Imports the later exports with and without the earlier ones, in turn.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let later = company.later(bench, company.events.div_ceil(10))?;
    let project = later.project("import", &later.data(), Some(&[]))?;
    let run = |full: bool| {
        removed(&later.data())?;
        if full {
            cloned(&company.data(), &later.data())?;
        }
        bench.ours(&["import", "--json", "--project", &project])
    };
    let (empty_run, full_run) = (run(false)?, run(true)?);
    let (empty, full): (Imported, Imported) = (empty_run.answer()?, full_run.answer()?);
    if counts(&empty.sources) != counts(&full.sources) {
        return Err("the same exports gave other events in a ledger that holds others".into());
    }
    let events = full.events();
    let (ours, theirs) = bench.race_on(
        (vec![full_run], vec![empty_run]),
        || run(true),
        || run(false),
    )?;
    removed(&later.data())?;
    Ok(vec![Measured {
        work: format!("import of a tenth, {} events there", company.events),
        events,
        ours,
        theirs: Some(("itself, empty", theirs)),
    }])
}

/// What became of the rows of every source. The numbers of the imports differ.
fn counts(sources: &Value) -> Vec<Value> {
    let sources = sources.as_object().into_iter().flatten();
    let counts = sources.flat_map(|(name, source)| {
        let counts = BALANCE.iter().map(|count| source[count].clone());
        std::iter::once(name.as_str().into()).chain(counts)
    });
    counts.collect()
}
