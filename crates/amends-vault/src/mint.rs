//! Names become identifiers: known names are found by their fingerprint, new ones are minted at random.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use amends_model::{IdentifierId, Problem, Result};
use sqlx::{Any, Row, Transaction};

use crate::fingerprint::Fingerprint;
use crate::rows::{portions, portions_of, with_rows};
use crate::sealing::{Cipher, Keys, Random};
use crate::seen::Known;
use crate::{Vault, damaged, failed, sixteen};

const FIND: &str = include_str!("../sql/find_fingerprints.sql");
const INSERT: &str = include_str!("../sql/insert_identifiers.sql");
/// Columns of the table.
const COLUMNS: usize = 7;
const TAKE_NUMBERS: &str = include_str!("../sql/take_numbers.sql");
pub(crate) const COUNT_CHANGE: &str = include_str!("../sql/count_change.sql");
const LAST_NUMBER: &str = "SELECT value FROM counters WHERE name = 'identifier'";

/// A name of the batch, once.
struct Name<'a> {
    fingerprint: Fingerprint,
    name: &'a str,
    generic: bool,
}

/// A row of the table.
struct NewRow {
    id: IdentifierId,
    fingerprint: Fingerprint,
    generic: bool,
    sealed_name: Vec<u8>,
    person_key: Vec<u8>,
}

impl Vault {
    /// The identifiers of names in one namespace, in the same order; those not seen before are minted, at random, in the order given.
    /// `generic[i]` says whether a name stands for nobody in particular; what was said last holds, so that a project may change its mind.
    ///
    /// Any number of processes may mint at once: a name has one identifier.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0306` when the system gives no random numbers.
    pub async fn mint(
        &self,
        namespace: &str,
        names: &[&str],
        generic: &[bool],
    ) -> Result<Vec<IdentifierId>> {
        let fingerprints: Vec<Fingerprint> = names
            .iter()
            .map(|name| self.inner.keys.fingerprint(namespace, name))
            .collect();
        let mut known = HashMap::new();
        let mut missing = self.split(names, generic, &fingerprints, &mut known);
        if !missing.is_empty() {
            let before = self.last_number().await?;
            self.find_all(&mut missing, &mut known).await?;
            if !missing.is_empty() {
                self.mint_all(namespace, missing, before, &mut known)
                    .await?;
            }
        }
        self.change_minds(generic, &fingerprints, &mut known)
            .await?;
        let mut seen = self.seen();
        for (fingerprint, known) in &known {
            seen.put(*fingerprint, *known);
        }
        fingerprints
            .iter()
            .map(|fingerprint| known.get(fingerprint).map(|known| known.id))
            .collect::<Option<_>>()
            .ok_or_else(|| damaged("an identifier vanished while it was being minted"))
    }

    /// Distinct names of a batch: those met lately go to `known`, the others come back in order.
    fn split<'a>(
        &self,
        names: &[&'a str],
        generic: &[bool],
        fingerprints: &[Fingerprint],
        known: &mut HashMap<Fingerprint, Known>,
    ) -> Vec<Name<'a>> {
        let seen = self.seen();
        let (mut missing, mut met) = (Vec::new(), HashSet::new());
        for (at, fingerprint) in fingerprints.iter().enumerate() {
            if !met.insert(*fingerprint) {
                continue;
            }
            match seen.get(fingerprint) {
                Some(found) => {
                    known.insert(*fingerprint, found);
                }
                None => missing.push(Name {
                    fingerprint: *fingerprint,
                    name: names[at],
                    generic: generic.get(at).copied().unwrap_or(false),
                }),
            }
        }
        missing
    }

    pub(crate) fn seen(&self) -> std::sync::MutexGuard<'_, crate::Seen> {
        // A panic elsewhere cannot leave half an entry behind: the map is used on.
        self.inner
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn last_number(&self) -> Result<i64> {
        sqlx::query_scalar(LAST_NUMBER)
            .fetch_one(&self.inner.pool)
            .await
            .map_err(failed)
    }

    async fn find_all(
        &self,
        missing: &mut Vec<Name<'_>>,
        known: &mut HashMap<Fingerprint, Known>,
    ) -> Result<()> {
        let mut reading = self.inner.pool.begin().await.map_err(failed)?;
        find(&mut reading, missing, known).await?;
        reading.commit().await.map_err(failed)
    }

    async fn mint_all(
        &self,
        namespace: &str,
        mut missing: Vec<Name<'_>>,
        before: i64,
        known: &mut HashMap<Fingerprint, Known>,
    ) -> Result<()> {
        let mut random = Random::new();
        let _turn = self.inner.turn.lock().await;
        let mut work = self.inner.pool.begin().await.map_err(failed)?;
        // The counter's row is the lock of minting: whoever updates it first goes on, others wait here.
        let taken = missing.len() as i64;
        let last: i64 = sqlx::query_scalar(TAKE_NUMBERS)
            .bind(taken)
            .fetch_one(&mut *work)
            .await
            .map_err(failed)?;
        if last - taken != before {
            // Somebody minted between our look and our lock: what they minted is not minted again.
            find(&mut work, &mut missing, known).await?;
        }
        sqlx::query("INSERT INTO namespaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
            .bind(namespace)
            .execute(&mut *work)
            .await
            .map_err(failed)?;
        let sizes: Vec<usize> = missing.iter().map(|name| name.name.len()).collect();
        let mut prepare = |portion: Option<Range<usize>>| -> Result<Vec<NewRow>> {
            let names = missing[portion.unwrap_or_default()].iter();
            names
                .map(|name| new_row(&self.inner.keys, namespace, name, &mut random))
                .collect()
        };
        let mut portions = portions_of(&sizes, COLUMNS);
        let (mut number, mut rows) = (last - taken, prepare(portions.next())?);
        while !rows.is_empty() {
            for row in &rows {
                let (id, generic) = (row.id, row.generic);
                known.insert(row.fingerprint, Known { id, generic });
            }
            // While the database inserts these rows on its thread, the next ones are sealed on this one.
            let (inserted, next) =
                tokio::join!(insert(&mut work, namespace, rows, number), async {
                    prepare(portions.next())
                });
            (number, rows) = (inserted?, next?);
        }
        work.commit().await.map_err(failed)
    }

    /// Updates names of which something else is said now than before.
    async fn change_minds(
        &self,
        generic: &[bool],
        fingerprints: &[Fingerprint],
        known: &mut HashMap<Fingerprint, Known>,
    ) -> Result<()> {
        for (fingerprint, generic) in fingerprints.iter().zip(generic) {
            let Some(known) = known.get_mut(fingerprint) else {
                continue;
            };
            if known.generic == *generic {
                continue;
            }
            let _turn = self.inner.turn.lock().await;
            let mut work = self.inner.pool.begin().await.map_err(failed)?;
            sqlx::query("UPDATE identifiers SET generic = $1 WHERE fingerprint = $2")
                .bind(i64::from(*generic))
                .bind(fingerprint.to_vec())
                .execute(&mut *work)
                .await
                .map_err(failed)?;
            sqlx::query(COUNT_CHANGE)
                .execute(&mut *work)
                .await
                .map_err(failed)?;
            work.commit().await.map_err(failed)?;
            known.generic = *generic;
        }
        Ok(())
    }
}

/// Moves the names that the table has from `missing` to `known`.
async fn find(
    connection: &mut Transaction<'_, Any>,
    missing: &mut Vec<Name<'_>>,
    known: &mut HashMap<Fingerprint, Known>,
) -> Result<()> {
    for portion in portions(missing.len(), 1) {
        let mut query = sqlx::query(with_rows(FIND, portion.len(), 1));
        for name in &missing[portion] {
            query = query.bind(name.fingerprint.to_vec());
        }
        for row in query.fetch_all(&mut **connection).await.map_err(failed)? {
            let fingerprint: &[u8] = row.try_get(0).map_err(failed)?;
            let id: &[u8] = row.try_get(1).map_err(failed)?;
            let found = Known {
                id: IdentifierId(sixteen(id, "an identifier")?),
                generic: row.try_get::<i64, _>(2).map_err(failed)? != 0,
            };
            known.insert(sixteen(fingerprint, "a fingerprint")?, found);
        }
    }
    missing.retain(|name| !known.contains_key(&name.fingerprint));
    Ok(())
}

fn new_row(keys: &Keys, namespace: &str, name: &Name<'_>, random: &mut Random) -> Result<NewRow> {
    let id = IdentifierId(random.take()?);
    let key = random.take()?;
    let place = name_place(&id, namespace, &name.fingerprint);
    Ok(NewRow {
        id,
        fingerprint: name.fingerprint,
        generic: name.generic,
        sealed_name: Cipher::new(&key).seal(name.name.as_bytes(), &place, random)?,
        person_key: keys.wrap(&key, &key_place(&id), random)?,
    })
}

/// Where a sealed name stands.
pub(crate) fn name_place<'a>(
    id: &'a IdentifierId,
    namespace: &'a str,
    fingerprint: &'a [u8],
) -> [&'a [u8]; 4] {
    [b"name", &id.0, namespace.as_bytes(), fingerprint]
}

/// Where the wrapped key of a person stands.
pub(crate) fn key_place(id: &IdentifierId) -> [&[u8]; 2] {
    [b"person key", &id.0]
}

/// Inserts rows and gives the number of the last one.
async fn insert(
    work: &mut Transaction<'_, Any>,
    namespace: &str,
    rows: Vec<NewRow>,
    mut number: i64,
) -> Result<i64> {
    let mut query = sqlx::query(with_rows(INSERT, rows.len(), COLUMNS));
    for row in rows {
        number += 1;
        query = query
            .bind(row.id.0.to_vec())
            .bind(row.fingerprint.to_vec())
            .bind(namespace.to_owned())
            .bind(number)
            .bind(i64::from(row.generic))
            .bind(row.sealed_name)
            .bind(row.person_key);
    }
    query.execute(&mut **work).await.map_err(failed)?;
    Ok(number)
}

/// `AM0305`: the vault was asked about somebody whom it does not know.
pub(crate) fn unknown(id: IdentifierId) -> Problem {
    Problem::new("AM0305", "the vault does not know this identifier")
        .detail(id.to_string())
        .hint("vault and ledger must come from the same project, and from backups of the same time")
}
