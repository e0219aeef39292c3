//! One thing that tells whether somebody is a customer.

use amends_model::IdentifierId;
use xxhash_rust::xxh3::xxh3_64;

use super::Reason;

/// One sign of one customer (or of one account, where those are counted).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Whose.
    pub customer: IdentifierId,
    /// When, in microseconds of UTC.
    pub at: i64,
    /// What it says.
    pub meaning: Meaning,
    /// Which contract it is about; of no use where customers are lost by silence.
    pub contract: Contract,
    /// The reason that was stated, on a sign that ends something.
    pub reason: Reason,
}

/// What a sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// It makes somebody a customer: a contract begins, a first order is placed.
    Begins,
    /// It ends a contract; one that names no contract ends all that the customer has.
    Ends,
    /// The customer is still there.
    Lives,
}

/// A contract of one customer: a hash of what the event is about, so that no text is kept for each of many millions.
///
/// Two contracts of the same customer share a hash once in 2^64; contracts of different customers never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contract(pub u64);

impl Contract {
    /// What an event without `about` names: no contract in particular.
    pub const NONE: Contract = Contract(0);

    /// The contract that an event is about.
    pub fn about(text: &str) -> Self {
        Self(xxh3_64(text.as_bytes()).max(1))
    }
}
