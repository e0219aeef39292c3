//! What counts as speaking up.

use super::{On, Sql};

/// `customers.toml`, `[voice]`: what counts as speaking up (rule 15). Nothing is heard where no events are named.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    /// What counts as a complaint.
    pub complaint: Vec<On>,
    /// What counts as praise.
    pub praise: Vec<On>,
    /// SQL over a complaint: the service that it is about. Without it, the touchpoint of the let-down that was complained of.
    pub service: Option<Sql>,
}

impl Voice {
    /// All events that it names.
    pub fn listens(&self) -> impl Iterator<Item = &On> {
        self.complaint.iter().chain(&self.praise)
    }
}
