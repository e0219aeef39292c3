//! What each further promise gains and costs: the share of complainers named first against precision.
//!
//! The order is chosen on what was opened before a split, and reported on what was opened from it on: an order chosen and reported on the same
//! complaints would flatter itself.

use std::collections::{HashMap, HashSet};

use amends_model::{Problem, Result, time};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::Window;
use super::heard::Heard;
use super::named::Named;
use super::score::{Scored, named_before};

/// The least share of complainers that lies before a split that nobody chose.
const EARLIER: f64 = 0.6;

/// Promises in the order in which they name complainers best, each with those before it.
#[derive(Clone, Debug)]
pub struct Frontier {
    /// The first moment of what is reported, in microseconds of UTC.
    pub split: i64,
    /// One promise more in each.
    pub steps: Vec<Step>,
}

/// A promise and all before it, together.
#[derive(Clone, Debug)]
pub struct Step {
    /// The promise that is added.
    pub promise: String,
    /// What was opened before the split, on which the order was chosen.
    pub earlier: Scored,
    /// What was opened from the split on.
    pub later: Scored,
}

impl Frontier {
    /// Orders the promises: next is always the one of whose further named the largest share complained; of equals the one with more hits, then by name.
    /// Without a split it lies at the first month before which at least three in five complainers were opened.
    ///
    /// # Errors
    /// `AM0007` when nothing was opened, or nobody complained, before the split that was chosen, or from it on.
    pub(super) fn of(
        heard: &Heard,
        window: &Window,
        split: Option<i64>,
        all: &[Named],
        zone: &TimeZone,
    ) -> Result<Option<Self>> {
        let found = match split {
            Some(split) => Some(split),
            None => usual(heard, window, zone),
        };
        let Some(at) = found else { return Ok(None) };
        let earlier = heard.looked_at(&window.before(at));
        let later = heard.looked_at(&window.onwards(at));
        let steps: Vec<Step> = {
            let order = order(heard, &earlier, all);
            let steps = (1..=order.len()).map(|count| Step {
                promise: order[count - 1].promise.clone(),
                earlier: Scored::of(heard, &earlier, &order[..count]),
                later: Scored::of(heard, &later, &order[..count]),
            });
            steps.collect()
        };
        let is_told = |step: &Step| step.earlier.complained > 0 && step.later.complained > 0;
        match steps.first() {
            Some(first) if is_told(first) => Ok(Some(Self { split: at, steps })),
            Some(_) if split.is_some() => Err(Problem::new(
                "AM0007",
                "nobody complained on one side of this split",
            )
            .hint("choose a --split with complaints of what was opened before and after it")),
            _ => Ok(None),
        }
    }
}

/// The promises in greedy order.
fn order<'a>(heard: &Heard, looked_at: &[bool], all: &'a [Named]) -> Vec<&'a Named> {
    // Whom each names on the earlier side, and whether they complained.
    let sets: HashMap<&str, Vec<(usize, bool)>> = all
        .iter()
        .map(|named| {
            let units = named.known.iter().filter_map(|(unit, at)| {
                let known = heard.known(*unit);
                let is_named = looked_at[*unit] && named_before(Some(*at), known.said_at).is_some();
                is_named.then_some((*unit, known.complained))
            });
            (named.promise.as_str(), units.collect())
        })
        .collect();
    let mut named: HashSet<usize> = HashSet::new();
    let mut left: Vec<&Named> = all.iter().collect();
    let mut order = Vec::with_capacity(all.len());
    while !left.is_empty() {
        let gain = |one: &Named| -> (f64, u64) {
            let further = sets[one.promise.as_str()].iter();
            let further = further.filter(|(unit, _)| !named.contains(unit));
            let (mut of, mut hit) = (0_u64, 0_u64);
            for (_, complained) in further {
                of += 1;
                hit += u64::from(*complained);
            }
            // Who names nobody more comes last.
            (
                if of == 0 {
                    -1.0
                } else {
                    hit as f64 / of as f64
                },
                hit,
            )
        };
        let gains: Vec<(f64, u64)> = left.iter().map(|one| gain(one)).collect();
        let mut best = 0;
        for place in 1..left.len() {
            let (one, other) = (gains[place], gains[best]);
            if one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_gt() {
                best = place;
            }
        }
        let next = left.remove(best);
        named.extend(sets[next.promise.as_str()].iter().map(|(unit, _)| *unit));
        order.push(next);
    }
    order
}

/// The first month before which at least three in five of the complainers were opened.
fn usual(heard: &Heard, window: &Window, zone: &TimeZone) -> Option<i64> {
    let looked_at = heard.looked_at(window);
    let numbers = looked_at.iter().enumerate().filter(|(_, there)| **there);
    let known = numbers.map(|(number, _)| heard.known(number));
    let opened = known.filter(|known| known.complained);
    let mut opened: Vec<i64> = opened
        .filter_map(|known| known.opened_at.or(known.said_at))
        .collect();
    opened.sort_unstable();
    let least = (opened.len() as f64 * EARLIER).ceil() as usize;
    let last = *opened.get(least.checked_sub(1)?)?;
    let day = Timestamp::from_microsecond(last).ok()?;
    let day = day.to_zoned(zone.clone()).date().first_of_month();
    let next = day.checked_add(1.month()).ok()?;
    let split = time::micros(time::start_of_day(next, zone).ok()?);
    // All may lie in one month.
    opened.last().filter(|last| **last >= split).map(|_| split)
}
