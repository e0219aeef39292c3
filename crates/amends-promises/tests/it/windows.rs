//! The tests of windows: the engineer comes between eight and one, and not before and not after.

use amends_model::time;
use amends_model::wait::Wait;
use amends_project::definition::{By, Deadline, Moved, Promise, Shape, TimeOfDay, Window};

use crate::scenario::{by_date, check, delivery, on, sql};

fn clock(property: &str, text: &str) -> By {
    By::Day(property.into(), TimeOfDay::Clock(text.parse().unwrap()))
}

/// The engineer of an invented company in Vienna comes between eight and one, on the day that was agreed.
fn engineer() -> Promise {
    let moved = Moved {
        on: on("visit_moved", "asked_by = 'customer'"),
        by: "new_day".into(),
        from: Some("new_day".into()),
    };
    Promise {
        opens: on("visit_booked", ""),
        shape: Shape::Window(Window {
            from: clock("day", "08:00"),
            deadline: Deadline {
                kept: on("engineer_arrived", ""),
                by: clock("day", "13:00"),
                beaten: Some(Wait::parse("4 hours").unwrap()),
                moved: Some(moved),
                excused: Some(on("visit_cancelled", "by_customer")),
                gives_up: Some(Wait::parse("2 days").unwrap()),
                ..by_date()
            },
        }),
        serious: Some(sql(
            "case when early_by > interval '1 hour' then 3 when late_by > interval '1 hour' then 2 else 1 end",
        )),
        attributes: Vec::new(),
        zone: time::zone("Europe/Vienna").unwrap(),
        ..delivery()
    }
}

fn between(from: By, by: By) -> Promise {
    let Shape::Window(window) = engineer().shape else {
        unreachable!()
    };
    let deadline = Deadline {
        by,
        moved: None,
        ..window.deadline
    };
    Promise {
        shape: Shape::Window(Window { from, deadline }),
        ..engineer()
    }
}

#[test]
fn what_comes_within_the_window_keeps_it_to_the_instant_of_its_ends() {
    check(
        &engineer(),
        "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-10T08:00 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-10T13:00 engineer_arrived v2
         2026-03-01T10:00 visit_booked v3 day=2026-03-10
         2026-03-10T09:30 engineer_arrived v3
         => v1 beaten due=2026-03-10T13:00
         => v2 kept
         => v3 kept",
    );
}

#[test]
fn too_early_breaks_it_at_once() {
    check(
        &engineer(),
        "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-10T07:30 engineer_arrived v1
         2026-03-10T09:00 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-09T09:00 engineer_arrived v2
         as-of 2026-03-10T07:30
         => v1 broken early-by=30m known=2026-03-10T07:30 serious=1
         => v2 broken early-by=23h known=2026-03-09T09:00 serious=3",
    );
}

#[test]
fn a_missed_window_is_overdue_late_or_given_up() {
    let story = "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-10T15:00 engineer_arrived v2";
    check(
        &engineer(),
        &format!(
            "{story}\n as-of 2026-03-10T16:00
             => v1 overdue late-by=3h known=2026-03-10T13:00 serious=2
             => v2 late late-by=2h known=2026-03-10T13:00 serious=2"
        ),
    );
    check(
        &engineer(),
        &format!("{story}\n as-of 2026-03-13T00:00\n => v1 broken late-by=48h"),
    );
    check(
        &engineer(),
        &format!("{story}\n as-of 2026-03-10T12:59\n => v1 open"),
    );
    check(
        &engineer(),
        &format!(
            "{story}\n as-of 2026-03-10T16:00\n complete-until 2026-03-10T12:00
             => v1 unconfirmed
             => v2 late"
        ),
    );
}

#[test]
fn a_moved_window_moves_both_its_ends() {
    check(
        &engineer(),
        "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-05T10:00 visit_moved v1 new_day=2026-03-12 asked_by=customer
         2026-03-10T09:00 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-05T10:00 visit_moved v2 new_day=2026-03-12 asked_by=depot
         2026-03-10T09:30 engineer_arrived v2
         2026-03-01T10:00 visit_booked v3 day=2026-03-10
         2026-03-10T14:00 visit_moved v3 new_day=2026-03-12 asked_by=customer
         2026-03-12T09:30 engineer_arrived v3
         => v1 broken early-by=47h due=2026-03-12T13:00
         => v2 kept
         => v3 late late-by=44h30m due=2026-03-10T13:00",
    );
}

#[test]
fn an_excuse_before_the_end_of_the_window_counts() {
    check(
        &engineer(),
        "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-10T12:00 visit_cancelled v1 by_customer=true
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-10T14:00 visit_cancelled v2 by_customer=true
         => v1 excused
         => v2 overdue",
    );
}

#[test]
fn nothing_comes_too_early_for_a_promise_that_was_not_made_yet() {
    check(
        &engineer(),
        "2026-03-01T09:00 engineer_arrived v1
         2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-10T09:30 engineer_arrived v1
         2026-03-10T08:30 engineer_arrived v2
         2026-03-10T09:00 visit_booked v2 day=2026-03-10
         => v1 kept
         => v2 kept",
    );
}

#[test]
fn days_and_moments_begin_a_window_as_they_say() {
    let days = between(By::Date("first".into()), By::Date("last".into()));
    check(
        &days,
        "2026-03-01T10:00 visit_booked v1 first=2026-03-10 last=2026-03-11
         2026-03-10T00:00 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 first=2026-03-10 last=2026-03-11
         2026-03-09T23:59 engineer_arrived v2
         2026-03-01T10:00 visit_booked v3 first=2026-03-10 last=2026-03-11
         2026-03-12T00:00 engineer_arrived v3
         => v1 beaten
         => v2 broken early-by=1m
         => v3 late late-by=0s",
    );
    let moments = between(By::Timestamp("first".into()), By::Timestamp("last".into()));
    check(
        &moments,
        "2026-03-01T10:00 visit_booked v1 first=2026-03-10T10:00 last=2026-03-10T12:00
         2026-03-10T09:59 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 first=2026-03-10T14:00 last=2026-03-10T12:00
         2026-03-01T10:00 visit_booked v3 last=2026-03-10T12:00
         => v1 broken early-by=1m
         => v2 none
         => v3 none",
    );
}

#[test]
fn the_calendars_hours_bound_a_window_and_closed_days_have_none() {
    let hours = |time| By::Day("day".into(), time);
    let open = between(hours(TimeOfDay::Opening), hours(TimeOfDay::Closing));
    // The tenth is a Tuesday, the fourteenth a Saturday; the calendar is open from nine to five on weekdays.
    check(
        &open,
        "2026-03-01T10:00 visit_booked v1 day=2026-03-10
         2026-03-10T08:59 engineer_arrived v1
         2026-03-01T10:00 visit_booked v2 day=2026-03-10
         2026-03-10T17:00 engineer_arrived v2
         2026-03-01T10:00 visit_booked v3 day=2026-03-14
         => v1 broken early-by=1m due=2026-03-10T17:00
         => v2 kept
         => v3 none",
    );
}

#[test]
fn a_window_of_lengths_waits_while_the_clock_stands_still() {
    let lengths = between(
        By::After(Wait::parse("24 hours").unwrap()),
        By::After(Wait::parse("72 hours").unwrap()),
    );
    // Cooled off for a day, then a day late in starting: ten hours stood still.
    check(
        &lengths,
        "2026-03-02T10:00 visit_booked v1
         2026-03-02T12:00 waiting_for_customer v1
         2026-03-02T22:00 customer_answered v1
         2026-03-03T19:00 engineer_arrived v1
         2026-03-02T10:00 visit_booked v2
         2026-03-03T12:00 waiting_for_customer v2
         2026-03-03T22:00 customer_answered v2
         2026-03-03T22:30 engineer_arrived v2
         2026-03-02T10:00 visit_booked v3
         2026-03-03T12:00 waiting_for_customer v3
         as-of 2026-03-20T00:00
         => v1 broken early-by=1h due=2026-03-05T20:00
         => v2 beaten due=2026-03-05T20:00
         => v3 open",
    );
}
