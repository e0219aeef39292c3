//! Deadline and window: by when it was due, what changed that, and whether it was kept.

use amends_model::State;

use super::{Telling, Told};
use crate::fact::{Fact, Role};
use crate::instance::moment;
use crate::timed::Span;
use crate::words;

pub(super) fn sentences(telling: &Telling<'_>, span: &Span) -> Vec<String> {
    let mut sentences = Vec::new();
    let steps: Vec<String> = telling
        .events()
        .flat_map(|event| steps(telling, span, event))
        .collect();
    if !steps.is_empty() {
        let at_first = telling.events().find_map(|event| first(span, event));
        let at_first = at_first.map(|(from, due)| within(telling, span, from, due));
        sentences.extend(at_first.map(|at_first| format!("At first it was due {at_first}.")));
    }
    sentences.extend(steps);
    let instance = telling.instance;
    let from = telling.standing().and_then(|standing| standing.from);
    let due = within(
        telling,
        span,
        from,
        amends_model::time::micros(instance.due_at),
    );
    sentences.push(match (instance.state, instance.paused_since) {
        (_, Some(since)) => format!(
            "Since {} its clock stands still; when it stopped, the promise was due {due}.",
            telling.moment(since)
        ),
        (State::Open, None) => format!("It is due {due}."),
        _ => format!("It was due {due}."),
    });
    sentences.extend(outcome(telling));
    sentences
}

/// The span that the opening event names; `None` where lengths alone give it.
fn first(span: &Span, event: &Told) -> Option<(Option<i64>, i64)> {
    let opens = event.facts.iter().find(|fact| fact.role == Role::Opens)?;
    opens.by().or(opens.from())?;
    let (from, due) = span.of(opens)?;
    Some((span.from.as_ref().map(|_| from), due))
}

/// `by the end of 10 March 2018`, or `between 10 March 2018 at 08:00 and 10 March 2018 at 13:00`.
fn within(telling: &Telling<'_>, span: &Span, from: Option<i64>, due: i64) -> String {
    let zone = telling.zone();
    let told = |micros: i64| moment(micros).unwrap_or(jiff::Timestamp::MAX);
    let due = words::deadline(told(due), span.due.ends_day(), zone);
    match from {
        None => format!("by {due}"),
        Some(from) => {
            let starts_day = span.from.as_ref().is_some_and(|from| from.starts_day());
            let from = words::beginning(told(from), starts_day, zone);
            format!("between {from} and {due}")
        }
    }
}

/// What an event changed on the way, in a sentence each.
fn steps(telling: &Telling<'_>, span: &Span, event: &Told) -> Vec<String> {
    let (when, kind) = (telling.when(event), &event.kind);
    let instance = telling.instance;
    let is_end = Some(event.at) == instance.closed_at;
    let step = |fact: &Fact| match fact.role {
        Role::Moved if !is_end => {
            let due = words::deadline(
                moment(fact.by()?).ok()?,
                span.due.ends_day(),
                telling.zone(),
            );
            Some(match fact.from() {
                None => format!("{when} the deadline was moved to {due} ({kind})."),
                from => {
                    let moved = within(telling, span, from, fact.by()?);
                    format!("{when} it was moved: to be kept {moved} ({kind}).")
                }
            })
        }
        Role::PauseFrom if instance.paused_since != Some(event.at) => {
            Some(format!("{when} the clock was stopped ({kind})."))
        }
        Role::PauseTo => Some(format!("{when} the clock was started again ({kind}).")),
        _ => None,
    };
    event.facts.iter().filter_map(step).collect()
}

/// How it ended, or stands.
fn outcome(telling: &Telling<'_>) -> Option<String> {
    let instance = telling.instance;
    let (closed, by) = (telling.closed(), |role| telling.by(role));
    let late = instance.late_by.map(words::length).unwrap_or_default();
    let too_early = instance.late_by.is_some_and(|late| late.is_negative());
    Some(match instance.state {
        State::Open => return None,
        State::Kept => format!("It was kept{} on {closed}, in time.", by(Role::Kept)),
        State::Beaten => {
            let ahead = instance
                .closed_at
                .map(|at| at.duration_until(instance.due_at));
            let ahead = ahead.map(words::length).unwrap_or_default();
            format!(
                "It was kept{} on {closed}, {ahead} early: better than promised.",
                by(Role::Kept)
            )
        }
        State::Late => format!("It was kept{} on {closed}, {late} late.", by(Role::Kept)),
        State::Excused => format!(
            "It was excused{} on {closed}, before it was due.",
            by(Role::Excused)
        ),
        State::Overdue => format!("It has not been kept; it is {late} late."),
        State::Broken if too_early => format!(
            "What was promised came on {closed}{}, {late} too early.",
            by(Role::Kept)
        ),
        State::Broken => {
            format!("It was not kept, and given up on {closed}, {late} after it was due.")
        }
        State::Unconfirmed => telling.unconfirmed("it was kept"),
    })
}
