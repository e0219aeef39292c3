//! Names met lately, so that the same customer in the next batch costs no question to the database.

use std::collections::HashMap;

use amends_model::IdentifierId;

use crate::fingerprint::Fingerprint;

/// What is remembered of a name.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Its identifier.
    pub(crate) id: IdentifierId,
    /// Whether it stands for nobody in particular.
    pub(crate) generic: bool,
}

/// Fingerprints met since the vault was opened, at most [`Seen::MOST`] of them: some 35 MB.
#[derive(Default)]
pub(crate) struct Seen {
    known: HashMap<Fingerprint, Known>,
}

impl Seen {
    const MOST: usize = 900_000;

    pub(crate) fn get(&self, fingerprint: &Fingerprint) -> Option<Known> {
        self.known.get(fingerprint).copied()
    }

    pub(crate) fn put(&mut self, fingerprint: Fingerprint, known: Known) {
        // Forgetting everything is as good as any order of forgetting, and costs nothing while there is room.
        if self.known.len() >= Self::MOST && !self.known.contains_key(&fingerprint) {
            self.known.clear();
        }
        self.known.insert(fingerprint, known);
    }
}
