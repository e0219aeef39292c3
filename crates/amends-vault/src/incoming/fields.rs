//! Personal fields of records, each record's under the key of its subject.

use std::collections::{HashMap, HashSet};

use amends_model::{IdentifierId, RecordKey, Result};
use sqlx::{AnyPool, Row};

use super::Incoming;
use super::portion::SealedFields;
use crate::places::{fields_place, key_place};
use crate::rows::{portions, with_rows};
use crate::sealing::{Cipher, Random};
use crate::{Personal, damaged, failed, sixteen, unknown};

const KEYS: &str = include_str!("../../sql/find_keys.sql");
const TEXTS: &str = include_str!("../../sql/find_texts.sql");

impl Incoming {
    /// Seals personal fields as the import says them. Where they say the same as before nothing is added; what was said before stays.
    /// Of those erased nothing is kept.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a key was changed or damaged; `AM0305` when a subject was never minted.
    pub async fn seal(&self, personal: &[Personal]) -> Result<()> {
        // Of a record that comes twice the last counts.
        let mut met = HashSet::with_capacity(personal.len());
        let last = personal.iter().rev().filter(|one| met.insert(one.record));
        let mut last: Vec<&Personal> = last.collect();
        last.retain(|one| !self.withheld.contains(&one.record));
        last.sort_unstable_by_key(|one| one.record);
        if !self.is_first {
            let pool = &self.vault.inner.pool;
            let said = said(pool, &self.not_in_memory(&last)).await?;
            last.retain(|one| said.get(&one.record) != Some(&self.text_hash(one)));
        }
        let (mut keys, missing) = self.keys_in_memory(&last);
        self.find_keys(missing, &mut keys).await?;
        let mut random = Random::new();
        for one in last {
            let key = keys.get(&one.subject).ok_or_else(|| unknown(one.subject))?;
            // Of an erased subject there is no key any more.
            let Some(key) = key else {
                continue;
            };
            let place = fields_place(&one.record, &one.subject);
            let sealed = SealedFields {
                subject: one.subject,
                text_hash: self.text_hash(one),
                fields: key.seal(one.fields.as_bytes(), &place, &mut random)?,
            };
            self.state().waiting.add_fields(one.record, sealed);
        }
        self.make_room().await
    }

    /// The records of which this import has said nothing that nothing finds yet.
    fn not_in_memory(&self, personal: &[&Personal]) -> Vec<RecordKey> {
        let state = self.state();
        let records = personal.iter().map(|one| one.record);
        records
            .filter(|record| {
                let is_on_its_way =
                    state.waiting.has_fields(record) || state.going.has_fields(record);
                !is_on_its_way && !state.records.has_unfound(record)
            })
            .collect()
    }

    /// The keys of subjects that were minted lately; and the other subjects.
    fn keys_in_memory(
        &self,
        personal: &[&Personal],
    ) -> (HashMap<IdentifierId, Option<Cipher>>, Vec<IdentifierId>) {
        let (state, seen) = (self.state(), self.vault.seen());
        let (mut keys, mut missing) = (HashMap::new(), HashSet::new());
        for one in personal {
            let id = one.subject;
            let key = state.waiting.key(&id).or_else(|| state.going.key(&id));
            match key.or_else(|| seen.key(&id)) {
                Some(key) => {
                    keys.insert(id, Some(key.clone()));
                }
                None => {
                    missing.insert(id);
                }
            }
        }
        let mut missing: Vec<IdentifierId> = missing.into_iter().collect();
        missing.sort_unstable();
        (keys, missing)
    }

    /// Adds the keys of subjects; `None` for those erased.
    async fn find_keys(
        &self,
        subjects: Vec<IdentifierId>,
        keys: &mut HashMap<IdentifierId, Option<Cipher>>,
    ) -> Result<()> {
        let inner = &self.vault.inner;
        for portion in portions(subjects.len(), 1) {
            let mut query = sqlx::query(with_rows(KEYS, portion.len(), 1));
            for subject in &subjects[portion] {
                query = query.bind(subject.0.to_vec());
            }
            for row in query.fetch_all(&inner.pool).await.map_err(failed)? {
                let id = IdentifierId(sixteen(row.try_get(0).map_err(failed)?, "an identifier")?);
                let wrapped: Option<&[u8]> = row.try_get(1).map_err(failed)?;
                let unwrapped = wrapped.map(|wrapped| {
                    let key = inner.keys.unwrap(wrapped, &key_place(&id));
                    key.ok_or_else(|| damaged(&format!("the key of identifier {id}")))
                });
                let key = unwrapped.transpose()?;
                if let Some(key) = &key {
                    self.vault.seen().put_key(id, key.clone());
                }
                keys.insert(id, key);
            }
        }
        Ok(())
    }

    /// A hash of what is said and of whom, under a key, so that nobody can guess texts and compare.
    fn text_hash(&self, one: &Personal) -> [u8; 16] {
        let text = [&one.subject.0, one.fields.as_bytes()].concat();
        let mut hash = [0; 16];
        let hashed = blake3::keyed_hash(&self.vault.inner.keys.content, &text);
        hash.copy_from_slice(&hashed.as_bytes()[..16]);
        hash
    }
}

/// What was said of records last, told by its hash.
async fn said(pool: &AnyPool, records: &[RecordKey]) -> Result<HashMap<RecordKey, [u8; 16]>> {
    let mut said = HashMap::new();
    for portion in portions(records.len(), 1) {
        let mut query = sqlx::query(with_rows(TEXTS, portion.len(), 1));
        for record in &records[portion] {
            query = query.bind(record.0.to_vec());
        }
        for row in query.fetch_all(pool).await.map_err(failed)? {
            let record = sixteen(row.try_get(0).map_err(failed)?, "a record")?;
            let hash = sixteen(row.try_get(1).map_err(failed)?, "the hash of a text")?;
            said.insert(RecordKey(record), hash);
        }
    }
    Ok(said)
}
