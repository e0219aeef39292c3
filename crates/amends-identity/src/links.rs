//! Why people are who they are: pairs of identifiers, what each of them is, and what somebody decided.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::Arc;

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
use crate::{Evidence, People, Rule, version};

/// The links of one snapshot, and the people whom they make.
#[derive(Debug)]
pub struct Links {
    people: Arc<People>,
    pub(crate) pairs: Vec<Pair>,
    /// What each pair is.
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) crowds: HashMap<u32, Crowd>,
    pub(crate) decisions: BTreeMap<(u32, u32), Decision>,
}

impl Deref for Links {
    type Target = People;

    fn deref(&self) -> &People {
        &self.people
    }
}

impl Links {
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
        let version = version::of(&register, &pairs, &verdicts, &decisions);
        Self {
            people: Arc::new(People::new(register, roots, memberships, version)),
            pairs,
            verdicts,
            crowds,
            decisions,
        }
    }

    /// Whom they make.
    pub fn people(&self) -> &Arc<People> {
        &self.people
    }

    /// The links among the identifiers of a customer, each with its evidence.
    pub fn evidence(&self, customer: IdentifierId) -> Vec<Evidence> {
        let Some(number) = self.register.number(customer) else {
            return Vec::new();
        };
        let links = self.links_of(self.roots[number as usize]);
        links.map(|pair| self.evidence_of(pair)).collect()
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

#[cfg(test)]
mod against_reference;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod invented;
