//! Share: what went into it, and when it was too small.

use amends_model::State;
use jiff::Timestamp;

use super::{Telling, Told};
use crate::fact::Role;

pub(super) fn sentences(telling: &Telling<'_>) -> Vec<String> {
    let instance = telling.instance;
    let mut sentences: Vec<String> = telling
        .events()
        .filter_map(|event| step(telling, event))
        .collect();
    let (due, closed) = (telling.moment(instance.due_at), telling.closed());
    let counted = telling
        .events()
        .filter(|event| has(event, Role::Counted))
        .count();
    if counted > 0 {
        let kept = telling
            .events()
            .filter(|event| has(event, Role::Kept))
            .count();
        sentences.push(format!("Of {counted} in the span {kept} were as promised."));
    }
    sentences.push(match instance.state {
        State::Open if instance.due_at == Timestamp::MAX => {
            "It binds until something ends it, and no span has fallen short so far.".to_owned()
        }
        State::Open => format!("It binds until {due}, and no span has fallen short so far."),
        State::Unconfirmed => telling.unconfirmed("the share was kept"),
        State::Broken => format!("The share could not be kept any more on {closed}."),
        _ => format!(
            "It bound until {closed}{}, and no span fell short.",
            telling.by(Role::Ends)
        ),
    });
    sentences
}

fn has(event: &Told, role: Role) -> bool {
    event.facts.iter().any(|fact| fact.role == role)
}

fn step(telling: &Telling<'_>, event: &Told) -> Option<String> {
    let (when, kind) = (telling.when(event), &event.kind);
    if has(event, Role::Down) {
        return Some(format!("{when} it went down ({kind})."));
    }
    has(event, Role::Up).then(|| format!("{when} it was up again ({kind})."))
}
