//! Moments and lengths of time as people read them, in the company's zone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `2018-03-11 00:00`, in the zone.
pub(crate) fn moment(moment: Timestamp, zone: &TimeZone) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `2018-03-11`, in the zone.
pub(crate) fn day(moment: Timestamp, zone: &TimeZone) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d")
        .to_string()
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
    }
}
