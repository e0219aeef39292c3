//! Moments and lengths of time as people read them in tables and lists, in the company's zone: `2018-03-10 09:00`. In sentences dates are words.

use amends_model::time;
use amends_project::definition::{By, Promise};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `2018-03-11 00:00`, in the zone.
pub(crate) fn moment(moment: Timestamp, zone: &TimeZone) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `11 March 2018 at 09:00`, in the zone: for sentences.
pub(crate) fn in_words(moment: Timestamp, zone: &TimeZone) -> String {
    let moment = moment.to_zoned(zone.clone());
    moment.strftime("%-d %B %Y at %H:%M").to_string()
}

/// `2018-03-11`, in the zone.
pub(crate) fn day(moment: Timestamp, zone: &TimeZone) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d")
        .to_string()
}

/// The day at whose end a promise is due: where its deadline is a day, and it is due then.
pub(crate) fn day_that_ends(due: Timestamp, promise: &Promise) -> Option<Date> {
    let by = &promise.shape.deadline()?.by;
    let day = promise.zone.to_datetime(due).date().yesterday().ok()?;
    let is_end = time::end_of_day(day, &promise.zone).is_ok_and(|end| end == due);
    (is_end && matches!(by, By::Date(_))).then_some(day)
}

/// When a promise is due: `end of 2018-03-10` where its deadline is a day, else the moment in the zone.
pub(crate) fn due(due: Timestamp, promise: &Promise, zone: &TimeZone) -> String {
    match day_that_ends(due, promise) {
        Some(day) => format!("end of {day}"),
        None => moment(due, zone),
    }
}

/// As [`length`], for cells of a table: `2 d 9 h`, `45 min`.
pub(crate) fn short(length: SignedDuration) -> String {
    let words = self::length(length);
    let mut short = Vec::new();
    for word in words.split(' ') {
        short.push(match word {
            "day" | "days" => "d",
            "hour" | "hours" => "h",
            "minute" | "minutes" => "min",
            "second" | "seconds" => "s",
            other => other,
        });
    }
    short.join(" ")
}

/// The two largest units of an exact length of time: `2 days 9 hours`, `45 minutes`.
pub(crate) fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let units = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, name) in units {
        let count = left / size;
        left %= size;
        if count > 0 {
            parts.push(format!(
                "{count} {name}{}",
                if count == 1 { "" } else { "s" }
            ));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        "no time".into()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_name_their_two_largest_units() {
        for (seconds, text) in [
            (0, "no time"),
            (59, "59 seconds"),
            (2 * 86_400 + 9 * 3_600 + 59, "2 days 9 hours"),
            (86_400 + 60, "1 day"),
            (3_661, "1 hour 1 minute"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), text);
        }
        assert_eq!(short(SignedDuration::from_secs(205_259)), "2 d 9 h");
        assert_eq!(short(SignedDuration::from_secs(60)), "1 min");
    }
}
