//! How far the sources have reported that a promise depends on (rule 4).

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::Snapshot;
use amends_model::time;
use amends_model::wait::{Calendar, Wait};
use amends_project::Project;
use amends_project::definition::{Customers, Lost, On, Promise, Source};
use jiff::Timestamp;

use crate::compile::roles;
use crate::fact::Role;

/// How far every source that could keep, break, end, excuse, move or pause a promise has reported, its declared lag taken off, and not beyond `as_of`.
///
/// The earliest moment that can be told where one of them has reported nothing, or where no source tells what the promise awaits.
pub fn reported(
    project: &Project,
    snapshot: &Snapshot,
    promise: &Promise,
    as_of: Timestamp,
) -> Timestamp {
    reported_by(project, snapshot.watermarks(), promise).min(as_of)
}

/// As `reported`, from watermarks by source.
pub fn reported_by(
    project: &Project,
    watermarks: &BTreeMap<String, Timestamp>,
    promise: &Promise,
) -> Timestamp {
    if sources_of(project, &promise.awaits().kind).next().is_none() {
        return Timestamp::MIN;
    }
    let decides = roles(promise)
        .into_iter()
        .filter(|heard| heard.role != Role::Opens);
    let kinds: BTreeSet<&str> = decides.map(|heard| heard.on.kind.as_str()).collect();
    let sources = kinds.into_iter().flat_map(|kind| sources_of(project, kind));
    let each = sources.map(|source| {
        let watermark = *watermarks.get(&source.name)?;
        let Some(lag) = &source.lag else {
            return Some(watermark);
        };
        Some(before(
            lag,
            watermark,
            &source_calendar(project, source, lag),
        ))
    });
    each.map(|far| far.unwrap_or(Timestamp::MIN))
        .min()
        .unwrap_or(Timestamp::MIN)
}

/// The earliest watermark among the sources that promises and customer rules use (rule 4): the moment of which questions are asked by default.
/// Sources that reported nothing yet are left out; `None` if none has reported.
pub fn earliest_watermark(project: &Project, snapshot: &Snapshot) -> Option<Timestamp> {
    earliest(project, snapshot.watermarks())
}

fn earliest(project: &Project, watermarks: &BTreeMap<String, Timestamp>) -> Option<Timestamp> {
    let used = used_kinds(project);
    let is_used = |source: &&Source| {
        source
            .events
            .iter()
            .any(|event| used.contains(event.kind.as_str()))
    };
    let sources = project.sources.values().filter(is_used);
    sources
        .filter_map(|source| watermarks.get(&source.name))
        .min()
        .copied()
}

/// The kinds of events that a promise names and no source gives: what it needs to be measurable.
pub fn missing_kinds(project: &Project, promise: &Promise) -> Vec<String> {
    let kinds: BTreeSet<&str> = promise
        .listens()
        .into_iter()
        .map(|on| on.kind.as_str())
        .collect();
    let missing = kinds
        .into_iter()
        .filter(|kind| sources_of(project, kind).next().is_none());
    missing.map(str::to_owned).collect()
}

fn sources_of<'a>(project: &'a Project, kind: &'a str) -> impl Iterator<Item = &'a Source> {
    project
        .sources
        .values()
        .filter(move |source| source.events.iter().any(|event| event.kind == kind))
}

fn used_kinds(project: &Project) -> BTreeSet<&str> {
    let promises = project.promises.values().flat_map(Promise::listens);
    let customers = project.customers.iter().flat_map(kinds_of_customers);
    promises
        .chain(customers)
        .map(|on| on.kind.as_str())
        .collect()
}

fn kinds_of_customers(customers: &Customers) -> impl Iterator<Item = &On> {
    let leaving = match &customers.lost {
        Lost::Contract { on } => on,
        Lost::Silence { activity, .. } => activity,
    };
    let new = customers.new.iter().chain(leaving);
    new.chain(&customers.would_recommend)
        .chain(&customers.did_recommend)
}

/// The calendar on which a source's lag is counted: its own zone for plain days, the default calendar for business days and opening hours.
fn source_calendar(project: &Project, source: &Source, lag: &Wait) -> Calendar {
    match (lag, project.calendars.get("default")) {
        (Wait::BusinessDays(_) | Wait::Opening(_), Some(calendar)) => calendar.clone(),
        _ => Calendar::weekdays(source.zone.clone()),
    }
}

/// The last moment after which so much time has passed by another.
fn before(lag: &Wait, by: Timestamp, calendar: &Calendar) -> Timestamp {
    let passed = |micros: i64| {
        let moment = time::from_micros(micros).ok();
        moment
            .and_then(|moment| lag.after(moment, calendar).ok())
            .is_some_and(|end| end <= by)
    };
    let (first, mut over) = (time::micros(Timestamp::MIN), time::micros(by));
    if passed(over) {
        return by;
    }
    // Step back by doubling lengths until it has passed, then halve the stretch that is left.
    let mut step: i64 = 3_600_000_000;
    let mut enough = over;
    while !passed(enough) {
        if enough == first {
            return Timestamp::MIN;
        }
        over = enough;
        enough = enough.saturating_sub(step).max(first);
        step = step.saturating_mul(2);
    }
    while over - enough > 1 {
        let middle = enough + (over - enough) / 2;
        if passed(middle) {
            enough = middle;
        } else {
            over = middle;
        }
    }
    time::from_micros(enough).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_taken_off_exactly() {
        let calendar = Calendar::weekdays(time::zone("Europe/Vienna").unwrap());
        for lag in [
            "2 days",
            "1 month",
            "90 minutes",
            "2 business days",
            "8 opening hours",
        ] {
            let lag = Wait::parse(lag).unwrap();
            for by in [
                "2026-03-30T09:00:00Z",
                "2026-03-01T00:00:00Z",
                "2026-01-05T07:59:59Z",
            ] {
                let by: Timestamp = by.parse().unwrap();
                let moment = before(&lag, by, &calendar);
                assert!(lag.after(moment, &calendar).unwrap() <= by, "{lag} {by}");
                let next = time::from_micros(time::micros(moment) + 1).unwrap();
                assert!(lag.after(next, &calendar).unwrap() > by, "{lag} {by}");
            }
        }
    }
}
