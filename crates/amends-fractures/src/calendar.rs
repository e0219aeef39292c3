//! When something was: its week and weekday in the company's zone.

use jiff::civil::{Date, Weekday, date};

/// A weekday.
pub(crate) fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The number of a week: how many Mondays lie between it and the first one of 1970.
pub(crate) fn week_number(day: Date) -> i64 {
    let days = day.duration_since(FIRST_MONDAY).as_hours() / 24;
    days.div_euclid(7)
}

/// The Monday with which a week begins.
pub(crate) fn monday(week_number: i64) -> Date {
    let days = jiff::SignedDuration::from_hours(week_number.saturating_mul(7 * 24));
    FIRST_MONDAY.checked_add(days).unwrap_or(Date::MAX)
}

const FIRST_MONDAY: Date = date(1970, 1, 5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_of_the_year_belongs_to_its_week() {
        let new_year = date(2021, 1, 1);
        assert_eq!(weekday(new_year), "Friday");
        assert_eq!(monday(week_number(new_year)), date(2020, 12, 28));
        assert_eq!(monday(week_number(date(1969, 12, 31))), date(1969, 12, 29));
    }

    #[test]
    fn a_monday_begins_its_own_week() {
        for day in [date(2024, 5, 6), date(1970, 1, 5), date(1960, 2, 29)] {
            assert_eq!(monday(week_number(day)), day);
            let sunday = day.checked_add(jiff::Span::new().days(6)).unwrap();
            assert_eq!(monday(week_number(sunday)), day);
        }
    }
}
