//! What is about to break.

use amends_model::State;
use jiff::Timestamp;

use crate::instance::Instance;

/// The open promises that are due after `as_of` and not after `until`, the next first. Those whose clock stands still are not due.
pub fn due(
    instances: impl IntoIterator<Item = Instance>,
    as_of: Timestamp,
    until: Timestamp,
) -> Vec<Instance> {
    let coming = |instance: &Instance| {
        let running = instance.state == State::Open && instance.paused_since.is_none();
        running && as_of < instance.due_at && instance.due_at <= until
    };
    let mut due: Vec<Instance> = instances.into_iter().filter(coming).collect();
    due.sort_by(|one, other| (one.due_at, &one.about).cmp(&(other.due_at, &other.about)));
    due
}

#[cfg(test)]
mod tests {
    use amends_model::IdentifierId;

    use super::*;

    #[test]
    fn open_promises_come_by_their_deadline_and_paused_ones_do_not() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let instance = |about: &str, due: i64, state, paused: Option<i64>| Instance {
            about: about.into(),
            identifier: IdentifierId([0; 16]),
            state,
            opened_at: at(0),
            due_at: at(due),
            paused_since: paused.map(at),
            closed_at: None,
            could_have_known: None,
            late_by: None,
            serious: 0,
            attributes: Vec::new(),
            proof: Vec::new(),
        };
        let all = [
            instance("later", 9, State::Open, None),
            instance("second", 7, State::Open, None),
            instance("first", 6, State::Open, None),
            instance("paused", 7, State::Open, Some(2)),
            instance("passed", 4, State::Overdue, None),
            instance("kept", 7, State::Kept, None),
        ];
        let coming: Vec<String> = due(all, at(5), at(8))
            .into_iter()
            .map(|due| due.about)
            .collect();
        assert_eq!(coming, ["first", "second"]);
    }
}
