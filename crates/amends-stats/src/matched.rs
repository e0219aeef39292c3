//! Those to whom something happened beside others who were like them before.

use crate::difference::Difference;
use crate::interval::{Interval, normal_quantile};
use crate::wilson;

/// People who were alike before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// To how many it happened.
    pub happened: u64,
    /// How many of them have the outcome.
    pub happened_with: u64,
    /// To how many it did not happen.
    pub others: u64,
    /// How many of them have the outcome.
    pub others_with: u64,
}

/// How those to whom it happened came out beside those like them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matched {
    /// To how many it happened who have others like them.
    pub happened: u64,
    /// To how many it happened who have nobody like them: they are left out.
    pub alone: u64,
    /// How many others are like them.
    pub others: u64,
    /// The share of those to whom it happened with the outcome.
    pub share: f64,
    /// The share of the others, weighted so that they are spread as those to whom it happened are.
    pub share_of_others: f64,
    /// The one less the other.
    pub difference: Difference,
}

/// Compares within strata and adds up, each stratum weighing as many as it happened to: the effect on those to whom it happened, by coarsened exact
/// matching (S. M. Iacus, G. King, G. Porro, "Causal Inference without Balance Checking: Coarsened Exact Matching", Political Analysis 20 (2012)).
///
/// The interval is Newcombe's hybrid score interval ([`crate::difference`]), the others counted by Kish's effective number, as weights make them worth fewer.
///
/// `None` when nobody has others like them, more have the outcome than there are, or the confidence is not between 0 and 1.
pub fn matched(strata: impl IntoIterator<Item = Stratum>, confidence: f64) -> Option<Matched> {
    let z = normal_quantile(confidence)?;
    let (mut happened, mut with, mut alone, mut others) = (0, 0, 0, 0);
    let (mut others_with, mut squares) = (0.0, 0.0);
    for one in strata {
        if one.happened_with > one.happened || one.others_with > one.others {
            return None;
        }
        if one.happened == 0 {
            continue;
        }
        if one.others == 0 {
            alone += one.happened;
            continue;
        }
        happened += one.happened;
        with += one.happened_with;
        others += one.others;
        let weight = one.happened as f64 / one.others as f64;
        others_with += weight * one.others_with as f64;
        squares += weight * one.happened as f64;
    }
    if happened == 0 {
        return None;
    }
    let of = happened as f64;
    let effective = of * of / squares;
    let (share, share_of_others) = (with as f64 / of, others_with / of);
    let (low, high) = wilson::bounds(share, of, z);
    let (others_low, others_high) = wilson::bounds(share_of_others, effective, z);
    let value = share - share_of_others;
    let interval = Interval {
        low: value - (share - low).hypot(others_high - share_of_others),
        high: value + (high - share).hypot(share_of_others - others_low),
        confidence,
    };
    Some(Matched {
        happened,
        alone,
        others,
        share,
        share_of_others,
        difference: Difference { value, interval },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::difference;

    fn stratum(happened: (u64, u64), others: (u64, u64)) -> Stratum {
        Stratum {
            happened: happened.1,
            happened_with: happened.0,
            others: others.1,
            others_with: others.0,
        }
    }

    /// In one stratum nothing is weighted, and Newcombe's examples come out ([`crate::difference`]).
    #[test]
    fn one_stratum_is_a_difference_of_two_shares() {
        for (one, other) in [
            ((56, 70), (48, 80)),
            ((5, 56), (0, 29)),
            ((10, 10), (0, 10)),
        ] {
            let told = matched([stratum(one, other)], 0.95).unwrap().difference;
            let plain = difference(one, other, 0.95).unwrap();
            assert!((told.value - plain.value).abs() < 1e-12);
            assert!((told.interval.low - plain.interval.low).abs() < 1e-9);
            assert!((told.interval.high - plain.interval.high).abs() < 1e-9);
        }
    }

    /// Simpson's paradox, C. R. Charig and others, British Medical Journal 292 (1986): open surgery looks worse in all and is better for small stones
    /// (81 of 87 against 234 of 270) and for large ones (192 of 263 against 55 of 80).
    #[test]
    fn those_alike_are_compared_with_each_other() {
        let small = stratum((81, 87), (234, 270));
        let large = stratum((192, 263), (55, 80));
        let told = matched([small, large], 0.95).unwrap();
        let expected = 273.0 / 350.0 - (87.0 * 234.0 / 270.0 + 263.0 * 55.0 / 80.0) / 350.0;
        assert!((told.difference.value - expected).abs() < 1e-12, "{told:?}");
        assert!(told.difference.value > 0.0);
        let crude = difference((273, 350), (289, 350), 0.95).unwrap();
        assert!(crude.value < 0.0);
        assert!(told.difference.interval.contains(told.difference.value));
    }

    #[test]
    fn whoever_has_nobody_like_them_is_left_out_and_counted() {
        let told = matched(
            [
                stratum((1, 2), (1, 4)),
                stratum((3, 3), (0, 0)),
                stratum((0, 0), (5, 9)),
            ],
            0.95,
        );
        let told = told.unwrap();
        assert_eq!((told.happened, told.alone, told.others), (2, 3, 4));
        assert_eq!(matched([stratum((3, 3), (0, 0))], 0.95), None);
        assert_eq!(matched([stratum((3, 2), (0, 1))], 0.95), None);
    }
}
