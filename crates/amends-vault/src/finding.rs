//! What finds names and fields: tables by fingerprint and identifier, and by record and subject.
//!
//! These are hashes and random numbers. Put in as they come, each would change another page of its table, and every page is read, logged and written back. So
//! rows are written first, in the order in which they come, and these tables are brought up to date in one go, in their own order, before anybody needs them:
//! an import does it where names and places kept in memory become too many, and before it is kept.
//!
//! Even in one go, a few new rows change nearly every page of a large table, and every source of an import brings some. So each table has two levels, apart
//! by their place in the key: most of it, and what came lately. Only when there is much of that does it go among the rest.

use amends_model::{RecordKey, Result};
use sqlx::{Any, Transaction};

use crate::rows::{portions, with_rows, without_copies};
use crate::{Vault, counters, failed};

/// What is found by tables of its own: how far they are, how far most of them is, how far the rows are, and the tables.
struct Found {
    up_to: &'static str,
    merged: &'static str,
    last: &'static str,
    tables: [Table; 2],
}

/// A table: how it takes up the rows after one, and how what came lately leaves it.
struct Table {
    add: &'static str,
    clear_lately: &'static str,
}

const NAMES: Found = Found {
    up_to: "found names",
    merged: "merged names",
    last: counters::IDENTIFIER,
    tables: [
        Table {
            add: include_str!("../sql/find_new_fingerprints.sql"),
            clear_lately: "DELETE FROM by_fingerprint WHERE level = 1",
        },
        Table {
            add: include_str!("../sql/find_new_ids.sql"),
            clear_lately: "DELETE FROM by_id WHERE level = 1",
        },
    ],
};
const FIELDS: Found = Found {
    up_to: "found fields",
    merged: "merged fields",
    last: counters::FIELDS,
    tables: [
        Table {
            add: include_str!("../sql/find_new_records.sql"),
            clear_lately: "DELETE FROM by_record WHERE level = 1",
        },
        Table {
            add: include_str!("../sql/find_new_subjects.sql"),
            clear_lately: "DELETE FROM by_subject WHERE level = 1",
        },
    ],
};
/// The levels of a table, as they stand in its key.
const MOST: i64 = 0;
const LATELY: i64 = 1;
/// What came lately stays apart while it is less than such a part of the rest: an eighth. The pages of the rest are then touched seldom, and each takes many
/// rows when it is.
const MOST_LATELY: i64 = 8;
/// Says up to where they are, if they are behind, and changes nothing. Whoever reads before they write does not wait for others who write.
const IS_BEHIND: &str = include_str!("../sql/is_behind.sql");

/// Fields of records.
const DROP_FIELDS: &str = include_str!("../sql/drop_fields.sql");
/// What finds these by their subject, before they go, and by their record, afterwards.
const DROP_BY_SUBJECT: &str = include_str!("../sql/drop_by_subject.sql");
const DROP_BY_RECORD: &str = include_str!("../sql/drop_by_record.sql");

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
        let behind: Option<i64> = sqlx::query_scalar(IS_BEHIND)
            .bind(self.up_to)
            .bind(self.last)
            .fetch_optional(&mut **work)
            .await
            .map_err(failed)?;
        let Some(up_to) = behind else {
            return Ok(());
        };
        let merged = counters::last(work, self.merged).await?;
        let last = counters::last(work, self.last).await?;
        if stays_apart(merged, last) {
            for table in &self.tables {
                table.add(work, LATELY, up_to).await?;
            }
        } else {
            for table in &self.tables {
                // The pages that this leaves take up what comes next.
                sqlx::query(table.clear_lately)
                    .execute(&mut **work)
                    .await
                    .map_err(failed)?;
                table.add(work, MOST, merged).await?;
            }
            counters::put(work, self.merged, last).await?;
        }
        counters::put(work, self.up_to, last).await
    }
}

/// Whether what came since the levels were merged is little beside what came before. Numbers whose rows are gone count as well: only time hangs on it.
fn stays_apart(merged: i64, last: i64) -> bool {
    (last - merged).saturating_mul(MOST_LATELY) < merged
}

impl Table {
    /// Takes up the rows after one, in the order of the table.
    async fn add(&self, work: &mut Transaction<'_, Any>, level: i64, after: i64) -> Result<()> {
        sqlx::query(without_copies(self.add))
            .bind(level)
            .bind(after)
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
