//! A copy of a data folder on which something is tried that shall leave no trace.
//!
//! Segments never change, so they are linked where the disk can; catalog and vault are copied as they were at one moment, as in a backup.
//! The copy stands inside the data folder, where whoever may read it may read the original. What a crash leaves of one goes at the next
//! command ([`sweep`]): an erasure must not be outlived by a copy.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use amends_ledger::Ledger;
use amends_model::{Problem, Result};
use amends_vault::Vault;

use crate::files;

/// Below the data folder: the copy, and who is at it.
const NAME: &str = "rehearsal";
const LOCK: &str = "rehearsal.lock";

/// A copy of a data folder. It goes when this is dropped.
#[derive(Debug)]
pub struct Rehearsal {
    folder: PathBuf,
    _lock: File,
}

impl Rehearsal {
    /// Copies a data folder while others read and write.
    ///
    /// # Errors
    /// `AM0426` while another rehearsal is under way; `AM0420` when a file cannot be copied; `AM0303` and `AM0403` when a database fails.
    pub async fn begin(ledger: &Ledger, vault: &Vault, data: &Path) -> Result<Self> {
        let lock = lock(data)?.ok_or_else(|| {
            Problem::new("AM0426", "another dry run of this project is under way")
                .hint("wait until it has ended, and run the command again")
        })?;
        let folder = data.join(NAME);
        remove(&folder)?;
        let rehearsal = Self {
            folder,
            _lock: lock,
        };
        rehearsal.fill(ledger, vault, data).await?;
        Ok(rehearsal)
    }

    /// The copy, as a data folder.
    pub fn data(&self) -> &Path {
        &self.folder
    }

    async fn fill(&self, ledger: &Ledger, vault: &Vault, data: &Path) -> Result<()> {
        let of_ledger = self.folder.join("ledger");
        files::make_folder(&of_ledger)?;
        let copied = ledger.copy_database(&of_ledger).await?;
        for file in &copied.files {
            let from = data.join("ledger").join(&file.path);
            link(&from, &of_ledger.join(&file.path))?;
        }
        // The ledger first: the vault knows everybody of whom the ledger speaks.
        let of_vault = self.folder.join("vault");
        files::make_folder(&of_vault)?;
        vault
            .copy_to(&of_vault.join(amends_vault::DATABASE))
            .await?;
        let key = Path::new("vault").join(amends_vault::KEY_FILE);
        files::copy(&data.join(&key), &self.folder.join(&key))?;
        Ok(())
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        // What cannot be removed now goes at the next command.
        let _later = fs::remove_dir_all(&self.folder);
    }
}

/// Removes what a rehearsal that was cut short left behind. One that is under way stays.
///
/// # Errors
/// `AM0420` when it cannot be removed.
pub fn sweep(data: &Path) -> Result<()> {
    let folder = data.join(NAME);
    if !folder.exists() {
        return Ok(());
    }
    match lock(data)? {
        Some(_lock) => remove(&folder),
        None => Ok(()),
    }
}

/// The right to the one rehearsal of a data folder; `None` while another has it.
fn lock(data: &Path) -> Result<Option<File>> {
    files::make_folder(data)?;
    let path = data.join(LOCK);
    let mut open = File::options();
    let file = open.create(true).append(true).open(&path);
    let file = file.map_err(|error| files::unwritten(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(files::unwritten(&path, error)),
    }
}

/// Gives a file that never changes a second name, or copies it where the disk has no such names.
fn link(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        files::make_folder(folder)?;
    }
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => files::copy(from, to).map(drop),
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(files::unwritten(folder, error))
        }
        _ => Ok(()),
    }
}
