//! What the writer knows of stored events: for every kind its parts, each with its entries by key.

use std::collections::HashMap;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use rayon::prelude::*;

use crate::contents::Mark;
use crate::dedupe::Earlier;
use crate::entry::Entry;
use crate::keys::KeyFile;

/// The entries of one part.
#[derive(Debug)]
pub(crate) enum Entries {
    /// Of a segment: in its key file.
    File(KeyFile),
    /// Of a batch of the tail: here, sorted by key.
    Held(Vec<Entry>),
}

/// A part and its entries.
#[derive(Debug)]
pub(crate) struct KnownPart {
    /// Its number.
    pub(crate) part: i64,
    /// Its entries.
    pub(crate) entries: Arc<Entries>,
    /// The rows whose events are withdrawn, ascending: to dedupe they only show that something was said once.
    pub(crate) withdrawn: Arc<[u32]>,
}

/// The parts of every kind.
pub(crate) type Known = HashMap<String, Vec<Arc<KnownPart>>>;

impl KnownPart {
    /// A part none of whose events, or some, are withdrawn.
    pub(crate) fn new(part: i64, entries: Entries, marks: &[Mark]) -> Self {
        Self {
            part,
            entries: Arc::new(entries),
            withdrawn: withdrawn(marks),
        }
    }

    /// The same part with other marks.
    pub(crate) fn marked(&self, marks: &[Mark]) -> Self {
        Self {
            part: self.part,
            entries: Arc::clone(&self.entries),
            withdrawn: withdrawn(marks),
        }
    }

    fn find(&self, keys: &[u128]) -> io::Result<Vec<(usize, Entry)>> {
        match self.entries.as_ref() {
            Entries::File(file) => file.find(keys),
            Entries::Held(entries) => Ok(find_in(entries, keys)),
        }
    }

    /// An entry of it, as what is known from before.
    pub(crate) fn earlier(&self, entry: Entry) -> Earlier {
        Earlier {
            part: self.part,
            entry,
            withdrawn: self.withdrawn.binary_search(&entry.row).is_ok(),
        }
    }

    /// The entries of records whose keys begin with eight bytes in a range: withdrawn ones too.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn between(&self, range: &RangeInclusive<u64>) -> io::Result<Vec<Entry>> {
        match self.entries.as_ref() {
            Entries::File(file) => file.between(range),
            Entries::Held(entries) => {
                let upper = |entry: &Entry| (entry.key >> 64) as u64;
                let first = entries.partition_point(|entry| upper(entry) < *range.start());
                let end = entries.partition_point(|entry| upper(entry) <= *range.end());
                Ok(entries[first..end.max(first)].to_vec())
            }
        }
    }
}

/// The rows among marks that are withdrawn.
fn withdrawn(marks: &[Mark]) -> Arc<[u32]> {
    let marks = marks.iter().filter(|mark| mark.is_withdrawn());
    let mut rows: Vec<u32> = marks.map(|mark| mark.row).collect();
    rows.sort_unstable();
    rows.into()
}

fn find_in(entries: &[Entry], keys: &[u128]) -> Vec<(usize, Entry)> {
    let mut found = Vec::new();
    let mut entries = entries;
    for (place, key) in keys.iter().enumerate() {
        let before = entries.partition_point(|entry| entry.key < *key);
        entries = &entries[before..];
        let same = entries.iter().take_while(|entry| entry.key == *key);
        found.extend(same.map(|entry| (place, *entry)));
    }
    found
}

/// Everything that the parts know about records, withdrawn or not, sorted by key. The keys must be in ascending order.
///
/// # Errors
/// The number of the part that is damaged, and how.
pub(crate) fn earlier(
    parts: &[Arc<KnownPart>],
    keys: &[u128],
) -> Result<Vec<Earlier>, (i64, io::Error)> {
    let found: Result<Vec<Vec<Earlier>>, (i64, io::Error)> = parts
        .par_iter()
        .map(|known| {
            let found = known.find(keys).map_err(|error| (known.part, error))?;
            let found = found.into_iter();
            Ok(found.map(|(_, entry)| known.earlier(entry)).collect())
        })
        .collect();
    let mut earlier: Vec<Earlier> = found?.into_iter().flatten().collect();
    earlier.sort_unstable_by_key(|known| (known.entry.key, known.entry.sequence));
    Ok(earlier)
}
