//! What is kept for a time only, and forgotten when that time is over. Counts stay: nothing of it is in the ledger.

use std::collections::{BTreeMap, HashSet};

use amends_ledger::{Filter, Ledger};
use amends_model::event::column;
use amends_model::{RecordKey, Result};
use amends_vault::Vault;
use arrow::array::{Array, AsArray, RecordBatch};
use jiff::Timestamp;

/// The moments before which things are forgotten. What is not named is kept.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Raw rows that were set aside before.
    pub quarantine: Option<Timestamp>,
    /// Personal fields of records of a source that happened before.
    pub personal: BTreeMap<String, Timestamp>,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Raw rows.
    pub rows: u64,
    /// Personal fields, as often as imports said something new of a record.
    pub fields: u64,
}

/// Forgets what is older than the limits, and leaves no byte of it in the vault's log where nobody else reads it.
///
/// The caller holds the writer, so that nothing is imported meanwhile.
///
/// # Errors
/// `AM0303` when the vault fails; `AM0403` and `AM0406` when the ledger cannot be read; `AM0310` while another process reads.
pub async fn forget_old(ledger: &Ledger, vault: &Vault, limits: &Limits) -> Result<Forgotten> {
    let mut forgotten = Forgotten::default();
    if let Some(limit) = limits.quarantine {
        let imports = ledger.imports().await?;
        let old = imports
            .iter()
            .filter(|import| import.start.started_at < limit);
        let old: HashSet<i64> = old.map(|import| import.import).collect();
        for (import, rows) in vault.raw_imports().await? {
            if old.contains(&import) {
                vault.forget_all_raw(import).await?;
                forgotten.rows += rows;
            }
        }
    }
    for (source, limit) in &limits.personal {
        let records = old_records(ledger, source, *limit).await?;
        forgotten.fields += vault.forget_fields(&records).await?;
    }
    if forgotten != Forgotten::default() {
        vault.scrub().await?;
    }
    Ok(forgotten)
}

/// The records of a source that happened before a moment, those included that were replaced.
async fn old_records(ledger: &Ledger, source: &str, limit: Timestamp) -> Result<Vec<RecordKey>> {
    let snapshot = ledger.snapshot_with_replaced().await?;
    let filter = Filter {
        until: Some(limit),
        ..Filter::default()
    };
    let mut records = HashSet::new();
    for kind in snapshot.kinds().keys() {
        for batch in snapshot.scan(kind, &[column::KEY, column::SOURCE], &filter)? {
            records.extend(of_source(&batch?, source));
        }
    }
    Ok(records.into_iter().collect())
}

fn of_source(batch: &RecordBatch, source: &str) -> Vec<RecordKey> {
    let columns = batch.column(0).as_fixed_size_binary_opt();
    let columns = columns.zip(batch.column(1).as_string_opt::<i32>());
    let rows = columns.into_iter().flat_map(|(keys, sources)| {
        let theirs = (0..keys.len()).filter(|row| sources.value(*row) == source);
        theirs.filter_map(|row| RecordKey::from_slice(keys.value(row)))
    });
    rows.collect()
}
