//! The columns in which events travel and are kept: the same in a batch from intake, in a segment and in a query.
//!
//! Every kind has the columns below, then one typed column per property that its definition names, then `rest`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};

use crate::{Problem, Result};

/// Names of the columns that every event has.
pub mod column {
    /// `EventId`: hash of key and version.
    pub const ID: &str = "id";
    /// `RecordKey`: hash of source, stream, native key and kind.
    pub const KEY: &str = "key";
    /// A 64-bit hash of everything that the source said: the same content again is a duplicate.
    pub const CONTENT: &str = "content";
    /// The source's own version or time of the record as a growing number; null where it has none.
    pub const VERSION: &str = "version";
    /// Which source.
    pub const SOURCE: &str = "source";
    /// Which of its streams: the mapping of one main file.
    pub const STREAM: &str = "stream";
    /// The key by which the source knows the record; null where it has none.
    pub const NATIVE_KEY: &str = "native_key";
    /// What happened.
    pub const KIND: &str = "kind";
    /// When it happened.
    pub const AT: &str = "at";
    /// Seconds east of UTC that the source used.
    pub const AT_OFFSET: &str = "at_offset";
    /// `gap`, `fold`, `day`, `month` or, of a change, `between`, where the moment is not the whole truth (rules 2 and 7).
    pub const AT_NOTE: &str = "at_note";
    /// When we were told.
    pub const RECEIVED_AT: &str = "received_at";
    /// Whom it happened to: the first identifier that the record names.
    pub const IDENTIFIER: &str = "identifier";
    /// Whom else the record names (rule 5), without the first.
    pub const OTHERS: &str = "others";
    /// What it concerns: an order, a ticket, a subscription.
    pub const ABOUT: &str = "about";
    /// Money, in minor units.
    pub const AMOUNT: &str = "amount";
    /// Of which currency.
    pub const CURRENCY: &str = "currency";
    /// The number of the import that brought it.
    pub const IMPORT: &str = "import";
    /// The version of the mapping that made it: a short hash.
    pub const MAPPING: &str = "mapping";
    /// The line of the main file on which its record begins.
    pub const LINE: &str = "line";
    /// JSON of what no definition names; null where nothing is left over.
    pub const REST: &str = "rest";
    /// Of a change: which properties differ from what the record said before.
    pub const CHANGED: &str = "changed";
    /// Of a change: JSON of what those properties were before.
    pub const WAS: &str = "was";
    /// Of a change: JSON of what those properties are from then on.
    pub const BECAME: &str = "became";
    /// Of a change that the source does not date: not before this moment, and by `at` at the latest.
    pub const NOT_BEFORE: &str = "not_before";
}

/// What stands behind a kind in the name of its changes.
const OF_CHANGES: &str = ".changed";

/// The kind of the events that tell of changes: a property of an event of this kind came to differ from what its record said first (rule 2).
pub fn changes_of(kind: &str) -> String {
    format!("{kind}{OF_CHANGES}")
}

/// The kind whose changes are of this kind; the kind itself where it tells of no changes.
pub fn told_by(kind: &str) -> &str {
    kind.strip_suffix(OF_CHANGES).unwrap_or(kind)
}

/// The columns that changes have beside those of the events that changed.
pub fn properties_of_changes() -> [(String, DataType); 4] {
    [
        (column::CHANGED.to_owned(), texts_type()),
        (column::WAS.to_owned(), DataType::Utf8),
        (column::BECAME.to_owned(), DataType::Utf8),
        (column::NOT_BEFORE.to_owned(), moment_type()),
    ]
}

/// The type of every id column: sixteen bytes.
pub fn id_type() -> DataType {
    DataType::FixedSizeBinary(16)
}

/// The type of every moment: microseconds of UTC.
pub fn moment_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The type of a property with several values, such as the sellers of an order.
pub fn texts_type() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// The columns that every event has, before its properties; `rest` comes after them.
pub fn head() -> Fields {
    let ids = DataType::List(Arc::new(Field::new_list_field(id_type(), false)));
    Fields::from(vec![
        Field::new(column::ID, id_type(), false),
        Field::new(column::KEY, id_type(), false),
        Field::new(column::CONTENT, DataType::Int64, false),
        Field::new(column::VERSION, DataType::Int64, true),
        Field::new(column::SOURCE, DataType::Utf8, false),
        Field::new(column::STREAM, DataType::Utf8, false),
        Field::new(column::NATIVE_KEY, DataType::Utf8, true),
        Field::new(column::KIND, DataType::Utf8, false),
        Field::new(column::AT, moment_type(), false),
        Field::new(column::AT_OFFSET, DataType::Int32, false),
        Field::new(column::AT_NOTE, DataType::Utf8, true),
        Field::new(column::RECEIVED_AT, moment_type(), false),
        Field::new(column::IDENTIFIER, id_type(), false),
        Field::new(column::OTHERS, ids, true),
        Field::new(column::ABOUT, DataType::Utf8, true),
        Field::new(column::AMOUNT, DataType::Int64, true),
        Field::new(column::CURRENCY, DataType::Utf8, true),
        Field::new(column::IMPORT, DataType::Int64, false),
        Field::new(column::MAPPING, DataType::Utf8, false),
        Field::new(column::LINE, DataType::Int64, true),
    ])
}

/// Whether a property may not have this name, because every event has a column of that name.
pub fn is_reserved(name: &str) -> bool {
    name == column::REST || head().find(name).is_some()
}

/// The type in which a property of an expression's type is kept: text, integer, number, boolean, date, moment or texts; `None` if it cannot be kept.
pub fn property_type(of: &DataType) -> Option<DataType> {
    Some(match of {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            DataType::Utf8
        }
        DataType::Dictionary(_, value) => return property_type(value),
        integer if integer.is_integer() => DataType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => DataType::Float64,
        DataType::Boolean => DataType::Boolean,
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        DataType::Timestamp(..) => moment_type(),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => match property_type(item.data_type())? {
            DataType::List(_) => return None,
            _ => texts_type(),
        },
        _ => return None,
    })
}

/// The whole schema of one kind's events.
///
/// # Errors
/// `AM0010` when a property has the name of a column that every event has.
pub fn schema(properties: &[(String, DataType)]) -> Result<Arc<Schema>> {
    let mut fields: Vec<_> = head().iter().cloned().collect();
    for (name, of) in properties {
        if is_reserved(name) {
            return Err(Problem::new(
                "AM0010",
                "a property has the name of a column that every event has",
            )
            .detail(format!("{name:?}"))
            .hint("give the property another name"));
        }
        fields.push(Arc::new(Field::new(name, of.clone(), true)));
    }
    fields.push(Arc::new(Field::new(column::REST, DataType::Utf8, true)));
    Ok(Arc::new(Schema::new(fields)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_cannot_hide_a_column_of_every_event() {
        assert!(schema(&[("seller".into(), DataType::Utf8)]).is_ok());
        assert_eq!(
            schema(&[("at".into(), DataType::Utf8)]).unwrap_err().code(),
            "AM0010"
        );
    }
}
