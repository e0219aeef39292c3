//! The append-only ledger: events in Parquet segments and in a SQL tail, with their catalog in SQLite.
//!
//! The database does durability, Parquet does volume. One writer at a time, any number of readers, each with one snapshot.
//!
//! The folder of a ledger holds `ledger.db` (catalog and tail), `segments/<kind>/<n>.parquet` with `<n>.keys` beside it,
//! `writer.lock`, which names its holder, and `readers.lock`, shared by snapshots.

mod blocking;
mod catalog;
mod change;
mod columns;
mod contents;
mod decide;
mod dedupe;
mod entry;
mod filter;
mod find;
mod import;
mod keys;
mod known;
mod layout;
mod ledger;
mod lines;
mod lock;
mod pages;
mod part;
mod record;
mod scan;
mod seal;
mod segment_write;
mod sieve;
mod snapshot;
mod staging;
mod sweep;
mod tail;
mod trouble;
mod writer;

pub use filter::Filter;
pub use import::Import;
pub use ledger::Ledger;
pub use record::{ImportEnd, ImportRecord, ImportStart, Quarantined};
pub use scan::Batches;
pub use snapshot::{Segment, Snapshot};
pub use writer::Writer;
