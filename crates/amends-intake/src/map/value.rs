//! The values of a column, one by one: as bytes to be hashed, and as JSON.

use amends_model::event::moment_type;
use amends_model::event::property_type;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, GenericListArray,
    Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::Timestamp;
use jiff::civil::Date;

/// A column of one of the types in which properties are kept.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// Text.
    Text(StringArray),
    /// Whole numbers.
    Integer(Int64Array),
    /// Numbers.
    Number(Float64Array),
    /// Yes and no.
    Boolean(BooleanArray),
    /// Days.
    Date(Date32Array),
    /// Moments.
    Moment(TimestampMicrosecondArray),
    /// Several texts.
    Texts(GenericListArray<i32>),
}

impl Values {
    /// The values of any column; what has no type of ours is shown as text.
    ///
    /// # Errors
    /// When the column cannot be cast, such as a list of lists.
    pub(crate) fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        let Some(to) = property_type(column.data_type()) else {
            return Ok(Self::Text(shown(column)?));
        };
        let column = if *column.data_type() == to {
            column.clone()
        } else {
            cast(column, &to)?
        };
        Ok(match to {
            DataType::Int64 => Self::Integer(column.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Self::Number(column.as_primitive::<Float64Type>().clone()),
            DataType::Boolean => Self::Boolean(column.as_boolean().clone()),
            DataType::Date32 => Self::Date(column.as_primitive::<Date32Type>().clone()),
            DataType::List(_) => Self::Texts(column.as_list::<i32>().clone()),
            of if of == moment_type() => {
                Self::Moment(column.as_primitive::<TimestampMicrosecondType>().clone())
            }
            _ => Self::Text(column.as_string::<i32>().clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(array) => array,
            Self::Integer(array) => array,
            Self::Number(array) => array,
            Self::Boolean(array) => array,
            Self::Date(array) => array,
            Self::Moment(array) => array,
            Self::Texts(array) => array,
        }
    }

    /// Whether a row has a value.
    pub(crate) fn is_there(&self, row: usize) -> bool {
        self.array().is_valid(row)
    }

    /// Appends a row's value, which must be there, as bytes that no other value has.
    pub(crate) fn write(&self, row: usize, into: &mut Vec<u8>) {
        match self {
            Self::Text(array) => text(b't', array.value(row), into),
            Self::Integer(array) => fixed(b'i', array.value(row), into),
            // All ways to write zero are one.
            Self::Number(array) => fixed(b'n', (array.value(row) + 0.0).to_bits() as i64, into),
            Self::Boolean(array) => fixed(b'b', array.value(row).into(), into),
            Self::Date(array) => fixed(b'd', array.value(row).into(), into),
            Self::Moment(array) => fixed(b'm', array.value(row), into),
            Self::Texts(array) => {
                let items = array.value(row);
                let items = items.as_string::<i32>();
                fixed(b'l', items.len() as i64, into);
                for item in items {
                    match item {
                        Some(item) => text(b't', item, into),
                        None => into.push(b'0'),
                    }
                }
            }
        }
    }

    /// Appends a row's value, which must be there, as JSON.
    pub(crate) fn write_json(&self, row: usize, into: &mut String) {
        match self {
            Self::Text(array) => quoted(array.value(row), into),
            Self::Integer(array) => into.push_str(&array.value(row).to_string()),
            Self::Number(array) => {
                into.push_str(&serde_json::Value::from(array.value(row)).to_string())
            }
            Self::Boolean(array) => into.push_str(if array.value(row) { "true" } else { "false" }),
            Self::Date(array) => quoted(&day(array.value(row)), into),
            Self::Moment(array) => quoted(&moment(array.value(row)), into),
            Self::Texts(array) => {
                let items = array.value(row);
                let items: Vec<_> = items.as_string::<i32>().iter().collect();
                into.push_str(&serde_json::Value::from(items).to_string());
            }
        }
    }
}

fn shown(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let text = |row| {
        column
            .is_valid(row)
            .then(|| formatter.value(row).to_string())
    };
    Ok((0..column.len()).map(text).collect())
}

fn text(tag: u8, text: &str, into: &mut Vec<u8>) {
    fixed(tag, text.len() as i64, into);
    into.extend_from_slice(text.as_bytes());
}

fn fixed(tag: u8, value: i64, into: &mut Vec<u8>) {
    into.push(tag);
    into.extend_from_slice(&value.to_le_bytes());
}

/// Appends a text as a JSON string. Most texts have nothing in them that JSON writes otherwise.
pub(crate) fn quoted(text: &str, into: &mut String) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f;
    if text.bytes().all(plain) {
        into.push('"');
        into.push_str(text);
        into.push('"');
    } else {
        into.push_str(&serde_json::Value::from(text).to_string());
    }
}

fn day(days: i32) -> String {
    let midnight = Timestamp::from_second(i64::from(days) * 86_400);
    midnight.map_or_else(
        |_| days.to_string(),
        |midnight| Date::from(jiff::tz::Offset::UTC.to_datetime(midnight)).to_string(),
    )
}

fn moment(micros: i64) -> String {
    Timestamp::from_microsecond(micros)
        .map_or_else(|_| micros.to_string(), |moment| moment.to_string())
}

/// Columns by name, in order of their names, so that the order of a file's columns changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Named {
    columns: Vec<(String, Values)>,
}

impl Named {
    /// Columns by name.
    ///
    /// # Errors
    /// When a column cannot be cast.
    pub(crate) fn of<'a>(
        columns: impl Iterator<Item = (&'a str, &'a ArrayRef)>,
    ) -> Result<Self, ArrowError> {
        let mut columns = columns
            .map(|(name, column)| Ok((name.to_owned(), Values::of(column)?)))
            .collect::<Result<Vec<_>, ArrowError>>()?;
        columns.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { columns })
    }

    /// Appends what is there in a row. An empty column says nothing, so that a new one changes nothing.
    pub(crate) fn write(&self, row: usize, into: &mut Vec<u8>) {
        for (name, values) in &self.columns {
            if values.is_there(row) {
                text(b'=', name, into);
                values.write(row, into);
            }
        }
    }

    /// What is there in a row as a JSON object; `None` where nothing is. `more` is another object's text that is taken in.
    pub(crate) fn json(&self, row: usize, more: Option<&str>) -> Option<String> {
        let mut json = String::new();
        for (name, values) in &self.columns {
            if values.is_there(row) {
                json.push(if json.is_empty() { '{' } else { ',' });
                quoted(name, &mut json);
                json.push(':');
                values.write_json(row, &mut json);
            }
        }
        match more.and_then(|more| more.strip_prefix('{')) {
            Some(more) => {
                json.push(if json.is_empty() { '{' } else { ',' });
                json.push_str(more);
            }
            None if json.is_empty() => return None,
            None => json.push('}'),
        }
        Some(json)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn columns() -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("b", Arc::new(StringArray::from(vec![Some("x\"y"), None]))),
            ("a", Arc::new(Int64Array::from(vec![Some(-1), None]))),
            ("d", Arc::new(Date32Array::from(vec![Some(1), None]))),
            ("n", Arc::new(Float64Array::from(vec![Some(-0.0), None]))),
        ]
    }

    #[test]
    fn what_is_there_is_told_in_order_of_names() {
        let columns = columns();
        let named = Named::of(columns.iter().map(|(name, column)| (*name, column))).unwrap();
        assert_eq!(
            named.json(0, Some(r#"{"z":1}"#)).unwrap(),
            r#"{"a":-1,"b":"x\"y","d":"1970-01-02","n":-0.0,"z":1}"#
        );
        assert_eq!(named.json(1, None), None);
        assert_eq!(named.json(1, Some(r#"{"z":1}"#)).unwrap(), r#"{"z":1}"#);
    }

    #[test]
    fn neither_order_nor_empty_columns_change_what_is_hashed() {
        let mut columns = columns();
        let told = |columns: &[(&str, ArrayRef)]| {
            let named = Named::of(columns.iter().map(|(name, column)| (*name, column))).unwrap();
            let mut bytes = Vec::new();
            named.write(0, &mut bytes);
            bytes
        };
        let before = told(&columns);
        columns.reverse();
        columns.push(("new", Arc::new(StringArray::from(vec![None::<&str>, None]))));
        assert_eq!(told(&columns), before);
        columns.remove(0);
        assert_ne!(told(&columns), before);
    }
}
