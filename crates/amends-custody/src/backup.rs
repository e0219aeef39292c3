//! Copies ledger, vault and key into three folders, while others read and write.
//!
//! Segments never change: those that are there already are not copied again. The databases are copied as they were at one moment,
//! the ledger first, so that the vault knows everybody of whom the ledger speaks. A folder becomes a new backup when its list is
//! written, at the very end; until then it is the old one.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use amends_ledger::{Copied, Ledger, StoredFile};
use amends_model::{Problem, Result, time};
use amends_vault::Vault;
use jiff::Timestamp;

use crate::files;
use crate::manifest::{self, Listed, Manifest};

/// Where the three parts of a backup stand. They may be moved apart: none of them says anything about another.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The ledger.
    pub ledger: PathBuf,
    /// The vault without its key.
    pub vault: PathBuf,
    /// The vault's master key.
    pub key: PathBuf,
}

/// What a backup took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// The position of the ledger.
    pub position: u64,
    /// Files that were copied.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Files that were there already.
    pub kept: u64,
    /// Bytes of the whole backup.
    pub bytes: u64,
}

/// Backs up a data folder's ledger and vault.
///
/// # Errors
/// `AM0420` when a file cannot be copied; `AM0421` when a folder is something else than a backup; `AM0425` when a file of the
/// ledger is damaged; `AM0303` and `AM0403` when a database fails.
pub async fn back_up(
    ledger: &Ledger,
    vault: &Vault,
    key: &Path,
    folders: &Folders,
    ledger_folder: &Path,
    at: Timestamp,
) -> Result<BackedUp> {
    let mut locks = Vec::new();
    for folder in [&folders.ledger, &folders.vault, &folders.key] {
        locks.push(enter(folder)?);
    }
    let mut done = BackedUp::default();
    let ledger_copy = folders.ledger.join("database.tmp");
    if ledger_copy.exists() {
        fs::remove_dir_all(&ledger_copy).map_err(|error| files::unwritten(&ledger_copy, error))?;
    }
    files::make_folder(&ledger_copy)?;
    let copied = ledger.copy_database(&ledger_copy).await?;
    done.position = copied.position;
    let stamp = time::micros(at);
    let database = ledger_copy.join(Ledger::DATABASE);
    let mut of_ledger = vec![listed(
        &database,
        &folders.ledger,
        Ledger::DATABASE,
        stamp,
        &mut done,
    )?];
    of_ledger.extend(segments(
        ledger_folder,
        &folders.ledger,
        &copied,
        &mut done,
    )?);
    drop(copied);
    fs::remove_dir_all(&ledger_copy).map_err(|error| files::unwritten(&ledger_copy, error))?;

    let vault_copy = folders.vault.join("vault.tmp");
    if vault_copy.exists() {
        fs::remove_file(&vault_copy).map_err(|error| files::unwritten(&vault_copy, error))?;
    }
    vault.copy_to(&vault_copy).await?;
    let of_vault = listed(
        &vault_copy,
        &folders.vault,
        amends_vault::DATABASE,
        stamp,
        &mut done,
    )?;
    fs::remove_file(&vault_copy).map_err(|error| files::unwritten(&vault_copy, error))?;
    let of_key = listed(key, &folders.key, amends_vault::KEY_FILE, stamp, &mut done)?;
    for (folder, holds, files) in [
        (&folders.key, "key", vec![of_key]),
        (&folders.vault, "vault", vec![of_vault]),
        (&folders.ledger, "ledger", of_ledger),
    ] {
        done.bytes += files.iter().map(|file| file.bytes).sum::<u64>();
        let manifest = Manifest::new(holds, at, files);
        manifest.write(folder)?;
        sweep(folder, &manifest)?;
    }
    Ok(done)
}

/// Makes or enters a folder of a backup; the lock keeps a second backup out.
fn enter(folder: &Path) -> Result<File> {
    files::make_folder(folder)?;
    let lock = folder.join("backup.lock");
    let is_new = !lock.exists() && Manifest::read(folder)?.is_none();
    let mut entries = fs::read_dir(folder).map_err(|error| files::unwritten(folder, error))?;
    if is_new && entries.next().is_some() {
        return Err(unsuitable(folder, "it holds something that is no backup"));
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(&lock)
        .map_err(|error| files::unwritten(&lock, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(unsuitable(folder, "another backup is being written to it")),
    }
}

fn unsuitable(folder: &Path, why: &str) -> Problem {
    Problem::new("AM0421", "a backup cannot be written to this folder")
        .detail(format!("{}: {why}", folder.display()))
        .hint("name an empty folder, a new one, or one that holds an earlier backup")
}

/// Copies a file that changes under a name of its own, so that the old backup stays whole until the new one is.
fn listed(
    from: &Path,
    folder: &Path,
    name: &str,
    stamp: i64,
    done: &mut BackedUp,
) -> Result<Listed> {
    let stored = PathBuf::from(format!("{stamp}-{name}"));
    let (bytes, hash) = files::copy(from, &folder.join(&stored))?;
    done.copied += 1;
    done.copied_bytes += bytes;
    Ok(Listed {
        path: name.into(),
        stored,
        bytes,
        hash,
    })
}

/// Copies the segments that are not there yet.
fn segments(
    from: &Path,
    folder: &Path,
    copied: &Copied,
    done: &mut BackedUp,
) -> Result<Vec<Listed>> {
    let before = Manifest::read(folder)?;
    let before = before.iter().flat_map(|manifest| &manifest.files);
    let before: HashSet<(&Path, &str)> = before
        .map(|file| (file.stored.as_path(), file.hash.as_str()))
        .collect();
    let mut all = Vec::with_capacity(copied.files.len());
    for file in &copied.files {
        let StoredFile { path, bytes, hash } = file;
        let to = folder.join(path);
        let is_there = before.contains(&(path.as_path(), hash.as_str()))
            && fs::metadata(&to).is_ok_and(|there| there.len() == *bytes);
        if is_there {
            done.kept += 1;
        } else {
            let from = from.join(path);
            let (found, sum) = files::copy(&from, &to)?;
            if (found, &sum) != (*bytes, hash) {
                return Err(Problem::new("AM0425", "a file of the ledger is damaged, so it was not backed up")
                    .detail(from.display().to_string())
                    .hint("`amends doctor` lists all damage; the earlier backup in this folder is still whole"));
            }
            done.copied += 1;
            done.copied_bytes += bytes;
        }
        all.push(Listed {
            path: path.clone(),
            stored: path.clone(),
            bytes: *bytes,
            hash: hash.clone(),
        });
    }
    Ok(all)
}

/// Removes what belongs to no list any more.
fn sweep(folder: &Path, manifest: &Manifest) -> Result<()> {
    let named: HashSet<PathBuf> = manifest
        .files
        .iter()
        .map(|file| folder.join(&file.stored))
        .collect();
    for path in files::below(folder)? {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let ours = ["parquet", "keys", "db", "key", files::UNFINISHED];
        let ending = name.rsplit('.').next().unwrap_or_default();
        if ours.contains(&ending) && !named.contains(&path) && name != manifest::NAME {
            fs::remove_file(&path).map_err(|error| files::unwritten(&path, error))?;
        }
    }
    Ok(())
}
