//! Everything that is kept about one person, as one document that they can read and a machine can use.

use std::collections::HashSet;

use amends_identity::Links;
use amends_ledger::{Filter, Ledger, Snapshot};
use amends_model::event::column;
use amends_model::{EventId, IdentifierId, Problem, RecordKey, Result};
use amends_vault::{Naming, Vault};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::json::LineDelimitedWriter;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::decisions;
use crate::person::Person;

/// Who is asked about, and what else is known of them.
pub struct Asked<'a> {
    /// The person.
    pub person: &'a Person,
    /// Who is who and why, as of everything that is known.
    pub links: &'a Links,
    /// Which identifiers name accounts.
    pub accounts: &'a HashSet<IdentifierId>,
    /// What was promised to them and what came of it, as their story tells it.
    pub promises: Value,
    /// The company that answers.
    pub company: &'a str,
    /// When it answers.
    pub at: Timestamp,
}

/// What this document cannot hold.
const NOT_HERE: [&str; 4] = [
    "the exports from which the company imports: they stand outside of Amends",
    "backups, which hold what was kept when they were made",
    "texts of records whose first person is somebody else, even where they mention this person",
    "rows in quarantine that are told by their number alone, because what names the person there is so short that it may mean somebody else",
];

/// Puts everything together that is kept about a person. Raw rows in quarantine are opened and searched for their names.
///
/// # Errors
/// `AM0303` and `AM0304` when the vault fails; `AM0403` and `AM0406` when the ledger cannot be read.
pub async fn everything_about(ledger: &Ledger, vault: &Vault, asked: &Asked<'_>) -> Result<Value> {
    let ids = &asked.person.identifiers;
    // Each version is told as the source told it.
    let current = ledger.snapshot_of_newest().await?;
    let stored = ledger.snapshot_with_replaced().await?;
    let events = Events::read(&current, &stored, ids)?;
    let of_account = events
        .records
        .iter()
        .filter(|(first, _)| asked.accounts.contains(first) && !ids.contains(first));
    let of_account: Vec<RecordKey> = of_account.map(|(_, record)| *record).collect();
    let holds = decisions::holds(&current)?.into_iter();
    let holds: Vec<_> = holds
        .filter(|hold| hold.identifiers.iter().any(|id| ids.contains(id)))
        .collect();
    let links = asked.links.evidence(asked.person.customer).into_iter();
    let links = links.map(
        |link| json!({ "a": link.a, "b": link.b, "events": link.events, "first_event": link.event }),
    );
    Ok(json!({
        "made_at": asked.at,
        "company": asked.company,
        "customer": asked.person.customer,
        "identifiers": identifiers(vault, asked).await?,
        "personal": personal(vault, asked, &of_account).await?,
        "events": events.told,
        "promises": asked.promises,
        "links": links.collect::<Vec<_>>(),
        "quarantined": quarantined(ledger, vault, ids).await?,
        "holds": holds,
        "not_in_this_document": NOT_HERE,
    }))
}

async fn identifiers(vault: &Vault, asked: &Asked<'_>) -> Result<Vec<Value>> {
    let ids = &asked.person.identifiers;
    let names = vault.names(ids).await?;
    let erased = vault.erased().await?;
    let told = ids.iter().map(|id| {
        json!({
            "id": id,
            "namespace": asked.links.namespace(*id),
            "name": names.get(id),
            "erased_at": erased.get(id),
        })
    });
    Ok(told.collect())
}

async fn personal(
    vault: &Vault,
    asked: &Asked<'_>,
    of_account: &[RecordKey],
) -> Result<Vec<Value>> {
    let mut kept = vault.personal_of(&asked.person.identifiers).await?;
    let versions = vault.personal_versions(of_account).await?.into_iter();
    kept.extend(versions.filter(|one| asked.accounts.contains(&one.subject)));
    let told = kept.into_iter().map(|one| {
        let fields = serde_json::from_str(&one.fields);
        let fields: Value = fields.unwrap_or(Value::String(one.fields));
        json!({ "record": one.record, "fields": fields })
    });
    Ok(told.collect())
}

async fn quarantined(ledger: &Ledger, vault: &Vault, ids: &[IdentifierId]) -> Result<Vec<Value>> {
    let rows = vault.raw_naming(ids).await?;
    let listed = ledger.quarantine(None).await?;
    let mut told = Vec::new();
    let mut texts: Option<(i64, Vec<amends_vault::RawRow>)> = None;
    for row in rows {
        if texts
            .as_ref()
            .is_none_or(|(import, _)| *import != row.import)
        {
            texts = Some((row.import, vault.raw(row.import).await?));
        }
        let raw = texts.iter().flat_map(|(_, rows)| rows);
        let raw = raw.filter(|raw| raw.entry == row.entry && row.naming == Naming::Surely);
        let text = raw
            .map(|raw| String::from_utf8_lossy(&raw.text).into_owned())
            .next();
        let entry = listed
            .iter()
            .find(|(import, listed)| (*import, listed.entry) == (row.import, row.entry));
        let entry = entry.map(|(_, entry)| entry);
        told.push(json!({
            "row": format!("{}/{}", row.import, row.entry),
            "file": entry.map(|entry| &entry.file),
            "line": entry.map(|entry| entry.line),
            "code": entry.map(|entry| &entry.code),
            "reason": entry.map(|entry| &entry.reason),
            "text": text,
        }));
    }
    Ok(told)
}

/// The events of a person, in order of time.
struct Events {
    told: Vec<Value>,
    /// The first identifier and the key of each.
    records: HashSet<(IdentifierId, RecordKey)>,
}

impl Events {
    fn read(current: &Snapshot, stored: &Snapshot, ids: &[IdentifierId]) -> Result<Self> {
        let filter = Filter {
            identifiers: Some(ids.to_vec()),
            ..Filter::default()
        };
        let mut valid = HashSet::new();
        for kind in current.kinds().keys() {
            for batch in current.scan(kind, &[column::ID, column::IMPORT], &filter)? {
                let batch = batch?;
                valid.extend((0..batch.num_rows()).filter_map(|row| stored_as(&batch, row)));
            }
        }
        let (mut told, mut records) = (Vec::new(), HashSet::new());
        for (kind, schema) in stored.kinds() {
            let names: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .collect();
            for batch in stored.scan(kind, &names, &filter)? {
                tell(&batch?, &valid, &mut told, &mut records).map_err(untold)?;
            }
        }
        told.sort_by(|a, b| {
            let order = |event: &Value| (event["at"].to_string(), event["id"].to_string());
            order(a).cmp(&order(b))
        });
        Ok(Self { told, records })
    }
}

/// An event as one import stored it. What was taken back and came again stands there twice, under one id.
type Stored = (EventId, i64);

fn stored_as(batch: &RecordBatch, row: usize) -> Option<Stored> {
    let ids = batch.column_by_name(column::ID)?;
    let imports = batch.column_by_name(column::IMPORT)?;
    let id = EventId::from_slice(ids.as_fixed_size_binary_opt()?.value(row))?;
    let import = imports.as_primitive_opt::<Int64Type>()?.value(row);
    Some((id, import))
}

/// Columns that say how the ledger keeps an event, not what is known of a person.
const INNER: [&str; 2] = [column::KEY, column::CONTENT];

fn tell(
    batch: &RecordBatch,
    valid: &HashSet<Stored>,
    told: &mut Vec<Value>,
    records: &mut HashSet<(IdentifierId, RecordKey)>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut lines = LineDelimitedWriter::new(Vec::new());
    lines.write(batch)?;
    lines.finish()?;
    let sixteen = |name: &str| batch.column_by_name(name)?.as_fixed_size_binary_opt();
    let lines = lines.into_inner();
    let lines = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    for (line, row) in lines.zip(0..) {
        let mut event: Map<String, Value> = serde_json::from_slice(line)?;
        INNER.iter().for_each(|name| drop(event.remove(*name)));
        if let Some(Ok(rest)) = event
            .get(column::REST)
            .and_then(Value::as_str)
            .map(serde_json::from_str)
        {
            event.insert(column::REST.into(), rest);
        }
        if stored_as(batch, row).is_some_and(|stored| !valid.contains(&stored)) {
            event.insert("replaced".into(), json!(true));
        }
        let first =
            sixteen(column::IDENTIFIER).and_then(|ids| IdentifierId::from_slice(ids.value(row)));
        let key = sixteen(column::KEY).and_then(|keys| RecordKey::from_slice(keys.value(row)));
        records.extend(first.zip(key));
        told.push(Value::Object(event));
    }
    Ok(())
}

fn untold(error: Box<dyn std::error::Error + Send + Sync>) -> Problem {
    Problem::new("AM0315", "an event cannot be written as JSON")
        .because(error)
        .hint("this is a mistake in Amends: please report it with the kind's definition")
}
