//! *deadline*, *window* and *notice*: this by then; not before, not after; so long before that. A deadline is a window that has always been open,
//! a notice a deadline that lies before what is announced.
//!
//! Where facts contradict each other:
//! - The first opening event that names its times makes the promise; later ones say nothing. A window that ends before it begins is none.
//! - What keeps it closes it, first come by (at, source, id). What keeps it may come before what opens it: kept in time, never beaten;
//!   but nothing comes too early for a promise that was not made yet.
//! - What keeps it before its window opens breaks it: too early, by less than nothing late.
//! - An excuse counts only before the deadline and before what keeps it (rule 9).
//! - A move or a pause counts only from the opening on and until the deadline: a let-down that could be known stands.
//!   A promise moved into the past is a let-down from the move on. A move may bring a new beginning with it; without one the beginning stays.
//! - A pause stops the clock once, however often it is told to stop; the first start ends it. While it stands still nothing is due.
//!   What stopped it before the opening holds it from the opening on. A move while it stands still sets what is left.
//!   A window that had not opened when the clock stopped opens later by as much.
//! - A notice before an event is not due until the event happens: the first one since the opening sets the deadline, which then lies in the past, and the
//!   first notice is held against it. Until then nothing closes it but an excuse.
//! - Whatever happens at the instant of a deadline comes before the deadline, unless the deadline is the end of a day.

use std::sync::Arc;

use amends_model::wait::Wait;
use amends_model::{EventId, Result, State};
use amends_project::definition::{By, Deadline, Notice};

use crate::bound::Bound;
use crate::counted::{Counted, NEVER};
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// The span in which a promise is to be kept. All moments are microseconds of UTC.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// From when on; a deadline has none.
    pub(crate) from: Option<Bound>,
    /// By when.
    pub(crate) due: Bound,
    counted: Arc<Counted>,
    beaten: Option<Wait>,
    gives_up: Option<Wait>,
}

/// Since ever: where no window has to open.
const ALWAYS: i64 = i64::MIN;

impl Span {
    /// # Errors
    /// `AM0009` when the calendar never opens and the promise counts its hours.
    pub(crate) fn new(
        from: Option<&By>,
        deadline: &Deadline,
        counted: &Arc<Counted>,
    ) -> Result<Self> {
        let span = Self {
            from: from.map(|from| Bound::from(from, counted)),
            due: Bound::due(&deadline.by, counted),
            counted: Arc::clone(counted),
            beaten: deadline.beaten,
            gives_up: deadline.gives_up,
        };
        let bounds = span.from.iter().chain([&span.due]);
        let waits = bounds.filter_map(Bound::wait);
        for wait in waits.chain(&span.beaten).chain(&span.gives_up) {
            counted.check(wait)?;
        }
        Ok(span)
    }

    /// The span of a notice.
    ///
    /// # Errors
    /// As [`Span::new`].
    pub(crate) fn notice(notice: &Notice, counted: &Arc<Counted>) -> Result<Self> {
        let span = Self {
            from: None,
            due: Bound::notice(&notice.before, notice.ahead, counted),
            counted: Arc::clone(counted),
            beaten: notice.beaten,
            gives_up: notice.gives_up,
        };
        let waits = [
            Some(&notice.ahead),
            notice.beaten.as_ref(),
            notice.gives_up.as_ref(),
        ];
        for wait in waits.into_iter().flatten().chain(span.due.wait()) {
            counted.check(wait)?;
        }
        Ok(span)
    }

    /// Whether an opening event names the times that it must name.
    pub(crate) fn is_named(&self, opening: &Fact) -> bool {
        match &self.from {
            None => self.due.is_set(opening.by()),
            Some(_) => self.of(opening).is_some(),
        }
    }

    /// From when on and by when the promise that an opening event makes is to be kept; `None` if the event does not name it and so promises nothing.
    pub(crate) fn of(&self, opening: &Fact) -> Option<(i64, i64)> {
        let due = self.due.set(opening.at, opening.by())?;
        match &self.from {
            None => Some((ALWAYS, due)),
            Some(from) => {
                let from = from.set(opening.at, opening.from())?;
                (from <= due).then_some((from, due))
            }
        }
    }

    /// Whether something that happens then meets a deadline: until its instant, or before the end of its day.
    fn met(&self, deadline: i64, at: i64) -> bool {
        if self.due.ends_day() {
            at < deadline
        } else {
            at <= deadline
        }
    }

    /// Whether what keeps it comes with room to spare.
    fn beaten(&self, deadline: i64, at: i64) -> bool {
        self.beaten
            .as_ref()
            .is_some_and(|room| self.counted.later(room, at) <= deadline)
    }

    /// When a promise that could be known to be broken then is given up.
    fn given_up(&self, known: i64) -> Option<i64> {
        let wait = self.gives_up.as_ref()?;
        Some(self.counted.later(wait, known))
    }

    pub(crate) fn fold(
        &self,
        facts: &[Fact],
        as_of: i64,
        reported: i64,
        proof: &mut Vec<EventId>,
    ) -> Option<Standing> {
        let (opening, (from, due)) = facts.iter().enumerate().find_map(|(index, fact)| {
            let opens = fact.role == Role::Opens;
            Some((index, opens.then(|| self.of(fact)).flatten()?))
        })?;
        let opened_at = facts[opening].at;
        let mut walk = Walk {
            span: self,
            opening: &facts[opening],
            from,
            due,
            since: opened_at,
            paused: None,
            announced: None,
            before: proof.len(),
            proof,
        };
        let end = facts.iter().find_map(|fact| walk.take(fact));
        let standing = Standing {
            state: State::Open,
            opening,
            opened_at,
            from: self.from.is_some().then_some(walk.from),
            due_at: walk.due,
            paused_since: walk.paused.map(|pause| pause.told),
            closed_at: None,
            could_have_known: None,
            late_by: None,
            given_up_at: None,
            turns_at: None,
        };
        Some(match end {
            Some(end) => walk.closed(standing, end),
            None => walk.waiting(standing, as_of, reported),
        })
    }
}

/// One pass over the facts of one promise.
struct Walk<'a> {
    span: &'a Span,
    opening: &'a Fact,
    /// From when on it may be kept.
    from: i64,
    due: i64,
    /// Since when the deadline is what it is.
    since: i64,
    paused: Option<Pause>,
    /// What announced an event that has not happened yet: when, and whether the proof had it for nothing else.
    announced: Option<(i64, bool)>,
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
        let passed = running && !self.span.met(self.due, at);
        match fact.role {
            Role::Opens => {
                if fact == self.opening {
                    self.prove(fact.id);
                }
            }
            Role::Kept if early && at < self.from => {}
            Role::Kept if self.due == NEVER && self.span.due.is_told_by_event() => {
                if self.announced.is_none() {
                    self.announced = Some((at, self.prove(fact.id)));
                }
            }
            Role::Before => return self.take_before(fact, early),
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
                let from = fact.from().filter(|_| self.span.from.is_some());
                let from = from.unwrap_or(self.from);
                if let Some(to) = fact.by().filter(|to| !early && from <= *to) {
                    (self.from, self.due, self.since) = (from, to, at);
                    if let Some(pause) = &mut self.paused {
                        pause.from = at;
                    }
                    self.prove(fact.id);
                }
            }
            // Facts of other shapes.
            Role::Breaks | Role::Ends | Role::Measured | Role::Down | Role::Up | Role::Counted => {}
        }
        None
    }

    /// Takes what a notice is to come before: now the due moment is known.
    fn take_before(&mut self, fact: &Fact, early: bool) -> Option<End> {
        if early || self.due != NEVER || !self.span.due.is_told_by_event() {
            return None;
        }
        (self.due, self.since) = (self.span.due.before(fact.at), fact.at);
        let proved = self.prove(fact.id);
        let (kept, proves) = self.announced?;
        // What came too late to be a notice at all is told all the same; what may be taken back stands last.
        Some(End::Kept {
            at: kept,
            early: kept < self.opening.at,
            proves: proves && !proved,
        })
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
        if let Some(bound) = self.span.from.as_ref().filter(|_| self.from > pause.from) {
            self.from = bound.resumed(self.from, pause.from, at);
        }
        if self.due >= pause.from {
            let due = self.span.due.resumed(self.due, pause.from, at);
            self.due = due.max(self.from);
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
        if at < self.from {
            return Standing {
                state: State::Broken,
                closed_at: Some(at),
                could_have_known: Some(at),
                late_by: Some(at.saturating_sub(self.from)),
                ..standing
            };
        }
        if self.span.met(self.due, at) {
            let beaten = !early && self.span.beaten(self.due, at);
            let state = if beaten { State::Beaten } else { State::Kept };
            return Standing {
                state,
                closed_at: Some(at),
                ..standing
            };
        }
        let known = self.known();
        let given_up = self.span.given_up(known);
        let (state, closed_at) = match given_up {
            Some(given_up) if !self.span.met(given_up, at) => {
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
        let given_up_at = self.span.given_up(known);
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
