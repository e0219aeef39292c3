//! What really happened, written beside the exports so that every claim can be compared with it.

mod customer_math;
mod letdowns;
mod memberships;
mod summary;

use std::path::Path;

use amends_model::Result;

pub use letdowns::PromiseCounts;
pub use summary::{Fracture, Summary};

use crate::life::Life;
use crate::promise::{Promise, Standing};
use crate::sheet::{Sheet, cells};
use crate::shopping::Order;
use crate::timeline::Timeline;

/// The truth files, and the counts that go into the manifest. Memory grows with the months, never with the customers.
pub(crate) struct Truth {
    letdowns: letdowns::LetDowns,
    memberships: memberships::Memberships,
    math: customer_math::CustomerMath,
    identifiers: Sheet,
    /// Names already written for the customer at hand.
    named: Vec<String>,
    fracture: summary::FractureCounts,
}

impl Truth {
    /// Creates the files in a folder.
    pub(crate) fn create(folder: &Path, timeline: &Timeline) -> Result<Self> {
        Ok(Self {
            letdowns: letdowns::LetDowns::create(folder)?,
            memberships: memberships::Memberships::create(folder)?,
            math: customer_math::CustomerMath::new(timeline),
            identifiers: Sheet::create(folder, "identifiers.csv", "customer_id,identifier,name")?,
            named: Vec::new(),
            fracture: summary::FractureCounts::default(),
        })
    }

    /// Notes under which name the records know a customer.
    pub(crate) fn name(&mut self, life: &Life, identifier: &str, name: &str) -> Result<()> {
        let row = cells(',', &[&life.customer_id(), identifier, name]);
        if self.named.contains(&row) {
            return Ok(());
        }
        self.identifiers.once(&row)?;
        self.named.push(row);
        Ok(())
    }

    /// Notes how one promise to one customer stands.
    pub(crate) fn promise(
        &mut self,
        promise: Promise,
        about: &str,
        customer: &str,
        standing: Standing,
    ) -> Result<()> {
        self.letdowns.note(promise, about, customer, standing)
    }

    /// Counts an order for the rates in and outside the fracture.
    pub(crate) fn order(&mut self, timeline: &Timeline, order: &Order) {
        self.fracture.count(timeline, order);
    }

    /// Notes the memberships of a customer whose records are all written.
    pub(crate) fn end_customer(&mut self, timeline: &Timeline, life: &Life) -> Result<()> {
        self.named.clear();
        self.math.count(timeline, &life.stints);
        self.memberships.note(timeline, life)
    }

    /// Ends the files.
    pub(crate) fn finish(
        self,
        folder: &Path,
        timeline: &Timeline,
    ) -> Result<(Vec<PromiseCounts>, Fracture)> {
        self.identifiers.finish()?;
        self.memberships.finish()?;
        let promises = self.letdowns.finish()?;
        self.math.finish(folder)?;
        Ok((promises, self.fracture.finish(timeline)))
    }
}
