//! Two shares beside each other: how far apart they are.

use crate::interval::Interval;
use crate::wilson;

/// How much larger one share is than another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The one less the other, between -1 and 1.
    pub value: f64,
    /// In which range the difference may lie of which these are samples.
    pub interval: Interval,
}

impl Difference {
    /// Whether the interval holds no zero: 1 where the first share is larger, -1 where it is smaller, else 0.
    pub fn sign(&self) -> i8 {
        i8::from(self.interval.low > 0.0) - i8::from(self.interval.high < 0.0)
    }
}

/// The difference of two independent shares, with the hybrid score interval of R. G. Newcombe, "Interval estimation for the difference between
/// independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), method 10: Wilson's intervals of both, squared and added.
///
/// `None` when nobody was asked on one side, more have it than were asked, or the confidence is not between 0 and 1.
pub fn difference(
    (count, of): (u64, u64),
    (other_count, other_of): (u64, u64),
    confidence: f64,
) -> Option<Difference> {
    let one = wilson::share(count, of, confidence)?;
    let other = wilson::share(other_count, other_of, confidence)?;
    let value = one.value - other.value;
    let below = (one.value - one.interval.low).hypot(other.interval.high - other.value);
    let above = (one.interval.high - one.value).hypot(other.value - other.interval.low);
    let interval = Interval {
        low: value - below,
        high: value + above,
        confidence,
    };
    Some(Difference { value, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    /// Examples (a), (e) and (g) of Newcombe's table II, method 10.
    #[test]
    fn the_examples_of_newcombe() {
        for (one, other, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((10, 10), (0, 10), 0.6075, 1.0000),
        ] {
            let interval = difference(one, other, 0.95).unwrap().interval;
            assert!((interval.low - low).abs() < 5e-5, "{one:?} {interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{one:?} {interval:?}");
        }
    }

    #[test]
    fn nobody_asked_on_one_side_has_no_difference() {
        assert_eq!(difference((0, 0), (1, 2), 0.95), None);
        assert_eq!(difference((1, 2), (3, 2), 0.95), None);
    }

    proptest! {
        #[test]
        fn the_other_way_round_it_is_mirrored(a in 0_u64..200, n in 1_u64..200, b in 0_u64..200, m in 1_u64..200) {
            let (one, other) = ((a % (n + 1), n), (b % (m + 1), m));
            let (there, back) = (difference(one, other, 0.95).unwrap(), difference(other, one, 0.95).unwrap());
            prop_assert!((there.value + back.value).abs() < 1e-12);
            prop_assert!((there.interval.low + back.interval.high).abs() < 1e-12);
            prop_assert!(there.interval.contains(there.value));
            prop_assert_eq!(there.sign(), -back.sign());
        }
    }
}
