//! *at least*: so many in every span while exposed.
//!
//! - A span of a length may lie anywhere: at every moment the last so long must hold enough, from one length after the opening on. So each event that counts pushes on
//!   the time at which the next one is due. A month, quarter or year of the calendar must hold enough by itself, from the first that lies whole in the exposure on.
//! - Falling behind is one let-down, however many spans go by: it is known when the next one was due, late when it has been caught up, and broken when it is given up or the
//!   exposure ends meanwhile. What follows belongs to it: one episode, one let-down.
//! - What is not due before the exposure ends is not asked for. Kept is who has not fallen behind when it ends.
//! - An excuse counts only before it has fallen behind. While the clock stands still nothing is due.

use std::collections::VecDeque;
use std::sync::Arc;

use amends_model::{EventId, Result, State};
use amends_project::definition::{AtLeast, By, Lasts};

use crate::bound::Bound;
use crate::counted::{Counted, NEVER};
use crate::exposed::prove;
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// How many in every span, and how long it binds.
#[derive(Clone, Debug)]
pub(crate) struct Recurring {
    counted: Arc<Counted>,
    count: usize,
    every: Lasts,
    gives_up: Option<amends_model::wait::Wait>,
    lasts: Option<Lasts>,
}

impl Recurring {
    /// # Errors
    /// `AM0009` when the calendar never opens and the promise counts its hours.
    pub(crate) fn new(at_least: &AtLeast, counted: &Arc<Counted>) -> Result<Self> {
        counted.check_lasts(Some(&at_least.every))?;
        counted.check_lasts(at_least.exposed.lasts.as_ref())?;
        if let Some(wait) = &at_least.gives_up {
            counted.check(wait)?;
        }
        Ok(Self {
            counted: Arc::clone(counted),
            count: at_least.count as usize,
            every: at_least.every,
            gives_up: at_least.gives_up,
            lasts: at_least.exposed.lasts,
        })
    }

    pub(crate) fn fold(
        &self,
        facts: &[Fact],
        as_of: i64,
        reported: i64,
        proof: &mut Vec<EventId>,
    ) -> Option<Standing> {
        let opening = facts.iter().position(|fact| fact.role == Role::Opens)?;
        let begun = facts[opening].at;
        let lasts = self.lasts.as_ref();
        let mut walk = Walk {
            terms: self,
            begun,
            runs_out: lasts.map_or(NEVER, |lasts| self.counted.over(lasts, begun)),
            due: self.first_due(begun),
            first_due: self.first_due(begun),
            recent: VecDeque::new(),
            paused: None,
            behind: None,
            proof: vec![opening],
        };
        let mut end = None;
        for (place, fact) in facts.iter().enumerate() {
            end = walk.take(place, fact, facts[opening].id);
            if end.is_some() {
                break;
            }
        }
        let standing = Standing::open(opening, begun, NEVER);
        let (standing, mut places) = walk.stands(standing, end, as_of, reported);
        places.push(opening);
        prove(facts, places, proof);
        Some(standing)
    }

    /// When the first are due.
    fn first_due(&self, begun: i64) -> i64 {
        let over = self.counted.over(&self.every, begun);
        match &self.every {
            Lasts::For(_) => over,
            // One that had begun already is not asked for.
            Lasts::Period(_) if self.counted.over(&self.every, begun - 1) == begun => over,
            Lasts::Period(_) => self.counted.over(&self.every, over),
        }
    }

    fn is_calendar(&self) -> bool {
        matches!(self.every, Lasts::Period(_))
    }
}

/// One pass over the facts of one promise.
struct Walk<'a> {
    terms: &'a Recurring,
    begun: i64,
    runs_out: i64,
    /// When the next is due, or the span of the calendar ends.
    due: i64,
    first_due: i64,
    /// Those that count still: until when, and which.
    recent: VecDeque<(i64, usize)>,
    /// Since when the clock stands still, and which fact stopped it.
    paused: Option<(i64, usize)>,
    /// Since when it has fallen behind.
    behind: Option<i64>,
    proof: Vec<usize>,
}

/// What closes it.
enum End {
    Excused(i64),
    /// The exposure ended in time.
    Kept(i64),
    CaughtUp(i64),
    Broken(i64),
}

impl Walk<'_> {
    /// Takes the next fact; an end if it closes the promise.
    fn take(&mut self, place: usize, fact: &Fact, opening: EventId) -> Option<End> {
        let at = fact.at;
        if at < self.begun {
            self.take_early(place, fact);
            return None;
        }
        if let Some(end) = self.pass(at, false) {
            return Some(end);
        }
        let behind = self.behind.is_some();
        match fact.role {
            Role::Kept => {
                self.count(place, at);
                if behind && self.has_caught_up(at) {
                    self.proof
                        .extend(self.recent.iter().map(|(_, place)| *place));
                    return Some(End::CaughtUp(at));
                }
            }
            Role::Excused if !behind => {
                self.proof.push(place);
                return Some(End::Excused(at));
            }
            Role::PauseFrom if !behind && self.paused.is_none() => self.paused = Some((at, place)),
            Role::PauseTo => self.resume(place, at),
            Role::Ends if fact.id != opening => {
                self.proof.push(place);
                return Some(if behind {
                    End::Broken(at)
                } else {
                    End::Kept(at)
                });
            }
            _ => {}
        }
        None
    }

    /// What stops the clock before the opening holds it from then on.
    fn take_early(&mut self, place: usize, fact: &Fact) {
        match fact.role {
            Role::PauseFrom if self.paused.is_none() => self.paused = Some((self.begun, place)),
            Role::PauseTo => self.paused = None,
            _ => {}
        }
    }

    /// Whether what was due then has been missed at another moment: a length holds until its instant, a month ends before the next.
    fn is_past(&self, at: i64, is_now: bool) -> bool {
        match self.terms.is_calendar() || is_now {
            true => self.due <= at,
            false => self.due < at,
        }
    }

    /// Time goes on until a moment, of which everything is heard if it is now; an end if the exposure is over by itself or it was given up.
    fn pass(&mut self, at: i64, is_now: bool) -> Option<End> {
        let over = |runs_out: i64| {
            if is_now {
                runs_out <= at
            } else {
                runs_out < at
            }
        };
        while self.behind.is_none() && self.paused.is_none() {
            if self.runs_out < self.due || !self.is_past(at, is_now) {
                break;
            }
            if self.terms.is_calendar() && self.recent.len() >= self.terms.count {
                self.recent.clear();
                let next = self.terms.counted.over(&self.terms.every, self.due);
                self.due = if next > self.due { next } else { NEVER };
                continue;
            }
            self.behind = Some(self.due);
            self.proof
                .extend(self.recent.iter().map(|(_, place)| *place));
        }
        match self.behind {
            None => over(self.runs_out).then_some(End::Kept(self.runs_out)),
            Some(_) if is_now => None,
            Some(_) => {
                let given_up = self.given_up().filter(|given_up| *given_up < at);
                given_up.map(End::Broken)
            }
        }
    }

    /// When what has fallen behind is given up.
    fn given_up(&self) -> Option<i64> {
        let known = self.behind?;
        let wait = self.terms.gives_up.as_ref();
        let given_up = wait.map_or(NEVER, |wait| self.terms.counted.later(wait, known));
        let given_up = given_up.min(self.runs_out);
        (given_up != NEVER).then_some(given_up)
    }

    fn count(&mut self, place: usize, at: i64) {
        let until = self.terms.counted.over(&self.terms.every, at);
        if self.terms.is_calendar() {
            // Of a span that was not whole nothing is asked, so nothing counts.
            let begins = self.first_due == self.due && until < self.due;
            if !begins {
                self.recent.push_back((until, place));
            }
            return;
        }
        self.recent.push_back((until, place));
        while self.recent.len() > self.terms.count {
            self.recent.pop_front();
        }
        if self.behind.is_none() {
            self.due = self.next_due();
        }
    }

    /// Of a length: when the next one is due.
    fn next_due(&self) -> i64 {
        match self
            .recent
            .front()
            .filter(|_| self.recent.len() >= self.terms.count)
        {
            Some((until, _)) => self.first_due.max(*until),
            None => self.first_due,
        }
    }

    fn has_caught_up(&self, at: i64) -> bool {
        match self.terms.is_calendar() {
            true => self.recent.len() >= self.terms.count,
            false => self.recent.len() >= self.terms.count && self.next_due() >= at,
        }
    }

    /// Starts the clock: what was left of every length is left still.
    fn resume(&mut self, place: usize, at: i64) {
        let Some((since, stopped)) = self.paused.take() else {
            return;
        };
        self.proof.extend([stopped, place]);
        if let Lasts::For(wait) = self.terms.every {
            let bound = Bound::due(&By::After(wait), &self.terms.counted);
            let resumed = |until: i64| match until >= since {
                true => bound.resumed(until, since, at),
                false => until,
            };
            self.first_due = resumed(self.first_due);
            self.recent
                .iter_mut()
                .for_each(|(until, _)| *until = resumed(*until));
            self.due = self.next_due();
        }
    }

    fn stands(
        mut self,
        standing: Standing,
        end: Option<End>,
        as_of: i64,
        reported: i64,
    ) -> (Standing, Vec<usize>) {
        let ran_out = end.is_none().then(|| self.pass(as_of, true)).flatten();
        let by_itself = ran_out.is_some();
        let known = self.behind;
        let due_at = self.due;
        let standing = match (end.or(ran_out), known) {
            (Some(End::Excused(at)), _) => Standing {
                state: State::Excused,
                due_at,
                closed_at: Some(at),
                ..standing
            },
            (Some(End::Kept(at)), _) if by_itself => Standing {
                due_at: at,
                ..standing
            }
            .kept_at_end(as_of, reported),
            (Some(End::Kept(at)), _) => Standing {
                due_at: at,
                ..standing
            }
            .kept_at_end(at, NEVER),
            (Some(End::CaughtUp(at)), known) => Standing {
                state: State::Late,
                due_at,
                closed_at: Some(at),
                could_have_known: known,
                late_by: Some(at.saturating_sub(due_at)),
                ..standing
            },
            (Some(End::Broken(at)), known) => Standing {
                state: State::Broken,
                due_at,
                closed_at: Some(at),
                could_have_known: known,
                late_by: Some(at.saturating_sub(due_at)),
                ..standing
            },
            (None, Some(known)) => {
                self.behind(Standing { due_at, ..standing }, known, as_of, reported)
            }
            (None, None) => {
                if let Some((_, stopped)) = self.paused {
                    self.proof.push(stopped);
                }
                let ends = self.runs_out.min(due_at);
                Standing {
                    due_at: ends,
                    paused_since: self.paused.map(|(since, _)| since),
                    turns_at: (self.paused.is_some() && self.runs_out != NEVER)
                        .then_some(self.runs_out),
                    ..standing
                }
            }
        };
        (standing, self.proof)
    }

    /// How it stands while it is behind.
    fn behind(&self, standing: Standing, known: i64, as_of: i64, reported: i64) -> Standing {
        let given_up_at = self.given_up();
        if reported < known {
            return Standing {
                state: State::Unconfirmed,
                given_up_at,
                ..standing
            };
        }
        match given_up_at {
            Some(given_up) if given_up <= as_of && given_up <= reported => Standing {
                late_by: Some(given_up.saturating_sub(known)),
                closed_at: Some(given_up),
                could_have_known: Some(known),
                state: State::Broken,
                ..standing
            },
            _ => Standing {
                state: State::Overdue,
                could_have_known: Some(known),
                late_by: Some(as_of.saturating_sub(known)),
                given_up_at,
                ..standing
            },
        }
    }
}
