//! How likely it is that what is still open will be broken: by what became of those like it that were open as long.
//!
//! Of what came due, each instance says at tenths of the time that it had whether it was still open, and what became of it (landmarks: H. C. van Houwelingen,
//! Scandinavian Journal of Statistics 34 (2007)). A logistic regression tells the chance by the tenth, the attributes, and the live fractures (`model`).
//! It is learnt from what came due early and held against what came due later; where it is not surely nearer than the share of those that were open as long in the same fracture, or in none,
//! that share is told instead (`proof`, `record`).

mod features;
mod model;
mod proof;
mod record;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use amends_model::{Result, time};
use amends_project::definition::Promise;
use amends_query::Session;
use jiff::Timestamp;

use crate::exposed::{Exposed, Row};
use crate::fracture::{Fracture, Trend};
use crate::order::is_settled;
use crate::read;
use crate::voice::Customers;
use crate::whereabouts::Where;

use features::Features;
use model::{Model, TENTHS};
pub use proof::{Apart, Held, Known, Proof};
use record::{Record, inside};

/// What is told of the open instances of a promise.
#[derive(Clone, Debug)]
pub struct Hazard {
    /// Of each, by what it is about.
    pub risks: HashMap<String, Risk>,
    /// How it is known.
    pub proof: Proof,
}

/// How likely one open instance is to be broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// The chance, between 0 and 1. `None` where too few came due that were open as long.
    pub chance: Option<f64>,
    /// How many there were that were open as long, in the same fracture or, where it stands in none, in no live one; and how many of these were let-downs.
    pub like: (u64, u64),
    /// The live fracture in which it stands.
    pub fracture: Option<String>,
}

/// Tells the open instances of a promise. Of fractures those of the promise that are live count: not settled, and something came due there of late.
///
/// `Err` within says why nothing is told.
///
/// # Errors
/// As [`read`](crate::read()).
pub async fn hazard(
    session: &Session,
    promise: &Promise,
    fractures: &[Fracture],
) -> Result<Result<Hazard, String>> {
    if !promise.shape.is_due_once() {
        let shape = promise.shape.as_str();
        return Ok(Err(format!(
            "a promise of the shape {shape} has no time at which it is decided"
        )));
    }
    let customers = Customers::of_session(session);
    let past = match read::exposed(session, promise, &customers).await? {
        Ok(past) if !past.rows.is_empty() => past,
        Ok(_) => return Ok(Err("nothing of it has come due yet".into())),
        Err(reason) => return Ok(Err(reason)),
    };
    let kept = session.replayed(&promise.name).await?;
    let zone = &session.project().company.zone;
    let open = past.open(&kept, &customers, zone)?;
    let live = fractures
        .iter()
        .filter(|one| one.promise == promise.name && is_live(one));
    let live: Vec<(String, Where)> = live
        .map(|one| (one.id.clone(), one.place.clone()))
        .collect();
    // What is weighed is known as it was when the week began: neither what came due since nor how it is told apart moves it.
    let weighed = proof::week(time::micros(session.reported_of(promise)));
    let then = read::described(session, promise, &kept, &customers, Some(weighed))?;
    let proof = proof::prove(&then, weighed)?;
    of(&past, &open, &live, session.as_of(), proof).map(Ok)
}

fn is_live(fracture: &Fracture) -> bool {
    let waits = !is_settled(fracture.state) || fracture.is_back;
    waits
        && fracture.is_looked_for
        && fracture.trend != Trend::Quiet
        && !fracture.place.is_everywhere()
}

fn of(
    past: &Exposed,
    open: &Exposed,
    live: &[(String, Where)],
    as_of: Timestamp,
    proof: Proof,
) -> Result<Hazard> {
    let all: Vec<u32> = (0..past.rows.len() as u32).collect();
    let places: Vec<Where> = live.iter().map(|(_, place)| place.clone()).collect();
    let now = time::micros(as_of);
    let model = match proof.holdback {
        Some(holdback) => {
            let features = Features::learn(past, &all, &places);
            let coded = features.coded(past);
            Model::learn(past, &all, features, &coded, holdback)
        }
        None => None,
    };
    let record = Record::of(past, &all, &places);
    let coded = model.as_ref().map(|model| model.features.coded(open));
    let inside = inside(open, &places);
    let mut risks = HashMap::new();
    for (number, row) in (0_u32..).zip(&open.rows) {
        let tenth = tenth(row, now);
        let place = record.worst(&inside[number as usize], tenth);
        let like = record.of_place(place, tenth);
        let chance = match (&model, &coded) {
            (Some(model), Some(coded)) => Some(model.chance(coded.of_row(number), tenth)),
            _ => record.chance(place, tenth),
        };
        let risk = Risk {
            chance,
            like,
            fracture: place.map(|place| live[place].0.clone()),
        };
        risks.insert(row.about.clone(), risk);
    }
    let let_downs = past.rows.iter().filter(|row| row.is_let_down).count();
    let proof = Proof {
        came_due: past.rows.len() as u64,
        let_downs: let_downs as u64,
        ..proof
    };
    Ok(Hazard { risks, proof })
}

/// How many tenths of its time have passed, at most nine.
fn tenth(row: &Row, now: i64) -> u32 {
    let (passed, all) = (
        i128::from(now) - i128::from(row.opened_at),
        i128::from(row.due_at) - i128::from(row.opened_at),
    );
    if all <= 0 {
        return 0;
    }
    let tenth = passed * i128::from(TENTHS) / all;
    tenth.clamp(0, i128::from(TENTHS) - 1) as u32
}

/// The moment at which so many tenths of the time of an instance had passed, in microseconds of UTC.
fn moment(row: &Row, tenth: u32) -> i128 {
    let all = i128::from(row.due_at) - i128::from(row.opened_at);
    i128::from(row.opened_at) + all * i128::from(tenth) / i128::from(TENTHS)
}

/// Whether an instance was still open when so many tenths of its time had passed.
fn is_open_at(row: &Row, tenth: u32) -> bool {
    tenth == 0 || i128::from(row.closed_at) > moment(row, tenth)
}
