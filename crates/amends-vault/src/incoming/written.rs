//! Records of which something was written, in four bytes each: enough to know of most others that nothing was.

use amends_model::RecordKey;

/// The first bytes of records, sorted, in lists of which each is more than twice as long as the next.
#[derive(Default)]
pub(super) struct Written(Vec<Vec<u32>>);

impl Written {
    /// Adds records.
    pub(super) fn add<'a>(&mut self, records: impl Iterator<Item = &'a RecordKey>) {
        let mut added: Vec<u32> = records.map(first_bytes).collect();
        while let Some(last) = self.0.pop_if(|last| last.len() <= 2 * added.len()) {
            added.extend(last);
        }
        added.sort_unstable();
        self.0.push(added);
    }

    /// Whether a record may be among them; never false of one that is.
    pub(super) fn may_hold(&self, record: &RecordKey) -> bool {
        let first = first_bytes(record);
        self.0.iter().any(|list| list.binary_search(&first).is_ok())
    }
}

fn first_bytes(record: &RecordKey) -> u32 {
    let [a, b, c, d, ..] = record.0;
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_held_in_few_lists() {
        let record = |number: u32| {
            let mut key = [7; 16];
            key[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
            RecordKey(key)
        };
        let records: Vec<RecordKey> = (0..5_000).map(record).collect();
        let mut written = Written::default();
        for some in records.chunks(37) {
            written.add(some.iter());
        }
        assert!(records.iter().all(|record| written.may_hold(record)));
        assert!(!(5_000..9_000).any(|number| written.may_hold(&record(number))));
        assert!(written.0.len() < 14, "{}", written.0.len());
    }
}
