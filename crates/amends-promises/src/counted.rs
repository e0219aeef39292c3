//! How lengths of time are counted for a promise: on its calendar, and in its zone.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Period, Result, time};
use amends_project::definition::Lasts;
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

    /// The last moment after which a length has passed by another: the other way round. The earliest that can be told where there is none.
    pub(crate) fn earlier(&self, wait: &Wait, end: i64) -> i64 {
        let before = |end| before(wait, end, self.on(wait));
        time::from_micros(end).map_or(NEVER, |end| time::micros(before(end)))
    }

    /// When what lasts so and begins then is over.
    pub(crate) fn over(&self, lasts: &Lasts, begun: i64) -> i64 {
        match lasts {
            Lasts::For(wait) => self.later(wait, begun),
            Lasts::Period(length) => {
                let day = time::from_micros(begun).map(|at| self.zone().to_datetime(at).date());
                let bounds =
                    day.and_then(|day| Period::containing(day, *length).bounds(self.zone()));
                bounds.map_or(NEVER, |(_, end)| time::micros(end))
            }
        }
    }

    /// As [`Counted::check`], of what lasts so.
    ///
    /// # Errors
    /// As [`Counted::check`].
    pub(crate) fn check_lasts(&self, lasts: Option<&Lasts>) -> Result<()> {
        match lasts {
            Some(Lasts::For(wait)) => self.check(wait),
            _ => Ok(()),
        }
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

/// The last moment after which so much time has passed by another.
pub(crate) fn before(lag: &Wait, by: Timestamp, calendar: &Calendar) -> Timestamp {
    let passed = |micros: i64| {
        let moment = time::from_micros(micros).ok();
        moment
            .and_then(|moment| lag.after(moment, calendar).ok())
            .is_some_and(|end| end <= by)
    };
    let (first, mut over) = (time::micros(Timestamp::MIN), time::micros(by));
    if passed(over) {
        return by;
    }
    // Step back by doubling lengths until it has passed, then halve the stretch that is left.
    let mut step: i64 = 3_600_000_000;
    let mut enough = over;
    while !passed(enough) {
        if enough == first {
            return Timestamp::MIN;
        }
        over = enough;
        enough = enough.saturating_sub(step).max(first);
        step = step.saturating_mul(2);
    }
    while over - enough > 1 {
        let middle = enough + (over - enough) / 2;
        if passed(middle) {
            enough = middle;
        } else {
            over = middle;
        }
    }
    time::from_micros(enough).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_taken_off_exactly() {
        let calendar = Calendar::weekdays(time::zone("Europe/Vienna").unwrap());
        for lag in [
            "2 days",
            "1 month",
            "90 minutes",
            "2 business days",
            "8 opening hours",
        ] {
            let lag = Wait::parse(lag).unwrap();
            for by in [
                "2026-03-30T09:00:00Z",
                "2026-03-01T00:00:00Z",
                "2026-01-05T07:59:59Z",
            ] {
                let by: Timestamp = by.parse().unwrap();
                let moment = before(&lag, by, &calendar);
                assert!(lag.after(moment, &calendar).unwrap() <= by, "{lag} {by}");
                let next = time::from_micros(time::micros(moment) + 1).unwrap();
                assert!(lag.after(next, &calendar).unwrap() > by, "{lag} {by}");
            }
        }
    }
}
