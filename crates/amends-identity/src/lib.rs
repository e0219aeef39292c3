//! Which identifiers are one person: links with evidence, resolved when read (rule 10).
//!
//! An event that names several identifiers (rule 5) is evidence that they name the same person. Every two of them are a
//! *pair*, and a pair is judged, in this order:
//!
//! | the pair | is |
//! |---|---|
//! | has a generic mailbox or the like at an end | no evidence |
//! | is of one namespace: sender and receiver, two parties of one kind | no evidence |
//! | was unlinked by somebody, and not linked again since | no evidence |
//! | joins a person's identifier with an account's | membership: the person belongs to the account |
//! | has an end that is *crowded* | no evidence |
//! | is none of these | a link |
//!
//! An identifier is crowded when it shares events with more than `at_most` different identifiers of any one other
//! namespace: an address with which six customer numbers order is a household or a parcel shop. A customer number with
//! two mail addresses and two telephones is not crowded at two, because each namespace is counted by itself. Unlinked
//! pairs go on counting, so that unlinking never brings about a link. Memberships are not counted.
//!
//! Customers are what the links connect. Their id is that of their oldest identifier, so it stays when others join. The
//! same events, decisions and rules give the same customers, in whatever order they came.

mod accounts;
mod decisions;
mod explain;
mod graph;
mod kept;
mod links;
mod pairs;
mod people;
mod places;
mod register;
mod verdict;
mod version;

pub use decisions::{LINKED_AGAIN, UNLINKED, link_again, unlink};
pub use explain::{Explanation, Reason, Rejected};
pub use kept::Kept;
pub use links::Links;
pub use people::People;

use amends_model::{EventId, IdentifierId};

/// What a rule says about the identifiers of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// On more than this many others of one namespace it is no evidence.
    pub at_most: usize,
    /// Whether it names an account rather than a person.
    pub account: bool,
}

/// The rule of a namespace that no definition names any more.
impl Default for Rule {
    fn default() -> Self {
        Self {
            at_most: 5,
            account: false,
        }
    }
}

/// Why two identifiers are held to be the same: events that name both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One.
    pub a: IdentifierId,
    /// The other.
    pub b: IdentifierId,
    /// The first event that names both, by moment, then by id.
    pub event: EventId,
    /// How many do.
    pub events: u64,
}
