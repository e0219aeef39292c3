//! The one exposure of a promise that is judged over time: from the event that opens it to what ends it first.

use std::collections::HashSet;

use amends_model::EventId;
use amends_project::definition::Lasts;

use crate::counted::{Counted, NEVER};
use crate::fact::{Fact, Role};

/// From when to when a promise binds. Moments are microseconds of UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// Which of the facts opened it.
    pub(crate) opening: usize,
    pub(crate) begun: i64,
    /// When it ends by itself; `NEVER` where it does not.
    pub(crate) runs_out: i64,
    /// Which of the facts ended it before.
    pub(crate) ended_by: Option<usize>,
    /// When it ended or ends.
    pub(crate) end: i64,
}

impl Stretch {
    /// The exposure among facts in their order; `None` where nothing opens one. The event that opens it does not end it.
    pub(crate) fn of(facts: &[Fact], lasts: Option<&Lasts>, counted: &Counted) -> Option<Self> {
        let opening = facts.iter().position(|fact| fact.role == Role::Opens)?;
        let (begun, id) = (facts[opening].at, facts[opening].id);
        let runs_out = lasts.map_or(NEVER, |lasts| counted.over(lasts, begun));
        let ends = |fact: &Fact| {
            let within = begun <= fact.at && fact.at < runs_out;
            fact.role == Role::Ends && fact.id != id && within
        };
        let ended_by = facts.iter().position(ends);
        Some(Self {
            opening,
            begun,
            runs_out,
            ended_by,
            end: ended_by.map_or(runs_out, |ended_by| facts[ended_by].at),
        })
    }
}

/// The events at these places among the facts, in their order, each once.
pub(crate) fn prove(facts: &[Fact], mut places: Vec<usize>, proof: &mut Vec<EventId>) {
    places.sort_unstable();
    let mut known = HashSet::new();
    let ids = places.into_iter().map(|place| facts[place].id);
    proof.extend(ids.filter(|id| known.insert(*id)));
}
