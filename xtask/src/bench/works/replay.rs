//! Replay: every instance of a promise with a deadline is found and judged from all events.
//!
//! The program is asked as users ask it, `amends letdowns`, start and reading of the definitions included: as of a moment that is named, with nothing
//! kept of earlier answers, so that all it does is replay, as DuckDB does; the same as of now, when it also keeps every instance on disk; and with
//! what it has kept.

use serde::Deserialize;
use serde_json::Value;

use super::import::ready;
use crate::bench::Bench;
use crate::bench::company::{Company, removed};
use crate::bench::compare::{self, OurLetDown, State, TheirLetDown};
use crate::bench::promise::{PROMISES, Promise};
use crate::bench::report::Measured;

#[derive(Deserialize, PartialEq)]
struct Counted {
    promises: Vec<Value>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) items: Vec<OurLetDown>,
}

/// One promise against one query.
pub(in crate::bench) fn one(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    measured(bench, company, "replay of one promise", &PROMISES[..1])
}

/// Eight promises in one command against eight queries, one after the other.
pub(in crate::bench) fn eight(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    measured(bench, company, "replay of eight promises", &PROMISES)
}

fn measured(
    bench: &Bench,
    company: &Company,
    work: &str,
    promises: &[Promise],
) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let name = format!("{}-promises", promises.len());
    let project = company.project(&name, &company.data(), Some(promises))?;
    let as_of = company.as_of()?;
    let values: Vec<Value> = promises
        .iter()
        .map(|promise| promise.values(&as_of))
        .collect();
    let ours = || bench.ours(&["letdowns", "--json", "--project", &project]);
    let theirs = |question: &str, values: &[Value]| {
        bench.ask(
            question,
            &company.parquet(),
            &Value::from(values).to_string(),
        )
    };

    let counted: Counted = ours()?.answer()?;
    let states: Vec<Vec<State>> = theirs("states", &values)?.their_answer()?;
    for (promise, (states, values)) in promises.iter().zip(states.iter().zip(&values)) {
        let of_promise = counted
            .promises
            .iter()
            .find(|one| one["promise"] == promise.name);
        let of_promise = of_promise.ok_or_else(|| format!("{} is not counted", promise.name))?;
        compare::states(of_promise, states)?;
        let list = ["letdowns", "--json", "--project", &project, "--promise"];
        let listed: Listed = bench
            .ours(&[&list[..], &[promise.name]].concat())?
            .answer()?;
        let [let_downs]: [Vec<TheirLetDown>; 1] =
            theirs("let_downs", std::slice::from_ref(values))?.their_answer()?;
        compare::let_downs(listed.items, &let_downs)?;
    }

    // What is kept of earlier answers is taken away before each run, and then left.
    let derived = company.data().join("derived");
    let replayed = || {
        removed(&derived)?;
        bench.ours(&[
            "letdowns",
            "--json",
            "--project",
            &project,
            "--as-of",
            &as_of,
        ])
    };
    let afresh = || {
        removed(&derived)?;
        ours()
    };
    let states = || theirs("states", &values);
    let measured = |work: String, (ours, theirs)| Measured {
        work,
        events: company.events,
        ours,
        theirs: Some(("DuckDB", theirs)),
    };
    if replayed()?.answer::<Counted>()? != counted {
        return Err("what is replayed and what is kept differ".into());
    }
    Ok(vec![
        measured(work.into(), bench.race(replayed, states)?),
        measured(
            format!("{work}, and every instance kept"),
            bench.race(afresh, states)?,
        ),
        measured(
            format!("{work}, instances kept before"),
            bench.race(ours, states)?,
        ),
    ])
}
