//! Rows that cannot become events: one reason each, the first that was found.

use std::collections::HashMap;

use crate::failure::Failure;

/// Why a row cannot become events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The code of the page that explains it.
    pub(crate) code: &'static str,
    /// The reason, without what stood in the row.
    pub(crate) reason: String,
}

/// The faults of a batch of records, by row.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    by_row: HashMap<u32, Fault>,
}

impl Faults {
    /// Notes why a row cannot become events; the first reason holds.
    pub(crate) fn add(&mut self, row: u32, code: &'static str, reason: impl FnOnce() -> String) {
        self.by_row.entry(row).or_insert_with(|| Fault {
            code,
            reason: reason(),
        });
    }

    /// Whether a row cannot become events.
    pub(crate) fn has(&self, row: u32) -> bool {
        !self.by_row.is_empty() && self.by_row.contains_key(&row)
    }

    /// The faults as rows to be set aside, in order of their lines, each with its record where that is known.
    pub(crate) fn failures(
        self,
        lines: &[i64],
        record: impl Fn(u32) -> Option<String>,
    ) -> Vec<Failure> {
        let mut failures: Vec<_> = self
            .by_row
            .into_iter()
            .map(|(row, fault)| Failure {
                record: record(row),
                ..Failure::new(lines[row as usize], fault.code, fault.reason)
            })
            .collect();
        failures.sort_by_key(|failure| failure.line);
        failures
    }
}
