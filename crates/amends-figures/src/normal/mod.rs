//! What is normal, and what was written as great: every promise against the limits of its own past, period by period.
//!
//! Three measures each: the *share kept* of what was due in the period and is decided, watched for falling; *lateness*, the median of how late what
//! came late was, watched for growing; *volume*, how many were made, watched on both sides. Of what binds all the time, and may break at any
//! moment, the share is that of the exposed, in every period in which they are.
//!
//! What is still waited for has no lateness yet: how late it is so far is another number every day, and would move the past.
//!
//! The baseline is the first complete periods, or what journey.toml says; nothing later moves it. Left out are the period in which the data begins and those that the sources
//! have not reported to their end. Days are freed of the weekday, and everything of the month where the baseline holds two years, by ratios: of the numbers, and of the
//! odds of shares. What signals is put under control over all charts of one period ([`DISCOVERIES`]).

mod calendar;
mod charted;
mod control;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use amends_model::{Every, Problem, Result, Stretch, time};
use amends_project::definition::{Baseline, Promise, Touchpoint};
use amends_query::Session;

pub use amends_stats::past::{Chart, Limits, Point, Rule, Side, Signal};
pub use charted::{Charted, LEAST_LATE, Measure, Seen, Standing};

use crate::let_downs::unmeasurable;
use calendar::Calendar;
use charted::Past;
use tally::{Counts, Tally};

/// Of all signals of one period that are told, at most this share is expected to be chance.
pub const DISCOVERIES: f64 = 0.05;

/// How many complete periods with a value are the baseline where the project says nothing else.
pub fn usual_baseline(every: Every) -> usize {
    match every {
        Every::Day => 56,
        Every::Week => 24,
        Every::Month => 12,
    }
}

/// How many periods with a value a baseline needs: of days, each weekday four times.
pub fn least_baseline(every: Every) -> usize {
    match every {
        Every::Day => 28,
        Every::Week => 10,
        Every::Month => 8,
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How long periods are.
    pub every: Every,
    /// Which period is looked at; `None`: of each promise the newest complete one.
    pub period: Option<Stretch>,
}

/// How everything stands beside what is normal.
#[derive(Clone, Debug)]
pub struct Normal {
    /// How long periods are.
    pub every: Every,
    /// Every promise: those of a touchpoint together, in the order of the journey, then those of none.
    pub promises: Vec<OfPromise>,
    /// How many charts were judged in the period that is looked at.
    pub judged: usize,
    /// How many of them would have signalled alone, and do not once all are looked at together.
    pub perhaps_chance: usize,
    /// The version of the project's definitions.
    pub definition: String,
}

/// One promise.
#[derive(Clone, Debug)]
pub struct OfPromise {
    /// Its name.
    pub promise: String,
    /// The promise in the company's own words.
    pub says: String,
    /// Where it is felt.
    pub touchpoint: Option<String>,
    /// To whom that belongs.
    pub owner: Option<String>,
    /// What was written as great, in words.
    pub standard: Option<String>,
    /// The share that is to be kept, where that was written.
    pub great: Option<f64>,
    /// The version of its definition.
    pub version: String,
    /// Why it is not measurable, and what it needs.
    pub refused: Option<String>,
    /// Its complete periods, one after the other.
    pub periods: Vec<Stretch>,
    /// The period in which its data begins, which is left out; `None` where there is no data.
    pub begins: Option<Stretch>,
    /// The period in which something was first due: of what is due, it is left out too, since what was made before the data begins is not in it.
    pub first_due: Option<Stretch>,
    /// The place of the period that is looked at; `None` where it is not among them.
    pub now: Option<usize>,
    /// Share kept, lateness, volume; no lateness of what must not happen; none where it is not measurable.
    pub charts: Vec<Charted>,
}

impl OfPromise {
    /// The share kept of all that the baseline counts; `None` where there is none.
    pub fn baseline_share(&self) -> Option<f64> {
        let kept = self
            .charts
            .iter()
            .find(|one| one.measure == Measure::Kept)?;
        kept.chart.as_ref().ok().map(|chart| chart.centre)
    }

    /// The share kept in the period that is looked at.
    pub fn share_now(&self) -> Option<f64> {
        let kept = self
            .charts
            .iter()
            .find(|one| one.measure == Measure::Kept)?;
        kept.seen.get(self.now?)?.value
    }
}

/// Charts every promise of the register.
///
/// # Errors
/// `AM0002` when a period cannot be represented; `AM0804` and the like when reading fails. What makes a promise itself unmeasurable is told in `refused`.
pub async fn normal(session: &Session, asked: Asked) -> Result<Normal> {
    let project = session.project();
    let mut promises = Vec::new();
    for promise in in_order(session) {
        let touchpoint = promise.touchpoint.as_ref();
        let touchpoint = touchpoint.and_then(|name| project.touchpoints.get(name));
        promises.push(one(session, asked, promise, touchpoint).await?);
    }
    let (judged, perhaps_chance) = control::under_control(&mut promises);
    Ok(Normal {
        every: asked.every,
        promises,
        judged,
        perhaps_chance,
        definition: project.version.clone(),
    })
}

/// Promises of a touchpoint together, touchpoints by stage of the journey and name, then promises without one.
fn in_order(session: &Session) -> Vec<&Promise> {
    let project = session.project();
    let place = |promise: &Promise| {
        let touchpoint = project.touchpoints.get(promise.touchpoint.as_ref()?)?;
        let stage = &touchpoint.stage;
        let stage = project.stages.iter().position(|one| one.name == *stage);
        Some((stage, touchpoint.name.clone()))
    };
    let mut promises: Vec<&Promise> = project.promises.values().collect();
    promises.sort_by_cached_key(|promise| {
        let place = place(promise);
        (place.is_none(), place, promise.name.clone())
    });
    promises
}

async fn one(
    session: &Session,
    asked: Asked,
    promise: &Promise,
    touchpoint: Option<&Touchpoint>,
) -> Result<OfPromise> {
    let refused = unmeasurable(session, promise).await?;
    let mut of = OfPromise {
        promise: promise.name.clone(),
        says: promise.says.clone(),
        touchpoint: promise.touchpoint.clone(),
        owner: touchpoint.map(|one| one.owner.clone()),
        standard: touchpoint.and_then(|one| one.standard.clone()),
        great: promise.great.or(touchpoint.and_then(|one| one.great)),
        version: promise.version.clone(),
        periods: Vec::new(),
        begins: None,
        first_due: None,
        now: None,
        charts: Vec::new(),
        refused,
    };
    if of.refused.is_some() {
        return Ok(of);
    }
    let baseline = touchpoint.and_then(|one| one.baseline);
    let baseline = baseline.or(session.project().baseline);
    charts(session, asked, promise, baseline, &mut of).await?;
    Ok(of)
}

async fn charts(
    session: &Session,
    asked: Asked,
    promise: &Promise,
    baseline: Option<Baseline>,
    of: &mut OfPromise,
) -> Result<()> {
    let kept = session.replayed(&promise.name).await?;
    let rows = tally::rows(&kept)?;
    let zone = &session.project().company.zone;
    let Some(calendar) = Calendar::of(&rows, asked.every, reported(session, promise), zone)? else {
        return Ok(());
    };
    let tally = Tally::of(&rows, Counts::of(&promise.shape), &calendar);
    let places = calendar.places();
    let past = Past {
        every: asked.every,
        periods: &calendar.periods,
        places: &places,
        baseline,
    };
    let of_due = |measure: &Measure| *measure != Measure::Lateness || promise.shape.is_due();
    of.charts = Measure::ALL
        .into_iter()
        .filter(of_due)
        .map(|measure| past.charted(measure, &tally))
        .collect();
    of.now = match asked.period {
        Some(period) => calendar.periods.iter().position(|one| *one == period),
        None => calendar.periods.len().checked_sub(1),
    };
    of.begins = Some(calendar.begins);
    of.first_due = tally.first_due;
    of.periods = calendar.periods;
    Ok(())
}

/// How far all is reported of a promise, what opens it included, in microseconds of UTC.
pub(crate) fn reported(session: &Session, promise: &Promise) -> i64 {
    let decided = session.reported_of(promise);
    let opened = session.reported([promise.opens.kind.as_str()]);
    let opened = opened.map_or(decided, |reported| reported.until);
    time::micros(decided.min(opened))
}

impl Normal {
    /// The promises of a name, or of a touchpoint of that name.
    ///
    /// # Errors
    /// `AM0014` when there is neither.
    pub fn named(&self, name: &str) -> Result<Vec<&OfPromise>> {
        let is_meant =
            |of: &&OfPromise| of.promise == name || of.touchpoint.as_deref() == Some(name);
        let found: Vec<&OfPromise> = self.promises.iter().filter(is_meant).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let promises = self.promises.iter().map(|of| of.promise.as_str());
        let touchpoints = self
            .promises
            .iter()
            .filter_map(|of| of.touchpoint.as_deref());
        let known: BTreeSet<&str> = promises.chain(touchpoints).collect();
        let known: Vec<&str> = known.into_iter().collect();
        Err(
            Problem::new("AM0014", "the project has no such promise or touchpoint")
                .detail(format!("{name:?}"))
                .hint(format!("there are: {}", known.join(", "))),
        )
    }
}
