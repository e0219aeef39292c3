//! A mean, with an interval.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::interval::{Interval, upper_tail};

/// A mean of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// Of how many.
    pub count: u64,
    /// The mean, in the unit of the values.
    pub value: f64,
    /// The standard deviation of the values (with n - 1), in their unit.
    pub deviation: f64,
    /// In which range the mean of all may lie.
    pub interval: Interval,
}

/// The mean with the t interval of "Student", "The Probable Error of a Mean", Biometrika 6 (1908). For large counts it is the normal interval.
///
/// `None` for fewer than two values, for a value that is no number, or when the confidence is not between 0 and 1.
pub fn mean(values: &[f64], confidence: f64) -> Option<Mean> {
    let tail = upper_tail(confidence)?;
    if values.len() < 2 || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let n = values.len() as f64;
    let value = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|one| (one - value).powi(2)).sum();
    let deviation = (squares / (n - 1.0)).sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0)
        .ok()?
        .inverse_cdf(1.0 - tail);
    Some(Mean {
        count: values.len() as u64,
        value,
        deviation,
        interval: Interval::around(value, t * deviation / n.sqrt(), confidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// t for 4 and 9 degrees of freedom is 2.776445 and 2.262157 in every table.
    #[test]
    fn the_interval_uses_the_t_of_the_tables() {
        let five = mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        assert_eq!((five.count, five.value), (5, 3.0));
        assert!((five.deviation - 1.581_139).abs() < 1e-6);
        assert!((five.interval.margin() - 2.776_445 * 0.5_f64.sqrt()).abs() < 1e-5);
        let ten: Vec<f64> = (0..10).map(f64::from).collect();
        let ten = mean(&ten, 0.95).unwrap();
        assert!((ten.interval.margin() / (ten.deviation / 10_f64.sqrt()) - 2.262_157).abs() < 1e-5);
    }

    #[test]
    fn with_many_values_it_is_the_normal_interval() {
        let many: Vec<f64> = (0..100_000).map(|index| f64::from(index % 2)).collect();
        let many = mean(&many, 0.95).unwrap();
        assert!((many.interval.margin() - 1.959_964 * 0.5 / 100_000_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn too_few_values_and_no_numbers_have_no_mean() {
        assert_eq!(mean(&[], 0.95), None);
        assert_eq!(mean(&[1.0], 0.95), None);
        assert_eq!(mean(&[1.0, f64::NAN], 0.95), None);
        assert_eq!(mean(&[1.0, 2.0], 95.0), None);
    }
}
