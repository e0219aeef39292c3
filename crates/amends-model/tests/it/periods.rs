use amends_model::Period;
use amends_model::period::Length;
use amends_model::time::zone;
use amends_testkit::proptest::prelude::*;
use jiff::ToSpan;
use jiff::civil::{Date, date};

fn day() -> impl Strategy<Value = Date> {
    (0..365_000_i64).prop_map(|days| date(1000, 1, 1).checked_add(days.days()).unwrap())
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        Just(Length::Month),
        Just(Length::Quarter),
        Just(Length::Year)
    ]
}

proptest! {
    #[test]
    fn every_day_lies_in_one_period_of_a_length(day in day(), length in length()) {
        let period = Period::containing(day, length);
        prop_assert!(period.first_day() <= day && day < period.day_after());
        prop_assert_eq!(period.next().previous(), period);
        prop_assert_eq!(period.next().first_day(), period.day_after());
        prop_assert_eq!(Period::parse(&period.to_string()).unwrap(), period);
        prop_assert_eq!(Period::containing(period.day_after(), length), period.next());
    }

    #[test]
    fn any_text_is_a_period_or_a_problem(text in "[0-9Q-]{0,9}") {
        match Period::parse(&text) {
            Ok(period) => prop_assert_eq!(period.to_string(), text),
            Err(problem) => prop_assert_eq!(problem.code(), "AM0007"),
        }
    }
}

#[test]
fn a_period_follows_the_zone_of_the_company() {
    let march = Period::parse("2018-03").unwrap();
    let (start, end) = march.bounds(&zone("America/Sao_Paulo").unwrap()).unwrap();
    assert_eq!(
        (start.to_string().as_str(), end.to_string().as_str()),
        ("2018-03-01T03:00:00Z", "2018-04-01T03:00:00Z")
    );
    let (start, _) = march.bounds(&zone("Asia/Tokyo").unwrap()).unwrap();
    assert_eq!(start.to_string(), "2018-02-28T15:00:00Z");
    assert_eq!(
        [
            march.months(),
            Period::parse("2018-Q2").unwrap().months(),
            Period::parse("2018").unwrap().months()
        ],
        [1, 3, 12]
    );
}
