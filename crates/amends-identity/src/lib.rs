//! Which identifiers are one person: links with evidence, resolved when read.

use std::collections::BTreeMap;

use amends_ledger::Snapshot;
use amends_model::{EventId, IdentifierId, Result};
use amends_vault::Minted;

/// What a rule says about the identifiers of a namespace.
#[derive(Clone, Debug)]
pub struct Rule {
    /// On more than this many others it is no evidence.
    pub at_most: usize,
    /// Whether it names an account rather than a person.
    pub account: bool,
}

/// Who is who in one snapshot.
pub struct People {}

/// Why two identifiers are held to be the same: an event that names both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One.
    pub a: IdentifierId,
    /// The other.
    pub b: IdentifierId,
    /// The first event that names both.
    pub event: EventId,
    /// How many do.
    pub events: u64,
}

impl People {
    /// Reads the links of a snapshot and joins what they connect.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn resolve(
        snapshot: &Snapshot,
        minted: &[Minted],
        rules: &BTreeMap<String, Rule>,
    ) -> Result<Self> {
        let _ = (snapshot, minted, rules);
        todo!()
    }

    /// The customer that an identifier belongs to: the oldest of its identifiers.
    pub fn customer(&self, identifier: IdentifierId) -> IdentifierId {
        let _ = identifier;
        todo!()
    }

    /// All identifiers of a customer, oldest first.
    pub fn members(&self, customer: IdentifierId) -> &[IdentifierId] {
        let _ = customer;
        todo!()
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The links among the identifiers of a customer, each with its evidence.
    pub fn evidence(&self, customer: IdentifierId) -> Vec<Evidence> {
        let _ = customer;
        todo!()
    }
}
