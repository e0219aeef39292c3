//! Legal holds and erasures as events of ours (rule 13). Their content holds identifiers and reasons, nobody's name.

use std::collections::{BTreeMap, BTreeSet};

use amends_ledger::{Filter, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, IdentifierId, Problem, Result, time};
use amends_vault::Vault;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::erase::impersonal;
use crate::person::Person;

/// The kind of the event that stops erasing.
pub const HELD: &str = "hold_placed";
/// The kind of the event that takes a hold away.
pub const LIFTED: &str = "hold_lifted";
/// The kind of the event that says that a person was erased.
pub const ERASED: &str = "person_erased";

/// A legal hold that was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// The event that placed it.
    pub hold: EventId,
    /// Since when.
    pub since: Timestamp,
    /// The customer that was named.
    pub customer: IdentifierId,
    /// The identifiers that were theirs.
    pub identifiers: Vec<IdentifierId>,
    /// Why.
    pub reason: String,
    /// When it was lifted, and why.
    pub lifted: Option<(Timestamp, String)>,
}

impl Hold {
    /// Whether it stands and concerns one of some identifiers.
    pub fn stops(&self, identifiers: &[IdentifierId]) -> bool {
        self.lifted.is_none() && self.identifiers.iter().any(|id| identifiers.contains(id))
    }
}

#[derive(Serialize, Deserialize)]
struct Placed {
    identifiers: Vec<IdentifierId>,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct Lifted {
    hold: EventId,
    reason: String,
}

#[derive(Serialize)]
struct Erased<'a> {
    identifiers: &'a [IdentifierId],
    reason: Option<&'a str>,
}

/// Places a hold on a customer: as long as it stands, none of these identifiers is erased, whomever they belong to then.
///
/// # Errors
/// `AM0313` when the reason names somebody; `AM0403` when the ledger's database fails.
pub async fn hold(
    vault: &Vault,
    writer: &Writer,
    person: &Person,
    reason: &str,
    at: Timestamp,
) -> Result<EventId> {
    impersonal(vault, &person.identifiers, reason).await?;
    let content = Placed {
        identifiers: person.identifiers.clone(),
        reason: reason.to_owned(),
    };
    decide(writer, HELD, &person.customer.to_string(), &content, at).await
}

/// Takes a hold away.
///
/// # Errors
/// `AM0313` when the reason names somebody; `AM0403` when the ledger's database fails.
pub async fn lift(
    vault: &Vault,
    writer: &Writer,
    person: &Person,
    hold: &Hold,
    reason: &str,
    at: Timestamp,
) -> Result<EventId> {
    impersonal(vault, &person.identifiers, reason).await?;
    let content = Lifted {
        hold: hold.hold,
        reason: reason.to_owned(),
    };
    decide(writer, LIFTED, &hold.customer.to_string(), &content, at).await
}

/// Says that a person was erased.
pub(crate) async fn erased(
    writer: &Writer,
    customer: IdentifierId,
    identifiers: &[IdentifierId],
    reason: Option<&str>,
    at: Timestamp,
) -> Result<EventId> {
    let content = Erased {
        identifiers,
        reason,
    };
    decide(writer, ERASED, &customer.to_string(), &content, at).await
}

async fn decide(
    writer: &Writer,
    kind: &str,
    about: &str,
    content: &impl Serialize,
    at: Timestamp,
) -> Result<EventId> {
    let content =
        serde_json::to_string(content).map_err(|error| unreadable(kind).because(error))?;
    writer.decide(kind, about, &content, at).await
}

/// All holds that were ever placed, the oldest first.
///
/// # Errors
/// `AM0406` when a segment cannot be read; `AM0314` when a decision is of another release.
pub fn holds(snapshot: &Snapshot) -> Result<Vec<Hold>> {
    let mut holds: BTreeMap<EventId, Hold> = BTreeMap::new();
    for (id, at, about, content) in read(snapshot, HELD)? {
        let wrong = || unreadable(HELD);
        let content: Placed = serde_json::from_str(&content).map_err(|_| wrong())?;
        let hold = Hold {
            hold: id,
            since: at,
            customer: about.parse().map_err(|_| wrong())?,
            identifiers: content.identifiers,
            reason: content.reason,
            lifted: None,
        };
        holds.insert(id, hold);
    }
    for (_, at, _, content) in read(snapshot, LIFTED)? {
        let content: Lifted = serde_json::from_str(&content).map_err(|_| unreadable(LIFTED))?;
        if let Some(hold) = holds.get_mut(&content.hold) {
            let earlier = hold
                .lifted
                .as_ref()
                .is_some_and(|(lifted, _)| *lifted <= at);
            if !earlier {
                hold.lifted = Some((at, content.reason));
            }
        }
    }
    let mut holds: Vec<Hold> = holds.into_values().collect();
    holds.sort_by_key(|hold| (hold.since, hold.hold));
    Ok(holds)
}

/// A decision: its id, when, about what, and its content.
type Decision = (EventId, Timestamp, String, String);

fn read(snapshot: &Snapshot, kind: &str) -> Result<BTreeSet<Decision>> {
    let columns = [column::ID, column::AT, column::ABOUT, column::REST];
    let mut decisions = BTreeSet::new();
    for batch in snapshot.scan(kind, &columns, &Filter::default())? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            decisions.insert(decision(&batch, row).ok_or_else(|| unreadable(kind))?);
        }
    }
    Ok(decisions)
}

fn decision(batch: &RecordBatch, row: usize) -> Option<Decision> {
    let id = EventId::from_slice(batch.column(0).as_fixed_size_binary_opt()?.value(row))?;
    let at = batch
        .column(1)
        .as_primitive_opt::<TimestampMicrosecondType>()?;
    let text = |column: usize| {
        let texts = batch.column(column).as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    Some((
        id,
        time::from_micros(at.value(row)).ok()?,
        text(2)?,
        text(3)?,
    ))
}

fn unreadable(kind: &str) -> Problem {
    Problem::new(
        "AM0314",
        "a decision about a hold or an erasure cannot be read",
    )
    .detail(format!("an event of kind {kind}"))
    .hint("the ledger was written by another release: use that one, or a newer one")
}
