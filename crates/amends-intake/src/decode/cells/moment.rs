//! Moments: a civil time in the source's zone, or one with an offset of its own.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;

use super::Shape;
use super::clock::{Clock, Instant};
use super::date::{days, digits, iso_date};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// The moment that a text names.
pub(crate) fn moment(text: &[u8], shape: &Shape, clock: &mut Clock) -> Option<Instant> {
    match shape {
        Shape::Iso => match iso(text)? {
            (civil, Some(offset)) => Some(Instant::with_offset(civil, offset)),
            (civil, None) => clock.instant(civil),
        },
        Shape::DateSpaceTime(format) => match (text.len(), iso(text)) {
            (19, Some((civil, None))) => clock.instant(civil),
            _ => formatted(text, format, clock),
        },
        Shape::Format(format) => formatted(text, format, clock),
    }
}

/// A moment in seconds (with or without decimals) or milliseconds since 1970.
pub(crate) fn epoch(text: &[u8], decimals: u32) -> Option<i64> {
    let mut kept = text;
    if let Some(point) = memchr::memchr(b'.', text) {
        let fraction = &text[point + 1..];
        if !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // Beyond microseconds nothing is kept.
        kept = &text[..point + 1 + fraction.len().min(decimals as usize)];
    }
    let micros = super::minor_units(kept, decimals)?;
    Timestamp::from_microsecond(micros).ok().map(|_| micros)
}

/// Civil microseconds since 1970 and the offset in seconds, of a text in ISO 8601: `T` or one space between date and time, seconds and their decimals optional.
pub(crate) fn iso(text: &[u8]) -> Option<(i64, Option<i32>)> {
    let day = iso_date(text)?;
    let rest = match text.get(10..)? {
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    if rest.get(2) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (digits(&rest[..2])?, digits(rest.get(3..5)?)?);
    let (mut second, mut rest) = (0, &rest[5..]);
    let mut micros = 0;
    if let [b':', a, b, behind @ ..] = rest {
        second = digits(&[*a, *b])?;
        rest = behind;
        if let [b'.' | b',', behind @ ..] = rest {
            let count = behind
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            micros = fraction(&behind[..count])?;
            rest = &behind[count..];
        }
    }
    // A leap second is told as the one before it, as jiff does.
    let second = if second == 60 { 59 } else { second };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let of_day = i64::from(hour * 3600 + minute * 60 + second) * SECOND + micros;
    Some((i64::from(day) * DAY + of_day, offset(rest)?))
}

fn fraction(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let shown = digits(&text[..text.len().min(6)])?;
    Some(i64::from(shown) * 10i64.pow(6 - text.len().min(6) as u32))
}

/// The offset behind a time: none, `Z`, `UTC`, `+02:00`, `+0200` or `+02`, perhaps after a space. `None` where it is something else.
fn offset(text: &[u8]) -> Option<Option<i32>> {
    let text = match text {
        [] => return Some(None),
        [b' ', rest @ ..] if !rest.is_empty() => rest,
        _ => text,
    };
    let (sign, text) = match text {
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some(Some(0)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match text {
        [a, b] => ([*a, *b], *b"00"),
        [a, b, c, d] | [a, b, b':', c, d] => ([*a, *b], [*c, *d]),
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(Some(sign * (hours * 3600 + minutes * 60) as i32))
}

fn formatted(text: &[u8], format: &str, clock: &mut Clock) -> Option<Instant> {
    let parts = BrokenDownTime::parse(format, text).ok()?;
    if let Some(moment) = parts.timestamp() {
        return Some(Instant::with_offset(moment.as_microsecond(), 0));
    }
    if parts.iana_time_zone().is_some() {
        let zoned = parts.to_zoned().ok()?;
        let offset = zoned.offset().seconds();
        return Some(Instant::with_offset(
            zoned.timestamp().as_microsecond() + i64::from(offset) * SECOND,
            offset,
        ));
    }
    let civil = civil_micros(parts.to_datetime().ok()?);
    match parts.offset() {
        Some(offset) => Some(Instant::with_offset(civil, offset.seconds())),
        None => clock.instant(civil),
    }
}

/// Microseconds since 1970 that a clock which never changed would count.
pub(crate) fn civil_micros(civil: DateTime) -> i64 {
    let time = civil.time();
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    i64::from(days(civil.date())) * DAY
        + seconds * SECOND
        + i64::from(time.subsec_nanosecond() / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Option<&str>, zone: &str) -> Option<(String, i32)> {
        let mut clock = Clock::new(&amends_model::time::zone(zone).unwrap());
        let instant = moment(text.as_bytes(), &Shape::of(format), &mut clock)?;
        let moment = Timestamp::from_microsecond(instant.micros).unwrap();
        Some((moment.to_string(), instant.offset))
    }

    #[test]
    fn civil_times_stand_in_the_zone_of_the_source() {
        let read = |text| read(text, None, "America/Sao_Paulo").unwrap().0;
        assert_eq!(read("2018-03-01 10:00:00"), "2018-03-01T13:00:00Z");
        assert_eq!(read("2018-01-01T10:00"), "2018-01-01T12:00:00Z");
        assert_eq!(read("2018-01-01T10:00:01.25"), "2018-01-01T12:00:01.25Z");
    }

    #[test]
    fn an_offset_of_its_own_wins() {
        for text in [
            "2018-03-01T10:00:00+02:00",
            "2018-03-01 10:00:00 +0200",
            "2018-03-01 10:00+02",
        ] {
            assert_eq!(
                read(text, None, "America/Sao_Paulo"),
                Some(("2018-03-01T08:00:00Z".to_owned(), 7200)),
                "{text}"
            );
        }
        assert_eq!(
            read("2018-03-01T10:00:00Z", None, "America/Sao_Paulo")
                .unwrap()
                .1,
            0
        );
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for wrong in [
            "2018-03-01",
            "2018-03-01T",
            "2018-03-01T10",
            "2018-03-01T24:00",
            "2018-03-01T10:60",
            "2018-03-01T10:00:61",
            "2018-03-01T10:00:00.",
            "2018-03-01T10:00:00 ",
            "2018-03-01T10:00:00+2",
            "2018-03-01T10:00:00+25:00",
            "2018-02-30T10:00",
            "10:00",
            "",
        ] {
            assert_eq!(read(wrong, None, "UTC"), None, "{wrong}");
        }
    }

    #[test]
    fn formats_read_what_iso_does_not() {
        let american = Some("%m/%d/%Y %I:%M %p");
        assert_eq!(
            read("03/01/2018 01:05 PM", american, "UTC").unwrap().0,
            "2018-03-01T13:05:00Z"
        );
        assert_eq!(
            read("1.3.2018 10:00 +0200", Some("%d.%m.%Y %H:%M %z"), "UTC")
                .unwrap()
                .0,
            "2018-03-01T08:00:00Z"
        );
        assert_eq!(
            read("2018-03-01 10:00:00", Some("%Y-%m-%d %H:%M:%S"), "UTC")
                .unwrap()
                .0,
            "2018-03-01T10:00:00Z"
        );
        assert_eq!(
            read("2018-03-01 10:00:00Z", Some("%Y-%m-%d %H:%M:%S"), "UTC"),
            None
        );
    }

    #[test]
    fn epochs_keep_microseconds() {
        assert_eq!(epoch(b"1520000000", 6), Some(1_520_000_000_000_000));
        assert_eq!(epoch(b"1520000000.1234567", 6), Some(1_520_000_000_123_456));
        assert_eq!(epoch(b"1520000000123", 3), Some(1_520_000_000_123_000));
        assert_eq!(epoch(b"-1", 6), Some(-1_000_000));
        assert_eq!(epoch(b"99999999999999", 6), None);
        assert_eq!(epoch(b"1e9", 6), None);
    }
}
