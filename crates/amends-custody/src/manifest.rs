//! What a folder of a backup holds: every file with its length and checksum, and a checksum of the list itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::files;

/// The name of the list.
pub(crate) const NAME: &str = "manifest.json";
/// The form of the list. It only goes forward.
const VERSION: u32 = 1;

/// The list of one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// What the folder is a copy of: `ledger`, `vault` or `key`.
    pub(crate) holds: String,
    /// When it was made.
    pub(crate) made_at: Timestamp,
    /// Its files.
    pub(crate) files: Vec<Listed>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Where it belongs, below the folder that is restored.
    pub(crate) path: PathBuf,
    /// Where it stands, below the folder of the backup.
    pub(crate) stored: PathBuf,
    /// Its length.
    pub(crate) bytes: u64,
    /// Its checksum.
    pub(crate) hash: String,
}

impl Manifest {
    pub(crate) fn new(holds: &str, made_at: Timestamp, files: Vec<Listed>) -> Self {
        Self {
            version: VERSION,
            holds: holds.to_owned(),
            made_at,
            files,
        }
    }

    /// Writes the list: from then on the folder is what it says.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let failed = |error: io::Error| files::unwritten(&path, error);
        let said = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        let unfinished = files::unfinished(&path);
        fs::write(&unfinished, format!("{said}\n{}\n", sum(&said))).map_err(failed)?;
        files::settle(&unfinished, &path)
    }

    /// Reads the list of a folder; `None` where there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(NAME);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|error| damaged(&path, "it cannot be read").because(error))?,
        };
        let read = || {
            let text = String::from_utf8(bytes).ok()?;
            let (said, sum_said) = text.strip_suffix('\n')?.rsplit_once('\n')?;
            (sum(said) == sum_said).then(|| serde_json::from_str::<Self>(said).ok())?
        };
        let manifest = read().ok_or_else(|| damaged(&path, "its checksum is wrong"))?;
        if manifest.version != VERSION {
            return Err(Problem::new("AM0409", "a newer Amends made this backup")
                .detail(path.display().to_string())
                .hint("use the newer program"));
        }
        Ok(Some(manifest))
    }

    /// The list of a folder whose every file is what the list says.
    ///
    /// # Errors
    /// `AM0422`, naming the file, when one is missing or damaged.
    pub(crate) fn verified(folder: &Path, holds: &str) -> Result<Self> {
        let manifest = Self::read(folder)?;
        let manifest = manifest.filter(|manifest| manifest.holds == holds);
        let manifest = manifest.ok_or_else(|| {
            damaged(
                &folder.join(NAME),
                &format!("there is no backup of a {holds}"),
            )
        })?;
        for file in &manifest.files {
            let path = folder.join(&file.stored);
            let inside = |path: &Path| {
                path.components()
                    .all(|part| matches!(part, std::path::Component::Normal(_)))
            };
            if !inside(&file.path) || !inside(&file.stored) {
                return Err(damaged(
                    &folder.join(NAME),
                    "it names a file outside of its folder",
                ));
            }
            match amends_ledger::checksum(&path) {
                Err(error) => return Err(damaged(&path, "it cannot be read").because(error)),
                Ok((bytes, hash)) if bytes != file.bytes || hash != file.hash => {
                    return Err(damaged(&path, "its checksum is wrong"));
                }
                Ok(_) => {}
            }
        }
        Ok(manifest)
    }
}

fn sum(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// `AM0422`: a file of a backup is not what was put there.
fn damaged(path: &Path, what: &str) -> Problem {
    Problem::new("AM0422", "a file of this backup is missing or damaged")
        .detail(format!("{}: {what}", path.display()))
        .hint("nothing was restored; use another backup, or another copy of this one")
}
