//! Events by id.

use std::collections::{BTreeSet, HashSet};
use std::io;

use amends_model::event::column;
use amends_model::{EventId, Result};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;

use crate::columns;
use crate::index::push_range;
use crate::keys::KeyFile;
use crate::segment_read::{Damage, SegmentRows};
use crate::snapshot::{Segment, Snapshot};
use crate::trouble;

impl Snapshot {
    /// Current events by id, whatever their kind, with all their columns. Ids that no current event has are passed over.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn events(&self, ids: &[EventId]) -> Result<Vec<RecordBatch>> {
        let wanted: HashSet<u128> = ids.iter().map(|id| id.as_u128()).collect();
        let mut found = Vec::new();
        for (kind, schema) in self.kinds() {
            if let Some(batch) = self.tail(kind) {
                let batch = with_ids(&batch, &wanted);
                found.extend(batch.map_err(|error| trouble::unreadable("the tail", error))?);
            }
            for segment in self.segments(kind) {
                found.extend(in_segment(segment, schema, &wanted)?);
            }
        }
        Ok(found)
    }
}

fn in_segment(
    segment: &Segment,
    schema: &SchemaRef,
    wanted: &HashSet<u128>,
) -> Result<Vec<RecordBatch>> {
    let rows = rows(segment, wanted)
        .map_err(|error| trouble::unreadable(segment.keys.display().to_string(), error))?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let read = || -> Result<Vec<RecordBatch>, Damage> {
        let fields = schema.fields().iter();
        let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
        let mut ranges = Vec::new();
        rows.iter()
            .for_each(|row| push_range(&mut ranges, *row..*row + 1));
        let mut found = Vec::new();
        let mut batches = SegmentRows::open(segment, &names, ranges)?;
        while let Some(next) = batches.next_current() {
            let (batch, current) = next?;
            let mut batch = columns::fitted(&batch, schema)?;
            if let Some(current) = current {
                batch = filter_record_batch(&batch, &current)?;
            }
            found.extend(with_ids(&batch, wanted)?);
        }
        Ok(found)
    };
    read().map_err(|error| trouble::unreadable(segment.path.display().to_string(), error))
}

/// The rows of a segment on which events with these ids stand, ascending.
fn rows(segment: &Segment, wanted: &HashSet<u128>) -> io::Result<Vec<usize>> {
    let keys = KeyFile::new(segment.keys.clone());
    let halves: BTreeSet<u64> = wanted.iter().map(|id| (id >> 64) as u64).collect();
    let mut rows = Vec::new();
    for half in halves {
        let entries = keys.beginning(half)?;
        let theirs = entries
            .iter()
            .filter(|entry| wanted.contains(&entry.id().as_u128()));
        rows.extend(theirs.map(|entry| entry.row as usize));
    }
    rows.sort_unstable();
    Ok(rows)
}

/// The rows of a batch that have one of the ids; `None` if none has.
fn with_ids(batch: &RecordBatch, wanted: &HashSet<u128>) -> Result<Option<RecordBatch>, Damage> {
    let ids = columns::ids(batch, column::ID)?;
    let keep: BooleanArray = (0..batch.num_rows())
        .map(|row| Some(wanted.contains(&columns::id_at(ids, row))))
        .collect();
    if keep.true_count() == 0 {
        return Ok(None);
    }
    Ok(Some(filter_record_batch(batch, &keep)?))
}
