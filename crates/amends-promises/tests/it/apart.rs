//! Events that are put apart between passes, where there is a folder for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use amends_model::Result;
use amends_promises::{Events, InMemory, Scan};
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;

/// Events in memory whose later passes are put apart in a folder; how often they were scanned is counted.
pub(crate) struct Apart<'a> {
    pub(crate) events: &'a InMemory,
    pub(crate) folder: PathBuf,
    pub(crate) scanned: AtomicUsize,
}

impl<'a> Apart<'a> {
    pub(crate) fn new(events: &'a InMemory, folder: &Path) -> Self {
        Self {
            events,
            folder: folder.to_owned(),
            scanned: AtomicUsize::new(0),
        }
    }
}

impl Events for Apart<'_> {
    fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
        self.events.kinds()
    }

    fn rows(&self, kind: &str) -> u64 {
        self.events.rows(kind)
    }

    fn scan(&self, kind: &str, columns: &[&str], as_of: Timestamp) -> Result<Scan<'_>> {
        self.scanned.fetch_add(1, Ordering::Relaxed);
        self.events.scan(kind, columns, as_of)
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.folder)
    }
}
