//! What one event says about one promise: the only thing that the state machine reads.

use amends_model::EventId;
use serde::{Deserialize, Serialize};

/// What an event does to a promise. An event with several roles gives several facts; they are taken in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// It opens it.
    Opens,
    /// It keeps it.
    Kept,
    /// It excuses it.
    Excused,
    /// It moves the deadline.
    Moved,
    /// It starts the clock again.
    PauseTo,
    /// It stops the clock.
    PauseFrom,
    /// It is what must not happen.
    Breaks,
    /// It ends the exposure.
    Ends,
}

/// One event in one role. Moments are microseconds of UTC.
///
/// The order of the fields is the order in which facts are folded (rule 6); an event comes once in each of its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// When it happened.
    pub at: i64,
    /// The rank of its source's name among the names of all sources, in order.
    pub source: u32,
    /// The event.
    pub id: EventId,
    /// In which role.
    pub role: Role,
    by: i64,
    from: i64,
}

/// Stands for "names none"; no moment that can be told is this early.
const NONE: i64 = i64::MIN;

impl Fact {
    /// A fact. `by` is the deadline that it names: of an opening event the promise's, of a move the new one; the end of the day where it names a day.
    pub fn new(at: i64, source: u32, id: EventId, role: Role, by: Option<i64>) -> Self {
        let by = by.unwrap_or(NONE);
        Self {
            at,
            source,
            id,
            role,
            by,
            from: NONE,
        }
    }

    /// The same, but it names the beginning of a window: of an opening event the promise's, of a move the new one.
    #[must_use]
    pub fn starting(self, from: Option<i64>) -> Self {
        let from = from.unwrap_or(NONE);
        Self { from, ..self }
    }

    /// The deadline that it names.
    pub fn by(&self) -> Option<i64> {
        (self.by != NONE).then_some(self.by)
    }

    /// The beginning of a window that it names.
    pub fn from(&self) -> Option<i64> {
        (self.from != NONE).then_some(self.from)
    }
}

/// Brings facts into the order in which they are folded, each once.
pub fn arrange(facts: &mut Vec<Fact>) {
    facts.sort_unstable();
    facts.dedup_by_key(|fact| (fact.at, fact.source, fact.id, fact.role));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_stand_in_order_of_time_source_id_and_role_and_once() {
        let fact = |at, source, id, role| Fact::new(at, source, EventId([id; 16]), role, None);
        let expected = vec![
            fact(1, 1, 9, Role::Opens),
            fact(2, 0, 8, Role::Kept),
            fact(2, 1, 1, Role::Opens),
            fact(2, 1, 1, Role::Moved),
            fact(2, 1, 2, Role::Opens),
        ];
        let mut facts: Vec<Fact> = expected.iter().rev().chain(&expected).copied().collect();
        arrange(&mut facts);
        assert_eq!(facts, expected);
    }
}
