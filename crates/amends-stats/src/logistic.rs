//! Logistic regression with a ridge penalty, over features that are there or not; and how well chances that were told agree with what became of them.

use crate::interval::{Interval, normal_quantile};

/// What is learnt from: which features are there, how much it counts, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The numbers of its features, each once.
    pub features: Vec<u32>,
    /// How much it counts; above 0.
    pub weight: f64,
    /// What became of it.
    pub outcome: bool,
}

/// A logistic regression: the log-odds are the sum of what its features add.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// The log-odds where no feature is there.
    pub intercept: f64,
    /// What each feature adds to the log-odds.
    pub coefficients: Vec<f64>,
}

/// Steps after which a fit that still moves is given up.
const STEPS: usize = 100;

/// A fit stands when no coefficient moves by more than this.
const STILL: f64 = 1e-9;

/// So often a step is halved that leads away from the maximum.
const HALVINGS: usize = 40;

/// The intercept is held back by next to nothing, so that it is a number also where every outcome is the same.
const INTERCEPT: f64 = 1e-6;

impl Logistic {
    /// The coefficients of the greatest penalised likelihood: of the log-likelihood less half of the sum of each penalty times the square of its coefficient
    /// (S. le Cessie, J. C. van Houwelingen, "Ridge Estimators in Logistic Regression", Applied Statistics 41 (1992)), by Newton's method with halved steps.
    ///
    /// `penalties` has one for each feature: the inverse of the variance that its coefficient is expected to have.
    ///
    /// `None` when there is no case, a feature has no penalty above 0, a weight is not above 0, or the steps find no end.
    pub fn fit(cases: &[Case], penalties: &[f64]) -> Option<Self> {
        let count = penalties.len();
        let is_known = |case: &Case| case.features.iter().all(|one| (*one as usize) < count);
        let is_fine = |number: &f64| *number > 0.0 && number.is_finite();
        let are_fine = penalties.iter().all(is_fine)
            && cases
                .iter()
                .all(|case| is_known(case) && is_fine(&case.weight));
        if cases.is_empty() || !are_fine {
            return None;
        }
        // The intercept stands behind the features.
        let mut penalties = penalties.to_vec();
        penalties.push(INTERCEPT);
        let mut at = vec![0.0; count + 1];
        let mut likelihood = penalised(cases, &at, &penalties);
        for _ in 0..STEPS {
            let step = newton(cases, &at, &penalties)?;
            let mut share = 1.0;
            let mut next = at.clone();
            for _ in 0..HALVINGS {
                next = at
                    .iter()
                    .zip(&step)
                    .map(|(at, by)| at + share * by)
                    .collect();
                let then = penalised(cases, &next, &penalties);
                if then >= likelihood {
                    likelihood = then;
                    break;
                }
                share /= 2.0;
            }
            let moved = at.iter().zip(&next).map(|(one, other)| (one - other).abs());
            let most = moved.fold(0.0, f64::max);
            at = next;
            if most < STILL {
                let intercept = at.pop()?;
                return Some(Self {
                    intercept,
                    coefficients: at,
                });
            }
        }
        None
    }

    /// The log-odds of a case with these features. Features that were not learnt add nothing.
    pub fn log_odds(&self, features: &[u32]) -> f64 {
        let added = features
            .iter()
            .filter_map(|one| self.coefficients.get(*one as usize));
        self.intercept + added.sum::<f64>()
    }
}

/// The chance that log-odds stand for.
pub fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn log_odds(case: &Case, at: &[f64]) -> f64 {
    let added = case.features.iter().map(|one| at[*one as usize]);
    at[at.len() - 1] + added.sum::<f64>()
}

/// The logarithm of the chance of an outcome.
fn log_chance(log_odds: f64, outcome: bool) -> f64 {
    let towards = if outcome { log_odds } else { -log_odds };
    -(towards.min(0.0).abs() + (-towards.abs()).exp().ln_1p())
}

fn penalised(cases: &[Case], at: &[f64], penalties: &[f64]) -> f64 {
    let told = cases
        .iter()
        .map(|case| case.weight * log_chance(log_odds(case, at), case.outcome));
    let held = penalties
        .iter()
        .zip(at)
        .map(|(penalty, at)| penalty * at * at);
    told.sum::<f64>() - held.sum::<f64>() / 2.0
}

/// The step to where the log-likelihood's second-order approximation is greatest.
fn newton(cases: &[Case], at: &[f64], penalties: &[f64]) -> Option<Vec<f64>> {
    let size = at.len();
    let intercept = size - 1;
    let mut slope: Vec<f64> = penalties
        .iter()
        .zip(at)
        .map(|(penalty, at)| -penalty * at)
        .collect();
    let mut bend = Symmetric::diagonal(penalties);
    let mut there = Vec::new();
    for case in cases {
        let chance = chance(log_odds(case, at));
        let off = case.weight * (f64::from(u8::from(case.outcome)) - chance);
        let spread = case.weight * chance * (1.0 - chance);
        there.clear();
        there.extend(case.features.iter().map(|one| *one as usize));
        there.push(intercept);
        there.sort_unstable();
        for (place, row) in there.iter().enumerate() {
            slope[*row] += off;
            for column in &there[..=place] {
                bend.add(*row, *column, spread);
            }
        }
    }
    bend.solve(slope)
}

/// A symmetric matrix, of which the lower half is kept.
struct Symmetric {
    size: usize,
    rows: Vec<f64>,
}

impl Symmetric {
    fn diagonal(values: &[f64]) -> Self {
        let size = values.len();
        let mut all = Self {
            size,
            rows: vec![0.0; size * size],
        };
        for (place, value) in values.iter().enumerate() {
            all.rows[place * size + place] = *value;
        }
        all
    }

    /// Adds to an entry of the lower half.
    fn add(&mut self, row: usize, column: usize, value: f64) {
        self.rows[row * self.size + column] += value;
    }

    /// What it must be multiplied with to give this, by Cholesky's decomposition; `None` where it is not positive.
    fn solve(mut self, mut right: Vec<f64>) -> Option<Vec<f64>> {
        let size = self.size;
        for row in 0..size {
            let (above, own) = self.rows.split_at_mut(row * size);
            for column in 0..row {
                let other = &above[column * size..column * size + column];
                let shared: f64 = own[..column].iter().zip(other).map(|(a, b)| a * b).sum();
                own[column] = (own[column] - shared) / above[column * size + column];
            }
            let squares: f64 = own[..row].iter().map(|one| one * one).sum();
            let left = own[row] - squares;
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            own[row] = left.sqrt();
        }
        for row in 0..size {
            let own = &self.rows[row * size..row * size + row];
            let shared: f64 = own.iter().zip(&right).map(|(a, b)| a * b).sum();
            right[row] = (right[row] - shared) / self.rows[row * size + row];
        }
        for row in (0..size).rev() {
            let below = (row + 1..size).map(|other| self.rows[other * size + row] * right[other]);
            right[row] = (right[row] - below.sum::<f64>()) / self.rows[row * size + row];
        }
        Some(right)
    }
}

/// How chances that were told agree with what became of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// How many were told.
    pub cases: u64,
    /// How many of them came.
    pub came: u64,
    /// The slope of the outcome's log-odds by those that were told: 1 where they agree, below 1 where they were told too far apart, above it where they were
    /// told too close together.
    pub slope: f64,
    /// In which range the slope may lie.
    pub slope_interval: Interval,
    /// How many came for each one that was to be expected: 1 where they agree on the whole.
    pub observed_to_expected: f64,
}

/// Holds log-odds that were told against outcomes: the slope of a logistic regression on them (D. R. Cox, "Two Further Applications of a Model for Binary
/// Regression", Biometrika 45 (1958)), with Wald's interval.
///
/// `None` when all outcomes or all that was told are the same, when outcomes follow from what was told without exception, or when the confidence is not between
/// 0 and 1.
pub fn calibration(told: &[(f64, bool)], confidence: f64) -> Option<Calibration> {
    let z = normal_quantile(confidence)?;
    let came = told.iter().filter(|(_, outcome)| *outcome).count() as u64;
    let cases = told.len() as u64;
    if came == 0 || came == cases || told.iter().any(|(odds, _)| !odds.is_finite()) {
        return None;
    }
    let (mut intercept, mut slope) = (0.0, 1.0);
    let likelihood = |intercept: f64, slope: f64| -> f64 {
        let each = told
            .iter()
            .map(|(odds, outcome)| log_chance(intercept + slope * odds, *outcome));
        each.sum()
    };
    for _ in 0..STEPS {
        let (mut off, mut off_by, mut a, mut b, mut c) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (odds, outcome) in told {
            let chance = chance(intercept + slope * odds);
            let difference = f64::from(u8::from(*outcome)) - chance;
            let spread = chance * (1.0 - chance);
            off += difference;
            off_by += difference * odds;
            a += spread;
            b += spread * odds;
            c += spread * odds * odds;
        }
        let determinant = a * c - b * b;
        if determinant.is_nan() || determinant <= 1e-12 * a * c {
            return None;
        }
        let by = (
            (c * off - b * off_by) / determinant,
            (a * off_by - b * off) / determinant,
        );
        if by.0.abs().max(by.1.abs()) < STILL {
            let margin = z * (a / determinant).sqrt();
            return Some(Calibration {
                cases,
                came,
                slope,
                slope_interval: Interval::around(slope, margin, confidence),
                observed_to_expected: came as f64
                    / told
                        .iter()
                        .map(|(odds, _)| self::chance(*odds))
                        .sum::<f64>(),
            });
        }
        // Near the maximum a step changes less than numbers can hold.
        let now = likelihood(intercept, slope);
        let now = now - 1e-12 * now.abs();
        let mut share = 1.0;
        while likelihood(intercept + share * by.0, slope + share * by.1) < now && share > 1e-9 {
            share /= 2.0;
        }
        intercept += share * by.0;
        slope += share * by.1;
    }
    None
}

/// The mean square of how far chances were from outcomes, 0 or 1 (G. W. Brier, Monthly Weather Review 78 (1950)); `None` of none.
pub fn brier(told: impl Iterator<Item = (f64, bool)>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for (chance, outcome) in told {
        sum += (chance - f64::from(u8::from(outcome))).powi(2);
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests;
