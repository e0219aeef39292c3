//! Moments and lengths of time as people say them.

use amends_model::{event, time};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// `13 March 2018 at 09:00`, in a zone; seconds where there are any.
pub(crate) fn moment(moment: Timestamp, zone: &TimeZone) -> String {
    let civil = zone.to_datetime(moment);
    format!("{} at {}", date(civil.date()), clock(civil))
}

/// A kind of event as people read it: `order placed`, and `order placed, changed`.
pub(crate) fn kind(kind: &str) -> String {
    let of = event::told_by(kind);
    let changed = if of == kind { "" } else { ", changed" };
    format!("{}{changed}", of.replace('_', " "))
}

/// `10 March 2018`.
pub(crate) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// The day that a deadline at the end of a day stands for; otherwise its moment.
pub(crate) fn deadline(due: Timestamp, ends_day: bool, zone: &TimeZone) -> String {
    let day = zone.to_datetime(due).date();
    let before = day.checked_sub(1.day()).ok();
    let is_end = |before: &Date| time::end_of_day(*before, zone).is_ok_and(|end| end == due);
    match before.filter(|before| ends_day && is_end(before)) {
        Some(before) => format!("the end of {}", date(before)),
        None => moment(due, zone),
    }
}

/// The day that a beginning at the start of a day stands for; otherwise its moment.
pub(crate) fn beginning(from: Timestamp, starts_day: bool, zone: &TimeZone) -> String {
    let day = zone.to_datetime(from).date();
    let is_start = time::start_of_day(day, zone).is_ok_and(|start| start == from);
    match starts_day && is_start {
        true => format!("the start of {}", date(day)),
        false => moment(from, zone),
    }
}

/// `2 days and 9 hours`: exact time, a day being 24 hours; the two largest units.
pub(crate) fn length(length: SignedDuration) -> String {
    let seconds = length.abs().as_secs();
    let units = [
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, size) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{count} {unit}{plural}"));
        } else if !parts.is_empty() {
            break;
        }
    }
    parts.truncate(2);
    if parts.is_empty() {
        return "less than a second".into();
    }
    parts.join(" and ")
}

/// A number with so many decimals as tell something, four at most: `12`, `2.5`.
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

fn clock(civil: DateTime) -> String {
    let format = if civil.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    civil.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_their_two_largest_units() {
        let told = |seconds| length(SignedDuration::from_secs(seconds));
        assert_eq!(told(2 * 86_400 + 9 * 3600), "2 days and 9 hours");
        assert_eq!(told(86_400 + 61), "1 day");
        assert_eq!(told(3 * 3600 + 60 + 1), "3 hours and 1 minute");
        assert_eq!(told(61), "1 minute and 1 second");
        assert_eq!(told(0), "less than a second");
    }

    #[test]
    fn a_deadline_is_told_as_the_day_that_it_ends() {
        let zone = time::zone("America/Sao_Paulo").unwrap();
        let end: Timestamp = "2017-10-15T03:00:00Z".parse().unwrap();
        assert_eq!(deadline(end, true, &zone), "the end of 14 October 2017");
        assert_eq!(deadline(end, false, &zone), "15 October 2017 at 01:00");
    }
}
