//! Names become identifiers: known names are found by their fingerprint, new ones are minted at random.

use std::sync::Arc;

use amends_model::{IdentifierId, Result};
use sqlx::{AnyPool, Row};

use super::portion::NewName;
use super::{Incoming, over};
use crate::ending::count_change;
use crate::finding::find_names;
use crate::fingerprint::{Fingerprint, Map};
use crate::places::{key_place, name_place};
use crate::rows::{portions, with_rows};
use crate::sealing::{Cipher, Keys, Random};
use crate::seen::Known;
use crate::{damaged, failed, sixteen};

const SAY_GENERIC: &str = include_str!("../../sql/say_generic.sql");
const FIND: &str = include_str!("../../sql/find_fingerprints.sql");

/// A name of the batch, once.
struct Name<'a> {
    fingerprint: Fingerprint,
    name: &'a str,
    generic: bool,
}

impl Incoming {
    /// The identifiers of names in one namespace, in the same order; those not seen before are minted, at random, in the order given.
    /// `generic[i]` says whether a name stands for nobody in particular; what was said last holds, so that a project may change its mind.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0306` when the system gives no random numbers.
    pub async fn mint(
        &self,
        namespace: &str,
        names: &[&str],
        generic: &[bool],
    ) -> Result<Vec<IdentifierId>> {
        let is_over = self.minting.lock().await;
        if *is_over {
            return Err(over());
        }
        let keys = &self.vault.inner.keys;
        let fingerprints = names.iter().map(|name| keys.fingerprint(namespace, name));
        let fingerprints: Vec<Fingerprint> = fingerprints.collect();
        let mut known = Map::default();
        let mut missing = self.split(names, generic, &fingerprints, &mut known);
        if !missing.is_empty() && !self.vault.seen().is_complete() {
            find(&self.vault.inner.pool, &mut missing, &mut known).await?;
        }
        if !missing.is_empty() {
            self.enter(namespace, missing, &mut known)?;
        }
        self.change_minds(generic, &fingerprints, &mut known)
            .await?;
        {
            let mut seen = self.vault.seen();
            for (fingerprint, known) in &known {
                seen.put(*fingerprint, *known);
            }
        }
        self.make_room().await?;
        fingerprints
            .iter()
            .map(|fingerprint| known.get(fingerprint).map(|known| known.id))
            .collect::<Option<_>>()
            .ok_or_else(|| damaged("an identifier vanished while it was being minted"))
    }

    /// Distinct names of a batch: those in memory go to `known`, the others come back in order.
    fn split<'a>(
        &self,
        names: &[&'a str],
        generic: &[bool],
        fingerprints: &[Fingerprint],
        known: &mut Map<Fingerprint, Known>,
    ) -> Vec<Name<'a>> {
        let (state, seen) = (self.state(), self.vault.seen());
        let (mut missing, mut met) = (Vec::new(), Map::default());
        for (at, fingerprint) in fingerprints.iter().enumerate() {
            if met.insert(*fingerprint, ()).is_some() {
                continue;
            }
            let found = seen.get(fingerprint);
            let found = found.or_else(|| state.waiting.known(fingerprint));
            match found.or_else(|| state.going.known(fingerprint)) {
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

    /// Mints names that nobody knows yet.
    fn enter(
        &self,
        namespace: &str,
        missing: Vec<Name<'_>>,
        known: &mut Map<Fingerprint, Known>,
    ) -> Result<()> {
        let (mut random, namespace) = (Random::new(), Arc::from(namespace));
        let keys = &self.vault.inner.keys;
        let last = self.state().last;
        let fresh = missing.iter().zip(last + 1..);
        let fresh =
            fresh.map(|(name, number)| new_name(keys, &namespace, name, number, &mut random));
        let fresh: Vec<(NewName, Cipher)> = fresh.collect::<Result<_>>()?;
        let (mut state, mut seen) = (self.state(), self.vault.seen());
        state.last = last + fresh.len() as i64;
        seen.mint_up_to(state.last);
        for (name, key) in fresh {
            let (id, generic) = (name.id, name.generic);
            known.insert(name.fingerprint, Known { id, generic });
            seen.put_key(id, key.clone());
            state.waiting.add_name(name, key);
        }
        Ok(())
    }

    /// Updates names of which something else is said now than before.
    async fn change_minds(
        &self,
        generic: &[bool],
        fingerprints: &[Fingerprint],
        known: &mut Map<Fingerprint, Known>,
    ) -> Result<()> {
        for (fingerprint, generic) in fingerprints.iter().zip(generic) {
            let Some(known) = known.get_mut(fingerprint) else {
                continue;
            };
            if known.generic == *generic {
                continue;
            }
            known.generic = *generic;
            if self.state().waiting.change_mind(fingerprint, *generic) {
                continue;
            }
            // It waits no longer; where it is being written, that comes first.
            self.written().await?;
            let inner = &self.vault.inner;
            let _turn = inner.turn.lock().await;
            let mut work = inner.pool.begin().await.map_err(failed)?;
            find_names(&mut work).await?;
            sqlx::query(SAY_GENERIC)
                .bind(i64::from(*generic))
                .bind(fingerprint.to_vec())
                .execute(&mut *work)
                .await
                .map_err(failed)?;
            count_change(&mut work).await?;
            work.commit().await.map_err(failed)?;
        }
        Ok(())
    }
}

/// Moves the names that the table has from `missing` to `known`.
async fn find(
    pool: &AnyPool,
    missing: &mut Vec<Name<'_>>,
    known: &mut Map<Fingerprint, Known>,
) -> Result<()> {
    // In the order of the index, so that of its pages each is looked at once.
    let mut sought: Vec<Fingerprint> = missing.iter().map(|name| name.fingerprint).collect();
    sought.sort_unstable();
    let mut reading = pool.begin().await.map_err(failed)?;
    for portion in portions(sought.len(), 1) {
        let mut query = sqlx::query(with_rows(FIND, portion.len(), 1));
        for fingerprint in &sought[portion] {
            query = query.bind(fingerprint.to_vec());
        }
        for row in query.fetch_all(&mut *reading).await.map_err(failed)? {
            let fingerprint: &[u8] = row.try_get(0).map_err(failed)?;
            let id: &[u8] = row.try_get(1).map_err(failed)?;
            let found = Known {
                id: IdentifierId(sixteen(id, "an identifier")?),
                generic: row.try_get::<i64, _>(2).map_err(failed)? != 0,
            };
            known.insert(sixteen(fingerprint, "a fingerprint")?, found);
        }
    }
    reading.commit().await.map_err(failed)?;
    missing.retain(|name| !known.contains_key(&name.fingerprint));
    Ok(())
}

fn new_name(
    keys: &Keys,
    namespace: &Arc<str>,
    name: &Name<'_>,
    number: i64,
    random: &mut Random,
) -> Result<(NewName, Cipher)> {
    let id = IdentifierId(random.take()?);
    let key = random.take()?;
    let cipher = Cipher::new(&key);
    let place = name_place(&id, namespace, &name.fingerprint);
    let name = NewName {
        id,
        fingerprint: name.fingerprint,
        namespace: Arc::clone(namespace),
        number,
        generic: name.generic,
        sealed_name: cipher.seal(name.name.as_bytes(), &place, random)?,
        person_key: keys.wrap(&key, &key_place(&id), random)?,
    };
    Ok((name, cipher))
}
