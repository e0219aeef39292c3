//! A row that could not be used: where it stands, why, and its bytes.

/// How many bytes of a row are kept at most. Longer rows are kept cut off.
pub(crate) const RAW_LIMIT: usize = 1 << 20;

/// A row that could not be used. The reason never quotes the row: what stands there may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The line on which the row begins, from 1; the number of the row where the format has no lines.
    pub(crate) line: i64,
    /// The column to blame, where it is one.
    pub(crate) column: Option<String>,
    /// The code of the page that explains the reason.
    pub(crate) code: &'static str,
    /// The reason in one sentence, without what stood in the row.
    pub(crate) reason: String,
    /// The record that it speaks of, where that is known, as the quarantine knows records.
    pub(crate) record: Option<String>,
    /// The row's bytes as UTF-8 text, where they are at hand.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Failure {
    /// A failure of a whole row.
    pub(crate) fn new(line: i64, code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            code,
            reason: reason.into(),
            record: None,
            raw: None,
        }
    }

    /// Names the column to blame.
    pub(crate) fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Keeps the row's bytes, cut off where they are too many.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.raw = Some(bytes[..bytes.len().min(RAW_LIMIT)].to_vec());
        self
    }
}
