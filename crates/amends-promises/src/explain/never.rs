//! Never: how long it held, and what broke it.

use amends_model::State;
use jiff::Timestamp;

use super::Telling;
use crate::fact::Role;

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
    sentences.push(match instance.state {
        State::Open if instance.due_at == Timestamp::MAX => {
            "It binds until something ends it, and nothing has broken it so far.".to_owned()
        }
        State::Open => format!("It binds until {until}, and nothing has broken it so far."),
        State::Unconfirmed => {
            let unconfirmed = telling.unconfirmed("nothing broke it");
            format!("It bound until {until}. {unconfirmed}")
        }
        State::Broken => format!("It was broken{} on {closed}.", telling.by(Role::Breaks)),
        _ => format!(
            "It bound until {closed}{}, and nothing broke it.",
            telling.by(Role::Ends)
        ),
    });
    sentences
}
