//! Events that no single version tells: their rows, put together from those of versions, and their ids.

use std::sync::Arc;

use amends_model::event::{self, column};
use amends_model::{EventId, Result, time};
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, Int32Array, Int64Array, ListBuilder,
    RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

use super::dated::When;
use crate::trouble;

/// An event put together from versions, named by their rows.
pub(crate) struct Made {
    /// Its id.
    pub(crate) id: EventId,
    /// The import that told the last of it.
    pub(crate) import: i64,
    /// The last import that told anything of its record.
    pub(crate) touched: i64,
    /// The row that tells whom it happened to and about what; of an event also when.
    pub(crate) other: u32,
    /// The row of the version that told it: line, version, when we were told.
    pub(crate) by: u32,
    /// For each property the row that tells its value.
    pub(crate) values: Vec<u32>,
    /// Of a change: when it happened, and which properties changed, each with the row that tells what it was.
    pub(crate) change: Option<(When, Vec<(usize, u32)>)>,
}

/// The properties that are compared, by name: amount and currency, then those of the kind.
pub(crate) fn properties(schema: &SchemaRef) -> Vec<String> {
    let own = schema.fields().iter().map(|field| field.name());
    let mut own: Vec<String> = own
        .filter(|name| !event::is_reserved(name))
        .cloned()
        .collect();
    own.extend([column::AMOUNT, column::CURRENCY].map(str::to_owned));
    own.sort_unstable();
    own
}

/// The id of an event put together: the beginning of its record's key, as with every event, and a hash of what it is made of.
pub(crate) fn id<'a>(
    word: &str,
    key: u128,
    of: impl Iterator<Item = (&'a str, EventId)>,
) -> EventId {
    let mut hash = blake3::Hasher::new();
    hash.update(word.as_bytes());
    hash.update(&key.to_be_bytes());
    for (name, version) in of {
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&version.0);
    }
    let mut id = [0_u8; 16];
    id[..8].copy_from_slice(&key.to_be_bytes()[..8]);
    id[8..].copy_from_slice(&hash.finalize().as_bytes()[..8]);
    EventId(id)
}

/// The id of the change that came after so many others: of what happened at one moment the smallest id comes first, so it stands behind the event and in the order
/// of the course.
pub(crate) fn in_order(id: EventId, before: usize) -> EventId {
    let mut id = id.0;
    let place = u16::try_from(before).unwrap_or(u16::MAX);
    id[8..10].copy_from_slice(&[0xff; 2]);
    id[10..12].copy_from_slice(&place.to_be_bytes());
    EventId(id)
}

/// Events put together, of one kind or of its changes.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    /// The events.
    pub(crate) events: RecordBatch,
    /// For each the last import that told anything of its record: since then it may be as it is.
    pub(crate) touched: Arc<[i64]>,
}

/// Events in the columns of a kind, whose changes have some more.
///
/// # Errors
/// `AM0408` when they do not become a batch, which is a mistake of ours.
pub(crate) fn together(
    kind: &str,
    schema: &SchemaRef,
    rows: &RecordBatch,
    made: &[Made],
) -> Result<Together> {
    let names = properties(&rows.schema());
    let columns: Result<Vec<ArrayRef>, ArrowError> = schema
        .fields()
        .iter()
        .map(|field| one(field.name(), kind, &names, rows, made))
        .collect();
    let events = columns
        .and_then(|columns| RecordBatch::try_new(Arc::clone(schema), columns))
        .map_err(|error| trouble::misfit(error.to_string()))?;
    Ok(Together {
        events,
        touched: made.iter().map(|made| made.touched).collect(),
    })
}

fn one(
    name: &str,
    kind: &str,
    names: &[String],
    rows: &RecordBatch,
    made: &[Made],
) -> Result<ArrayRef, ArrowError> {
    if event::told_by(kind) != kind
        && let Some(column) = of_change(name, kind, names, rows, made)
    {
        return column;
    }
    let of = |row: &dyn Fn(&Made) -> u32| {
        let places = UInt32Array::from_iter_values(made.iter().map(row));
        let column = rows.column_by_name(name);
        let column =
            column.ok_or_else(|| ArrowError::SchemaError(format!("no column {name:?}")))?;
        take(column, &places, None)
    };
    if let Ok(property) = names.binary_search_by(|known| known.as_str().cmp(name)) {
        return of(&|made| made.values[property]);
    }
    match name {
        column::ID => {
            let ids = made.iter().flat_map(|made| made.id.0).collect::<Vec<u8>>();
            let ids = FixedSizeBinaryArray::try_new(16, ids.into(), None)?;
            Ok(Arc::new(ids))
        }
        column::IMPORT => {
            let imports = made.iter().map(|made| made.import);
            Ok(Arc::new(Int64Array::from_iter_values(imports)))
        }
        column::VERSION
        | column::CONTENT
        | column::LINE
        | column::MAPPING
        | column::RECEIVED_AT => of(&|made| made.by),
        _ => of(&|made| made.other),
    }
}

/// A column in which changes say something of their own.
fn of_change(
    name: &str,
    kind: &str,
    names: &[String],
    rows: &RecordBatch,
    made: &[Made],
) -> Option<Result<ArrayRef, ArrowError>> {
    let when = || {
        made.iter()
            .map(|made| made.change.as_ref().map(|(when, _)| *when))
    };
    Some(Ok(match name {
        column::KIND => Arc::new(StringArray::from(vec![kind; made.len()])),
        column::AT => Arc::new(moments_of(when().map(|when| when.map(|when| when.at)))),
        column::NOT_BEFORE => {
            let moments = when().map(|when| when.and_then(|when| when.not_before));
            Arc::new(moments_of(moments))
        }
        // It was told in no zone of the source's.
        column::AT_OFFSET => Arc::new(Int32Array::from_value(0, made.len())),
        column::AT_NOTE => {
            let is_open = |when: Option<When>| when.is_some_and(|when| when.not_before.is_some());
            let notes = when().map(|when| is_open(when).then_some("between"));
            Arc::new(StringArray::from_iter(notes))
        }
        column::CHANGED => changed(names, made),
        column::WAS => return Some(values(names, rows, made, |_, was| was)),
        column::BECAME => return Some(values(names, rows, made, |now, _| now)),
        _ => return None,
    }))
}

fn moments_of(moments: impl Iterator<Item = Option<i64>>) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from_iter(moments).with_timezone("UTC")
}

/// The names of what changed.
fn changed(names: &[String], made: &[Made]) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for made in made {
        for (property, _) in made.change.iter().flat_map(|(_, was)| was) {
            lists.values().append_value(&names[*property]);
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}

/// What changed as JSON: as it is in one of two rows, that of now and that of before.
fn values(
    names: &[String],
    rows: &RecordBatch,
    made: &[Made],
    row: impl Fn(u32, u32) -> u32,
) -> Result<ArrayRef, ArrowError> {
    let texts = made.iter().map(|made| {
        let changed = made.change.iter().flat_map(|(_, was)| was);
        let changed = changed.map(|(property, was)| {
            let name = &names[*property];
            let row = row(made.values[*property], *was) as usize;
            let column = rows.column_by_name(name);
            let value = column.map_or(Ok(Value::Null), |column| value(column, row));
            Ok((name.clone(), value?))
        });
        let object: serde_json::Map<String, Value> = changed.collect::<Result<_, ArrowError>>()?;
        Ok(Value::Object(object).to_string())
    });
    let texts: Result<Vec<String>, ArrowError> = texts.collect();
    Ok(Arc::new(StringArray::from_iter_values(texts?)))
}

fn value(column: &ArrayRef, row: usize) -> Result<Value, ArrowError> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Float64 => {
            let numbers = column.as_primitive::<Float64Type>();
            numbers.value(row).into()
        }
        DataType::List(_) => {
            let texts = column.as_list::<i32>().value(row);
            let texts = texts.as_string::<i32>();
            texts
                .iter()
                .map(|text| text.map_or(Value::Null, Value::from))
                .collect()
        }
        DataType::Timestamp(..) => {
            let moments = column.as_primitive::<TimestampMicrosecondType>();
            let moment = time::from_micros(moments.value(row));
            moment.map_or(Value::Null, |moment| moment.to_string().into())
        }
        _ => {
            let formatter = ArrayFormatter::try_new(column, &FormatOptions::default())?;
            formatter.value(row).try_to_string()?.into()
        }
    })
}
