//! Amounts: the XmR chart of their logarithms against a frozen baseline.

use std::ops::Range;

use super::Side;
use super::judge::Scale;
use super::season::{Season, Turned, turned};
use crate::xmr::VALUES;

/// The logarithms of amounts, each less that of the ratio of its season.
pub(super) struct Amounts {
    ln: Vec<Option<f64>>,
    centre_ln: f64,
    turned: Turned,
}

impl Amounts {
    /// The geometric mean of the baseline, and the ratio to it by season.
    pub(super) fn of(
        amounts: &[Option<f64>],
        baseline: &Range<usize>,
        seasons: &[Season<'_>],
    ) -> Self {
        let ln = amounts.iter().map(|amount| {
            let amount = amount.filter(|amount| *amount > 0.0 && amount.is_finite());
            amount.map(f64::ln)
        });
        let ln: Vec<Option<f64>> = ln.collect();
        let of = |period: usize| ln.get(period).copied().flatten();
        let centre_ln = mean(baseline.clone().filter_map(of)).unwrap_or(0.0);
        let shift = |held: &[usize], so_far: &[Option<f64>]| {
            let freed = held.iter().filter_map(|period| {
                let before = so_far.get(*period).copied().flatten().unwrap_or(0.0);
                Some(of(*period)? - before)
            });
            Some(mean(freed)? - centre_ln)
        };
        let has_value = |period: usize| of(period).is_some();
        let turned = turned(ln.len(), baseline, seasons, has_value, shift);
        Self {
            turned,
            centre_ln,
            ln,
        }
    }
}

impl Scale for Amounts {
    const REACH: f64 = VALUES;
    const LEAST_SIGMA: f64 = 0.0;

    fn centre(&self) -> f64 {
        self.centre_ln.exp()
    }

    fn turned(&self) -> &Turned {
        &self.turned
    }

    fn deviation(&self, period: usize) -> Option<f64> {
        let ln = (*self.ln.get(period)?)?;
        Some(ln - (*self.turned.ln.get(period)?)? - self.centre_ln)
    }

    fn original(&self, period: usize, deviation: f64) -> Option<f64> {
        let season = (*self.turned.ln.get(period)?)?;
        Some((self.centre_ln + season + deviation).exp())
    }

    /// Nothing is counted: how much amounts vary is all that is known.
    fn counting(&self, _: usize, _: Side) -> f64 {
        0.0
    }

    fn must_vary(&self) -> bool {
        true
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| {
        (sum + value, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}
