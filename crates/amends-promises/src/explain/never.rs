//! Never: how long it held, and what broke it.

use amends_model::State;
use amends_project::definition::{Limits, Shape};
use jiff::Timestamp;

use super::Telling;
use crate::fact::Role;
use crate::words;

pub(super) fn sentences(telling: &Telling<'_>) -> Vec<String> {
    let instance = telling.instance;
    let mut sentences = Vec::new();
    let begins_anew = |event: &&super::Told| {
        let opens = event.facts.iter().any(|fact| fact.role == Role::Opens);
        let breaks = event.facts.iter().any(|fact| fact.role == Role::Breaks);
        let closes = Some(event.at) == instance.closed_at && breaks;
        opens && !closes && event.at > instance.opened_at
    };
    for event in telling.events().filter(begins_anew) {
        let (at, kind) = (telling.moment(event.at), &event.kind);
        sentences.push(format!(
            "It had ended since, and binds anew from {at} on ({kind})."
        ));
    }
    let closed = telling.closed();
    let until = telling.moment(instance.due_at);
    if instance.state == State::Broken {
        sentences.extend(allowed(telling));
    }
    if instance.closed_at.is_some() {
        sentences.extend(compared(telling));
    }
    sentences.push(match instance.state {
        State::Open if instance.due_at == Timestamp::MAX => {
            "It binds until something ends it, and nothing has broken it so far.".to_owned()
        }
        State::Open => format!("It binds until {until}, and nothing has broken it so far."),
        State::Unconfirmed => {
            let unconfirmed = telling.unconfirmed("nothing broke it");
            format!("It bound until {until}. {unconfirmed}")
        }
        State::Broken => {
            let by = match telling.by(Role::Breaks) {
                by if by.is_empty() => telling.by(Role::Measured),
                by => by,
            };
            format!("It was broken{by} on {closed}.")
        }
        State::Kept
            if telling
                .facts()
                .iter()
                .any(|fact| fact.role == Role::Measured) =>
        {
            format!(
                "It was as promised{} on {closed}.",
                telling.by(Role::Measured)
            )
        }
        _ => format!(
            "It bound until {closed}{}, and nothing broke it.",
            telling.by(Role::Ends)
        ),
    });
    sentences
}

/// What came before what broke it, and was allowed.
fn allowed(telling: &Telling<'_>) -> Vec<String> {
    let closed = telling.instance.closed_at;
    let breaks = |event: &&super::Told| {
        let has = |role| event.facts.iter().any(|fact| fact.role == role);
        has(Role::Breaks) && event.at > telling.instance.opened_at
    };
    let before = telling
        .events()
        .filter(breaks)
        .filter(|event| Some(event.at) != closed);
    before
        .map(|event| {
            format!(
                "{} it happened, and that was allowed ({}).",
                telling.when(event),
                event.kind
            )
        })
        .collect()
}

/// What was measured, and what was said.
fn compared(telling: &Telling<'_>) -> Option<String> {
    let limits = match &telling.promise.shape {
        Shape::Match(compared) => &compared.limits,
        _ => return None,
    };
    let facts = telling.facts();
    let measured = facts
        .iter()
        .rev()
        .find(|fact| fact.role == Role::Measured)?;
    let said = facts
        .iter()
        .rev()
        .find(|fact| fact.role == Role::Opens && fact.at <= measured.at)?;
    let value = words::number(measured.least()?);
    let limit = match (said.least(), said.most()) {
        (Some(least), Some(most)) if matches!(limits, Limits::Equal(..)) => {
            // Texts are compared as numbers made of them, which tell nothing.
            if least == most && least > TEXTS {
                return None;
            }
            format!(
                "it should have been {}",
                words::number(f64::midpoint(least, most))
            )
        }
        (Some(least), Some(most)) => {
            format!(
                "promised were {} to {}",
                words::number(least),
                words::number(most)
            )
        }
        (Some(least), None) => format!("promised were at least {}", words::number(least)),
        (None, Some(most)) => format!("promised were at most {}", words::number(most)),
        (None, None) => return None,
    };
    Some(format!("What was measured was {value}; {limit}."))
}

/// Amounts that companies deal in are smaller.
const TEXTS: f64 = 1e13;
