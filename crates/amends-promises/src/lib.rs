//! The promise state machine, pure; and its replay over a snapshot of the ledger.

use std::collections::BTreeMap;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::wait::Calendar;
use amends_model::{EventId, IdentifierId, Result, State};
use amends_project::definition::Promise;
use jiff::{SignedDuration, Timestamp};

/// One promise made to one customer once, as it stands at `as_of`.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// What it is about: the key of the instance.
    pub about: String,
    /// To whom: the identifier on the opening event.
    pub identifier: IdentifierId,
    /// How it stands.
    pub state: State,
    /// When it was made.
    pub opened_at: Timestamp,
    /// When it was or is due, moves and pauses counted.
    pub due_at: Timestamp,
    /// When it was kept, given up or excused.
    pub closed_at: Option<Timestamp>,
    /// The first instant at which events up to then prove the let-down (rule 7).
    pub could_have_known: Option<Timestamp>,
    /// How late it is or was.
    pub late_by: Option<SignedDuration>,
    /// 1 to 3 for a let-down, else 0.
    pub serious: u8,
    /// The values of the promise's attributes as of opening, each possibly several.
    pub attributes: Vec<Vec<String>>,
    /// The events that prove how it stands, in order of time.
    pub proof: Vec<EventId>,
}

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
