//! What an import says when it begins and ends, and what the catalog keeps of it.

use jiff::Timestamp;

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
    /// Rows set aside. Those of other files than the main one are listed, but do not count among the rows received.
    pub quarantined: Vec<Quarantined>,
    /// A hash of the file's bytes, if it was computed while the file was read.
    pub fingerprint: Option<String>,
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
