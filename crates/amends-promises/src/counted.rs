//! How lengths of time are counted for a promise: on its calendar, and in its zone.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Result, time};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Stands for a moment that is never reached: one that lies beyond the years that can be told.
pub(crate) const NEVER: i64 = i64::MAX;

/// On what lengths of time are counted.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// Counts opening hours and business days, in its own zone.
    pub(crate) calendar: Calendar,
    /// Counts plain days, in the promise's zone.
    days: Calendar,
}

impl Counted {
    pub(crate) fn new(calendar: Calendar, zone: TimeZone) -> Self {
        let days = Calendar::weekdays(zone);
        Self { calendar, days }
    }

    /// The zone in which the promise's days end.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.days.zone
    }

    /// The moment at which a length has passed since another. All moments are microseconds of UTC.
    pub(crate) fn later(&self, wait: &Wait, start: i64) -> i64 {
        time::from_micros(start)
            .and_then(|start| wait.after(start, self.on(wait)))
            .map_or(NEVER, time::micros)
    }

    /// Whether a length can be counted at all.
    ///
    /// # Errors
    /// `AM0009` when the calendar never opens and its hours are counted.
    pub(crate) fn check(&self, wait: &Wait) -> Result<()> {
        wait.after(Timestamp::UNIX_EPOCH, self.on(wait)).map(|_| ())
    }

    fn on(&self, wait: &Wait) -> &Calendar {
        match wait {
            Wait::Plain(_) => &self.days,
            Wait::BusinessDays(_) | Wait::Opening(_) => &self.calendar,
        }
    }
}
