//! A share of all, with Wilson's score interval.

use crate::interval::{Interval, normal_quantile};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many had it.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The one over the other, between 0 and 1.
    pub value: f64,
    /// In which range the share of all who might have been asked lies.
    pub interval: Interval,
}

/// The share of those who have something, with the score interval of E. B. Wilson, "Probable Inference, the Law of Succession,
/// and Statistical Inference", Journal of the American Statistical Association 22 (1927). It never leaves 0 to 1 and holds for
/// small counts, where the textbook's interval fails.
///
/// `None` when nobody was asked, more have it than were asked, or the confidence is not between 0 and 1.
pub fn share(count: u64, of: u64, confidence: f64) -> Option<Share> {
    if of == 0 || count > of {
        return None;
    }
    let z = normal_quantile(confidence)?;
    let value = count as f64 / of as f64;
    let (low, high) = bounds(value, of as f64, z);
    let interval = Interval {
        low: if count == 0 { 0.0 } else { low },
        high: if count == of { 1.0 } else { high },
        confidence,
    };
    Some(Share {
        count,
        of,
        value,
        interval,
    })
}

/// The ends of the interval around a share of so many, who may be an effective number, for so many standard deviations.
pub(crate) fn bounds(value: f64, n: f64, z: f64) -> (f64, f64) {
    let spread = z * (value * (1.0 - value) / n + z * z / (4.0 * n * n)).sqrt();
    let centre = value + z * z / (2.0 * n);
    let scale = 1.0 + z * z / n;
    ((centre - spread) / scale, (centre + spread) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    /// The four examples of R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    #[test]
    fn the_examples_of_newcombe() {
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = share(count, of, 0.95).unwrap().interval;
            assert!(
                (interval.low - low).abs() < 5e-5,
                "{count}/{of}: {interval:?}"
            );
            assert!(
                (interval.high - high).abs() < 5e-5,
                "{count}/{of}: {interval:?}"
            );
        }
    }

    #[test]
    fn nobody_asked_has_no_share() {
        assert_eq!(share(0, 0, 0.95), None);
        assert_eq!(share(3, 2, 0.95), None);
        assert_eq!(share(1, 2, 1.0), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_mirrors(of in 1_u64..1_000_000, part in 0.0..=1.0_f64) {
            let count = (of as f64 * part) as u64;
            let some = share(count, of, 0.95).unwrap();
            prop_assert!(some.interval.contains(some.value));
            prop_assert!(some.interval.low >= 0.0 && some.interval.high <= 1.0);
            let others = share(of - count, of, 0.95).unwrap();
            prop_assert!((some.interval.low - (1.0 - others.interval.high)).abs() < 1e-12);
        }
    }
}
