//! One stretch of time in which somebody was a customer.

use amends_model::IdentifierId;
use amends_project::definition::{Cause, Nature};

use super::Reason;

/// One stretch of time in which somebody was a customer: from `start` until just before the moment of leaving.
///
/// The memberships of one customer follow each other in time and leave a gap between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub customer: IdentifierId,
    /// How it began.
    pub entry: Entry,
    /// When it began, in microseconds of UTC; `None` where it began before anything was recorded ([`Entry::Before`]).
    pub start: Option<i64>,
    /// How it ended; `None` while it lasts.
    pub leaving: Option<Leaving>,
}

/// How a membership began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Before the book begins: the first that is heard of the customer is the end of a contract. Counted in opening, never as new.
    Before,
    /// For the first time.
    New,
    /// After having been lost.
    Returned,
}

/// How a membership ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The first moment without them, in microseconds of UTC.
    pub at: i64,
    /// The reason that was stated.
    pub reason: Reason,
    /// Whose doing it was.
    pub nature: Nature,
    /// Over what.
    pub cause: Cause,
}

impl Membership {
    /// The moment of leaving, if they left.
    pub fn end(&self) -> Option<i64> {
        self.leaving.map(|leaving| leaving.at)
    }

    /// Whether they were a customer when a period that begins at `boundary` was about to begin.
    ///
    /// What begins or ends exactly at the boundary does so in the later period.
    pub fn spans(&self, boundary: i64) -> bool {
        self.start.is_none_or(|start| start < boundary)
            && self.end().is_none_or(|end| boundary <= end)
    }
}
