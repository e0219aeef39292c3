use std::sync::Arc;

use amends_model::event::{head, is_reserved, moment_type, property_type, schema, texts_type};
use arrow::datatypes::{DataType, Field, TimeUnit};

/// Segments on disk have these columns: a change here is a change of the format.
#[test]
fn the_columns_of_every_event_stay_as_they_are() {
    let written: Vec<String> = head()
        .iter()
        .map(|field| {
            let optional = if field.is_nullable() { "?" } else { "" };
            format!("{}{optional}", field.name())
        })
        .collect();
    assert_eq!(
        written.join(" "),
        "id key content version? source stream native_key? kind at at_offset at_note? received_at identifier others? \
         about? amount? currency? import mapping line?"
    );
}

#[test]
fn properties_stand_between_the_head_and_the_rest() {
    let properties = [("seller".to_owned(), texts_type())];
    let schema = schema(&properties).unwrap();
    let last: Vec<&str> = schema
        .fields()
        .iter()
        .rev()
        .take(2)
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(last, ["rest", "seller"]);
    assert_eq!(schema.fields().len(), head().len() + 2);
    assert!(is_reserved("rest") && is_reserved("about") && !is_reserved("seller"));
}

#[test]
fn every_type_is_kept_as_one_of_seven() {
    let list = |item: DataType| DataType::List(Arc::new(Field::new_list_field(item, true)));
    for (of, kept) in [
        (DataType::Utf8View, Some(DataType::Utf8)),
        (
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Some(DataType::Utf8),
        ),
        (DataType::UInt8, Some(DataType::Int64)),
        (DataType::Decimal128(10, 2), Some(DataType::Float64)),
        (DataType::Boolean, Some(DataType::Boolean)),
        (DataType::Date64, Some(DataType::Date32)),
        (
            DataType::Timestamp(TimeUnit::Nanosecond, None),
            Some(moment_type()),
        ),
        (list(DataType::Int32), Some(texts_type())),
        (list(list(DataType::Utf8)), None),
        (DataType::Binary, None),
        (DataType::Duration(TimeUnit::Second), None),
    ] {
        assert_eq!(property_type(&of), kept, "{of}");
    }
}
