//! A ratio of two sums over the same things, such as an error that was spared for all that there was.

use crate::interval::{Interval, normal_quantile};

/// A ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The sum of the first values by that of the second.
    pub value: f64,
    /// In which range it may lie.
    pub interval: Interval,
    /// Over how many things.
    pub count: u64,
}

/// The sum of the first values by the sum of the second ones, over things that are independent of each other; each thing gives a pair, whose two values may well go together.
///
/// The interval is Wald's, with the variance by linearisation, and without the correction for few: W. G. Cochran, "Sampling Techniques" (1977), 2.11; A. C. Davison and D. V. Hinkley,
/// "Bootstrap Methods and their Application" (1997), 2.7.2 (nonparametric delta method). `None` where the second values add up to nothing or less, a value is no number, or
/// the confidence is not between 0 and 1.
pub fn ratio(pairs: &[(f64, f64)], confidence: f64) -> Option<Ratio> {
    let reach = normal_quantile(confidence)?;
    let (first, second) = pairs
        .iter()
        .fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let value = first / second;
    if second <= 0.0 || !value.is_finite() {
        return None;
    }
    let off = pairs.iter().map(|pair| (pair.0 - value * pair.1).powi(2));
    let error = off.sum::<f64>().sqrt() / second;
    Some(Ratio {
        value,
        interval: Interval::around(value, reach * error, confidence),
        count: pairs.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Populations of ten cities of the United States in 1930 and 1920, in thousands: table 1.3 of Davison and Hinkley, whose ratio is 1.520.
    #[test]
    fn the_growth_of_ten_cities() {
        let before = [138.0, 93.0, 61.0, 179.0, 48.0, 37.0, 29.0, 23.0, 30.0, 2.0];
        let after = [
            143.0, 104.0, 69.0, 260.0, 75.0, 63.0, 50.0, 48.0, 111.0, 50.0,
        ];
        let pairs: Vec<(f64, f64)> = after.into_iter().zip(before).collect();
        let growth = ratio(&pairs, 0.95).unwrap();
        assert!((growth.value - 1.520).abs() < 5e-4, "{growth:?}");
        let error = growth.interval.margin() / normal_quantile(0.95).unwrap();
        // The squares of their influence values add up to 3.2488, computed apart from these numbers.
        assert!((error * error - 0.032_488).abs() < 1e-6, "{error}");
        assert_eq!(growth.count, 10);
    }

    #[test]
    fn a_ratio_of_nothing_is_none() {
        assert_eq!(ratio(&[], 0.95), None);
        assert_eq!(ratio(&[(1.0, 0.0)], 0.95), None);
        assert_eq!(ratio(&[(1.0, -1.0)], 0.95), None);
        assert_eq!(ratio(&[(f64::NAN, 1.0)], 0.95), None);
        assert_eq!(ratio(&[(1.0, 1.0)], 95.0), None);
        let certain = ratio(&[(1.0, 2.0), (2.0, 4.0)], 0.95).unwrap();
        assert_eq!((certain.value, certain.interval.margin()), (0.5, 0.0));
    }
}
