//! Where the events of one kind stand at a snapshot.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use amends_ledger::Snapshot;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// The events of one kind: segment files and the tail.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The union of the columns of all its events.
    pub schema: SchemaRef,
    /// Its segments.
    pub segments: Vec<Part>,
    /// Those still in the tail, superseded ones left out.
    pub tail: Option<RecordBatch>,
}

/// One segment.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its Parquet file.
    pub path: PathBuf,
    /// Ids of events in it that no longer count.
    pub superseded: Arc<HashSet<u128>>,
}

impl Stored {
    /// The events of every kind at a snapshot.
    pub fn at(snapshot: &Snapshot) -> std::collections::BTreeMap<String, Stored> {
        let kinds = snapshot.kinds().iter();
        kinds
            .map(|(kind, schema)| {
                let segments = snapshot.segments(kind).iter().map(|segment| Part {
                    path: segment.path.clone(),
                    superseded: Arc::clone(&segment.superseded),
                });
                let stored = Stored {
                    schema: Arc::clone(schema),
                    segments: segments.collect(),
                    tail: snapshot.tail(kind),
                };
                (kind.clone(), stored)
            })
            .collect()
    }
}
