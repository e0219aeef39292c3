//! What is normal, and what was written as great: every promise against the limits of its own past, period by period.
//!
//! Four measures each: the *share kept* of what was due in the period and is decided, watched for falling; *lateness*, the median of how late what
//! came late was, watched for growing; *undone*, the share of the let-downs that was not done in the time in which nearly everything late used to be, watched for growing; *volume*, how many were made, watched on both sides. Of what binds all the time, and must not happen at any
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
mod early;
mod groups;
mod tally;
#[cfg(test)]
mod tests;
mod undone;

use std::collections::BTreeSet;

use amends_model::{Every, Problem, Result, Stretch, time};
use amends_project::Project;
use amends_project::definition::{Baseline, Promise, Touchpoint};
use amends_query::Session;

pub use amends_stats::past::{Chart, Limits, Point, Rule, Side, Signal};
pub use charted::{Charted, LEAST_LATE, Measure, Seen, Standing};
pub use early::Early;

use crate::let_downs::unmeasurable;
use calendar::Calendar;
use charted::Past;
pub(crate) use groups::is_charted_together;
use tally::{Counts, Tally};
pub(crate) use undone::used_of;

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
    /// Every promise: those of a touchpoint together, in the order of the journey, then those of none. Behind them touchpoints and owners.
    pub subjects: Vec<Subject>,
    /// How many charts were judged in the period that is looked at.
    pub judged: usize,
    /// How many of them would have signalled alone, and do not once all are looked at together.
    pub perhaps_chance: usize,
    /// The version of the project's definitions.
    pub definition: String,
}

/// What is charted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A promise.
    Promise,
    /// All that came due at a touchpoint.
    Touchpoint,
    /// All that came due at the touchpoints of an owner.
    Owner,
}

impl Kind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Promise => "promise",
            Kind::Touchpoint => "touchpoint",
            Kind::Owner => "owner",
        }
    }
}

/// A promise; or a touchpoint or an owner with several, all that came due of them together.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Which of these it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The promises that are counted.
    pub promises: Vec<String>,
    /// The promise in the company's own words; what the touchpoint is. Nothing of an owner.
    pub says: String,
    /// Where it is felt.
    pub touchpoint: Option<String>,
    /// To whom that belongs.
    pub owner: Option<String>,
    /// What was written as great, in words.
    pub standard: Option<String>,
    /// The share that is to be kept, where that was written.
    pub great: Option<f64>,
    /// The version of a promise's definition.
    pub version: Option<String>,
    /// Why it is not measurable, and what it needs.
    pub refused: Option<String>,
    /// Its complete periods, one after the other.
    pub periods: Vec<Stretch>,
    /// The period in which its data begins, which is left out; `None` where there is no data.
    pub begins: Option<Stretch>,
    /// The period in which something was first due: of what is due, it is left out too, since what was made before the data begins is not in it.
    pub first_due: Option<Stretch>,
    /// Of a promise, what was made long before all the rest, and is left out of the periods; `None` where there is nothing of the kind.
    pub early: Option<Early>,
    /// Of a promise, within how many seconds after it was due nearly everything late used to be done: whatever was not is undone. `None` where nothing is due.
    pub undone_after: Option<f64>,
    /// The place of the period that is looked at; `None` where it is not among them.
    pub now: Option<usize>,
    /// Share kept, lateness, undone, volume; neither lateness nor undone of what has no due time; none where it is not measurable.
    pub charts: Vec<Charted>,
}

impl Subject {
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

/// Charts every promise of the register, and touchpoints and owners with several.
///
/// # Errors
/// `AM0002` when a period cannot be represented; `AM0804` and the like when reading fails. What makes a promise itself unmeasurable is told in `refused`.
pub async fn normal(session: &Session, asked: Asked) -> Result<Normal> {
    let project = session.project();
    let (mut subjects, mut counted) = (Vec::new(), Vec::new());
    for promise in in_order(session) {
        let touchpoint = promise.touchpoint.as_ref();
        let touchpoint = touchpoint.and_then(|name| project.touchpoints.get(name));
        let (subject, count) = one(session, asked, promise, touchpoint).await?;
        subjects.push(subject);
        counted.extend(count.map(|count| (promise, count)));
    }
    subjects.extend(groups::groups(project, asked, &counted));
    let (judged, perhaps_chance) = control::under_control(&mut subjects);
    Ok(Normal {
        every: asked.every,
        subjects,
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
) -> Result<(Subject, Option<Counted>)> {
    let mut of = Subject {
        says: promise.says.clone(),
        touchpoint: promise.touchpoint.clone(),
        owner: touchpoint.map(|one| one.owner.clone()),
        standard: touchpoint.and_then(|one| one.standard.clone()),
        great: promise.great.or(touchpoint.and_then(|one| one.great)),
        version: Some(promise.version.clone()),
        refused: unmeasurable(session, promise).await?,
        ..Subject::new(Kind::Promise, &promise.name, vec![promise.name.clone()])
    };
    if of.refused.is_some() {
        return Ok((of, None));
    }
    let Some(counted) = count(session, asked, promise).await? else {
        return Ok((of, None));
    };
    let baseline = baseline_of(session.project(), promise);
    of.first_due = counted.tally.first_due;
    of.early = counted.calendar.early;
    of.undone_after = promise.shape.is_due().then_some(counted.used as f64 / 1e6);
    of.charts(&counted, asked, baseline, promise.shape.is_due());
    Ok((of, Some(counted)))
}

/// What was counted of a promise, or of several.
struct Counted {
    calendar: Calendar,
    tally: Tally,
    /// Within how many microseconds after it was due nearly everything late used to be done; 0 of several, each of which has its own time.
    used: i64,
}

/// The past that a promise is held against, where the project says which: that of its touchpoint before that of all.
fn baseline_of(project: &Project, promise: &Promise) -> Option<Baseline> {
    let touchpoint = promise.touchpoint.as_ref();
    let touchpoint = touchpoint.and_then(|name| project.touchpoints.get(name));
    let own = touchpoint.and_then(|one| one.baseline);
    own.or(project.baseline)
}

async fn count(session: &Session, asked: Asked, promise: &Promise) -> Result<Option<Counted>> {
    let kept = session.replayed(&promise.name).await?;
    let rows = tally::rows(&kept)?;
    let zone = &session.project().company.zone;
    let calendar = Calendar::of(&rows, asked.every, reported(session, promise), zone)?;
    let used = undone::used(&rows, baseline_of(session.project(), promise), zone)?;
    Ok(calendar.map(|calendar| Counted {
        tally: Tally::of(&rows, Counts::of(&promise.shape), &calendar, used),
        calendar,
        used,
    }))
}

impl Subject {
    /// One of which nothing is told yet.
    fn new(kind: Kind, name: &str, promises: Vec<String>) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            promises,
            says: String::new(),
            touchpoint: None,
            owner: None,
            standard: None,
            great: None,
            version: None,
            refused: None,
            periods: Vec::new(),
            begins: None,
            first_due: None,
            early: None,
            undone_after: None,
            now: None,
            charts: Vec::new(),
        }
    }

    /// Charts what was counted; how late, where something is due.
    fn charts(
        &mut self,
        Counted {
            calendar, tally, ..
        }: &Counted,
        asked: Asked,
        baseline: Option<Baseline>,
        is_due: bool,
    ) {
        let places = calendar.places();
        let past = Past {
            every: asked.every,
            periods: &calendar.periods,
            places: &places,
            baseline,
        };
        let of_due = |measure: &Measure| is_due || !measure.is_of_due();
        let measures = Measure::ALL.into_iter().filter(of_due);
        self.charts = measures
            .map(|measure| past.charted(measure, tally))
            .collect();
        self.now = match asked.period {
            Some(period) => calendar.periods.iter().position(|one| *one == period),
            None => calendar.periods.len().checked_sub(1),
        };
        self.begins = Some(calendar.begins);
        self.periods = calendar.periods.clone();
    }
}

/// How far all is reported of a promise, what opens it included, in microseconds of UTC.
pub(crate) fn reported(session: &Session, promise: &Promise) -> i64 {
    let decided = session.reported_of(promise);
    let opened = session.reported([promise.opens.kind.as_str()]);
    let opened = opened.map_or(decided, |reported| reported.until);
    time::micros(decided.min(opened))
}

impl Normal {
    /// What has a name: a promise; a touchpoint or an owner with its promises. A name that several of these have is told apart as `promise.NAME`,
    /// `touchpoint.NAME` or `owner.NAME`.
    ///
    /// # Errors
    /// `AM0014` when there is nothing of that name.
    pub fn named(&self, name: &str) -> Result<Vec<&Subject>> {
        let kinds = [Kind::Promise, Kind::Touchpoint, Kind::Owner];
        let told_apart = kinds.into_iter().find_map(|kind| {
            let name = name.strip_prefix(kind.as_str())?.strip_prefix('.')?;
            Some((name, kind))
        });
        let found = match told_apart {
            Some((name, kind)) => self.of(name, kind),
            None => Vec::new(),
        };
        let mut all = [found]
            .into_iter()
            .chain(kinds.map(|kind| self.of(name, kind)));
        all.find(|found| !found.is_empty())
            .ok_or_else(|| self.no_such(name))
    }

    fn of(&self, name: &str, kind: Kind) -> Vec<&Subject> {
        let is_meant = |of: &&Subject| match kind {
            Kind::Promise => of.kind == kind && of.name == name,
            Kind::Touchpoint => of.touchpoint.as_deref() == Some(name),
            Kind::Owner => of.owner.as_deref() == Some(name),
        };
        self.subjects.iter().filter(is_meant).collect()
    }

    fn no_such(&self, name: &str) -> Problem {
        let names = self.subjects.iter().flat_map(|of| {
            let others = [&of.touchpoint, &of.owner];
            let others = others.into_iter().filter_map(|name| name.as_deref());
            others.chain([of.name.as_str()])
        });
        let known: BTreeSet<&str> = names.collect();
        let known: Vec<&str> = known.into_iter().collect();
        Problem::new(
            "AM0014",
            "the project has no such promise, touchpoint or owner",
        )
        .detail(format!("{name:?}"))
        .hint(format!("there are: {}", known.join(", ")))
    }
}
