//! The people behind let-downs, and behind every instance of a promise.

use amends_model::{IdentifierId, Problem, Result, State, time};
use amends_query::Session;
use arrow::array::{FixedSizeBinaryArray, StringArray, TimestampMicrosecondArray};

use super::{Person, no_such, refused};
use crate::Frame;
use crate::customer_math::counted;
use crate::let_downs::{self, Kept, due_of};
use crate::sql::{Template, literal, typed};

const INSTANCES: Template = Template(include_str!("instances.sql"));

/// Those behind `letdowns.PROMISE`, or behind one of its counts of instances, such as `letdowns.PROMISE.late`.
pub(super) async fn behind(
    session: &Session,
    frame: &Frame,
    figure: &str,
    named: &str,
) -> Result<Vec<Person>> {
    let (promise, counts) = match named.split_once('.') {
        Some((promise, counts)) => (promise, Some(counts)),
        None => (named, None),
    };
    let Some(defined) = session.project().promises.get(promise) else {
        return Err(no_such(figure));
    };
    let states = match counts {
        None => None,
        Some(counts) => Some(states(counts).ok_or_else(|| no_such(figure))?),
    };
    let within = Some((frame.from, frame.until));
    let kept = let_downs::read_one(session, promise, within).await?;
    if let Some(reason) = &kept.refused {
        return Err(refused(figure, reason));
    }
    match states {
        None => customers(kept),
        Some(states) => {
            let within = due_of(defined, (frame.from, frame.until));
            instances(session, promise, &states, &within, Dated::Known).await
        }
    }
}

/// The states in which instances stand that a figure counts.
fn states(counts: &str) -> Option<Vec<State>> {
    let all = State::ALL.into_iter();
    match counts {
        "exposed" => Some(all.collect()),
        "total" => Some(all.filter(|state| state.is_let_down()).collect()),
        state => state.parse().ok().map(|state| vec![state]),
    }
}

/// Customers, each once.
fn customers(kept: Kept) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for (customer, harmed) in kept.harmed {
        let Some(within) = harmed.within else {
            continue;
        };
        let about = &within.about;
        let why = match within.times {
            1 => format!("let down over {about}"),
            2 => format!("let down twice, over {about} and once more"),
            times => format!("let down {times} times, over {about} among others"),
        };
        people.push(Person {
            customer,
            identifiers: Vec::new(),
            since: None,
            at: Some(time::from_micros(within.first)?),
            why,
        });
    }
    Ok(people)
}

/// When what is counted of an instance happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dated {
    /// When it could have been known, or else when it was due.
    Known,
    /// When it was made.
    Opened,
}

/// Those to whom the promise was made, once for each time, of instances in some states for which a condition holds.
pub(super) async fn instances(
    session: &Session,
    promise: &str,
    states: &[State],
    condition: &str,
    dated: Dated,
) -> Result<Vec<Person>> {
    let states: Vec<String> = states.iter().map(|state| literal(state.as_str())).collect();
    let text = INSTANCES.fill(&[
        ("counted", counted(session)),
        ("promise", &literal(promise)),
        ("states", &states.join(", ")),
        ("due", condition),
        (
            "at",
            match dated {
                Dated::Known => "coalesce(could_have_known, due_at)",
                Dated::Opened => "opened_at",
            },
        ),
    ]);
    let mut people = Vec::new();
    for batch in session.sql(&text).await? {
        let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
        let (abouts, states) = (
            typed::<StringArray>(&batch, 1)?,
            typed::<StringArray>(&batch, 2)?,
        );
        let moments = typed::<TimestampMicrosecondArray>(&batch, 3)?;
        for row in 0..batch.num_rows() {
            let customer = IdentifierId::from_slice(customers.value(row));
            let customer = customer
                .ok_or_else(|| Problem::new("AM0804", "a customer's id has not sixteen bytes"))?;
            people.push(Person {
                customer,
                identifiers: Vec::new(),
                since: None,
                at: Some(time::from_micros(moments.value(row))?),
                why: format!("{}: {}", states.value(row), abouts.value(row)),
            });
        }
    }
    Ok(people)
}
