//! How far the sources that a promise depends on have reported (rule 4).

use std::collections::BTreeMap;

use amends_model::wait::Calendar;
use amends_model::{Result, time};
use amends_project::definition::{Project, Promise, Source};
use jiff::Timestamp;

/// The moment up to which a promise can be judged: every source that could keep, move, pause or excuse it has reported that far, its lag taken off.
///
/// `as_of` where no source is known to report any of this; the beginning of time where one of them has not reported at all.
///
/// # Errors
/// `AM0002` when a lag cannot be told.
pub fn reported(
    project: &Project,
    promise: &Promise,
    watermarks: &BTreeMap<String, Timestamp>,
    as_of: Timestamp,
) -> Result<Timestamp> {
    let mut kinds = vec![promise.kept.kind.as_str()];
    kinds.extend(promise.excused.iter().map(|on| on.kind.as_str()));
    kinds.extend(promise.moved.iter().map(|moved| moved.on.kind.as_str()));
    if let Some(pause) = &promise.pause {
        kinds.extend([pause.from.kind.as_str(), pause.to.kind.as_str()]);
    }
    let mut earliest = as_of;
    for source in project.sources.values() {
        let speaks =
            |event: &amends_project::definition::EventMapping| kinds.contains(&event.kind.as_str());
        if !source.events.iter().any(speaks) {
            continue;
        }
        let until = match watermarks.get(&source.name) {
            Some(watermark) => less_lag(source, *watermark, project)?,
            None => Timestamp::MIN,
        };
        earliest = earliest.min(until);
    }
    Ok(earliest)
}

/// The latest moment of which a source, having reported up to its watermark, has told everything: moment + lag is not after the watermark.
fn less_lag(source: &Source, watermark: Timestamp, project: &Project) -> Result<Timestamp> {
    let Some(lag) = &source.lag else {
        return Ok(watermark);
    };
    let weekdays;
    let calendar = match project.calendars.get("default") {
        Some(calendar) => calendar,
        None => {
            weekdays = Calendar::weekdays(source.zone.clone());
            &weekdays
        }
    };
    // Waits have no inverse on a calendar; their ends rise with their starts, so the start is found by halving.
    let told = |moment: i64| -> Result<bool> {
        Ok(lag.after(time::from_micros(moment)?, calendar)? <= watermark)
    };
    let mut after = time::micros(watermark);
    let mut step = 3_600_000_000_i64;
    let mut until = after.saturating_sub(step);
    while !told(until)? {
        after = until;
        step = step.saturating_mul(2);
        until = until.saturating_sub(step);
    }
    while after - until > 1 {
        let middle = until + (after - until) / 2;
        if told(middle)? {
            until = middle;
        } else {
            after = middle;
        }
    }
    time::from_micros(until)
}
