//! What a record does not say: its newest version gives no event of a kind that an older one gave.
//!
//! A silence is kept as a version among the others of its record, because it wins, loses and is undone like them; but it is no event. It stands in
//! parts of its own, which belong to the kind and which no reader sees.

use std::sync::Arc;

use amends_model::event::column;
use amends_model::{RecordKey, Result};
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};

use crate::{columns, trouble};

/// The content of a silence. What a source said is hashed, and no hash is this.
pub(crate) const CONTENT: i64 = i64::MIN;

/// What stands before a kind in the name of the parts that hold its silences. No kind has it in its name.
const MARK: char = '!';

/// A record that gives no event of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The key that its event would have.
    pub key: RecordKey,
    /// The source's own version of the record.
    pub version: Option<i64>,
    /// The line of the record.
    pub line: Option<i64>,
    /// How many of the events that are staged with it come from records before it.
    pub after: u32,
}

/// A silence that waits to be judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// What it is.
    pub(crate) silence: Silence,
    /// Its order of ingest.
    pub(crate) sequence: u64,
}

impl Waiting {
    /// Its record's key as a number.
    pub(crate) fn key(&self) -> u128 {
        u128::from_be_bytes(self.silence.key.0)
    }
}

/// The name of the parts that hold the silences of a kind.
pub(crate) fn parts_of(kind: &str) -> String {
    format!("{MARK}{kind}")
}

/// The kind to which parts of this name belong.
pub(crate) fn kind_of(name: &str) -> &str {
    name.strip_prefix(MARK).unwrap_or(name)
}

/// Whether parts of this name hold silences.
pub(crate) fn is_of(name: &str) -> bool {
    name.starts_with(MARK)
}

/// Silences as rows of a part: who is silent about what, in which version, from which import. They name nobody.
///
/// # Errors
/// `AM0408` when they do not become a batch, which is a mistake of ours.
pub(crate) fn rows(
    kind: &str,
    silences: &[Waiting],
    source: &str,
    mapping: &str,
    told_at: i64,
) -> Result<RecordBatch> {
    let count = silences.len();
    let misfit = |error: arrow::error::ArrowError| trouble::misfit(error.to_string());
    let ids = |bytes: Vec<u8>| {
        let ids = FixedSizeBinaryArray::try_new(16, bytes.into(), None).map_err(misfit)?;
        Ok::<_, amends_model::Problem>(Arc::new(ids) as ArrayRef)
    };
    let text = |text: &str| {
        let texts = std::iter::repeat_n(text, count);
        Arc::new(StringArray::from_iter_values(texts)) as ArrayRef
    };
    let moments = TimestampMicrosecondArray::from_value(told_at, count).with_timezone("UTC");
    let schema = columns::schema(&Vec::new())?;
    let columns: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .map(|field| {
            let silences = silences.iter().map(|waiting| &waiting.silence);
            Ok(match field.name().as_str() {
                column::KEY => ids(silences.flat_map(|silence| silence.key.0).collect())?,
                column::ID | column::IDENTIFIER => ids(vec![0; 16 * count])?,
                column::CONTENT => Arc::new(Int64Array::from_value(CONTENT, count)),
                column::IMPORT => Arc::new(Int64Array::from_value(0, count)),
                column::VERSION => Arc::new(Int64Array::from_iter(silences.map(|it| it.version))),
                column::LINE => Arc::new(Int64Array::from_iter(silences.map(|it| it.line))),
                column::SOURCE => text(source),
                column::STREAM => text(""),
                column::KIND => text(kind),
                column::MAPPING => text(mapping),
                column::AT | column::RECEIVED_AT => Arc::new(moments.clone()),
                column::AT_OFFSET => Arc::new(Int32Array::from_value(0, count)),
                _ => new_null_array(field.data_type(), count),
            })
        })
        .collect();
    RecordBatch::try_new(schema, columns?).map_err(misfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_silences_belong_to_their_kind() {
        let name = parts_of("order_cancelled");
        assert!(is_of(&name) && !is_of("order_cancelled"));
        assert_eq!(kind_of(&name), "order_cancelled");
        assert_eq!(kind_of("order_cancelled"), "order_cancelled");
    }
}
