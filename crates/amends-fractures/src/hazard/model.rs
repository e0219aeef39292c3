//! The chance of a let-down by how much of its time has passed, and by features.

use amends_stats::logistic::{Case, Logistic, chance};
use xxhash_rust::xxh3::xxh3_64;

use super::features::{Coded, Features};
use super::is_open_at;
use crate::exposed::{Exposed, Row};

/// In so many parts the time of an instance is cut.
pub(super) const TENTHS: u32 = 10;

/// About so many cases are learnt from; of more instances those that came due last, of fewer several tenths each.
const CASES: usize = 40_000;

/// What holds back the difference between one tenth and the first: next to nothing.
const OF_TENTHS: f64 = 0.01;

/// What holds back a place: little, for chance was kept out when it was found.
const OF_PLACES: f64 = 0.2;

/// A model that was learnt.
pub(super) struct Model {
    pub(super) features: Features,
    logistic: Logistic,
}

impl Model {
    /// Learns from some of the rows; `holdback` is the penalty of every feature. `None` where nothing can be learnt.
    pub(super) fn learn(
        exposed: &Exposed,
        rows: &[u32],
        features: Features,
        coded: &Coded,
        holdback: f64,
    ) -> Option<Self> {
        let mut rows = rows.to_vec();
        if rows.len() > CASES {
            let due = |row: &u32| std::cmp::Reverse(exposed.rows[*row as usize].due_at);
            rows.select_nth_unstable_by_key(CASES, due);
            rows.truncate(CASES);
        }
        let each = (CASES / rows.len().max(1)).clamp(1, TENTHS as usize) as u32;
        let mut cases = Vec::new();
        for row in rows {
            let instance = &exposed.rows[row as usize];
            for tenth in tenths(instance, each).filter(|tenth| is_open_at(instance, *tenth)) {
                cases.push(Case {
                    features: with_tenth(coded.of_row(row), tenth, features.count()),
                    weight: 1.0 / f64::from(each),
                    outcome: instance.is_let_down,
                });
            }
        }
        let mut penalties = vec![OF_PLACES; features.places()];
        penalties.resize(features.count(), holdback);
        penalties.extend([OF_TENTHS; TENTHS as usize - 1]);
        let logistic = Logistic::fit(&cases, &penalties)?;
        Some(Self { features, logistic })
    }

    /// The log-odds of a let-down with these features, when so many tenths have passed.
    pub(super) fn log_odds(&self, features: &[u32], tenth: u32) -> f64 {
        let features = with_tenth(features, tenth, self.features.count());
        self.logistic.log_odds(&features)
    }

    /// The chance of one.
    pub(super) fn chance(&self, features: &[u32], tenth: u32) -> f64 {
        chance(self.log_odds(features, tenth))
    }
}

/// The tenths of an instance at which it is looked at, as if drawn by lot: by what it is and not by how it ended, and evenly spread.
pub(super) fn tenths(row: &Row, each: u32) -> impl Iterator<Item = u32> {
    let mut bytes = Vec::with_capacity(16);
    bytes.extend(row.opened_at.to_le_bytes());
    bytes.extend(row.due_at.to_le_bytes());
    // The remainder is one of ten.
    let first = (xxh3_64(&bytes) % u64::from(TENTHS)) as u32;
    (0..each).map(move |number| (first + number * TENTHS / each) % TENTHS)
}

/// Features with that of a tenth, which stand behind the others; the first tenth has none.
fn with_tenth(features: &[u32], tenth: u32, count: usize) -> Vec<u32> {
    let mut all = features.to_vec();
    // There are fewer features than a number can tell.
    all.extend(tenth.checked_sub(1).map(|place| count as u32 + place));
    all
}
