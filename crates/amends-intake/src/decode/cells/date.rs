//! Days and months.

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;

use super::Shape;

/// A day, as days since 1970-01-01.
pub(crate) fn date(text: &[u8], shape: &Shape) -> Option<i32> {
    match shape {
        Shape::Iso => iso_date(text).filter(|_| text.len() == 10),
        Shape::DateSpaceTime(format) => match text.len() {
            19 if super::moment::iso(text).is_some() => iso_date(text),
            _ => formatted(text, format),
        },
        Shape::Format(format) => formatted(text, format),
    }
}

/// A month, as its first day.
pub(crate) fn month(text: &[u8], shape: &Shape) -> Option<i32> {
    let format = match shape {
        Shape::Iso => {
            let (year, month) = match text {
                [year @ .., b'-', a, b] if year.len() == 4 => (year, [*a, *b]),
                _ => return None,
            };
            let date = Date::new(digits(year)? as i16, digits(&month)? as i8, 1).ok()?;
            return Some(days(date));
        }
        Shape::DateSpaceTime(format) | Shape::Format(format) => format,
    };
    let mut parts = BrokenDownTime::parse(format, text).ok()?;
    parts.set_day(Some(1)).ok()?;
    parts.to_date().ok().map(days)
}

/// The day that a text begins with, as `2018-03-01`.
pub(crate) fn iso_date(text: &[u8]) -> Option<i32> {
    let text = text.get(..10)?;
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (
        digits(&text[..4])?,
        digits(&text[5..7])?,
        digits(&text[8..])?,
    );
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    Some(days_since_1970(year as i32, month as i32, day as i32))
}

/// A number of only digits.
pub(crate) fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// Days since 1970-01-01 of a day of jiff's.
pub(crate) fn days(date: Date) -> i32 {
    days_since_1970(date.year().into(), date.month().into(), date.day().into())
}

fn formatted(text: &[u8], format: &str) -> Option<i32> {
    let parts = BrokenDownTime::parse(format, text).ok()?;
    parts.to_date().ok().map(days)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years are counted from March, so that the leap day is the last; 719,468 days lie between 0000-03-01 and 1970-01-01.
fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, Unit};

    use super::*;

    #[test]
    fn every_day_counts_as_jiff_counts() {
        let epoch = Date::new(1970, 1, 1).unwrap();
        let mut day = Date::new(-9999, 1, 1).unwrap();
        while let Ok(next) = day.checked_add(97.days()) {
            let since = epoch.until((Unit::Day, day)).unwrap().get_days();
            assert_eq!(days(day), since, "{day}");
            day = next;
        }
    }

    #[test]
    fn days_are_exactly_iso_or_as_the_format_says() {
        assert_eq!(date(b"1970-01-02", &Shape::Iso), Some(1));
        assert_eq!(date(b"2016-02-29", &Shape::Iso), Some(16_860));
        for wrong in [
            "2017-02-29",
            "2017-2-28",
            "2017-13-01",
            "2017-01-00",
            "2017-01-01 ",
            "20170101",
        ] {
            assert_eq!(date(wrong.as_bytes(), &Shape::Iso), None, "{wrong}");
        }
        let european = Shape::of(Some("%d.%m.%Y"));
        assert_eq!(date(b"02.01.1970", &european), Some(1));
        assert_eq!(date(b"1970-01-02", &european), None);
        let with_time = Shape::of(Some("%Y-%m-%d %H:%M:%S"));
        assert_eq!(date(b"1970-01-02 00:00:00", &with_time), Some(1));
        assert_eq!(date(b"1970-01-02 24:61:00", &with_time), None);
        assert_eq!(date(b"1970-01-02", &with_time), None);
    }

    #[test]
    fn months_are_their_first_day() {
        assert_eq!(month(b"1970-02", &Shape::Iso), Some(31));
        assert_eq!(month(b"1970-2", &Shape::Iso), None);
        assert_eq!(month(b"1970-13", &Shape::Iso), None);
        assert_eq!(month(b"02/1970", &Shape::of(Some("%m/%Y"))), Some(31));
    }
}
