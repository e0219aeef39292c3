use amends_model::time::{
    Note, as_of, end_of_day, from_micros, instant, micros, start_of_day, zone,
};
use amends_testkit::proptest::prelude::*;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Zones whose clocks jump at midnight, at two, by half an hour, or never.
fn any_zone() -> impl Strategy<Value = TimeZone> {
    prop_oneof![
        Just("UTC"),
        Just("Europe/Vienna"),
        Just("America/Sao_Paulo"),
        Just("Australia/Lord_Howe"),
        Just("Asia/Kathmandu"),
    ]
    .prop_map(|name| zone(name).unwrap())
}

/// Seconds of 1980 to 2040.
fn moment() -> impl Strategy<Value = Timestamp> {
    (315_532_800_i64..2_208_988_800).prop_map(|second| Timestamp::from_second(second).unwrap())
}

proptest! {
    #[test]
    fn a_clock_reading_leads_back_to_its_instant(moment in moment(), zone in any_zone()) {
        let civil = moment.to_zoned(zone.clone()).datetime();
        let (back, note) = instant(civil, &zone).unwrap();
        match note {
            None => prop_assert_eq!(back, moment),
            // The clock showed it twice; the first time is taken.
            Some(Note::Fold) => prop_assert!(back <= moment),
            other => prop_assert!(false, "no clock shows a time that it skips: {other:?}"),
        }
    }

    #[test]
    fn every_instant_lies_in_its_day(moment in moment(), zone in any_zone()) {
        let day = moment.to_zoned(zone.clone()).date();
        prop_assert!(start_of_day(day, &zone).unwrap() <= moment);
        prop_assert!(moment < end_of_day(day, &zone).unwrap());
        prop_assert_eq!(end_of_day(day, &zone).unwrap(), start_of_day(day.tomorrow().unwrap(), &zone).unwrap());
    }

    #[test]
    fn any_number_is_a_moment_or_a_problem(number: i64) {
        match from_micros(number) {
            Ok(moment) => prop_assert_eq!(micros(moment), number),
            Err(problem) => prop_assert_eq!(problem.code(), "AM0002"),
        }
    }

    #[test]
    fn any_text_is_a_moment_or_a_problem(text in "[-0-9T:Z+ .]{0,25}", zone in any_zone()) {
        if let Err(problem) = as_of(&text, &zone) {
            prop_assert!(matches!(problem.code(), "AM0002" | "AM0004"));
        }
    }
}

#[test]
fn gaps_and_folds_are_noted() {
    let vienna = zone("Europe/Vienna").unwrap();
    let told = |civil: &str| {
        let (instant, note) = instant(civil.parse().unwrap(), &vienna).unwrap();
        (instant.to_string(), note.map(Note::as_str))
    };
    assert_eq!(
        told("2026-03-29T02:30"),
        ("2026-03-29T01:30:00Z".into(), Some("gap"))
    );
    assert_eq!(
        told("2026-10-25T02:30"),
        ("2026-10-25T00:30:00Z".into(), Some("fold"))
    );
    assert_eq!(
        told("2026-10-25T03:30"),
        ("2026-10-25T02:30:00Z".into(), None)
    );
}

#[test]
fn a_zone_is_an_iana_name() {
    for wrong in ["", "Vienna", "+01:00", "Europe/Wien"] {
        assert_eq!(zone(wrong).unwrap_err().code(), "AM0003", "{wrong}");
    }
}

#[test]
fn the_last_day_has_no_end() {
    let last = "9999-12-31".parse().unwrap();
    assert_eq!(
        end_of_day(last, &TimeZone::UTC).unwrap_err().code(),
        "AM0002"
    );
    assert_eq!(
        as_of("9999-12-31", &TimeZone::UTC).unwrap_err().code(),
        "AM0002"
    );
}
