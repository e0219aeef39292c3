//! The promise state machine, pure; and its replay over a snapshot of the ledger.

mod checkpoint;
pub mod fact;
pub mod fold;
pub mod instance;
pub mod machine;
mod seen;
pub mod terms;
pub mod value;

pub use fact::{Fact, Role};
pub use fold::{Standing, fold};
pub use instance::{Instance, Opening, hash_of_all};
pub use machine::{Change, Grade, Machine, Observed};
pub use terms::Terms;
pub use value::Value;

use std::collections::BTreeMap;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::Result;
use amends_model::wait::Calendar;
use amends_project::definition::Promise;
use jiff::Timestamp;

/// The instances of one promise at `as_of`.
pub struct Replay {
    /// The promise.
    pub promise: String,
    /// Its version.
    pub version: String,
    /// As of when.
    pub as_of: Timestamp,
    /// All of them, sorted by what they are about.
    pub instances: Vec<Instance>,
}

/// Replays one promise over a snapshot.
///
/// `reported` tells how far the sources that could keep or excuse it have reported, their lag taken off: the earliest of them.
///
/// # Errors
/// `AM0701` when an expression fails; `AM0406` when a segment cannot be read.
pub fn replay(
    promise: &Promise,
    calendars: &BTreeMap<String, Calendar>,
    planner: &Planner,
    snapshot: &Snapshot,
    as_of: Timestamp,
    reported: Timestamp,
) -> Result<Replay> {
    let _ = (promise, calendars, planner, snapshot, as_of, reported);
    todo!()
}
