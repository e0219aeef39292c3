//! Who is one person, down to names that only events know which count no longer.
//!
//! Where an import was undone, or a better mapping or a newer version took its place, names stay in the vault of which no event that counts
//! speaks. Nothing that counts links them to anybody. Whoever is told everything, held or erased has them all the same.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use amends_identity::{Links, People};
use amends_ledger::{Filter, Snapshot};
use amends_model::event::column;
use amends_model::{IdentifierId, Result};
use arrow::array::{Array, AsArray, RecordBatch};

/// One person: the customer and the identifiers that are theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The customer.
    pub customer: IdentifierId,
    /// Their identifiers, the oldest first; then those of which no event speaks that counts.
    pub identifiers: Vec<IdentifierId>,
}

impl Person {
    /// The person whose an identifier is, from the links of the events that count, and from those of all that are `stored`.
    ///
    /// Links that count no longer lead to a name only where nothing that counts speaks of it: a mapping that wrongly made one of two people
    /// was taken back for this very reason. A name of which only such events speak belongs to the one customer to whom they lead.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn whole(
        current: &Snapshot,
        people: &People,
        stored: &Links,
        identifier: IdentifierId,
    ) -> Result<Self> {
        let mut links: BTreeMap<IdentifierId, BTreeSet<IdentifierId>> = BTreeMap::new();
        for link in stored.evidence(identifier) {
            links.entry(link.a).or_default().insert(link.b);
            links.entry(link.b).or_default().insert(link.a);
        }
        let mut ids: Vec<IdentifierId> = links.keys().copied().collect();
        ids.push(identifier);
        let links = Stored {
            links,
            counted: counted(current, ids)?,
        };
        let mut customer = people.customer(identifier);
        let mut reached = links.from(people.members(customer));
        if !links.counted.contains(&identifier) {
            let met = reached.met.iter().map(|id| people.customer(*id));
            let met: BTreeSet<IdentifierId> = met.collect();
            if let (Some(one), 1) = (met.first(), met.len()) {
                customer = *one;
                reached = links.from(people.members(customer));
            }
        }
        let mut identifiers = people.members(customer).to_vec();
        let more = stored.members(identifier).iter();
        identifiers.extend(more.filter(|id| reached.uncounted.contains(id)));
        Ok(Self {
            customer,
            identifiers,
        })
    }
}

/// Links of all events that are stored, and the identifiers of which one speaks that counts.
struct Stored {
    links: BTreeMap<IdentifierId, BTreeSet<IdentifierId>>,
    counted: HashSet<IdentifierId>,
}

/// Where links lead.
#[derive(Default)]
struct Reached {
    /// Identifiers of which nothing speaks that counts, beside those begun with.
    uncounted: BTreeSet<IdentifierId>,
    /// Others, at which the way ended.
    met: BTreeSet<IdentifierId>,
}

impl Stored {
    /// Where links lead from some identifiers, through such as no event speaks of that counts.
    fn from(&self, members: &[IdentifierId]) -> Reached {
        let mut reached = Reached::default();
        let mut waiting = members.to_vec();
        while let Some(id) = waiting.pop() {
            for next in self.links.get(&id).into_iter().flatten() {
                if members.contains(next) {
                    continue;
                }
                if self.counted.contains(next) {
                    reached.met.insert(*next);
                } else if reached.uncounted.insert(*next) {
                    waiting.push(*next);
                }
            }
        }
        reached
    }
}

/// Those of some identifiers whom an event of a snapshot names.
fn counted(snapshot: &Snapshot, ids: Vec<IdentifierId>) -> Result<HashSet<IdentifierId>> {
    let mut counted = HashSet::new();
    let filter = Filter {
        identifiers: Some(ids),
        ..Filter::default()
    };
    for kind in snapshot.kinds().keys() {
        for batch in snapshot.scan(kind, &[column::IDENTIFIER, column::OTHERS], &filter)? {
            counted.extend(named(&batch?));
        }
    }
    Ok(counted)
}

/// All whom the events of a batch name.
fn named(batch: &RecordBatch) -> HashSet<IdentifierId> {
    let of = |ids: &dyn Array| {
        let ids = ids.as_fixed_size_binary_opt();
        let ids = ids.into_iter().flat_map(|ids| ids.iter().flatten());
        ids.filter_map(IdentifierId::from_slice).collect::<Vec<_>>()
    };
    let mut named: HashSet<IdentifierId> = of(batch.column(0)).into_iter().collect();
    let others = batch.column(1).as_list_opt::<i32>();
    for others in others
        .into_iter()
        .flat_map(|others| others.iter().flatten())
    {
        named.extend(of(&others));
    }
    named
}
