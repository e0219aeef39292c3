use amends_model::time::zone;
use amends_model::wait::{Calendar, Wait};
use amends_testkit::proptest::prelude::*;
use jiff::civil::{Time, Weekday, date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A shop in São Paulo: closed on Sundays and two holidays, long on Fridays, open around the clocks' jump at midnight on Saturdays.
fn shop() -> Calendar {
    let mut calendar = Calendar::weekdays(zone("America/Sao_Paulo").unwrap());
    *calendar.on(Weekday::Friday) = vec![
        (time(8, 0, 0, 0), time(12, 0, 0, 0)),
        (time(14, 0, 0, 0), time(22, 30, 0, 0)),
    ];
    *calendar.on(Weekday::Saturday) = vec![(time(20, 0, 0, 0), Time::MAX)];
    calendar
        .holidays
        .extend([date(2017, 10, 12), date(2017, 11, 2)]);
    calendar
}

/// Minutes of two months in which the clocks jump.
fn moment() -> impl Strategy<Value = Timestamp> {
    let first: Timestamp = "2017-09-20T00:00:00Z".parse().unwrap();
    (0..90_000_i64).prop_map(move |minutes| first + minutes.minutes())
}

fn is_open(moment: Timestamp, calendar: &Calendar) -> bool {
    let local = moment.to_zoned(calendar.zone.clone());
    let hours = &calendar.hours[local.weekday().to_monday_zero_offset() as usize];
    !calendar.holidays.contains(&local.date())
        && hours
            .iter()
            .any(|(opens, closes)| (*opens..*closes).contains(&local.time()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Against a clock that is read minute by minute.
    #[test]
    fn opening_hours_are_the_minutes_that_are_open(start in moment(), minutes in 1_i64..2_000) {
        let calendar = shop();
        let (mut now, mut left) = (start, minutes);
        while left > 0 {
            left -= i64::from(is_open(now, &calendar));
            now += 1.minute();
        }
        let wait = Wait::Opening(SignedDuration::from_mins(minutes));
        prop_assert_eq!(wait.after(start, &calendar).unwrap(), now);
    }

    /// Against a calendar that is leafed through day by day.
    #[test]
    fn business_days_are_the_days_with_hours(start in moment(), days in 1_i32..40) {
        let calendar = shop();
        let end = Wait::BusinessDays(days).after(start, &calendar).unwrap();
        let (first, last) = (start.to_zoned(calendar.zone.clone()), end.to_zoned(calendar.zone.clone()));
        let worked = first.date().tomorrow().unwrap().series(1.day()).take_while(|day| *day <= last.date());
        prop_assert_eq!(worked.filter(|day| calendar.is_business_day(*day)).count(), days as usize);
        prop_assert!(calendar.is_business_day(last.date()));
    }

    #[test]
    fn every_wait_ends_after_it_began(start in moment(), wait in "([1-9][0-9]{0,2}) (days|hours|minutes|weeks|months|business days|opening hours)") {
        let end = Wait::parse(&wait).unwrap().after(start, &shop()).unwrap();
        prop_assert!(end > start, "{wait} after {start} is {end}");
    }

    #[test]
    fn any_text_is_a_wait_or_a_problem(text in "[-0-9a-zP ]{0,24}") {
        if let Err(problem) = Wait::parse(&text) {
            prop_assert_eq!(problem.code(), "AM0008");
        }
    }
}

#[test]
fn a_wait_beyond_the_years_that_can_be_told_is_a_problem() {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    for wait in ["9000 years", "2000000000 business days"] {
        let problem = Wait::parse(wait)
            .unwrap()
            .after(start, &shop())
            .unwrap_err();
        assert_eq!(problem.code(), "AM0002", "{wait}");
    }
}
