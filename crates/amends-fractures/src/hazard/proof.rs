//! Whether a model tells the truth: learnt from what came due early, and held against what came due later.

use amends_model::Result;
use amends_stats::logistic::{Calibration, brier, calibration};

use super::features::{Coded, Features};
use super::is_open_at;
use super::model::{Model, TENTHS, tenths};
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
    /// How chances that were learnt from the first three quarters agree with what became of the last. `None` where there is too little for it.
    pub calibration: Option<Calibration>,
    /// The mean square error of these chances.
    pub brier: Option<f64>,
    /// That of the plain share of those that were open as long, on the same instances.
    pub brier_of_record: Option<f64>,
    /// Whether attributes and fractures are learnt from. If not, chances are plain shares: there is too little to learn from, or they tell more.
    pub is_learnt: bool,
    /// What holds features back.
    pub(super) holdback: Option<f64>,
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
    let Some(holdback) = holdback(past, first, then, &places(first)) else {
        return Ok(proof);
    };
    let Some(learnt) = Learnt::new(past, early, &places(early), holdback) else {
        return Ok(proof);
    };
    let record = record(past, early);
    let by_record = |_, tenth: u32| record[tenth as usize];
    let by_model = |row, tenth| learnt.log_odds(row, tenth);
    // One tenth of each, so that what is held against is as many instances as it looks; errors are means, and told best of all tenths.
    proof.calibration = calibration(&told(past, late, 1, by_model), CONFIDENCE);
    proof.brier = error(&told(past, late, TENTHS, by_model));
    proof.brier_of_record = error(&told(past, late, TENTHS, by_record));
    let errors = proof.brier.zip(proof.brier_of_record);
    let is_better = errors.is_some_and(|(brier, of_record)| brier < of_record);
    proof.is_learnt = is_better && proof.calibration.is_some();
    proof.holdback = proof.is_learnt.then_some(holdback);
    Ok(proof)
}

/// How much features are held back: what does best on what came due then, learnt from what came due first.
fn holdback(past: &Exposed, first: &[u32], then: &[u32], places: &[Where]) -> Option<f64> {
    let tried = HOLDBACKS.into_iter().filter_map(|holdback| {
        let learnt = Learnt::new(past, first, places, holdback)?;
        let told = told(past, then, TENTHS, |row, tenth| learnt.log_odds(row, tenth));
        Some((error(&told)?, holdback))
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

/// What is told of rows at so many tenths each, where they were open then, and what became of them.
fn told(
    past: &Exposed,
    rows: &[u32],
    each: u32,
    log_odds: impl Fn(u32, u32) -> f64,
) -> Vec<(f64, bool)> {
    let mut all = Vec::new();
    for row in rows {
        let instance = &past.rows[*row as usize];
        let open = tenths(instance, each).filter(|tenth| is_open_at(instance, *tenth));
        all.extend(open.map(|tenth| (log_odds(*row, tenth), instance.is_let_down)));
    }
    all
}

/// The mean square error of what was told.
fn error(told: &[(f64, bool)]) -> Option<f64> {
    let chances = told.iter();
    brier(chances.map(|(odds, came)| (amends_stats::logistic::chance(*odds), *came)))
}

/// The log-odds of the plain share at each tenth, of one more of each kind so that no share is 0 or 1.
fn record(past: &Exposed, rows: &[u32]) -> Vec<f64> {
    let of = |tenth: u32| {
        let open = rows.iter().map(|row| &past.rows[*row as usize]);
        let open = open.filter(|one| is_open_at(one, tenth));
        let (mut kept, mut let_down) = (1.0, 1.0);
        open.for_each(|one| match one.is_let_down {
            true => let_down += 1.0,
            false => kept += 1.0,
        });
        f64::ln(let_down / kept)
    };
    (0..TENTHS).map(of).collect()
}
