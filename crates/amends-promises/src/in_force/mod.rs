//! A promise by every definition that was in force: what opened is judged by the one in force then (rule 12).

mod activation;
mod count;
mod standing;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::Result;
use amends_project::Project;
use amends_project::definition::Promise;
use jiff::Timestamp;

use crate::kept::Kept;
use crate::replay::replay;
use crate::reported::reported;
use crate::store::{Asked, Store};

pub use activation::{Activation, Scope, activations, put_in_force};
pub use count::{Count, PartCount};
pub use standing::{Differs, as_put_in_force, differences, judge_alike, standing};

/// A look at the promises of a project.
pub struct InForce<'a> {
    /// The definitions.
    pub project: &'a Project,
    /// Plans their expressions.
    pub planner: &'a Planner,
    /// The ledger at one position.
    pub snapshot: &'a Snapshot,
    /// As of when.
    pub as_of: Timestamp,
    /// Whether later questions will be of this moment or a later one: only such answers are kept.
    pub settled: bool,
}

impl InForce<'_> {
    /// The instances of a promise, by what is kept of them.
    ///
    /// # Errors
    /// As [`Store::ask`].
    pub fn ask(&self, promise: &Promise, store: &Store) -> Result<Kept> {
        self.judged(promise, |promise| store.ask(&self.asked(promise)))
    }

    /// The instances of a promise, folded from all events.
    ///
    /// # Errors
    /// As [`replay`](crate::replay()).
    pub fn replay(&self, promise: &Promise) -> Result<Kept> {
        self.judged(promise, |promise| {
            let (planner, snapshot) = (self.planner, self.snapshot);
            let reported = self.reported(promise);
            replay(promise, planner, snapshot, self.as_of, reported)?.try_into()
        })
    }

    fn asked<'a>(&'a self, promise: &'a Promise) -> Asked<'a> {
        Asked {
            promise,
            planner: self.planner,
            snapshot: self.snapshot,
            as_of: self.as_of,
            reported: self.reported(promise),
            settled: self.settled,
        }
    }

    fn reported(&self, promise: &Promise) -> Timestamp {
        reported(self.project, self.snapshot, promise, self.as_of)
    }

    fn judged(&self, promise: &Promise, by: impl Fn(&Promise) -> Result<Kept>) -> Result<Kept> {
        let earlier = self.earlier(promise).map(&by);
        let earlier = earlier.collect::<Result<Vec<_>>>()?;
        Ok(by(promise)?.after(earlier))
    }

    /// The definitions that were in force before, the first one first.
    fn earlier(&self, promise: &Promise) -> impl Iterator<Item = &Promise> {
        let earlier = self.project.earlier.get(&promise.name);
        earlier.into_iter().flatten()
    }
}
