//! *never*: this does not happen while exposed.
//!
//! - An exposure begins with an event that opens it and ends with the first one that ends it, or by itself after its length.
//!   What would open it while it runs says nothing; once it has ended, it begins anew: the same instance, exposed again.
//! - The first event that breaks it while it runs closes it for good: one let-down, whatever follows. The event that begins an exposure
//!   does not break it.
//! - It is kept once its exposure has ended and every source that could tell otherwise has reported that far; until then it is unconfirmed.
//! - At one instant: what breaks it counts if it was exposed before the instant or begins to be at it. Where it was exposed, what ends the
//!   exposure comes before what begins it anew; where it was not, what begins it comes before what ends it.
//! - Nothing is late, overdue or beaten, and nothing is excused: what does not count as a break is said by the break's condition.

use std::sync::Arc;

use amends_model::{EventId, Period, Result, State, time};
use amends_project::definition::{Lasts, Never};

use crate::counted::{Counted, NEVER};
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// How long exposures last.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    counted: Arc<Counted>,
    lasts: Option<Lasts>,
}

/// One pass over the facts of one promise.
struct Walk<'a> {
    exposure: &'a Exposure,
    /// The first event that opened it.
    opening: Option<usize>,
    /// Until when it is exposed; `None` while it is not.
    until: Option<i64>,
    /// When the last exposure ended.
    ended: i64,
    /// How many events of other promises stand in the proof.
    before: usize,
    proof: &'a mut Vec<EventId>,
}

impl Exposure {
    /// # Errors
    /// `AM0009` when the calendar never opens and the exposure counts its hours.
    pub(crate) fn new(never: &Never, counted: &Arc<Counted>) -> Result<Self> {
        if let Some(Lasts::For(wait)) = &never.lasts {
            counted.check(wait)?;
        }
        Ok(Self {
            counted: Arc::clone(counted),
            lasts: never.lasts,
        })
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
            until: None,
            ended: NEVER,
            before: proof.len(),
            proof,
        };
        let mut index = 0;
        let mut broken = None;
        for instant in facts.chunk_by(|one, other| one.at == other.at) {
            broken = walk.take(index, instant);
            if broken.is_some() {
                break;
            }
            index += instant.len();
        }
        walk.stands(facts, broken, as_of, reported)
    }

    /// When an exposure that begins then ends by itself.
    fn ends(&self, begun: i64) -> i64 {
        match &self.lasts {
            Some(Lasts::For(wait)) => self.counted.later(wait, begun),
            Some(Lasts::Period(length)) => {
                let zone = self.counted.zone();
                let day = time::from_micros(begun).map(|begun| zone.to_datetime(begun).date());
                let bounds = day.and_then(|day| Period::containing(day, *length).bounds(zone));
                bounds.map_or(NEVER, |(_, end)| time::micros(end))
            }
            None => NEVER,
        }
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
    /// Takes all facts of one instant; the moment at which it was broken, if it was.
    fn take(&mut self, index: usize, facts: &[Fact]) -> Option<i64> {
        let at = facts.first()?.at;
        if let Some(until) = self.until.filter(|until| self.exposure.is_over(*until, at)) {
            (self.until, self.ended) = (None, until);
        }
        let was_exposed = self.until.is_some();
        let find = |role| facts.iter().position(|fact| fact.role == role);
        let (opens, ends) = (find(Role::Opens), find(Role::Ends));
        if !was_exposed {
            let begins = opens?;
            self.begin(index + begins, &facts[begins]);
        }
        let begun_by = opens
            .filter(|_| !was_exposed)
            .map(|begins| facts[begins].id);
        let breaks = facts
            .iter()
            .find(|fact| fact.role == Role::Breaks && Some(fact.id) != begun_by);
        if let Some(breaks) = breaks {
            self.prove(breaks.id);
            return Some(at);
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

    /// An exposure begins. What came between the first opening and this one proves nothing any more.
    fn begin(&mut self, index: usize, fact: &Fact) {
        self.until = Some(self.exposure.ends(fact.at));
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
        broken: Option<i64>,
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
            due_at: broken.unwrap_or(ends),
            paused_since: None,
            closed_at: broken,
            could_have_known: broken,
            late_by: None,
            given_up_at: None,
        };
        Some(match broken {
            Some(_) => Standing {
                state: State::Broken,
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
