//! The columns of instances: those that are kept, and those that are shown.

use std::sync::Arc;

use amends_model::event::{id_type, moment_type};
use amends_model::{Problem, Result};
use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::{Replay, rows};
use crate::attributes::attribute_type;

/// Where each kept column stands.
pub(crate) mod at {
    pub(crate) const ABOUT: usize = 0;
    pub(crate) const IDENTIFIER: usize = 1;
    pub(crate) const STATE: usize = 2;
    pub(crate) const OPENED_AT: usize = 3;
    pub(crate) const DUE_AT: usize = 4;
    pub(crate) const PAUSED_SINCE: usize = 5;
    pub(crate) const CLOSED_AT: usize = 6;
    pub(crate) const COULD_HAVE_KNOWN: usize = 7;
    pub(crate) const LATE_BY: usize = 8;
    pub(crate) const SERIOUS: usize = 9;
    pub(crate) const PROOF: usize = 10;
    pub(crate) const ATTRIBUTES: usize = 11;
}

/// The kept columns. The state is its place in `State::ALL`.
pub(crate) fn schema(attributes: &[String]) -> SchemaRef {
    let mut fields = vec![
        Field::new("about", DataType::Utf8, false),
        Field::new("identifier", id_type(), false),
        Field::new("state", DataType::UInt8, false),
        Field::new("opened_at", moment_type(), false),
        Field::new("due_at", moment_type(), false),
        Field::new("paused_since", moment_type(), true),
        Field::new("closed_at", moment_type(), true),
        Field::new("could_have_known", moment_type(), true),
        Field::new("late_by_us", DataType::Int64, true),
        Field::new("serious", DataType::Int64, false),
        Field::new("proof", proof_type(), false),
    ];
    let fixed: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    fields.extend(attributes.iter().map(|name| {
        let hides =
            fixed.contains(name) || ["promise", "version", "touchpoint"].contains(&name.as_str());
        let name = if hides {
            format!("attribute_{name}")
        } else {
            name.clone()
        };
        Field::new(name, attribute_type(), false)
    }));
    Arc::new(Schema::new(fields))
}

pub(crate) fn proof_type() -> DataType {
    DataType::List(proof_item())
}

pub(crate) fn proof_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(id_type(), false))
}

/// The columns that are shown.
pub(crate) fn whole_schema(attributes: &[String]) -> SchemaRef {
    let kept = schema(attributes);
    let mut fields = vec![
        Arc::new(Field::new("promise", DataType::Utf8, false)),
        Arc::new(Field::new("version", DataType::Utf8, false)),
        Arc::new(Field::new("touchpoint", DataType::Utf8, true)),
    ];
    fields.extend(kept.fields().iter().cloned());
    fields[3 + at::STATE] = Arc::new(Field::new("state", DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}

/// All instances of a replay, shown.
pub(crate) fn whole(replay: &Replay) -> Result<RecordBatch> {
    let all = concat_batches(&replay.columns, &replay.batches).map_err(too_many)?;
    let same = |text: Option<&str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(std::iter::repeat_n(
            text,
            all.num_rows(),
        )))
    };
    let mut columns = vec![
        same(Some(&replay.promise)),
        same(Some(&replay.version)),
        same(replay.touchpoint.as_deref()),
    ];
    columns.extend(all.columns().iter().cloned());
    let states = rows::states(&all).map(|state| Some(state.as_str()));
    columns[3 + at::STATE] = Arc::new(states.collect::<StringArray>());
    RecordBatch::try_new(whole_schema(&replay.attributes), columns).map_err(too_many)
}

fn too_many(error: ArrowError) -> Problem {
    Problem::new(
        "AM0705",
        "the instances of a promise do not fit their columns",
    )
    .because(error)
}

/// Whether every column of a batch has as many rows as the first: a guard for what is built by hand.
pub(crate) fn built(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    debug_assert!(
        columns
            .iter()
            .all(|column| column.len() == columns[0].len())
    );
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(too_many)
}
