//! How a record is known again (rule 1), and what it said, as hashes that are the same in every release and on every machine.
//!
//! XXH3 of 128 bits for keys and of 64 for content: an import hashes every event, and nobody gains by two records of his own that collide.

use std::collections::HashMap;

use amends_model::RecordKey;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// What comes before a part, so that parts cannot run into each other.
fn part(text: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(&(text.len() as u64).to_le_bytes());
    into.extend_from_slice(text);
}

/// Makes the keys of one kind's events.
pub(crate) struct Keys {
    /// Source, stream and kind.
    before: Vec<u8>,
    scratch: Vec<u8>,
}

impl Keys {
    /// For events of a source, a stream and a kind. A record gives one event of a kind at most.
    pub(crate) fn new(source: &str, stream: &str, kind: &str) -> Self {
        let mut before = Vec::new();
        part(source.as_bytes(), &mut before);
        part(stream.as_bytes(), &mut before);
        part(kind.as_bytes(), &mut before);
        Self {
            before,
            scratch: Vec::new(),
        }
    }

    /// The key of a record that the source knows by a key of its own.
    pub(crate) fn native(&mut self, key: &str) -> RecordKey {
        self.finish(b'k', key.as_bytes())
    }

    /// The key of a record known by its content and by how often that came before in its file.
    pub(crate) fn content(&mut self, content: u128, occurrence: u32) -> RecordKey {
        let mut said = content.to_be_bytes().to_vec();
        said.extend_from_slice(&occurrence.to_be_bytes());
        self.finish(b'c', &said)
    }

    fn finish(&mut self, tag: u8, said: &[u8]) -> RecordKey {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.before);
        self.scratch.push(tag);
        self.scratch.extend_from_slice(said);
        RecordKey(xxh3_128(&self.scratch).to_be_bytes())
    }
}

/// The hash of a record's content.
pub(crate) fn record(said: &[u8]) -> u128 {
    xxh3_128(said)
}

/// The hash of an event's content. The lowest number is none: it is the ledger's sign of a record that says nothing.
pub(crate) fn event(said: &[u8]) -> i64 {
    (xxh3_64(said) as i64).max(-i64::MAX)
}

/// How often each content came in one file so far. Sixteen bytes or so for each record of a source without a native key.
#[derive(Debug, Default)]
pub(crate) struct Occurrences {
    // Half of the hash suffices: two records that shared it would only count for each other.
    seen: HashMap<u64, u32>,
}

impl Occurrences {
    /// How often this content came before.
    pub(crate) fn next(&mut self, content: u128) -> u32 {
        let count = self.seen.entry(content as u64).or_default();
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change_between_releases() {
        let mut keys = Keys::new("shop", "orders", "order_placed");
        assert_eq!(
            keys.native("o1").to_string(),
            "6f73c167126dca6929e28d36b40cee33"
        );
        assert_eq!(
            keys.content(7, 0).to_string(),
            "2eae6e85b427fa86983a98b45f1a98f6"
        );
        assert_ne!(keys.content(7, 0), keys.content(7, 1));
        assert_ne!(
            keys.native("o1"),
            Keys::new("shop", "order", "sorder_placed").native("o1")
        );
        assert_eq!(event(b"said"), 1_496_282_869_850_183_987);
    }

    #[test]
    fn repeats_are_counted() {
        let mut occurrences = Occurrences::default();
        assert_eq!(
            [7, 8, 7, 7].map(|content| occurrences.next(content)),
            [0, 0, 1, 2]
        );
    }
}
