//! The state of one promise made to one customer, as a function of the facts, the terms and two moments: nothing else (rule 6).
//! Each shape has a fold of its own.

use amends_model::{EventId, State};

use crate::fact::Fact;
use crate::terms::{Shaped, Terms};

/// How one promise stands. Moments are microseconds of UTC, lengths microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// Which of the facts opened it.
    pub opening: usize,
    /// When it was made.
    pub opened_at: i64,
    /// Of a window: from when on it may be kept, moves and ended pauses counted.
    pub from: Option<i64>,
    /// When it was or is due, moves and ended pauses counted; of what must not happen, when the exposure ends or ended.
    pub due_at: i64,
    /// Since when the clock stands still.
    pub paused_since: Option<i64>,
    /// When it was kept, given up, broken or excused.
    pub closed_at: Option<i64>,
    /// The first instant at which events up to then prove the let-down (rule 7).
    pub could_have_known: Option<i64>,
    /// How late it is or was: until it was kept or given up, else until now. Less than nothing: so much too early.
    pub late_by: Option<i64>,
    /// When it will be given up, if it is due and nothing happens.
    pub given_up_at: Option<i64>,
}

/// Folds facts in the order of `arrange`. Facts later than `as_of` are not seen; `reported` is how far every source that could
/// decide the promise has reported (rule 4). The events that prove the result are added to `proof`, in order of time.
///
/// `None`: no promise was made.
pub fn fold(
    terms: &Terms,
    facts: &[Fact],
    as_of: i64,
    reported: i64,
    proof: &mut Vec<EventId>,
) -> Option<Standing> {
    let facts = &facts[..facts.partition_point(|fact| fact.at <= as_of)];
    match &terms.shape {
        Shaped::Timed(span) => span.fold(facts, as_of, reported, proof),
        Shaped::Never(exposure) => exposure.fold(facts, as_of, reported, proof),
    }
}
