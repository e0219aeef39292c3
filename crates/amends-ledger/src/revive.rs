//! Sayings become events: the rows of events that said the same, told as the import that said it tells them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use amends_model::event::column;
use amends_model::{Result, time};
use arrow::array::{
    ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::SchemaRef;

use crate::anew::Revived;
use crate::columns::{self, Properties};
use crate::contents::Mark;
use crate::index::push_range;
use crate::known::{Entries, KnownPart};
use crate::part::{self, Form, NewPart};
use crate::said::{self, Told};
use crate::segment_read::{Damage, SegmentRows};
use crate::snapshot::segment;
use crate::standing::Standing;
use crate::{segment_write, staging, tail, trouble};

/// Sayings of one kind that become a part.
pub(crate) struct Reviving {
    /// The ledger's folder.
    pub(crate) ledger: PathBuf,
    /// Their kind.
    pub(crate) kind: String,
    /// The number of the part.
    pub(crate) part: i64,
    /// The sayings.
    pub(crate) revived: Vec<Revived>,
    /// The parts of the kind.
    pub(crate) parts: Arc<BTreeMap<i64, NewPart>>,
    /// What is known of the imports.
    pub(crate) standing: Arc<Standing>,
    /// Events of one slice of time, about.
    pub(crate) slice: usize,
    /// Whether they become a batch of the tail rather than a segment.
    pub(crate) into_tail: bool,
}

/// Makes the part, what is known of it, and its marks.
///
/// # Errors
/// `AM0404` when a file cannot be written; `AM0406` when a part cannot be read.
pub(crate) fn revive(task: &Reviving) -> Result<(NewPart, KnownPart, Vec<Mark>)> {
    let like = like(task)?;
    let entries: Vec<_> = task.revived.iter().map(|revived| revived.entry).collect();
    let batch = staging::with_ids(&told(task, &like)?, &entries)?;
    let arranged = part::arrange(&batch, entries, task.slice)?;
    let marks = task.revived.iter().zip(&arranged.moved_to);
    let marks = marks.filter_map(|(revived, row)| {
        let id = revived.entry.id();
        revived.superseded_by.map(|by| Mark {
            row: *row,
            id,
            by,
            position: None,
        })
    });
    let marks: Vec<Mark> = marks.collect();
    let info = part::describe(task.part, &task.kind, &arranged.batch)?;
    let (form, entries) = if task.into_tail {
        let form = tail::encode(&arranged.batch, &arranged.entries)?;
        (form, Entries::Held(arranged.entries))
    } else {
        let files = segment_write::write(&task.ledger, &info, &arranged)?;
        let keys = staging::entries_of(&task.ledger, &info.kind, info.part);
        (Form::Segment(files), keys)
    };
    let known = KnownPart::new(info.part, entries, &marks);
    Ok((NewPart { info, form }, known, marks))
}

/// For each saying the row of an event that said the same.
fn like(task: &Reviving) -> Result<RecordBatch> {
    let mut wanted: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for revived in &task.revived {
        let (part, row) = revived.like;
        wanted.entry(part).or_default().push(row);
    }
    let mut properties = Properties::new();
    for part in wanted.keys().filter_map(|part| task.parts.get(part)) {
        columns::unite(&mut properties, &part.info.properties);
    }
    let schema = columns::schema(&properties)?;
    let mut batches = Vec::with_capacity(wanted.len());
    let mut places: HashMap<(i64, u32), u32> = HashMap::new();
    for (part, mut rows) in wanted {
        rows.sort_unstable();
        rows.dedup();
        for row in &rows {
            places.insert((part, *row), places.len() as u32);
        }
        let gone = || trouble::unreadable(format!("part {part}"), "the catalog does not name it");
        let part = task.parts.get(&part).ok_or_else(gone)?;
        batches.push(rows_of(task, part, &rows, &schema)?);
    }
    let misfit = |error: arrow::error::ArrowError| trouble::misfit(error.to_string());
    let all = concat_batches(&schema, &batches).map_err(misfit)?;
    let order = task.revived.iter().map(|revived| places[&revived.like]);
    let order = UInt32Array::from_iter_values(order);
    take_record_batch(&all, &order).map_err(misfit)
}

/// Some rows of a part, in a schema.
fn rows_of(
    task: &Reviving,
    part: &NewPart,
    rows: &[u32],
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let number = part.info.part;
    let place = |error: Damage| trouble::unreadable(format!("part {number}"), error);
    if let Form::Tail { body, .. } = &part.form {
        let batch = tail::decode(number, body)?;
        let taken = take_record_batch(&batch, &UInt32Array::from(rows.to_vec()));
        let fitted = taken.and_then(|batch| columns::fitted(&batch, schema));
        return fitted.map_err(|error| place(error.into()));
    }
    let read = || -> Result<RecordBatch, Damage> {
        let mut ranges = Vec::new();
        for row in rows {
            let row = *row as usize;
            push_range(&mut ranges, row..row + 1);
        }
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let segment = segment(&task.ledger, &part.info, &[]);
        let mut read = SegmentRows::open(&segment, &names, ranges)?;
        let mut batches = Vec::new();
        while let Some(next) = read.next() {
            batches.push(columns::fitted(&next?.0, schema)?);
        }
        Ok(concat_batches(schema, &batches)?)
    };
    read().map_err(place)
}

/// The rows as their sayings' imports tell them.
fn told(task: &Reviving, like: &RecordBatch) -> Result<RecordBatch> {
    let here = Told::of(like)?;
    let imports = task
        .revived
        .iter()
        .map(|revived| said::import(revived.entry.sequence));
    let imports: Vec<i64> = imports.collect();
    let of_import = |import: &i64| task.standing.import(*import);
    let row = |row: usize| {
        let told = task.revived[row].told;
        told.unwrap_or_else(|| (here.line(row), here.offset(row)))
    };
    let rows = 0..like.num_rows();
    let schema = like.schema();
    let columns = schema.fields().iter().zip(like.columns());
    let columns: Vec<ArrayRef> = columns
        .map(|(field, column)| match field.name().as_str() {
            column::VERSION => {
                let versions = task.revived.iter().map(|revived| revived.entry.version);
                Arc::new(Int64Array::from_iter(versions)) as ArrayRef
            }
            column::IMPORT => Arc::new(Int64Array::from(imports.clone())),
            column::LINE => Arc::new(Int64Array::from_iter(rows.clone().map(|r| row(r).0))),
            column::AT_OFFSET => {
                Arc::new(Int32Array::from_iter_values(rows.clone().map(|r| row(r).1)))
            }
            column::MAPPING => {
                let mappings = imports.iter().map(|import| {
                    of_import(import).map_or("", |import| import.start.mapping.as_str())
                });
                Arc::new(StringArray::from_iter_values(mappings))
            }
            column::RECEIVED_AT => {
                let moments = imports.iter().map(|import| {
                    of_import(import).map_or(0, |import| time::micros(import.start.started_at))
                });
                let moments = TimestampMicrosecondArray::from_iter_values(moments);
                Arc::new(moments.with_timezone("UTC"))
            }
            _ => column.clone(),
        })
        .collect();
    RecordBatch::try_new(schema, columns).map_err(|error| trouble::misfit(error.to_string()))
}
