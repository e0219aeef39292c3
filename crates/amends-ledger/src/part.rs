//! A part: events of one kind that became history together, as a segment or as a batch of the tail.

use std::path::{Path, PathBuf};

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{RecordBatch, UInt32Array};
use rayon::prelude::*;

use crate::columns::{self, Properties};
use crate::entry::Entry;
use crate::layout;
use crate::trouble;

/// What the catalog says about every part.
#[derive(Clone, Debug)]
pub(crate) struct PartInfo {
    /// Its number: segments and batches of the tail share theirs.
    pub(crate) part: i64,
    /// Of which kind its events are.
    pub(crate) kind: String,
    /// How many events it has.
    pub(crate) events: u64,
    /// The earliest moment in it, in microseconds.
    pub(crate) first_at: i64,
    /// The latest moment in it, in microseconds.
    pub(crate) last_at: i64,
    /// The properties that its events have.
    pub(crate) properties: Properties,
}

/// The two files of a segment: lengths, and XXH3 checksums of 128 bits in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentFiles {
    /// Bytes of the Parquet file.
    pub(crate) events_bytes: u64,
    /// Its checksum.
    pub(crate) events_hash: String,
    /// Bytes of the key file.
    pub(crate) keys_bytes: u64,
    /// Its checksum.
    pub(crate) keys_hash: String,
}

/// A part that the catalog is to hold.
#[derive(Clone, Debug)]
pub(crate) struct NewPart {
    /// What it is.
    pub(crate) info: PartInfo,
    /// Where its events are.
    pub(crate) form: Form,
}

/// Where the events of a part are.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// In a Parquet file with a key file beside it.
    Segment(SegmentFiles),
    /// In the database: the events as an Arrow stream, and the entries as in a key file.
    Tail {
        /// The events.
        body: Vec<u8>,
        /// The entries, sorted by key.
        keys: Vec<u8>,
    },
}

/// The folder of a kind's segments. What a file system may not like in a name is written as its code.
pub(crate) fn kind_folder(ledger: &Path, kind: &str) -> PathBuf {
    let mut name = String::new();
    for character in kind.chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' | '-' => name.push(character),
            other => name.push_str(&format!("%{:x}%", u32::from(other))),
        }
    }
    ledger.join("segments").join(name)
}

/// The Parquet file of a segment.
pub(crate) fn events_path(ledger: &Path, kind: &str, part: i64) -> PathBuf {
    kind_folder(ledger, kind).join(format!("{part}.parquet"))
}

/// The key file of a segment.
pub(crate) fn keys_path(ledger: &Path, kind: &str, part: i64) -> PathBuf {
    kind_folder(ledger, kind).join(format!("{part}.keys"))
}

/// Removes the files of a part that was never entered in the catalog.
///
/// # Errors
/// `AM0404` when one cannot be removed.
pub(crate) fn remove(ledger: &Path, part: &NewPart) -> Result<()> {
    if matches!(part.form, Form::Tail { .. }) {
        return Ok(());
    }
    let PartInfo { kind, part, .. } = &part.info;
    for path in [
        events_path(ledger, kind, *part),
        keys_path(ledger, kind, *part),
    ] {
        std::fs::remove_file(&path).map_err(|error| trouble::unwritten(&path, error))?;
    }
    Ok(())
}

/// Events in the order in which they are to stand, with their entries.
pub(crate) struct Arranged {
    /// The events.
    pub(crate) batch: RecordBatch,
    /// Lengths of the slices of time.
    pub(crate) slices: Vec<usize>,
    /// The entries, sorted by key and order of ingest.
    pub(crate) entries: Vec<Entry>,
    /// For each row as it came the row on which it stands now.
    pub(crate) moved_to: Vec<u32>,
}

/// Puts events in order. `entries` has one for each row of the batch, in the same order; their rows are set here.
///
/// # Errors
/// `AM0408` when a column is missing.
pub(crate) fn arrange(
    batch: &RecordBatch,
    mut entries: Vec<Entry>,
    slice: usize,
) -> Result<Arranged> {
    let identifiers = columns::ids(batch, column::IDENTIFIER)?;
    let identifiers: Vec<u128> = (0..batch.num_rows())
        .map(|row| columns::id_at(identifiers, row))
        .collect();
    let order = layout::order(columns::moments(batch)?, &identifiers, slice);
    let mut moved_to = vec![0; order.rows.len()];
    for (place, row) in order.rows.iter().enumerate() {
        moved_to[*row as usize] = place as u32;
    }
    for (entry, row) in entries.iter_mut().zip(&moved_to) {
        entry.row = *row;
    }
    entries.par_sort_unstable_by_key(|entry| (entry.key, entry.sequence));
    let batch = columns::taken(batch, &UInt32Array::from(order.rows))?;
    Ok(Arranged {
        batch,
        slices: order.slices,
        entries,
        moved_to,
    })
}

/// What the catalog will say about arranged events.
///
/// # Errors
/// `AM0408` when a column is missing.
pub(crate) fn describe(part: i64, kind: &str, batch: &RecordBatch) -> Result<PartInfo> {
    let moments = columns::moments(batch)?;
    Ok(PartInfo {
        part,
        kind: kind.to_owned(),
        events: batch.num_rows() as u64,
        first_at: moments.iter().min().copied().unwrap_or(0),
        last_at: moments.iter().max().copied().unwrap_or(0),
        properties: columns::properties(&batch.schema()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_cannot_leave_its_folder() {
        let folder = |kind| kind_folder(Path::new("/ledger"), kind);
        assert_eq!(
            folder("order_placed"),
            Path::new("/ledger/segments/order_placed")
        );
        assert_eq!(folder("../x"), Path::new("/ledger/segments/%2e%%2e%%2f%x"));
        assert_ne!(folder("Order"), folder("order"));
    }
}
