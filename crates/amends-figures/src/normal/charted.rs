//! One measure of one promise against its own past.

use std::ops::Range;

use amends_model::{Every, Stretch};
use amends_project::definition::Baseline;
use amends_stats::median::median;
use amends_stats::past::{self, Chart, Point, Season, Series, Side, Signal, Unjudged};
use jiff::ToSpan;

use super::calendar::Places;
use super::tally::Tally;
use super::{DISCOVERIES, least_baseline, usual_baseline};

/// In a period in which fewer were late, how late they were is told and not judged.
pub const LEAST_LATE: usize = 5;
const CONFIDENCE: f64 = 0.95;

/// What is charted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The share kept.
    Kept,
    /// How late, in seconds.
    Lateness,
    /// The share of the let-downs that was not done in the time in which nearly everything late used to be.
    Undone,
    /// How many.
    Volume,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 4] = [
        Measure::Kept,
        Measure::Lateness,
        Measure::Undone,
        Measure::Volume,
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Measure::Kept => "kept",
            Measure::Lateness => "lateness",
            Measure::Undone => "undone",
            Measure::Volume => "volume",
        }
    }

    /// Whether it is told only of what is due at some time.
    pub(super) fn is_of_due(self) -> bool {
        matches!(self, Measure::Lateness | Measure::Undone)
    }

    /// On which sides it is watched.
    fn watched(self) -> &'static [Side] {
        match self {
            Measure::Kept => &[Side::Below],
            Measure::Lateness | Measure::Undone => &[Side::Above],
            Measure::Volume => &[Side::Below, Side::Above],
        }
    }
}

/// One measure of one promise, period by period.
#[derive(Clone, Debug)]
pub struct Charted {
    /// Which.
    pub measure: Measure,
    /// What was seen in each period.
    pub seen: Vec<Seen>,
    /// The chart; or why there are no limits.
    pub chart: Result<Chart, String>,
    /// First and last period of the baseline, where there are limits.
    pub baseline: Option<(Stretch, Stretch)>,
    /// For each period, the share of false discoveries among all charts' signals of it that are at least as striking, if this one is believed. `None` where nothing is judged.
    pub believed: Vec<Option<f64>>,
}

/// What was seen in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// The share, the median in seconds, or the number; `None` where there is none.
    pub value: Option<f64>,
    /// How many were kept, came late, were not done in the usual time, or were made.
    pub count: u64,
    /// Of how many: of what came late, of these and those that are not done; the same number where it is of none.
    pub of: u64,
}

/// How a value stands beside what is normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing<'a> {
    /// There are no limits, for this reason.
    NoLimits(&'a str),
    /// There is no value, as where nothing was due.
    NoValue,
    /// Too few stand behind it to be judged, or the baseline has nothing like it.
    NotJudged,
    /// It is before the baseline.
    Before,
    /// It is part of the baseline.
    Baseline,
    /// As it was.
    Normal,
    /// It would signal alone, and does not among all charts of its period.
    PerhapsChance(Signal),
    /// It signals.
    Signals(Signal),
}

impl Charted {
    /// The point of a period, where it has a value that is charted.
    pub fn point(&self, period: usize) -> Option<&Point> {
        self.chart.as_ref().ok()?.points.get(period)?.as_ref()
    }

    /// Whether a period is judged: it comes after the baseline, and something is expected of it.
    pub fn is_judged(&self, period: usize) -> bool {
        let after = |chart: &Chart| period >= chart.baseline.end;
        self.chart.as_ref().is_ok_and(after)
            && self
                .point(period)
                .is_some_and(|point| point.normal.is_some())
    }

    /// How a period stands.
    pub fn standing(&self, period: usize) -> Standing<'_> {
        let chart = match &self.chart {
            Ok(chart) => chart,
            Err(reason) => return Standing::NoLimits(reason),
        };
        let seen = self.seen.get(period).copied().unwrap_or_default();
        if seen.value.is_none() {
            return Standing::NoValue;
        }
        if period < chart.baseline.start {
            return Standing::Before;
        }
        if period < chart.baseline.end {
            return Standing::Baseline;
        }
        let Some(point) = self.point(period).filter(|_| self.is_judged(period)) else {
            return Standing::NotJudged;
        };
        let believed = self.believed.get(period).copied().flatten();
        match point.signal {
            None => Standing::Normal,
            Some(signal) if believed.is_some_and(|share| share <= DISCOVERIES) => {
                Standing::Signals(signal)
            }
            Some(signal) => Standing::PerhapsChance(signal),
        }
    }
}

/// The periods of a promise, and which of them are the past.
pub(super) struct Past<'a> {
    pub(super) every: Every,
    pub(super) periods: &'a [Stretch],
    pub(super) places: &'a Places,
    /// What the project says; `None`: the first ones.
    pub(super) baseline: Option<Baseline>,
}

impl Past<'_> {
    /// Charts one measure.
    pub(super) fn charted(&self, measure: Measure, tally: &Tally) -> Charted {
        let seen = seen(measure, tally);
        let chart = self.chart(measure, tally, &seen);
        let ends = chart.as_ref().ok().and_then(|chart| {
            let periods = self.periods.get(chart.baseline.clone())?;
            Some((*periods.first()?, *periods.last()?))
        });
        Charted {
            measure,
            baseline: ends,
            believed: vec![None; seen.len()],
            seen,
            chart,
        }
    }

    fn chart(&self, measure: Measure, tally: &Tally, seen: &[Seen]) -> Result<Chart, String> {
        let judged = |seen: &Seen| seen.value.filter(|_| seen.count >= LEAST_LATE as u64);
        let amounts: Vec<Option<f64>> = seen.iter().map(judged).collect();
        let series = match measure {
            Measure::Kept => Series::Shares(&tally.kept),
            Measure::Lateness => Series::Amounts(&amounts),
            Measure::Undone => Series::Shares(&tally.undone),
            Measure::Volume => Series::Counts(&tally.opened),
        };
        let least = least_baseline(self.every);
        let baseline = match self.baseline {
            Some(baseline) => self.named(baseline),
            None => {
                let usual = usual_baseline(self.every);
                let with_value = || {
                    let periods = 0..series.len();
                    periods.filter(|one| series.value(*one).is_some()).count()
                };
                series.first(usual).ok_or_else(|| {
                    let words = self.every.word(usual);
                    format!(
                        "{} of the {usual} {words} of a baseline so far",
                        with_value()
                    )
                })?
            }
        };
        let seasons = self.seasons(&baseline);
        past::chart(series, baseline, least, &seasons, measure.watched()).map_err(|why| match why {
            Unjudged::TooFew(count) => {
                let words = self.every.word(least);
                let needs = format!("{count} of the {least} {words} that a baseline needs");
                let ends = self.periods.first().zip(self.periods.last());
                match self.baseline.zip(ends) {
                    None => needs,
                    Some((meant, (first, last))) => {
                        let until = meant.until.yesterday().unwrap_or(meant.until);
                        let from = meant.from;
                        format!("{needs}: it is {from} to {until}, and the data {first} to {last}")
                    }
                }
            }
            Unjudged::NeverVaried => "the baseline never varied".to_owned(),
        })
    }

    /// The complete periods that lie in what the project calls the baseline.
    fn named(&self, baseline: Baseline) -> Range<usize> {
        let from = self
            .periods
            .partition_point(|period| period.first_day() < baseline.from);
        let until = self
            .periods
            .partition_point(|period| period.day_after() <= baseline.until);
        from..until.max(from)
    }

    /// The weekday of days, and the month of the year where the baseline holds at least two years.
    pub(super) fn seasons(&self, baseline: &Range<usize>) -> Vec<Season<'_>> {
        let mut seasons = Vec::new();
        if self.every == Every::Day {
            seasons.push(Season {
                places: &self.places.week,
                cycle: 7,
            });
        }
        let periods = self.periods.get(baseline.clone()).unwrap_or_default();
        let ends = periods.first().zip(periods.last());
        // Two calendar years hold 104 whole weeks, which are two days fewer.
        if ends.is_some_and(|(first, last)| {
            first.first_day().saturating_add(2.years()) <= last.next().day_after()
        }) {
            seasons.push(Season {
                places: &self.places.year,
                cycle: 12,
            });
        }
        seasons
    }
}

fn seen(measure: Measure, tally: &Tally) -> Vec<Seen> {
    let share = |(count, of): &(u64, u64)| Seen {
        value: (*of > 0).then(|| *count as f64 / *of as f64),
        count: *count,
        of: *of,
    };
    match measure {
        Measure::Kept => tally.kept.iter().map(share).collect(),
        Measure::Undone => tally.undone.iter().map(share).collect(),
        Measure::Lateness => tally
            .late
            .iter()
            .zip(&tally.waiting)
            .map(|(late, waiting)| Seen {
                value: median(late, CONFIDENCE).map(|median| median.value),
                count: late.len() as u64,
                of: late.len() as u64 + waiting,
            })
            .collect(),
        Measure::Volume => tally
            .opened
            .iter()
            .map(|opened| Seen {
                value: Some(*opened as f64),
                count: *opened,
                of: *opened,
            })
            .collect(),
    }
}
