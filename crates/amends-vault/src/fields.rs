//! Personal fields of records, each record's under the key of its subject.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use amends_model::{IdentifierId, RecordKey, Result};
use sqlx::{Any, Row, Transaction};

use crate::mint::{key_place, unknown};
use crate::rows::{portions, with_rows};
use crate::sealing::{Cipher, Random};
use crate::{Personal, Vault, damaged, failed, sixteen};

const KEYS: &str = include_str!("../sql/find_keys.sql");
const UPSERT: &str = include_str!("../sql/upsert_personal.sql");
const FIND: &str = include_str!("../sql/find_personal.sql");

impl Vault {
    /// Seals personal fields; a record sealed before is replaced. Of those erased nothing is kept.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a key was changed or damaged; `AM0305` when a subject was never minted.
    pub async fn seal(&self, personal: &[Personal]) -> Result<()> {
        // Of a record that comes twice the last counts; one statement could not replace its own row.
        let mut met = HashSet::with_capacity(personal.len());
        let mut last: Vec<&Personal> = personal
            .iter()
            .rev()
            .filter(|one| met.insert(one.record))
            .collect();
        last.reverse();
        let mut random = Random::new();
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        for part in last.chunks(4096) {
            let keys = self.keys(&mut work, part).await?;
            let mut prepare = |portion: Option<Range<usize>>| -> Result<Option<Vec<Sealed>>> {
                let Some(portion) = portion else {
                    return Ok(None);
                };
                let sealed = part[portion]
                    .iter()
                    .map(|one| sealed(one, &keys, &mut random));
                Ok(Some(
                    sealed
                        .filter_map(Result::transpose)
                        .collect::<Result<_>>()?,
                ))
            };
            let mut portions = portions(part.len(), 3);
            let mut rows = prepare(portions.next())?;
            while let Some(sealed) = rows {
                // While the database takes these rows on its thread, the next ones are sealed on this one.
                let (upserted, next) = tokio::join!(upsert(&mut work, sealed), async {
                    prepare(portions.next())
                });
                upserted?;
                rows = next?;
            }
        }
        work.commit().await.map_err(failed)
    }

    /// The personal fields of records, as JSON objects. Those erased, or without any, are absent.
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
                let record = RecordKey(sixteen(row.try_get(0).map_err(failed)?, "a record")?);
                let subject =
                    IdentifierId(sixteen(row.try_get(1).map_err(failed)?, "an identifier")?);
                let sealed: &[u8] = row.try_get(2).map_err(failed)?;
                let Some(wrapped) = row.try_get::<Option<&[u8]>, _>(3).map_err(failed)? else {
                    continue;
                };
                let key = self.inner.keys.unwrap(wrapped, &key_place(&subject));
                let fields = key
                    .and_then(|key| key.open(sealed, &fields_place(&record, &subject)))
                    .and_then(|fields| String::from_utf8(fields).ok())
                    .ok_or_else(|| damaged(&format!("the personal fields of record {record}")))?;
                found.insert(record, fields);
            }
        }
        Ok(found)
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
    fields: Vec<u8>,
}

/// Seals one record's fields; `None` where the subject was erased.
fn sealed(
    one: &Personal,
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
        fields,
    }))
}

async fn upsert(work: &mut Transaction<'_, Any>, rows: Vec<Sealed>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut query = sqlx::query(with_rows(UPSERT, rows.len(), 3));
    for row in rows {
        query = query
            .bind(row.record.0.to_vec())
            .bind(row.subject.0.to_vec())
            .bind(row.fields);
    }
    query.execute(&mut **work).await.map_err(failed)?;
    Ok(())
}
