//! How far a source may say that it has reported: never beyond now (rule 4).

use amends_model::{Problem, Result};
use amends_project::definition::{Complete, Source};
use jiff::Timestamp;

/// Refuses a source that says it has reported further than now: until then every deadline would count as passed.
///
/// # Errors
/// `AM0560` when it does.
pub(crate) fn not_ahead(source: &Source, now: Timestamp) -> Result<()> {
    match source.complete {
        Complete::Until(moment) if moment > now => Err(Problem::new(
            "AM0560",
            "a source cannot have reported further than now",
        )
        .detail(format!(
            "source {} says complete-until, and that moment, {}, is still to come",
            source.name,
            moment.strftime("%Y-%m-%d %H:%M UTC")
        ))
        .hint("write the last whole day that the export holds: a day means its end; or leave complete-until out")),
        _ => Ok(()),
    }
}
