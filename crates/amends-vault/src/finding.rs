//! What finds names and fields: tables by fingerprint and identifier, and by record and subject.
//!
//! These are hashes and random numbers. Put in as they come, each would change another page of its table, and every page is read, logged and written back. So
//! rows are written first, in the order in which they come, and these tables are brought up to date in one go, in their own order, before anybody needs them:
//! an import does it where names and places kept in memory become too many, and before it is kept.

use amends_model::{RecordKey, Result};
use sqlx::{Any, Transaction};

use crate::rows::{portions, with_rows, without_copies};
use crate::{Vault, counters, failed};

/// What is found by tables of its own: how far they are, how far the rows are, and what each table takes up.
struct Found {
    up_to: &'static str,
    last: &'static str,
    tables: [&'static str; 2],
}

const NAMES: Found = Found {
    up_to: "found names",
    last: counters::IDENTIFIER,
    tables: [
        include_str!("../sql/find_new_fingerprints.sql"),
        include_str!("../sql/find_new_ids.sql"),
    ],
};
const FIELDS: Found = Found {
    up_to: "found fields",
    last: counters::FIELDS,
    tables: [
        include_str!("../sql/find_new_records.sql"),
        include_str!("../sql/find_new_subjects.sql"),
    ],
};
/// Says whether they are behind, and changes nothing. Whoever reads before they write does not wait for others who write.
const IS_BEHIND: &str = include_str!("../sql/is_behind.sql");
const CAUGHT_UP: &str = "UPDATE counters SET value = (SELECT l.value FROM counters l WHERE l.name = $2) WHERE name = $1";

/// Fields of records.
const DROP_FIELDS: &str = "DELETE FROM personal WHERE place IN (SELECT place FROM by_record WHERE record IN ({rows}) {and})";
/// What finds these by their subject, before they go, and by their record, afterwards.
const DROP_BY_SUBJECT: &str = include_str!("../sql/drop_by_subject.sql");
const DROP_BY_RECORD: &str = "DELETE FROM by_record WHERE record IN ({rows}) {and}";

impl Vault {
    /// Brings up to date what finds names and fields.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        let _turn = self.inner.turn.lock().await;
        // Each for itself: what a transaction changes waits in the log.
        for found in [NAMES, FIELDS] {
            let mut work = self.inner.pool.begin().await.map_err(failed)?;
            found.catch_up(&mut work).await?;
            work.commit().await.map_err(failed)?;
        }
        Ok(())
    }
}

/// Sees to it that every name is found.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn find_names(work: &mut Transaction<'_, Any>) -> Result<()> {
    NAMES.catch_up(work).await
}

/// Sees to it that every name and field is found, also what an import wrote that was broken off.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn find_all(work: &mut Transaction<'_, Any>) -> Result<()> {
    NAMES.catch_up(work).await?;
    FIELDS.catch_up(work).await
}

impl Found {
    async fn catch_up(&self, work: &mut Transaction<'_, Any>) -> Result<()> {
        let is_behind: Option<i64> = sqlx::query_scalar(IS_BEHIND)
            .bind(self.up_to)
            .bind(self.last)
            .fetch_optional(&mut **work)
            .await
            .map_err(failed)?;
        if is_behind.is_none() {
            return Ok(());
        }
        for table in self.tables {
            sqlx::query(without_copies(table))
                .execute(&mut **work)
                .await
                .map_err(failed)?;
        }
        sqlx::query(CAUGHT_UP)
            .bind(self.up_to)
            .bind(self.last)
            .execute(&mut **work)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Destroys the fields of records, those that one import said or all; how many sealed texts went.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn drop_fields(
    work: &mut Transaction<'_, Any>,
    records: &[RecordKey],
    import: Option<i64>,
) -> Result<u64> {
    let mut gone = 0;
    for portion in portions(records.len(), 1) {
        let records = &records[portion];
        drop(work, DROP_BY_SUBJECT, records, import).await?;
        gone += drop(work, DROP_FIELDS, records, import).await?;
        drop(work, DROP_BY_RECORD, records, import).await?;
    }
    Ok(gone)
}

async fn drop(
    work: &mut Transaction<'_, Any>,
    delete: &str,
    records: &[RecordKey],
    import: Option<i64>,
) -> Result<u64> {
    let delete = delete.replace("{and}", import.map_or("", |_| "AND import = ?"));
    let mut query = sqlx::query(with_rows(&delete, records.len(), 1));
    for record in records {
        query = query.bind(&record.0[..]);
    }
    if let Some(import) = import {
        query = query.bind(import);
    }
    let deleted = query.execute(&mut **work).await.map_err(failed)?;
    Ok(deleted.rows_affected())
}
