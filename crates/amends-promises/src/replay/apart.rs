//! Events whose things are taken in later passes: the first pass decodes everything, and puts apart what each later one will want of it, so that no pass but the
//! first goes through the ledger.
//!
//! They lie in files without a name, which the system takes back however the process ends, and each is given back when its pass is over. Where none can be made,
//! or one cannot be written, such as on a full disk, all are given back at once, and every pass reads everything instead.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use amends_model::Result;
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use jiff::Timestamp;

use super::aside::Aside;
use super::lock::lock;
use crate::events::{Events, Scan};

/// No more files than these are open at a time: where there are more passes, each reads everything.
const MOST_FILES: usize = 256;
/// Rows that wait to be written, of all files together, and at most of one.
const MOST_WAITING: usize = 1 << 18;
const BATCH_ROWS: usize = 8_192;

/// Events, read in passes.
pub(super) struct Apart<'a> {
    events: &'a dyn Events,
    as_of: Timestamp,
    passes: u64,
    /// By kind, of each pass but the first. None: every pass reads everything.
    files: BTreeMap<String, Vec<Mutex<Aside>>>,
    failed: AtomicBool,
}

impl<'a> Apart<'a> {
    /// Events of some kinds until a moment, to be read in so many passes.
    pub(super) fn new<'k>(
        events: &'a dyn Events,
        kinds: impl ExactSizeIterator<Item = &'k str>,
        as_of: Timestamp,
        passes: u64,
    ) -> Self {
        let later = passes as usize - 1;
        let many = kinds.len() * later;
        let folder = events.folder().filter(|_| many <= MOST_FILES);
        let batch_rows = BATCH_ROWS.min(MOST_WAITING / many.max(1));
        let files = folder.and_then(|folder| {
            let of_kind = |kind: &str| -> io::Result<(String, Vec<Mutex<Aside>>)> {
                let files = (0..later).map(|_| Aside::new(folder, batch_rows).map(Mutex::new));
                Ok((kind.to_owned(), files.collect::<io::Result<_>>()?))
            };
            kinds.map(of_kind).collect::<io::Result<_>>().ok()
        });
        Self {
            events,
            as_of,
            passes,
            files: files.unwrap_or_default(),
            failed: AtomicBool::new(false),
        }
    }

    /// The events of a kind among which are all of a pass.
    ///
    /// # Errors
    /// `AM0406` when they cannot be read; `AM0712` when what was put apart cannot be read again.
    pub(super) fn scan(&self, kind: &str, columns: &[&str], pass: u64) -> Result<Scan<'_>> {
        if let Some(aside) = self.of(kind, pass) {
            match lock(aside).read() {
                Ok(batches) => return Ok(Box::new(batches)),
                Err(_) => self.give_up(),
            }
        }
        self.events.scan(kind, columns, self.as_of)
    }

    /// Among how many of the events of a kind that a pass scans one is taken by it, about.
    pub(super) fn share(&self, kind: &str, pass: u64) -> usize {
        match self.of(kind, pass) {
            Some(_) => 1,
            None => self.passes as usize,
        }
    }

    /// Puts apart those rows of a batch that a later pass will take. `pass` says in which a row is taken, if in any.
    pub(super) fn put(&self, kind: &str, batch: &RecordBatch, pass: impl Fn(usize) -> Option<u64>) {
        if self.of(kind, 1).is_none() {
            return;
        }
        let mut rows: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for row in 0..batch.num_rows() {
            if let Some(pass) = pass(row).filter(|pass| *pass > 0) {
                rows.entry(pass).or_default().push(row as u32);
            }
        }
        for (pass, rows) in rows {
            let rows = take_record_batch(batch, &UInt32Array::from(rows));
            let put = rows.and_then(|rows| match self.of(kind, pass) {
                Some(aside) => lock(aside).put(rows),
                None => Ok(()),
            });
            if put.is_err() {
                self.give_up();
            }
        }
    }

    /// Where a kind's events of a pass lie, if they were put apart.
    fn of(&self, kind: &str, pass: u64) -> Option<&Mutex<Aside>> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let later = (pass as usize).checked_sub(1)?;
        self.files.get(kind)?.get(later)
    }

    /// From now on every pass reads everything, and the disk is free again.
    fn give_up(&self) {
        self.failed.store(true, Ordering::Relaxed);
        for aside in self.files.values().flatten() {
            lock(aside).give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use amends_testkit::tempfile::tempdir;
    use arrow::array::Int64Array;
    use arrow::datatypes::SchemaRef;

    use super::*;

    /// Ten rows of one kind.
    struct Ten {
        kinds: BTreeMap<String, SchemaRef>,
        folder: PathBuf,
    }

    fn ten() -> RecordBatch {
        let numbers = Int64Array::from_iter_values(0..10);
        RecordBatch::try_from_iter([("number", Arc::new(numbers) as _)]).unwrap()
    }

    impl Events for Ten {
        fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
            &self.kinds
        }

        fn rows(&self, _: &str) -> u64 {
            10
        }

        fn scan(&self, _: &str, _: &[&str], _: Timestamp) -> Result<Scan<'_>> {
            Ok(Box::new(std::iter::once(Ok(ten()))))
        }

        fn folder(&self) -> Option<&Path> {
            Some(&self.folder)
        }
    }

    #[test]
    fn a_pass_reads_what_was_put_apart_for_it_and_everything_after_a_failure() {
        let folder = tempdir().unwrap();
        let events = Ten {
            kinds: BTreeMap::new(),
            folder: folder.path().to_owned(),
        };
        let rows = |apart: &Apart<'_>, pass| -> usize {
            let batches = apart.scan("kind", &[], pass).unwrap();
            batches.map(|batch| batch.unwrap().num_rows()).sum()
        };
        let put = || {
            let apart = Apart::new(&events, ["kind"].into_iter(), Timestamp::MAX, 3);
            apart.put("kind", &ten(), |row| (row != 4).then_some(row as u64 % 3));
            apart
        };
        let whole = put();
        assert_eq!([0, 1, 2].map(|pass| whole.share("kind", pass)), [3, 1, 1]);
        assert_eq!([0, 1, 2].map(|pass| rows(&whole, pass)), [10, 2, 3]);
        // As where the disk becomes full: after the first pass, and between later ones.
        let failed = put();
        failed.give_up();
        assert_eq!([1, 2].map(|pass| failed.share("kind", pass)), [3, 3]);
        assert_eq!([1, 2].map(|pass| rows(&failed, pass)), [10, 10]);
        let later = put();
        assert_eq!(rows(&later, 1), 2);
        later.give_up();
        assert_eq!(rows(&later, 2), 10);
    }
}
