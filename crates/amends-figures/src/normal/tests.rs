//! Instances by period.

use amends_model::{Every, State, time};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::tally::{Row, Tally};

/// A moment on a day of January 2026, at noon.
fn on(day: i8) -> i64 {
    let day = Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(day - 1));
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    time::micros(noon.timestamp())
}

fn row(opened: i8, due: i8, state: State) -> Row {
    Row {
        opened_at: on(opened),
        due_at: on(due),
        state,
        late_by: (state == State::Late).then_some(7_200_000_000),
    }
}

fn weeks(rows: &[Row], reported: i8) -> Calendar {
    let calendar = Calendar::of(rows, Every::Week, on(reported), &TimeZone::UTC);
    calendar.unwrap().unwrap()
}

fn names(calendar: &Calendar) -> Vec<String> {
    calendar.periods.iter().map(ToString::to_string).collect()
}

/// The weeks of January 2026 begin on the 5th, 12th, 19th and 26th.
#[test]
fn only_weeks_that_are_reported_to_their_end_count_and_the_first_does_not() {
    let rows = [row(6, 9, State::Kept)];
    let calendar = weeks(&rows, 26);
    assert_eq!(calendar.begins.to_string(), "2026-W02");
    assert_eq!(names(&calendar), ["2026-W03", "2026-W04"]);
    // At noon of the last Sunday the week is not over.
    assert_eq!(names(&weeks(&rows, 25)), ["2026-W03"]);
    assert!(names(&weeks(&rows, 18)).is_empty());
    let places = [(11, -1), (12, 0), (18, 0), (19, 1), (25, 1), (26, 2)];
    for (day, place) in places {
        assert_eq!(calendar.place(on(day)), place, "{day}");
    }
    // A moment that was read wrongly makes no endless past.
    let stray = [
        row(6, 9, State::Kept),
        Row {
            opened_at: i64::MIN / 200,
            ..rows[0]
        },
    ];
    let of_a_century = weeks(&stray, 26).periods.len();
    assert!((5_200..5_230).contains(&of_a_century), "{of_a_century}");
    let nothing = Calendar::of(
        &rows,
        Every::Day,
        time::micros(jiff::Timestamp::MIN),
        &TimeZone::UTC,
    );
    assert!(nothing.unwrap().unwrap().periods.is_empty());
    let none = Calendar::of(&[], Every::Week, on(26), &TimeZone::UTC).unwrap();
    assert!(none.is_none());
}

#[test]
fn what_is_due_counts_once_it_is_decided() {
    let rows = [
        row(6, 9, State::Kept),
        row(6, 13, State::Kept),
        row(6, 14, State::Beaten),
        row(7, 15, State::Late),
        row(13, 16, State::Broken),
        row(13, 17, State::Overdue),
        row(13, 17, State::Excused),
        row(14, 17, State::Unconfirmed),
        row(20, 90, State::Open),
        row(20, 21, State::Kept),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, false, &calendar);
    assert_eq!(tally.kept, [(2, 5), (1, 1)]);
    assert_eq!(tally.opened, [4, 2]);
    assert_eq!(tally.late, [vec![7_200.0], vec![]]);
    // The first was due in the week in which the data begins.
    assert_eq!(tally.first_due, None);
}

#[test]
fn the_week_in_which_something_is_first_due_is_left_out_of_what_is_due() {
    let rows = [
        row(6, 14, State::Kept),
        row(7, 15, State::Broken),
        row(8, 21, State::Broken),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, false, &calendar);
    assert_eq!(tally.kept, [(0, 0), (0, 1)]);
    assert_eq!(tally.first_due.unwrap().to_string(), "2026-W03");
}

#[test]
fn what_binds_is_exposed_in_every_week_until_it_breaks_or_ends() {
    let rows = [
        // Bound throughout, and it holds.
        row(6, 120, State::Open),
        // It broke on the 20th: kept in the week before.
        row(6, 20, State::Broken),
        // Its exposure ended well on the 13th.
        row(7, 13, State::Kept),
        // Nobody knows yet how its last week was.
        row(13, 21, State::Unconfirmed),
        row(13, 21, State::Excused),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, true, &calendar);
    assert_eq!(tally.kept, [(4, 4), (1, 2)]);
    assert_eq!(tally.first_due, None);
}
