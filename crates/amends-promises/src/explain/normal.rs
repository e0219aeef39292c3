//! Own normal: what the history was, and what lay outside of it.

use amends_model::{State, time};
use jiff::Timestamp;

use super::Telling;
use crate::fact::Role;
use crate::normal::Own;
use crate::words;

pub(super) fn sentences(telling: &Telling<'_>, own: &Own) -> Vec<String> {
    let instance = telling.instance;
    let facts = telling.facts();
    let told = own.told(&facts, time::micros(instance.due_at));
    let mut sentences = Vec::new();
    if let Some((limits, value)) = told.filter(|_| instance.state != State::Kept) {
        sentences.push(format!(
            "By the first {} values the normal lay between {} and {}; this one was {}.",
            limits.count,
            words::number(limits.lower),
            words::number(limits.upper),
            words::number(value)
        ));
    }
    let (due, closed) = (telling.moment(instance.due_at), telling.closed());
    sentences.push(match instance.state {
        State::Open if instance.due_at == Timestamp::MAX => {
            "It binds until something ends it, and nothing has been out of the normal so far."
                .to_owned()
        }
        State::Open => {
            format!("It binds until {due}, and nothing has been out of the normal so far.")
        }
        State::Unconfirmed => telling.unconfirmed("it was out of the normal"),
        State::Broken => format!(
            "It was out of the normal{} on {closed}.",
            telling.by(Role::Measured)
        ),
        _ => format!(
            "It bound until {closed}{}, and nothing was out of the normal.",
            telling.by(Role::Ends)
        ),
    });
    sentences
}
