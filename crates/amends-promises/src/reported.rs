//! How far the sources have reported that a promise, or the customer math, depends on (rule 4).

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::Snapshot;
use amends_model::wait::{Calendar, Wait};
use amends_model::{event, time};
use amends_project::Project;
use amends_project::definition::{Complete, Customers, Lost, On, Promise, Source};
use jiff::Timestamp;

use crate::compile::roles;
use crate::fact::Role;

/// How far some sources have all reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Until when, the declared lags taken off; the earliest moment that can be told where one of them has reported nothing.
    pub until: Timestamp,
    /// The source that has reported least far.
    pub by: String,
}

/// How far all sources have reported that give events of these kinds, their declared lags taken off. `None` where no source gives any.
pub fn reported_of<'a>(
    project: &Project,
    watermarks: &BTreeMap<String, Timestamp>,
    kinds: impl IntoIterator<Item = &'a str>,
) -> Option<Reported> {
    let kinds: BTreeSet<&str> = kinds.into_iter().collect();
    let sources = sources_of(project, &kinds);
    let each = sources.map(|source| Reported {
        until: less_lag(project, watermarks, source).unwrap_or(Timestamp::MIN),
        by: source.name.clone(),
    });
    each.min_by_key(|reported| reported.until)
}

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
    let awaits = BTreeSet::from([promise.awaits().kind.as_str()]);
    if sources_of(project, &awaits).next().is_none() {
        return Timestamp::MIN;
    }
    let decides = roles(promise)
        .into_iter()
        .filter(|heard| heard.role != Role::Opens);
    let kinds = decides.map(|heard| heard.on.kind.as_str());
    reported_of(project, watermarks, kinds).map_or(Timestamp::MIN, |reported| reported.until)
}

/// The earliest watermark among the sources that promises and customer rules use (rule 4): the moment of which questions are asked by default.
/// Sources that reported nothing yet are left out; where none in use has reported, all sources count. `None` if none of these has either.
pub fn earliest_watermark(project: &Project, snapshot: &Snapshot) -> Option<Timestamp> {
    let watermarks = snapshot.watermarks();
    let used = used_kinds(project);
    let in_use = sources_of(project, &used).filter_map(|source| watermark(watermarks, source));
    in_use.min().or(watermarks.values().min().copied())
}

/// As [`earliest_watermark`], the declared lags taken off: until when periods are closed by default (rule 11).
pub fn earliest_reported(project: &Project, snapshot: &Snapshot) -> Option<Timestamp> {
    let watermarks = snapshot.watermarks();
    let used = used_kinds(project);
    let less_lag = |source| less_lag(project, watermarks, source);
    let in_use = sources_of(project, &used).filter_map(less_lag).min();
    in_use.or_else(|| project.sources.values().filter_map(less_lag).min())
}

/// How far a source has reported: as far as its imports said, and not beyond what its definition declares now, which may have been corrected since.
fn watermark(watermarks: &BTreeMap<String, Timestamp>, source: &Source) -> Option<Timestamp> {
    let reported = *watermarks.get(&source.name)?;
    Some(match source.complete {
        Complete::Until(declared) => reported.min(declared),
        _ => reported,
    })
}

fn less_lag(
    project: &Project,
    watermarks: &BTreeMap<String, Timestamp>,
    source: &Source,
) -> Option<Timestamp> {
    let watermark = watermark(watermarks, source)?;
    let Some(lag) = &source.lag else {
        return Some(watermark);
    };
    let calendar = source_calendar(project, source, lag);
    Some(before(lag, watermark, &calendar))
}

/// The kinds of events that a promise names and no source gives: what it needs to be measurable.
pub fn missing_kinds(project: &Project, promise: &Promise) -> Vec<String> {
    let kinds: BTreeSet<&str> = promise
        .listens()
        .into_iter()
        .map(|on| on.kind.as_str())
        .collect();
    let missing = kinds.into_iter().filter(|kind| {
        let one = BTreeSet::from([*kind]);
        sources_of(project, &one).next().is_none()
    });
    missing.map(str::to_owned).collect()
}

fn sources_of<'a>(
    project: &'a Project,
    kinds: &'a BTreeSet<&'a str>,
) -> impl Iterator<Item = &'a Source> {
    let gives = |source: &&Source| {
        let mut events = source.events.iter();
        events.any(|event| {
            let is_given = |kind: &&str| event::told_by(kind) == event.kind;
            kinds.iter().any(is_given)
        })
    };
    project.sources.values().filter(gives)
}

fn used_kinds(project: &Project) -> BTreeSet<&str> {
    let promises = project.promises.values().flat_map(Promise::listens);
    let customers = project.customers.iter().flat_map(kinds_of_customers);
    promises
        .chain(customers)
        .chain(project.voice.listens())
        .map(|on| on.kind.as_str())
        .collect()
}

fn kinds_of_customers(customers: &Customers) -> impl Iterator<Item = &On> {
    membership_of(customers)
        .chain(&customers.would_recommend)
        .chain(&customers.did_recommend)
}

/// The events that tell who is a customer: what makes one, and what ends it or keeps it alive.
pub fn membership_of(customers: &Customers) -> impl Iterator<Item = &On> {
    let leaving = match &customers.lost {
        Lost::Contract { on } => on,
        Lost::Silence { activity, .. } => activity,
    };
    customers.new.iter().chain(leaving)
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
