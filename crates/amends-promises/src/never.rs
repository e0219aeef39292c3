//! *never*, *at most* and *match*: this does not happen, not more often than so, or not otherwise than was said, while exposed.
//!
//! - An exposure begins with an event that opens it and ends with the first one that ends it, or by itself after its length.
//!   What would open it while it runs says nothing; once it has ended, it begins anew: the same instance, exposed again.
//! - The first event that breaks it while it runs closes it for good: one let-down, whatever follows. The event that begins an exposure
//!   does not break it.
//! - It is kept once its exposure has ended and every source that could tell otherwise has reported that far; until then it is unconfirmed.
//! - At one instant: what breaks it counts if it was exposed before the instant or begins to be at it. Where it was exposed, what ends the
//!   exposure comes before what begins it anew; where it was not, what begins it comes before what ends it.
//! - At most so many: those that are allowed say nothing, the one after them breaks it. Where they are counted within a span, one that lies longer back
//!   than the span counts no more. An exposure that begins anew counts anew.
//! - Of what is measured only that counts which lies outside of what the event said that began the exposure; that event may itself be measured. Where no end of
//!   the exposure is declared, what is measured first decides.
//! - Nothing is late, overdue or beaten, and nothing is excused: what does not count as a break is said by the break's condition.

use std::collections::VecDeque;
use std::sync::Arc;

use amends_model::{EventId, Result, State};
use amends_project::definition::{AtMost, Lasts, Match, Never};

use crate::counted::{Counted, NEVER};
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// How long exposures last, and what breaks them.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    counted: Arc<Counted>,
    lasts: Option<Lasts>,
    at_most: Option<AtMost>,
    breaks: Breaks,
}

/// What breaks an exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaks {
    /// Whatever is heard of in that role.
    Happens,
    /// What is measured outside of its limits.
    Differs,
    /// The same, and what is measured within them keeps it.
    DiffersAtFirst,
}

/// One pass over the facts of one promise.
struct Walk<'a> {
    exposure: &'a Exposure,
    /// The first event that opened it.
    opening: Option<usize>,
    /// The event that began the exposure.
    begun_by: Option<Fact>,
    /// Until when it is exposed; `None` while it is not.
    until: Option<i64>,
    /// When the last exposure ended.
    ended: i64,
    /// What would break it and is allowed, in this exposure.
    allowed: VecDeque<Fact>,
    /// How many events of other promises stand in the proof.
    before: usize,
    proof: &'a mut Vec<EventId>,
}

/// How an event decides it.
#[derive(Clone, Copy)]
struct Decided {
    at: i64,
    state: State,
}

impl Exposure {
    /// # Errors
    /// `AM0009` when the calendar never opens and the exposure counts its hours.
    pub(crate) fn never(never: &Never, counted: &Arc<Counted>) -> Result<Self> {
        counted.check_lasts(never.lasts.as_ref())?;
        if let Some(within) = never.at_most.as_ref().and_then(|most| most.within.as_ref()) {
            counted.check(within)?;
        }
        Ok(Self {
            counted: Arc::clone(counted),
            lasts: never.lasts,
            at_most: never.at_most,
            breaks: Breaks::Happens,
        })
    }

    /// # Errors
    /// As [`Exposure::never`].
    pub(crate) fn matches(compared: &Match, counted: &Arc<Counted>) -> Result<Self> {
        let exposed = &compared.exposed;
        counted.check_lasts(exposed.lasts.as_ref())?;
        let ends = exposed.ends.is_some() || exposed.lasts.is_some();
        Ok(Self {
            counted: Arc::clone(counted),
            lasts: exposed.lasts,
            at_most: None,
            breaks: if ends {
                Breaks::Differs
            } else {
                Breaks::DiffersAtFirst
            },
        })
    }

    /// Whether an event that opens it says what it must say.
    pub(crate) fn is_named(&self, opening: &Fact) -> bool {
        self.breaks == Breaks::Happens || opening.least().is_some() || opening.most().is_some()
    }

    /// Whether an exposure that is over may begin anew.
    pub(crate) fn reopens(&self) -> bool {
        self.breaks != Breaks::DiffersAtFirst
    }

    pub(crate) fn fold(
        &self,
        facts: &[Fact],
        as_of: i64,
        reported: i64,
        proof: &mut Vec<EventId>,
    ) -> Option<Standing> {
        let mut walk = Walk {
            exposure: self,
            opening: None,
            begun_by: None,
            until: None,
            ended: NEVER,
            allowed: VecDeque::new(),
            before: proof.len(),
            proof,
        };
        let mut index = 0;
        let mut decided = None;
        for instant in facts.chunk_by(|one, other| one.at == other.at) {
            decided = walk.take(index, instant);
            if decided.is_some() {
                break;
            }
            index += instant.len();
        }
        walk.stands(facts, decided, as_of, reported)
    }

    /// When an exposure that begins then ends by itself.
    fn ends(&self, begun: i64) -> i64 {
        let lasts = self.lasts.as_ref();
        lasts.map_or(NEVER, |lasts| self.counted.over(lasts, begun))
    }

    /// Whether an exposure that lasts until one moment is over at another: a length holds until its instant, a period ends before the next.
    fn is_over(&self, until: i64, at: i64) -> bool {
        match &self.lasts {
            Some(Lasts::Period(_)) => until <= at,
            _ => until < at,
        }
    }
}

impl Walk<'_> {
    /// Takes all facts of one instant; how it was decided, if it was.
    fn take(&mut self, index: usize, facts: &[Fact]) -> Option<Decided> {
        let at = facts.first()?.at;
        if let Some(until) = self.until.filter(|until| self.exposure.is_over(*until, at)) {
            (self.until, self.ended) = (None, until);
        }
        let was_exposed = self.until.is_some();
        let begins = |fact: &Fact| fact.role == Role::Opens && self.exposure.is_named(fact);
        let opens = facts.iter().position(begins);
        // What the first value decides has no end of its own, and does not begin anew.
        let has_end = self.exposure.reopens();
        let ends = facts
            .iter()
            .position(|fact| has_end && fact.role == Role::Ends);
        if !was_exposed {
            let begins = opens?;
            self.begin(index + begins, &facts[begins]);
        }
        let begun_by = opens
            .filter(|_| !was_exposed)
            .map(|begins| facts[begins].id);
        for fact in facts {
            if let Some(state) = self.decides(fact, begun_by) {
                return Some(Decided { at, state });
            }
        }
        if let Some(ends) = ends {
            (self.until, self.ended) = (None, at);
            match opens.filter(|_| was_exposed) {
                Some(begins) => self.begin(index + begins, &facts[begins]),
                None => self.prove(facts[ends].id),
            }
        }
        None
    }

    /// Whether a fact decides it while it is exposed.
    fn decides(&mut self, fact: &Fact, begun_by: Option<EventId>) -> Option<State> {
        match (self.exposure.breaks, fact.role) {
            (Breaks::Happens, Role::Breaks) if Some(fact.id) != begun_by => {}
            (Breaks::Differs | Breaks::DiffersAtFirst, Role::Measured) => {
                let value = fact.least()?;
                let said = self.begun_by?;
                let too_little = said.least().is_some_and(|least| value < least);
                let too_much = said.most().is_some_and(|most| value > most);
                if !too_little && !too_much {
                    let first = self.exposure.breaks == Breaks::DiffersAtFirst;
                    if first {
                        self.prove(fact.id);
                    }
                    return first.then_some(State::Kept);
                }
            }
            _ => return None,
        }
        if let Some(most) = self.exposure.at_most {
            if self.allowed.iter().any(|known| known.id == fact.id) {
                return None;
            }
            self.allowed.push_back(*fact);
            if let Some(within) = &most.within {
                let counted = &self.exposure.counted;
                while self
                    .allowed
                    .front()
                    .is_some_and(|first| counted.later(within, first.at) < fact.at)
                {
                    self.allowed.pop_front();
                }
            }
            if self.allowed.len() <= most.count as usize {
                return None;
            }
        }
        for allowed in std::mem::take(&mut self.allowed) {
            self.prove(allowed.id);
        }
        self.prove(fact.id);
        Some(State::Broken)
    }

    /// An exposure begins. What came between the first opening and this one proves nothing any more.
    fn begin(&mut self, index: usize, fact: &Fact) {
        self.until = Some(self.exposure.ends(fact.at));
        self.begun_by = Some(*fact);
        self.allowed.clear();
        match self.opening {
            None => self.opening = Some(index),
            Some(_) => self.proof.truncate(self.before + 1),
        }
        self.prove(fact.id);
    }

    fn prove(&mut self, id: EventId) {
        if !self.proof[self.before..].contains(&id) {
            self.proof.push(id);
        }
    }

    fn stands(
        self,
        facts: &[Fact],
        decided: Option<Decided>,
        as_of: i64,
        reported: i64,
    ) -> Option<Standing> {
        let opening = self.opening?;
        // An exposure that nothing ended may have run out by itself.
        let ends = self.until.unwrap_or(self.ended);
        let standing = Standing {
            state: State::Open,
            opening,
            opened_at: facts[opening].at,
            from: None,
            due_at: decided.map_or(ends, |decided| decided.at),
            paused_since: None,
            closed_at: decided.map(|decided| decided.at),
            could_have_known: None,
            late_by: None,
            given_up_at: None,
            turns_at: None,
        };
        Some(match decided {
            Some(Decided { at, state }) => Standing {
                state,
                could_have_known: state.is_let_down().then_some(at),
                ..standing
            },
            None if as_of < ends => standing,
            None if reported < ends => Standing {
                state: State::Unconfirmed,
                ..standing
            },
            None => Standing {
                state: State::Kept,
                closed_at: Some(ends),
                ..standing
            },
        })
    }
}
