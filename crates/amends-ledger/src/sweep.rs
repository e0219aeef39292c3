//! Removes files that the catalog does not name: what a crash left behind, and what compaction has replaced.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use amends_model::Result;

use crate::contents::Contents;
use crate::lock::ReaderLock;
use crate::part::{Form, events_path, keys_path};
use crate::{segment_write, trouble};

/// Sweeps. Unfinished files go at once; finished ones only when nobody reads, because a snapshot may still name them.
///
/// # Errors
/// `AM0404` when a file cannot be removed.
pub(crate) fn sweep(ledger: &Path, contents: &Contents) -> Result<()> {
    let mut named = HashSet::new();
    for part in &contents.parts {
        if let Form::Segment(_) = part.form {
            named.insert(events_path(ledger, &part.info.kind, part.info.part));
            named.insert(keys_path(ledger, &part.info.kind, part.info.part));
        }
    }
    let strangers = strangers(ledger, &named)?;
    if strangers.is_empty() {
        return Ok(());
    }
    let alone = ReaderLock::alone(ledger)?;
    for path in strangers {
        let unfinished = path.extension() == Some(OsStr::new(segment_write::UNFINISHED));
        if unfinished || alone.is_some() {
            fs::remove_file(&path).map_err(|error| trouble::unwritten(&path, error))?;
        }
    }
    Ok(())
}

/// The files below `segments` that the catalog does not name and that have the names of ours.
fn strangers(ledger: &Path, named: &HashSet<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut strangers = ours(ledger, &["parquet", "keys", segment_write::UNFINISHED])?;
    strangers.retain(|path| !named.contains(path));
    Ok(strangers)
}

/// The finished files below `segments`, of whatever catalog.
///
/// # Errors
/// `AM0404` when the folder cannot be read.
pub(crate) fn finished(ledger: &Path) -> Result<Vec<PathBuf>> {
    ours(ledger, &["parquet", "keys"])
}

/// The files below `segments` that have one of these endings.
fn ours(ledger: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let segments = ledger.join("segments");
    let mut found = Vec::new();
    for folder in list(&segments)? {
        if !folder.is_dir() {
            continue;
        }
        for path in list(&folder)? {
            let ending = path.extension().and_then(OsStr::to_str);
            if ending.is_some_and(|ending| endings.contains(&ending)) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| trouble::unwritten(folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}
