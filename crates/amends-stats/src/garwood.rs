//! A rate of things that are counted, such as complaints per 1,000 customers, with an exact interval.

use statrs::function::gamma::gamma_lr;

use crate::interval::{Interval, upper_tail};

/// So many on so much exposure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many were counted.
    pub count: u64,
    /// On what: customers, days, deliveries.
    pub exposure: f64,
    /// Per how much of the exposure the rate is told, such as 1,000.
    pub per: f64,
    /// The rate.
    pub value: f64,
    /// In which range it may lie.
    pub interval: Interval,
}

/// The rate per so much exposure, with the exact Poisson interval of F. Garwood, "Fiducial Limits for the Poisson Distribution",
/// Biometrika 28 (1936): for a count x its ends are the quantiles of gamma distributions with shapes x and x + 1.
///
/// `None` when exposure or `per` is not more than nothing, or the confidence is not between 0 and 1.
pub fn rate(count: u64, exposure: f64, per: f64, confidence: f64) -> Option<Rate> {
    let positive = |value: f64| value > 0.0 && value.is_finite();
    if !positive(exposure) || !positive(per) {
        return None;
    }
    let tail = upper_tail(confidence)?;
    let scale = per / exposure;
    let low = match count {
        0 => 0.0,
        _ => gamma_quantile(count as f64, tail),
    };
    let high = gamma_quantile(count as f64 + 1.0, 1.0 - tail);
    Some(Rate {
        count,
        exposure,
        per,
        value: count as f64 * scale,
        interval: Interval {
            low: low * scale,
            high: high * scale,
            confidence,
        },
    })
}

/// The value below which a gamma distribution of this shape and scale 1 has this share: by halving, as far as a double can tell.
fn gamma_quantile(shape: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, shape.max(1.0));
    while gamma_lr(shape, high) < share {
        high *= 2.0;
    }
    // A hundred halvings are more than a double has bits.
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if gamma_lr(shape, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    /// The exact 95 % limits that textbooks tabulate; those of 100 were checked by adding up the Poisson probabilities.
    #[test]
    fn the_table_of_exact_limits() {
        for (count, low, high) in [
            (0, 0.0, 3.6889),
            (1, 0.0253, 5.5716),
            (5, 1.6235, 11.6683),
            (10, 4.7954, 18.3904),
            (100, 81.3640, 121.6268),
        ] {
            let interval = rate(count, 1.0, 1.0, 0.95).unwrap().interval;
            assert!((interval.low - low).abs() < 5e-4, "{count}: {interval:?}");
            assert!((interval.high - high).abs() < 5e-4, "{count}: {interval:?}");
        }
    }

    #[test]
    fn a_rate_is_told_per_so_many() {
        let complaints = rate(10, 4000.0, 1000.0, 0.95).unwrap();
        assert_eq!(complaints.value, 2.5);
        assert!((complaints.interval.low - 4.7954 / 4.0).abs() < 1e-4);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rate(1, wrong, 1.0, 0.95), None);
        }
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_count(count in 0_u64..200_000) {
            let rate = rate(count, 1.0, 1.0, 0.95).unwrap();
            prop_assert!(rate.interval.contains(count as f64), "{rate:?}");
            let textbook = 1.96 * (count as f64).sqrt();
            prop_assert!(rate.interval.margin() < textbook + 3.0, "{rate:?}");
        }
    }
}
