//! Where a replay reads events from: a snapshot of the ledger, or batches in memory.

use std::collections::BTreeMap;
use std::path::Path;

use amends_ledger::{Filter, Snapshot};
use amends_model::event::column;
use amends_model::{EventId, Problem, Result, time};
use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use jiff::Timestamp;

/// Batches, one after the other.
pub type Scan<'a> = Box<dyn Iterator<Item = Result<RecordBatch>> + Send + 'a>;

/// Events that can be read by kind.
pub trait Events: Sync {
    /// The kinds that have events, with their columns.
    fn kinds(&self) -> &BTreeMap<String, SchemaRef>;

    /// How many events of a kind there are at most.
    fn rows(&self, kind: &str) -> u64;

    /// The events of a kind until and including a moment, at least those columns of them that the kind has, in no order.
    ///
    /// # Errors
    /// `AM0406` when they cannot be read.
    fn scan(&self, kind: &str, columns: &[&str], as_of: Timestamp) -> Result<Scan<'_>>;

    /// Where events may be put apart that do not fit in memory; `None` where reading them again costs as little.
    fn folder(&self) -> Option<&Path>;
}

impl Events for Snapshot {
    fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
        Snapshot::kinds(self)
    }

    fn rows(&self, kind: &str) -> u64 {
        Snapshot::rows(self, kind)
    }

    fn scan(&self, kind: &str, columns: &[&str], as_of: Timestamp) -> Result<Scan<'_>> {
        let until = time::from_micros(time::micros(as_of).saturating_add(1)).ok();
        let filter = Filter {
            until,
            ..Filter::default()
        };
        Snapshot::scan(self, kind, columns, &filter)
    }

    fn folder(&self) -> Option<&Path> {
        Some(Snapshot::folder(self))
    }
}

/// Events in memory, by kind.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    kinds: BTreeMap<String, SchemaRef>,
    batches: BTreeMap<String, Vec<RecordBatch>>,
}

impl InMemory {
    /// Adds events of a kind, all with the same columns.
    pub fn add(&mut self, kind: &str, batch: RecordBatch) {
        self.kinds.insert(kind.to_owned(), batch.schema());
        self.batches.entry(kind.to_owned()).or_default().push(batch);
    }

    /// The batches of a kind.
    pub fn batches(&self, kind: &str) -> &[RecordBatch] {
        self.batches.get(kind).map_or(&[], Vec::as_slice)
    }
}

impl Events for InMemory {
    fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
        &self.kinds
    }

    fn rows(&self, kind: &str) -> u64 {
        self.batches(kind)
            .iter()
            .map(|batch| batch.num_rows() as u64)
            .sum()
    }

    fn scan(&self, kind: &str, _columns: &[&str], as_of: Timestamp) -> Result<Scan<'_>> {
        let as_of = time::micros(as_of);
        Ok(Box::new(self.batches(kind).iter().map(move |batch| {
            let at = Columns::of(batch)?.at;
            let seen = at.iter().map(|at| Some(*at <= as_of)).collect();
            arrow::compute::filter_record_batch(batch, &seen)
                .map_err(|error| unfit(column::AT).because(error))
        })))
    }

    fn folder(&self) -> Option<&Path> {
        None
    }
}

/// The columns of every event that a promise reads.
pub(crate) struct Columns<'a> {
    pub(crate) at: &'a [i64],
    pub(crate) source: &'a StringArray,
    id: &'a FixedSizeBinaryArray,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self> {
        let at = column_of(batch, column::AT)?;
        let at = at
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| unfit(column::AT))?;
        Ok(Self {
            at: at.values(),
            source: Self::texts(batch, column::SOURCE)?,
            id: Self::ids(batch, column::ID)?,
        })
    }

    pub(crate) fn id(&self, row: usize) -> EventId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(self.id.value(row));
        EventId(bytes)
    }

    pub(crate) fn ids(batch: &'a RecordBatch, name: &str) -> Result<&'a FixedSizeBinaryArray> {
        let ids = column_of(batch, name)?.as_fixed_size_binary_opt();
        ids.filter(|ids| ids.value_length() == 16)
            .ok_or_else(|| unfit(name))
    }

    pub(crate) fn texts(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
        let texts = column_of(batch, name)?;
        texts.as_string_opt::<i32>().ok_or_else(|| unfit(name))
    }
}

fn column_of<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    let column = batch.column_by_name(name).ok_or_else(|| unfit(name))?;
    if *column.data_type() == DataType::Null {
        return Err(unfit(name));
    }
    Ok(column)
}

fn unfit(name: &str) -> Problem {
    Problem::new("AM0705", "events do not have the columns that events have")
        .detail(format!("{name:?}"))
}
