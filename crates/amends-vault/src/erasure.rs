//! Erasing: keys and rows of a person are destroyed, and no byte of them is left in the database or its log (rule 16).
//!
//! The fingerprint stays: when a later export names the erased again, their events go to the same random identifier, and neither
//! name nor field nor raw text is kept of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use amends_model::{EventId, IdentifierId, Problem, RecordKey, Result, time};
use jiff::Timestamp;
use sqlx::{Any, Row, Transaction};

use crate::finding::{drop_fields, find_all, find_names};
use crate::naming::{Naming, Sought};
use crate::rows::{portions, with_rows};
use crate::sealing::Random;
use crate::{Vault, counters, failed, sixteen};

const MARKS: &str = include_str!("../sql/find_marks.sql");
const KEY: &str = include_str!("../sql/find_key_of_name.sql");
/// The identifier comes first.
const FIND: &str = include_str!("../sql/find_name.sql");
const ERASE: &str = include_str!("../sql/erase_identifier.sql");
const ENTER_UNKNOWN: &str = include_str!("../sql/enter_unknown.sql");
/// The fields of a subject.
const ERASE_FIELDS: &str = include_str!("../sql/erase_fields.sql");
/// What finds these by their record, before they go, and by their subject, afterwards.
const ERASE_BY_RECORD: &str = include_str!("../sql/erase_by_record.sql");
const ERASE_BY_SUBJECT: &str = include_str!("../sql/erase_by_subject.sql");
const ENTER: &str = include_str!("../sql/enter_erased.sql");

/// An identifier as a journal keeps it: without the master key nothing of it leads to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The identifier.
    pub id: IdentifierId,
    /// What kind of name it is.
    pub namespace: String,
    /// The keyed hash of namespace and name.
    pub fingerprint: [u8; 16],
    /// Whether it stands for nobody in particular.
    pub generic: bool,
}

/// What is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its number in the journal.
    pub number: EventId,
    /// When it was decided.
    pub at: Timestamp,
    /// Whom.
    pub identifiers: Vec<Mark>,
    /// Records of theirs whose personal fields stand under somebody else's key.
    pub records: Vec<RecordKey>,
    /// Whether raw rows go as well that hold no more than something as short as one of their names.
    pub perhaps: bool,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Names with their keys.
    pub names: u64,
    /// Records whose personal fields went.
    pub fields: u64,
    /// Raw rows.
    pub rows: u64,
}

/// A raw row that names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamingRow {
    /// The import that set it aside.
    pub import: i64,
    /// Its number in it.
    pub entry: i64,
    /// How sure that is.
    pub naming: Naming,
}

impl Vault {
    /// What a journal needs to repeat the erasure of identifiers, oldest first. Those never minted are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn marks(&self, ids: &[IdentifierId]) -> Result<Vec<Mark>> {
        let mut marks = Vec::with_capacity(ids.len());
        for portion in portions(ids.len(), 1) {
            let mut query = sqlx::query(with_rows(MARKS, portion.len(), 1));
            for id in &ids[portion] {
                query = query.bind(id.0.to_vec());
            }
            for row in query.fetch_all(&self.inner.pool).await.map_err(failed)? {
                let bytes = |column| row.try_get::<&[u8], _>(column).map_err(failed);
                marks.push(Mark {
                    id: IdentifierId(sixteen(bytes(0)?, "an identifier")?),
                    namespace: row.try_get(1).map_err(failed)?,
                    fingerprint: sixteen(bytes(2)?, "a fingerprint")?,
                    generic: row.try_get::<i64, _>(3).map_err(failed)? != 0,
                });
            }
        }
        Ok(marks)
    }

    /// When identifiers were erased. Those that were not are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn erased(&self) -> Result<HashMap<IdentifierId, Timestamp>> {
        let rows = sqlx::query("SELECT id, at FROM erased")
            .fetch_all(&self.inner.pool)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let id: &[u8] = row.try_get(0).map_err(failed)?;
                let at: i64 = row.try_get(1).map_err(failed)?;
                Ok((
                    IdentifierId(sixteen(id, "an identifier")?),
                    time::from_micros(at)?,
                ))
            })
            .collect()
    }

    /// Raw rows that name one of some identifiers. Every raw row is opened for it.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn raw_naming(&self, ids: &[IdentifierId]) -> Result<Vec<NamingRow>> {
        let marks = self.marks(ids).await?;
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        self.naming_rows(&mut work, &sought(&marks)).await
    }

    /// Erasures of a journal that were not yet carried out to their end here, in its order.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn unfinished(&self, numbers: &[EventId]) -> Result<Vec<EventId>> {
        let done: Vec<Vec<u8>> = sqlx::query_scalar("SELECT number FROM erasures")
            .fetch_all(&self.inner.pool)
            .await
            .map_err(failed)?;
        let done: HashSet<Vec<u8>> = done.into_iter().collect();
        let numbers = numbers.iter().copied();
        Ok(numbers
            .filter(|number| !done.contains(number.0.as_slice()))
            .collect())
    }

    /// How many erasures were carried out to their end.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn finished_erasures(&self) -> Result<usize> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM erasures")
            .fetch_one(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(count as usize)
    }

    /// Destroys the keys, names and fields of some identifiers and the raw rows that name them. The other raw rows of those imports
    /// are sealed anew under a new key. Doing it again does no harm.
    ///
    /// Nothing of it is left in the database once [`Vault::scrub`] has run; then [`Vault::finish_erasure`] may say so.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn erase(&self, erasure: &Erasure) -> Result<Erased> {
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        find_all(&mut work).await?;
        let mut erased = Erased::default();
        for mark in &erasure.identifiers {
            erased.names += erase_identifier(&mut work, mark, erasure.at).await?;
            erased.fields += erase_fields(&mut work, mark).await?;
        }
        erased.fields += withhold(&mut work, &erasure.records).await?;
        let mut rows = self
            .naming_rows(&mut work, &sought(&erasure.identifiers))
            .await?;
        rows.retain(|row| erasure.perhaps || row.naming == Naming::Surely);
        erased.rows = rows.len() as u64;
        let imports: BTreeSet<i64> = rows.iter().map(|row| row.import).collect();
        for import in imports {
            let gone = rows.iter().filter(|row| row.import == import);
            let gone: HashSet<i64> = gone.map(|row| row.entry).collect();
            self.seal_anew(&mut work, import, |entry| gone.contains(&entry))
                .await?;
        }
        work.commit().await.map_err(failed)?;
        self.seen().forget();
        Ok(erased)
    }

    /// Folds the log into the database and empties it. SQLite overwrites what is deleted in the database itself, also where rows
    /// have moved; the log keeps older pages until now.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0310` while another process reads an older state of it.
    pub async fn scrub(&self) -> Result<()> {
        let said = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.inner.pool)
            .await
            .map_err(failed)?;
        if said.try_get::<i64, _>(0).map_err(failed)? != 0 {
            return Err(Problem::new(
                "AM0310",
                "what was erased still stands in the vault's log",
            )
            .detail("another process reads an older state of vault.db")
            .hint("end the other process and run any command: what is left of the erasure is done first"));
        }
        Ok(())
    }

    /// Folds the log into the database without waiting for anybody; `false` where a part of it had to stay.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn fold(&self) -> Result<bool> {
        let said = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .fetch_one(&self.inner.pool)
            .await
            .map_err(failed)?;
        let number = |column| said.try_get::<i64, _>(column).map_err(failed);
        let (busy, logged, folded) = (number(0)?, number(1)?, number(2)?);
        Ok(busy == 0 && logged == folded)
    }

    /// Notes that an erasure was carried out to its end.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn finish_erasure(&self, number: EventId) -> Result<()> {
        sqlx::query("INSERT INTO erasures (number) VALUES ($1) ON CONFLICT (number) DO NOTHING")
            .bind(number.0.to_vec())
            .execute(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The names of those erased, for text that comes in.
    pub(crate) async fn sought_erased(&self, work: &mut Transaction<'_, Any>) -> Result<Sought> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT fingerprint FROM erased")
            .fetch_all(&mut **work)
            .await
            .map_err(failed)?;
        let mut fingerprints = HashSet::with_capacity(rows.len());
        for row in rows {
            fingerprints.insert(sixteen(&row, "a fingerprint")?);
        }
        let namespaces = if fingerprints.is_empty() {
            Vec::new()
        } else {
            sqlx::query_scalar("SELECT name FROM namespaces")
                .fetch_all(&mut **work)
                .await
                .map_err(failed)?
        };
        Ok(Sought {
            namespaces,
            fingerprints,
        })
    }

    /// Records whose personal fields are not kept.
    pub(crate) async fn withheld(
        &self,
        work: &mut Transaction<'_, Any>,
    ) -> Result<HashSet<RecordKey>> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT record FROM withheld")
            .fetch_all(&mut **work)
            .await
            .map_err(failed)?;
        let records = rows.iter();
        records
            .map(|row| Ok(RecordKey(sixteen(row, "a record")?)))
            .collect()
    }

    async fn naming_rows(
        &self,
        work: &mut Transaction<'_, Any>,
        sought: &Sought,
    ) -> Result<Vec<NamingRow>> {
        let mut found = Vec::new();
        if sought.fingerprints.is_empty() {
            return Ok(found);
        }
        let imports: Vec<i64> =
            sqlx::query_scalar("SELECT import FROM import_keys ORDER BY import")
                .fetch_all(&mut **work)
                .await
                .map_err(failed)?;
        for import in imports {
            for row in self.raw_in(work, import).await? {
                let naming = sought.named_in(&self.inner.keys, &row.text);
                // The heading names columns, whatever they are called.
                found.extend(naming.filter(|_| row.entry > 0).map(|naming| NamingRow {
                    import,
                    entry: row.entry,
                    naming,
                }));
            }
        }
        Ok(found)
    }

    /// Takes some raw rows out of an import and seals the others under a new key.
    pub(crate) async fn seal_anew(
        &self,
        work: &mut Transaction<'_, Any>,
        import: i64,
        gone: impl Fn(i64) -> bool,
    ) -> Result<()> {
        let mut rows = self.raw_in(work, import).await?;
        rows.retain(|row| !gone(row.entry));
        for statement in [
            "DELETE FROM raw_rows WHERE import = $1",
            "DELETE FROM import_keys WHERE import = $1",
        ] {
            sqlx::query(statement)
                .bind(import)
                .execute(&mut **work)
                .await
                .map_err(failed)?;
        }
        // A heading without rows is of no use.
        if rows.iter().all(|row| row.entry == 0) {
            return Ok(());
        }
        let rows: Vec<&crate::RawRow> = rows.iter().collect();
        self.seal_rows(work, import, &rows, &mut Random::new())
            .await
    }
}

fn sought(marks: &[Mark]) -> Sought {
    let namespaces: BTreeSet<&str> = marks.iter().map(|mark| mark.namespace.as_str()).collect();
    Sought {
        namespaces: namespaces.into_iter().map(str::to_owned).collect(),
        fingerprints: marks.iter().map(|mark| mark.fingerprint).collect(),
    }
}

/// Destroys the key and the name of an identifier; one that this vault has never seen is entered as erased.
async fn erase_identifier(
    work: &mut Transaction<'_, Any>,
    mark: &Mark,
    at: Timestamp,
) -> Result<u64> {
    let named: Option<Option<Vec<u8>>> = sqlx::query_scalar(KEY)
        .bind(mark.fingerprint.to_vec())
        .fetch_optional(&mut **work)
        .await
        .map_err(failed)?;
    match named {
        Some(_) => {
            sqlx::query(ERASE)
                .bind(mark.fingerprint.to_vec())
                .execute(&mut **work)
                .await
                .map_err(failed)?;
        }
        None => enter_unknown(work, mark).await?,
    }
    sqlx::query("INSERT INTO namespaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
        .bind(mark.namespace.as_str())
        .execute(&mut **work)
        .await
        .map_err(failed)?;
    sqlx::query(ENTER)
        .bind(mark.fingerprint.to_vec())
        .bind(time::micros(at))
        .execute(&mut **work)
        .await
        .map_err(failed)?;
    Ok(u64::from(named.flatten().is_some()))
}

/// Enters an identifier without name or key.
async fn enter_unknown(work: &mut Transaction<'_, Any>, mark: &Mark) -> Result<()> {
    let sequence = counters::take(work, counters::IDENTIFIER, 1).await?;
    sqlx::query(ENTER_UNKNOWN)
        .bind(sequence)
        .bind(mark.id.0.to_vec())
        .bind(mark.fingerprint.to_vec())
        .bind(mark.namespace.as_str())
        .bind(i64::from(mark.generic))
        .execute(&mut **work)
        .await
        .map_err(failed)?;
    find_names(work).await
}

/// Destroys the fields that stand under the key of an identifier; how many.
async fn erase_fields(work: &mut Transaction<'_, Any>, mark: &Mark) -> Result<u64> {
    // In a journal it may have another id than here.
    let id: Vec<u8> = sqlx::query_scalar(FIND)
        .bind(mark.fingerprint.to_vec())
        .fetch_one(&mut **work)
        .await
        .map_err(failed)?;
    let mut gone = [0; 3];
    for (gone, statement) in gone
        .iter_mut()
        .zip([ERASE_BY_RECORD, ERASE_FIELDS, ERASE_BY_SUBJECT])
    {
        let deleted = sqlx::query(statement)
            .bind(&id[..])
            .execute(&mut **work)
            .await
            .map_err(failed)?;
        *gone = deleted.rows_affected();
    }
    let [_, fields, _] = gone;
    Ok(fields)
}

/// Takes the personal fields of records away for good; how many had any.
async fn withhold(work: &mut Transaction<'_, Any>, records: &[RecordKey]) -> Result<u64> {
    let gone = drop_fields(work, records, None).await?;
    for record in records {
        sqlx::query("INSERT INTO withheld (record) VALUES ($1) ON CONFLICT (record) DO NOTHING")
            .bind(record.0.to_vec())
            .execute(&mut **work)
            .await
            .map_err(failed)?;
    }
    Ok(gone)
}
