//! The range in which an estimate may lie.

use statrs::distribution::{ContinuousCDF, Normal};

/// The range in which an estimate may lie, in the unit of the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How sure it is, between 0 and 1, such as 0.95.
    pub confidence: f64,
}

impl Interval {
    /// The estimate less and plus the same margin.
    pub(crate) fn around(estimate: f64, margin: f64, confidence: f64) -> Self {
        Self {
            low: estimate - margin,
            high: estimate + margin,
            confidence,
        }
    }

    /// Half of its width.
    pub fn margin(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether a value lies in it.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The share that lies above a two-sided interval of this confidence; `None` when it is not between 0 and 1.
pub(crate) fn upper_tail(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some((1.0 - confidence) / 2.0)
}

/// How many standard deviations of a normal distribution a two-sided interval spans to each side: 1.96 for 0.95.
pub(crate) fn normal_quantile(confidence: f64) -> Option<f64> {
    let above = upper_tail(confidence)?;
    let normal = Normal::new(0.0, 1.0).ok()?;
    Some(normal.inverse_cdf(1.0 - above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_quantiles() {
        for (confidence, quantile) in [(0.9, 1.644854), (0.95, 1.959964), (0.99, 2.575829)] {
            assert!((normal_quantile(confidence).unwrap() - quantile).abs() < 1e-6);
        }
        for wrong in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert_eq!(normal_quantile(wrong), None);
        }
    }
}
