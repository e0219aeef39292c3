//! Which promises were seen before and are not held any more: a filter of about two bytes each, that may err only towards "seen".
//!
//! It spares the machine a look into history for what is certainly new. It never changes a result: who is wrongly held
//! to be seen is recalled, and found to have no history.

use fastbloom::BloomFilter;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// Filters of doubling size: a full one is kept, and the next one opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    filters: Vec<BloomFilter>,
    room: usize,
}

const FIRST: usize = 1024;
const SEED: u128 = 0x616d_656e_6473;
const FALSE_POSITIVES: f64 = 0.001;

impl Seen {
    pub(crate) fn new() -> Self {
        Self {
            filters: Vec::new(),
            room: 0,
        }
    }

    pub(crate) fn insert(&mut self, about: &str) {
        if self.contains(about) {
            return;
        }
        if self.room == 0 {
            self.room = FIRST << self.filters.len().min(20);
            let filter = BloomFilter::with_false_pos(FALSE_POSITIVES).seed(&SEED);
            self.filters.push(filter.expected_items(self.room));
        }
        if let Some(filter) = self.filters.last_mut() {
            filter.insert_hash(xxh3_64(about.as_bytes()));
            self.room -= 1;
        }
    }

    pub(crate) fn contains(&self, about: &str) -> bool {
        let hash = xxh3_64(about.as_bytes());
        self.filters.iter().any(|filter| filter.contains_hash(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_never_forgotten_and_little_else_is_believed_to_be_seen() {
        let mut seen = Seen::new();
        (0..5000).for_each(|number| seen.insert(&format!("o{number}")));
        assert!((0..5000).all(|number| seen.contains(&format!("o{number}"))));
        let wrong = (5000..15_000).filter(|number| seen.contains(&format!("o{number}")));
        assert!(wrong.count() < 200);
    }
}
