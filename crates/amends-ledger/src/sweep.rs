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
    let segments = ledger.join("segments");
    let mut strangers = Vec::new();
    for folder in list(&segments)? {
        if !folder.is_dir() {
            continue;
        }
        for path in list(&folder)? {
            let ours = ["parquet", "keys", segment_write::UNFINISHED];
            let ending = path.extension().and_then(OsStr::to_str);
            if ending.is_some_and(|ending| ours.contains(&ending)) && !named.contains(&path) {
                strangers.push(path);
            }
        }
    }
    Ok(strangers)
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
