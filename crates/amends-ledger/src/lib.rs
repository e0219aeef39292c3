//! The append-only ledger: events in Parquet segments and in a SQL tail, with their catalog in SQLite.
//!
//! The database does durability, Parquet does volume. One writer at a time, any number of readers, each with one snapshot.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_model::{EventId, IdentifierId, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;

/// A ledger in a folder, open for reading. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {}

/// The one writer. Its lock is given back when it is dropped.
pub struct Writer {}

/// An import under way: what it stages becomes part of the ledger when it is committed, all at once, or not at all.
pub struct Import {}

/// What an import is about.
#[derive(Clone, Debug)]
pub struct ImportStart {
    /// Which source.
    pub source: String,
    /// The version of its mapping.
    pub mapping: String,
    /// The main file, as shown to users.
    pub file: String,
    /// A hash of the file's bytes, if it was computed.
    pub fingerprint: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
}

/// What an import says at its end.
#[derive(Clone, Debug, Default)]
pub struct ImportEnd {
    /// Rows of the main file.
    pub received: u64,
    /// Rows set aside.
    pub quarantined: Vec<Quarantined>,
    /// How far the source has now reported.
    pub watermark: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A row that could not be read. Its raw text is in the vault under `entry`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number inside the import, from 1.
    pub entry: i64,
    /// The file.
    pub file: String,
    /// The line on which the row begins, from 1.
    pub line: i64,
    /// The column's name, where one column is to blame.
    pub column: Option<String>,
    /// The code of the page that explains the reason.
    pub code: String,
    /// The reason, without personal data.
    pub reason: String,
}

/// An import as the catalog knows it.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// Its number.
    pub import: i64,
    /// What it was about.
    pub start: ImportStart,
    /// Rows of the main file.
    pub received: u64,
    /// Rows that gave at least one event not seen before.
    pub stored: u64,
    /// Rows all of whose events were known.
    pub duplicate: u64,
    /// Rows set aside.
    pub quarantined: u64,
    /// Events stored.
    pub events: u64,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Ledger {
    /// Opens the ledger in a folder, creating it where there is none.
    ///
    /// # Errors
    /// `AM0401` when it cannot be opened.
    pub async fn open(folder: &Path) -> Result<Self> {
        let _ = folder;
        todo!()
    }

    /// Takes the writer's lock and sweeps what a crash left behind.
    ///
    /// # Errors
    /// `AM0402`, naming the holder, when somebody else is writing.
    pub async fn writer(&self, holder: &str) -> Result<Writer> {
        let _ = holder;
        todo!()
    }

    /// One snapshot of tail and segments, which stays whole while others write, seal and compact.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        todo!()
    }

    /// Imports, oldest first.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn imports(&self) -> Result<Vec<ImportRecord>> {
        todo!()
    }

    /// Rows in quarantine that were not replayed yet, with the import that set them aside.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn quarantine(&self, import: Option<i64>) -> Result<Vec<(i64, Quarantined)>> {
        let _ = import;
        todo!()
    }

    /// When each let-down was noticed, by promise and what it is about.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn noticed(&self, promise: &str) -> Result<BTreeMap<String, Timestamp>> {
        let _ = promise;
        todo!()
    }
}

impl Writer {
    /// Begins an import.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn begin(&self, start: ImportStart) -> Result<Import> {
        let _ = start;
        todo!()
    }

    /// Puts a decision of ours into the tail: an event of source `amends` (rule 13).
    /// `content` is a JSON object kept in the column `rest`.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn decide(
        &self,
        kind: &str,
        about: &str,
        content: &str,
        at: Timestamp,
    ) -> Result<EventId> {
        let _ = (kind, about, content, at);
        todo!()
    }

    /// Notes when let-downs were noticed first; those noted before keep their moment.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn notice(&self, promise: &str, abouts: &[String], at: Timestamp) -> Result<()> {
        let _ = (promise, abouts, at);
        todo!()
    }

    /// Moves the tail into segments, if it has grown enough (or `always`).
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written.
    pub async fn seal(&self, always: bool) -> Result<u64> {
        let _ = always;
        todo!()
    }

    /// Merges small segments of a kind into larger ones.
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written.
    pub async fn compact(&self) -> Result<u64> {
        todo!()
    }

    /// Marks quarantined rows as replayed by another import.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn replayed(&self, import: i64, entries: &[i64], by: i64) -> Result<()> {
        let _ = (import, entries, by);
        todo!()
    }
}

impl Import {
    /// The number of this import.
    pub fn number(&self) -> i64 {
        todo!()
    }

    /// Stages events of one kind, in the columns of `amends_model::event` (`id` may hold zeros: the ledger derives it from key and version;
    /// `import` is filled in as well). Events of one record share their `line`; a record's events are staged before `commit`, in any batches.
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written.
    pub async fn stage(&mut self, kind: &str, events: RecordBatch) -> Result<()> {
        let _ = (kind, events);
        todo!()
    }

    /// Dedupes, syncs, enters everything in the catalog in one transaction.
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written; `AM0405` when received, stored, duplicate and quarantined do not add up.
    pub async fn commit(self, end: ImportEnd) -> Result<ImportRecord> {
        let _ = end;
        todo!()
    }
}

/// The ledger as it was at one position. Its files stay while it lives.
#[derive(Clone)]
pub struct Snapshot {}

/// Which events a scan is after. Everything that is `None` is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before (exclusive).
    pub until: Option<Timestamp>,
    /// Whose: the first identifier or one of the others.
    pub identifiers: Option<Vec<IdentifierId>>,
    /// About what.
    pub abouts: Option<Vec<String>>,
}

/// One segment file of a kind.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its Parquet file.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// Events in it that a newer version has replaced, or an undo withdrawn.
    pub superseded: Arc<HashSet<u128>>,
}

impl Snapshot {
    /// How many changes the ledger had seen: grows with every commit, decision and seal.
    pub fn position(&self) -> u64 {
        todo!()
    }

    /// The kinds that have events, with the union of their columns.
    pub fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
        todo!()
    }

    /// How far each source has reported.
    pub fn watermarks(&self) -> &BTreeMap<String, Timestamp> {
        todo!()
    }

    /// The segments of a kind.
    pub fn segments(&self, kind: &str) -> &[Segment] {
        let _ = kind;
        todo!()
    }

    /// The events of a kind that stand in the tail, superseded ones left out, in the kind's schema.
    pub fn tail(&self, kind: &str) -> Option<RecordBatch> {
        let _ = kind;
        todo!()
    }

    /// The current events of a kind, those columns only (that the kind does not have are null of type text), in no order, one batch at a time.
    /// Superseded events are left out.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn scan(
        &self,
        kind: &str,
        columns: &[&str],
        filter: &Filter,
    ) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>> + Send>> {
        let _ = (kind, columns, filter);
        todo!()
    }

    /// Events by id, whatever their kind, with all their columns.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn events(&self, ids: &[EventId]) -> Result<Vec<RecordBatch>> {
        let _ = ids;
        todo!()
    }
}
