//! The tests that travel with a promise: each run straight, restored from a checkpoint in the middle, shuffled, and replayed.

mod compare;
mod events;
mod run;

use std::collections::BTreeMap;

use amends_expressions::Planner;
use amends_model::{Problem, Result};
use amends_project::definition::{Place, Promise, PromiseTest};
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;

use crate::compile::Compiled;
use crate::events::{Events, InMemory};
use crate::serious::Serious;

/// What came of one `[[test]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// Its name.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// What is not as expected, in plain words; empty when it passed.
    pub failures: Vec<String>,
}

impl TestOutcome {
    /// Whether everything is as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs the tests of a promise. `kinds` are the columns of the kinds of events as sources give them; a property that a test gives and no
/// source does has the type in which the test writes it.
///
/// A test that cannot be run fails, and says why.
pub fn run_tests(
    promise: &Promise,
    planner: &Planner,
    kinds: &BTreeMap<String, SchemaRef>,
) -> Vec<TestOutcome> {
    let run = |test: &PromiseTest| {
        let failures = failures(promise, test, planner, kinds);
        let failures = failures.unwrap_or_else(|problem| vec![told(&problem)]);
        TestOutcome {
            name: test.name.clone(),
            place: test.place.clone(),
            failures,
        }
    };
    promise.tests.iter().map(run).collect()
}

fn told(problem: &Problem) -> String {
    match problem.hint_text() {
        Some(hint) => format!("it cannot be run: {problem}; {hint}"),
        None => format!("it cannot be run: {problem}"),
    }
}

fn failures(
    promise: &Promise,
    test: &PromiseTest,
    planner: &Planner,
    kinds: &BTreeMap<String, SchemaRef>,
) -> Result<Vec<String>> {
    let mut events = InMemory::default();
    for (kind, mut batch) in events::batches(test, &promise.zone, kinds)? {
        let listens = promise.listens().into_iter();
        for on in listens.filter(|on| on.kind == kind) {
            if let Some(sql) = &on.condition {
                batch = events::completed(batch, &|schema| planner.condition(&sql.text, schema));
            }
        }
        for (_, sql) in promise
            .reads()
            .into_iter()
            .filter(|(on, _)| on.kind == kind)
        {
            batch = events::completed(batch, &|schema| planner.expression(&sql.text, schema));
        }
        if let Some(sql) = promise
            .serious
            .as_ref()
            .filter(|_| kind == promise.opens.kind)
        {
            batch = events::completed(batch, &|schema| {
                planner.expression(&sql.text, &Serious::over(schema))
            });
        }
        events.add(&kind, batch);
    }
    let compiled = Compiled::new(promise, planner, events.kinds())?;
    let run = run::Run::new(&compiled, &events)?;
    let as_of = match test.as_of {
        Some(as_of) => as_of,
        None => run.last_deadline(
            test.events
                .iter()
                .map(|event| event.at)
                .max()
                .unwrap_or(Timestamp::MIN),
        )?,
    };
    let ends = run::Ends {
        as_of,
        reported: test.complete_until.unwrap_or(as_of),
    };
    let straight = run.straight(ends)?;
    let mut failures = compare::with_expected(&test.expect, &straight, promise);
    for (way, instances) in [
        ("restored from a checkpoint", run.restored(ends)?),
        ("replayed", run.replayed(ends)?),
    ] {
        failures.extend(compare::with_another_way(way, &straight, &instances));
    }
    for seed in 0..run::SHUFFLES {
        let shuffled = run.shuffled(ends, seed)?;
        failures.extend(compare::with_another_way(
            "heard in another order",
            &straight,
            &shuffled,
        ));
    }
    Ok(failures)
}
