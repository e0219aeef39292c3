//! What changed of a record: the properties that differ from what it said before.

use std::collections::{BTreeMap, HashMap};

use amends_model::{EventId, Problem, Result, event};
use amends_query::Session;
use arrow::array::RecordBatch;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{id_at, moment_at, text_at};
use crate::sql::{Template, quoted};

const CHANGED: Template = Template(include_str!("changed.sql"));

/// What differs, by property; none where a property has no value.
pub type Values = BTreeMap<String, Option<String>>;

/// A change of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// What the properties were.
    pub was: Values,
    /// What they are from then on.
    pub became: Values,
    /// Not before this moment, where the source does not say when it happened: between two imports.
    pub not_before: Option<Timestamp>,
}

/// The changes that name some identifiers, listed as literals.
///
/// # Errors
/// Whatever keeps the ledger from being read.
pub(super) async fn changes(
    session: &Session,
    identifiers: &str,
) -> Result<HashMap<EventId, Change>> {
    let mut changes = HashMap::new();
    let kinds = session.kinds().keys();
    for kind in kinds.filter(|kind| event::told_by(kind) != kind.as_str()) {
        let text = CHANGED.fill(&[("kind", &quoted(kind)), ("identifiers", identifiers)]);
        for batch in session.sql(&text).await? {
            for row in 0..batch.num_rows() {
                let change = Change {
                    was: values(&batch, 1, row)?,
                    became: values(&batch, 2, row)?,
                    not_before: moment_at(&batch, 3, row)?,
                };
                changes.insert(EventId(id_at(&batch, 0, row)?.0), change);
            }
        }
    }
    Ok(changes)
}

fn values(batch: &RecordBatch, column: usize, row: usize) -> Result<Values> {
    let text = text_at(batch, column, row)?.unwrap_or_default();
    let unreadable = |error: serde_json::Error| {
        Problem::new("AM0406", "a change does not say what changed").because(error)
    };
    let object: BTreeMap<String, Value> = serde_json::from_str(&text).map_err(unreadable)?;
    let plain = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let values = object.into_iter();
    Ok(values.map(|(name, value)| (name, plain(value))).collect())
}
