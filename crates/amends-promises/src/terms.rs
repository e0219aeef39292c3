//! The terms of a promise: everything that its definition says about time.

use std::collections::BTreeMap;

use amends_model::clock::Clock;
use amends_model::wait::{Calendar, Wait};
use amends_model::{Problem, Result, time};
use amends_project::definition::{By, Promise};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::fact::Fact;

/// What a definition says about time. All moments are microseconds of UTC.
///
/// A deadline that lies beyond the years that can be told is never reached.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Counts opening hours and business days, in its own zone.
    calendar: Calendar,
    /// Counts plain days, in the promise's zone.
    days: Calendar,
    /// The length of the promise, where no property of the opening event names its end.
    after: Option<Wait>,
    /// Whether deadlines are days: what happens at their end comes too late.
    ends_days: bool,
    clock: Clock,
    beaten: Option<Wait>,
    gives_up: Option<Wait>,
}

const NEVER: i64 = i64::MAX;

impl Terms {
    /// The terms of a promise.
    ///
    /// # Errors
    /// `AM0703` when there is no such calendar; `AM0009` when the calendar never opens and the promise counts its hours.
    pub fn new(promise: &Promise, calendars: &BTreeMap<String, Calendar>) -> Result<Self> {
        let calendar =
            calendars.get(&promise.calendar).cloned().ok_or_else(|| {
                Problem::new(
                "AM0703",
                format!("promise {:?} names a calendar that there is not", promise.name),
            )
            .detail(format!("{:?}", promise.calendar))
            .hint("add the calendar to amends.toml, or leave `calendar` out to use the default one")
            })?;
        let after = match &promise.by {
            By::After(wait) => Some(*wait),
            By::Date(_) | By::Timestamp(_) => None,
        };
        let terms = Self {
            calendar,
            days: Calendar::weekdays(promise.zone.clone()),
            after,
            ends_days: matches!(promise.by, By::Date(_)),
            clock: after.as_ref().map_or(Clock::Always, Wait::clock),
            beaten: promise.beaten,
            gives_up: promise.gives_up,
        };
        let waits = [terms.after, terms.beaten, terms.gives_up];
        for wait in waits.iter().flatten() {
            wait.after(Timestamp::UNIX_EPOCH, terms.counted_on(wait))?;
        }
        Ok(terms)
    }

    /// The zone in which its days end.
    pub fn zone(&self) -> &TimeZone {
        &self.days.zone
    }

    /// Whether its deadlines are days.
    pub fn ends_days(&self) -> bool {
        self.ends_days
    }

    /// Whether the opening event names the deadline, rather than the definition a length.
    pub fn reads_deadline(&self) -> bool {
        self.after.is_none()
    }

    /// The deadline that a day stands for: its end, in the promise's zone, or its start where the promise is about moments.
    pub fn day(&self, day: Date) -> i64 {
        let moment = if self.ends_days {
            time::end_of_day(day, self.zone())
        } else {
            time::start_of_day(day, self.zone())
        };
        moment.map_or(NEVER, time::micros)
    }

    /// When the promise that an opening event makes is due; `None` if the event names no deadline and so promises nothing.
    pub fn due(&self, opening: &Fact) -> Option<i64> {
        match &self.after {
            Some(wait) => Some(self.later(wait, opening.at)),
            None => opening.by(),
        }
    }

    /// Whether something that happens then meets a deadline: until its instant, or before the end of its day.
    pub fn met(&self, deadline: i64, at: i64) -> bool {
        if self.ends_days {
            at < deadline
        } else {
            at <= deadline
        }
    }

    /// The deadline after the clock stood still: what was left of the time when it stopped is left when it starts again.
    /// Never earlier than it was.
    pub(crate) fn resumed(&self, deadline: i64, stopped: i64, started: i64) -> i64 {
        let shifted = || {
            let moment = |micros| time::from_micros(micros).ok();
            let calendar = &self.calendar;
            let left = self
                .clock
                .between(moment(stopped)?, moment(deadline)?, calendar);
            let due = self.clock.after(moment(started)?, left.ok()?, calendar);
            Some(time::micros(due.ok()?))
        };
        match self.clock {
            Clock::Always => deadline.saturating_add(started.saturating_sub(stopped)),
            _ => shifted().unwrap_or(NEVER).max(deadline),
        }
    }

    /// Whether what keeps it comes with room to spare.
    pub(crate) fn beaten(&self, deadline: i64, at: i64) -> bool {
        self.beaten
            .as_ref()
            .is_some_and(|room| self.later(room, at) <= deadline)
    }

    /// When a promise that could be known to be broken then is given up.
    pub(crate) fn given_up(&self, known: i64) -> Option<i64> {
        self.gives_up.as_ref().map(|wait| self.later(wait, known))
    }

    fn later(&self, wait: &Wait, start: i64) -> i64 {
        time::from_micros(start)
            .and_then(|start| wait.after(start, self.counted_on(wait)))
            .map_or(NEVER, time::micros)
    }

    fn counted_on(&self, wait: &Wait) -> &Calendar {
        match wait {
            Wait::Plain(_) => &self.days,
            Wait::BusinessDays(_) | Wait::Opening(_) => &self.calendar,
        }
    }
}
