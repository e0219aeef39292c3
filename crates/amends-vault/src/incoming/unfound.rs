//! Records of which an import has written fields: where, until a table finds them; and afterwards enough to know of most others that nothing was.

use amends_model::RecordKey;

use super::written::Written;
use crate::fingerprint::Map;

/// Records of which fields were written.
#[derive(Default)]
pub(super) struct Records {
    unfound: Map<RecordKey, i64>,
    found: Written,
}

/// What was written of a record before.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Before {
    Never,
    /// Its fields stand there, and nothing finds them yet.
    At(i64),
    /// If it has fields, they are found.
    Perhaps,
}

impl Records {
    /// Fields of a record are written to a place; what was there of it before.
    pub(super) fn put(&mut self, record: RecordKey, place: i64) -> Before {
        match self.unfound.insert(record, place) {
            Some(before) => Before::At(before),
            None if self.found.may_hold(&record) => Before::Perhaps,
            None => Before::Never,
        }
    }

    /// Whether fields of a record were written that nothing finds yet.
    pub(super) fn has_unfound(&self, record: &RecordKey) -> bool {
        self.unfound.contains_key(record)
    }

    /// How many have fields that nothing finds yet.
    pub(super) fn unfound(&self) -> usize {
        self.unfound.len()
    }

    /// From now on all are found.
    pub(super) fn are_found(&mut self) {
        let records = std::mem::take(&mut self.unfound);
        self.found.add(records.keys());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_where_it_stands_until_it_is_found() {
        let record = |number| RecordKey([number; 16]);
        let mut records = Records::default();
        assert_eq!(records.put(record(1), 1), Before::Never);
        assert_eq!(records.put(record(1), 2), Before::At(1));
        assert!(records.has_unfound(&record(1)));
        records.are_found();
        assert_eq!(
            (records.unfound(), records.has_unfound(&record(1))),
            (0, false)
        );
        assert_eq!(records.put(record(1), 3), Before::Perhaps);
        assert_eq!(records.put(record(1), 4), Before::At(3));
        assert_eq!(records.put(record(2), 5), Before::Never);
    }
}
