//! Those let down by any promise, and those who had been let down before they left.

use std::collections::BTreeMap;

use amends_model::{IdentifierId, Result, time};
use amends_query::Session;

use super::{Person, no_such, refused};
use crate::Frame;
use crate::customer_math::{Book, Line};
use crate::let_downs::{self, Kept, refused_all};
use crate::reasons::{self, BEFORE_LEAVING};

/// Customers let down by any promise in the period, each once.
pub(super) async fn by_any(session: &Session, frame: &Frame, figure: &str) -> Result<Vec<Person>> {
    let promises = let_downs::read(session, Some((frame.from, frame.until))).await?;
    if let Some(reason) = refused_all(&promises) {
        return Err(refused(figure, &reason));
    }
    let mut harmed: BTreeMap<IdentifierId, (i64, Vec<&str>)> = BTreeMap::new();
    for kept in &promises {
        for (customer, of) in &kept.harmed {
            if let Some(within) = &of.within {
                let one = harmed
                    .entry(*customer)
                    .or_insert((within.first, Vec::new()));
                one.0 = one.0.min(within.first);
                one.1.push(&kept.promise);
            }
        }
    }
    let people = harmed.into_iter().map(|(customer, (first, promises))| {
        Ok(Person {
            customer,
            identifiers: Vec::new(),
            since: None,
            at: Some(time::from_micros(first)?),
            why: format!("let down by {}", promises.join(", ")),
        })
    });
    people.collect()
}

/// Of those lost in the period, for any reason or for one, those whom a promise had let down by then; each once, with the last time they left.
pub(super) async fn before_leaving(
    session: &Session,
    book: &Book,
    frame: &Frame,
    figure: &str,
) -> Result<Vec<Person>> {
    let (reason, promise) = match figure.split_once(BEFORE_LEAVING) {
        Some(("", promise)) => (None, promise),
        Some((reason, promise)) => {
            let reason = reason.trim_end_matches('.');
            let found = reasons::of_id(&book.reasons, reason);
            (Some(found.ok_or_else(|| no_such(figure))?), promise)
        }
        None => return Err(no_such(figure)),
    };
    if !session.project().promises.contains_key(promise) {
        return Err(no_such(figure));
    }
    let lost = match reason {
        None => super::members::behind_line(session, book, frame, Line::Lost)?,
        Some(reason) => super::members::behind_reason(session, book, frame, reason)?,
    };
    let kept = let_downs::read_one(session, promise, Some((frame.from, frame.until))).await?;
    let mut last: BTreeMap<IdentifierId, Person> = BTreeMap::new();
    for person in lost {
        let known = last.get(&person.customer);
        if known.is_none_or(|known| known.at < person.at) {
            last.insert(person.customer, person);
        }
    }
    let mut harmed: Vec<Person> = last.into_values().collect();
    harmed.retain(|person| had_been(&kept, person));
    Ok(harmed)
}

fn had_been(kept: &Kept, person: &Person) -> bool {
    let harmed = kept.harmed.get(&person.customer);
    let left = person.at.map(time::micros);
    harmed.is_some_and(|harmed| left.is_some_and(|left| harmed.ever <= left))
}
