//! Imports under way: what they seal and whom they mint counts only once the ledger holds them.
//!
//! The ledger commits last. A marker stands here from before the first name of an import until after its commit; a marker that a crash
//! left behind is settled by whoever writes next, who asks the ledger which way it went.

use amends_model::Result;

use crate::mint::COUNT_CHANGE;
use crate::{Vault, failed, seen::Seen};

const FORGET_MINTED: &str = include_str!("../sql/forget_import.sql");

impl Vault {
    /// Marks an import as under way: what it seals from now on does not count yet.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn begin(&self, import: i64) -> Result<()> {
        sqlx::query("INSERT INTO under_way (import, before_identifier) SELECT $1, value FROM counters WHERE name = 'identifier'")
            .bind(import)
            .execute(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The imports that were begun and neither kept nor forgotten.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn under_way(&self) -> Result<Vec<i64>> {
        sqlx::query_scalar("SELECT import FROM under_way ORDER BY import")
            .fetch_all(&self.inner.pool)
            .await
            .map_err(failed)
    }

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

    /// An import came to nothing: whom it minted, what it sealed and what it set aside go, as if it had never begun.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget(&self, import: i64) -> Result<()> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for statement in [
            "DELETE FROM personal WHERE import = $1",
            "DELETE FROM raw_rows WHERE import = $1",
            "DELETE FROM import_keys WHERE import = $1",
            FORGET_MINTED,
            "DELETE FROM under_way WHERE import = $1",
        ] {
            sqlx::query(statement)
                .bind(import)
                .execute(&mut *work)
                .await
                .map_err(failed)?;
        }
        sqlx::query(COUNT_CHANGE)
            .execute(&mut *work)
            .await
            .map_err(failed)?;
        work.commit().await.map_err(failed)?;
        *self.seen() = Seen::default();
        Ok(())
    }
}
