//! The net promoter score, with its interval.

use crate::interval::{Interval, normal_quantile};

/// A net promoter score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// How many answered 9 or 10.
    pub promoters: u64,
    /// How many answered 7 or 8.
    pub passives: u64,
    /// How many answered 0 to 6.
    pub detractors: u64,
    /// Promoters less detractors, in points of a hundred: -100 to 100.
    pub value: f64,
    /// In which range it may lie, in the same points; not beyond -100 and 100.
    pub interval: Interval,
}

/// How the interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The textbook's: right for large counts.
    Plain,
    /// Three answers are added, three quarters of one at each end: right for small counts too. It moves the score towards 0.
    AdjustedWald,
}

/// The score and its interval by B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70 (2016):
/// standard error sqrt((p + d - (p - d)^2) / n).
///
/// The score says what people intend, of those who answered; it is not what they then do. `None` when nobody answered
/// or the confidence is not between 0 and 1.
pub fn score(
    promoters: u64,
    passives: u64,
    detractors: u64,
    method: Method,
    confidence: f64,
) -> Option<Score> {
    let z = normal_quantile(confidence)?;
    if promoters == 0 && passives == 0 && detractors == 0 {
        return None;
    }
    let (all, ends) = match method {
        Method::Plain => (0.0, 0.0),
        Method::AdjustedWald => (3.0, 0.75),
    };
    let n = promoters as f64 + passives as f64 + detractors as f64 + all;
    let up = (promoters as f64 + ends) / n;
    let down = (detractors as f64 + ends) / n;
    let net = up - down;
    let error = ((up + down - net * net).max(0.0) / n).sqrt();
    let whole = Interval::around(100.0 * net, 100.0 * z * error, confidence);
    Some(Score {
        promoters,
        passives,
        detractors,
        value: 100.0 * net,
        interval: Interval {
            low: whole.low.max(-100.0),
            high: whole.high.min(100.0),
            confidence,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_thirty_twenty() {
        let plain = score(50, 30, 20, Method::Plain, 0.95).unwrap();
        assert!((plain.value - 30.0).abs() < 1e-9);
        assert!((plain.interval.margin() - 15.3).abs() < 0.05, "{plain:?}");
        let adjusted = score(50, 30, 20, Method::AdjustedWald, 0.95).unwrap();
        assert!((adjusted.value - 29.1).abs() < 0.05, "{adjusted:?}");
        assert!(
            (adjusted.interval.margin() - 15.1).abs() < 0.05,
            "{adjusted:?}"
        );
    }

    #[test]
    fn three_happy_answers_are_not_certainty() {
        let plain = score(3, 0, 0, Method::Plain, 0.95).unwrap();
        assert_eq!((plain.interval.low, plain.interval.high), (100.0, 100.0));
        let adjusted = score(3, 0, 0, Method::AdjustedWald, 0.95).unwrap();
        assert!(
            adjusted.interval.low < 20.0 && adjusted.interval.high == 100.0,
            "{adjusted:?}"
        );
        assert_eq!(score(0, 0, 0, Method::Plain, 0.95), None);
    }
}
