//! Names and fields that wait in memory, and how they get into the tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use amends_model::{IdentifierId, Problem, RecordKey, Result};
use sqlx::{Any, Transaction};

use crate::finding::drop_fields;
use crate::fingerprint::{Fingerprint, Map};
use crate::rows::{portions, portions_of, with_rows};
use crate::sealing::Cipher;
use crate::seen::Known;
use crate::{Vault, counters, failed};

const NAMESPACE: &str = "INSERT INTO namespaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
const INSERT_NAMES: &str = include_str!("../../sql/insert_identifiers.sql");
const NAME_COLUMNS: usize = 7;
/// Fields that no table finds yet.
const DROP_UNFOUND: &str = "DELETE FROM personal WHERE place IN ({rows})";
const INSERT_FIELDS: &str = include_str!("../../sql/insert_personal.sql");
const FIELD_COLUMNS: usize = 6;

/// Memory of a portion, in bytes, about; two of them are held at once.
pub(super) const BYTES: usize = 16 << 20;
/// What a name and the fields of a record take beside their text: their own size, that of places in the maps, and what an allocation costs.
const NAME: usize = 384;
const FIELDS: usize = 192;

/// A name that was minted: a row of the table.
pub(super) struct NewName {
    pub(super) id: IdentifierId,
    pub(super) fingerprint: Fingerprint,
    pub(super) namespace: Arc<str>,
    pub(super) number: i64,
    pub(super) generic: bool,
    pub(super) sealed_name: Vec<u8>,
    pub(super) person_key: Vec<u8>,
}

/// Personal fields of a record as the table holds them.
pub(super) struct SealedFields {
    pub(super) subject: IdentifierId,
    pub(super) text_hash: [u8; 16],
    pub(super) fields: Vec<u8>,
}

/// Where a portion goes.
pub(super) struct Place {
    pub(super) import: i64,
    /// The number of its last identifier.
    pub(super) last: i64,
    /// The place before its first fields.
    pub(super) before_fields: i64,
    /// Places of fields that the import said before of the same records, and that nothing finds yet.
    pub(super) replaced: Vec<i64>,
    /// Records of which the import may have fields that are found.
    pub(super) again: Vec<RecordKey>,
}

/// Names and fields of one import.
#[derive(Default)]
pub(super) struct Portion {
    names: Vec<NewName>,
    places: Map<Fingerprint, usize>,
    keys: Map<IdentifierId, Cipher>,
    fields: Vec<(RecordKey, SealedFields)>,
    records: Map<RecordKey, usize>,
    bytes: usize,
}

impl Portion {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.fields.is_empty()
    }

    /// What it takes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn known(&self, fingerprint: &Fingerprint) -> Option<Known> {
        let name = &self.names[*self.places.get(fingerprint)?];
        Some(Known {
            id: name.id,
            generic: name.generic,
        })
    }

    pub(super) fn key(&self, id: &IdentifierId) -> Option<&Cipher> {
        self.keys.get(id)
    }

    pub(super) fn has_fields(&self, record: &RecordKey) -> bool {
        self.records.contains_key(record)
    }

    pub(super) fn add_name(&mut self, name: NewName, key: Cipher) {
        self.bytes += NAME + name.sealed_name.len();
        self.places.insert(name.fingerprint, self.names.len());
        self.keys.insert(name.id, key);
        self.names.push(name);
    }

    /// What is said of a name now, where it is here.
    pub(super) fn change_mind(&mut self, fingerprint: &Fingerprint, generic: bool) -> bool {
        let Some(place) = self.places.get(fingerprint) else {
            return false;
        };
        self.names[*place].generic = generic;
        true
    }

    pub(super) fn add_fields(&mut self, record: RecordKey, sealed: SealedFields) {
        self.bytes += FIELDS + sealed.fields.len();
        let Some(place) = self.records.get(&record) else {
            self.records.insert(record, self.fields.len());
            self.fields.push((record, sealed));
            return;
        };
        let before = std::mem::replace(&mut self.fields[*place], (record, sealed));
        self.bytes -= FIELDS + before.1.fields.len();
    }

    /// The records of which it has fields, in the order in which these are written.
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = &RecordKey> {
        self.fields.iter().map(|(record, _)| record)
    }

    /// Writes everything, all at once or not at all.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0316` when somebody else minted since the import began: then nothing was written.
    pub(super) async fn put(&self, vault: &Vault, place: &Place) -> Result<()> {
        let _turn = vault.inner.turn.lock().await;
        let mut work = vault.inner.pool.begin().await.map_err(failed)?;
        self.put_names(&mut work, place.last).await?;
        self.put_fields(&mut work, place).await?;
        work.commit().await.map_err(failed)
    }

    async fn put_names(&self, work: &mut Transaction<'_, Any>, last: i64) -> Result<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        if counters::take(work, counters::IDENTIFIER, self.names.len()).await? != last {
            return Err(somebody_else());
        }
        let namespaces: BTreeSet<&str> = self.names.iter().map(|name| &*name.namespace).collect();
        for namespace in namespaces {
            sqlx::query(NAMESPACE)
                .bind(namespace)
                .execute(&mut **work)
                .await
                .map_err(failed)?;
        }
        let names = self.names.iter();
        let sizes: Vec<usize> = names.map(|name| name.sealed_name.len()).collect();
        for portion in portions_of(&sizes, NAME_COLUMNS) {
            let mut query = sqlx::query(with_rows(INSERT_NAMES, portion.len(), NAME_COLUMNS));
            for name in &self.names[portion] {
                query = query
                    .bind(name.number)
                    .bind(&name.id.0[..])
                    .bind(&name.fingerprint[..])
                    .bind(&*name.namespace)
                    .bind(i64::from(name.generic))
                    .bind(&name.sealed_name[..])
                    .bind(&name.person_key[..]);
            }
            query.execute(&mut **work).await.map_err(failed)?;
        }
        Ok(())
    }

    /// What the import said of the same records before is replaced.
    async fn put_fields(&self, work: &mut Transaction<'_, Any>, place: &Place) -> Result<()> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let taken = counters::take(work, counters::FIELDS, self.fields.len()).await?;
        if taken != place.before_fields + self.fields.len() as i64 {
            return Err(somebody_else());
        }
        drop_fields(work, &place.again, Some(place.import)).await?;
        for portion in portions(place.replaced.len(), 1) {
            let mut query = sqlx::query(with_rows(DROP_UNFOUND, portion.len(), 1));
            for place in &place.replaced[portion] {
                query = query.bind(*place);
            }
            query.execute(&mut **work).await.map_err(failed)?;
        }
        let records = self.fields.iter();
        let sizes: Vec<usize> = records.map(|(_, of)| of.fields.len()).collect();
        let mut number = place.before_fields;
        for portion in portions_of(&sizes, FIELD_COLUMNS) {
            let mut query = sqlx::query(with_rows(INSERT_FIELDS, portion.len(), FIELD_COLUMNS));
            for (record, of) in &self.fields[portion] {
                number += 1;
                query = query
                    .bind(number)
                    .bind(&record.0[..])
                    .bind(place.import)
                    .bind(&of.subject.0[..])
                    .bind(&of.text_hash[..])
                    .bind(&of.fields[..]);
            }
            query.execute(&mut **work).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// The code of [`somebody_else`].
pub(super) const SOMEBODY_ELSE: &str = "AM0316";

/// `AM0316`: the numbers of identifiers are not what the import left.
fn somebody_else() -> Problem {
    Problem::new(
        SOMEBODY_ELSE,
        "somebody else wrote to the vault while an import was under way",
    )
    .hint("see that no other program uses this project, then run the command again")
}
