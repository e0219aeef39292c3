//! Reads the current events of a kind out of a snapshot.

use std::fs::File;
use std::sync::Arc;

use amends_model::Result;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use crate::filter::{Filter, Wanted};
use crate::snapshot::{Segment, Snapshot};
use crate::{columns, trouble};

/// Rows of a batch, at most.
const BATCH_ROWS: usize = 65_536;

/// Batches, one after the other.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

impl Snapshot {
    /// The current events of a kind, those columns only (that the kind does not have are null of type text), in no order, one batch at a time.
    /// Superseded events are left out. Batches have up to 65,536 rows.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn scan(&self, kind: &str, columns: &[&str], filter: &Filter) -> Result<Batches> {
        let Some(whole) = self.kinds().get(kind) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let schema = selected(whole, columns);
        let wanted = Arc::new(Wanted::new(filter));
        let mut tail = Vec::new();
        if let Some(batch) = self.tail(kind) {
            let batch = chosen(&batch, &schema, &wanted, None)
                .map_err(|error| trouble::unreadable("the tail", error))?;
            tail.extend(batch);
        }
        let segments: Vec<Segment> = self
            .segments(kind)
            .iter()
            .filter(|segment| segment.rows > segment.superseded_rows.len() as u64)
            .filter(|segment| wanted.overlaps(segment.moments))
            .cloned()
            .collect();
        // The snapshot goes along: its files stay until the last batch is read.
        let snapshot = self.clone();
        let from_segments = segments.into_iter().flat_map(move |segment| {
            let _keeps_files = &snapshot;
            match SegmentScan::open(segment, schema.clone(), Arc::clone(&wanted)) {
                Ok(scan) => Box::new(scan) as Batches,
                Err(problem) => Box::new(std::iter::once(Err(problem))),
            }
        });
        let tail = tail.into_iter().flat_map(|batch| slices(&batch).map(Ok));
        Ok(Box::new(tail.chain(from_segments)))
    }
}

fn slices(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + Send + use<> {
    let batch = batch.clone();
    (0..batch.num_rows())
        .step_by(BATCH_ROWS)
        .map(move |first| batch.slice(first, BATCH_ROWS.min(batch.num_rows() - first)))
}

/// The schema of some columns; those that the kind does not have are text.
fn selected(whole: &SchemaRef, columns: &[&str]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|name| match whole.column_with_name(name) {
            Some((_, field)) => field.clone(),
            None => Field::new(*name, DataType::Utf8, true),
        });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The wanted rows of a batch in the wanted columns; `None` if there are none.
fn chosen(
    batch: &RecordBatch,
    schema: &SchemaRef,
    wanted: &Wanted,
    current: Option<BooleanArray>,
) -> Result<Option<RecordBatch>, Box<dyn std::error::Error + Send + Sync>> {
    let rows = match (wanted.rows(batch)?, current) {
        (Some(rows), Some(current)) => Some(and(&rows, &current)?),
        (rows, current) => rows.or(current),
    };
    let fitted = columns::fitted(batch, schema)?;
    let chosen = match rows {
        Some(rows) => filter_record_batch(&fitted, &rows)?,
        None => fitted,
    };
    Ok((chosen.num_rows() > 0).then_some(chosen))
}

/// Reads one segment.
struct SegmentScan {
    segment: Segment,
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
    wanted: Arc<Wanted>,
    /// The row of the segment at which the next batch begins.
    row: usize,
}

impl SegmentScan {
    fn open(segment: Segment, schema: SchemaRef, wanted: Arc<Wanted>) -> Result<Self> {
        let reader = open(&segment, &schema, &wanted)
            .map_err(|error| trouble::unreadable(segment.path.display().to_string(), error))?;
        Ok(Self {
            segment,
            reader,
            schema,
            wanted,
            row: 0,
        })
    }

    /// Which rows of the next batch are current; `None` when all are.
    fn current(&self, rows: usize) -> Option<BooleanArray> {
        let gone = &self.segment.superseded_rows;
        let first = gone.partition_point(|row| (*row as usize) < self.row);
        let after = gone.partition_point(|row| (*row as usize) < self.row + rows);
        if first == after {
            return None;
        }
        let mut keep = vec![true; rows];
        for row in &gone[first..after] {
            keep[*row as usize - self.row] = false;
        }
        Some(BooleanArray::from(keep))
    }
}

fn open(
    segment: &Segment,
    schema: &SchemaRef,
    wanted: &Wanted,
) -> Result<ParquetRecordBatchReader, Box<dyn std::error::Error + Send + Sync>> {
    let file = File::open(&segment.path)?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, ArrowReaderOptions::new())?;
    let needs = wanted.needs(segment.moments);
    let mut names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    names.extend(needs);
    let whole = builder.schema();
    let roots = names.iter().filter_map(|name| whole.index_of(name).ok());
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    Ok(builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()?)
}

impl Iterator for SegmentScan {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let damaged = |error: Box<dyn std::error::Error + Send + Sync>| {
                trouble::unreadable(self.segment.path.display().to_string(), error)
            };
            let batch = match self.reader.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(damaged(error.into()))),
            };
            let current = self.current(batch.num_rows());
            self.row += batch.num_rows();
            match chosen(&batch, &self.schema, &self.wanted, current) {
                Ok(None) => {}
                Ok(Some(batch)) => return Some(Ok(batch)),
                Err(error) => {
                    return Some(Err(trouble::unreadable(
                        self.segment.path.display().to_string(),
                        error,
                    )));
                }
            }
        }
    }
}
