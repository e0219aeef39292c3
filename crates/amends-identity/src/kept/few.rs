//! A few of those who are kept, without all the others: for questions about one customer, of whom there may be millions.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use amends_model::IdentifierId;

use super::{Kept, parts};
use crate::People;
use crate::accounts::Memberships;
use crate::register::Register;

impl Kept {
    /// Who those are to whom some identifiers belong, where that is kept and whole: these customers, their accounts and everybody in these, each of whom
    /// [`Kept::read`] says the same. All others are as if they had never been minted.
    pub fn read_those(&self, wanted: impl Fn(IdentifierId) -> bool) -> Option<People> {
        let file = self.file()?;
        let (mut roots, mut asked) = (Vec::new(), BTreeSet::new());
        let said = parts::whole(&file, &self.key, |part| {
            let found = part.ids.iter().zip(part.roots);
            let found = found.filter(|(id, _)| wanted(IdentifierId(**id)));
            asked.extend(found.map(|(_, root)| *root));
            roots.extend_from_slice(part.roots);
        })?;
        let theirs = around(&said.memberships, asked);
        let numbers = members(&roots, &theirs.roots);
        let mut few = Few::default();
        parts::again(&file, &self.key, |part| {
            few.take(&part, &numbers);
            match few.ids.len() < numbers.len() {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        // An identifier keeps its place among those that are left, so the oldest stays the oldest.
        let place = |number: &u32| Some(numbers.binary_search(number).ok()? as u32);
        let roots: Option<Vec<u32>> = few.roots.iter().map(place).collect();
        let memberships = theirs.memberships.iter();
        let memberships: Option<Vec<(u32, u32, u64)>> = memberships
            .map(|(person, account, events)| Some((place(person)?, place(account)?, *events)))
            .collect();
        let namespaces = self.ruled(said.namespaces);
        Some(People::new(
            Register::of(few.ids, few.kinds, few.generic, namespaces),
            roots?,
            Memberships::of(memberships?),
            said.version,
        ))
    }
}

/// Customers and accounts by their roots, and who of them belongs to which.
struct Around {
    roots: Vec<u32>,
    memberships: Vec<(u32, u32, u64)>,
}

/// Those of some roots, the accounts that these belong to, and everybody in these accounts, with all the accounts that any of them may belong to instead.
fn around(all: &[(u32, u32, u64)], mut roots: BTreeSet<u32>) -> Around {
    let accounts = all.iter().filter(|one| roots.contains(&one.0));
    let accounts: Vec<u32> = accounts.map(|one| one.1).collect();
    roots.extend(accounts);
    let people = all.iter().filter(|one| roots.contains(&one.1));
    let people: Vec<u32> = people.map(|one| one.0).collect();
    roots.extend(people);
    let memberships = all.iter().filter(|one| roots.contains(&one.0));
    let memberships: Vec<(u32, u32, u64)> = memberships.copied().collect();
    roots.extend(memberships.iter().map(|one| one.1));
    Around {
        roots: roots.into_iter().collect(),
        memberships,
    }
}

/// The numbers of all identifiers that have one of some roots, ascending.
fn members(roots: &[u32], wanted: &[u32]) -> Vec<u32> {
    let Some(oldest) = wanted.first() else {
        return Vec::new();
    };
    let later = (*oldest..).zip(&roots[*oldest as usize..]);
    let theirs = later.filter(|(_, root)| wanted.binary_search(root).is_ok());
    theirs.map(|(number, _)| number).collect()
}

/// The columns of a few identifiers.
#[derive(Default)]
struct Few {
    ids: Vec<IdentifierId>,
    kinds: Vec<u16>,
    generic: Vec<bool>,
    roots: Vec<u32>,
}

impl Few {
    /// Takes those of a part whose numbers are wanted and were not taken yet.
    fn take(&mut self, part: &parts::Part<'_>, numbers: &[u32]) {
        for number in &numbers[self.ids.len()..] {
            let row = (number - part.first) as usize;
            let Some(id) = part.ids.get(row) else {
                break;
            };
            self.ids.push(IdentifierId(*id));
            self.kinds.push(part.kinds[row]);
            self.generic.push(part.generic.value(row));
            self.roots.push(part.roots[row]);
        }
    }
}
