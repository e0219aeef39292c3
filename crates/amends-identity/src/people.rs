//! Customers, as the links of one snapshot make them.

use std::collections::{BTreeMap, HashMap};

use amends_ledger::Snapshot;
use amends_model::{IdentifierId, Result};
use amends_vault::Minted;
use jiff::Timestamp;

use crate::accounts::Memberships;
use crate::decisions::{self, Decision};
use crate::graph::{self, Crowd};
use crate::pairs::{self, Pair};
use crate::register::Register;
use crate::verdict::{self, Verdict};
use crate::{Evidence, Rule, version};

/// Who is who in one snapshot.
#[derive(Debug)]
pub struct People {
    pub(crate) register: Register,
    pub(crate) pairs: Vec<Pair>,
    /// What each pair is.
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) crowds: HashMap<u32, Crowd>,
    pub(crate) decisions: BTreeMap<(u32, u32), Decision>,
    /// The oldest of each identifier's customer.
    pub(crate) roots: Vec<u32>,
    pub(crate) memberships: Memberships,
    /// Identifiers by customer, oldest first, and where each customer's begin.
    grouped: Vec<IdentifierId>,
    starts: Vec<u32>,
    customers: usize,
    version: String,
}

impl People {
    /// Reads the links of a snapshot up to a moment (`None`: all of them) and joins what they connect. A namespace without a
    /// rule has `Rule::default()`. Decisions hold for every moment. The result depends on nothing but the arguments.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read; `AM0601` and `AM0603` when its events or decisions are of another release.
    pub fn resolve(
        snapshot: &Snapshot,
        minted: &[Minted],
        rules: &BTreeMap<String, Rule>,
        as_of: Option<Timestamp>,
    ) -> Result<Self> {
        let register = Register::new(minted, rules);
        let pairs = pairs::gather(snapshot, &register, as_of)?;
        let decisions = decisions::read(snapshot, &register)?;
        Ok(Self::new(register, pairs, decisions))
    }

    pub(crate) fn new(
        register: Register,
        pairs: Vec<Pair>,
        decisions: BTreeMap<(u32, u32), Decision>,
    ) -> Self {
        let (verdicts, crowds) = verdict::judge(&register, &pairs, &decisions);
        let links = pairs
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Link)
            .map(|(pair, _)| (pair.a, pair.b));
        let roots = graph::joined(register.len(), links);
        let memberships = Memberships::new(&register, &pairs, &verdicts, &roots);
        let (grouped, starts) = group(&register, &roots);
        let customers = (0..register.len() as u32)
            .filter(|number| roots[*number as usize] == *number && !register.rule(*number).account)
            .count();
        let version = version::of(&register, &pairs, &verdicts, &decisions);
        Self {
            register,
            pairs,
            verdicts,
            crowds,
            decisions,
            roots,
            memberships,
            grouped,
            starts,
            customers,
            version,
        }
    }

    /// The customer that an identifier belongs to: the oldest of its identifiers. For one that names an account, the account;
    /// one that was never minted is a customer by itself.
    pub fn customer(&self, identifier: IdentifierId) -> IdentifierId {
        match self.register.number(identifier) {
            Some(number) => self.register.id(self.roots[number as usize]),
            None => identifier,
        }
    }

    /// All identifiers of a customer (or of whoever has this identifier), oldest first. Empty for one that was never minted.
    pub fn members(&self, customer: IdentifierId) -> &[IdentifierId] {
        let Some(number) = self.register.number(customer) else {
            return &[];
        };
        let root = self.roots[number as usize] as usize;
        &self.grouped[self.starts[root] as usize..self.starts[root + 1] as usize]
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

    /// The links among the identifiers of a customer, each with its evidence.
    pub fn evidence(&self, customer: IdentifierId) -> Vec<Evidence> {
        let Some(number) = self.register.number(customer) else {
            return Vec::new();
        };
        let links = self.links_of(self.roots[number as usize]);
        links.map(|pair| self.evidence_of(pair)).collect()
    }

    /// A short hash of the links, memberships, decisions and rules: as long as it stays, everybody is who they were.
    pub fn links_version(&self) -> &str {
        &self.version
    }

    /// The links of the customer with this root.
    pub(crate) fn links_of(&self, root: u32) -> impl Iterator<Item = &Pair> {
        // Pairs are sorted by their older end, which lies in the customer exactly if the other one does.
        self.members(self.register.id(root))
            .iter()
            .filter_map(|id| self.register.number(*id))
            .flat_map(|number| {
                let first = self.pairs.partition_point(|pair| pair.a < number);
                let after = self.pairs.partition_point(|pair| pair.a <= number);
                first..after
            })
            .filter(|place| self.verdicts[*place] == Verdict::Link)
            .map(|place| &self.pairs[place])
    }

    pub(crate) fn evidence_of(&self, pair: &Pair) -> Evidence {
        Evidence {
            a: self.register.id(pair.a),
            b: self.register.id(pair.b),
            event: pair.event,
            events: pair.events,
        }
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

#[cfg(test)]
mod against_reference;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod invented;
