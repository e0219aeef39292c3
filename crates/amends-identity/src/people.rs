//! Customers, as the links of one snapshot make them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use amends_ledger::Snapshot;
use amends_model::{IdentifierId, Result};
use amends_vault::Minted;
use jiff::Timestamp;

use crate::accounts::Memberships;
use crate::register::Register;
use crate::{Links, Rule};

/// Who is who in one snapshot. Why, say its [`Links`].
#[derive(Debug, PartialEq)]
pub struct People {
    pub(crate) register: Register,
    /// The oldest of each identifier's customer.
    pub(crate) roots: Vec<u32>,
    pub(crate) memberships: Memberships,
    /// Found when somebody asks for it: most questions do not.
    grouped: Grouped,
    customers: usize,
    pub(crate) version: String,
}

impl People {
    /// As [`Links::resolve`], for whoever does not ask why.
    ///
    /// # Errors
    /// As [`Links::resolve`].
    pub fn resolve(
        snapshot: &Snapshot,
        minted: &[Minted],
        rules: &BTreeMap<String, Rule>,
        as_of: Option<Timestamp>,
    ) -> Result<Arc<Self>> {
        let links = Links::resolve(snapshot, minted, rules, as_of)?;
        Ok(Arc::clone(links.people()))
    }

    /// Those whose oldest identifiers are known.
    pub(crate) fn new(
        register: Register,
        roots: Vec<u32>,
        memberships: Memberships,
        version: String,
    ) -> Self {
        let customers = (0..register.len() as u32)
            .filter(|number| roots[*number as usize] == *number && !register.rule(*number).account)
            .count();
        Self {
            register,
            roots,
            memberships,
            grouped: Grouped::default(),
            customers,
            version,
        }
    }

    /// The customer that an identifier belongs to: the oldest of its identifiers. For one that names an account, the account;
    /// one that was never minted is a customer by itself.
    pub fn customer(&self, identifier: IdentifierId) -> IdentifierId {
        self.known(identifier).unwrap_or(identifier)
    }

    /// The same; `None` for one that was never minted.
    pub fn known(&self, identifier: IdentifierId) -> Option<IdentifierId> {
        let number = self.register.number(identifier)?;
        Some(self.register.id(self.roots[number as usize]))
    }

    /// All identifiers of a customer (or of whoever has this identifier), oldest first. Empty for one that was never minted.
    pub fn members(&self, customer: IdentifierId) -> &[IdentifierId] {
        let Some(number) = self.register.number(customer) else {
            return &[];
        };
        let root = self.roots[number as usize] as usize;
        let (grouped, starts) = self
            .grouped
            .0
            .get_or_init(|| group(&self.register, &self.roots));
        &grouped[starts[root] as usize..starts[root + 1] as usize]
    }

    /// All customers that are people, oldest first. Accounts are not among them.
    pub fn customers(&self) -> impl Iterator<Item = IdentifierId> {
        self.oldest(false)
    }

    /// All accounts, oldest first.
    pub fn all_accounts(&self) -> impl Iterator<Item = IdentifierId> {
        self.oldest(true)
    }

    fn oldest(&self, account: bool) -> impl Iterator<Item = IdentifierId> {
        (0..self.register.len() as u32)
            .filter(move |number| {
                self.roots[*number as usize] == *number
                    && self.register.rule(*number).account == account
            })
            .map(|number| self.register.id(number))
    }

    /// How many customers there are, accounts aside.
    pub fn len(&self) -> usize {
        self.customers
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All identifiers, oldest first, each with its namespace.
    pub fn identifiers(&self) -> impl ExactSizeIterator<Item = (IdentifierId, &str)> {
        let ids = self.register.ids.iter();
        ids.zip(&self.register.kinds)
            .map(|(id, kind)| (*id, &*self.register.namespaces[usize::from(*kind)].0))
    }

    /// Some of all identifiers, which stand oldest first, each with its namespace, customer and account: what [`People::customer`] and [`People::account`]
    /// say of it, without looking it up.
    pub fn everyone(
        &self,
        places: Range<usize>,
    ) -> impl Iterator<Item = (IdentifierId, &str, IdentifierId, Option<IdentifierId>)> {
        let register = &self.register;
        let numbers = places.start as u32..places.end as u32;
        numbers.map(|number| {
            let customer = register.id(self.roots[number as usize]);
            let namespace = register.namespace(number);
            (
                register.id(number),
                namespace,
                customer,
                self.account_of(number),
            )
        })
    }

    /// What kind of name an identifier is; `None` for one that was never minted.
    pub fn namespace(&self, identifier: IdentifierId) -> Option<&str> {
        let number = self.register.number(identifier)?;
        Some(self.register.namespace(number))
    }

    /// A short hash of the links, memberships, decisions and rules: as long as it stays, everybody is who they were.
    pub fn links_version(&self) -> &str {
        &self.version
    }
}

/// Identifiers by customer, oldest first, and where each customer's begin.
#[derive(Debug, Default)]
struct Grouped(OnceLock<(Vec<IdentifierId>, Vec<u32>)>);

/// They follow from the others.
impl PartialEq for Grouped {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Identifiers in the order of their customers (a counting sort), and where each customer's begin, by its root.
fn group(register: &Register, roots: &[u32]) -> (Vec<IdentifierId>, Vec<u32>) {
    let mut starts = vec![0_u32; roots.len() + 1];
    for root in roots {
        starts[*root as usize + 1] += 1;
    }
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let mut next = starts.clone();
    let mut grouped = vec![IdentifierId([0; 16]); roots.len()];
    for (number, root) in roots.iter().enumerate() {
        let place = &mut next[*root as usize];
        grouped[*place as usize] = register.id(number as u32);
        *place += 1;
    }
    (grouped, starts)
}
