//! What stands in a data folder and does not belong there.

use std::path::{Path, PathBuf};

use amends_ledger::Ledger;
use amends_testkit::tempfile::tempdir;

/// Files in the data folder of a project that no catalog names, unfinished ones, and copies that something was tried on.
pub(crate) fn in_data_of(project: &Path) -> Vec<PathBuf> {
    let data = project.join(".amends");
    let segments = named(&data.join("ledger"));
    let mut strays = files(&data);
    strays.retain(|path| {
        let below = path.strip_prefix(&data).unwrap();
        let ending = path.extension().and_then(|ending| ending.to_str());
        match below.iter().next().and_then(|first| first.to_str()) {
            Some("ledger") if below.starts_with("ledger/segments") => {
                !segments.contains(&below.strip_prefix("ledger").unwrap().to_owned())
            }
            Some("ledger" | "vault" | "derived") => ending == Some("tmp"),
            Some("erasures.jsonl" | "rehearsal.lock" | "reserve") => false,
            _ => true,
        }
    });
    strays
}

/// The files that a ledger's catalog names.
fn named(ledger: &Path) -> Vec<PathBuf> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(ledger).await.unwrap();
        let copied = ledger.copy_database(tempdir().unwrap().path()).await;
        let files = copied.unwrap().files.clone();
        files.into_iter().map(|file| file.path).collect()
    })
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}
