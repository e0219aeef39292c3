//! Which accounts people belong to: organisations with people in them.

use amends_model::IdentifierId;

use crate::pairs::Pair;
use crate::people::People;
use crate::register::Register;
use crate::verdict::Verdict;

/// Who belongs to which account, by the numbers of their ids.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Memberships {
    /// Person, account, and how many events name both; sorted.
    pub(crate) of_people: Vec<(u32, u32, u64)>,
    /// Account and person; sorted.
    pub(crate) of_accounts: Vec<(u32, u32)>,
}

impl Memberships {
    pub(crate) fn new(
        register: &Register,
        pairs: &[Pair],
        verdicts: &[Verdict],
        roots: &[u32],
    ) -> Self {
        let mut all: Vec<(u32, u32, u64)> = pairs
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Member)
            .map(|(pair, _)| {
                let (a, b) = (roots[pair.a as usize], roots[pair.b as usize]);
                match register.rule(pair.a).account {
                    true => (b, a, pair.events),
                    false => (a, b, pair.events),
                }
            })
            .collect();
        all.sort_unstable();
        let mut of_people: Vec<(u32, u32, u64)> = Vec::new();
        for (person, account, events) in all {
            match of_people.last_mut() {
                Some(last) if (last.0, last.1) == (person, account) => last.2 += events,
                _ => of_people.push((person, account, events)),
            }
        }
        Self::of(of_people)
    }

    /// Those of people, in their order: person, account, and how many events name both.
    pub(crate) fn of(of_people: Vec<(u32, u32, u64)>) -> Self {
        let mut of_accounts: Vec<(u32, u32)> = of_people
            .iter()
            .map(|(person, account, _)| (*account, *person))
            .collect();
        of_accounts.sort_unstable();
        Self {
            of_people,
            of_accounts,
        }
    }

    fn accounts_of(&self, person: u32) -> &[(u32, u32, u64)] {
        let first = self.of_people.partition_point(|one| one.0 < person);
        let after = self.of_people.partition_point(|one| one.0 <= person);
        &self.of_people[first..after]
    }

    fn people_of(&self, account: u32) -> &[(u32, u32)] {
        let first = self.of_accounts.partition_point(|one| one.0 < account);
        let after = self.of_accounts.partition_point(|one| one.0 <= account);
        &self.of_accounts[first..after]
    }
}

impl People {
    /// The account that an identifier belongs to. One that names an account belongs to that. A person with several accounts
    /// belongs to the one with which most events name them, of several such to the oldest. `None` for a person without any.
    pub fn account(&self, identifier: IdentifierId) -> Option<IdentifierId> {
        self.account_of(self.register.number(identifier)?)
    }

    pub(crate) fn account_of(&self, number: u32) -> Option<IdentifierId> {
        let root = self.roots[number as usize];
        if self.register.rule(number).account {
            return Some(self.register.id(root));
        }
        let accounts = self.memberships.accounts_of(root).iter();
        accounts
            .max_by_key(|(_, account, events)| (*events, std::cmp::Reverse(*account)))
            .map(|(_, account, _)| self.register.id(*account))
    }

    /// All accounts that a person belongs to, oldest first.
    pub fn accounts(&self, identifier: IdentifierId) -> Vec<IdentifierId> {
        let Some(number) = self.register.number(identifier) else {
            return Vec::new();
        };
        let root = self.roots[number as usize];
        if self.register.rule(number).account {
            return vec![self.register.id(root)];
        }
        let accounts = self.memberships.accounts_of(root).iter();
        accounts
            .map(|(_, account, _)| self.register.id(*account))
            .collect()
    }

    /// The customers that belong to an account, oldest first.
    pub fn people_of(&self, account: IdentifierId) -> Vec<IdentifierId> {
        let Some(number) = self.register.number(account) else {
            return Vec::new();
        };
        let people = self.memberships.people_of(self.roots[number as usize]);
        people
            .iter()
            .map(|(_, person)| self.register.id(*person))
            .collect()
    }

    /// Whether an identifier names an account rather than a person.
    pub fn is_account(&self, identifier: IdentifierId) -> bool {
        self.register
            .number(identifier)
            .is_some_and(|number| self.register.rule(number).account)
    }
}
