//! The end of an import: what it said of people counts, or was never said.

use amends_model::Result;
use sqlx::{Any, Transaction};

use crate::{Vault, failed};

const COUNT_CHANGE: &str = include_str!("../sql/count_change.sql");
/// Whom an import minted: by their fingerprints, by their identifiers, and they themselves.
const FORGET_MINTED: [&str; 3] = [
    include_str!("../sql/forget_fingerprints.sql"),
    include_str!("../sql/forget_ids.sql"),
    include_str!("../sql/forget_identifiers.sql"),
];
/// What an import said: by its records, by its subjects, and itself; and what it set aside.
const FORGET_SAID: [&str; 5] = [
    include_str!("../sql/forget_by_record.sql"),
    include_str!("../sql/forget_by_subject.sql"),
    "DELETE FROM personal WHERE import = $1",
    "DELETE FROM raw_rows WHERE import = $1",
    "DELETE FROM import_keys WHERE import = $1",
];

impl Vault {
    /// The ledger holds an import: what it sealed counts.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn keep(&self, import: i64) -> Result<()> {
        sqlx::query("DELETE FROM under_way WHERE import = $1")
            .bind(import)
            .execute(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// An import came to nothing: whom it minted, what it sealed and what it set aside go, as if it had never begun. For one that this process began,
    /// there is [`crate::Incoming::forget`].
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget(&self, import: i64) -> Result<()> {
        self.forget_up_to(import, i64::MAX).await
    }

    /// The same, of an import that minted no identifier beyond this number.
    pub(crate) async fn forget_up_to(&self, import: i64, last: i64) -> Result<()> {
        self.seen().forget();
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for statement in FORGET_MINTED {
            sqlx::query(statement)
                .bind(import)
                .bind(last)
                .execute(&mut *work)
                .await
                .map_err(failed)?;
        }
        forget_said(&mut work, import).await?;
        sqlx::query("DELETE FROM under_way WHERE import = $1")
            .bind(import)
            .execute(&mut *work)
            .await
            .map_err(failed)?;
        count_change(&mut work).await?;
        work.commit().await.map_err(failed)
    }
}

/// Forgets what an import said of people, and what it set aside; not whom it minted.
pub(crate) async fn forget_said(work: &mut Transaction<'_, Any>, import: i64) -> Result<()> {
    for statement in FORGET_SAID {
        sqlx::query(statement)
            .bind(import)
            .execute(&mut **work)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Notes that names that were minted are gone, or that something else is said of them.
pub(crate) async fn count_change(work: &mut Transaction<'_, Any>) -> Result<()> {
    sqlx::query(COUNT_CHANGE)
        .execute(&mut **work)
        .await
        .map_err(failed)?;
    Ok(())
}
