//! A day, a week or a month of the calendar: the periods that charts go by.

use std::fmt;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{Period, Problem, Result, time};

/// How long the periods of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Every {
    /// Days.
    Day,
    /// Weeks of ISO 8601, from Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
}

impl Every {
    /// Its word for so many: day or days.
    pub fn word(self, count: usize) -> &'static str {
        match (self, count) {
            (Every::Day, 1) => "day",
            (Every::Day, _) => "days",
            (Every::Week, 1) => "week",
            (Every::Week, _) => "weeks",
            (Every::Month, 1) => "month",
            (Every::Month, _) => "months",
        }
    }
}

/// A day (`2018-03-05`), a week (`2018-W10`) or a month (`2018-03`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stretch {
    first: Date,
    every: Every,
}

impl Stretch {
    /// Reads `2018-03-05`, `2018-W10` or `2018-03`.
    ///
    /// # Errors
    /// `AM0007` when it is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            Problem::new("AM0007", "this is not a day, a week or a month")
                .detail(format!("{text:?}"))
                .hint("write a day as 2018-03-05, a week as 2018-W10 or a month as 2018-03")
        })
    }

    fn read(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        match text.len() {
            10 => Some(Self {
                first: text
                    .parse()
                    .ok()
                    .filter(|day: &Date| (1..=9998).contains(&day.year()))?,
                every: Every::Day,
            }),
            8 => {
                let (year, week) = text.split_once("-W")?;
                let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                if year.len() != 4 || !digits(year) || !digits(week) {
                    return None;
                }
                let year = year.parse().ok().filter(|year| (1..=9998).contains(year))?;
                let week = ISOWeekDate::new(year, week.parse().ok()?, Weekday::Monday).ok()?;
                Some(Self {
                    first: week.date(),
                    every: Every::Week,
                })
            }
            7 => {
                let month = Period::parse(text)
                    .ok()
                    .filter(|month| month.months() == 1)?;
                Some(Self {
                    first: month.first_day(),
                    every: Every::Month,
                })
            }
            _ => None,
        }
    }

    /// The one in which a day lies.
    pub fn containing(day: Date, every: Every) -> Self {
        let first = match every {
            Every::Day => day,
            Every::Week => {
                let since = i32::from(day.weekday().to_monday_zero_offset());
                day.saturating_sub(since.days())
            }
            Every::Month => day.first_of_month(),
        };
        Self { first, every }
    }

    /// How long it is.
    pub fn every(self) -> Every {
        self.every
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.first
    }

    /// The first day after it.
    pub fn day_after(self) -> Date {
        let length = match self.every {
            Every::Day => 1.day(),
            Every::Week => 1.week(),
            Every::Month => 1.month(),
        };
        self.first.saturating_add(length)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            first: self.day_after(),
            every: self.every,
        }
    }

    /// Its first instant and the first one after it, in the company's zone.
    ///
    /// # Errors
    /// `AM0002` when they cannot be represented.
    pub fn bounds(self, zone: &TimeZone) -> Result<(Timestamp, Timestamp)> {
        Ok((
            time::start_of_day(self.first, zone)?,
            time::start_of_day(self.day_after(), zone)?,
        ))
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.every {
            Every::Day => write!(f, "{}", self.first),
            Every::Week => {
                let week = self.first.iso_week_date();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            Every::Month => write!(f, "{:04}-{:02}", self.first.year(), self.first.month()),
        }
    }
}

/// The first day of a day, week, month, quarter or year, and the first day after it.
///
/// # Errors
/// `AM0007` when it is none of these.
pub fn days(text: &str) -> Result<(Date, Date)> {
    if let Some(stretch) = Stretch::read(text) {
        return Ok((stretch.first_day(), stretch.day_after()));
    }
    match Period::parse(text) {
        Ok(period) => Ok((period.first_day(), period.day_after())),
        Err(_) => Err(Problem::new(
            "AM0007",
            "this is not a day, a week, a month, a quarter or a year",
        )
        .detail(format!("{text:?}"))
        .hint("write 2018-03-05, 2018-W10, 2018-03, 2018-Q1 or 2018")),
    }
}
