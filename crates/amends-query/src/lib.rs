//! SQL over one snapshot of the ledger: a DataFusion session whose tables all speak of the same moment.
//!
//! Each table has a folder in [`tables`]. Names of tables and columns are written as they are, capitals included.
//! No table shows an event that happened after `as_of`.

mod error;
mod functions;
mod plain;
mod session;
mod stored;
pub mod tables;

pub use session::{Batches, Opening, Parts, Session};
pub use stored::{Part, Stored};
pub use tables::customers::Customers;
pub use tables::instances::Replays;
