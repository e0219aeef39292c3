//! Which share of customers is lost in a year, beside what is often claimed.
//!
//! Churn is that of a closed cohort: of those who were customers when the period was about to begin, the share lost in it.
//! Those who joined and left within it are a line of their own. A year is 1 - (1 - c)^n of its periods, never n times c.

use amends_model::{Evidence, Figure, Interval};
use amends_stats::churn::annual;
use amends_stats::wilson;

use crate::Frame;
use crate::customer_math::{Book, CustomerMath, Line};

/// Where the range often claimed comes from.
const CLAIM: &str = "a rule of thumb that is often repeated in talks and books on customers: 5 to 12 % of customers lost in a year in all, \
     about 3 % for natural reasons; no data stands behind it here";

const CONFIDENCE: f64 = 0.95;

/// The figures `churn.period`, `churn.year`, `churn.year.natural`, and the assumed `churn.claimed.low`, `churn.claimed.high`, `churn.claimed.natural`.
///
/// A year's churn told from a shorter period is an estimate and has an interval: Wilson's, of the period's share, carried over to the year.
pub fn figures(math: &CustomerMath, book: &Book, frame: &Frame) -> Vec<Figure> {
    let (lost, natural) = book.lost_of_opening(frame.from, frame.until);
    let mut figures = match untold(math, frame) {
        Some(reason) => ["churn.period", "churn.year", "churn.year.natural"]
            .map(|id| frame.refused(id, &reason, Evidence::Measured))
            .to_vec(),
        None => {
            let opening = math.counts.opening;
            vec![
                frame.value(
                    "churn.period",
                    lost as f64 / opening as f64,
                    opening,
                    Evidence::Measured,
                ),
                year("churn.year", lost, opening, frame),
                year("churn.year.natural", natural, opening, frame),
            ]
        }
    };
    figures.extend([
        frame.assumed("churn.claimed.low", 0.05, CLAIM),
        frame.assumed("churn.claimed.high", 0.12, CLAIM),
        frame.assumed("churn.claimed.natural", 0.03, CLAIM),
    ]);
    figures
}

/// Why churn cannot be told.
fn untold(math: &CustomerMath, frame: &Frame) -> Option<String> {
    if let Some(refusal) = &math.refusal
        && let Some(reason) = refusal.of(Line::Lost)
    {
        return Some(reason.to_owned());
    }
    if frame.is_so_far() {
        let over = frame.until <= frame.as_of;
        let why = if over { "fully reported" } else { "over" };
        return Some(format!("the period is not {why} yet"));
    }
    (math.counts.opening == 0)
        .then(|| "nobody was a customer when the period began, so there is no share to take".into())
}

fn year(id: &str, lost: u64, opening: u64, frame: &Frame) -> Figure {
    let periods = 12 / u32::from(frame.period.months().unsigned_abs().max(1));
    let share = wilson::share(lost, opening, CONFIDENCE);
    let Some(share) = share else {
        return frame.refused(id, "more were lost than were there", Evidence::Measured);
    };
    let of_year = |share: f64| annual(share.clamp(0.0, 1.0), periods).unwrap_or(share);
    if periods == 1 {
        return frame.value(id, share.value, opening, Evidence::Measured);
    }
    let interval = Interval {
        low: of_year(share.interval.low),
        high: of_year(share.interval.high),
        confidence: CONFIDENCE,
    };
    frame.estimate(id, of_year(share.value), opening, interval)
}
