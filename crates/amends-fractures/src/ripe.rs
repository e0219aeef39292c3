//! When an instance says something: once everything of its age has had its time.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Period, State, time};
use amends_project::Project;
use amends_project::definition::{Lasts, Promise, Shape};

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

/// Which instances are ripe.
#[derive(Clone, Debug)]
pub(crate) struct Ripe {
    pub(crate) clock: Clock,
    /// How far the sources have reported that decide the promise, in microseconds of UTC.
    pub(crate) reported: i64,
}

impl Ripe {
    /// Of a promise.
    pub(crate) fn new(project: &Project, promise: &Promise, reported: i64) -> Self {
        let calendar = || {
            let named = project.calendars.get(&promise.calendar);
            named
                .cloned()
                .unwrap_or_else(|| Calendar::weekdays(project.company.zone.clone()))
        };
        let lasts = match &promise.shape {
            Shape::Never(never) => never.lasts,
            _ => None,
        };
        let clock = match (lasts, promise.shape.binds()) {
            (Some(lasts), _) => Clock::Length(lasts, Box::new(calendar())),
            (None, true) => Clock::Event,
            (None, false) => Clock::Due,
        };
        Self { clock, reported }
    }

    /// When an instance was due or its exposure over; `None` where it is not ripe, or excused.
    pub(crate) fn due(&self, state: State, opened_at: i64, due_at: i64) -> Option<i64> {
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

    fn ripe(clock: Clock) -> Ripe {
        Ripe {
            clock,
            reported: 100 * DAY,
        }
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
}
