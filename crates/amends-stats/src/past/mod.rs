//! Is it still as it was? A series of periods against the limits that its own past sets.
//!
//! A *baseline* of early periods is frozen: it alone gives centre, seasons and limits, and whatever comes later moves none of them. What has
//! a season is freed of it by ratios that the baseline gives; the limits are told in the scale of each period again.
//!
//! Shares are charted by Laney's p' ([`crate::laney`]), counts and amounts by the XmR chart ([`crate::xmr`]), amounts on the scale of their
//! logarithms, since lengths of time are skewed. Shares vary at least as much as counting makes them vary.
//!
//! A value signals beyond its limit, and at the end of eight in a row on one side of the baseline's middle; only on the sides that are watched. Each
//! value has the *chance* to be so far off, or so long on one side, where nothing has changed; with many charts the chances of one period are to be
//! put under control together ([`crate::subgroups::significance::false_discoveries`]).
//!
//! Periods that follow each other are taken to be independent. Where a good week makes the next one better, limits from moving ranges are too
//! narrow, and there are more signals than the chances say.

mod amounts;
mod chance;
mod counts;
mod judge;
mod season;
mod shares;

#[cfg(test)]
mod false_alarms;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use judge::{RUN, Rule, Signal};
pub use season::Season;

/// What is charted, one value for each period in order of time.
#[derive(Clone, Copy, Debug)]
pub enum Series<'a> {
    /// How many had it, of how many. A period of nobody has no value.
    Shares(&'a [(u64, u64)]),
    /// How many there were.
    Counts(&'a [u64]),
    /// How much it was, always more than nothing, such as a length of time; `None` where a period has no value.
    Amounts(&'a [Option<f64>]),
}

/// On which side a value is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Less than normal.
    Below,
    /// More than normal.
    Above,
}

/// A series against its own past.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The periods of the baseline.
    pub baseline: Range<usize>,
    /// How many of them have a value.
    pub count: usize,
    /// The baseline's centre: the share over all of it, the mean count, the geometric mean of amounts.
    pub centre: f64,
    /// How many of the seasons that were given could be told from the baseline.
    pub seasons: usize,
    /// Every period, in the order given; `None` where it has no value.
    pub points: Vec<Option<Point>>,
}

/// One period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its value.
    pub value: f64,
    /// What is normal in such a period; `None` where the baseline has too few like it, as where it holds no Sunday.
    pub normal: Option<Limits>,
    /// The chance of a value so far off, or of so long a run, where nothing has changed; 1 for what is not judged: the baseline, and what is before it.
    pub chance: f64,
    /// What is told of it when it is looked at alone.
    pub signal: Option<Signal>,
}

/// What is normal, in the scale of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// What is expected.
    pub expected: f64,
    /// Below this a value is out of the normal.
    pub lower: f64,
    /// Above this a value is out of the normal.
    pub upper: f64,
}

/// Why a series has no limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// The baseline has so many periods with a value, which are fewer than are needed.
    TooFew(usize),
    /// Amounts of the baseline are all the same: nothing says how much they may vary.
    NeverVaried,
}

impl Series<'_> {
    /// How many periods there are.
    pub fn len(&self) -> usize {
        match self {
            Series::Shares(shares) => shares.len(),
            Series::Counts(counts) => counts.len(),
            Series::Amounts(amounts) => amounts.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a period, where it has one.
    pub fn value(&self, period: usize) -> Option<f64> {
        match self {
            Series::Shares(shares) => {
                let (count, of) = *shares.get(period)?;
                (of > 0 && count <= of).then(|| count as f64 / of as f64)
            }
            Series::Counts(counts) => counts.get(period).map(|count| *count as f64),
            Series::Amounts(amounts) => {
                let amount = (*amounts.get(period)?)?;
                (amount > 0.0 && amount.is_finite()).then_some(amount)
            }
        }
    }

    /// The periods until so many have a value: a baseline that later periods do not move. `None` while there are fewer.
    pub fn first(&self, values: usize) -> Option<Range<usize>> {
        let mut with_value = (0..self.len()).filter(|period| self.value(*period).is_some());
        let last = values
            .checked_sub(1)
            .and_then(|before| with_value.nth(before))?;
        Some(0..last + 1)
    }
}

/// Charts a series against the limits of its baseline.
///
/// `least` is how many periods of the baseline must have a value, and never fewer than two. Seasons are found one after the other, each in what those before
/// it leave. `watched` are the sides on which a value is bad; a chance over both sides is that of either.
///
/// # Errors
/// Why there are no limits.
pub fn chart(
    series: Series<'_>,
    baseline: Range<usize>,
    least: usize,
    seasons: &[Season<'_>],
    watched: &[Side],
) -> Result<Chart, Unjudged> {
    let baseline = baseline.start.min(series.len())..baseline.end.min(series.len());
    let count = baseline
        .clone()
        .filter(|period| series.value(*period).is_some())
        .count();
    if count < least.max(2) {
        return Err(Unjudged::TooFew(count));
    }
    match series {
        Series::Shares(of) => {
            let scale = shares::Shares::of(of, &baseline, seasons);
            judge::judge(&scale, series, baseline, watched)
        }
        Series::Counts(of) => {
            let scale = counts::Counts::of(of, &baseline, seasons);
            judge::judge(&scale, series, baseline, watched)
        }
        Series::Amounts(of) => {
            let scale = amounts::Amounts::of(of, &baseline, seasons);
            judge::judge(&scale, series, baseline, watched)
        }
    }
}
