//! What the facts about one thing say of one promise.

use std::collections::{BTreeSet, HashMap};

use amends_model::EventId;

use super::LeftOut;
use crate::compile::Compiled;
use crate::fact::{Fact, Role, arrange};
use crate::fold::{Standing, fold};

/// How one thing stands.
pub(super) struct Judged {
    /// Its instance, if one stands that is judged by this definition.
    pub(super) standing: Option<Standing>,
    /// What would have opened it and did not.
    pub(super) left_out: LeftOut,
}

/// At what moment a promise is judged, in microseconds.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    pub(super) as_of: i64,
    /// How far the sources that could decide it have reported.
    pub(super) reported: i64,
}

/// Judges the facts about one thing, and leaves them as they were folded. The events that prove the result are added to `proof`.
pub(super) fn judge(
    compiled: &Compiled,
    facts: &mut Vec<Fact>,
    moments: Moments,
    proof: &mut Vec<EventId>,
) -> Judged {
    arrange(facts);
    let opens = facts.iter().find(|fact| fact.role == Role::Opens);
    let first = opens.map(|fact| fact.at);
    let left_out = compiled.terms.leave_out(facts);
    let proven = proof.len();
    let Moments { as_of, reported } = moments;
    let standing = fold(&compiled.terms, facts, as_of, reported, proof);
    let opened_at = standing.map_or(first, |it| Some(it.opened_at));
    if opened_at.is_some_and(|at| !compiled.judges(at)) {
        proof.truncate(proven);
        return Judged {
            standing: None,
            left_out: LeftOut::default(),
        };
    }
    Judged { standing, left_out }
}

/// What reaches the places where a thing has stood, in no order.
pub(super) fn reaching<'a>(
    facts: &[Fact],
    by_place: &'a HashMap<i64, Vec<Fact>>,
) -> impl Iterator<Item = &'a Fact> + use<'a> {
    let opens = facts.iter().filter(|fact| fact.role == Role::Opens);
    let places: BTreeSet<i64> = match by_place.is_empty() {
        true => BTreeSet::new(),
        false => opens.filter_map(Fact::place).collect(),
    };
    let facts = places.into_iter().filter_map(|place| by_place.get(&place));
    facts.flatten()
}
