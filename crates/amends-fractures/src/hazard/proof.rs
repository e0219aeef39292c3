//! Whether a model tells the truth: learnt from what came due early, and held against what came due later.
//!
//! Model and share are weighed once a week, by what had come due and was reported when the week began, so that from one day to the next the same one is told. The model is taken once it is surely nearer
//! to what came, and given up once it is no nearer; between the two the choice of the weeks before stays, as far as these are looked at.

use amends_model::Result;
use amends_stats::logistic::{Calibration, brier, calibration, chance};
use amends_stats::ratio::{Ratio, ratio};

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

/// So many weeks before are looked at for the choice that stays; where none of these says it, the share is told.
const WEEKS: i64 = 4;

const WEEK: i64 = 7 * 86_400_000_000;

/// Monday, 5 January 1970: weeks begin with Mondays of UTC.
const MONDAY: i64 = 4 * 86_400_000_000;

/// How sure intervals are.
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
    /// How much nearer to what came what is learnt was: by which part of the share's mean square error its own is smaller; below nothing: larger. `None` where nothing was learnt.
    pub gain: Option<Ratio>,
    /// What came due before this moment was weighed, in microseconds of UTC.
    pub weighed: i64,
    /// What holds features back, where chances are learnt.
    pub(super) holdback: Option<f64>,
}

/// By what chances are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// By the share of those that were open as long: there is too little to learn from, or to hold against.
    #[default]
    TooFew,
    /// By that share: what was learnt was not nearer to what came, or not surely, and not before either.
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
    /// The same of those that stood in a fracture that was known when it was told.
    pub inside: Apart,
    /// Of those that stood in none.
    pub outside: Apart,
    /// The mean square error, at all tenths.
    pub brier: f64,
    /// Slope of calibration. `None` where it cannot be told, as where outcomes follow from what is told without exception.
    pub calibration: Option<Calibration>,
}

/// Some of those that were told a chance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Apart {
    /// How many.
    pub cases: u64,
    /// How many of them were let down.
    pub came: u64,
    /// How many were to be expected.
    pub expected: f64,
}

impl Apart {
    /// How many came for each that was to be expected. `None` where there are none of them.
    pub fn ratio(&self) -> Option<f64> {
        (self.cases > 0 && self.expected > 0.0).then(|| self.came as f64 / self.expected)
    }

    fn add(&mut self, chance: f64, came: bool) {
        self.cases += 1;
        self.came += u64::from(came);
        self.expected += chance;
    }
}

/// When the week began in which a moment lies, in microseconds of UTC.
pub(super) fn week(moment: i64) -> i64 {
    moment.saturating_sub(moment.saturating_sub(MONDAY).rem_euclid(WEEK))
}

/// Learns from what came due before the beginning of a week, and holds it against what came later of it.
///
/// # Errors
/// `AM1001` when there are more instances than can be numbered.
pub(super) fn prove(past: &Exposed, weighed: i64) -> Result<Proof> {
    let found = weigh(past, weighed)?;
    let mut proof = Proof {
        weighed,
        ..Proof::default()
    };
    let Some(found) = found else {
        return Ok(proof);
    };
    let gain = |back: i64| match back {
        0 => Ok(found.gain),
        back => {
            let earlier = weigh(past, weighed.saturating_sub(back * WEEK))?;
            Ok(earlier.and_then(|earlier| earlier.gain))
        }
    };
    proof.known = match is_taken(gain)? {
        true => Known::Learnt,
        false => Known::NoBetter,
    };
    proof.gain = found.gain;
    proof.brier_of_share = found.by_share.map(|held| held.brier);
    proof.held = found.by_share;
    if proof.known == Known::Learnt {
        proof.held = found.by_model;
        proof.holdback = found.holdback;
    }
    Ok(proof)
}

/// Whether what is learnt is told: by what it gained in the newest week, or else in the last one before that says it. `gain` tells it of so many weeks before.
pub(super) fn is_taken(mut gain: impl FnMut(i64) -> Result<Option<Ratio>>) -> Result<bool> {
    for back in 0..=WEEKS {
        match gain(back)? {
            Some(gain) if gain.interval.low > 0.0 => return Ok(true),
            Some(gain) if gain.value > 0.0 => {}
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// How share and model did on the last quarter of what had come due.
struct Weighed {
    by_share: Option<Held>,
    by_model: Option<Held>,
    gain: Option<Ratio>,
    holdback: Option<f64>,
}

/// Holds both against what came due last before a moment. `None` where there is too little for it.
fn weigh(past: &Exposed, before: i64) -> Result<Option<Weighed>> {
    let rows = 0..past.rows.len() as u32;
    let mut rows: Vec<u32> = rows
        .filter(|row| past.rows[*row as usize].due_at < before)
        .collect();
    rows.sort_by_key(|row| {
        let one = &past.rows[*row as usize];
        (one.due_at, one.opened_at, one.customer)
    });
    let (early, late) = parted(past, &rows);
    let (first, then) = parted(past, early);
    if [first, then, late]
        .iter()
        .any(|rows| is_too_little(past, rows))
    {
        return Ok(None);
    }
    let table = past.table()?;
    // Whoever learns knows no place that was found later.
    let places = |rows: &[u32]| -> Vec<Where> {
        let table = table.of_rows(rows).ending_with_its_rows();
        let found = discover::discover_in(past, &table).found;
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
    let late = Judged::new(past, early, late, &inside);
    let holdback = holdback(past, first, then, &places(first));
    let learnt = holdback.and_then(|holdback| Learnt::new(past, early, &of_early, holdback));
    let (mut by_model, mut gain) = (None, None);
    if let Some(learnt) = learnt {
        let learnt = |row: u32, tenth: u32| learnt.log_odds(row, tenth);
        by_model = late.held(&learnt);
        gain = late.gain(&by_share, &learnt);
    }
    Ok(Some(Weighed {
        by_share: late.held(&by_share),
        by_model,
        gain,
        holdback,
    }))
}

/// Rows on which what is told is judged.
struct Judged<'a> {
    past: &'a Exposed,
    rows: &'a [u32],
    /// In which of the places that were known each of all rows stands.
    inside: &'a [Vec<usize>],
    /// When the last of those came due that taught: before that nothing is judged, since whoever tells has not learnt by then.
    since: i64,
}

impl<'a> Judged<'a> {
    fn new(past: &'a Exposed, taught: &[u32], rows: &'a [u32], inside: &'a [Vec<usize>]) -> Self {
        let due = taught.iter().map(|row| past.rows[*row as usize].due_at);
        Self {
            past,
            rows,
            inside,
            since: due.max().unwrap_or(i64::MIN),
        }
    }

    /// What is told at so many tenths of each, where it was open then, what became of it, and whether it stood in a place.
    fn told(&self, each: u32, log_odds: &dyn Fn(u32, u32) -> f64) -> Vec<(f64, bool, bool)> {
        let mut all = Vec::new();
        for row in self.rows {
            let instance = &self.past.rows[*row as usize];
            let asked = self.asked(*row, each);
            let here = self.inside.get(*row as usize);
            let is_inside = here.is_some_and(|places| !places.is_empty());
            let told = asked.map(|tenth| (log_odds(*row, tenth), instance.is_let_down, is_inside));
            all.extend(told);
        }
        all
    }

    /// The mean square error at all tenths.
    fn error(&self, log_odds: &dyn Fn(u32, u32) -> f64) -> Option<f64> {
        let told = self.told(TENTHS, log_odds).into_iter();
        brier(told.map(|(odds, came, _)| (chance(odds), came)))
    }

    /// By which part the mean square error of the second is smaller than that of the first. The tenths of an instance go together.
    fn gain(
        &self,
        share: &dyn Fn(u32, u32) -> f64,
        model: &dyn Fn(u32, u32) -> f64,
    ) -> Option<Ratio> {
        let of_row = |row: &u32| {
            let came = f64::from(u8::from(self.past.rows[*row as usize].is_let_down));
            let error = |log_odds: f64| (chance(log_odds) - came).powi(2);
            let errors = self.asked(*row, TENTHS).map(|tenth| {
                let (share, model) = (error(share(*row, tenth)), error(model(*row, tenth)));
                (share - model, share)
            });
            errors.reduce(|sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        let spared: Vec<(f64, f64)> = self.rows.iter().filter_map(of_row).collect();
        ratio(&spared, CONFIDENCE)
    }

    /// The tenths at which an instance is asked about: it was open then, and whoever teaches had learnt.
    fn asked(&self, row: u32, each: u32) -> impl Iterator<Item = u32> {
        let instance = &self.past.rows[row as usize];
        let is_asked = |tenth: &u32| {
            is_open_at(instance, *tenth) && moment(instance, *tenth) >= i128::from(self.since)
        };
        tenths(instance, each).filter(is_asked)
    }

    /// How that does. Counted at one tenth of each, so that these are as many instances as it looks.
    fn held(&self, log_odds: &dyn Fn(u32, u32) -> f64) -> Option<Held> {
        let told = self.told(1, log_odds);
        let (mut inside, mut outside) = (Apart::default(), Apart::default());
        for (odds, came, is_inside) in &told {
            let apart = if *is_inside {
                &mut inside
            } else {
                &mut outside
            };
            apart.add(chance(*odds), *came);
        }
        let pairs = told.iter().map(|(odds, came, _)| (*odds, *came));
        let told: Vec<(f64, bool)> = pairs.collect();
        Some(Held {
            cases: told.len() as u64,
            came: inside.came + outside.came,
            expected: inside.expected + outside.expected,
            inside,
            outside,
            brier: self.error(log_odds)?,
            calibration: calibration(&told, CONFIDENCE),
        })
    }
}

/// How much features are held back: what does best on what came due then, learnt from what came due first.
fn holdback(past: &Exposed, first: &[u32], then: &[u32], places: &[Where]) -> Option<f64> {
    let then = Judged::new(past, first, then, &[]);
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
