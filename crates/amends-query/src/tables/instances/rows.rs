//! Instances as columns.

use std::sync::Arc;

use amends_model::event::{id_type, moment_type};
use amends_model::{Problem, Result};
use amends_promises::Replay;
use arrow::array::{ArrayRef, AsArray, ListBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// The columns of instances before their customers are resolved.
pub fn schema() -> SchemaRef {
    let texts = Field::new_list_field(DataType::Utf8, false);
    let ids = Field::new_list_field(id_type(), false);
    Arc::new(Schema::new(vec![
        Field::new("promise", DataType::Utf8, false),
        Field::new("version", DataType::Utf8, false),
        Field::new("about", DataType::Utf8, false),
        Field::new("identifier", id_type(), false),
        Field::new("state", DataType::Utf8, false),
        Field::new("opened_at", moment_type(), false),
        Field::new("due_at", moment_type(), false),
        Field::new("paused_since", moment_type(), true),
        Field::new("closed_at", moment_type(), true),
        Field::new("could_have_known", moment_type(), true),
        Field::new("late_by_us", DataType::Int64, true),
        Field::new("serious", DataType::Int64, false),
        Field::new("attributes", DataType::List(Arc::new(texts)), false),
        Field::new("proof", DataType::List(Arc::new(ids)), false),
    ]))
}

/// The instances of one promise, as a replay gives them, in these columns.
///
/// # Errors
/// `AM0705` when there are more than fit into one batch.
pub fn batch(replay: &Replay) -> Result<RecordBatch> {
    let whole = replay.to_batch()?;
    let missing = |name: &str| {
        Problem::new("AM0804", "a replay lacks a column of its instances").detail(name.to_owned())
    };
    let schema = schema();
    let columns = schema.fields().iter().map(|field| {
        if field.name() == "attributes" {
            return attributes(replay, &whole).ok_or_else(|| missing("attributes"));
        }
        let column = whole.column_by_name(field.name());
        column.cloned().ok_or_else(|| missing(field.name()))
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| {
        Problem::new("AM0804", "a replay gives its instances in other columns").because(error)
    })
}

/// `name=value` for each value of each attribute. Attributes are the last columns of a replay, in their order.
fn attributes(replay: &Replay, whole: &RecordBatch) -> Option<ArrayRef> {
    let first = whole.num_columns().checked_sub(replay.attributes.len())?;
    let values = whole.columns()[first..].iter();
    let values: Vec<_> = values
        .map(|column| column.as_list_opt::<i32>())
        .collect::<Option<_>>()?;
    let item = Field::new_list_field(DataType::Utf8, false);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(item));
    for row in 0..whole.num_rows() {
        for (name, column) in replay.attributes.iter().zip(&values) {
            let texts = column.value(row);
            for text in texts.as_string_opt::<i32>()?.iter().flatten() {
                lists.values().append_value(format!("{name}={text}"));
            }
        }
        lists.append(true);
    }
    Some(Arc::new(lists.finish()))
}
