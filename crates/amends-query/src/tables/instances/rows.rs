//! Instances as columns.

use std::sync::Arc;

use amends_model::event::{id_type, moment_type};
use amends_model::time;
use amends_promises::{Instance, Replay};
use arrow::array::{
    ArrayRef, FixedSizeBinaryBuilder, Int64Array, ListBuilder, RecordBatch, StringArray,
    StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use jiff::Timestamp;

/// The columns of instances before their customers are resolved.
pub fn schema() -> SchemaRef {
    let texts = Field::new_list_field(DataType::Utf8, false);
    let ids = Field::new_list_field(id_type(), false);
    Arc::new(Schema::new(vec![
        Field::new("promise", DataType::Utf8, false),
        Field::new("about", DataType::Utf8, false),
        Field::new("identifier", id_type(), false),
        Field::new("state", DataType::Utf8, false),
        Field::new("opened_at", moment_type(), false),
        Field::new("due_at", moment_type(), false),
        Field::new("closed_at", moment_type(), true),
        Field::new("could_have_known", moment_type(), true),
        Field::new("late_by_us", DataType::Int64, true),
        Field::new("serious", DataType::Int64, false),
        Field::new("attributes", DataType::List(Arc::new(texts)), false),
        Field::new("proof", DataType::List(Arc::new(ids)), false),
    ]))
}

/// The instances of one promise as a batch; `names` are the names of its attributes.
///
/// # Errors
/// When memory does not suffice.
pub fn batch(replay: &Replay, names: &[String]) -> Result<RecordBatch, ArrowError> {
    let all: Vec<Instance> = replay.instances().collect();
    let all = all.as_slice();
    let promise = all.iter().map(|_| Some(replay.promise.as_str()));
    let mut identifiers = FixedSizeBinaryBuilder::with_capacity(all.len(), 16);
    for one in all {
        identifiers.append_value(one.identifier.0)?;
    }
    let abouts = all.iter().map(|one| Some(one.about.as_str()));
    let states = all.iter().map(|one| Some(one.state.as_str()));
    let late = |one: &Instance| {
        let late_by = one.late_by?;
        i64::try_from(late_by.as_micros()).ok()
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(promise.collect::<StringArray>()),
        Arc::new(abouts.collect::<StringArray>()),
        Arc::new(identifiers.finish()),
        Arc::new(states.collect::<StringArray>()),
        moments(all, |one| Some(one.opened_at)),
        moments(all, |one| Some(one.due_at)),
        moments(all, |one| one.closed_at),
        moments(all, |one| one.could_have_known),
        Arc::new(all.iter().map(late).collect::<Int64Array>()),
        Arc::new(
            all.iter()
                .map(|one| Some(i64::from(one.serious)))
                .collect::<Int64Array>(),
        ),
        attributes(all, names),
        proof(all)?,
    ];
    RecordBatch::try_new(schema(), columns)
}

fn moments(all: &[Instance], of: impl Fn(&Instance) -> Option<Timestamp>) -> ArrayRef {
    let moments = all.iter().map(|one| of(one).map(time::micros));
    let moments: TimestampMicrosecondArray = moments.collect();
    Arc::new(moments.with_timezone("UTC"))
}

fn attributes(all: &[Instance], names: &[String]) -> ArrayRef {
    let item = Field::new_list_field(DataType::Utf8, false);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(item));
    for one in all {
        for (name, values) in names.iter().zip(&one.attributes) {
            for value in values {
                lists.values().append_value(format!("{name}={value}"));
            }
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn proof(all: &[Instance]) -> Result<ArrayRef, ArrowError> {
    let item = Field::new_list_field(id_type(), false);
    let mut lists = ListBuilder::new(FixedSizeBinaryBuilder::new(16)).with_field(Arc::new(item));
    for one in all {
        for event in &one.proof {
            lists.values().append_value(event.0)?;
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
