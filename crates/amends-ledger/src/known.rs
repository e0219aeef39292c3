//! What the writer knows of stored events: for every kind its parts, each with its entries by key.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

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
    pub(crate) entries: Entries,
}

/// The parts of every kind.
pub(crate) type Known = HashMap<String, Vec<Arc<KnownPart>>>;

impl KnownPart {
    fn find(&self, keys: &[u128]) -> io::Result<Vec<(usize, Entry)>> {
        match &self.entries {
            Entries::File(file) => file.find(keys),
            Entries::Held(entries) => Ok(find_in(entries, keys)),
        }
    }
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

/// Everything that the parts know about records, sorted by key. The keys must be in ascending order.
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
            let part = known.part;
            Ok(found
                .into_iter()
                .map(|(_, entry)| Earlier { part, entry })
                .collect())
        })
        .collect();
    let mut earlier: Vec<Earlier> = found?.into_iter().flatten().collect();
    earlier.sort_unstable_by_key(|known| (known.entry.key, known.entry.sequence));
    Ok(earlier)
}
