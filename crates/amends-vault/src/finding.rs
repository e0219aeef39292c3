//! What finds names and fields: tables by fingerprint and identifier, and by record and subject.
//!
//! These are hashes and random numbers. Put in as they come, each would change another page of its table, and every page is read, logged and written back. So
//! rows are written first, in the order in which they come, and these tables are brought up to date in one go, in their own order, before anybody needs them:
//! an import does it where names and places kept in memory become too many, and before it is kept.

use amends_model::{RecordKey, Result};
use sqlx::{Any, Transaction};

use crate::rows::{portions, with_rows, without_copies};
use crate::{Vault, failed};

/// What is found by tables of its own: how far they are, how far the rows are, and what each table takes up.
struct Found {
    up_to: &'static str,
    last: &'static str,
    tables: [&'static str; 2],
}

const NAMES: Found = Found {
    up_to: "found names",
    last: "identifier",
    tables: [
        include_str!("../sql/find_new_fingerprints.sql"),
        include_str!("../sql/find_new_ids.sql"),
    ],
};
const FIELDS: Found = Found {
    up_to: "found fields",
    last: "fields",
    tables: [
        include_str!("../sql/find_new_records.sql"),
        include_str!("../sql/find_new_subjects.sql"),
    ],
};
const IS_BEHIND: &str = "SELECT CASE WHEN f.value < l.value THEN 1 ELSE 0 END FROM counters f, counters l WHERE f.name = $1 AND l.name = $2";
const CAUGHT_UP: &str = "UPDATE counters SET value = (SELECT l.value FROM counters l WHERE l.name = $2) WHERE name = $1";

/// Destroys fields of records: what finds them by their subject, they themselves, and what finds them by their record.
const DROP_FIELDS: [&str; 3] = [
    include_str!("../sql/unfind_subjects.sql"),
    "DELETE FROM personal WHERE place IN (SELECT place FROM by_record WHERE record IN ({rows}) {and})",
    "DELETE FROM by_record WHERE record IN ({rows}) {and}",
];

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
        let is_behind: i64 = sqlx::query_scalar(IS_BEHIND)
            .bind(self.up_to)
            .bind(self.last)
            .fetch_one(&mut **work)
            .await
            .map_err(failed)?;
        if is_behind == 0 {
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
    let and = import.map_or("", |_| "AND import = ?");
    let mut gone = 0;
    for portion in portions(records.len(), 1) {
        for (at, delete) in DROP_FIELDS.into_iter().enumerate() {
            let delete = delete.replace("{and}", and);
            let mut query = sqlx::query(with_rows(&delete, portion.len(), 1));
            for record in &records[portion.clone()] {
                query = query.bind(&record.0[..]);
            }
            if let Some(import) = import {
                query = query.bind(import);
            }
            let deleted = query.execute(&mut **work).await.map_err(failed)?;
            if at == 1 {
                gone += deleted.rows_affected();
            }
        }
    }
    Ok(gone)
}
