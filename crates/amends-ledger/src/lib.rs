//! The append-only ledger: events in Parquet segments and in a SQL tail, with their catalog in SQLite.
//!
//! The database does durability, Parquet does volume. One writer at a time, any number of readers, each with one snapshot.
//!
//! The folder of a ledger holds `ledger.db` (catalog and tail), `segments/<kind>/<n>.parquet` with `<n>.keys` beside it,
//! `writer.lock`, which names its holder, and `readers.lock`, shared by snapshots.

mod anew;
mod blocking;
mod catalog;
mod change;
mod changes;
mod columns;
mod compact;
mod contents;
mod copy;
mod decide;
mod dedupe;
mod entry;
mod file_columns;
mod filter;
mod find;
mod import;
mod index;
mod keys;
mod known;
mod layout;
mod ledger;
mod lines;
mod lock;
mod lost;
mod merge;
mod once;
mod pages;
mod part;
mod places;
mod record;
mod recount;
mod revive;
mod said;
mod scan;
mod seal;
mod sections;
mod segment_read;
mod segment_write;
mod settled;
mod sieve;
mod silence;
mod since;
mod sizes;
mod snapshot;
mod staging;
mod stamps;
mod standing;
mod state_hash;
mod sweep;
mod tail;
mod trouble;
mod undo;
mod untold;
mod verify;
mod whereabouts;
mod withdraw;
mod writer;

pub use catalog::CHECKSUM;
pub use changes::Telling;
pub use copy::{Copied, StoredFile};
pub use file_columns::FileColumn;
pub use filter::Filter;
pub use import::Import;
pub use ledger::Ledger;
pub use lock::WriterLock;
pub use record::{ImportEnd, ImportRecord, ImportStart, Quarantined};
pub use scan::Batches;
pub use segment_write::sum_of as checksum;
pub use settled::{BadRow, RowState};
pub use silence::Silence;
pub use since::{Point, Withdrawn};
pub use sizes::Sizes;
pub use snapshot::{Segment, Snapshot};
pub use state_hash::state_hash;
pub use untold::Untold;
pub use verify::Damage;
pub use writer::Writer;
