//! `amends test`: the tests that travel with the promises.

use std::io::{self, Write};

use amends_model::{Problem, Result};
use amends_project::Project;
use amends_promises::TestOutcome;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::terminal::number::counted;
use crate::terminal::paint::{BAD, CARE, GOOD, QUIET, paint};

/// Runs the tests of every promise, or of one.
///
/// # Errors
/// `AM0014` when there is no such promise; `AM07..` when a promise cannot be planned over what its tests say.
pub(crate) async fn run(project: &Project, only: Option<&str>) -> Result<Outcome> {
    if let Some(name) = only.filter(|name| !project.promises.contains_key(*name)) {
        let known: Vec<&str> = project.promises.keys().map(String::as_str).collect();
        return Err(Problem::new("AM0014", "the project has no such promise")
            .detail(format!("{name:?}"))
            .hint(format!("its promises are: {}", known.join(", "))));
    }
    let planner = amends_expressions::Planner::new();
    // Mistakes in sources are the business of `check`; tests run on the columns that can be told.
    let (kinds, _mistakes) = amends_intake::kinds(project, &planner).await;
    let mut tested = Vec::new();
    for promise in project
        .promises
        .values()
        .filter(|promise| only.is_none_or(|name| name == promise.name))
    {
        let outcomes = amends_promises::run_tests(promise, &planner, &kinds);
        tested.push((promise.name.clone(), outcomes));
    }
    let failed = tested
        .iter()
        .flat_map(|(_, outcomes)| outcomes)
        .filter(|outcome| !outcome.passed())
        .count();
    Ok(Outcome::good_if(failed == 0, Tested { tested, failed }))
}

/// The tests of a project's promises that fail, by promise and name.
pub(super) async fn failing(project: &Project) -> Vec<String> {
    let planner = amends_expressions::Planner::new();
    let (kinds, _mistakes) = amends_intake::kinds(project, &planner).await;
    let mut failing = Vec::new();
    for promise in project.promises.values() {
        let outcomes = amends_promises::run_tests(promise, &planner, &kinds);
        let failed = outcomes.iter().filter(|outcome| !outcome.passed());
        failing.extend(failed.map(|outcome| format!("{}: {}", promise.name, outcome.name)));
    }
    failing
}

struct Tested {
    tested: Vec<(String, Vec<TestOutcome>)>,
    failed: usize,
}

impl Answer for Tested {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        for (promise, outcomes) in &self.tested {
            if outcomes.is_empty() {
                writeln!(
                    out,
                    "{} {promise}  {}",
                    paint(CARE, "none"),
                    paint(QUIET, "has no tests")
                )?;
            }
            for outcome in outcomes {
                let mark = if outcome.passed() {
                    paint(GOOD, "pass")
                } else {
                    paint(BAD, "FAIL")
                };
                let place = format!("{}:{}", outcome.place.file.display(), outcome.place.line);
                writeln!(
                    out,
                    "{mark} {promise}: {}  {}",
                    outcome.name,
                    paint(QUIET, place)
                )?;
                outcome
                    .failures
                    .iter()
                    .try_for_each(|failure| writeln!(out, "       {failure}"))?;
            }
        }
        let all: usize = self.tested.iter().map(|(_, outcomes)| outcomes.len()).sum();
        let all = counted(all as u64, "test", "tests");
        match self.failed {
            0 => writeln!(
                out,
                "\n{all}, each straight, restored from a checkpoint, and shuffled: {}",
                paint(GOOD, "all passed")
            ),
            failed => writeln!(out, "\n{all}, {}", paint(BAD, format!("{failed} failed"))),
        }
    }

    fn json(&self) -> Value {
        let items = self.tested.iter().flat_map(|(promise, outcomes)| {
            outcomes.iter().map(move |outcome| {
                json!({
                    "promise": promise, "name": outcome.name, "passed": outcome.passed(),
                    "file": outcome.place.file, "line": outcome.place.line, "failures": outcome.failures,
                })
            })
        });
        let items: Vec<Value> = items.collect();
        json!({ "passed": items.len() - self.failed, "failed": self.failed, "items": items })
    }
}
