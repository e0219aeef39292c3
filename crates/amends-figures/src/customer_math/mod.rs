//! How many customers were gained and lost, and why: opening + new + returned - lost = closing, person by person.
//!
//! The pure heart: `Sign`s of customers in order of time become `Membership`s ([`contract`], [`silence`]),
//! and memberships become the counts of periods ([`period`]). Moments are microseconds of UTC.
//!
//! A period holds its first instant and not its last: what begins or ends exactly at a boundary belongs to the later period.

mod answer;
mod book;
pub mod contract;
pub mod fold;
pub mod line;
pub mod membership;
pub mod period;
pub mod reason;
pub mod sign;
pub mod silence;

#[cfg(test)]
mod brute_force;
#[cfg(test)]
mod contract_tests;

pub use answer::{CustomerMath, MOVES};
pub(crate) use book::counted;
pub use book::{Book, OnlyActive, Refusal};
pub use fold::{Fold, Remarks, Rule};
pub use line::Line;
pub use membership::{Entry, Leaving, Membership};
pub use period::{Boundaries, Counts, periods};
pub use reason::{Reason, Reasons};
pub use sign::{Contract, Meaning, Sign};
