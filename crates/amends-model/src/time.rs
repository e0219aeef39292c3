//! Moments are UTC in microseconds; the offset that the source used is kept beside them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::{Problem, Result};

/// What must be known about a moment beside its instant (rule 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// The clock never showed this time: it was skipped when daylight time began.
    Gap,
    /// The clock showed this time twice: daylight time ended.
    Fold,
    /// The record knows only the day.
    Day,
    /// The record knows only the month.
    Month,
}

impl Note {
    /// The word in the ledger's column `at_note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Note::Gap => "gap",
            Note::Fold => "fold",
            Note::Day => "day",
            Note::Month => "month",
        }
    }
}

/// Microseconds since 1970 in UTC, as the ledger's columns hold them.
pub fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// The moment that a column's microseconds stand for.
///
/// # Errors
/// `AM0002` when the number lies outside the years -9999 to 9999.
pub fn from_micros(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| {
        Problem::new("AM0002", "a moment lies outside the years that can be told").because(error)
    })
}

/// The instant of a civil time in a zone. Gaps and folds resolve as jiff's `compatible` does and are noted.
///
/// # Errors
/// `AM0002` when the instant cannot be represented.
pub fn instant(civil: DateTime, zone: &TimeZone) -> Result<(Timestamp, Option<Note>)> {
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    let note = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => Some(Note::Gap),
        AmbiguousOffset::Fold { .. } => Some(Note::Fold),
    };
    let instant = ambiguous.compatible().map_err(|error| {
        Problem::new("AM0002", format!("{civil} cannot be told in this zone")).because(error)
    })?;
    Ok((instant, note))
}

/// The first instant of a day in a zone. Where midnight was skipped, the first instant that the day had.
///
/// # Errors
/// `AM0002` when the instant cannot be represented.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Result<Timestamp> {
    instant(date.at(0, 0, 0, 0), zone).map(|(instant, _)| instant)
}

/// The instant at which a day ends in a zone: the first of the next one.
///
/// # Errors
/// `AM0002` when the instant cannot be represented.
pub fn end_of_day(date: Date, zone: &TimeZone) -> Result<Timestamp> {
    let next = date.tomorrow().map_err(|error| {
        Problem::new("AM0002", format!("{date} is the last day that can be told")).because(error)
    })?;
    start_of_day(next, zone)
}

/// The time zone of an IANA name such as `America/Sao_Paulo`.
///
/// # Errors
/// `AM0003` when there is no such zone.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Problem::new("AM0003", "there is no such time zone")
            .detail(format!("{name:?}"))
            .hint("write an IANA name such as \"Europe/Vienna\", \"America/Sao_Paulo\" or \"UTC\"")
    })
}

/// A moment as a user writes it on the command line: a date (its end, in the zone), a civil time in the zone, or an RFC 3339 timestamp.
///
/// # Errors
/// `AM0004` when it is none of these.
pub fn as_of(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let wrong = || {
        Problem::new("AM0004", "this is not a moment")
            .detail(format!("{text:?}"))
            .hint("write 2018-11-01 (the end of that day), 2018-11-01T09:00 (in the company's zone) or 2018-11-01T09:00:00Z")
    };
    if text.len() == 10 {
        return end_of_day(text.parse::<Date>().map_err(|_| wrong())?, zone);
    }
    let civil = text.parse::<DateTime>().map_err(|_| wrong())?;
    instant(civil, zone).map(|(instant, _)| instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_whose_midnight_was_skipped_starts_an_hour_later() {
        let sao_paulo = zone("America/Sao_Paulo").unwrap();
        let date: Date = "2017-10-15".parse().unwrap();
        assert_eq!(
            start_of_day(date, &sao_paulo).unwrap().to_string(),
            "2017-10-15T03:00:00Z"
        );
        let (_, note) = instant(date.at(0, 30, 0, 0), &sao_paulo).unwrap();
        assert_eq!(note, Some(Note::Gap));
    }

    #[test]
    fn a_date_on_the_command_line_means_its_end() {
        let utc = zone("UTC").unwrap();
        assert_eq!(
            as_of("2018-11-01", &utc).unwrap().to_string(),
            "2018-11-02T00:00:00Z"
        );
        assert_eq!(
            as_of("2018-11-01T09:00", &utc).unwrap().to_string(),
            "2018-11-01T09:00:00Z"
        );
        assert!(as_of("yesterday", &utc).is_err());
    }
}
