//! The state of one promise made to one customer, as a function of the facts, the terms and two moments: nothing else (rule 6).
//!
//! Where facts contradict each other:
//! - The first opening event that names a deadline makes the promise; later ones say nothing.
//! - What keeps it closes it, first come by (at, source, id). What keeps it may come before what opens it: kept in time, never beaten.
//! - An excuse counts only before the deadline and before what keeps it (rule 9).
//! - A move or a pause counts only from the opening on and until the deadline: a let-down that could be known stands.
//!   A promise moved into the past is a let-down from the move on.
//! - A pause stops the clock once, however often it is told to stop; the first start ends it. While it stands still nothing is due.
//!   What stopped it before the opening holds it from the opening on. A move while it stands still sets what is left.
//! - Whatever happens at the instant of a deadline comes before the deadline, unless the deadline is the end of a day.

use amends_model::{EventId, State};

use crate::fact::{Fact, Role};
use crate::terms::Terms;

/// How one promise stands. Moments are microseconds of UTC, lengths microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// Which of the facts opened it.
    pub opening: usize,
    /// When it was made.
    pub opened_at: i64,
    /// When it was or is due, moves and ended pauses counted.
    pub due_at: i64,
    /// Since when the clock stands still.
    pub paused_since: Option<i64>,
    /// When it was kept, given up or excused.
    pub closed_at: Option<i64>,
    /// The first instant at which events up to then prove the let-down (rule 7).
    pub could_have_known: Option<i64>,
    /// How late it is or was: until it was kept or given up, else until now.
    pub late_by: Option<i64>,
    /// When it will be given up, if it is due and nothing happens.
    pub given_up_at: Option<i64>,
}

/// Folds facts in the order of `arrange`. Facts later than `as_of` are not seen; `reported` is how far every source that could
/// keep or excuse the promise has reported (rule 4). The events that prove the result are added to `proof`, in order of time.
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
    let (opening, due) = facts.iter().enumerate().find_map(|(index, fact)| {
        let opens = fact.role == Role::Opens;
        Some((index, opens.then(|| terms.due(fact)).flatten()?))
    })?;
    let opened_at = facts[opening].at;
    let mut walk = Walk {
        terms,
        opening: &facts[opening],
        due,
        since: opened_at,
        paused: None,
        before: proof.len(),
        proof,
    };
    let end = facts.iter().find_map(|fact| walk.take(fact));
    let standing = Standing {
        state: State::Open,
        opening,
        opened_at,
        due_at: walk.due,
        paused_since: walk.paused.map(|pause| pause.told),
        closed_at: None,
        could_have_known: None,
        late_by: None,
        given_up_at: None,
    };
    Some(match end {
        Some(end) => walk.closed(standing, end),
        None => walk.waiting(standing, as_of, reported),
    })
}

/// One pass over the facts of one promise.
struct Walk<'a> {
    terms: &'a Terms,
    opening: &'a Fact,
    due: i64,
    /// Since when the deadline is what it is.
    since: i64,
    paused: Option<Pause>,
    /// How many events of other promises stand in the proof.
    before: usize,
    proof: &'a mut Vec<EventId>,
}

/// The clock stands still.
#[derive(Clone, Copy)]
struct Pause {
    /// When it was told to.
    told: i64,
    /// From when on: not before the opening, and anew from each move.
    from: i64,
}

/// What closes a promise.
enum End {
    Kept { at: i64, early: bool, proves: bool },
    Excused { at: i64 },
}

impl Walk<'_> {
    /// Takes the next fact; an end if it closes the promise.
    fn take(&mut self, fact: &Fact) -> Option<End> {
        let at = fact.at;
        let early = at < self.opening.at;
        let running = early || self.paused.is_none();
        let passed = running && !self.terms.met(self.due, at);
        match fact.role {
            Role::Opens => {
                if fact == self.opening {
                    self.prove(fact.id);
                }
            }
            Role::Kept => {
                if !early {
                    self.resume(at);
                }
                let proves = self.prove(fact.id);
                if early {
                    self.prove(self.opening.id);
                }
                return Some(End::Kept { at, early, proves });
            }
            _ if passed => {}
            Role::Excused => {
                if !early {
                    self.resume(at);
                }
                self.prove(fact.id);
                if early {
                    self.prove(self.opening.id);
                }
                return Some(End::Excused { at });
            }
            Role::PauseFrom => {
                if self.paused.is_none() {
                    let from = at.max(self.opening.at);
                    self.paused = Some(Pause { told: at, from });
                    self.prove(fact.id);
                }
            }
            Role::PauseTo if early => {
                // A pause that ended before the opening took nothing, so it proves nothing.
                if self.paused.take().is_some() {
                    self.proof.pop();
                }
            }
            Role::PauseTo => {
                if self.resume(at) {
                    self.prove(fact.id);
                }
            }
            Role::Moved => {
                if let Some(to) = fact.by().filter(|_| !early) {
                    (self.due, self.since) = (to, at);
                    if let Some(pause) = &mut self.paused {
                        pause.from = at;
                    }
                    self.prove(fact.id);
                }
            }
        }
        None
    }

    /// Adds an event to the proof; false if it stands there in another role.
    fn prove(&mut self, id: EventId) -> bool {
        let new = !self.proof[self.before..].contains(&id);
        if new {
            self.proof.push(id);
        }
        new
    }

    /// Starts the clock; false if it runs.
    fn resume(&mut self, at: i64) -> bool {
        let Some(pause) = self.paused.take() else {
            return false;
        };
        if self.due >= pause.from {
            self.due = self.terms.resumed(self.due, pause.from, at);
        }
        self.since = at;
        true
    }

    /// The first instant at which the let-down can be known.
    fn known(&self) -> i64 {
        self.due.max(self.since)
    }

    fn closed(self, standing: Standing, end: End) -> Standing {
        let standing = Standing {
            due_at: self.due,
            paused_since: None,
            ..standing
        };
        let (at, early, proves) = match end {
            End::Excused { at } => {
                return Standing {
                    state: State::Excused,
                    closed_at: Some(at),
                    ..standing
                };
            }
            End::Kept { at, early, proves } => (at, early, proves),
        };
        if self.terms.met(self.due, at) {
            let beaten = !early && self.terms.beaten(self.due, at);
            let state = if beaten { State::Beaten } else { State::Kept };
            return Standing {
                state,
                closed_at: Some(at),
                ..standing
            };
        }
        let known = self.known();
        let given_up = self.terms.given_up(known);
        let (state, closed_at) = match given_up {
            Some(given_up) if !self.terms.met(given_up, at) => {
                // It was given up before it was kept: what kept it proves nothing.
                if proves {
                    self.proof.pop();
                }
                (State::Broken, given_up)
            }
            _ => (State::Late, at),
        };
        Standing {
            state,
            closed_at: Some(closed_at),
            could_have_known: Some(known),
            late_by: Some(closed_at.saturating_sub(self.due)),
            ..standing
        }
    }

    fn waiting(self, standing: Standing, as_of: i64, reported: i64) -> Standing {
        if self.paused.is_some() || as_of < self.due {
            return standing;
        }
        let known = self.known();
        let given_up_at = self.terms.given_up(known);
        if reported < self.due {
            return Standing {
                state: State::Unconfirmed,
                given_up_at,
                ..standing
            };
        }
        let let_down = Standing {
            could_have_known: Some(known),
            given_up_at,
            ..standing
        };
        match given_up_at {
            Some(given_up) if given_up <= as_of && given_up <= reported => Standing {
                state: State::Broken,
                closed_at: Some(given_up),
                late_by: Some(given_up.saturating_sub(self.due)),
                given_up_at: None,
                ..let_down
            },
            _ => Standing {
                state: State::Overdue,
                late_by: Some(as_of.saturating_sub(self.due)),
                ..let_down
            },
        }
    }
}
