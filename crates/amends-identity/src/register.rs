//! Identifiers by number: the oldest is 0, so that the smallest number of a customer gives the customer its id.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use amends_model::IdentifierId;
use amends_vault::Minted;

use crate::Rule;
use crate::places::Places;

/// What is known of all identifiers. Numbers are `u32`, so that a million of them cost some forty megabytes.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Register {
    /// By number.
    pub(crate) ids: Vec<IdentifierId>,
    /// The namespace of each, as a place in `namespaces`.
    pub(crate) kinds: Vec<u16>,
    /// Which of them are evidence of nothing.
    pub(crate) generic: Vec<bool>,
    /// Namespaces with their rules.
    pub(crate) namespaces: Vec<(Arc<str>, Rule)>,
    numbers: Places,
}

impl Register {
    pub(crate) fn new(minted: &[Minted], rules: &BTreeMap<String, Rule>) -> Self {
        let mut oldest_first: Vec<&Minted> = minted.iter().collect();
        oldest_first.sort_by_key(|one| (one.sequence, one.id));
        let mut register = Self::default();
        register.ids.reserve_exact(minted.len());
        register.kinds.reserve_exact(minted.len());
        register.generic.reserve_exact(minted.len());
        let mut kinds: HashMap<&str, u16> = HashMap::new();
        for one in oldest_first {
            let kind = *kinds.entry(&one.namespace).or_insert_with(|| {
                let rule = rules.get(&*one.namespace).copied().unwrap_or_default();
                register.namespaces.push((Arc::clone(&one.namespace), rule));
                (register.namespaces.len() - 1) as u16
            });
            register.ids.push(one.id);
            register.kinds.push(kind);
            register.generic.push(one.generic);
        }
        register.numbers = Places::of(&register.ids);
        register
    }

    /// The register of identifiers whose namespaces are places in a list.
    pub(crate) fn of(
        ids: Vec<IdentifierId>,
        kinds: Vec<u16>,
        generic: Vec<bool>,
        namespaces: Vec<(Arc<str>, Rule)>,
    ) -> Self {
        Self {
            numbers: Places::of(&ids),
            ids,
            kinds,
            generic,
            namespaces,
        }
    }

    /// How many identifiers there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of an identifier; `None` if it was never minted.
    pub(crate) fn number(&self, id: IdentifierId) -> Option<u32> {
        self.numbers.find(&self.ids, id)
    }

    /// All numbers, in the order of their identifiers.
    pub(crate) fn ascending(&self) -> impl Iterator<Item = u32> {
        self.numbers.ascending(&self.ids)
    }

    /// The identifier of a number.
    pub(crate) fn id(&self, number: u32) -> IdentifierId {
        self.ids[number as usize]
    }

    /// What kind of name a numbered identifier is.
    pub(crate) fn namespace(&self, number: u32) -> &str {
        &self.namespaces[usize::from(self.kinds[number as usize])].0
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
