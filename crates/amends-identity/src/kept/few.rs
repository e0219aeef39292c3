//! A few of those who are kept, without all the others: for questions about one customer, of whom there may be millions.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use amends_model::IdentifierId;

use super::Kept;
use super::file::Opened;
use super::rows::{Account, Identifier, Numbered, Person, Younger};
use super::section::Section;
use crate::People;
use crate::accounts::Memberships;
use crate::register::Register;

impl Kept {
    /// Who those are to whom some identifiers belong, where that is kept and what is read of it is whole: these customers, their accounts and everybody in
    /// these, each of whom [`Kept::read`] says the same. All others are as if they had never been minted.
    pub fn read_those(&self, wanted: &[RangeInclusive<IdentifierId>]) -> Option<People> {
        let opened = Opened::of(self.file()?, &self.key)?;
        let mut sections = opened.sections();
        let mut those = Those {
            identifiers: sections.next()?,
            numbers: sections.next()?,
            younger: sections.next()?,
            accounts: sections.next()?,
            people: sections.next()?,
        };
        let asked = those.roots(wanted)?;
        let theirs = those.around(asked)?;
        let members = those.members(&theirs.roots)?;
        // An identifier keeps its place among those that are left, so the oldest stays the oldest.
        let place = |number: u32| {
            let found = members.binary_search_by_key(&number, |one| one.number);
            found.ok().map(|place| place as u32)
        };
        let roots: Option<Vec<u32>> = members.iter().map(|one| place(one.root)).collect();
        let memberships = theirs.memberships.iter().map(|one| {
            let (person, account) = (place(one.person)?, place(one.account)?);
            Some((person, account, one.events))
        });
        let memberships: Option<Vec<(u32, u32, u64)>> = memberships.collect();
        let namespaces = self.ruled(&opened.head.namespaces);
        let known = |one: &Identifier| usize::from(one.kind) < namespaces.len();
        members.iter().all(known).then_some(())?;
        let register = Register::of(
            members.iter().map(|one| IdentifierId(one.id)).collect(),
            members.iter().map(|one| one.kind).collect(),
            members.iter().map(|one| one.generic).collect(),
            namespaces,
        );
        let version = opened.head.version.clone();
        Some(People::new(
            register,
            roots?,
            Memberships::of(memberships?),
            version,
        ))
    }
}

/// Where a few are looked for.
struct Those<'a> {
    identifiers: Section<'a, Identifier>,
    numbers: Section<'a, Numbered>,
    younger: Section<'a, Younger>,
    accounts: Section<'a, Account>,
    people: Section<'a, Person>,
}

/// Customers and accounts by their roots, and who of them belongs to which.
struct Around {
    roots: BTreeSet<u32>,
    memberships: Vec<Account>,
}

impl Those<'_> {
    /// The roots of those to whom identifiers belong.
    fn roots(&mut self, wanted: &[RangeInclusive<IdentifierId>]) -> Option<BTreeSet<u32>> {
        let mut roots = BTreeSet::new();
        for range in wanted {
            for one in self.numbers.between(range.start().0, range.end().0)? {
                roots.insert(self.identifier(one.number)?.root);
            }
        }
        Some(roots)
    }

    fn identifier(&mut self, number: u32) -> Option<Identifier> {
        self.identifiers.between(number, number)?.first().copied()
    }

    /// Those of some roots, the accounts that these belong to, and everybody in these accounts, with all the accounts that any of them may belong to instead.
    fn around(&mut self, mut roots: BTreeSet<u32>) -> Option<Around> {
        for root in roots.clone() {
            let accounts = self.accounts.between(root, root)?;
            roots.extend(accounts.iter().map(|one| one.account));
        }
        for root in roots.clone() {
            let people = self.people.between(root, root)?;
            roots.extend(people.iter().map(|one| one.person));
        }
        let mut memberships = Vec::new();
        for root in &roots {
            memberships.extend(self.accounts.between(*root, *root)?);
        }
        roots.extend(memberships.iter().map(|one| one.account));
        Some(Around { roots, memberships })
    }

    /// All identifiers that have one of some roots, oldest first.
    fn members(&mut self, roots: &BTreeSet<u32>) -> Option<Vec<Identifier>> {
        let mut members = Vec::new();
        for root in roots {
            members.push(self.identifier(*root)?);
            for one in self.younger.between(*root, *root)? {
                members.push(self.identifier(one.number)?);
            }
        }
        members.sort_unstable_by_key(|one| one.number);
        Some(members)
    }
}
