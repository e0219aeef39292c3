//! Who a customer is, and under which names the company's systems know them. Every name is made up from syllables.

use crate::Settings;
use crate::dice::{Dice, Part};

/// Where parcels leave from.
pub(crate) const DEPOTS: [&str; 5] = [
    "Thistledown",
    "Copper Lane",
    "Marrowgate",
    "Saltmere",
    "Hollins Cross",
];

const FIRST: [&str; 16] = [
    "Tavi", "Oriel", "Bram", "Sunniva", "Pell", "Isolde", "Corin", "Mabli", "Jory", "Wenna",
    "Alder", "Tamsin", "Ruvo", "Elowen", "Piran", "Nessa",
];
const LAST_BEGINS: [&str; 12] = [
    "Thorn", "Wick", "Fennel", "Quill", "Harrow", "Mallow", "Pebble", "Larch", "Tumble", "Gorse",
    "Sedge", "Plover",
];
const LAST_ENDS: [&str; 10] = [
    "by", "mere", "worth", "ling", "stead", "combe", "holt", "wick", "garth", "shaw",
];
const OFFICES: [&str; 6] = [
    "dawnbakery",
    "orchardhouse",
    "millstudio",
    "lanternyard",
    "ferryoffice",
    "kilnworks",
];

/// The mail address by which somebody is known.
pub(crate) enum Mailbox {
    /// Their own; from some moment on perhaps another.
    Own {
        /// The first one.
        first: String,
        /// The one that they may change to.
        second: String,
    },
    /// One that they share with others who have nothing to do with them.
    Shared {
        /// The address.
        address: String,
        /// Its number, from 0.
        office: u64,
    },
}

/// One simulated person.
pub(crate) struct Person {
    seed: u64,
    number: u64,
    /// The depot that serves them.
    pub(crate) depot: &'static str,
    /// Their mail address.
    pub(crate) mailbox: Mailbox,
    /// Since when they use the second address.
    pub(crate) changed_at: Option<i64>,
}

impl Person {
    /// The person with a number, from 1.
    pub(crate) fn new(settings: &Settings, number: u64) -> Self {
        let mut dice = Dice::new(settings.seed, number, Part::Person);
        let depot = dice.pick(&DEPOTS);
        let first = dice.pick(&FIRST);
        let last = [dice.pick(&LAST_BEGINS), dice.pick(&LAST_ENDS)].concat();
        let office = dice.below(settings.customers / 250 + 1);
        let mailbox = if dice.chance(150) {
            let word = OFFICES[(office % OFFICES.len() as u64) as usize];
            let address = format!("info@{word}-{office}.example.com");
            Mailbox::Shared { address, office }
        } else {
            let name = [first, ".", &last].concat().to_lowercase();
            Mailbox::Own {
                first: format!("{name}.{number}@example.com"),
                second: format!("{name}.{number}@example.org"),
            }
        };
        Self {
            seed: settings.seed,
            number,
            depot,
            mailbox,
            changed_at: None,
        }
    }

    /// Whether they share their address.
    pub(crate) fn shares_mailbox(&self) -> bool {
        matches!(self.mailbox, Mailbox::Shared { .. })
    }

    /// The address they use at a moment.
    pub(crate) fn email(&self, at: i64) -> &str {
        match &self.mailbox {
            Mailbox::Shared { address, .. } => address,
            Mailbox::Own { second, .. } if self.uses_second(at) => second,
            Mailbox::Own { first, .. } => first,
        }
    }

    /// The customer id that billing and shop gave them: the first, or the second after they came back through the front door.
    pub(crate) fn customer_id(&self, account: u8) -> String {
        let mixed = mix(self.seed ^ mix(self.number * 4 + u64::from(account)));
        format!("cus_{}", letters(mixed))
    }

    /// The number under which the help desk knows the address they use at a moment. An address that it has not seen is a new requester to it.
    pub(crate) fn requester(&self, at: i64) -> u64 {
        match self.mailbox {
            Mailbox::Shared { office, .. } => 770_000_000_000 + office,
            Mailbox::Own { .. } => {
                360_000_000_000 + self.number * 2 + u64::from(self.uses_second(at))
            }
        }
    }

    fn uses_second(&self, at: i64) -> bool {
        self.changed_at.is_some_and(|changed| changed <= at)
    }
}

/// A bijection on 64 bits (splitmix64's finisher), so that ids look drawn and never meet.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn letters(mut number: u64) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefgh";
    let mut text = String::with_capacity(13);
    for _ in 0..13 {
        text.push(char::from(ALPHABET[(number % 32) as usize]));
        number /= 32;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_meet_only_in_shared_mailboxes() {
        let settings = Settings::new(3_000, 12, 5);
        let (mut ids, mut emails, mut offices) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for number in 1..=settings.customers {
            let person = Person::new(&settings, number);
            assert!(ids.insert(person.customer_id(0)) && ids.insert(person.customer_id(1)));
            if person.shares_mailbox() {
                offices.push(person.email(0).to_owned());
            } else {
                assert!(emails.insert(person.email(0).to_owned()));
            }
        }
        let apart: BTreeSet<_> = offices.iter().collect();
        assert!(apart.len() < offices.len(), "nobody shares a mailbox");
    }
}
