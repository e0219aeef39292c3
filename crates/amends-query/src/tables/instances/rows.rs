//! Instances as columns.

use std::sync::Arc;

use amends_model::event::{id_type, moment_type};
use amends_model::{Problem, Result, State};
use amends_promises::Kept;
use arrow::array::{
    ArrayRef, AsArray, ListBuilder, RecordBatch, RecordBatchOptions, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt8Type};

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

/// The columns in which instances are kept that some of the columns above are made of.
pub(super) fn needed<'a>(kept: &'a Kept, wanted: &'a Schema) -> Vec<&'a str> {
    let mut names = Vec::new();
    for field in wanted.fields() {
        match field.name().as_str() {
            "promise" | "version" => {}
            "attributes" => names.extend(attribute_columns(kept)),
            name => names.push(name),
        }
    }
    names
}

/// A batch of kept instances in some of the columns above.
///
/// # Errors
/// `AM0804` when a column is missing.
pub(super) fn shown(kept: &Kept, batch: &RecordBatch, wanted: &SchemaRef) -> Result<RecordBatch> {
    let missing = |name: &str| {
        Problem::new("AM0804", "a replay lacks a column of its instances").detail(name.to_owned())
    };
    let rows = batch.num_rows();
    let same = |text: &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
            text, rows,
        )))
    };
    let columns = wanted.fields().iter().map(|field| {
        let name = field.name().as_str();
        let column = match name {
            "promise" => Some(same(&kept.promise)),
            "version" => Some(same(&kept.version)),
            "state" => states(batch),
            "attributes" => attributes(kept, batch),
            name => batch.column_by_name(name).cloned(),
        };
        column.ok_or_else(|| missing(name))
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(wanted), columns, &options).map_err(|error| {
        Problem::new("AM0804", "a replay gives its instances in other columns").because(error)
    })
}

fn states(batch: &RecordBatch) -> Option<ArrayRef> {
    let codes = batch.column_by_name("state")?;
    let codes = codes.as_primitive_opt::<UInt8Type>()?.values().iter();
    let words = codes.map(|code| {
        State::ALL
            .get(usize::from(*code))
            .map(|state| state.as_str())
    });
    Some(Arc::new(words.collect::<StringArray>()))
}

/// Attributes are the last of the columns in which instances are kept, in their order.
fn attribute_columns(kept: &Kept) -> impl Iterator<Item = &str> {
    let fields = kept.columns().fields();
    let first = fields.len().saturating_sub(kept.attributes.len());
    fields[first..].iter().map(|field| field.name().as_str())
}

/// `name=value` for each value of each attribute.
fn attributes(kept: &Kept, batch: &RecordBatch) -> Option<ArrayRef> {
    let values: Vec<_> = attribute_columns(kept)
        .map(|name| batch.column_by_name(name)?.as_list_opt::<i32>())
        .collect::<Option<_>>()?;
    let item = Field::new_list_field(DataType::Utf8, false);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(item));
    for row in 0..batch.num_rows() {
        for (name, column) in kept.attributes.iter().zip(&values) {
            let texts = column.value(row);
            for text in texts.as_string_opt::<i32>()?.iter().flatten() {
                lists.values().append_value(format!("{name}={text}"));
            }
        }
        lists.append(true);
    }
    Some(Arc::new(lists.finish()))
}
