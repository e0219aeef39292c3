//! What the vault says about identifiers, with and without their names.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use amends_model::{IdentifierId, Result};
use futures::TryStreamExt;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::places::{key_place, name_place};
use crate::rows::{portions, with_rows};
use crate::{Minted, Vault, damaged, failed, native_hash, sixteen};

const FIND: &str = include_str!("../sql/find_name.sql");
const MINTED: &str = include_str!("../sql/find_minted.sql");
const NAMES: &str = include_str!("../sql/find_names.sql");

impl Vault {
    /// The identifier of a name, if it was ever minted; with no namespace, every identifier of that name.
    /// The name is compared as it stands: bring it into the form that its namespace asks for first.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn find(&self, namespace: Option<&str>, name: &str) -> Result<Vec<Minted>> {
        let namespaces = match namespace {
            Some(namespace) => vec![namespace.to_owned()],
            None => sqlx::query_scalar("SELECT name FROM namespaces ORDER BY name")
                .fetch_all(&self.inner.pool)
                .await
                .map_err(failed)?,
        };
        let mut found = Vec::new();
        for namespace in namespaces {
            let fingerprint = self.inner.keys.fingerprint(&namespace, name);
            let row = sqlx::query(FIND)
                .bind(fingerprint.to_vec())
                .fetch_optional(&self.inner.pool)
                .await
                .map_err(failed)?;
            if let Some(row) = row {
                found.push(minted(&row, &mut HashSet::new())?);
            }
        }
        found.sort_unstable_by_key(|minted| minted.sequence);
        Ok(found)
    }

    /// Whether nothing was ever minted in it.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn is_new(&self) -> Result<bool> {
        let last: i64 = sqlx::query_scalar("SELECT value FROM counters WHERE name = 'identifier'")
            .fetch_one(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(last == 0)
    }

    /// A text that is another one whenever [`Vault::minted`] may be: while it stays, everything that follows from that stays.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn version(&self) -> Result<String> {
        let counters: Vec<i64> = sqlx::query_scalar(
            "SELECT value FROM counters WHERE name IN ('identifier', 'changed', 'found names') ORDER BY name",
        )
        .fetch_all(&self.inner.pool)
        .await
        .map_err(failed)?;
        Ok(format!("{counters:?}"))
    }

    /// Everything that was minted, in the order of minting, without names. What an import under way has minted may be missing: nothing finds it yet.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn minted(&self) -> Result<Vec<Minted>> {
        let mut namespaces = HashSet::new();
        // A row of the database takes many times the memory of what it says: none is held longer than it is read.
        let mut rows = sqlx::query(MINTED).fetch(&self.inner.pool);
        let mut all = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            all.push(minted(&row, &mut namespaces)?);
        }
        Ok(all)
    }

    /// The names behind identifiers. Those erased or never minted are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn names(&self, ids: &[IdentifierId]) -> Result<HashMap<IdentifierId, String>> {
        self.open_names(ids, |_, name| name).await
    }

    /// [`native_hash`] of each identifier's name, by opening the names: nothing of it is stored. Those erased or never minted are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails; `AM0304` when a row was changed or damaged.
    pub async fn native_hashes(
        &self,
        ids: &[IdentifierId],
    ) -> Result<HashMap<IdentifierId, [u8; 16]>> {
        self.open_names(ids, |namespace, name| native_hash(namespace, &name))
            .await
    }

    async fn open_names<T>(
        &self,
        ids: &[IdentifierId],
        take: impl Fn(&str, String) -> T,
    ) -> Result<HashMap<IdentifierId, T>> {
        let mut names = HashMap::with_capacity(ids.len());
        for portion in portions(ids.len(), 1) {
            let mut query = sqlx::query(with_rows(NAMES, portion.len(), 1));
            for id in &ids[portion] {
                query = query.bind(id.0.to_vec());
            }
            let rows = query.fetch_all(&self.inner.pool).await.map_err(failed)?;
            for row in &rows {
                let (id, namespace, name) = self.open_name(row)?;
                names.insert(id, take(namespace, name));
            }
        }
        Ok(names)
    }

    fn open_name<'a>(&self, row: &'a AnyRow) -> Result<(IdentifierId, &'a str, String)> {
        let id = IdentifierId(sixteen(row.try_get(0).map_err(failed)?, "an identifier")?);
        let namespace: &str = row.try_get(1).map_err(failed)?;
        let fingerprint: &[u8] = row.try_get(2).map_err(failed)?;
        let sealed: &[u8] = row.try_get(3).map_err(failed)?;
        let wrapped: &[u8] = row.try_get(4).map_err(failed)?;
        let changed = || damaged(&format!("the name of identifier {id}"));
        let cipher = self.inner.keys.unwrap(wrapped, &key_place(&id));
        let name = cipher
            .and_then(|cipher| cipher.open(sealed, &name_place(&id, namespace, fingerprint)))
            .and_then(|name| String::from_utf8(name).ok())
            .ok_or_else(changed)?;
        Ok((id, namespace, name))
    }
}

/// Reads id, namespace, sequence and generic. There are few namespaces, and each is kept once.
fn minted(row: &AnyRow, namespaces: &mut HashSet<Arc<str>>) -> Result<Minted> {
    let namespace: &str = row.try_get(1).map_err(failed)?;
    let namespace = match namespaces.get(namespace) {
        Some(shared) => Arc::clone(shared),
        None => {
            let shared: Arc<str> = namespace.into();
            namespaces.insert(Arc::clone(&shared));
            shared
        }
    };
    Ok(Minted {
        id: IdentifierId(sixteen(row.try_get(0).map_err(failed)?, "an identifier")?),
        namespace,
        sequence: row.try_get(2).map_err(failed)?,
        generic: row.try_get::<i64, _>(3).map_err(failed)? != 0,
    })
}
