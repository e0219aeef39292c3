//! Names and keys met lately, so that the same customer in the next batch costs no question to the database.

use amends_model::IdentifierId;

use crate::fingerprint::{Fingerprint, Map};
use crate::sealing::Cipher;

/// What is remembered of a name.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Its identifier.
    pub(crate) id: IdentifierId,
    /// Whether it stands for nobody in particular.
    pub(crate) generic: bool,
}

/// What was met since the vault was opened.
#[derive(Default)]
pub(crate) struct Seen {
    names: Lately<Fingerprint, Known>,
    keys: Lately<IdentifierId, Cipher>,
    /// The number of the last identifier, where everything up to it is here.
    complete_to: Option<i64>,
    /// What was minted, and is gone or erased since, had so often changed.
    changed: i64,
}

impl Seen {
    /// An import begins after an identifier of this number, when what was minted had so often changed. Whoever knows all names up to there needs to ask
    /// for none.
    pub(crate) fn begin_after(&mut self, number: i64, changed: i64) {
        if changed != self.changed {
            self.forget();
            self.changed = changed;
        }
        let complete = number == 0 || self.complete_to == Some(number);
        self.complete_to = complete.then_some(number);
    }

    /// Identifiers up to this number were minted here.
    pub(crate) fn mint_up_to(&mut self, number: i64) {
        self.complete_to = self.complete_to.map(|_| number);
    }

    /// Whether everything that was ever minted is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete_to.is_some()
    }

    pub(crate) fn get(&self, fingerprint: &Fingerprint) -> Option<Known> {
        self.names.get(fingerprint).copied()
    }

    pub(crate) fn put(&mut self, fingerprint: Fingerprint, known: Known) {
        self.names.last.insert(fingerprint, known);
    }

    pub(crate) fn key(&self, id: &IdentifierId) -> Option<&Cipher> {
        self.keys.get(id)
    }

    pub(crate) fn put_key(&mut self, id: IdentifierId, key: Cipher) {
        self.keys.last.insert(id, key);
    }

    /// Whether more than so many names or keys were put since the last turn.
    pub(crate) fn is_full(&self, most: usize) -> bool {
        self.names.last.len() > most || self.keys.last.len() > most
    }

    /// Forgets what was put before the last turn and not since. Whoever turns sees to it that what was put before this one is found in the database.
    pub(crate) fn turn(&mut self) {
        let forgets = self.names.turn();
        if forgets {
            self.complete_to = None;
        }
        self.keys.turn();
    }

    /// Forgets everything: some of it may be gone.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What was met last, and what was met before that.
struct Lately<K, V> {
    last: Map<K, V>,
    before: Map<K, V>,
}

impl<K, V> Default for Lately<K, V> {
    fn default() -> Self {
        Self {
            last: Map::default(),
            before: Map::default(),
        }
    }
}

impl<K: Eq + std::hash::Hash, V> Lately<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.last.get(key).or_else(|| self.before.get(key))
    }

    /// Begins a generation; whether anything is forgotten for that.
    fn turn(&mut self) -> bool {
        let before = std::mem::replace(&mut self.before, std::mem::take(&mut self.last));
        !before.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_stays_for_one_turn() {
        let mut seen = Seen::default();
        seen.begin_after(0, 0);
        let name = |number: u8| [number; 16];
        let known = |number| Known {
            id: IdentifierId(name(number)),
            generic: false,
        };
        for number in 0..4 {
            seen.put(name(number), known(number));
            assert!(seen.is_full(0));
            if number % 2 == 1 {
                seen.turn();
                assert!(!seen.is_full(0));
            }
        }
        let there: Vec<u8> = (0..4)
            .filter(|number| seen.get(&name(*number)).is_some())
            .collect();
        assert_eq!(there, [2, 3]);
        assert!(!seen.is_complete());
    }

    #[test]
    fn what_is_not_seen_is_not_there_only_in_a_vault_that_was_watched_from_its_beginning() {
        let mut seen = Seen::default();
        seen.begin_after(0, 0);
        seen.mint_up_to(7);
        assert!(seen.is_complete());
        seen.begin_after(7, 0);
        assert!(seen.is_complete());
        // Somebody else minted.
        seen.begin_after(9, 0);
        seen.mint_up_to(12);
        assert!(!seen.is_complete());
    }

    #[test]
    fn everything_goes_when_somebody_was_erased_or_an_import_was_forgotten() {
        let mut seen = Seen::default();
        let id = IdentifierId([3; 16]);
        seen.put_key(id, Cipher::new(&[1; 32]));
        seen.begin_after(0, 0);
        assert!(seen.key(&id).is_some());
        seen.begin_after(0, 1);
        assert!(seen.key(&id).is_none());
    }
}
