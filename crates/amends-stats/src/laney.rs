//! Laney's p' chart: shares of large and changing volumes, period by period.

use crate::xmr;

/// The chart over all periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The share over all periods together.
    pub mean: f64,
    /// How much more the shares vary than counting alone explains; 1 where it explains all.
    pub sigma_z: f64,
    /// Each period, in the order given.
    pub points: Vec<Point>,
}

/// One period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// How many had it.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The one over the other.
    pub value: f64,
    /// Below this it is out of the normal; not below 0.
    pub lower: f64,
    /// Above this it is out of the normal; not above 1.
    pub upper: f64,
}

impl Point {
    /// Whether the share lies outside of its limits.
    pub fn signals(&self) -> bool {
        self.value < self.lower || self.value > self.upper
    }
}

/// For the mean of steps between two values, how many standard deviations it is.
pub(crate) const D2: f64 = 1.128;

/// The p' chart of D. B. Laney, "Improved Control Charts for Attributes", Quality Engineering 14 (2002): z = (p - mean) / sigma,
/// sigma_z = mean moving range of z / 1.128, limits mean -+ 3 sigma sigma_z. With large volumes a plain p chart signals
/// nearly always; this one takes the variation from period to period into account.
///
/// Each period is (how many had it, of how many). `None` for fewer than two periods, a period of nobody, more than all, or
/// where nobody or everybody had it in every period, so that there is nothing to chart.
pub fn chart(periods: &[(u64, u64)]) -> Option<Chart> {
    if periods.len() < 2 || periods.iter().any(|(count, of)| *of == 0 || count > of) {
        return None;
    }
    let counted: f64 = periods.iter().map(|(count, _)| *count as f64).sum();
    let asked: f64 = periods.iter().map(|(_, of)| *of as f64).sum();
    let mean = counted / asked;
    if mean <= 0.0 || mean >= 1.0 {
        return None;
    }
    let sigma = |of: u64| (mean * (1.0 - mean) / of as f64).sqrt();
    let z: Vec<f64> = periods
        .iter()
        .map(|(count, of)| (*count as f64 / *of as f64 - mean) / sigma(*of))
        .collect();
    let sigma_z = xmr::Limits::of_baseline(&z)?.mean_range / D2;
    let point = |(count, of): &(u64, u64)| Point {
        count: *count,
        of: *of,
        value: *count as f64 / *of as f64,
        lower: (mean - 3.0 * sigma(*of) * sigma_z).max(0.0),
        upper: (mean + 3.0 * sigma(*of) * sigma_z).min(1.0),
    };
    Some(Chart {
        mean,
        sigma_z,
        points: periods.iter().map(point).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: [u64; 12] = [
        9500, 10200, 9800, 10100, 9900, 10400, 9700, 10050, 9950, 10300, 9600, 10150,
    ];
    const COUNTS: [u64; 12] = [
        1190, 1330, 1105, 1260, 1395, 1180, 1090, 1345, 1210, 1385, 1120, 1265,
    ];

    #[test]
    fn twelve_periods_of_ten_thousand() {
        let periods: Vec<_> = COUNTS.into_iter().zip(OF).collect();
        let chart = chart(&periods).unwrap();
        assert!((chart.mean - 0.124_321).abs() < 5e-7, "{chart:?}");
        assert!((chart.sigma_z - 3.692_62).abs() < 5e-6, "{chart:?}");
        let first = chart.points[0];
        assert!((first.lower - 0.086_82).abs() < 5e-6, "{first:?}");
        assert!((first.upper - 0.161_82).abs() < 5e-6, "{first:?}");
        assert!(chart.points.iter().all(|point| !point.signals()));
        // The plain p chart of the same period, .11417 to .13448, would have signalled.
        let plain = 3.0 * (chart.mean * (1.0 - chart.mean) / 9500.0).sqrt();
        assert!(
            (chart.mean - plain - 0.114_17).abs() < 5e-6
                && (chart.mean + plain - 0.134_48).abs() < 5e-6
        );
    }

    #[test]
    fn a_period_far_out_signals() {
        let mut periods = vec![(100, 1000); 20];
        for (index, period) in periods.iter_mut().enumerate() {
            period.0 += (index % 3) as u64;
        }
        periods.push((300, 1000));
        let chart = chart(&periods).unwrap();
        assert!(chart.points[20].signals());
        assert!(!chart.points[0].signals());
    }

    #[test]
    fn nothing_to_chart_is_no_chart() {
        assert_eq!(chart(&[(1, 10)]), None);
        assert_eq!(chart(&[(1, 10), (0, 0)]), None);
        assert_eq!(chart(&[(11, 10), (1, 10)]), None);
        assert_eq!(chart(&[(0, 10), (0, 10)]), None);
    }
}
