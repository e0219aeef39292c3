//! The columns of events: checked when they are staged, united over parts, fitted when they are read.

use std::sync::Arc;

use amends_model::Result;
use amends_model::event::{self, column};
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, UInt32Array, new_null_array,
};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use rayon::prelude::*;

use crate::trouble;

/// The properties of a kind or of a part: names and types, in order.
pub(crate) type Properties = Vec<(String, DataType)>;

/// The whole schema that goes with properties.
///
/// # Errors
/// `AM0010` when a property has the name of another column.
pub(crate) fn schema(properties: &Properties) -> Result<SchemaRef> {
    event::schema(properties)
}

/// The properties among a schema's columns.
pub(crate) fn properties(schema: &SchemaRef) -> Properties {
    let fields = schema.fields().iter();
    fields
        .filter(|field| !event::is_reserved(field.name()))
        .map(|field| (field.name().clone(), field.data_type().clone()))
        .collect()
}

/// Checks a staged batch and puts its columns in the order in which they are kept.
///
/// # Errors
/// `AM0408` when a column is missing, is of another type or has nulls where there may be none.
pub(crate) fn checked(batch: &RecordBatch) -> Result<RecordBatch> {
    let properties = properties(&batch.schema());
    for (name, of) in &properties {
        if event::property_type(of).as_ref() != Some(of) {
            return Err(trouble::misfit(format!(
                "the property {name:?} is of type {of}, in which properties are not kept"
            )));
        }
    }
    let schema = schema(&properties)?;
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let name = field.name();
        let Some(column) = batch.column_by_name(name) else {
            return Err(trouble::misfit(format!("the column {name:?} is missing")));
        };
        if column.data_type() != field.data_type() {
            return Err(trouble::misfit(format!(
                "the column {name:?} is of type {} and should be {}",
                column.data_type(),
                field.data_type()
            )));
        }
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(trouble::misfit(format!("the column {name:?} has nulls")));
        }
        columns.push(column.clone());
    }
    RecordBatch::try_new(schema, columns).map_err(|error| trouble::misfit(error.to_string()))
}

/// The type that can say what either of two can.
fn united(left: &DataType, right: &DataType) -> DataType {
    match (left, right) {
        (left, right) if left == right => left.clone(),
        (DataType::Int64, DataType::Float64) | (DataType::Float64, DataType::Int64) => {
            DataType::Float64
        }
        _ => DataType::Utf8,
    }
}

/// Adds properties to others: new ones at the end, those of two types in a type that can say both.
pub(crate) fn unite(into: &mut Properties, more: &Properties) {
    for (name, of) in more {
        match into.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = united(known, of),
            None => into.push((name.clone(), of.clone())),
        }
    }
}

/// Whether two parts can become one without changing the type of any value.
pub(crate) fn agree(left: &Properties, right: &Properties) -> bool {
    left.iter().all(|(name, of)| {
        let other = right.iter().find(|(known, _)| known == name);
        other.is_none_or(|(_, other)| other == of)
    })
}

/// The columns of a batch as a schema wants them: missing ones null, others in its types.
///
/// # Errors
/// When a value cannot be said in the wanted type, which no unity of types asks for.
pub(crate) fn fitted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let columns: Result<Vec<ArrayRef>, ArrowError> = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            None => Ok(new_null_array(field.data_type(), rows)),
            Some(column) => as_type(column, field.data_type()),
        })
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), columns?, &options)
}

/// Rows of a batch in another order, columns side by side.
///
/// # Errors
/// `AM0408` when there is no such row.
pub(crate) fn taken(batch: &RecordBatch, rows: &UInt32Array) -> Result<RecordBatch> {
    let columns = batch.columns().par_iter();
    columns
        .map(|column| take(column, rows, None))
        .collect::<Result<_, _>>()
        .and_then(|columns| RecordBatch::try_new(batch.schema(), columns))
        .map_err(|error| trouble::misfit(error.to_string()))
}

/// Batches one behind the other in the columns of a schema, columns side by side.
///
/// # Errors
/// As [`fitted`].
pub(crate) fn joined(
    batches: &[RecordBatch],
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    let fitted: Result<Vec<_>, _> = batches.par_iter().map(|one| fitted(one, schema)).collect();
    let fitted = fitted?;
    let columns = (0..schema.fields().len()).into_par_iter().map(|column| {
        let parts: Vec<&dyn Array> = fitted.iter().map(|one| &**one.column(column)).collect();
        concat(&parts)
    });
    RecordBatch::try_new(schema.clone(), columns.collect::<Result<_, _>>()?)
}

fn as_type(column: &ArrayRef, of: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == of {
        return Ok(column.clone());
    }
    if !matches!(column.data_type(), DataType::List(_)) {
        return cast(column, of);
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let texts: StringArray = (0..column.len())
        .map(|row| {
            column
                .is_valid(row)
                .then(|| formatter.value(row).to_string())
        })
        .collect();
    Ok(Arc::new(texts))
}

/// Types as the catalog writes them.
fn words() -> [(&'static str, DataType); 7] {
    [
        ("text", DataType::Utf8),
        ("integer", DataType::Int64),
        ("number", DataType::Float64),
        ("boolean", DataType::Boolean),
        ("date", DataType::Date32),
        ("moment", event::moment_type()),
        ("texts", event::texts_type()),
    ]
}

/// Properties as the catalog keeps them: a JSON list of name and type. Types in which no property is kept are called text.
pub(crate) fn to_text(properties: &Properties) -> String {
    let words = words();
    let pairs = properties.iter().map(|(name, of)| {
        let word = words.iter().find(|(_, known)| known == of);
        serde_json::json!([name, word.map_or("text", |(word, _)| word)])
    });
    serde_json::Value::from_iter(pairs).to_string()
}

/// Reads what `to_text` wrote.
///
/// # Errors
/// `AM0406` when it is not that.
pub(crate) fn from_text(text: &str) -> Result<Properties> {
    let wrong = || {
        let why = format!("these are no properties: {text}");
        trouble::unreadable("the catalog", why)
    };
    let pairs: Vec<(String, String)> = serde_json::from_str(text).map_err(|_| wrong())?;
    let words = words();
    let typed = pairs.into_iter().map(|(name, word)| {
        let known = words.iter().find(|(known, _)| *known == word);
        known.map(|(_, of)| (name, of.clone())).ok_or_else(wrong)
    });
    typed.collect()
}

/// A column of sixteen-byte ids.
///
/// # Errors
/// `AM0408` when the batch has none of that name.
pub(crate) fn ids<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a FixedSizeBinaryArray> {
    let column = batch.column_by_name(name);
    column
        .and_then(|column| column.as_fixed_size_binary_opt())
        .filter(|column| column.value_length() == 16)
        .ok_or_else(|| trouble::misfit(format!("the column {name:?} is missing")))
}

/// The sixteen bytes at a row as one big-endian number.
pub(crate) fn id_at(column: &FixedSizeBinaryArray, row: usize) -> u128 {
    column.value(row).try_into().map_or(0, u128::from_be_bytes)
}

/// A column of integers.
///
/// # Errors
/// `AM0408` when the batch has none of that name.
pub(crate) fn integers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    let column = batch.column_by_name(name);
    column
        .and_then(|column| column.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| trouble::misfit(format!("the column {name:?} is missing")))
}

/// The column `at` in microseconds.
///
/// # Errors
/// `AM0408` when the batch has none.
pub(crate) fn moments(batch: &RecordBatch) -> Result<&[i64]> {
    let column = batch.column_by_name(column::AT);
    column
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .map(|column| column.values().as_ref())
        .ok_or_else(|| trouble::misfit("the column \"at\" is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, ListBuilder, StringBuilder};
    use arrow::datatypes::{Field, Schema};

    #[test]
    fn properties_read_what_they_wrote() {
        let properties: Properties = vec![
            ("a \"quoted\" name".into(), DataType::Utf8),
            ("b".into(), DataType::Int64),
            ("c".into(), DataType::Float64),
            ("d".into(), DataType::Boolean),
            ("e".into(), DataType::Date32),
            ("f".into(), event::moment_type()),
            ("g".into(), event::texts_type()),
        ];
        assert_eq!(from_text(&to_text(&properties)).unwrap(), properties);
        assert_eq!(
            from_text("[[\"a\",\"blob\"]]").unwrap_err().code(),
            "AM0406"
        );
    }

    #[test]
    fn types_unite_in_what_can_say_both() {
        let mut all: Properties = vec![("a".into(), DataType::Int64)];
        let more: Properties = vec![
            ("b".into(), DataType::Date32),
            ("a".into(), DataType::Float64),
        ];
        assert!(!agree(&all, &more));
        unite(&mut all, &more);
        assert_eq!(all[0].1, DataType::Float64);
        unite(&mut all, &vec![("a".into(), event::texts_type())]);
        assert_eq!(all[0].1, DataType::Utf8);
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn values_are_said_in_the_united_type() {
        let mut sellers = ListBuilder::new(StringBuilder::new());
        sellers.append_value([Some("x"), Some("y")]);
        sellers.append_null();
        let batch = RecordBatch::try_from_iter([
            (
                "n",
                Arc::new(Float64Array::from(vec![1.5, 2.0])) as ArrayRef,
            ),
            ("l", Arc::new(sellers.finish()) as ArrayRef),
        ])
        .unwrap();
        let fields = ["n", "l", "none"].map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.to_vec()));
        let fitted = fitted(&batch, &schema).unwrap();
        assert_eq!(fitted.column(0).as_string::<i32>().value(0), "1.5");
        assert_eq!(fitted.column(1).as_string::<i32>().value(0), "[x, y]");
        assert!(fitted.column(1).is_null(1));
        assert_eq!(fitted.column(2).null_count(), 2);
    }
}
