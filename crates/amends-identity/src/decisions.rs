//! Unlinking, and taking it back: decisions of people, kept in the ledger with their content (rule 13).

use std::collections::BTreeMap;

use amends_ledger::{Filter, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, IdentifierId, Problem, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::register::Register;

/// The kind of the event by which two identifiers are unlinked.
pub const UNLINKED: &str = "identity_unlinked";
/// The kind of the event that takes an unlinking back.
pub const LINKED_AGAIN: &str = "identity_linked_again";

/// Decides that events which name both of two identifiers are no evidence. What links them through others stays:
/// resolve again and ask `People::explain` whether they are still connected.
///
/// `why` stands in the ledger, so it must not hold anything personal.
///
/// # Errors
/// `AM0602` when both are the same; `AM0403` when the ledger's database fails.
pub async fn unlink(
    writer: &Writer,
    (a, b): (IdentifierId, IdentifierId),
    by: &str,
    why: &str,
    at: Timestamp,
) -> Result<EventId> {
    decide(writer, UNLINKED, (a, b), by, why, at).await
}

/// Takes an unlinking back: events that name both identifiers are evidence again.
///
/// # Errors
/// `AM0602` when both are the same; `AM0403` when the ledger's database fails.
pub async fn link_again(
    writer: &Writer,
    (a, b): (IdentifierId, IdentifierId),
    by: &str,
    why: &str,
    at: Timestamp,
) -> Result<EventId> {
    decide(writer, LINKED_AGAIN, (a, b), by, why, at).await
}

/// What a decision says, as JSON in the column `rest`.
#[derive(Serialize, Deserialize)]
struct Content {
    a: IdentifierId,
    b: IdentifierId,
    by: String,
    why: String,
}

async fn decide(
    writer: &Writer,
    kind: &str,
    (a, b): (IdentifierId, IdentifierId),
    by: &str,
    why: &str,
    at: Timestamp,
) -> Result<EventId> {
    if a == b {
        return Err(
            Problem::new("AM0602", "an identifier cannot be unlinked from itself")
                .detail(a.to_string())
                .hint("name the two identifiers that are not the same person"),
        );
    }
    let (a, b) = (a.min(b), a.max(b));
    let (by, why) = (by.to_owned(), why.to_owned());
    let content = serde_json::to_string(&Content { a, b, by, why })
        .map_err(|error| unreadable(kind).because(error))?;
    writer.decide(kind, &format!("{a}-{b}"), &content, at).await
}

/// The last word on one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Microseconds, then the id: later ones replace earlier ones.
    pub(crate) order: (i64, EventId),
    pub(crate) unlinked: bool,
    pub(crate) by: String,
    pub(crate) why: String,
}

/// The last decision on every pair that was ever decided on, by the numbers of its ends.
///
/// Decisions hold whatever moment is asked about: they say who is who, not what happened when.
pub(crate) fn read(
    snapshot: &Snapshot,
    register: &Register,
) -> Result<BTreeMap<(u32, u32), Decision>> {
    let mut last = BTreeMap::new();
    for (kind, unlinked) in [(UNLINKED, true), (LINKED_AGAIN, false)] {
        let columns = [column::ID, column::AT, column::REST];
        for batch in snapshot.scan(kind, &columns, &Filter::default())? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let (content, order) = decision(&batch, row).ok_or_else(|| unreadable(kind))?;
                let numbers = register.number(content.a).zip(register.number(content.b));
                let Some((a, b)) = numbers else { continue };
                let (by, why) = (content.by, content.why);
                let decision = Decision {
                    order,
                    unlinked,
                    by,
                    why,
                };
                keep_last(&mut last, (a.min(b), a.max(b)), decision);
            }
        }
    }
    Ok(last)
}

/// Keeps the later of two decisions on a pair.
pub(crate) fn keep_last(
    last: &mut BTreeMap<(u32, u32), Decision>,
    pair: (u32, u32),
    decision: Decision,
) {
    if last
        .get(&pair)
        .is_none_or(|before| before.order < decision.order)
    {
        last.insert(pair, decision);
    }
}

fn decision(batch: &RecordBatch, row: usize) -> Option<(Content, (i64, EventId))> {
    let ids = batch.column(0).as_fixed_size_binary_opt()?;
    let moments = batch
        .column(1)
        .as_primitive_opt::<TimestampMicrosecondType>()?;
    let rest = batch.column(2).as_string_opt::<i32>()?;
    let content = rest.is_valid(row).then(|| rest.value(row))?;
    let order = (moments.value(row), EventId::from_slice(ids.value(row))?);
    Some((serde_json::from_str(content).ok()?, order))
}

fn unreadable(kind: &str) -> Problem {
    Problem::new("AM0603", "a decision about who is who cannot be read")
        .detail(format!("an event of kind {kind}"))
        .hint("the ledger was written by another release: use that one, or a newer one")
}
