//! Personal fields of records, each record's under the key of its subject: reading and forgetting them.

use std::collections::HashMap;

use amends_model::{IdentifierId, RecordKey, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::finding::{drop_fields, find_all};
use crate::places::{fields_place, key_place};
use crate::rows::{portions, with_rows};
use crate::{Personal, Vault, damaged, failed, sixteen};

const FIND: &str = include_str!("../sql/find_personal.sql");
const FIND_OF: &str = include_str!("../sql/personal_of.sql");
const VERSIONS_OF: &str = include_str!("../sql/versions_of.sql");

impl Vault {
    /// The personal fields of records, as JSON objects: what was said last by an import that counts. Those erased, or without any, are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn personal(&self, records: &[RecordKey]) -> Result<HashMap<RecordKey, String>> {
        let mut found = HashMap::new();
        for portion in portions(records.len(), 1) {
            let mut query = sqlx::query(with_rows(FIND, portion.len(), 1));
            for record in &records[portion] {
                query = query.bind(record.0.to_vec());
            }
            for row in query.fetch_all(&self.inner.pool).await.map_err(failed)? {
                let opened = self.open_fields(&row)?;
                found.extend(opened.map(|one| (one.record, one.fields)));
            }
        }
        Ok(found)
    }

    /// All personal fields that stand under the keys of some identifiers, also what earlier imports said of a record.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn personal_of(&self, subjects: &[IdentifierId]) -> Result<Vec<Personal>> {
        self.all_fields(FIND_OF, subjects.iter().map(|id| id.0))
            .await
    }

    /// All personal fields of records, under whosever key, also what earlier imports said.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn personal_versions(&self, records: &[RecordKey]) -> Result<Vec<Personal>> {
        self.all_fields(VERSIONS_OF, records.iter().map(|key| key.0))
            .await
    }

    async fn all_fields(
        &self,
        of: &str,
        wanted: impl Iterator<Item = [u8; 16]>,
    ) -> Result<Vec<Personal>> {
        let wanted: Vec<[u8; 16]> = wanted.collect();
        let mut found = Vec::new();
        for portion in portions(wanted.len(), 1) {
            let mut query = sqlx::query(with_rows(of, portion.len(), 1));
            for one in &wanted[portion] {
                query = query.bind(one.to_vec());
            }
            for row in query.fetch_all(&self.inner.pool).await.map_err(failed)? {
                found.extend(self.open_fields(&row)?);
            }
        }
        Ok(found)
    }

    /// Forgets the personal fields of records; how many sealed texts went.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget_fields(&self, records: &[RecordKey]) -> Result<u64> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        find_all(&mut work).await?;
        let gone = drop_fields(&mut work, records, None).await?;
        work.commit().await.map_err(failed)?;
        Ok(gone)
    }

    /// Opens a row of record, subject, fields and key; `None` where the key was destroyed.
    fn open_fields(&self, row: &AnyRow) -> Result<Option<Personal>> {
        let record = RecordKey(sixteen(row.try_get(0).map_err(failed)?, "a record")?);
        let subject = IdentifierId(sixteen(row.try_get(1).map_err(failed)?, "an identifier")?);
        let sealed: &[u8] = row.try_get(2).map_err(failed)?;
        let Some(wrapped) = row.try_get::<Option<&[u8]>, _>(3).map_err(failed)? else {
            return Ok(None);
        };
        let key = self.inner.keys.unwrap(wrapped, &key_place(&subject));
        let fields = key
            .and_then(|key| key.open(sealed, &fields_place(&record, &subject)))
            .and_then(|fields| String::from_utf8(fields).ok())
            .ok_or_else(|| damaged(&format!("the personal fields of record {record}")))?;
        Ok(Some(Personal {
            subject,
            record,
            fields,
        }))
    }
}
