//! Invented identifiers, events and decisions, small enough to write down.

use std::collections::BTreeMap;

use amends_model::{EventId, IdentifierId};
use amends_vault::Minted;

use crate::Links;
use crate::Rule;
use crate::decisions::{self, Decision};
use crate::pairs::Gathered;
use crate::register::Register;

/// Whom an event names, by number of minting, and when it happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) named: Vec<u32>,
    pub(crate) at: i64,
    pub(crate) id: u8,
}

/// Two identifiers, whether they are unlinked or linked again, and when that was decided.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) pair: (u32, u32),
    pub(crate) unlinked: bool,
    pub(crate) at: i64,
}

/// A world of identifiers: each has a namespace and may be generic.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) identifiers: Vec<(&'static str, bool)>,
    pub(crate) events: Vec<Event>,
    pub(crate) decided: Vec<Decided>,
    pub(crate) rules: BTreeMap<String, Rule>,
}

/// The identifier minted as this one; its bytes say nothing about its age.
pub(crate) fn id(number: u32) -> IdentifierId {
    IdentifierId(
        (u128::from(number) + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            .to_be_bytes(),
    )
}

impl World {
    pub(crate) fn new(namespaces: &[&'static str]) -> Self {
        let rule = |account| Rule {
            at_most: 2,
            account,
        };
        let rules = [
            ("customer", false),
            ("email", false),
            ("phone", false),
            ("organisation", true),
        ];
        Self {
            identifiers: namespaces.iter().map(|name| (*name, false)).collect(),
            events: Vec::new(),
            decided: Vec::new(),
            rules: rules
                .map(|(name, account)| (name.to_owned(), rule(account)))
                .into(),
        }
    }

    /// An event that names these.
    pub(crate) fn names(mut self, named: &[u32]) -> Self {
        let at = self.events.len() as i64;
        self.events.push(Event {
            named: named.to_vec(),
            at,
            id: at as u8,
        });
        self
    }

    pub(crate) fn generic(mut self, number: u32) -> Self {
        self.identifiers[number as usize].1 = true;
        self
    }

    pub(crate) fn decided(mut self, pair: (u32, u32), unlinked: bool) -> Self {
        let at = self.decided.len() as i64;
        self.decided.push(Decided { pair, unlinked, at });
        self
    }

    pub(crate) fn minted(&self) -> Vec<Minted> {
        let one = |(number, (namespace, generic)): (usize, &(&str, bool))| Minted {
            id: id(number as u32),
            namespace: (*namespace).into(),
            sequence: 10 * number as i64,
            generic: *generic,
        };
        self.identifiers.iter().enumerate().map(one).collect()
    }

    pub(crate) fn links(&self) -> Links {
        let register = Register::new(&self.minted(), &self.rules);
        let mut gathered = Gathered::default();
        for event in &self.events {
            let mut named = event.named.clone();
            named.sort_unstable();
            named.dedup();
            gathered.note(&named, event.at, EventId([event.id; 16]));
        }
        let mut last = BTreeMap::new();
        for decided in &self.decided {
            let (a, b) = decided.pair;
            let decision = Decision {
                order: (decided.at, EventId([decided.at as u8; 16])),
                unlinked: decided.unlinked,
                by: "Bo".into(),
                why: "two sisters".into(),
            };
            decisions::keep_last(&mut last, (a.min(b), a.max(b)), decision);
        }
        Links::new(register, gathered.sorted(), last)
    }
}
