//! The people behind the lines of the customer math and behind stated reasons.

use amends_model::{Result, time};
use amends_project::definition::{Cause, Nature};
use amends_query::Session;
use jiff::Timestamp;

use super::{Person, refused};
use crate::Frame;
use crate::customer_math::{Book, Entry, Leaving, Line, MOVES, Membership, Reason, Reasons};

/// Those behind a line.
pub(super) fn behind_line(
    session: &Session,
    book: &Book,
    frame: &Frame,
    line: Line,
) -> Result<Vec<Person>> {
    let zone = &session.project().company.zone;
    let refusal = book.refusal(frame.from, frame.until, zone)?;
    if let Some(reason) = refusal.as_ref().and_then(|refusal| refusal.of(line)) {
        return Err(refused(line.id(), reason));
    }
    let behind = book
        .memberships
        .iter()
        .filter(|membership| line.counts(membership, frame.from, frame.until));
    behind
        .map(|membership| person(membership, line, &book.reasons, book.contractual))
        .collect()
}

/// Those who came and those who went, one after the other.
pub(super) fn behind_net(session: &Session, book: &Book, frame: &Frame) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for line in MOVES.into_iter().rev() {
        people.extend(behind_line(session, book, frame, line)?);
    }
    people.sort_by_key(|person| person.customer);
    Ok(people)
}

/// Of those who were there when the period was about to begin, those who were lost in it; all, or those of one nature.
pub(super) fn behind_churn(
    session: &Session,
    book: &Book,
    frame: &Frame,
    of: Option<Nature>,
) -> Result<Vec<Person>> {
    // The same refusals hold as for all who were lost.
    behind_line(session, book, frame, Line::Lost)?;
    let lost = book.lost_of_opening(frame.from, frame.until);
    let counts = |membership: &&Membership| {
        let nature = membership.leaving.map(|leaving| leaving.nature);
        of.is_none() || nature == of
    };
    lost.filter(counts)
        .map(|membership| person(membership, Line::Lost, &book.reasons, book.contractual))
        .collect()
}

/// Those who left for a reason.
pub(super) fn behind_reason(
    session: &Session,
    book: &Book,
    frame: &Frame,
    reason: Reason,
) -> Result<Vec<Person>> {
    let mut lost = Vec::new();
    let left = |membership: &Membership| {
        let leaving = membership.leaving;
        leaving.is_some_and(|leaving| leaving.reason == reason)
    };
    // The same refusals hold as for all who were lost.
    behind_line(session, book, frame, Line::Lost)?;
    for membership in book.memberships.iter().filter(|one| left(one)) {
        if Line::Lost.counts(membership, frame.from, frame.until) {
            lost.push(person(
                membership,
                Line::Lost,
                &book.reasons,
                book.contractual,
            )?);
        }
    }
    Ok(lost)
}

fn person(
    membership: &Membership,
    line: Line,
    reasons: &Reasons,
    contractual: bool,
) -> Result<Person> {
    let moment = |micros: Option<i64>| -> Result<Option<Timestamp>> {
        micros.map(time::from_micros).transpose()
    };
    let (at, why) = match line {
        Line::Opening | Line::Closing => (None, entered(membership.entry).to_owned()),
        Line::New | Line::Returned => (membership.start, entered(membership.entry).to_owned()),
        _ => (
            membership.end(),
            membership
                .leaving
                .map_or_else(String::new, |leaving| left(&leaving, reasons, contractual)),
        ),
    };
    Ok(Person {
        customer: membership.customer,
        identifiers: Vec::new(),
        since: moment(membership.start)?,
        at: moment(at)?,
        why,
    })
}

fn entered(entry: Entry) -> &'static str {
    match entry {
        Entry::Before => "a customer since before the book begins",
        Entry::New => "a customer for the first time",
        Entry::Returned => "back after having been lost",
    }
}

/// Why somebody left, in a few words.
pub(crate) fn left(leaving: &Leaving, reasons: &Reasons, contractual: bool) -> String {
    if !contractual {
        return "nothing was heard of them for too long".into();
    }
    if !leaving.reason.is_stated() {
        return "left without stating a reason".into();
    }
    let words = reasons.words(leaving.reason);
    match (nature(leaving.nature), cause(leaving.cause)) {
        (None, None) => format!("\"{words}\""),
        (Some(nature), None) => format!("\"{words}\" ({nature})"),
        (None, Some(cause)) => format!("\"{words}\" (over {cause})"),
        (Some(nature), Some(cause)) => format!("\"{words}\" ({nature}, over {cause})"),
    }
}

fn nature(nature: Nature) -> Option<&'static str> {
    match nature {
        Nature::Natural => Some("natural"),
        Nature::Avoidable => Some("avoidable"),
        Nature::Company => Some("the company's choice"),
        Nature::Unknown => None,
    }
}

fn cause(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Product => Some("the product"),
        Cause::Service => Some("the service"),
        Cause::Price => Some("the price"),
        Cause::Life => Some("their own life"),
        Cause::Unknown => None,
    }
}
