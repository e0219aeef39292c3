//! Whether a model tells the truth: learnt from what came due early, and held against what came due later.

use amends_model::Result;
use amends_stats::logistic::{Calibration, brier, calibration};

use super::features::Features;
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
    /// The mean square error of the plain share of those that were open as long, on the same instances.
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
    let learn = |rows: &[u32], places: &[Where], holdback| {
        let features = Features::learn(past, rows, places);
        let coded = features.coded(past);
        let model = Model::learn(past, rows, features, &coded, holdback)?;
        Some((model, coded))
    };
    let of_first = places(first);
    let mut best: Option<(f64, f64)> = None;
    for holdback in HOLDBACKS {
        let Some((model, coded)) = learn(first, &of_first, holdback) else {
            continue;
        };
        let told = told(past, then, |row, tenth| {
            model.log_odds(coded.of_row(row), tenth)
        });
        let Some(error) = brier(chances(&told)) else {
            continue;
        };
        if best.is_none_or(|(least, _)| error < least) {
            best = Some((error, holdback));
        }
    }
    let Some((_, holdback)) = best else {
        return Ok(proof);
    };
    let Some((model, coded)) = learn(early, &places(early), holdback) else {
        return Ok(proof);
    };
    let told_by_model = told(past, late, |row, tenth| {
        model.log_odds(coded.of_row(row), tenth)
    });
    let record = record(past, early);
    let told_by_record = told(past, late, |_, tenth| record[tenth as usize]);
    proof.calibration = calibration(&told_by_model, CONFIDENCE);
    proof.brier_of_record = brier(chances(&told_by_record));
    let is_better = match (&proof.calibration, proof.brier_of_record) {
        (Some(calibration), Some(of_record)) => calibration.brier < of_record,
        _ => false,
    };
    proof.is_learnt = is_better;
    proof.holdback = is_better.then_some(holdback);
    Ok(proof)
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

/// What is told of rows that were open at one tenth each, and what became of them.
fn told(past: &Exposed, rows: &[u32], log_odds: impl Fn(u32, u32) -> f64) -> Vec<(f64, bool)> {
    let mut all = Vec::new();
    for row in rows {
        let instance = &past.rows[*row as usize];
        let open = tenths(instance, 1).filter(|tenth| is_open_at(instance, *tenth));
        all.extend(open.map(|tenth| (log_odds(*row, tenth), instance.is_let_down)));
    }
    all
}

fn chances(told: &[(f64, bool)]) -> impl Iterator<Item = (f64, bool)> + '_ {
    let chance = |(odds, came): &(f64, bool)| (amends_stats::logistic::chance(*odds), *came);
    told.iter().map(chance)
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
