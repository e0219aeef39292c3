//! A single value of an event's column: what an open promise keeps of its opening event, so that its seriousness can be judged later.

use std::sync::Arc;

use amends_model::event;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, FixedSizeBinaryBuilder, Float64Array,
    Int32Array, Int64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray,
    new_null_array,
};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use serde::{Deserialize, Serialize};

/// One value of a column of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// None.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, as its bits: a checkpoint gives back exactly what it was given, whatever it is.
    Number(u64),
    /// True or false.
    Boolean(bool),
    /// A day, as days since 1970.
    Date(i32),
    /// A moment, in microseconds of UTC.
    Moment(i64),
    /// Several texts.
    Texts(Vec<Option<String>>),
    /// An id.
    Id([u8; 16]),
}

impl Value {
    /// The value in one row of a column of an event; null where the column has a type that events do not have.
    pub fn read(column: &ArrayRef, row: usize) -> Self {
        if column.is_null(row) {
            return Value::Null;
        }
        match column.data_type() {
            DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
            DataType::Int64 => Value::Integer(column.as_primitive::<Int64Type>().value(row)),
            DataType::Int32 => Value::Integer(column.as_primitive::<Int32Type>().value(row).into()),
            DataType::Float64 => {
                Value::Number(column.as_primitive::<Float64Type>().value(row).to_bits())
            }
            DataType::Boolean => Value::Boolean(column.as_boolean().value(row)),
            DataType::Date32 => Value::Date(column.as_primitive::<Date32Type>().value(row)),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Value::Moment(column.as_primitive::<TimestampMicrosecondType>().value(row))
            }
            DataType::List(item) if *item.data_type() == DataType::Utf8 => {
                let texts = column.as_list::<i32>().value(row);
                let texts = texts.as_string::<i32>().iter();
                Value::Texts(texts.map(|text| text.map(str::to_owned)).collect())
            }
            DataType::FixedSizeBinary(16) => {
                let bytes = column.as_fixed_size_binary().value(row);
                bytes.try_into().map_or(Value::Null, Value::Id)
            }
            _ => Value::Null,
        }
    }

    /// A column of values; those of another type are null.
    pub fn column(values: &[&Value], of: &DataType) -> ArrayRef {
        let values = values.iter().copied();
        match of {
            DataType::Utf8 => Arc::new(values.map(Value::text).collect::<StringArray>()),
            DataType::Int64 => Arc::new(values.map(Value::integer).collect::<Int64Array>()),
            DataType::Int32 => {
                let narrow =
                    |value: &Value| value.integer().and_then(|whole| whole.try_into().ok());
                Arc::new(values.map(narrow).collect::<Int32Array>())
            }
            DataType::Float64 => Arc::new(values.map(Value::number).collect::<Float64Array>()),
            DataType::Boolean => Arc::new(values.map(Value::boolean).collect::<BooleanArray>()),
            DataType::Date32 => Arc::new(values.map(Value::date).collect::<Date32Array>()),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let moments: TimestampMicrosecondArray = values.map(Value::moment).collect();
                Arc::new(moments.with_timezone_opt(zone.clone()))
            }
            texts if *texts == event::texts_type() => text_lists(values),
            DataType::FixedSizeBinary(16) => ids(values),
            other => new_null_array(other, values.len()),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(whole) => Some(*whole),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Number(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    fn boolean(&self) -> Option<bool> {
        match self {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    fn date(&self) -> Option<i32> {
        match self {
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }

    fn moment(&self) -> Option<i64> {
        match self {
            Value::Moment(micros) => Some(*micros),
            _ => None,
        }
    }
}

fn text_lists<'a>(values: impl Iterator<Item = &'a Value>) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for value in values {
        match value {
            Value::Texts(texts) => lists.append_value(texts.iter().map(Option::as_deref)),
            _ => lists.append_null(),
        }
    }
    Arc::new(lists.finish())
}

fn ids<'a>(values: impl Iterator<Item = &'a Value>) -> ArrayRef {
    let mut ids = FixedSizeBinaryBuilder::new(16);
    for value in values {
        match value {
            // Sixteen bytes always fit.
            Value::Id(bytes) if ids.append_value(bytes).is_ok() => {}
            _ => ids.append_null(),
        }
    }
    Arc::new(ids.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_values_is_the_column_that_they_were_read_from() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), None]);
        lists.append_null();
        let moments = TimestampMicrosecondArray::from(vec![Some(7), None]).with_timezone("UTC");
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("a"), None])),
            Arc::new(Int64Array::from(vec![Some(1), None])),
            Arc::new(Int32Array::from(vec![Some(1), None])),
            Arc::new(Float64Array::from(vec![Some(f64::INFINITY), None])),
            Arc::new(BooleanArray::from(vec![Some(true), None])),
            Arc::new(Date32Array::from(vec![Some(17), None])),
            Arc::new(moments),
            Arc::new(lists.finish()),
        ];
        for column in columns {
            let values = [Value::read(&column, 0), Value::read(&column, 1)];
            let again = Value::column(&[&values[0], &values[1]], column.data_type());
            assert_eq!(&again, &column);
        }
    }
}
