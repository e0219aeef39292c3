//! Decisions of ours are events too (rule 13): of source `amends`, with their content in `rest`.

use std::sync::Arc;

use amends_model::event::column;
use amends_model::{EventId, Result, time};
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use jiff::Timestamp;

use crate::change::Change;
use crate::entry::event_id;
use crate::places::Places;
use crate::staging::{self, Done, Silent, Task};
use crate::writer::{Shared, Writer};
use crate::{blocking, columns, seal, trouble};

/// The source of decisions.
const SOURCE: &str = "amends";
/// Their stream.
const STREAM: &str = "decisions";

impl Writer {
    /// Puts a decision of ours into the tail: an event of source `amends` (rule 13).
    /// `content` is a JSON object kept in the column `rest`. The same decision about the same thing at the same moment is one event.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn decide(
        &self,
        kind: &str,
        about: &str,
        content: &str,
        at: Timestamp,
    ) -> Result<EventId> {
        let _one = self.shared.turn().await?;
        let mut decided = prepare(&self.shared, kind, about, content, at).await?;
        if let Some((part, known)) = decided.part.take() {
            let change = Change {
                enter: vec![part],
                marks: decided.marks,
                ..Change::default()
            };
            self.shared
                .enter(&change, vec![(kind.to_owned(), known)])
                .await?;
            seal::gather(&self.shared, kind).await?;
        }
        Ok(event_id(key(kind, about, content, at), None, 0, 0))
    }
}

/// Makes a decision ready for a change of the catalog; no part where it stands there already.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn prepare(
    shared: &Shared,
    kind: &str,
    about: &str,
    content: &str,
    at: Timestamp,
) -> Result<Done> {
    let part = shared.catalog.next("part").await?;
    let key = key(kind, about, content, at);
    let task = Task {
        ledger: shared.ledger.clone(),
        kind: kind.to_owned(),
        part,
        import: 0,
        batches: vec![(
            Places::from(part as u64),
            decision(key, kind, about, content, at)?,
        )],
        silent: Silent::default(),
        known: shared.parts_of(kind),
        slice: shared.sizes.slice,
        into_tail: true,
    };
    blocking::run(move || staging::run(&task)).await
}

/// The key of a decision: what, about what, when, and its content, so that none is stored twice.
fn key(kind: &str, about: &str, content: &str, at: Timestamp) -> u128 {
    let mut hash = blake3::Hasher::new();
    for text in [SOURCE, STREAM, kind, about, content] {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.update(&time::micros(at).to_le_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize().as_bytes()[..16]);
    u128::from_be_bytes(key)
}

fn decision(
    key: u128,
    kind: &str,
    about: &str,
    content: &str,
    at: Timestamp,
) -> Result<RecordBatch> {
    let id = |bytes: [u8; 16]| {
        FixedSizeBinaryArray::try_from_iter(std::iter::once(bytes))
            .map(|array| Arc::new(array) as ArrayRef)
            .map_err(|error| trouble::misfit(error.to_string()))
    };
    let text = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let moment = TimestampMicrosecondArray::from(vec![time::micros(at)]).with_timezone("UTC");
    let schema = columns::schema(&Vec::new())?;
    let columns: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .map(|field| {
            Ok(match field.name().as_str() {
                column::KEY => id(key.to_be_bytes())?,
                column::ID | column::IDENTIFIER => id([0; 16])?,
                column::CONTENT | column::IMPORT => Arc::new(Int64Array::from(vec![0])),
                column::SOURCE => text(SOURCE),
                column::STREAM => text(STREAM),
                column::KIND => text(kind),
                column::ABOUT => text(about),
                column::MAPPING => text(""),
                column::REST => text(content),
                column::AT | column::RECEIVED_AT => Arc::new(moment.clone()),
                column::AT_OFFSET => Arc::new(Int32Array::from(vec![0])),
                _ => new_null_array(field.data_type(), 1),
            })
        })
        .collect();
    RecordBatch::try_new(schema, columns?).map_err(|error| trouble::misfit(error.to_string()))
}
