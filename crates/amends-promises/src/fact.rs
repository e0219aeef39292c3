//! What one event says about one promise: the only thing that the state machine reads.

use amends_model::EventId;
use amends_project::definition::Hears;
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
    /// It is what must be announced.
    Before,
    /// It is measured.
    Measured,
    /// It begins an outage.
    Down,
    /// It ends one.
    Up,
    /// It is one of all of which a share is taken.
    Counted,
}

impl From<Hears> for Role {
    fn from(hears: Hears) -> Self {
        match hears {
            Hears::Opens => Role::Opens,
            Hears::Kept => Role::Kept,
            Hears::Excused => Role::Excused,
            Hears::Moved => Role::Moved,
            Hears::PauseTo => Role::PauseTo,
            Hears::PauseFrom => Role::PauseFrom,
            Hears::Breaks => Role::Breaks,
            Hears::Ends => Role::Ends,
            Hears::Before => Role::Before,
            Hears::Measured => Role::Measured,
            Hears::Down => Role::Down,
            Hears::Up => Role::Up,
            Hears::Counted => Role::Counted,
        }
    }
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
    place: i64,
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
            place: NONE,
        }
    }

    /// The same, but it names numbers in place of times: of what is measured the value, of an opening event the least and the most that it may be.
    #[must_use]
    pub fn numbering(self, least: Option<f64>, most: Option<f64>) -> Self {
        let bits = |number: Option<f64>| number.map_or(NONE, bits_of);
        Self {
            by: bits(least),
            from: bits(most),
            ..self
        }
    }

    /// The same, but at a place: of an opening event where it stands, of another one whom it reaches.
    #[must_use]
    pub fn at_place(self, place: Option<i64>) -> Self {
        let place = place.unwrap_or(NONE);
        Self { place, ..self }
    }

    /// The same, its source ranked: until now it was a place in these ranks.
    pub(crate) fn ranked(self, ranks: &[u32]) -> Self {
        Self {
            source: ranks[self.source as usize],
            ..self
        }
    }

    /// The value that it measures, or the least that may be measured.
    pub fn least(&self) -> Option<f64> {
        self.by().map(number_of)
    }

    /// The most that may be measured.
    pub fn most(&self) -> Option<f64> {
        self.from().map(number_of)
    }

    /// Where what it opens stands, or whom it reaches.
    pub fn place(&self) -> Option<i64> {
        (self.place != NONE).then_some(self.place)
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

/// A number as a whole one of the same bits; what is no number is none.
pub(crate) fn bits_of(number: f64) -> i64 {
    match number.is_nan() {
        true => NONE,
        // The two zeros are one number, and the bits of the negative one stand for none.
        false => (number + 0.0).to_bits().cast_signed(),
    }
}

fn number_of(bits: i64) -> f64 {
    f64::from_bits(bits.cast_unsigned())
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
