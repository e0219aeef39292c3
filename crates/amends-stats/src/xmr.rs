//! The XmR chart: is a new value within what the past makes normal?

/// The limits that a baseline sets for values to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How many values the baseline has; 0 where only its means were given.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// The mean of the steps from each value to the next, without their sign.
    pub mean_range: f64,
    /// Below this a value is out of the normal.
    pub lower: f64,
    /// Above this a value is out of the normal.
    pub upper: f64,
    /// A step larger than this is out of the normal.
    pub range_upper: f64,
}

/// Limits for values: 3 / d2 with d2 = 1.128 for two values.
pub(crate) const VALUES: f64 = 2.66;
/// The limit for steps: D4 for two values.
const STEPS: f64 = 3.268;

impl Limits {
    /// The natural process limits of D. J. Wheeler, "Understanding Variation" (1993): mean -+ 2.66 mean moving ranges.
    ///
    /// The baseline is frozen: values to be judged are not in it, nor are partial periods; what has a season is freed of it before.
    /// With many charts, expect false alarms. `None` for fewer than two values or a value that is no number.
    pub fn of_baseline(values: &[f64]) -> Option<Self> {
        if values.len() < 2 || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let steps = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let mean_range = steps.sum::<f64>() / (values.len() - 1) as f64;
        Some(Self {
            count: values.len(),
            ..Self::of_means(mean, mean_range)
        })
    }

    /// The same from a mean and a mean moving range that are known.
    pub fn of_means(mean: f64, mean_range: f64) -> Self {
        Self {
            count: 0,
            mean,
            mean_range,
            lower: mean - VALUES * mean_range,
            upper: mean + VALUES * mean_range,
            range_upper: STEPS * mean_range,
        }
    }

    /// Whether a value lies outside of the limits.
    pub fn signals(&self, value: f64) -> bool {
        value < self.lower || value > self.upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_wheeler() {
        let limits = Limits::of_means(20.39, 4.70);
        assert!((limits.lower - 7.89).abs() < 0.005, "{limits:?}");
        assert!((limits.upper - 32.89).abs() < 0.005, "{limits:?}");
        assert!((limits.range_upper - 15.36).abs() < 0.005, "{limits:?}");
    }

    #[test]
    fn a_baseline_gives_its_means() {
        let limits = Limits::of_baseline(&[10.0, 12.0, 9.0, 13.0]).unwrap();
        assert_eq!(
            (limits.count, limits.mean, limits.mean_range),
            (4, 11.0, 3.0)
        );
        assert!(!limits.signals(11.0 + 7.97) && limits.signals(11.0 + 7.99));
        assert!(!limits.signals(11.0 - 7.97) && limits.signals(11.0 - 7.99));
    }

    #[test]
    fn one_value_has_no_normal() {
        assert_eq!(Limits::of_baseline(&[1.0]), None);
        assert_eq!(Limits::of_baseline(&[1.0, f64::INFINITY]), None);
    }
}
