//! Where the events of one kind stand at a snapshot.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use amends_ledger::{Filter, Snapshot};
use amends_model::event::column;
use amends_model::{IdentifierId, Problem, Result};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use rayon::prelude::*;

/// The columns that tell what happened to whom, without its details.
const HEAD: [&str; 9] = [
    column::ID,
    column::SOURCE,
    column::KIND,
    column::AT,
    column::IDENTIFIER,
    column::OTHERS,
    column::ABOUT,
    column::AMOUNT,
    column::CURRENCY,
];

fn head(schema: &Schema) -> Schema {
    let fields = schema.fields().iter();
    let fields = fields.filter(|field| HEAD.contains(&field.name().as_str()));
    Schema::new(fields.cloned().collect::<Vec<_>>())
}

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
    /// How many events stand in it, those that no longer count among them.
    pub rows: u64,
    /// Ids of events in it that no longer count.
    pub superseded: Arc<HashSet<u128>>,
}

impl Stored {
    /// How many events there are at most.
    pub fn rows(&self) -> u64 {
        let tail = self.tail.as_ref().map_or(0, RecordBatch::num_rows);
        let segments = self.segments.iter().map(|part| part.rows);
        segments.sum::<u64>() + tail as u64
    }

    /// The events of every kind at a snapshot.
    pub fn at(snapshot: &Snapshot) -> BTreeMap<String, Stored> {
        let kinds = snapshot.kinds().iter();
        kinds
            .map(|(kind, schema)| {
                let segments = snapshot.segments(kind).iter().map(|segment| Part {
                    path: segment.path.clone(),
                    rows: segment.rows,
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

    /// The events of every kind that name one of some identifiers, in memory; of a kind for which `whole` does not hold, what happened to whom alone.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn of(
        snapshot: &Snapshot,
        identifiers: &[IdentifierId],
        whole: impl Fn(&str) -> bool + Sync,
    ) -> Result<BTreeMap<String, Stored>> {
        let filter = Filter {
            identifiers: Some(identifiers.to_vec()),
            ..Filter::default()
        };
        // Kinds have files of their own, of each of which little is read.
        let kinds = snapshot.kinds().par_iter();
        kinds
            .map(|(kind, schema)| {
                let schema = match whole(kind) {
                    true => Arc::clone(schema),
                    false => Arc::new(head(schema)),
                };
                let fields = schema.fields().iter();
                let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
                let batches: Vec<RecordBatch> = snapshot
                    .scan(kind, &names, &filter)?
                    .collect::<Result<_>>()?;
                let events = concat_batches(&schema, &batches).map_err(|error| {
                    Problem::new("AM0804", "the events of a customer cannot be put together")
                        .because(error)
                })?;
                let stored = Stored {
                    schema,
                    segments: Vec::new(),
                    tail: Some(events),
                };
                Ok((kind.clone(), stored))
            })
            .collect()
    }
}
