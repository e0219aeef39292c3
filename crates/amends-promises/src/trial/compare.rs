//! What is not as expected, in plain words.

use amends_project::definition::{About, By, Expectation, Promise};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::events::customer;
use super::run::Instances;
use crate::instance::Instance;
use crate::words;

/// Where instances differ from what a test expects.
pub(super) fn with_expected(
    expected: &[Expectation],
    told: &Instances,
    promise: &Promise,
) -> Vec<String> {
    let mut failures = Vec::new();
    for expectation in expected {
        let about = &expectation.about;
        let instance = match promise.about {
            About::Record => told.get(about),
            About::Customer => told.get(&customer(about).to_string()),
        };
        match (instance, expectation.is) {
            (None, None) => {}
            (None, Some(state)) => {
                failures.push(format!(
                    "{about}: expected {state}, but nothing opened the promise"
                ));
            }
            (Some(instance), None) => {
                failures.push(format!(
                    "{about}: expected no promise, but there is one: it is {}",
                    instance.state
                ));
            }
            (Some(instance), Some(_)) => {
                failures.extend(differences(expectation, instance, promise))
            }
        }
    }
    failures
}

fn differences(expected: &Expectation, told: &Instance, promise: &Promise) -> Vec<String> {
    let moment = |moment: Option<Timestamp>| match moment {
        Some(moment) => words_of(moment, &promise.zone),
        None => "never".into(),
    };
    let length = |length: Option<SignedDuration>, none: &str| match length {
        Some(length) if length.is_negative() == (none == "not early") => exactly(length.abs()),
        _ => none.to_owned(),
    };
    let state = expected.is.filter(|state| *state != told.state);
    let state = state.map(|state| ("is", state.to_string(), told.state.to_string()));
    let known = expected
        .could_have_known
        .filter(|known| Some(*known) != told.could_have_known);
    let known = known.map(|known| {
        (
            "could-have-known",
            moment(Some(known)),
            moment(told.could_have_known),
        )
    });
    let late = expected.late_by.filter(|late| Some(*late) != told.late_by);
    let late = late.map(|late| ("late-by", exactly(late), length(told.late_by, "not late")));
    let early = expected
        .early_by
        .filter(|early| Some(-*early) != told.late_by);
    let early = early.map(|early| {
        let told = length(told.late_by, "not early");
        ("early-by", exactly(early), told)
    });
    let serious = expected.serious.filter(|serious| *serious != told.serious);
    let serious = serious.map(|serious| ("serious", serious.to_string(), told.serious.to_string()));
    let due = expected.due.filter(|due| *due != told.due_at);
    let due = due.map(|due| {
        let by = promise.shape.deadline().map(|deadline| &deadline.by);
        let ends_day = matches!(by, Some(By::Date(_)));
        let actual = format!(
            "{} ({})",
            moment(Some(told.due_at)),
            words::deadline(told.due_at, ends_day, &promise.zone)
        );
        ("due", moment(Some(due)), actual)
    });
    let expected_about = &expected.about;
    let found = [state, known, late, early, serious, due]
        .into_iter()
        .flatten();
    found
        .map(|(field, expected, actual)| {
            format!(
                "{}: expected {field} = {expected}, but it is {actual}",
                expected_about
            )
        })
        .collect()
}

/// A length to the last second, and beyond where it is finer.
fn exactly(length: SignedDuration) -> String {
    format!("{length:#}")
}

fn words_of(moment: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(moment).to_string()
}

/// Where two ways of running the same events differ: a fault of ours, not of the test.
pub(super) fn with_another_way(way: &str, straight: &Instances, other: &Instances) -> Vec<String> {
    if straight == other {
        return Vec::new();
    }
    let abouts = straight
        .keys()
        .chain(other.keys().filter(|about| !straight.contains_key(*about)));
    let differing = abouts.filter(|about| straight.get(*about) != other.get(*about));
    let told = |instance: Option<&Instance>| match instance {
        Some(instance) => format!("{instance:?}"),
        None => "no promise".into(),
    };
    differing
        .map(|about| {
            format!(
                "{about}: {way} it comes out differently: {} instead of {}",
                told(other.get(about)),
                told(straight.get(about))
            )
        })
        .collect()
}
