//! Counts: the XmR chart against a frozen baseline.

use std::ops::Range;

use super::Side;
use super::chance::{self, FEW};
use super::judge::Scale;
use super::season::{Season, Turned, turned};
use crate::xmr::VALUES;

/// Counts, each over the ratio of its season.
pub(super) struct Counts<'a> {
    periods: &'a [u64],
    centre: f64,
    /// How many the baseline counts.
    counted: f64,
    /// In how many periods.
    values: f64,
    turned: Turned,
}

impl<'a> Counts<'a> {
    /// The mean of the baseline, and the ratio to it by season. A season in which there never was anything has no normal.
    pub(super) fn of(periods: &'a [u64], baseline: &Range<usize>, seasons: &[Season<'_>]) -> Self {
        let held: Vec<usize> = baseline
            .clone()
            .filter(|period| *period < periods.len())
            .collect();
        let count = |period: &usize| periods.get(*period).map_or(0.0, |count| *count as f64);
        let counted: f64 = held.iter().map(count).sum();
        let centre = counted / held.len() as f64;
        let shift = |held: &[usize], so_far: &[Option<f64>]| {
            let freed = held.iter().map(|period| {
                let before = so_far.get(*period).copied().flatten().unwrap_or(0.0);
                count(period) / before.exp()
            });
            let mean = freed.sum::<f64>() / held.len() as f64;
            (mean > 0.0).then(|| (mean / centre).ln())
        };
        Self {
            turned: turned(periods.len(), baseline, seasons, |_| true, shift),
            periods,
            centre,
            counted,
            values: held.len() as f64,
        }
    }

    /// How many were counted in a past that gave what is expected, and in how many periods.
    fn before(&self) -> (f64, f64) {
        let share = 1.0 / (1 + self.turned.estimated) as f64;
        (self.counted * share + 0.5, self.values * share)
    }

    fn ratio(&self, period: usize) -> Option<f64> {
        Some((*self.turned.ln.get(period)?)?.exp())
    }
}

impl Scale for Counts<'_> {
    const REACH: f64 = VALUES;
    const LEAST_SIGMA: f64 = 0.0;

    fn centre(&self) -> f64 {
        self.centre
    }

    fn turned(&self) -> &Turned {
        &self.turned
    }

    fn deviation(&self, period: usize) -> Option<f64> {
        let count = *self.periods.get(period)? as f64;
        Some(count / self.ratio(period)? - self.centre)
    }

    fn original(&self, period: usize, deviation: f64) -> Option<f64> {
        Some(((self.centre + deviation) * self.ratio(period)?).max(0.0))
    }

    fn counting(&self, period: usize, side: Side) -> f64 {
        let Some((count, ratio)) = self.periods.get(period).copied().zip(self.ratio(period)) else {
            return 1.0;
        };
        let (counted, exposed) = self.before();
        match side {
            Side::Below => chance::so_few(count, ratio, counted, exposed),
            Side::Above => chance::so_many(count, ratio, counted, exposed),
        }
    }

    fn counted(&self, period: usize) -> Option<(f64, f64)> {
        let ratio = self.ratio(period)?;
        if self.centre * ratio >= FEW {
            return None;
        }
        let (counted, exposed) = self.before();
        let (least, most) = chance::usual(ratio, counted, exposed);
        Some((least as f64, most as f64))
    }
}
