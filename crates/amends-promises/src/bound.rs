//! One end of the time in which a promise is to be kept: when it is due, or when its window opens.

use std::sync::Arc;

use amends_model::clock::Clock;
use amends_model::time;
use amends_model::wait::Wait;
use amends_project::definition::{Before, By, TimeOfDay};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::counted::{Counted, NEVER};

/// How one end is told. All moments are microseconds of UTC.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    counted: Arc<Counted>,
    how: How,
    /// So long before the time that is named.
    ahead: Option<Wait>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// A property names a day: its end.
    EndOfDay,
    /// A property names a day: its start.
    StartOfDay,
    /// A property names a moment.
    Instant,
    /// A property names a day: a time of it.
    Day(TimeOfDay),
    /// A length from the opening on.
    After(Wait),
    /// An event tells it when it happens.
    Event,
}

impl Bound {
    /// The end by which it is due.
    pub(crate) fn due(by: &By, counted: &Arc<Counted>) -> Self {
        Self::new(by, How::EndOfDay, counted)
    }

    /// The beginning from which on it may be kept.
    pub(crate) fn from(by: &By, counted: &Arc<Counted>) -> Self {
        Self::new(by, How::StartOfDay, counted)
    }

    fn new(by: &By, of_day: How, counted: &Arc<Counted>) -> Self {
        let how = match by {
            By::Date(_) => of_day,
            By::Timestamp(_) => How::Instant,
            By::Day(_, time) => How::Day(*time),
            By::After(wait) => How::After(*wait),
        };
        Self {
            counted: Arc::clone(counted),
            how,
            ahead: None,
        }
    }

    /// The end of a notice: so long before what is announced. A day that is named begins with its first instant.
    pub(crate) fn notice(before: &Before, ahead: Wait, counted: &Arc<Counted>) -> Self {
        let bound = match before {
            Before::Named(by) => Self::new(by, How::StartOfDay, counted),
            Before::Event(_) => Self {
                counted: Arc::clone(counted),
                how: How::Event,
                ahead: None,
            },
        };
        Self {
            ahead: Some(ahead),
            ..bound
        }
    }

    /// The end that a time which is named or happens sets: itself, or so long before as must be announced.
    pub(crate) fn before(&self, named: i64) -> i64 {
        let ahead = self.ahead.as_ref();
        ahead.map_or(named, |ahead| self.counted.earlier(ahead, named))
    }

    /// Whether an event tells it when it happens.
    pub(crate) fn is_told_by_event(&self) -> bool {
        matches!(self.how, How::Event)
    }

    /// The length that it is, where no property names it.
    pub(crate) fn wait(&self) -> Option<&Wait> {
        match &self.how {
            How::After(wait) => Some(wait),
            _ => None,
        }
    }

    /// Whether it is the end of a day: what happens at that instant comes too late.
    pub(crate) fn ends_day(&self) -> bool {
        matches!(self.how, How::EndOfDay)
    }

    /// Whether it is the start of a day.
    pub(crate) fn starts_day(&self) -> bool {
        matches!(self.how, How::StartOfDay)
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        self.counted.zone()
    }

    /// The moment that an opening event sets, from when it happened and what its property names; `None` if it names nothing.
    pub(crate) fn set(&self, opened_at: i64, named: Option<i64>) -> Option<i64> {
        match &self.how {
            // A notice before a time so long after the opening is due before that time.
            How::After(wait) => Some(self.before(self.counted.later(wait, opened_at))),
            How::Event => Some(NEVER),
            _ => named,
        }
    }

    /// Whether an opening event sets a moment.
    pub(crate) fn is_set(&self, named: Option<i64>) -> bool {
        matches!(self.how, How::After(_) | How::Event) || named.is_some()
    }

    /// The moment for which a day stands; `None` on a day on which the calendar is closed and its hours are meant.
    pub(crate) fn of_day(&self, day: Date) -> Option<i64> {
        let zone = self.zone();
        let moment = match &self.how {
            How::EndOfDay => time::end_of_day(day, zone),
            How::StartOfDay | How::Instant | How::After(_) | How::Event => {
                time::start_of_day(day, zone)
            }
            How::Day(TimeOfDay::Clock(clock)) => at(day, *clock, zone),
            How::Day(hours) => {
                let calendar = &self.counted.calendar;
                let open = calendar.hours_of(day);
                let clock = match hours {
                    TimeOfDay::Closing => open.last().map(|(_, closes)| *closes),
                    _ => open.first().map(|(opens, _)| *opens),
                };
                at(day, clock?, &calendar.zone)
            }
        };
        Some(moment.map_or(NEVER, time::micros))
    }

    /// Whether a day is what it is told by: a moment stands for the day in which it lies.
    pub(crate) fn is_by_day(&self) -> bool {
        matches!(self.how, How::EndOfDay | How::StartOfDay | How::Day(_))
    }

    /// The moment after the clock stood still: what was left of the time when it stopped is left when it starts again.
    /// Never earlier than it was.
    pub(crate) fn resumed(&self, bound: i64, stopped: i64, started: i64) -> i64 {
        let clock = self.wait().map_or(Clock::Always, Wait::clock);
        let shifted = || {
            let moment = |micros| time::from_micros(micros).ok();
            let calendar = &self.counted.calendar;
            let left = clock.between(moment(stopped)?, moment(bound)?, calendar);
            let due = clock.after(moment(started)?, left.ok()?, calendar);
            Some(time::micros(due.ok()?))
        };
        match clock {
            Clock::Always => bound.saturating_add(started.saturating_sub(stopped)),
            _ => shifted().unwrap_or(NEVER).max(bound),
        }
    }
}

/// A time of a day; `Time::MAX` is its end.
fn at(day: Date, clock: Time, zone: &TimeZone) -> amends_model::Result<jiff::Timestamp> {
    if clock == Time::MAX {
        return time::end_of_day(day, zone);
    }
    time::instant(day.to_datetime(clock), zone).map(|(instant, _)| instant)
}
