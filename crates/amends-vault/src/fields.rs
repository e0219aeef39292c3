//! Personal fields of records, each record's under the key of its subject.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use amends_model::{IdentifierId, RecordKey, Result};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::mint::{key_place, unknown};
use crate::rows::{portions, portions_of, with_rows};
use crate::sealing::{Cipher, Random};
use crate::{Personal, Vault, damaged, failed, sixteen};

const KEYS: &str = include_str!("../sql/find_keys.sql");
const TEXTS: &str = include_str!("../sql/find_texts.sql");
const OTHERS: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM personal WHERE import <> $1 LIMIT 1) AS others";
/// Replaced by hand: an `ON CONFLICT` that updates makes SQLite copy every page that it touches.
const REPLACED: &str = "DELETE FROM personal WHERE record IN ({rows}) AND import = ?";
const INSERT: &str = include_str!("../sql/insert_personal.sql");
const FIND: &str = include_str!("../sql/find_personal.sql");
const FIND_OF: &str = include_str!("../sql/personal_of.sql");
const VERSIONS_OF: &str = include_str!("../sql/versions_of.sql");
/// Columns of the table.
const COLUMNS: usize = 5;

impl Vault {
    /// Seals personal fields as an import says them. Where they say the same as before nothing is added; what was said before stays.
    /// Of those erased nothing is kept.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a key was changed or damaged; `AM0305` when a subject was never minted.
    pub async fn seal(&self, import: i64, personal: &[Personal]) -> Result<()> {
        // Of a record that comes twice the last counts; one statement could not replace its own row.
        let mut met = HashSet::with_capacity(personal.len());
        let mut last: Vec<&Personal> = personal
            .iter()
            .rev()
            .filter(|one| met.insert(one.record))
            .collect();
        last.reverse();
        let mut random = Random::new();
        let _turn = self.inner.turn.lock().await;
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        let others: i64 = sqlx::query_scalar(OTHERS)
            .bind(import)
            .fetch_one(&mut *work)
            .await
            .map_err(failed)?;
        if others > 0 {
            let said = self.said(&mut work, &last).await?;
            last.retain(|one| said.get(&one.record) != Some(&self.text_hash(one)));
        }
        let withheld = self.withheld(&mut work).await?;
        last.retain(|one| !withheld.contains(&one.record));
        for part in last.chunks(4096) {
            let keys = self.keys(&mut work, part).await?;
            let mut prepare = |portion: Option<Range<usize>>| -> Result<Option<Vec<Sealed>>> {
                let Some(portion) = portion else {
                    return Ok(None);
                };
                let sealed = part[portion]
                    .iter()
                    .map(|one| sealed(one, self.text_hash(one), &keys, &mut random));
                Ok(Some(
                    sealed
                        .filter_map(Result::transpose)
                        .collect::<Result<_>>()?,
                ))
            };
            let sizes: Vec<usize> = part.iter().map(|one| one.fields.len()).collect();
            let mut portions = portions_of(&sizes, COLUMNS);
            let mut rows = prepare(portions.next())?;
            while let Some(sealed) = rows {
                // While the database takes these rows on its thread, the next ones are sealed on this one.
                let (put, next) = tokio::join!(put(&mut work, import, sealed), async {
                    prepare(portions.next())
                });
                put?;
                rows = next?;
            }
        }
        work.commit().await.map_err(failed)
    }

    /// What was said of records last, told by its hash.
    async fn said(
        &self,
        work: &mut Transaction<'_, Any>,
        personal: &[&Personal],
    ) -> Result<HashMap<RecordKey, [u8; 16]>> {
        let mut said = HashMap::new();
        for portion in portions(personal.len(), 1) {
            let mut query = sqlx::query(with_rows(TEXTS, portion.len(), 1));
            for one in &personal[portion] {
                query = query.bind(one.record.0.to_vec());
            }
            for row in query.fetch_all(&mut **work).await.map_err(failed)? {
                let record = sixteen(row.try_get(0).map_err(failed)?, "a record")?;
                let hash = sixteen(row.try_get(1).map_err(failed)?, "the hash of a text")?;
                said.insert(RecordKey(record), hash);
            }
        }
        Ok(said)
    }

    /// A hash of what is said and of whom, under a key, so that nobody can guess texts and compare.
    fn text_hash(&self, one: &Personal) -> [u8; 16] {
        let text = [&one.subject.0, one.fields.as_bytes()].concat();
        let mut hash = [0; 16];
        hash.copy_from_slice(&blake3::keyed_hash(&self.content_key(), &text).as_bytes()[..16]);
        hash
    }

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
        let mut gone = 0;
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for portion in portions(records.len(), 1) {
            let delete = "DELETE FROM personal WHERE record IN ({rows})";
            let mut query = sqlx::query(with_rows(delete, portion.len(), 1));
            for record in &records[portion] {
                query = query.bind(record.0.to_vec());
            }
            let deleted = query.execute(&mut *work).await.map_err(failed)?;
            gone += deleted.rows_affected();
        }
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

    /// The keys of the subjects; `None` for those erased.
    async fn keys(
        &self,
        work: &mut Transaction<'_, Any>,
        personal: &[&Personal],
    ) -> Result<HashMap<IdentifierId, Option<Cipher>>> {
        let distinct: HashSet<IdentifierId> = personal.iter().map(|one| one.subject).collect();
        let subjects: Vec<IdentifierId> = distinct.into_iter().collect();
        let mut keys = HashMap::with_capacity(subjects.len());
        for portion in portions(subjects.len(), 1) {
            let mut query = sqlx::query(with_rows(KEYS, portion.len(), 1));
            for subject in &subjects[portion] {
                query = query.bind(subject.0.to_vec());
            }
            for row in query.fetch_all(&mut **work).await.map_err(failed)? {
                let id = IdentifierId(sixteen(row.try_get(0).map_err(failed)?, "an identifier")?);
                let wrapped: Option<&[u8]> = row.try_get(1).map_err(failed)?;
                let key = match wrapped {
                    None => None,
                    Some(wrapped) => Some(
                        self.inner
                            .keys
                            .unwrap(wrapped, &key_place(&id))
                            .ok_or_else(|| damaged(&format!("the key of identifier {id}")))?,
                    ),
                };
                keys.insert(id, key);
            }
        }
        Ok(keys)
    }
}

fn fields_place<'a>(record: &'a RecordKey, subject: &'a IdentifierId) -> [&'a [u8]; 3] {
    [b"fields", &record.0, &subject.0]
}

/// Personal fields as the table holds them.
struct Sealed {
    record: RecordKey,
    subject: IdentifierId,
    text_hash: [u8; 16],
    fields: Vec<u8>,
}

/// Seals one record's fields; `None` where the subject was erased.
fn sealed(
    one: &Personal,
    text_hash: [u8; 16],
    keys: &HashMap<IdentifierId, Option<Cipher>>,
    random: &mut Random,
) -> Result<Option<Sealed>> {
    let (record, subject) = (one.record, one.subject);
    let Some(key) = keys.get(&subject).ok_or_else(|| unknown(subject))? else {
        return Ok(None);
    };
    let fields = key.seal(
        one.fields.as_bytes(),
        &fields_place(&record, &subject),
        random,
    )?;
    Ok(Some(Sealed {
        record,
        subject,
        text_hash,
        fields,
    }))
}

/// Puts fields into the table; what the same import said of the same records before is replaced.
async fn put(work: &mut Transaction<'_, Any>, import: i64, rows: Vec<Sealed>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut replaced = sqlx::query(with_rows(REPLACED, rows.len(), 1));
    for row in &rows {
        replaced = replaced.bind(row.record.0.to_vec());
    }
    let replaced = replaced.bind(import).execute(&mut **work).await;
    replaced.map_err(failed)?;
    let mut query = sqlx::query(with_rows(INSERT, rows.len(), COLUMNS));
    for row in rows {
        query = query
            .bind(row.record.0.to_vec())
            .bind(import)
            .bind(row.subject.0.to_vec())
            .bind(row.text_hash.to_vec())
            .bind(row.fields);
    }
    query.execute(&mut **work).await.map_err(failed)?;
    Ok(())
}
