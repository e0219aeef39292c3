//! The raw text of rows in quarantine, under the key of their import.

use std::collections::HashMap;

use amends_model::Result;
use sqlx::{Any, Row, Transaction};

use crate::rows::{portions, portions_of, with_rows};
use crate::sealing::{Cipher, Random};
use crate::{Naming, RawRow, Vault, damaged, failed};

const UPSERT: &str = include_str!("../sql/upsert_raw_rows.sql");
const FORGET: &str = "DELETE FROM raw_rows WHERE entry IN ({rows}) AND import = ?";
const FORGET_KEY: &str = include_str!("../sql/forget_import_key.sql");
const FORGET_ROWS: &str = include_str!("../sql/forget_raw.sql");
const FIND_KEY: &str = "SELECT import_key FROM import_keys WHERE import = $1";

impl Vault {
    /// Seals raw rows under the key of an import. An entry sealed before is replaced. Rows that name somebody erased are not kept.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when the import's key was changed or damaged.
    pub async fn seal_raw(&self, import: i64, rows: &[RawRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        // Of an entry that comes twice the last counts.
        let last: HashMap<i64, &RawRow> = rows.iter().map(|row| (row.entry, row)).collect();
        let mut last: Vec<&RawRow> = last.into_values().collect();
        last.sort_unstable_by_key(|row| row.entry);
        let _turn = self.inner.turn.lock().await;
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        let erased = self.sought_erased(&mut work).await?;
        let surely = Some(Naming::Surely);
        let names_erased =
            |row: &RawRow| row.entry > 0 && erased.named_in(&self.inner.keys, &row.text) == surely;
        last.retain(|row| !names_erased(row));
        self.seal_rows(&mut work, import, &last, &mut Random::new())
            .await?;
        work.commit().await.map_err(failed)
    }

    /// Seals rows as they are, each entry once.
    pub(crate) async fn seal_rows(
        &self,
        work: &mut Transaction<'_, Any>,
        import: i64,
        rows: &[&RawRow],
        random: &mut Random,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let key = self.key_of_import(work, import, random).await?;
        let sizes: Vec<usize> = rows.iter().map(|row| row.text.len()).collect();
        for portion in portions_of(&sizes, 3) {
            let mut query = sqlx::query(with_rows(UPSERT, portion.len(), 3));
            for row in &rows[portion] {
                let place = text_place(import, row.entry);
                let sealed = key.seal(&row.text, &place.each(), random)?;
                query = query.bind(import).bind(row.entry).bind(sealed);
            }
            query.execute(&mut **work).await.map_err(failed)?;
        }
        Ok(())
    }

    /// The raw rows of an import, by entry.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn raw(&self, import: i64) -> Result<Vec<RawRow>> {
        let mut reading = self.inner.pool.begin().await.map_err(failed)?;
        self.raw_in(&mut reading, import).await
    }

    /// The raw rows of an import, as a transaction sees them.
    pub(crate) async fn raw_in(
        &self,
        work: &mut Transaction<'_, Any>,
        import: i64,
    ) -> Result<Vec<RawRow>> {
        let wrapped: Option<Vec<u8>> = sqlx::query_scalar(FIND_KEY)
            .bind(import)
            .fetch_optional(&mut **work)
            .await
            .map_err(failed)?;
        let Some(wrapped) = wrapped else {
            return Ok(Vec::new());
        };
        let key = self.unwrap_import_key(import, &wrapped)?;
        let rows =
            sqlx::query("SELECT entry, sealed_text FROM raw_rows WHERE import = $1 ORDER BY entry")
                .bind(import)
                .fetch_all(&mut **work)
                .await
                .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let entry: i64 = row.try_get(0).map_err(failed)?;
                let sealed: &[u8] = row.try_get(1).map_err(failed)?;
                let text = key
                    .open(sealed, &text_place(import, entry).each())
                    .ok_or_else(|| {
                        damaged(&format!("the raw text of entry {entry} of import {import}"))
                    })?;
                Ok(RawRow { entry, text })
            })
            .collect()
    }

    /// Forgets raw rows that were replayed; with the last one the import's key goes as well.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget_raw(&self, import: i64, entries: &[i64]) -> Result<()> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for portion in portions(entries.len(), 1) {
            let mut query = sqlx::query(with_rows(FORGET, portion.len(), 1));
            for entry in &entries[portion] {
                query = query.bind(*entry);
            }
            query
                .bind(import)
                .execute(&mut *work)
                .await
                .map_err(failed)?;
        }
        sqlx::query(FORGET_KEY)
            .bind(import)
            .execute(&mut *work)
            .await
            .map_err(failed)?;
        work.commit().await.map_err(failed)
    }

    /// The imports of which raw rows are kept, and how many of each.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn raw_imports(&self) -> Result<Vec<(i64, u64)>> {
        let query = "SELECT import, COUNT(*) FROM raw_rows WHERE entry > 0 GROUP BY import";
        let rows = sqlx::query(query)
            .fetch_all(&self.inner.pool)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get(1).map_err(failed)?;
                Ok((row.try_get(0).map_err(failed)?, count as u64))
            })
            .collect()
    }

    /// Forgets all raw rows of an import, and its key.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget_all_raw(&self, import: i64) -> Result<()> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for statement in [FORGET_ROWS, FORGET_KEY] {
            sqlx::query(statement)
                .bind(import)
                .execute(&mut *work)
                .await
                .map_err(failed)?;
        }
        work.commit().await.map_err(failed)
    }

    /// The key of an import, made with its first row.
    async fn key_of_import(
        &self,
        work: &mut Transaction<'_, Any>,
        import: i64,
        random: &mut Random,
    ) -> Result<Cipher> {
        let fresh = random.take()?;
        let wrapped = self
            .inner
            .keys
            .wrap(&fresh, &key_place(&import.to_le_bytes()), random)?;
        sqlx::query("INSERT INTO import_keys (import, import_key) VALUES ($1, $2) ON CONFLICT (import) DO NOTHING")
            .bind(import)
            .bind(wrapped)
            .execute(&mut **work)
            .await
            .map_err(failed)?;
        let wrapped: Vec<u8> = sqlx::query_scalar(FIND_KEY)
            .bind(import)
            .fetch_one(&mut **work)
            .await
            .map_err(failed)?;
        self.unwrap_import_key(import, &wrapped)
    }

    fn unwrap_import_key(&self, import: i64, wrapped: &[u8]) -> Result<Cipher> {
        self.inner
            .keys
            .unwrap(wrapped, &key_place(&import.to_le_bytes()))
            .ok_or_else(|| damaged(&format!("the key of import {import}")))
    }
}

fn key_place(import: &[u8; 8]) -> [&[u8]; 2] {
    [b"import key", import]
}

/// Where a raw text stands.
struct TextPlace {
    import: [u8; 8],
    entry: [u8; 8],
}

fn text_place(import: i64, entry: i64) -> TextPlace {
    TextPlace {
        import: import.to_le_bytes(),
        entry: entry.to_le_bytes(),
    }
}

impl TextPlace {
    fn each(&self) -> [&[u8]; 3] {
        [b"raw text", &self.import, &self.entry]
    }
}
