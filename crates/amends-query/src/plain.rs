//! Columns leave a session in the types that the ledger's columns have: text as `Utf8`, never as a view.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

/// The batch with views of text and bytes turned into plain columns.
pub(crate) fn plain(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    if schema
        .fields()
        .iter()
        .all(|field| plain_type(field.data_type()).is_none())
    {
        return Ok(batch);
    }
    let mut fields = Vec::with_capacity(schema.fields().len());
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        match plain_type(field.data_type()) {
            Some(plain) => {
                columns.push(cast(column, &plain)?);
                fields.push(Arc::new(field.as_ref().clone().with_data_type(plain)));
            }
            None => {
                columns.push(Arc::clone(column));
                fields.push(Arc::clone(field));
            }
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The plain type of a view; `None` for what is plain already.
fn plain_type(of: &DataType) -> Option<DataType> {
    Some(match of {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(item) => {
            let plain = plain_type(item.data_type())?;
            DataType::List(Arc::new(Field::new(item.name(), plain, item.is_nullable())))
        }
        _ => return None,
    })
}
