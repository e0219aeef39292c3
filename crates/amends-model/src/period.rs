//! A reporting period: a month, a quarter or a year of the company's calendar.

use std::fmt;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{Problem, Result, time};

/// A month (`2018-03`), a quarter (`2018-Q1`) or a year (`2018`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    first: Date,
    months: i8,
}

/// How long the periods of a company are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

impl Period {
    /// Reads `2018-03`, `2018-Q1` or `2018`.
    ///
    /// # Errors
    /// `AM0007` when it is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            Problem::new("AM0007", "this is not a period")
                .detail(format!("{text:?}"))
                .hint("write a month as 2018-03, a quarter as 2018-Q1 or a year as 2018")
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-').unwrap_or((text, ""));
        if year.len() != 4 || !text.is_ascii() {
            return None;
        }
        let year: i16 = year.parse().ok().filter(|year| (1..=9998).contains(year))?;
        let (month, months) = match rest.strip_prefix('Q') {
            Some(quarter) if quarter.len() == 1 => {
                let quarter: i8 = quarter
                    .parse()
                    .ok()
                    .filter(|quarter| (1..=4).contains(quarter))?;
                (quarter * 3 - 2, 3)
            }
            Some(_) => return None,
            None if rest.is_empty() && !text.contains('-') => (1, 12),
            None if rest.len() == 2 => (
                rest.parse().ok().filter(|month| (1..=12).contains(month))?,
                1,
            ),
            None => return None,
        };
        Some(Self {
            first: date(year, month, 1),
            months,
        })
    }

    /// The period of a length in which a day lies.
    pub fn containing(day: Date, length: Length) -> Self {
        let (month, months) = match length {
            Length::Month => (day.month(), 1),
            Length::Quarter => ((day.month() - 1) / 3 * 3 + 1, 3),
            Length::Year => (1, 12),
        };
        Self {
            first: date(day.year(), month, 1),
            months,
        }
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.first
    }

    /// The first day after it.
    pub fn day_after(self) -> Date {
        self.first.saturating_add(self.months.months())
    }

    /// The period of the same length before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        Self {
            first: self.first.saturating_sub(self.months.months()),
            months: self.months,
        }
    }

    /// The period of the same length after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            first: self.day_after(),
            months: self.months,
        }
    }

    /// How many months it has: 1, 3 or 12.
    pub fn months(self) -> i8 {
        self.months
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

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        match self.months {
            12 => write!(f, "{year:04}"),
            3 => write!(f, "{year:04}-Q{}", (month + 2) / 3),
            _ => write!(f, "{year:04}-{month:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_what_they_print() {
        for text in ["2018-03", "2018-Q1", "2018-Q4", "2018", "2016-12"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "2018-13",
            "2018-Q5",
            "18",
            "2018-",
            "2018-3",
            "2018-03-01",
            "Q1",
            "2018-QQ",
        ] {
            assert!(Period::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn periods_follow_each_other_without_a_gap() {
        let march = Period::parse("2018-03").unwrap();
        assert_eq!(march.next().to_string(), "2018-04");
        assert_eq!(march.previous().next(), march);
        assert_eq!(
            Period::parse("2018-Q1").unwrap().previous().to_string(),
            "2017-Q4"
        );
        let zone = time::zone("America/Sao_Paulo").unwrap();
        assert_eq!(
            march.bounds(&zone).unwrap().1,
            march.next().bounds(&zone).unwrap().0
        );
    }
}
