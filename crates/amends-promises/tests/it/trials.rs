//! The tests of promise files: each scenario straight, restored, shuffled and replayed.

use amends_model::time;
use amends_model::wait::Wait;
use amends_project::definition::{By, Deadline, Moved, Pause, Promise, Shape};

use crate::scenario::{by_date, check, delivery, failures, on, sql};

/// Four working hours to answer a ticket; asking back stops the clock.
fn answer(by: &str) -> Promise {
    Promise {
        opens: on("ticket_changed", "status = 'new'"),
        shape: Shape::Deadline(Deadline {
            kept: on("ticket_changed", "status = 'solved'"),
            by: By::After(Wait::parse(by).unwrap()),
            moved: Some(Moved {
                on: on("ticket_moved", ""),
                by: "until".into(),
                from: None,
            }),
            pause: Some(Pause {
                from: on("ticket_changed", "status = 'pending'"),
                to: on("ticket_changed", "status = 'open'"),
            }),
            excused: None,
            gives_up: None,
            ..by_date()
        }),
        serious: None,
        zone: time::zone("Europe/Vienna").unwrap(),
        ..delivery()
    }
}

fn by_moment() -> Promise {
    Promise {
        shape: Shape::Deadline(Deadline {
            by: By::Timestamp("estimated_delivery".into()),
            ..by_date()
        }),
        ..delivery()
    }
}

#[test]
fn a_date_is_due_at_its_end() {
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-13T09:00 order_delivered o1
         => o1 late known=2018-03-11T00:00 late-by=57h serious=2 due=2018-03-11T00:00",
    );
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-10T23:59:59.999999 order_delivered o1
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10
         2018-03-11T00:00 order_delivered o2
         => o1 kept
         => o2 late late-by=0s serious=1",
    );
}

#[test]
fn a_day_ends_when_the_clocks_say_so() {
    // The clocks skipped midnight: the 14th ended when the 15th began, at one in the morning.
    check(
        &delivery(),
        "2017-10-01T10:00 order_placed o1 estimated_delivery=2017-10-14
         2017-10-15T01:00 order_delivered o1
         2017-10-01T10:00 order_placed o2 estimated_delivery=2017-10-14
         2017-10-14T23:59:59 order_delivered o2
         => o1 late known=2017-10-15T01:00 late-by=0s
         => o2 kept",
    );
}

#[test]
fn a_moment_is_due_at_its_instant() {
    check(
        &by_moment(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10T12:00
         2018-03-10T12:00 order_delivered o1
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10T12:00
         2018-03-10T12:00:01 order_delivered o2
         2018-03-01T10:00 order_placed o3 estimated_delivery=2018-03-10
         2018-03-10T00:01 order_delivered o3
         => o1 kept
         => o2 late late-by=1s known=2018-03-10T12:00
         => o3 late late-by=1m known=2018-03-10T00:00",
    );
}

#[test]
fn only_a_move_that_the_customer_asked_for_in_time_counts() {
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-05T10:00 delivery_rescheduled o1 new_date=2018-03-15 asked_by=customer
         2018-03-06T10:00 delivery_rescheduled o1 new_date=2018-03-17 asked_by=depot
         2018-03-16T09:00 order_delivered o1
         => o1 late known=2018-03-16T00:00 late-by=9h",
    );
    // After the deadline, the let-down stands.
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-11T10:00 delivery_rescheduled o1 new_date=2018-03-15 asked_by=customer
         2018-03-13T09:00 order_delivered o1
         => o1 late known=2018-03-11T00:00 late-by=57h due=2018-03-11T00:00",
    );
    // The last one before the deadline that stands then.
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-05T10:00 delivery_rescheduled o1 new_date=2018-03-15 asked_by=customer
         2018-03-14T10:00 delivery_rescheduled o1 new_date=2018-03-20 asked_by=customer
         2018-03-19T09:00 order_delivered o1
         => o1 kept due=2018-03-21T00:00",
    );
    // Into the past: known from the move on.
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-05T10:00 delivery_rescheduled o1 new_date=2018-03-03 asked_by=customer
         2018-03-06T00:00 order_delivered o1
         => o1 late known=2018-03-05T10:00 late-by=48h",
    );
}

#[test]
fn an_excuse_needs_its_own_time_and_actor() {
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-05T10:00 order_cancelled o1 by_customer=true
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10
         2018-03-05T10:00 order_cancelled o2 by_customer=false
         2018-03-01T10:00 order_placed o3 estimated_delivery=2018-03-10
         2018-03-11T10:00 order_cancelled o3 by_customer=true
         2018-03-01T10:00 order_placed o4 estimated_delivery=2018-03-10
         2018-03-04T10:00 order_delivered o4
         2018-03-05T10:00 order_cancelled o4 by_customer=true
         => o1 excused
         => o2 overdue known=2018-03-11T00:00
         => o3 overdue known=2018-03-11T00:00
         => o4 kept",
    );
}

#[test]
fn what_keeps_may_come_before_what_opens() {
    check(
        &Promise {
            shape: Shape::Deadline(Deadline {
                beaten: Some(Wait::parse("1 day").unwrap()),
                ..by_date()
            }),
            ..delivery()
        },
        "2018-03-01T09:00 order_delivered o1
         2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10
         2018-03-09T23:59 order_delivered o2
         2018-03-01T10:00 order_placed o3 estimated_delivery=2018-03-10
         2018-03-10T00:01 order_delivered o3
         => o1 kept
         => o2 beaten
         => o3 kept",
    );
}

#[test]
fn what_is_given_up_stays_broken() {
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-04-20T09:00 order_delivered o1
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10
         2018-03-01T10:00 order_placed o3 estimated_delivery=2018-03-25
         => o1 broken late-by=720h known=2018-03-11T00:00 serious=3
         => o2 broken late-by=720h serious=3
         => o3 overdue late-by=609h serious=3",
    );
}

#[test]
fn silence_of_a_source_breaks_no_promise() {
    let story = "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10
         2018-03-12T10:00 order_delivered o2
         as-of 2018-05-01T00:00";
    check(
        &delivery(),
        &format!("{story}\n complete-until 2018-03-10T12:00\n => o1 unconfirmed\n => o2 late"),
    );
    check(
        &delivery(),
        &format!("{story}\n complete-until 2018-03-11T00:00\n => o1 overdue\n => o2 late"),
    );
    check(&delivery(), &format!("{story}\n => o1 broken\n => o2 late"));
}

#[test]
fn seriousness_grows_with_time() {
    for (as_of, serious) in [
        ("2018-03-11T12:00", 1),
        ("2018-03-12T12:00", 2),
        ("2018-03-18T00:01", 3),
    ] {
        check(
            &delivery(),
            &format!(
                "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
                 as-of {as_of}
                 => o1 overdue serious={serious}"
            ),
        );
    }
    let by_amount = Promise {
        serious: Some(sql(
            "case when amount >= 10000 and state = 'late' then 3 else 1 end",
        )),
        ..delivery()
    };
    check(
        &by_amount,
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10 amount=10000
         2018-03-01T10:00 order_placed o2 estimated_delivery=2018-03-10 amount=9999
         2018-03-01T10:00 order_placed o3 estimated_delivery=2018-03-10 amount=20000
         2018-03-12T10:00 order_delivered o1
         2018-03-12T10:00 order_delivered o2
         => o1 late serious=3
         => o2 late serious=1
         => o3 overdue serious=1",
    );
}

#[test]
fn a_pause_takes_only_the_time_that_counts() {
    // Friday 16:00 to Tuesday 10:00: an hour of Friday was used, three are left from Tuesday on.
    check(
        &answer("4 opening hours"),
        "2026-01-02T15:00 ticket_changed t1 status=new
         2026-01-02T16:00 ticket_changed t1 status=pending
         2026-01-06T10:00 ticket_changed t1 status=open
         2026-01-06T13:00 ticket_changed t1 status=solved
         => t1 kept due=2026-01-06T13:00",
    );
    // A business day and seven hours of one were used: a day less seven hours is left, and the weekend does not count.
    check(
        &answer("2 business days"),
        "2026-01-07T10:00 ticket_changed t1 status=new
         2026-01-08T17:00 ticket_changed t1 status=pending
         2026-01-09T10:00 ticket_changed t1 status=open
         2026-01-12T03:01 ticket_changed t1 status=solved
         => t1 late late-by=1m due=2026-01-12T03:00",
    );
    // Plain time is given back as it was taken, whatever the clocks did.
    check(
        &answer("48 hours"),
        "2026-03-28T10:00 ticket_changed t1 status=new
         2026-03-28T20:00 ticket_changed t1 status=pending
         2026-03-29T20:00 ticket_changed t1 status=open
         => t1 overdue due=2026-03-31T10:00",
    );
}

#[test]
fn while_the_clock_stands_still_nothing_is_due() {
    check(
        &answer("4 opening hours"),
        "2026-01-05T09:00 ticket_changed t1 status=new
         2026-01-05T10:00 ticket_changed t1 status=pending
         2026-01-05T10:30 ticket_changed t1 status=pending
         2026-01-05T09:00 ticket_changed t2 status=new
         2026-01-05T10:00 ticket_changed t2 status=pending
         2026-01-05T10:30 ticket_changed t2 status=pending
         2026-01-05T11:00 ticket_changed t2 status=open
         2026-01-05T14:30 ticket_changed t2 status=solved
         as-of 2026-02-01T00:00
         => t1 open
         => t2 late late-by=30m due=2026-01-05T14:00",
    );
    // It stood still before the ticket was opened; and once the deadline has passed, stopping it does not help.
    check(
        &answer("4 opening hours"),
        "2026-01-05T08:00 ticket_changed t1 status=pending
         2026-01-05T09:00 ticket_changed t1 status=new
         2026-01-05T12:00 ticket_changed t1 status=open
         2026-01-05T09:00 ticket_changed t2 status=new
         2026-01-05T13:30 ticket_changed t2 status=pending
         2026-01-05T16:00 ticket_changed t2 status=open
         => t1 overdue due=2026-01-05T16:00
         => t2 overdue due=2026-01-05T13:00",
    );
}

#[test]
fn a_pause_never_brings_a_deadline_nearer() {
    // Moved to a Saturday night, when no hour counts, then paused for nothing.
    check(
        &answer("4 opening hours"),
        "2026-01-02T15:00 ticket_changed t1 status=new
         2026-01-02T15:30 ticket_moved t1 until=2026-01-03T03:00
         2026-01-02T16:00 ticket_changed t1 status=pending
         2026-01-02T16:00 ticket_changed t1 status=open
         => t1 overdue due=2026-01-03T03:00",
    );
}

#[test]
fn without_a_deadline_nothing_was_promised() {
    check(
        &delivery(),
        "2018-03-01T10:00 order_placed o1
         2018-03-01T10:00 order_placed o2 estimated_delivery=soon
         2018-03-01T10:00 order_placed o3
         2018-03-02T10:00 order_placed o3 estimated_delivery=2018-03-10
         2018-03-03T10:00 order_placed o3 estimated_delivery=2018-03-20
         2018-03-05T10:00 order_delivered o4
         => o1 none
         => o2 none
         => o3 overdue due=2018-03-11T00:00
         => o4 none",
    );
}

#[test]
fn what_is_not_as_expected_is_told_in_plain_words() {
    let failures = failures(
        &delivery(),
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-13T09:00 order_delivered o1
         => o1 kept known=2018-03-10T00:00 late-by=58h serious=1 due=2018-03-10T00:00
         => o2 late
         => o1 none",
    );
    let expected = [
        "o1: expected is = kept, but it is late",
        "o1: expected could-have-known = 2018-03-10T00:00:00, but it is 2018-03-11T00:00:00",
        "o1: expected late-by = 58h, but it is 57h",
        "o1: expected serious = 1, but it is 2",
        "o1: expected due = 2018-03-10T00:00:00, but it is 2018-03-11T00:00:00 (the end of 10 March 2018)",
        "o2: expected late, but nothing opened the promise",
        "o1: expected no promise, but there is one: it is late",
    ];
    assert_eq!(failures, expected);
}

#[test]
fn a_test_that_cannot_be_run_says_why() {
    let promise = Promise {
        shape: Shape::Deadline(Deadline {
            kept: on("order_delivered", "lower(signed_by, 1) = 'a'"),
            ..by_date()
        }),
        ..delivery()
    };
    let failures = failures(
        &promise,
        "2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
         2018-03-13T09:00 order_delivered o1 signed_by=ann
         => o1 kept",
    );
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0].starts_with("it cannot be run: "),
        "{failures:?}"
    );
    assert!(failures[0].contains("lower(signed_by, 1)"), "{failures:?}");
}
