//! Shares: Laney's p' chart against a frozen baseline.

use std::ops::Range;

use super::Side;
use super::chance::{self, FEW};
use super::judge::Scale;
use super::season::{Season, Turned, turned};
use crate::laney::D2;

/// Shares, each beside the one that is expected of its period.
pub(super) struct Shares<'a> {
    periods: &'a [(u64, u64)],
    /// Over the whole baseline.
    centre: f64,
    /// The same, never none and never all.
    adjusted: f64,
    /// How many the baseline counts.
    counted: f64,
    turned: Turned,
}

impl<'a> Shares<'a> {
    /// The share over the whole baseline, and the ratios of the odds by season. Where all or none had it, half of one is taken for the others, so that it can be told how rare they are.
    pub(super) fn of(
        periods: &'a [(u64, u64)],
        baseline: &Range<usize>,
        seasons: &[Season<'_>],
    ) -> Self {
        let has_value = |period: usize| {
            periods
                .get(period)
                .is_some_and(|(had, of)| *of > 0 && had <= of)
        };
        let held: Vec<usize> = baseline.clone().filter(|one| has_value(*one)).collect();
        let (had, of) = sums(periods, &held);
        let adjusted = match had <= 0.0 || had >= of {
            true => (had + 0.5) / (of + 1.0),
            false => had / of,
        };
        let shift = |held: &[usize], so_far: &[Option<f64>]| {
            let (had, of) = sums(periods, held);
            let expected = held.iter().map(|period| {
                let before = so_far.get(*period).copied().flatten().unwrap_or(0.0);
                at_odds(adjusted, before) * periods.get(*period).map_or(0.0, |one| one.1 as f64)
            });
            let expected = expected.sum::<f64>() / of;
            // One instance of what is expected is laid to it, so that a place where all or none had it has odds too.
            let found = (had + expected) / (of + 1.0);
            Some(odds(found).ln() - odds(expected).ln())
        };
        Self {
            turned: turned(periods.len(), baseline, seasons, has_value, shift),
            periods,
            centre: had / of,
            adjusted,
            counted: of,
        }
    }

    fn expected(&self, period: usize) -> Option<f64> {
        let ln = (*self.turned.ln.get(period)?)?;
        Some(at_odds(self.adjusted, ln))
    }

    /// How many had it and had not in a past like this period, which gave what is expected of it.
    fn before(&self, period: usize) -> Option<(f64, f64)> {
        let expected = self.expected(period)?;
        let behind = self.counted / (1 + self.turned.estimated) as f64;
        Some((expected * behind + 0.5, (1.0 - expected) * behind + 0.5))
    }

    /// The standard deviation that counting alone gives the share of a period.
    fn sigma(&self, period: usize) -> Option<f64> {
        let (_, of) = *self.periods.get(period)?;
        let expected = self.expected(period)?;
        (of > 0).then(|| (expected * (1.0 - expected) / of as f64).sqrt())
    }
}

impl Scale for Shares<'_> {
    const REACH: f64 = 3.0 / D2;
    /// Counting alone makes shares vary by this.
    const LEAST_SIGMA: f64 = 1.0;

    fn centre(&self) -> f64 {
        self.centre
    }

    fn turned(&self) -> &Turned {
        &self.turned
    }

    fn deviation(&self, period: usize) -> Option<f64> {
        let (had, of) = *self.periods.get(period)?;
        let value = (of > 0 && had <= of).then(|| had as f64 / of as f64)?;
        Some((value - self.expected(period)?) / self.sigma(period)?)
    }

    fn original(&self, period: usize, deviation: f64) -> Option<f64> {
        let value = self.expected(period)? + deviation * self.sigma(period)?;
        Some(value.clamp(0.0, 1.0))
    }

    fn unsure(&self, period: usize, _: usize) -> f64 {
        let of = self.periods.get(period).map_or(0.0, |one| one.1 as f64);
        of * (1 + self.turned.estimated) as f64 / self.counted
    }

    fn counting(&self, period: usize, side: Side) -> f64 {
        let Some(((had, of), (had_it, others))) =
            self.periods.get(period).copied().zip(self.before(period))
        else {
            return 1.0;
        };
        match side {
            Side::Below => chance::so_many_of(of - had, of, others, had_it),
            Side::Above => chance::so_many_of(had, of, had_it, others),
        }
    }

    fn counted(&self, period: usize) -> Option<(f64, f64)> {
        let (_, of) = *self.periods.get(period)?;
        let (had_it, others) = self.before(period)?;
        let (all, expected) = (of as f64, self.expected(period)? * of as f64);
        // Either those who had it are few or those who had not; of few of all, both.
        let lower = match all - expected < FEW {
            true => 1.0 - chance::usual_of(of, others, had_it).1 as f64 / all,
            false => 1.0,
        };
        let upper = match expected < FEW {
            true => chance::usual_of(of, had_it, others).1 as f64 / all,
            false => 0.0,
        };
        (of > 0).then_some((lower, upper))
    }
}

fn sums(periods: &[(u64, u64)], held: &[usize]) -> (f64, f64) {
    let held = held.iter().filter_map(|period| periods.get(*period));
    held.fold((0.0, 0.0), |(had, of), one| {
        (had + one.0 as f64, of + one.1 as f64)
    })
}

fn odds(share: f64) -> f64 {
    share / (1.0 - share)
}

/// The share whose odds are those of another one times a ratio.
fn at_odds(share: f64, ln_ratio: f64) -> f64 {
    let odds = odds(share) * ln_ratio.exp();
    odds / (1.0 + odds)
}
