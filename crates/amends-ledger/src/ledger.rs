//! A ledger in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use amends_model::{Problem, Result, time};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::Catalog;
use crate::lock::WriterLock;
use crate::snapshot::{Snapshot, View};
use crate::writer::Writer;
use crate::{ImportRecord, Quarantined, Sizes, lost, record, trouble};

/// A ledger in a folder, open for reading. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ledger {
    folder: PathBuf,
    catalog: Catalog,
    sizes: Sizes,
}

impl Ledger {
    /// Opens the ledger in a folder, creating it where there is none.
    ///
    /// # Errors
    /// `AM0401` when it cannot be opened; `AM0409` when a newer program made it; `AM0414` when its catalog is lost or older than its files.
    pub async fn open(folder: &Path) -> Result<Self> {
        Self::open_sized(folder, Sizes::default()).await
    }

    /// Opens a ledger that does everything at other sizes, for tests.
    ///
    /// # Errors
    /// As `open`.
    pub async fn open_sized(folder: &Path, sizes: Sizes) -> Result<Self> {
        fs::create_dir_all(folder.join("segments")).map_err(|error| {
            Problem::new("AM0401", "the ledger cannot be opened")
                .detail(folder.display().to_string())
                .because(error)
                .hint("see whether the folder can be read and written")
        })?;
        let catalog = Catalog::open(folder).await?;
        lost::see_known(folder, &catalog).await?;
        Ok(Self {
            folder: folder.to_owned(),
            catalog,
            sizes,
        })
    }

    /// Takes the writer's lock and sweeps what a crash left behind.
    ///
    /// # Errors
    /// `AM0402`, naming the holder, when somebody else is writing.
    pub async fn writer(&self, holder: &str) -> Result<Writer> {
        Writer::start(
            self.folder.clone(),
            self.catalog.clone(),
            self.sizes,
            holder,
        )
        .await
    }

    /// Keeps every writer out of the ledger in a folder, which need not be whole, while the guard lives.
    ///
    /// # Errors
    /// `AM0402`, naming the holder, when somebody is writing; `AM0404` when the lock's file cannot be written.
    pub fn keep_writers_out(folder: &Path, holder: &str) -> Result<WriterLock> {
        WriterLock::take(folder, holder)
    }

    /// Folds the database's log into it, so that the file holds everything, without waiting for anybody; `false` where a part had to stay because
    /// somebody reads an older state. The caller keeps writers out.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn fold(&self) -> Result<bool> {
        self.catalog.fold().await
    }

    /// One snapshot of tail and segments, which stays whole while others write, seal and compact.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::take(self.folder.clone(), &self.catalog, View::Events).await
    }

    /// A snapshot of the newest versions of records as they were told, without telling apart what changed from what they said first. Nothing may be
    /// computed from it.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn snapshot_of_newest(&self) -> Result<Snapshot> {
        Snapshot::take(self.folder.clone(), &self.catalog, View::Newest).await
    }

    /// A snapshot in which events that were replaced or withdrawn count as current: all that is stored, for whoever must be told
    /// everything about themselves. Nothing else may be computed from it.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn snapshot_with_replaced(&self) -> Result<Snapshot> {
        Snapshot::take(self.folder.clone(), &self.catalog, View::Versions).await
    }

    /// Whether no import was ever begun in it.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn is_new(&self) -> Result<bool> {
        let last: i64 = sqlx::query_scalar("SELECT value FROM state WHERE name = 'import'")
            .fetch_one(&self.catalog.pool)
            .await
            .map_err(trouble::database)?;
        Ok(last == 0)
    }

    /// Where it stands.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its catalog.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Imports, oldest first.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn imports(&self) -> Result<Vec<ImportRecord>> {
        record::all(&self.catalog).await
    }

    /// Rows in quarantine that were not replayed yet, as often as they were set aside, with the import that did. `bad_rows` tells each once.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn quarantine(&self, import: Option<i64>) -> Result<Vec<(i64, Quarantined)>> {
        let rows = sqlx::query(include_str!("../sql/quarantine.sql"))
            .bind(import.unwrap_or(-1))
            .fetch_all(&self.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let read = |row: &AnyRow| -> Result<(i64, Quarantined), sqlx::Error> {
            Ok((row.try_get(0)?, record::quarantined(row)?))
        };
        rows.iter()
            .map(|row| read(row).map_err(trouble::database))
            .collect()
    }

    /// How many rows of joined files each import after one set aside. They are listed, but do not count among the rows received.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn quarantined_joined(&self, after: i64) -> Result<BTreeMap<i64, u64>> {
        let rows = sqlx::query(include_str!("../sql/quarantined_joined.sql"))
            .bind(after)
            .fetch_all(&self.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let read = |row: &AnyRow| -> Result<(i64, u64), sqlx::Error> {
            Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? as u64))
        };
        rows.iter()
            .map(|row| read(row).map_err(trouble::database))
            .collect()
    }

    /// When each let-down was noticed, by promise and what it is about.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn noticed(&self, promise: &str) -> Result<BTreeMap<String, Timestamp>> {
        let rows = sqlx::query("SELECT about, noticed_at FROM noticed WHERE promise = $1")
            .bind(promise)
            .fetch_all(&self.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let mut noticed = BTreeMap::new();
        for row in rows {
            let about = row.try_get(0).map_err(trouble::database)?;
            let at: i64 = row.try_get(1).map_err(trouble::database)?;
            noticed.insert(about, time::from_micros(at)?);
        }
        Ok(noticed)
    }
}
