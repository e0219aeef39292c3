use amends_model::stretch::days;
use amends_model::{Every, Stretch};
use amends_testkit::proptest::prelude::*;
use jiff::ToSpan;
use jiff::civil::{Date, date};

fn day() -> impl Strategy<Value = Date> {
    (0..365_000_i64).prop_map(|days| date(1000, 1, 1).checked_add(days.days()).unwrap())
}

fn every() -> impl Strategy<Value = Every> {
    prop_oneof![Just(Every::Day), Just(Every::Week), Just(Every::Month)]
}

proptest! {
    #[test]
    fn every_day_lies_in_one_stretch_that_reads_what_it_prints(day in day(), every in every()) {
        let stretch = Stretch::containing(day, every);
        prop_assert!(stretch.first_day() <= day && day < stretch.day_after());
        prop_assert_eq!(stretch.next().first_day(), stretch.day_after());
        prop_assert_eq!(Stretch::containing(stretch.day_after(), every), stretch.next());
        prop_assert_eq!(Stretch::parse(&stretch.to_string()).unwrap(), stretch);
        prop_assert_eq!(days(&stretch.to_string()).unwrap(), (stretch.first_day(), stretch.day_after()));
    }
}

#[test]
fn weeks_are_those_of_the_standard() {
    // The first of January 2021 was a Friday of the last week of 2020.
    let week = Stretch::containing(date(2021, 1, 1), Every::Week);
    assert_eq!(week.to_string(), "2020-W53");
    assert_eq!(week.next().to_string(), "2021-W01");
    assert_eq!(week.first_day(), date(2020, 12, 28));
    assert_eq!(Every::Week.word(1), "week");
    assert_eq!(Every::Month.word(0), "months");
}

#[test]
fn what_is_no_stretch_is_refused() {
    for wrong in [
        "2021-W53",
        "2021-W00",
        "2021-W1",
        "21-W01",
        "2021-13",
        "2021-Q1",
        "2021",
        "2021-02-30",
        "",
        "2021-W+1",
        "+021-W01",
        "2021-W0é",
    ] {
        let problem = Stretch::parse(wrong).unwrap_err();
        assert_eq!(problem.code(), "AM0007", "{wrong}");
    }
    assert_eq!(
        days("2021-Q1").unwrap(),
        (date(2021, 1, 1), date(2021, 4, 1))
    );
    assert_eq!(days("2021").unwrap().1, date(2022, 1, 1));
    assert_eq!(days("2021-W60").unwrap_err().code(), "AM0007");
}
