//! A copy of the catalog with its tail at one moment, and the segments that belong to it, while others read and write.

use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};

use crate::catalog::{Catalog, DATABASE};
use crate::contents;
use crate::ledger::Ledger;
use crate::lock::ReaderLock;
use crate::part::{self, Form};
use crate::trouble;

/// A file of a segment: it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it stands below the ledger's folder.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Its checksum, as [`crate::checksum`] gives it.
    pub hash: String,
}

/// A copy of the catalog. While this lives no file that it names is removed from the ledger.
pub struct Copied {
    /// How many changes the ledger had seen.
    pub position: u64,
    /// The files of its segments.
    pub files: Vec<StoredFile>,
    _lock: ReaderLock,
}

impl Ledger {
    /// The name of the database below a ledger's folder.
    pub const DATABASE: &'static str = DATABASE;

    /// Copies the catalog, and the tail in it, into a folder without one.
    ///
    /// # Errors
    /// `AM0403` when the database fails or the folder has one already.
    pub async fn copy_database(&self, folder: &Path) -> Result<Copied> {
        let lock = ReaderLock::share(self.folder())?;
        let file = folder.join(DATABASE);
        let path = file.to_str().ok_or_else(|| {
            Problem::new(
                "AM0403",
                "the ledger cannot be copied to a path that is not UTF-8",
            )
            .detail(file.display().to_string())
        })?;
        sqlx::query("VACUUM INTO $1")
            .bind(path)
            .execute(&self.catalog().pool)
            .await
            .map_err(trouble::database)?;
        // Opened once, the copy shows that it can be, and says itself which segments belong to it.
        let copy = Catalog::open(folder).await?;
        let contents = contents::read(&copy).await?;
        copy.pool.close().await;
        let mut files = Vec::new();
        for part in contents.parts {
            let Form::Segment(of) = part.form else {
                continue;
            };
            let (kind, number) = (&part.info.kind, part.info.part);
            let nowhere = Path::new("");
            files.push(StoredFile {
                path: part::events_path(nowhere, kind, number),
                bytes: of.events_bytes,
                hash: of.events_hash,
            });
            files.push(StoredFile {
                path: part::keys_path(nowhere, kind, number),
                bytes: of.keys_bytes,
                hash: of.keys_hash,
            });
        }
        Ok(Copied {
            position: contents.position as u64,
            files,
            _lock: lock,
        })
    }
}
