//! When an instance says something: once everything of its age has had its time.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Period, State, time};
use amends_project::definition::{Lasts, Promise, Shape, Spell};

/// What makes an instance ripe.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// It is due at a time of its own.
    Due,
    /// Its exposure is over after a length of time.
    Length(Lasts, Box<Calendar>),
    /// Its exposure ends with an event.
    Event,
}

/// Which instances are ripe: each by the definition that judges it.
#[derive(Clone, Debug)]
pub(crate) struct Ripe(Vec<Judge>);

/// What makes the instances ripe that a definition judges.
#[derive(Clone, Debug)]
struct Judge {
    spell: Spell,
    clock: Clock,
    /// How far the sources have reported that decide them, in microseconds of UTC.
    reported: i64,
}

impl Ripe {
    /// By the definitions of a promise, each with how far the sources have reported that decide it.
    pub(crate) fn new<'a>(definitions: impl Iterator<Item = (&'a Promise, i64)>) -> Self {
        let judges = definitions.map(|(promise, reported)| Judge {
            spell: promise.spell,
            clock: Clock::of(promise),
            reported,
        });
        Self(judges.collect())
    }

    /// When an instance was due or its exposure over; `None` where it is not ripe, or excused.
    pub(crate) fn due(&self, state: State, opened_at: i64, due_at: i64) -> Option<i64> {
        match self.0.as_slice() {
            [only] => only.due(state, opened_at, due_at),
            several => {
                let opened = time::from_micros(opened_at).ok()?;
                let judge = several.iter().find(|judge| judge.spell.holds(opened))?;
                judge.due(state, opened_at, due_at)
            }
        }
    }

    /// What can be said of the times of all instances: whether all are due, and whether none has an end that only an event tells.
    pub(crate) fn times(&self) -> Times {
        let all = |is: fn(&Clock) -> bool| self.0.iter().all(|judge| is(&judge.clock));
        Times {
            are_known: all(|clock| !matches!(clock, Clock::Event)),
            are_due: all(|clock| matches!(clock, Clock::Due)),
        }
    }
}

/// Which times of instances say something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// When they were opened: not where an exposure ends with an event, so that its age tells of it.
    pub(crate) are_known: bool,
    /// When they were due.
    pub(crate) are_due: bool,
}

impl Clock {
    fn of(promise: &Promise) -> Self {
        let lasts = match &promise.shape {
            Shape::Never(never) => never.lasts,
            _ => None,
        };
        match (lasts, promise.shape.binds()) {
            (Some(lasts), _) => Clock::Length(lasts, Box::new(promise.calendar.clone())),
            (None, true) => Clock::Event,
            (None, false) => Clock::Due,
        }
    }
}

impl Judge {
    fn due(&self, state: State, opened_at: i64, due_at: i64) -> Option<i64> {
        match &self.clock {
            _ if state == State::Excused => None,
            Clock::Due => {
                let is_decided = !matches!(state, State::Open | State::Unconfirmed);
                (is_decided && due_at <= self.reported).then_some(due_at)
            }
            Clock::Length(lasts, calendar) => {
                Some(ends(lasts, calendar, opened_at)).filter(|end| *end <= self.reported)
            }
            Clock::Event => Some(due_at),
        }
    }
}

/// When an exposure that begins then is over if nothing breaks it.
fn ends(lasts: &Lasts, calendar: &Calendar, begun: i64) -> i64 {
    let end = time::from_micros(begun).and_then(|begun| match lasts {
        Lasts::For(wait) => Wait::after(wait, begun, calendar),
        Lasts::Period(length) => {
            let day = calendar.zone.to_datetime(begun).date();
            Ok(Period::containing(day, *length).bounds(&calendar.zone)?.1)
        }
    });
    // What ends beyond all time is never over.
    end.map_or(i64::MAX, time::micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn judge(clock: Clock, spell: Spell) -> Judge {
        Judge {
            spell,
            clock,
            reported: 100 * DAY,
        }
    }

    fn ripe(clock: Clock) -> Ripe {
        Ripe(vec![judge(clock, Spell::default())])
    }

    #[test]
    fn what_is_due_counts_once_it_was_due_however_early_it_was_kept() {
        let ripe = ripe(Clock::Due);
        assert_eq!(ripe.due(State::Kept, 0, 90 * DAY), Some(90 * DAY));
        for state in [State::Kept, State::Beaten, State::Late, State::Broken] {
            assert_eq!(ripe.due(state, 0, 101 * DAY), None);
        }
        for state in [State::Open, State::Unconfirmed, State::Excused] {
            assert_eq!(ripe.due(state, 0, 90 * DAY), None);
        }
    }

    #[test]
    fn an_exposure_with_a_length_counts_once_that_is_over_broken_or_not() {
        let vienna = Calendar::weekdays(time::zone("Europe/Vienna").unwrap());
        let ripe = ripe(Clock::Length(
            Lasts::For(Wait::parse("60 days").unwrap()),
            Box::new(vienna),
        ));
        for state in [State::Kept, State::Broken] {
            assert_eq!(ripe.due(state, 30 * DAY, 31 * DAY), Some(90 * DAY));
            assert_eq!(ripe.due(state, 41 * DAY, 42 * DAY), None);
        }
        assert_eq!(ripe.due(State::Excused, 0, 0), None);
    }

    #[test]
    fn each_is_ripe_by_the_definition_that_judges_it() {
        let utc = Calendar::weekdays(time::zone("UTC").unwrap());
        let length = |text: &str| {
            let lasts = Lasts::For(Wait::parse(text).unwrap());
            Clock::Length(lasts, Box::new(utc.clone()))
        };
        let change = Some(time::from_micros(40 * DAY).unwrap());
        let (before, after) = (
            Spell {
                from: None,
                until: change,
            },
            Spell {
                from: change,
                until: None,
            },
        );
        let ripe = Ripe(vec![
            judge(length("80 days"), before),
            judge(length("10 days"), after),
        ]);
        assert_eq!(ripe.due(State::Kept, 30 * DAY, 0), None);
        assert_eq!(ripe.due(State::Kept, 20 * DAY, 0), Some(100 * DAY));
        assert_eq!(ripe.due(State::Kept, 40 * DAY, 0), Some(50 * DAY));
        assert!(ripe.times().are_known && !ripe.times().are_due);
    }
}
