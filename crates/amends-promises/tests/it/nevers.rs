//! The tests of what must not happen: charged twice; cut off while registered as vulnerable.

use amends_model::period::Length;
use amends_model::time;
use amends_model::wait::Wait;
use amends_project::definition::{About, Lasts, Never, Promise, Shape};

use crate::scenario::{check, delivery, failures, on, sql};

fn never(promise: Promise, never: Never) -> Promise {
    Promise {
        shape: Shape::Never(never),
        serious: None,
        attributes: Vec::new(),
        zone: time::zone("Europe/Vienna").unwrap(),
        ..promise
    }
}

/// The first charge of a bill exposes it for thirty days; another one breaks the promise.
fn charged_once() -> Promise {
    let breaks = Never {
        breaks: on("charged", "result = 'paid'"),
        at_most: None,
        ends: None,
        lasts: Some(Lasts::For(Wait::parse("30 days").unwrap())),
    };
    Promise {
        opens: on("charged", "result = 'paid'"),
        ..never(delivery(), breaks)
    }
}

/// Whoever is registered as vulnerable is not cut off: whatever the meter, whatever the register's number.
fn not_cut_off() -> Promise {
    let breaks = Never {
        breaks: on("cut_off", "reason <> 'fire'"),
        at_most: None,
        ends: Some(on("deregistered", "")),
        lasts: None,
    };
    Promise {
        opens: on("registered", ""),
        about: About::Customer,
        stands: None,
        ..never(delivery(), breaks)
    }
}

#[test]
fn a_second_charge_breaks_it_and_the_first_does_not() {
    check(
        &charged_once(),
        "2026-03-01T10:00 charged b1 result=paid
         2026-03-05T10:00 charged b1 result=paid
         2026-03-06T10:00 charged b1 result=paid
         2026-03-01T10:00 charged b2 result=failed
         2026-03-02T10:00 charged b2 result=paid
         2026-03-03T10:00 charged b2 result=failed
         2026-03-01T10:00 charged b3 result=paid
         2026-03-01T10:00 charged b3 result=paid
         2026-03-01T10:00 charged b4 result=failed
         => b1 broken known=2026-03-05T10:00 due=2026-03-05T10:00 serious=1
         => b2 kept due=2026-04-01T10:00 serious=0
         => b3 broken known=2026-03-01T10:00
         => b4 none",
    );
}

#[test]
fn it_is_open_while_exposed_and_unconfirmed_until_the_source_has_reported_its_end() {
    let story = "2026-03-01T10:00 charged b1 result=paid";
    check(
        &charged_once(),
        &format!("{story}\n as-of 2026-03-20T00:00\n => b1 open due=2026-03-31T10:00"),
    );
    check(
        &charged_once(),
        &format!(
            "{story}\n as-of 2026-04-20T00:00\n complete-until 2026-03-31T09:59\n => b1 unconfirmed"
        ),
    );
    check(
        &charged_once(),
        &format!("{story}\n as-of 2026-04-20T00:00\n complete-until 2026-03-31T10:00\n => b1 kept"),
    );
}

#[test]
fn what_happens_before_the_exposure_or_after_it_breaks_nothing() {
    check(
        &not_cut_off(),
        "2026-03-01T10:00 cut_off ada reason=debt
         2026-03-02T10:00 registered ada
         2026-03-10T10:00 deregistered ada
         2026-03-11T10:00 cut_off ada reason=debt
         2026-03-02T10:00 registered bo
         2026-03-10T10:00 cut_off bo reason=fire
         2026-03-02T10:00 registered cy
         2026-03-10T10:00 deregistered cy
         2026-03-10T10:00 cut_off cy reason=debt
         2026-03-05T10:00 cut_off di reason=debt
         2026-03-05T10:00 registered di
         => ada kept due=2026-03-10T10:00
         => bo open
         => cy broken known=2026-03-10T10:00
         => di broken",
    );
}

#[test]
fn an_exposure_that_begins_anew_is_watched_again() {
    let story = "2026-03-02T10:00 registered ada
         2026-03-10T10:00 deregistered ada
         2026-04-01T10:00 registered ada
         2026-03-02T10:00 registered bo
         2026-03-10T10:00 deregistered bo
         2026-03-10T10:00 registered bo";
    check(
        &not_cut_off(),
        &format!("{story}\n as-of 2026-03-20T00:00\n => ada kept\n => bo open"),
    );
    check(
        &not_cut_off(),
        &format!("{story}\n => ada open\n => bo open"),
    );
    check(
        &not_cut_off(),
        &format!(
            "{story}\n 2026-05-01T10:00 cut_off ada reason=debt\n => ada broken known=2026-05-01T10:00"
        ),
    );
}

#[test]
fn a_period_ends_before_the_next_begins() {
    let once_a_month = Promise {
        shape: Shape::Never(Never {
            breaks: on("charged", "result = 'paid'"),
            at_most: None,
            ends: None,
            lasts: Some(Lasts::Period(Length::Month)),
        }),
        ..charged_once()
    };
    check(
        &once_a_month,
        "2026-03-31T23:59 charged c1 result=paid
         2026-04-01T00:00 charged c1 result=paid
         2026-03-31T10:00 charged c2 result=paid
         2026-03-31T23:59:59 charged c2 result=paid
         as-of 2026-04-15T00:00
         => c1 open due=2026-05-01T00:00
         => c2 broken",
    );
}

#[test]
fn seriousness_knows_that_it_was_broken_and_no_lateness() {
    let graded = Promise {
        serious: Some(sql(
            "case when state = 'broken' and late_by is null and early_by is null and amount > 100 then 3 else 1 end",
        )),
        ..charged_once()
    };
    check(
        &graded,
        "2026-03-01T10:00 charged b1 result=paid amount=500
         2026-03-05T10:00 charged b1 result=paid amount=500
         => b1 broken serious=3",
    );
}

#[test]
fn a_customer_is_told_by_the_name_that_the_test_gives() {
    let failures = failures(
        &not_cut_off(),
        "2026-03-02T10:00 registered ada
         2026-03-10T10:00 cut_off ada reason=debt
         => ada kept late-by=1h early-by=1h
         => bo open",
    );
    let expected = [
        "ada: expected is = kept, but it is broken",
        "ada: expected late-by = 1h, but it is not late",
        "ada: expected early-by = 1h, but it is not early",
        "bo: expected open, but nothing opened the promise",
    ];
    assert_eq!(failures, expected);
}
