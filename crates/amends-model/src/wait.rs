//! How long something may take: plain time, business days or opening hours, counted on a calendar.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::clock::{Clock, DAYS_SEARCHED};
use crate::{Problem, Result, time};

/// A length of time as a definition writes it: `30 days`, `1 month`, `90 minutes`, `2 business days`, `8 opening hours`.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Plain time. Days, weeks, months and years are the calendar's, in the zone; hours and less are exact.
    Plain(Span),
    /// Days on which the company works. The clock's time is kept.
    BusinessDays(i32),
    /// Time while the company is open.
    Opening(SignedDuration),
}

/// When a company is open, in which zone, and on which days it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone in which its hours are told.
    pub zone: TimeZone,
    /// Hours of each weekday, Monday first, each as opening and closing time, sorted and apart. No hours: closed. `Time::MAX` closes at midnight.
    pub hours: [Vec<(Time, Time)>; 7],
    /// Days on which it is closed whatever the weekday.
    pub holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Monday to Friday, nine to five, without holidays.
    pub fn weekdays(zone: TimeZone) -> Self {
        let day = vec![(Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0))];
        let hours =
            std::array::from_fn(|weekday| if weekday < 5 { day.clone() } else { Vec::new() });
        Self {
            zone,
            hours,
            holidays: BTreeSet::new(),
        }
    }

    /// Whether the company works on a day.
    pub fn is_business_day(&self, day: Date) -> bool {
        !self.hours_of(day).is_empty()
    }

    /// When it is open on a day, in order.
    pub fn hours_of(&self, day: Date) -> &[(Time, Time)] {
        if self.holidays.contains(&day) {
            return &[];
        }
        &self.hours[day.weekday().to_monday_zero_offset() as usize]
    }

    /// The hours of one weekday.
    pub fn on(&mut self, weekday: Weekday) -> &mut Vec<(Time, Time)> {
        &mut self.hours[weekday.to_monday_zero_offset() as usize]
    }
}

impl Wait {
    /// Reads `30 days`, `1 month 2 days`, `90 minutes`, `2 business days` or `8 opening hours`.
    ///
    /// # Errors
    /// `AM0008` when it is none of these, or is not longer than nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Problem::new("AM0008", "this is not a length of time").detail(format!("{text:?}")).hint(
                "write for example \"30 days\", \"1 month\", \"90 minutes\", \"2 business days\" or \"8 opening hours\"",
            )
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let wait = match words.as_slice() {
            [count, "business", "day" | "days"] => {
                Wait::BusinessDays(count.parse().map_err(|_| wrong())?)
            }
            [
                rest @ ..,
                "opening",
                unit @ ("hour" | "hours" | "minute" | "minutes"),
            ] if rest.len() == 1 => {
                let count: i64 = rest[0].parse().map_err(|_| wrong())?;
                let seconds = if unit.starts_with("hour") { 3600 } else { 60 };
                Wait::Opening(SignedDuration::from_secs(
                    count.checked_mul(seconds).ok_or_else(wrong)?,
                ))
            }
            _ => Wait::Plain(text.trim().parse().map_err(|_| wrong())?),
        };
        let positive = match &wait {
            Wait::Plain(span) => span.is_positive(),
            Wait::BusinessDays(days) => *days > 0,
            Wait::Opening(duration) => duration.is_positive(),
        };
        if positive { Ok(wait) } else { Err(wrong()) }
    }

    /// The clock on which it is counted.
    pub fn clock(&self) -> Clock {
        match self {
            Wait::Plain(_) => Clock::Always,
            Wait::BusinessDays(_) => Clock::BusinessDays,
            Wait::Opening(_) => Clock::OpeningHours,
        }
    }

    /// The moment at which this much time has passed since another, on a calendar.
    ///
    /// # Errors
    /// `AM0002` when the end cannot be represented; `AM0009` when the calendar is closed for ten years on end.
    pub fn after(&self, start: Timestamp, calendar: &Calendar) -> Result<Timestamp> {
        match self {
            // Exact lengths ask no zone.
            Wait::Plain(span) if is_exact(span) => start.checked_add(*span).map_err(beyond),
            Wait::Plain(span) => {
                let end = start.to_zoned(calendar.zone.clone()).checked_add(*span);
                Ok(end.map_err(beyond)?.timestamp())
            }
            Wait::BusinessDays(days) => business_days_after(start, *days, calendar),
            Wait::Opening(duration) => Clock::OpeningHours.after(start, *duration, calendar),
        }
    }
}

impl Wait {
    /// The latest moment since which this much time has passed at another, on a calendar, to the second.
    ///
    /// # Errors
    /// As `after`.
    pub fn before(&self, end: Timestamp, calendar: &Calendar) -> Result<Timestamp> {
        // A thousand years are longer than anything is kept.
        let (mut low, mut high) = (end.as_second() - 31_556_952_000, end.as_second());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let start = Timestamp::from_second(middle).map_err(beyond)?;
            match self.after(start, calendar)? <= end {
                true => low = middle,
                false => high = middle,
            }
        }
        Timestamp::from_second(low).map_err(beyond)
    }
}

/// Whether it is of hours and less alone.
fn is_exact(span: &Span) -> bool {
    let days = [span.get_days(), span.get_weeks(), span.get_months()];
    days == [0; 3] && span.get_years() == 0
}

pub(crate) fn beyond(error: jiff::Error) -> Problem {
    Problem::new("AM0002", "a moment lies outside the years that can be told").because(error)
}

pub(crate) fn never_open() -> Problem {
    Problem::new("AM0009", "this calendar is closed for ten years on end")
        .hint("give the calendar opening hours on at least one weekday")
}

fn business_days_after(start: Timestamp, days: i32, calendar: &Calendar) -> Result<Timestamp> {
    let civil = start.to_zoned(calendar.zone.clone()).datetime();
    let (mut day, mut left, mut idle) = (civil.date(), days, 0);
    while left > 0 {
        day = day.tomorrow().map_err(beyond)?;
        if calendar.is_business_day(day) {
            (left, idle) = (left - 1, 0);
        } else {
            idle += 1;
        }
        if idle > DAYS_SEARCHED {
            return Err(never_open());
        }
    }
    time::instant(day.to_datetime(civil.time()), &calendar.zone).map(|(instant, _)| instant)
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Plain(span) => write!(f, "{span:#}"),
            Wait::BusinessDays(days) => write!(f, "{days} business days"),
            Wait::Opening(duration) => write!(f, "{duration:#} of opening hours"),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn before_is_the_other_way_of_after() {
        let calendar = Calendar::weekdays(TimeZone::get("Europe/Vienna").unwrap());
        let end: Timestamp = "2026-04-01T10:00:00Z".parse().unwrap();
        for (wait, start) in [
            ("90 days", "2026-01-01T11:00:00Z"),
            ("1 month", "2026-03-01T11:00:00Z"),
            ("36 hours", "2026-03-30T22:00:00Z"),
        ] {
            let found = Wait::parse(wait).unwrap().before(end, &calendar).unwrap();
            assert_eq!(found.to_string(), start, "{wait}");
        }
        let wait = Wait::parse("2 business days").unwrap();
        let found = wait.before(end, &calendar).unwrap();
        assert!(wait.after(found, &calendar).unwrap() <= end);
    }

    use super::*;

    fn after(wait: &str, start: &str, calendar: &Calendar) -> String {
        Wait::parse(wait)
            .unwrap()
            .after(start.parse().unwrap(), calendar)
            .unwrap()
            .to_string()
    }

    fn vienna() -> Calendar {
        Calendar::weekdays(time::zone("Europe/Vienna").unwrap())
    }

    #[test]
    fn business_days_pass_over_weekends_and_holidays() {
        let mut calendar = vienna();
        assert_eq!(
            after("2 business days", "2026-01-01T09:00:00Z", &calendar),
            "2026-01-05T09:00:00Z"
        );
        calendar.holidays.insert("2026-01-06".parse().unwrap());
        assert_eq!(
            after("3 business days", "2026-01-01T09:00:00Z", &calendar),
            "2026-01-07T09:00:00Z"
        );
    }

    #[test]
    fn opening_hours_count_only_while_open() {
        // Friday 16:00 in Vienna: one hour that day, three on Monday.
        assert_eq!(
            after("4 opening hours", "2026-01-02T15:00:00Z", &vienna()),
            "2026-01-05T11:00:00Z"
        );
        // Asked at night, the hours begin in the morning.
        assert_eq!(
            after("8 opening hours", "2026-01-05T02:00:00Z", &vienna()),
            "2026-01-05T16:00:00Z"
        );
    }

    #[test]
    fn plain_days_keep_the_clock_across_daylight_time() {
        assert_eq!(
            after("1 day", "2026-03-28T08:00:00Z", &vienna()),
            "2026-03-29T07:00:00Z"
        );
        assert_eq!(
            after("24 hours", "2026-03-28T08:00:00Z", &vienna()),
            "2026-03-29T08:00:00Z"
        );
        assert_eq!(
            after("1 month", "2026-01-31T08:00:00Z", &vienna()),
            "2026-02-28T08:00:00Z"
        );
    }

    #[test]
    fn hours_beside_days_are_counted_in_the_zone() {
        assert_eq!(
            after("1 day 1 hour", "2026-03-28T08:00:00Z", &vienna()),
            "2026-03-29T08:00:00Z"
        );
        assert_eq!(
            after("1 week 90 minutes", "2026-03-25T08:00:00Z", &vienna()),
            "2026-04-01T08:30:00Z"
        );
        let last = Wait::parse("1 hour").unwrap();
        let beyond = last.after(Timestamp::MAX, &vienna()).unwrap_err();
        assert_eq!(beyond.code(), "AM0002");
    }

    #[test]
    fn nonsense_and_calendars_that_never_open_are_refused() {
        for wrong in [
            "",
            "soon",
            "0 days",
            "-1 day",
            "2 business",
            "x opening hours",
            "99999999999999999999 days",
        ] {
            assert!(Wait::parse(wrong).is_err(), "{wrong}");
        }
        let mut closed = vienna();
        closed.hours = Default::default();
        let start = "2026-01-01T09:00:00Z".parse().unwrap();
        assert_eq!(
            Wait::parse("1 business day")
                .unwrap()
                .after(start, &closed)
                .unwrap_err()
                .code(),
            "AM0009"
        );
        assert_eq!(
            Wait::parse("1 opening hour")
                .unwrap()
                .after(start, &closed)
                .unwrap_err()
                .code(),
            "AM0009"
        );
    }
}
