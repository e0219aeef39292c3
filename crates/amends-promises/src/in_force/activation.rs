//! Putting definitions in force is an event that holds them (rules 12 and 13): what was in force can be read when the folder says something else.

use amends_ledger::{Filter, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, Problem, Result, time};
use amends_project::{Project, Texts};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The kind of its event.
const KIND: &str = "definitions_put_in_force";

/// Definitions that were put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// When that was decided.
    pub at: Timestamp,
    /// What they judge.
    pub scope: Scope,
    /// Who approved of it.
    pub approver: String,
    /// Why.
    pub note: Option<String>,
    /// The files of the project, as [`Project::texts`].
    pub texts: Texts,
}

/// What definitions that are put in force judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What opens from a moment on.
    From(Timestamp),
    /// Everything that ever opened.
    Restated,
}

/// What its event says, as JSON.
#[derive(Serialize, Deserialize)]
struct Content {
    scope: Scope,
    approver: String,
    note: Option<String>,
    /// The version of all definitions, as figures carry it.
    version: String,
    texts: Texts,
}

/// Puts the definitions of a project in force.
///
/// # Errors
/// `AM0403` when the ledger's database fails.
pub async fn put_in_force(
    writer: &Writer,
    project: &Project,
    scope: Scope,
    (approver, note): (&str, Option<&str>),
    at: Timestamp,
) -> Result<EventId> {
    let content = Content {
        scope,
        approver: approver.to_owned(),
        note: note.map(str::to_owned),
        version: project.version.clone(),
        texts: project.texts.clone(),
    };
    let text = serde_json::to_string(&content).map_err(|error| unreadable().because(error))?;
    writer.decide(KIND, &content.version, &text, at).await
}

/// All that was ever put in force, in the order in which it was.
///
/// # Errors
/// `AM0406` when a segment cannot be read; `AM0710` when one is of another release.
pub fn activations(snapshot: &Snapshot) -> Result<Vec<Activation>> {
    let mut all: Vec<(EventId, Activation)> = Vec::new();
    let columns = [column::ID, column::AT, column::REST];
    for batch in snapshot.scan(KIND, &columns, &Filter::default())? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            all.push(read(&batch, row).ok_or_else(unreadable)?);
        }
    }
    all.sort_by_key(|(event, activation)| (activation.at, *event));
    Ok(all.into_iter().map(|(_, activation)| activation).collect())
}

fn read(batch: &RecordBatch, row: usize) -> Option<(EventId, Activation)> {
    let ids = batch.column(0).as_fixed_size_binary_opt()?;
    let moments = batch
        .column(1)
        .as_primitive_opt::<TimestampMicrosecondType>()?;
    let rest = batch.column(2).as_string_opt::<i32>()?;
    let content = rest.is_valid(row).then(|| rest.value(row))?;
    let content: Content = serde_json::from_str(content).ok()?;
    let activation = Activation {
        at: time::from_micros(moments.value(row)).ok()?,
        scope: content.scope,
        approver: content.approver,
        note: content.note,
        texts: content.texts,
    };
    Some((EventId::from_slice(ids.value(row))?, activation))
}

fn unreadable() -> Problem {
    Problem::new(
        "AM0710",
        "definitions that were put in force cannot be read",
    )
    .detail(format!("an event of kind {KIND}"))
    .hint("the ledger was written by another release: use that one, or a newer one")
}
