//! What is late and does not come: the time in which nearly everything late used to be done, and whoever waits longer.
//!
//! Lateness is told of what came. Where everything stands still nothing comes, and nothing would be late. So of the let-downs of a period the share is charted that was not done within
//! a time after it was due, given up or waited for alike. The time is taken from the baseline: within it nine of ten were done of all that came late, so that later ones are held against what was usual.
//! Whoever has not waited that long yet is in neither number, so that a period that has just ended is no worse than those before.

use amends_model::{Result, State, time};
use amends_project::definition::{Baseline, Promise};
use amends_query::Session;
use jiff::tz::TimeZone;

use super::tally::{Row, rows};
use super::{baseline_of, early};

/// Of what came late, such a share was done within the time.
const NEARLY_ALL: f64 = 0.9;
/// Where the project says nothing else, the baseline is so long from the beginning of the record on: 24 weeks.
const USUAL: i64 = 168 * 86_400_000_000;

/// In how many microseconds after they were due nine of ten were done of those that came late in the baseline; 0 where none did.
///
/// # Errors
/// `AM0002` when a day cannot be represented.
pub(super) fn used(rows: &[Row], baseline: Option<Baseline>, zone: &TimeZone) -> Result<i64> {
    let moment = |day: jiff::civil::Date| time::start_of_day(day, zone).map(time::micros);
    let begins = early::begins(rows.iter().map(|row| row.opened_at).collect());
    let (from, until) = match (baseline, begins) {
        (Some(meant), _) => (moment(meant.from)?, moment(meant.until)?),
        (None, Some((_, begun))) => (begun, begun.saturating_add(USUAL)),
        (None, None) => return Ok(0),
    };
    let late = rows.iter().filter(|row| row.state == State::Late);
    let late = late.filter(|row| (from..until).contains(&row.due_at));
    let late = late.filter_map(|row| row.late_by.filter(|late| *late >= 0));
    let mut late: Vec<i64> = late.collect();
    if late.is_empty() {
        return Ok(0);
    }
    let rank = (NEARLY_ALL * late.len() as f64).ceil() as usize;
    let (_, used, _) = late.select_nth_unstable(rank.max(1) - 1);
    Ok(*used)
}

/// The same of a promise, for those who are behind it.
///
/// # Errors
/// As [`used`]; whatever keeps the instances from being read.
pub(crate) async fn used_of(session: &Session, promise: &Promise) -> Result<i64> {
    let kept = session.replayed(&promise.name).await?;
    let project = session.project();
    used(
        &rows(&kept)?,
        baseline_of(project, promise),
        &project.company.zone,
    )
}
