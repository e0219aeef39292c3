//! Days and seconds as people write them, in arithmetic alone: a simulation formats millions of them.

/// Seconds in a day that has twenty-four hours.
pub(crate) const DAY: i64 = 86_400;

/// Seconds in an hour.
pub(crate) const HOUR: i64 = 3_600;

/// Year, month and day of a number of days since 1970 (proleptic Gregorian; Richards' method in Hinnant's form).
pub(crate) fn date_of(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_month)
}

/// The number of days since 1970 of a year, month and day.
pub(crate) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// A UTC moment some calendar months later, the day clamped to the month's last one.
pub(crate) fn months_later(moment: i64, months: i64) -> i64 {
    let (year, month, day) = date_of(moment.div_euclid(DAY));
    let count = year * 12 + month - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let next = day_of(year + month / 12, month % 12 + 1, 1);
    let day = (day_of(year, month, 1) + day - 1).min(next - 1);
    day * DAY + moment.rem_euclid(DAY)
}

/// `2024-03-05`.
pub(crate) fn date(day: i64) -> String {
    let (year, month, day) = date_of(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2024-03-05T14:07:33Z`.
pub(crate) fn utc(moment: i64) -> String {
    format!("{}T{}Z", date(moment.div_euclid(DAY)), clock(moment))
}

/// `2024-03-05 14:07`, of UTC: as the billing system writes.
pub(crate) fn utc_to_the_minute(moment: i64) -> String {
    let mut text = format!("{} {}", date(moment.div_euclid(DAY)), clock(moment));
    text.truncate(16);
    text
}

/// `2024-03-05 14:07:33 +0100`, as the shop writes.
pub(crate) fn local_with_offset(moment: i64, offset: i64) -> String {
    let local = moment + offset;
    let day = date(local.div_euclid(DAY));
    format!("{day} {} {}", clock(local), east(offset, ""))
}

/// `2024-03-05T14:07:33+01:00`, as the couriers write.
pub(crate) fn local_iso(moment: i64, offset: i64) -> String {
    let local = moment + offset;
    let day = date(local.div_euclid(DAY));
    format!("{day}T{}{}", clock(local), east(offset, ":"))
}

/// `05.03.2024 14:07`, as the survey tool writes: local, without an offset.
pub(crate) fn local_day_first(moment: i64, offset: i64) -> String {
    let local = moment + offset;
    let (year, month, day) = date_of(local.div_euclid(DAY));
    let time = &clock(local)[..5];
    format!("{day:02}.{month:02}.{year:04} {time}")
}

fn clock(moment: i64) -> String {
    let second = moment.rem_euclid(DAY);
    let (hour, minute, second) = (second / HOUR, second % HOUR / 60, second % 60);
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn east(offset: i64, between: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / HOUR, offset.abs() % HOUR / 60);
    format!("{sign}{hours:02}{between}{minutes:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_a_calendar() {
        for day in (-20_000..40_000).step_by(7) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(day_of(year, month, of_month), day);
            let jiff = jiff::Timestamp::from_second(day * DAY).unwrap();
            assert_eq!(utc(day * DAY), jiff.to_string());
        }
    }

    #[test]
    fn months_end_where_they_end() {
        let moment = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        for (from, months, to) in [
            ("2024-01-31T10:30:00Z", 1, "2024-02-29T10:30:00Z"),
            ("2024-11-30T10:30:00Z", 1, "2024-12-30T10:30:00Z"),
            ("2024-12-31T10:30:00Z", 2, "2025-02-28T10:30:00Z"),
            ("2024-02-29T10:30:00Z", 12, "2025-02-28T10:30:00Z"),
        ] {
            assert_eq!(utc(months_later(moment(from), months)), to);
        }
    }

    #[test]
    fn every_system_writes_time_its_own_way() {
        let moment = day_of(2024, 3, 5) * DAY + 13 * HOUR + 7 * 60 + 33;
        assert_eq!(utc_to_the_minute(moment), "2024-03-05 13:07");
        assert_eq!(local_with_offset(moment, HOUR), "2024-03-05 14:07:33 +0100");
        assert_eq!(local_iso(moment, HOUR), "2024-03-05T14:07:33+01:00");
        assert_eq!(local_day_first(moment, HOUR), "05.03.2024 14:07");
    }
}
