//! Whether a model tells the truth: learnt from what came due early, and held against what came due later.

use amends_model::Result;
use amends_stats::logistic::{Calibration, brier, calibration, chance};

use super::features::{Coded, Features};
use super::model::{Model, TENTHS, tenths};
use super::record::{Record, inside};
use super::{is_open_at, moment};
use crate::discover;
use crate::exposed::Exposed;
use crate::whereabouts::Where;

/// Fewer let-downs, or fewer kept, teach and prove nothing.
const LEAST: usize = 20;

/// What holds features back, from little to much; which does best on what came due last among what is learnt from.
const HOLDBACKS: [f64; 4] = [0.5, 2.0, 8.0, 32.0];

/// How sure the interval of a calibration slope is.
const CONFIDENCE: f64 = 0.95;

/// How the chances of a promise are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// How many instances came due.
    pub came_due: u64,
    /// How many of them were let-downs.
    pub let_downs: u64,
    /// By what chances are told.
    pub known: Known,
    /// How what is told, learnt from the first three quarters, did on the last. `None` where there is too little for it.
    pub held: Option<Held>,
    /// The mean square error of the shares, on the same instances.
    pub brier_of_share: Option<f64>,
    /// What holds features back, where chances are learnt.
    pub(super) holdback: Option<f64>,
}

/// By what chances are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// By the share of those that were open as long: there is too little to learn from, or to hold against.
    #[default]
    TooFew,
    /// By that share, which was nearer to what came than what was learnt.
    NoBetter,
    /// Learnt from attributes and fractures.
    Learnt,
}

/// What was told beside what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// How many instances that were still open were told a chance, each at one tenth of its time.
    pub cases: u64,
    /// How many of them were let down.
    pub came: u64,
    /// How many were to be expected.
    pub expected: f64,
    /// The mean square error, at all tenths.
    pub brier: f64,
    /// Slope of calibration. `None` where it cannot be told, as where outcomes follow from what is told without exception.
    pub calibration: Option<Calibration>,
}

/// Learns, and holds it against what came later.
///
/// # Errors
/// As [`discover::discover_in`].
pub(super) fn prove(past: &Exposed) -> Result<Proof> {
    let mut rows: Vec<u32> = (0..past.rows.len() as u32).collect();
    rows.sort_by_key(|row| {
        let one = &past.rows[*row as usize];
        (one.due_at, one.opened_at, one.customer)
    });
    let mut proof = Proof {
        came_due: rows.len() as u64,
        let_downs: let_downs(past, &rows) as u64,
        ..Proof::default()
    };
    let (early, late) = parted(past, &rows);
    let (first, then) = parted(past, early);
    if [first, then, late]
        .iter()
        .any(|rows| is_too_little(past, rows))
    {
        return Ok(proof);
    }
    let table = past.table()?;
    // Whoever learns knows no place that was found later.
    let places = |rows: &[u32]| -> Vec<Where> {
        let found = discover::discover_in(past, &table.of_rows(rows)).found;
        found.into_iter().map(|found| found.place).collect()
    };
    let of_early = places(early);
    let record = Record::of(past, early, &of_early);
    let inside = inside(past, &of_early);
    let by_share = |row: u32, tenth: u32| {
        let place = record.worst(&inside[row as usize], tenth);
        let share = record.share(place, tenth);
        (share / (1.0 - share)).ln()
    };
    let late = Judged::new(past, early, late);
    proof.held = late.held(&by_share);
    proof.brier_of_share = proof.held.map(|held| held.brier);
    proof.known = Known::NoBetter;
    let holdback = holdback(past, first, then, &places(first));
    let learnt = holdback.and_then(|holdback| Learnt::new(past, early, &of_early, holdback));
    let by_model = learnt.map(|learnt| late.held(&|row, tenth| learnt.log_odds(row, tenth)));
    let better = by_model
        .flatten()
        .filter(|held| Some(held.brier) < proof.brier_of_share);
    if better.is_some() {
        proof.held = better;
        proof.known = Known::Learnt;
        proof.holdback = holdback;
    }
    Ok(proof)
}

/// Rows on which what is told is judged.
struct Judged<'a> {
    past: &'a Exposed,
    rows: &'a [u32],
    /// When the last of those came due that taught: before that nothing is judged, since whoever tells has not learnt by then.
    since: i64,
}

impl<'a> Judged<'a> {
    fn new(past: &'a Exposed, taught: &[u32], rows: &'a [u32]) -> Self {
        let due = taught.iter().map(|row| past.rows[*row as usize].due_at);
        Self {
            past,
            rows,
            since: due.max().unwrap_or(i64::MIN),
        }
    }

    /// What is told at so many tenths of each, where it was open then, and what became of it.
    fn told(&self, each: u32, log_odds: &dyn Fn(u32, u32) -> f64) -> Vec<(f64, bool)> {
        let mut all = Vec::new();
        for row in self.rows {
            let instance = &self.past.rows[*row as usize];
            let is_asked = |tenth: &u32| {
                is_open_at(instance, *tenth) && moment(instance, *tenth) >= i128::from(self.since)
            };
            let asked = tenths(instance, each).filter(is_asked);
            all.extend(asked.map(|tenth| (log_odds(*row, tenth), instance.is_let_down)));
        }
        all
    }

    /// The mean square error at all tenths.
    fn error(&self, log_odds: &dyn Fn(u32, u32) -> f64) -> Option<f64> {
        let told = self.told(TENTHS, log_odds).into_iter();
        brier(told.map(|(odds, came)| (chance(odds), came)))
    }

    /// How that does. Counted at one tenth of each, so that these are as many instances as it looks.
    fn held(&self, log_odds: &dyn Fn(u32, u32) -> f64) -> Option<Held> {
        let told = self.told(1, log_odds);
        Some(Held {
            cases: told.len() as u64,
            came: told.iter().filter(|(_, came)| *came).count() as u64,
            expected: told.iter().map(|(odds, _)| chance(*odds)).sum(),
            brier: self.error(log_odds)?,
            calibration: calibration(&told, CONFIDENCE),
        })
    }
}

/// How much features are held back: what does best on what came due then, learnt from what came due first.
fn holdback(past: &Exposed, first: &[u32], then: &[u32], places: &[Where]) -> Option<f64> {
    let then = Judged::new(past, first, then);
    let tried = HOLDBACKS.into_iter().filter_map(|holdback| {
        let learnt = Learnt::new(past, first, places, holdback)?;
        let error = then.error(&|row, tenth| learnt.log_odds(row, tenth))?;
        Some((error, holdback))
    });
    let best = tried.min_by(|(one, _), (other, _)| one.total_cmp(other));
    best.map(|(_, holdback)| holdback)
}

/// A model, and the features of all rows.
struct Learnt {
    model: Model,
    coded: Coded,
}

impl Learnt {
    fn new(past: &Exposed, rows: &[u32], places: &[Where], holdback: f64) -> Option<Self> {
        let features = Features::learn(past, rows, places);
        let coded = features.coded(past);
        let model = Model::learn(past, rows, features, &coded, holdback)?;
        Some(Self { model, coded })
    }

    fn log_odds(&self, row: u32, tenth: u32) -> f64 {
        self.model.log_odds(self.coded.of_row(row), tenth)
    }
}

/// Rows in order of when they were due: the first three quarters, and those that came due later than any of these.
fn parted<'a>(past: &Exposed, rows: &'a [u32]) -> (&'a [u32], &'a [u32]) {
    let Some(last) = rows.get(rows.len() * 3 / 4) else {
        return (rows, &[]);
    };
    let due = past.rows[*last as usize].due_at;
    rows.split_at(rows.partition_point(|row| past.rows[*row as usize].due_at < due))
}

fn let_downs(past: &Exposed, rows: &[u32]) -> usize {
    rows.iter()
        .filter(|row| past.rows[**row as usize].is_let_down)
        .count()
}

fn is_too_little(past: &Exposed, rows: &[u32]) -> bool {
    let let_downs = let_downs(past, rows);
    let_downs < LEAST || rows.len() - let_downs < LEAST
}
