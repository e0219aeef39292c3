//! How far the sources have reported that a promise, or the customer math, depends on (rule 4).

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::Snapshot;
use amends_model::event;
use amends_model::wait::{Calendar, Wait};
use amends_project::Project;
use amends_project::definition::{Complete, Customers, Lost, On, Promise, Source};
use jiff::Timestamp;

use crate::counted::before;

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
    if tellers(project, &promise.awaits().kind).is_empty() {
        return Timestamp::MIN;
    }
    let decides = promise.hears().into_iter().skip(1);
    let sources = decides.flat_map(|(_, on)| tellers(project, &on.kind));
    let each = sources.map(|source| less_lag(project, watermarks, source));
    let each = each.map(|reported| reported.unwrap_or(Timestamp::MIN));
    each.min().unwrap_or(Timestamp::MIN)
}

/// The sources that give a kind of event; those that gave it before where none does now.
fn tellers<'a>(project: &'a Project, kind: &str) -> Vec<&'a Source> {
    let kinds = BTreeSet::from([kind]);
    let now: Vec<_> = sources_of(project, &kinds).collect();
    match now.is_empty() {
        true => giving(project.gone.values(), &kinds).collect(),
        false => now,
    }
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

/// The kinds of events that a promise names and no source gives, or gave: what it needs to be measurable.
pub fn missing_kinds(project: &Project, promise: &Promise) -> Vec<String> {
    let kinds: BTreeSet<&str> = promise
        .listens()
        .into_iter()
        .map(|on| on.kind.as_str())
        .collect();
    let missing = kinds
        .into_iter()
        .filter(|kind| tellers(project, kind).is_empty());
    missing.map(str::to_owned).collect()
}

fn sources_of<'a>(
    project: &'a Project,
    kinds: &BTreeSet<&str>,
) -> impl Iterator<Item = &'a Source> {
    giving(project.sources.values(), kinds)
}

/// The sources among these that give events of some kinds.
fn giving<'a>(
    sources: impl Iterator<Item = &'a Source>,
    kinds: &BTreeSet<&str>,
) -> impl Iterator<Item = &'a Source> {
    let gives = |source: &&Source| {
        let mut events = source.events.iter();
        events.any(|event| {
            let is_given = |kind: &&str| event::told_by(kind) == event.kind;
            kinds.iter().any(is_given)
        })
    };
    sources.filter(gives)
}

fn used_kinds(project: &Project) -> BTreeSet<&str> {
    let earlier = project.earlier.values().flatten();
    let promises = project.promises.values();
    let promises = promises.chain(earlier);
    let promises = promises.flat_map(Promise::listens);
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
