//! The middle of some values.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::interval::{Interval, upper_tail};

/// The middle of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// Of how many values.
    pub of: u64,
    /// The middle one; of an even number of values the mean of the two in the middle.
    pub value: f64,
    /// In which range the middle of all values lies of which these are a sample; `None` where they are too few to tell.
    pub interval: Option<Interval>,
}

/// The median, with the distribution-free interval between two of the values in their order (W. R. Thompson, "On Confidence Ranges for the Median",
/// Annals of Mathematical Statistics 7 (1936)): how many values lie below the middle is binomial.
///
/// `None` when there are no values, one of them is no number, or the confidence is not between 0 and 1.
pub fn median(values: &[f64], confidence: f64) -> Option<Median> {
    let tail = upper_tail(confidence)?;
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let of = sorted.len();
    let value = (sorted[(of - 1) / 2] + sorted[of / 2]) / 2.0;
    let below = Binomial::new(0.5, of as u64).ok()?;
    // How many of the smallest may be left out, and so many of the largest: the most whose probability stays within the tail.
    let outside = (0..of / 2).take_while(|one| below.cdf(*one as u64) <= tail);
    let interval = outside.last().map(|outer| Interval {
        low: sorted[outer],
        high: sorted[of - 1 - outer],
        confidence,
    });
    Some(Median {
        of: of as u64,
        value,
        interval,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ranks that tables of the sign test give for 95 %: of 10 values the 2nd and 9th, of 20 the 6th and 15th, of 25 the 8th and 18th.
    #[test]
    fn the_ranks_of_the_sign_test() {
        for (of, low, high) in [(10, 2.0, 9.0), (20, 6.0, 15.0), (25, 8.0, 18.0)] {
            let values: Vec<f64> = (1..=of).rev().map(f64::from).collect();
            let interval = median(&values, 0.95).unwrap().interval.unwrap();
            assert_eq!((interval.low, interval.high), (low, high), "of {of}");
        }
    }

    #[test]
    fn few_values_have_a_middle_and_no_interval() {
        let five = median(&[5.0, 1.0, 2.0, 4.0, 3.0], 0.95).unwrap();
        assert_eq!((five.value, five.interval), (3.0, None));
        assert_eq!(median(&[1.0, 2.0], 0.95).unwrap().value, 1.5);
        assert_eq!(median(&[], 0.95), None);
        assert_eq!(median(&[f64::NAN], 0.95), None);
        assert_eq!(median(&[1.0], 1.0), None);
    }
}
