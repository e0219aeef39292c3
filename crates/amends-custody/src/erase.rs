//! Erasing one person: what will go is shown first; then journal, vault, log and decision, in this order.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use amends_ledger::{Filter, Ledger, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, IdentifierId, Problem, RecordKey, Result, time};
use amends_vault::{Erased, Erasure, Mark, Naming, NamingRow, Vault};
use arrow::array::AsArray;
use jiff::Timestamp;

use crate::decisions::{self, Hold};
use crate::journal::{Entry, Journal};
use crate::person::Person;
use crate::sums;

/// What erasing a person would take away.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whom.
    pub person: Person,
    /// Events that name them. They stay, under identifiers whose names are gone; who knows a name finds them by its fingerprint.
    pub events: u64,
    /// Identifiers whose name is still kept.
    pub names: u64,
    /// Records with personal fields.
    pub fields: u64,
    /// Raw rows in quarantine that name them, or may.
    pub rows: Vec<NamingRow>,
    /// The holds that stop it.
    pub holds: Vec<Hold>,
    marks: Vec<Mark>,
    /// Records of theirs whose fields stand under the key of an account.
    records: Vec<RecordKey>,
}

impl Plan {
    /// Raw rows that go: those that surely name the person, and the others only if asked.
    pub fn rows_that_go(&self, perhaps: bool) -> usize {
        let go = |row: &&NamingRow| perhaps || row.naming == Naming::Surely;
        self.rows.iter().filter(go).count()
    }
}

/// An erasure that was carried out.
#[derive(Clone, Debug)]
pub struct Done {
    /// The decision in the ledger.
    pub event: EventId,
    /// What went.
    pub erased: Erased,
}

/// Looks up what erasing a person would take away. Personal fields that stand under the key of an account go as well, where
/// the record names the person.
///
/// # Errors
/// `AM0303` when the vault fails; `AM0403` and `AM0406` when the ledger cannot be read.
pub async fn plan(
    ledger: &Ledger,
    vault: &Vault,
    person: Person,
    accounts: &HashSet<IdentifierId>,
) -> Result<Plan> {
    let ids = &person.identifiers;
    // What was replaced is kept too: an older version of a record may have had other fields.
    let snapshot = ledger.snapshot_with_replaced().await?;
    let (events, under_accounts) = events(&snapshot, ids, accounts)?;
    let versions = vault.personal_versions(&under_accounts).await?.into_iter();
    let records = versions.filter(|one| accounts.contains(&one.subject));
    let records: BTreeSet<RecordKey> = records.map(|one| one.record).collect();
    let own = vault.personal_of(ids).await?.len();
    let current = ledger.snapshot().await?;
    let holds = decisions::holds(&current)?.into_iter();
    Ok(Plan {
        events,
        names: vault.names(ids).await?.len() as u64,
        fields: (own + records.len()) as u64,
        rows: vault.raw_naming(ids).await?,
        holds: holds.filter(|hold| hold.stops(ids)).collect(),
        marks: vault.marks(ids).await?,
        records: records.into_iter().collect(),
        person,
    })
}

/// How many events name some identifiers, and the records among them whose first identifier is an account.
fn events(
    snapshot: &Snapshot,
    identifiers: &[IdentifierId],
    accounts: &HashSet<IdentifierId>,
) -> Result<(u64, Vec<RecordKey>)> {
    let filter = Filter {
        identifiers: Some(identifiers.to_vec()),
        ..Filter::default()
    };
    let (mut count, mut records) = (0, HashSet::new());
    for kind in snapshot.kinds().keys() {
        for batch in snapshot.scan(kind, &[column::KEY, column::IDENTIFIER], &filter)? {
            let batch = batch?;
            count += batch.num_rows() as u64;
            let ids = (0..2).map(|place| batch.column(place).as_fixed_size_binary_opt());
            let ids: Option<Vec<_>> = ids.collect();
            let Some([keys, firsts]) = ids.as_deref() else {
                continue;
            };
            for row in 0..batch.num_rows() {
                let first = IdentifierId::from_slice(firsts.value(row));
                let of_account =
                    first.is_some_and(|id| accounts.contains(&id) && !identifiers.contains(&id));
                records.extend(RecordKey::from_slice(keys.value(row)).filter(|_| of_account));
            }
        }
    }
    Ok((count, records.into_iter().collect()))
}

/// Erases a person. The caller holds the writer, so that nothing is imported meanwhile.
///
/// # Errors
/// `AM0312` when a legal hold stops it; `AM0313` when the reason would keep what is erased; `AM0310` and `AM0311` when
/// log or journal cannot be written; `AM0303` when the vault fails.
pub async fn erase(
    vault: &Vault,
    journal: &Journal,
    writer: &Writer,
    plan: &Plan,
    reason: Option<&str>,
    perhaps: bool,
    at: Timestamp,
) -> Result<Done> {
    if let Some(hold) = plan.holds.first() {
        return Err(Problem::new("AM0312", "a legal hold stops this erasure")
            .detail(format!("since {}: {}", hold.since, hold.reason))
            .hint(format!(
                "when the reason is gone: `amends hold lift {} --reason \"...\"`",
                plan.person.customer
            )));
    }
    if let Some(reason) = reason {
        impersonal(vault, &plan.person.identifiers, reason).await?;
    }
    let entry = Entry {
        erasure: Erasure {
            number: number(plan, at),
            at,
            identifiers: plan.marks.clone(),
            records: plan.records.clone(),
            perhaps,
        },
        customer: plan.person.customer,
        reason: reason.map(str::to_owned),
    };
    journal.add(&entry)?;
    carry_out(vault, writer, &entry).await
}

/// Carries out what the journal says and the vault does not know yet: an erasure that was cut short, or one that is younger than
/// a restored backup. How many there were.
///
/// # Errors
/// As `erase`; `AM0402` when somebody else is writing; `AM0427` when a database is damaged.
pub async fn finish(
    ledger: &Ledger,
    vault: &Vault,
    journal: &Journal,
    data: &Path,
    holder: &str,
) -> Result<usize> {
    let entries = journal.read()?;
    let numbers: Vec<EventId> = entries.iter().map(|entry| entry.erasure.number).collect();
    let left: HashSet<EventId> = vault.unfinished(&numbers).await?.into_iter().collect();
    if left.is_empty() {
        return Ok(0);
    }
    let writer = sums::write(ledger, data, holder).await?;
    let waiting = entries
        .iter()
        .filter(|entry| left.contains(&entry.erasure.number));
    for entry in waiting {
        carry_out(vault, &writer, entry).await?;
    }
    Ok(left.len())
}

async fn carry_out(vault: &Vault, writer: &Writer, entry: &Entry) -> Result<Done> {
    let erasure = &entry.erasure;
    let erased = vault.erase(erasure).await?;
    vault.scrub().await?;
    let ids: Vec<IdentifierId> = erasure.identifiers.iter().map(|mark| mark.id).collect();
    let reason = entry.reason.as_deref();
    let event = decisions::erased(writer, entry.customer, &ids, reason, erasure.at).await?;
    vault.finish_erasure(erasure.number).await?;
    Ok(Done { event, erased })
}

/// The number of an erasure: the same person at the same moment is one.
fn number(plan: &Plan, at: Timestamp) -> EventId {
    let mut hash = blake3::Hasher::new_derive_key("amends erasure number v1");
    hash.update(&plan.person.customer.0);
    hash.update(&time::micros(at).to_le_bytes());
    plan.marks.iter().for_each(|mark| {
        hash.update(&mark.id.0);
    });
    let mut number = [0; 16];
    number.copy_from_slice(&hash.finalize().as_bytes()[..16]);
    EventId(number)
}

/// Sees that a reason, which stays, names nobody.
///
/// # Errors
/// `AM0313` when it holds one of the person's names, a mail address or a long number.
pub(crate) async fn impersonal(
    vault: &Vault,
    identifiers: &[IdentifierId],
    reason: &str,
) -> Result<()> {
    let lower = reason.to_lowercase();
    let mut texts: Vec<String> = vault.names(identifiers).await?.into_values().collect();
    for fields in vault.personal_of(identifiers).await? {
        let values: serde_json::Value = serde_json::from_str(&fields.fields).unwrap_or_default();
        let values = values.as_object().into_iter().flatten();
        texts.extend(values.filter_map(|(_, value)| Some(value.as_str()?.to_owned())));
    }
    let mut names = texts.iter().map(|text| text.trim().to_lowercase());
    let named = names.any(|name| name.chars().count() >= 4 && lower.contains(&name));
    let digits = reason.split(|c: char| !c.is_ascii_digit());
    let long_number = digits.map(str::len).max().unwrap_or(0) >= 7;
    if named || lower.contains('@') || long_number {
        return Err(
            Problem::new("AM0313", "this reason would keep something personal")
                .hint("a reason stays in the ledger: write why, and not about whom, such as \"asked for it in writing\""),
        );
    }
    Ok(())
}
