//! Identifiers by number: the oldest is 0, so that the smallest number of a customer gives the customer its id.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use amends_model::IdentifierId;
use amends_vault::Minted;

use crate::Rule;

/// What is known of all identifiers. Numbers are `u32`, so that a million of them cost some forty megabytes.
#[derive(Debug, Default)]
pub(crate) struct Register {
    /// By number.
    pub(crate) ids: Vec<IdentifierId>,
    /// The namespace of each, as a place in `namespaces`.
    pub(crate) kinds: Vec<u16>,
    /// Which of them are evidence of nothing.
    pub(crate) generic: Vec<bool>,
    /// Namespaces with their rules.
    pub(crate) namespaces: Vec<(Arc<str>, Rule)>,
    numbers: HashMap<u128, u32, BuildHasherDefault<AsItIs>>,
}

impl Register {
    pub(crate) fn new(minted: &[Minted], rules: &BTreeMap<String, Rule>) -> Self {
        let mut oldest_first: Vec<&Minted> = minted.iter().collect();
        oldest_first.sort_by_key(|one| (one.sequence, one.id));
        let mut register = Self::default();
        register.ids.reserve_exact(minted.len());
        register.kinds.reserve_exact(minted.len());
        register.generic.reserve_exact(minted.len());
        register.numbers.reserve(minted.len());
        let mut kinds: HashMap<&str, u16> = HashMap::new();
        for one in oldest_first {
            let kind = *kinds.entry(&one.namespace).or_insert_with(|| {
                let rule = rules.get(&*one.namespace).copied().unwrap_or_default();
                register.namespaces.push((Arc::clone(&one.namespace), rule));
                (register.namespaces.len() - 1) as u16
            });
            let number = register.ids.len() as u32;
            register.numbers.insert(one.id.as_u128(), number);
            register.ids.push(one.id);
            register.kinds.push(kind);
            register.generic.push(one.generic);
        }
        register
    }

    /// How many identifiers there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of an identifier; `None` if it was never minted.
    pub(crate) fn number(&self, id: IdentifierId) -> Option<u32> {
        self.numbers.get(&id.as_u128()).copied()
    }

    /// The identifier of a number.
    pub(crate) fn id(&self, number: u32) -> IdentifierId {
        self.ids[number as usize]
    }

    /// The rule for a numbered identifier.
    pub(crate) fn rule(&self, number: u32) -> Rule {
        self.namespaces[self.kinds[number as usize] as usize].1
    }

    /// Whether two name people, or two name accounts; else one of each.
    pub(crate) fn one_side(&self, a: u32, b: u32) -> bool {
        self.rule(a).account == self.rule(b).account
    }
}

/// Identifiers are random already: any eight of their bytes are as good a hash as one could compute.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }
}
