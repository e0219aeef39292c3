//! Tests of promises as tables of text: one line an event, then what is expected.
//!
//! ```text
//! 2018-03-01T10:00 order_placed o1 estimated_delivery=2018-03-10
//! 2018-03-13T09:00 order_delivered o1
//! => o1 late known=2018-03-11T00:00 late-by=57h serious=2
//! ```
//! Further lines: `as-of MOMENT`, `complete-until MOMENT`, `=> o1 none`. Moments are civil, in the promise's zone.

use std::collections::BTreeMap;

use amends_expressions::Planner;
use amends_model::State;
use amends_model::time;
use amends_model::wait::{Calendar, Wait};
use amends_project::definition::{
    About, By, Deadline, Expectation, Moved, On, Pause, Place, Promise, PromiseTest, Shape, Sql,
    TestEvent, TestValue,
};
use amends_promises::run_tests;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A kind of event, under a condition where there is one.
pub(crate) fn on(kind: &str, condition: &str) -> On {
    On {
        kind: kind.into(),
        condition: (!condition.is_empty()).then(|| sql(condition)),
        reaches: None,
        place: Place::default(),
    }
}

pub(crate) fn sql(text: &str) -> Sql {
    Sql {
        text: text.into(),
        place: Place::default(),
    }
}

/// By the date that the checkout showed.
pub(crate) fn by_date() -> Deadline {
    Deadline {
        kept: on("order_delivered", ""),
        by: By::Date("estimated_delivery".into()),
        beaten: None,
        moved: Some(Moved {
            on: on("delivery_rescheduled", "asked_by = 'customer'"),
            by: "new_date".into(),
            from: None,
        }),
        pause: Some(Pause {
            from: on("waiting_for_customer", ""),
            to: on("customer_answered", ""),
        }),
        excused: Some(on("order_cancelled", "by_customer")),
        gives_up: Some(Wait::parse("30 days").unwrap()),
    }
}

/// The delivery promise of an invented shop in São Paulo: by the date that the checkout showed.
pub(crate) fn delivery() -> Promise {
    let zone = time::zone("America/Sao_Paulo").unwrap();
    Promise {
        name: "delivery-date".into(),
        says: "Your order arrives by the date we showed you at checkout".into(),
        place: Place::default(),
        made_by: "checkout".into(),
        opens: on("order_placed", ""),
        about: About::Record,
        stands: None,
        shape: Shape::Deadline(by_date()),
        touchpoint: Some("delivery".into()),
        great: None,
        serious: Some(sql(
            "case when late_by > interval '7 days' then 3 when late_by > interval '1 day' then 2 else 1 end",
        )),
        attributes: vec!["seller".into()],
        calendar: Calendar::weekdays(zone.clone()),
        zone,
        tests: Vec::new(),
        version: "1".into(),
        spell: amends_project::definition::Spell::default(),
    }
}

pub(crate) fn moment(text: &str, zone: &TimeZone) -> Timestamp {
    time::instant(text.parse().unwrap(), zone).unwrap().0
}

/// Runs a scenario in every way; what is not as expected.
pub(crate) fn failures(promise: &Promise, text: &str) -> Vec<String> {
    let mut promise = promise.clone();
    // Scenarios say times of the promise's zone.
    promise.calendar = Calendar::weekdays(promise.zone.clone());
    promise.tests = vec![read(text, &promise.zone)];
    let outcomes = run_tests(&promise, &Planner::new(), &BTreeMap::new());
    assert_eq!(outcomes.len(), 1);
    outcomes
        .into_iter()
        .flat_map(|outcome| outcome.failures)
        .collect()
}

#[track_caller]
pub(crate) fn check(promise: &Promise, text: &str) {
    let failures = failures(promise, text);
    assert!(failures.is_empty(), "{text}\n{}", failures.join("\n"));
}

fn read(text: &str, zone: &TimeZone) -> PromiseTest {
    let mut test = PromiseTest {
        name: "scenario".into(),
        place: Place::default(),
        events: Vec::new(),
        as_of: None,
        complete_until: None,
        expect: Vec::new(),
    };
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["as-of", at] => test.as_of = Some(moment(at, zone)),
            ["complete-until", at] => test.complete_until = Some(moment(at, zone)),
            ["=>", about, state, fields @ ..] => {
                test.expect.push(expectation(about, state, fields, zone))
            }
            [at, kind, about, properties @ ..] => test.events.push(TestEvent {
                place: Place::default(),
                at: moment(at, zone),
                kind: (*kind).into(),
                about: (*about).into(),
                properties: properties
                    .iter()
                    .map(|property| read_property(property))
                    .collect(),
            }),
            _ => panic!("{line:?}"),
        }
    }
    test
}

fn read_property(text: &str) -> (String, TestValue) {
    let (name, value) = text.split_once('=').unwrap();
    let value = match value {
        "true" => TestValue::Boolean(true),
        "false" => TestValue::Boolean(false),
        texts if texts.contains('+') => {
            TestValue::Texts(texts.split('+').map(str::to_owned).collect())
        }
        whole if whole.parse::<i64>().is_ok() => TestValue::Integer(whole.parse().unwrap()),
        text => TestValue::Text(text.into()),
    };
    (name.into(), value)
}

fn expectation(about: &str, state: &str, fields: &[&str], zone: &TimeZone) -> Expectation {
    let mut expected = Expectation {
        place: Place::default(),
        about: about.into(),
        is: (state != "none").then(|| state.parse::<State>().unwrap()),
        could_have_known: None,
        late_by: None,
        early_by: None,
        serious: None,
        due: None,
    };
    for field in fields {
        match field.split_once('=').unwrap() {
            ("known", at) => expected.could_have_known = Some(moment(at, zone)),
            ("late-by", length) => expected.late_by = Some(length.parse().unwrap()),
            ("early-by", length) => expected.early_by = Some(length.parse().unwrap()),
            ("serious", degree) => expected.serious = Some(degree.parse().unwrap()),
            ("due", at) => expected.due = Some(moment(at, zone)),
            other => panic!("{other:?}"),
        }
    }
    expected
}
