//! The state of one promise made to one customer, as a function of the facts, the terms and two moments: nothing else (rule 6).
//! Each shape has a fold of its own.

use amends_model::{EventId, State};

use crate::counted::NEVER;
use crate::fact::{Fact, Role};
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
    /// When else it may stand otherwise though nothing happens.
    pub turns_at: Option<i64>,
}

impl Standing {
    /// One that is open until a moment.
    pub(crate) fn open(opening: usize, opened_at: i64, due_at: i64) -> Self {
        Self {
            state: State::Open,
            opening,
            opened_at,
            from: None,
            due_at,
            paused_since: None,
            closed_at: None,
            could_have_known: None,
            late_by: None,
            given_up_at: None,
            turns_at: None,
        }
    }

    /// The same, broken for good at a moment at which that is known.
    pub(crate) fn broken(self, at: i64) -> Self {
        Self {
            state: State::Broken,
            due_at: at,
            closed_at: Some(at),
            could_have_known: Some(at),
            ..self
        }
    }

    /// The same, kept once its exposure has ended and the sources have reported that far.
    pub(crate) fn kept_at_end(self, as_of: i64, reported: i64) -> Self {
        let end = self.due_at;
        let state = match () {
            () if end == NEVER || as_of < end => return self,
            () if reported < end => State::Unconfirmed,
            () => State::Kept,
        };
        Self {
            state,
            closed_at: (state == State::Kept).then_some(end),
            turns_at: None,
            ..self
        }
    }
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
    if !facts.iter().any(is_reaching) {
        return of_shape(terms, facts, as_of, reported, proof);
    }
    let places = reached(facts);
    let heard: Vec<Fact> = places.iter().map(|place| facts[*place]).collect();
    let standing = of_shape(terms, &heard, as_of, reported, proof)?;
    Some(Standing {
        opening: places[standing.opening],
        ..standing
    })
}

/// Whether a fact comes to what stands somewhere, and not to what it is about.
fn is_reaching(fact: &Fact) -> bool {
    fact.role != Role::Opens && fact.place().is_some()
}

/// Which facts are heard: of those that reach a place only those of the place where the thing stood then, as the last opening event before had said.
fn reached(facts: &[Fact]) -> Vec<usize> {
    let mut stands = None;
    let mut places = Vec::new();
    for (place, fact) in facts.iter().enumerate() {
        if fact.role == Role::Opens {
            stands = fact.place();
        }
        if !is_reaching(fact) || fact.place() == stands {
            places.push(place);
        }
    }
    places
}

fn of_shape(
    terms: &Terms,
    facts: &[Fact],
    as_of: i64,
    reported: i64,
    proof: &mut Vec<EventId>,
) -> Option<Standing> {
    match &terms.shape {
        Shaped::Timed(span) => span.fold(facts, as_of, reported, proof),
        Shaped::Exposed(exposure) => exposure.fold(facts, as_of, reported, proof),
        Shaped::Recurring(recurring) => recurring.fold(facts, as_of, reported, proof),
        Shaped::Share(portion) => portion.fold(facts, as_of, reported, proof),
        Shaped::Own(own) => own.fold(facts, as_of, reported, proof),
    }
}
