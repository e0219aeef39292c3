//! The attributes of an instance: what its opening event says about where it was made (rule 8).

use std::sync::Arc;

use amends_model::{Problem, Result};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, ListBuilder, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};

/// The type of an attribute's column: several texts, none of them null.
pub fn attribute_type() -> DataType {
    DataType::List(item())
}

fn item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Utf8, false))
}

/// A property as an attribute: each row its texts. Empty is a value, so a row without any has one empty text.
///
/// # Errors
/// `AM0705` when the property has a type that events do not have.
pub(crate) fn lists(column: &ArrayRef) -> Result<ListArray> {
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(item());
    if let DataType::List(of) = column.data_type() {
        let column = match of.data_type() {
            DataType::Utf8 => Arc::clone(column),
            _ => cast(column, &amends_model::event::texts_type()).map_err(foreign)?,
        };
        for texts in column.as_list::<i32>().iter() {
            let texts = texts.filter(|texts| !texts.is_empty());
            match &texts {
                Some(texts) => {
                    for text in texts.as_string::<i32>() {
                        lists.values().append_value(text.unwrap_or_default());
                    }
                }
                None => lists.values().append_value(""),
            }
            lists.append(true);
        }
    } else {
        let texts = cast(column, &DataType::Utf8).map_err(foreign)?;
        for text in texts.as_string::<i32>() {
            lists.values().append_value(text.unwrap_or_default());
            lists.append(true);
        }
    }
    Ok(lists.finish())
}

/// The texts of one row.
pub(crate) fn texts(lists: &ListArray, row: usize) -> Vec<String> {
    let texts = lists.value(row);
    let texts = texts.as_string::<i32>().iter();
    texts
        .map(|text| text.unwrap_or_default().to_owned())
        .collect()
}

fn foreign(error: arrow::error::ArrowError) -> Problem {
    Problem::new("AM0705", "events do not have the columns that events have").because(error)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Int64Array, StringArray};

    use super::*;

    fn all(column: ArrayRef) -> Vec<Vec<String>> {
        let lists = lists(&column).unwrap();
        (0..lists.len()).map(|row| texts(&lists, row)).collect()
    }

    #[test]
    fn every_type_becomes_texts_and_empty_is_a_value() {
        let mut sellers = ListBuilder::new(StringBuilder::new());
        sellers.append_value([Some("ann"), Some("bob")]);
        sellers.append_value([None::<&str>; 0]);
        sellers.append_null();
        assert_eq!(
            all(Arc::new(sellers.finish())),
            [vec!["ann", "bob"], vec![""], vec![""]]
        );
        let states = StringArray::from(vec![Some("SP"), None]);
        assert_eq!(all(Arc::new(states)), [["SP"], [""]]);
        assert_eq!(all(Arc::new(Int64Array::from(vec![7]))), [["7"]]);
        assert_eq!(
            all(Arc::new(Date32Array::from(vec![17_600]))),
            [["2018-03-10"]]
        );
    }
}
