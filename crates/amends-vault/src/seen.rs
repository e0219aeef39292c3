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

/// So many names of each generation: some 70 MB.
const NAMES: usize = 1_800_000;
/// So many keys of each generation: some 60 MB.
const KEYS: usize = 900_000;

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
        if self.names.put(fingerprint, known, NAMES) {
            self.complete_to = None;
        }
    }

    pub(crate) fn key(&self, id: &IdentifierId) -> Option<&Cipher> {
        self.keys.get(id)
    }

    pub(crate) fn put_key(&mut self, id: IdentifierId, key: Cipher) {
        self.keys.put(id, key, KEYS);
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

    /// Puts something into the last generation, which begins anew where it has so many; whether anything is forgotten for that.
    fn put(&mut self, key: K, value: V, most: usize) -> bool {
        let is_full = self.last.len() >= most && !self.last.contains_key(&key);
        let mut forgets = false;
        if is_full {
            forgets = !self.before.is_empty();
            self.before = std::mem::take(&mut self.last);
        }
        self.last.insert(key, value);
        forgets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_goes_when_twice_as_much_came_after_it() {
        let mut lately = Lately::default();
        let name = |number: u8| [number; 16];
        let forgets: Vec<bool> = (0..7)
            .map(|number| lately.put(name(number), number, 2))
            .collect();
        assert_eq!(forgets, [false, false, false, false, true, false, true]);
        let there: Vec<u8> = (0..7)
            .filter(|number| lately.get(&name(*number)) == Some(number))
            .collect();
        assert_eq!(there, [4, 5, 6]);
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
