//! Which time counts: all of it, business days, or opening hours. What a pause takes from a deadline is counted on this clock, and given back on it.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::wait::{Calendar, beyond, never_open};
use crate::{Result, time};

/// The time that counts towards a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// Every moment.
    Always,
    /// Every moment of the days on which the company works.
    BusinessDays,
    /// The moments at which the company is open.
    OpeningHours,
}

/// A calendar that opens this seldom cannot be counted on: the search for the next open hour gives up.
pub(crate) const DAYS_SEARCHED: usize = 3660;

/// Farther than this many days, what lies between two moments is not counted day by day.
const DAYS_COUNTED: i64 = 40 * 366;

impl Clock {
    /// How much counted time lies between two moments: nothing when the second is not the later one.
    /// More than forty years apart, plain time is counted.
    ///
    /// # Errors
    /// `AM0002` when a day cannot be represented.
    pub fn between(
        self,
        from: Timestamp,
        to: Timestamp,
        calendar: &Calendar,
    ) -> Result<SignedDuration> {
        let plain = from.duration_until(to);
        if !plain.is_positive() {
            return Ok(SignedDuration::ZERO);
        }
        if self == Clock::Always || plain.as_hours() / 24 > DAYS_COUNTED {
            return Ok(plain);
        }
        let last = to.to_zoned(calendar.zone.clone()).date();
        let mut day = from.to_zoned(calendar.zone.clone()).date();
        let mut counted = SignedDuration::ZERO;
        while day <= last {
            for (starts, ends) in self.stretches(day, calendar)? {
                let stretch = starts.max(from).duration_until(ends.min(to));
                counted += stretch.max(SignedDuration::ZERO);
            }
            day = day.checked_add(1.day()).map_err(beyond)?;
        }
        Ok(counted)
    }

    /// The first moment at which this much counted time has passed since another.
    ///
    /// # Errors
    /// `AM0002` when that moment cannot be represented; `AM0009` when the calendar is closed for ten years on end.
    pub fn after(
        self,
        start: Timestamp,
        duration: SignedDuration,
        calendar: &Calendar,
    ) -> Result<Timestamp> {
        let far = duration.as_hours() / 24 > DAYS_COUNTED;
        if self == Clock::Always || far || !duration.is_positive() {
            return start
                .checked_add(duration.max(SignedDuration::ZERO))
                .map_err(beyond);
        }
        let mut day = start.to_zoned(calendar.zone.clone()).date();
        let (mut left, mut idle) = (duration, 0);
        loop {
            for (starts, ends) in self.stretches(day, calendar)? {
                let starts = starts.max(start);
                let stretch = starts.duration_until(ends);
                if !stretch.is_positive() {
                    continue;
                }
                idle = 0;
                if left <= stretch {
                    return starts.checked_add(left).map_err(beyond);
                }
                left -= stretch;
            }
            day = day.checked_add(1.day()).map_err(beyond)?;
            idle += 1;
            if idle > DAYS_SEARCHED {
                return Err(never_open());
            }
        }
    }

    /// The stretches of a day that count, in order.
    fn stretches(self, day: Date, calendar: &Calendar) -> Result<Vec<(Timestamp, Timestamp)>> {
        let zone = &calendar.zone;
        match self {
            Clock::BusinessDays if !calendar.is_business_day(day) => Ok(Vec::new()),
            Clock::Always | Clock::BusinessDays => Ok(vec![(
                time::start_of_day(day, zone)?,
                time::end_of_day(day, zone)?,
            )]),
            Clock::OpeningHours => calendar
                .hours_of(day)
                .iter()
                .map(|(opens, closes)| {
                    let opens = time::instant(day.to_datetime(*opens), zone)?.0;
                    let closes = if *closes == Time::MAX {
                        time::end_of_day(day, zone)?
                    } else {
                        time::instant(day.to_datetime(*closes), zone)?.0
                    };
                    Ok((opens, closes))
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn utc() -> Calendar {
        Calendar::weekdays(time::zone("UTC").unwrap())
    }

    #[test]
    fn business_days_count_whole_days_without_weekends() {
        // Friday 15:00 to Tuesday 15:00: nine hours, a Monday, fifteen hours.
        let (from, to) = (at("2026-01-02T15:00:00Z"), at("2026-01-06T15:00:00Z"));
        let counted = Clock::BusinessDays.between(from, to, &utc()).unwrap();
        assert_eq!(counted, SignedDuration::from_hours(48));
        assert_eq!(
            Clock::BusinessDays.after(from, counted, &utc()).unwrap(),
            to
        );
    }

    #[test]
    fn opening_hours_count_only_while_open() {
        // Friday 16:00 to Monday 10:00: one hour each day.
        let (from, to) = (at("2026-01-02T16:00:00Z"), at("2026-01-05T10:00:00Z"));
        let counted = Clock::OpeningHours.between(from, to, &utc()).unwrap();
        assert_eq!(counted, SignedDuration::from_hours(2));
        assert_eq!(
            Clock::OpeningHours.after(from, counted, &utc()).unwrap(),
            to
        );
        // Nothing left is due at once, also at night.
        let night = at("2026-01-03T02:00:00Z");
        assert_eq!(
            Clock::OpeningHours
                .after(night, SignedDuration::ZERO, &utc())
                .unwrap(),
            night
        );
    }

    #[test]
    fn a_day_of_daylight_time_counts_as_long_as_it_was() {
        let vienna = Calendar::weekdays(time::zone("Europe/Vienna").unwrap());
        // Daylight time began on Sunday 29 March 2026: it counts for nothing here.
        let (from, to) = (at("2026-03-27T11:00:00Z"), at("2026-03-30T10:00:00Z"));
        let counted = Clock::BusinessDays.between(from, to, &vienna).unwrap();
        assert_eq!(counted, SignedDuration::from_hours(24));
        let all = Clock::Always.between(from, to, &vienna).unwrap();
        assert_eq!(all, SignedDuration::from_hours(71));
    }

    #[test]
    fn the_far_future_is_not_counted_day_by_day() {
        let (from, to) = (at("2026-01-02T15:00:00Z"), at("9000-01-06T15:00:00Z"));
        let counted = Clock::OpeningHours.between(from, to, &utc()).unwrap();
        assert_eq!(counted, from.duration_until(to));
        assert_eq!(
            Clock::OpeningHours.after(from, counted, &utc()).unwrap(),
            to
        );
        assert!(
            Clock::OpeningHours
                .after(to, counted, &utc())
                .is_err_and(|problem| problem.code() == "AM0002")
        );
    }
}
