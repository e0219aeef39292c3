//! At least: how it was kept up, and when it fell behind.

use amends_model::State;
use jiff::Timestamp;

use super::Telling;
use crate::fact::Role;
use crate::words;

pub(super) fn sentences(telling: &Telling<'_>) -> Vec<String> {
    let instance = telling.instance;
    let counts = |event: &&super::Told| event.facts.iter().any(|fact| fact.role == Role::Kept);
    let mut sentences = Vec::new();
    for event in telling.events().filter(counts) {
        if Some(event.at) != instance.closed_at || instance.state != State::Late {
            sentences.push(format!(
                "{} it was kept up ({}).",
                telling.when(event),
                event.kind
            ));
        }
    }
    let (due, closed) = (telling.moment(instance.due_at), telling.closed());
    let late = instance.late_by.map(words::length).unwrap_or_default();
    sentences.push(match (instance.state, instance.paused_since) {
        (_, Some(since)) => format!("Since {} its clock stands still.", telling.moment(since)),
        (State::Open, None) if instance.due_at == Timestamp::MAX => "Nothing is due.".to_owned(),
        (State::Open, None) => {
            format!("The next is due by {due}, or nothing more if it ends before.")
        }
        (State::Unconfirmed, None) => {
            format!(
                "The next was due by {due}. {}",
                telling.unconfirmed("it came")
            )
        }
        (State::Overdue, None) => {
            format!("The next was due by {due}, and has not come; it is {late} late.")
        }
        (State::Late, None) => format!(
            "The next was due by {due}. It was made up for{} on {closed}, {late} late.",
            telling.by(Role::Kept)
        ),
        (State::Broken, None) => format!(
            "The next was due by {due}, and did not come. It was given up{} on {closed}.",
            telling.by(Role::Ends)
        ),
        (State::Excused, None) => format!(
            "It was excused{} on {closed}, before it had fallen behind.",
            telling.by(Role::Excused)
        ),
        _ => format!(
            "It bound until {closed}{}, and never fell behind.",
            telling.by(Role::Ends)
        ),
    });
    sentences
}
