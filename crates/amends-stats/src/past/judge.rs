//! Values beside limits, and the chance of each.

use std::ops::Range;

use super::season::Turned;
use super::{Chart, Limits, Point, Series, Side, Unjudged, chance};
use crate::laney::D2;

/// So many in a row on one side of the baseline's middle signal: rule 2 of the Western Electric Company's "Statistical Quality Control Handbook" (1956).
pub const RUN: usize = 8;
/// What computing with doubles may add to a deviation, beside the size of the values.
const ROUNDING: f64 = 1e-9;
/// Chances above this are of no account: they are not computed closer than this.
const SURELY_CHANCE: f64 = 0.1;

/// What is told of a value that is looked at alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// On which side.
    pub side: Side,
    /// By which rule; by its limit where both hold.
    pub rule: Rule,
}

/// By which rule a value signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It lies beyond its limit.
    Limit,
    /// It is the last of so many in a row on one side.
    Run(usize),
}

/// A scale on which the values of a series can be held against each other.
pub(super) trait Scale {
    /// Limits stand so many mean moving ranges off.
    const REACH: f64;
    /// The least standard deviation of deviations.
    const LEAST_SIGMA: f64;

    /// The baseline's centre, in the unit of the values.
    fn centre(&self) -> f64;

    /// What seasons make of the periods.
    fn turned(&self) -> &Turned;

    /// How far a period lies from what is expected of it; `None` where it has no value, or nothing is expected.
    fn deviation(&self, period: usize) -> Option<f64>;

    /// The value of a period that lies so far off.
    fn original(&self, period: usize, deviation: f64) -> Option<f64>;

    /// The chance that counting alone gives a value so far off, or farther; 0 where nothing is counted.
    fn counting(&self, period: usize, side: Side) -> f64;

    /// Where so few are expected that their number is far from normal: how far counting alone reaches to both sides, in the unit of the values.
    fn counted(&self, _period: usize) -> Option<(f64, f64)> {
        None
    }

    /// How much the variance of a deviation grows because what is expected is itself an estimate, from so many values of the baseline.
    fn unsure(&self, _period: usize, values: usize) -> f64 {
        (1 + self.turned().estimated) as f64 / values as f64
    }

    /// Whether limits need a baseline that varies.
    fn must_vary(&self) -> bool {
        false
    }
}

/// What the baseline says about deviations.
struct Past {
    /// How far from what is expected the limits stand.
    reach: f64,
    /// The standard deviation of a deviation.
    sigma: f64,
    freedom: f64,
    /// How many values it has.
    values: usize,
    /// The upper and the lower of the two in its middle; the same where their number is odd.
    middle: (f64, f64),
    /// What computing may have added.
    rounding: f64,
}

/// Lays every value beside the limits of the baseline, which has two values at least.
pub(super) fn judge<S: Scale>(
    scale: &S,
    series: Series<'_>,
    baseline: Range<usize>,
    watched: &[Side],
) -> Result<Chart, Unjudged> {
    let past = past(scale, &baseline)?;
    let mut runs = [Run::default(); 2];
    let points = (0..series.len()).map(|period| {
        let value = series.value(period)?;
        let mut point = Point {
            value,
            normal: limits(scale, &past, period),
            chance: 1.0,
            signal: None,
        };
        let is_later = period >= baseline.end;
        if let Some(deviation) = scale.deviation(period).filter(|_| is_later) {
            let signs = [Side::Below, Side::Above];
            for (run, side) in runs.iter_mut().zip(signs) {
                run.goes_on(&past, side, deviation);
                if watched.contains(&side) {
                    told(scale, &past, period, side, deviation, run, &mut point);
                }
            }
            point.chance = (point.chance * watched.len().max(1) as f64).min(1.0);
        }
        Some(point)
    });
    let points = points.collect();
    Ok(Chart {
        count: baseline
            .clone()
            .filter(|period| series.value(*period).is_some())
            .count(),
        baseline,
        centre: scale.centre(),
        seasons: scale.turned().told,
        points,
    })
}

fn past<S: Scale>(scale: &S, baseline: &Range<usize>) -> Result<Past, Unjudged> {
    let deviations: Vec<f64> = baseline
        .clone()
        .filter_map(|period| scale.deviation(period))
        .collect();
    let (values, estimated) = (deviations.len(), scale.turned().estimated);
    // Seasons that leave nothing over leave nothing to tell how much the rest varies.
    if values < 2 + estimated {
        return Err(Unjudged::TooFew(values));
    }
    let steps = deviations.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let mean_range = steps.sum::<f64>() / (values - 1) as f64;
    let rounding = ROUNDING * scale.centre().abs().max(1.0);
    if scale.must_vary() && mean_range <= rounding {
        return Err(Unjudged::NeverVaried);
    }
    // What was estimated from the same values took some of their variation away, and is itself not sure.
    let taken = estimated as f64 / values as f64;
    let kept = (1.0 - taken).sqrt();
    let sigma = (mean_range / D2 / kept).max(S::LEAST_SIGMA);
    let least_range = S::LEAST_SIGMA * D2;
    let reach = S::REACH * (mean_range / kept).max(least_range) * (1.0 + taken).sqrt();
    let mut sorted = deviations;
    sorted.sort_by(f64::total_cmp);
    Ok(Past {
        reach,
        sigma,
        freedom: chance::freedom(values, estimated),
        values,
        middle: (sorted[values / 2], sorted[(values - 1) / 2]),
        rounding,
    })
}

fn limits<S: Scale>(scale: &S, past: &Past, period: usize) -> Option<Limits> {
    let mut limits = Limits {
        expected: scale.original(period, 0.0)?,
        lower: scale.original(period, -past.reach)?,
        upper: scale.original(period, past.reach)?,
    };
    if let Some((lower, upper)) = scale.counted(period) {
        limits.lower = limits.lower.min(lower);
        limits.upper = limits.upper.max(upper);
    }
    Some(limits)
}

/// Values in a row on one side of the baseline's middle, and of what is expected of them.
#[derive(Clone, Copy, Debug)]
struct Run {
    length: usize,
    /// The chance of one as long as this.
    chance: f64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            length: 0,
            chance: 1.0,
        }
    }
}

impl Run {
    /// One value more. Where nothing has changed, every order of baseline and later values is as likely as every other, so that the chance that the next lies beyond the
    /// baseline's middle, where so many did, needs no distribution: of n values and r later ones beyond the k-th, it is (n + 1 - k + r) / (n + 1 + r).
    ///
    /// A value that is no worse than expected is beyond nothing, though it may lie so little above what is expected, where few are counted, that it lies below the middle.
    /// So the chance is at most this.
    fn goes_on(&mut self, past: &Past, side: Side, deviation: f64) {
        let beyond = match side {
            Side::Above => deviation > past.middle.0.max(0.0) + past.rounding,
            Side::Below => deviation < past.middle.1.min(0.0) - past.rounding,
        };
        if !beyond {
            *self = Self::default();
            return;
        }
        let after = past.values - past.values / 2;
        self.chance *= (after + self.length) as f64 / (past.values + 1 + self.length) as f64;
        self.length += 1;
    }
}

/// Writes into a point what one side says of it.
fn told<S: Scale>(
    scale: &S,
    past: &Past,
    period: usize,
    side: Side,
    deviation: f64,
    run: &Run,
    point: &mut Point,
) {
    let off = match side {
        Side::Above => deviation,
        Side::Below => -deviation,
    };
    let far = match off <= past.rounding {
        true => 1.0,
        false => far(scale, past, period, side, off),
    };
    // Two rules were looked at.
    let chance = (2.0 * far.min(run.chance)).min(1.0);
    point.chance = point.chance.min(chance);
    let beyond = off > past.reach + past.rounding && is_beyond(point, side);
    let rule = match (beyond, run.length) {
        (true, _) => Rule::Limit,
        (false, length) if length >= RUN => Rule::Run(length),
        _ => return,
    };
    point.signal = Some(Signal { side, rule });
}

/// Whether the value lies beyond its limit also in the scale that is shown, where limits end at what is possible.
fn is_beyond(point: &Point, side: Side) -> bool {
    let rounding = |limit: f64| ROUNDING * limit.abs().max(point.value.abs());
    point.normal.is_some_and(|normal| match side {
        Side::Below => point.value < normal.lower - rounding(normal.lower),
        Side::Above => point.value > normal.upper + rounding(normal.upper),
    })
}

/// The chance of a deviation as large: neither what varies from period to period explains it, nor counting alone.
fn far<S: Scale>(scale: &S, past: &Past, period: usize, side: Side, off: f64) -> f64 {
    let spread = past.sigma * (1.0 + scale.unsure(period, past.values)).sqrt();
    let by_variation = chance::beyond(off / spread, past.freedom);
    if by_variation > SURELY_CHANCE {
        return by_variation;
    }
    by_variation.max(scale.counting(period, side))
}
