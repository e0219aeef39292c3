//! Import: the six exports of a company become events, deduped, sorted and on the disk.
//!
//! The program also mints an identifier for every name, seals names and personal fields under a key of each person, and syncs
//! what it writes; DuckDB hashes names and does neither. The project has no promises, so nothing is judged on the way in.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::company::{Company, removed};
use crate::bench::compare;
use crate::bench::report::Measured;
use crate::bench::side::Run;

/// What `amends import --json` answers.
#[derive(Deserialize)]
pub(super) struct Imported {
    /// The balance of every source.
    pub(super) sources: Value,
}

impl Imported {
    /// How many events were stored.
    pub(super) fn events(&self) -> u64 {
        let sources = self.sources.as_object().into_iter().flatten();
        sources
            .filter_map(|(_, source)| source["events"].as_u64())
            .sum()
    }
}

/// Imports on both sides and compares the balances, then again in turn where it is to be timed more than once.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    let project = company.project("import", &company.data(), Some(&[]))?;
    let (first, events) = imported(bench, company, &project)?;
    let (ours, theirs) = bench.race_on(
        first,
        || our_run(bench, company, &project),
        || their_run(bench, company),
    )?;
    Ok(vec![Measured {
        work: "import".into(),
        events,
        ours,
        theirs: Some(("DuckDB", theirs)),
    }])
}

/// Sees to it that both sides have imported the exports, for the works that ask questions.
///
/// # Errors
/// When the exports cannot be imported, or the balances differ.
pub(super) fn ready(bench: &Bench, company: &Company) -> Result<(), String> {
    let made = |path: PathBuf| path.metadata().and_then(|about| about.modified()).ok();
    let marker = company.folder.join("imported");
    let built = made(bench.program()?.to_owned());
    if made(marker.clone()) > built {
        return Ok(());
    }
    let project = company.project("import", &company.data(), Some(&[]))?;
    imported(bench, company, &project)?;
    Ok(())
}

/// Imports once on both sides: these runs, and how many events there are, if the balances are the same.
fn imported(
    bench: &Bench,
    company: &Company,
    project: &str,
) -> Result<((Vec<Run>, Vec<Run>), u64), String> {
    let (our_run, their_run) = (
        our_run(bench, company, project)?,
        their_run(bench, company)?,
    );
    let ours: Imported = our_run.answer()?;
    compare::balances(&ours.sources, &their_run.their_answer::<Value>()?)?;
    let marker = company.folder.join("imported");
    std::fs::write(&marker, "").map_err(|error| format!("{}: {error}", marker.display()))?;
    Ok(((vec![our_run], vec![their_run]), ours.events()))
}

fn our_run(bench: &Bench, company: &Company, project: &str) -> Result<Run, String> {
    removed(&company.data())?;
    bench.ours(&["import", "--json", "--project", project])
}

fn their_run(bench: &Bench, company: &Company) -> Result<Run, String> {
    let (exports, parquet) = (company.exports.to_string_lossy(), company.parquet());
    removed(&parquet)?;
    bench.theirs(&["import", &exports, &parquet.to_string_lossy()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_of_all_sources_are_counted() {
        let answer = r#"{"noticed": {}, "sources": {"a": {"events": 2}, "b": {"events": 40}}}"#;
        let imported: Imported = serde_json::from_str(answer).unwrap();
        assert_eq!(imported.events(), 42);
    }
}
