//! Puts a backup back, after every byte of it was checked.

use std::fs;
use std::path::{Path, PathBuf};

use amends_ledger::Ledger;
use amends_model::{Problem, Result};
use jiff::Timestamp;

use crate::backup::Folders;
use crate::files;
use crate::manifest::Manifest;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Below the data folder: files on their way, and the sign that a restore has not come to its end.
const UNDER_WAY: &str = "restoring";

/// Restores a backup into a data folder. Whoever opens it then carries out the erasures of the journal that are younger.
///
/// # Errors
/// `AM0422`, naming the file, when the backup is damaged: nothing is changed then. `AM0423` when there is a ledger or vault
/// already and `replace` was not asked for; `AM0402` when somebody writes to it; `AM0420` when a file cannot be written.
pub fn restore(folders: &Folders, data: &Path, replace: bool, holder: &str) -> Result<Restored> {
    let ledger = Manifest::verified(&folders.ledger, "ledger")?;
    let vault = Manifest::verified(&folders.vault, "vault")?;
    let key = Manifest::verified(&folders.key, "key")?;
    if vault.made_at < ledger.made_at {
        return Err(Problem::new("AM0422", "this vault is older than this ledger")
            .detail(format!("{} and {}", vault.made_at, ledger.made_at))
            .hint("take the vault of the same backup or of a later one: it must know everybody of whom the ledger speaks"));
    }
    let there = ["ledger", "vault"].map(|part| data.join(part));
    let cut_short = data.join(UNDER_WAY).exists();
    if !replace && !cut_short && there.iter().any(holds_anything) {
        return Err(
            Problem::new("AM0423", "this project has a ledger or a vault already")
                .detail(data.display().to_string())
                .hint(
                    "add --replace to put the backup in its place; what is there now is gone then",
                ),
        );
    }
    let _nobody_writes = match there[0].is_dir() {
        true => Some(Ledger::keep_writers_out(&there[0], holder)?),
        false => None,
    };
    let under_way = data.join(UNDER_WAY);
    remove(&under_way)?;
    let mut restored = Restored {
        made_at: ledger.made_at,
        files: 0,
        bytes: 0,
    };
    for (part, folder, manifest) in [
        ("ledger", &folders.ledger, &ledger),
        ("vault", &folders.vault, &vault),
        ("vault", &folders.key, &key),
    ] {
        for file in &manifest.files {
            let to = under_way.join(part).join(&file.path);
            files::copy(&folder.join(&file.stored), &to)?;
            restored.files += 1;
            restored.bytes += file.bytes;
        }
    }
    // The old parts go before the new ones come: a vault beside a strange ledger would look whole.
    let replaced = under_way.join("replaced");
    files::make_folder(&replaced)?;
    for part in ["vault", "ledger"] {
        let (now, old) = (data.join(part), replaced.join(part));
        if now.exists() {
            fs::rename(&now, &old).map_err(|error| files::unwritten(&now, error))?;
        }
    }
    for part in ["vault", "ledger"] {
        let to = data.join(part);
        fs::rename(under_way.join(part), &to).map_err(|error| files::unwritten(&to, error))?;
    }
    // The sign that a restore is under way goes when everything else is on the disk.
    for folder in [&replaced, &under_way, data] {
        files::sync(folder)?;
    }
    remove(&under_way)?;
    files::sync(data)?;
    Ok(restored)
}

/// Sees that no restore was cut short in a data folder.
///
/// # Errors
/// `AM0424` when one was.
pub fn see_whole(data: &Path) -> Result<()> {
    if data.join(UNDER_WAY).exists() {
        return Err(
            Problem::new("AM0424", "a restore of this project was cut short")
                .detail(data.display().to_string())
                .hint("run `amends restore` again, with the same backup"),
        );
    }
    Ok(())
}

fn holds_anything(folder: &PathBuf) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(files::unwritten(folder, error))
        }
        _ => Ok(()),
    }
}
