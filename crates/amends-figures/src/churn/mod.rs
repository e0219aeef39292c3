//! Which share of customers is lost in a year, beside what is often claimed.
//!
//! Churn is that of a closed cohort: of those who were customers when the period was about to begin, the share lost in it.
//! Those who joined and left within it are a line of their own. A year is 1 - (1 - c)^n of its periods, never n times c.
//!
//! Natural, avoidable and other losses compete for the same people: a year's churn is split among them as the period's is, so that the parts
//! are parts of the whole ([`amends_stats::churn::annual_part`]).

use amends_model::{Evidence, Figure, Interval};
use amends_project::definition::Nature;
use amends_stats::churn::{annual, annual_part};
use amends_stats::wilson;

use crate::Frame;
use crate::customer_math::{Book, CustomerMath, Line};

/// Where the range often claimed comes from.
const CLAIM: &str = "a rule of thumb that is often repeated in talks and books on customers: 5 to 12 % of customers lost in a year in all, \
     about 3 % for natural reasons; no data stands behind it here";

const CONFIDENCE: f64 = 0.95;
/// Two intervals that each hold so often hold both as often as [`CONFIDENCE`] says (Bonferroni).
const EACH_OF_TWO: f64 = 1.0 - (1.0 - CONFIDENCE) / 2.0;

/// Whose doing a loss was, and how the ids of its figures end.
const PARTS: [(Nature, &str); 4] = [
    (Nature::Natural, "natural"),
    (Nature::Avoidable, "avoidable"),
    (Nature::Company, "company"),
    (Nature::Unknown, "unknown"),
];

/// The nature of which `churn.period.NATURE` tells.
pub fn nature_of_id(id: &str) -> Option<Nature> {
    let last = id.strip_prefix("churn.period.")?;
    let mut parts = PARTS.into_iter();
    parts.find_map(|(nature, name)| (name == last).then_some(nature))
}

/// Why no part of churn is told by its nature.
const NO_REASON_KNOWN: &str = "of nobody who left is the reason known";

/// The figures `churn.period` and `churn.year`, each followed by its parts by nature (`churn.year.natural`), and the assumed
/// `churn.claimed.low`, `churn.claimed.high`, `churn.claimed.natural`.
///
/// A year's churn told from a shorter period is an estimate and has an interval: Wilson's, of the period's share, carried over to the year.
pub fn figures(math: &CustomerMath, book: &Book, frame: &Frame) -> Vec<Figure> {
    let untold = untold(math, frame);
    let opening = math.counts.opening;
    let lost: Vec<Nature> = book
        .lost_of_opening(frame.from, frame.until)
        .filter_map(|one| one.leaving.map(|leaving| leaving.nature))
        .collect();
    let all = lost.len() as u64;
    let of_period = |id: &str, lost: u64, evidence| match &untold {
        Some(reason) => frame.refused(id, reason, evidence),
        None => frame.value(id, lost as f64 / opening as f64, opening, evidence),
    };
    let of_year = |id: &str, part: Option<u64>, evidence| match &untold {
        Some(reason) => frame.refused(id, reason, evidence),
        None => year(id, part, all, opening, frame, evidence),
    };
    let mut figures = vec![of_period("churn.period", all, Evidence::Measured)];
    let stated = Evidence::StatedByCustomers;
    let part = |nature| lost.iter().filter(|one| **one == nature).count() as u64;
    // Where no reason means anything, nothing is natural because nothing is known.
    let none_known = !lost.is_empty() && part(Nature::Unknown) == lost.len() as u64;
    let unknown = |nature| none_known && nature != Nature::Unknown;
    for (nature, name) in PARTS {
        if unknown(nature) {
            let id = format!("churn.period.{name}");
            figures.push(frame.refused(id, NO_REASON_KNOWN, stated));
            continue;
        }
        figures.push(of_period(
            &format!("churn.period.{name}"),
            part(nature),
            stated,
        ));
    }
    let whole = of_year("churn.year", None, Evidence::Measured);
    let says = format!("1 - (1 - churn.period)^{}", periods_a_year(frame));
    figures.push(Frame::computed(whole, &says, &["churn.period"]));
    for (nature, name) in PARTS {
        let of_period = format!("churn.period.{name}");
        if unknown(nature) {
            let id = format!("churn.year.{name}");
            figures.push(frame.refused(id, NO_REASON_KNOWN, stated));
            continue;
        }
        let figure = of_year(&format!("churn.year.{name}"), Some(part(nature)), stated);
        let says = format!(
            "churn.year x {of_period} / churn.period: its cumulative incidence beside the other causes, all at constant hazards"
        );
        let over = ["churn.year", &of_period, "churn.period"];
        figures.push(Frame::computed(figure, &says, &over));
    }
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

fn periods_a_year(frame: &Frame) -> u32 {
    12 / u32::from(frame.period.months().unsigned_abs().max(1))
}

/// A year in which every period loses as many of `opening` as `lost`: all of them, or the part of them that one cause has.
fn year(
    id: &str,
    part: Option<u64>,
    lost: u64,
    opening: u64,
    frame: &Frame,
    evidence: Evidence,
) -> Figure {
    let periods = periods_a_year(frame);
    let share = |count, of| {
        let confidence = part.map_or(CONFIDENCE, |_| EACH_OF_TWO);
        wilson::share(count, of, confidence)
    };
    let Some(whole) = share(lost, opening) else {
        return frame.refused(id, "more were lost than were there", evidence);
    };
    // Of nobody any part may be had.
    let (value, low, high) = match part.map(|part| share(part, lost)) {
        None => (1.0, 1.0, 1.0),
        Some(Some(part)) => (part.value, part.interval.low, part.interval.high),
        Some(None) => (0.0, 0.0, 1.0),
    };
    let of_year = |churn: f64, part: f64| {
        let churn = churn.clamp(0.0, 1.0);
        match part >= 1.0 {
            true => annual(churn, periods),
            false => annual_part(churn, churn * part, periods),
        }
        .unwrap_or(churn)
    };
    if periods == 1 {
        return frame.value(id, of_year(whole.value, value), opening, evidence);
    }
    let interval = Interval {
        low: of_year(whole.interval.low, low),
        high: of_year(whole.interval.high, high),
        confidence: CONFIDENCE,
    };
    Figure {
        evidence,
        ..frame.estimate(id, of_year(whole.value, value), opening, interval)
    }
}
