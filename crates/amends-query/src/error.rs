//! What DataFusion says when something fails, as a problem.

use amends_model::Problem;
use datafusion::common::DataFusionError;

/// A query that cannot be planned.
pub(crate) fn unplannable(error: DataFusionError, text: &str) -> Problem {
    match ours(error) {
        Ok(problem) => problem,
        Err(error) => Problem::new("AM0803", "this query cannot be answered")
            .detail(asked(&words(&error), text))
            .hint("only one SELECT is allowed; `select table_name from information_schema.tables` lists the tables"),
    }
}

/// A query that failed while it ran.
pub(crate) fn failed(error: DataFusionError) -> Problem {
    match ours(error) {
        Ok(problem) => problem,
        Err(error) => Problem::new("AM0804", "a query failed while it ran").detail(words(&error)),
    }
}

/// A problem of ours that travelled through DataFusion, unchanged.
fn ours(error: DataFusionError) -> Result<Problem, DataFusionError> {
    match error {
        DataFusionError::External(inner) => match inner.downcast::<Problem>() {
            Ok(problem) => Ok(*problem),
            Err(inner) => Err(DataFusionError::External(inner)),
        },
        DataFusionError::Context(context, inner) => {
            ours(*inner).map_err(|inner| DataFusionError::Context(context, Box::new(inner)))
        }
        other => Err(other),
    }
}

/// What is wrong, and what was asked; a query of several lines is named by its first.
fn asked(words: &str, text: &str) -> String {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    let more = if lines.next().is_some() { " ..." } else { "" };
    format!("{words}; it was: {first}{more}")
}

fn words(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    text.lines().next().unwrap_or_default().to_owned()
}

/// A problem of ours on its way through DataFusion.
pub(crate) fn through(problem: Problem) -> DataFusionError {
    DataFusionError::External(Box::new(problem))
}
