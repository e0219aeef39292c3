//! Files that are on the disk, whole and under their names, or not there.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};

/// How names end while a file is being written.
pub(crate) const UNFINISHED: &str = "tmp";

/// Makes a folder for its owner alone, and sees that its name, and those of folders above that are new, are on the disk. One that is there already may
/// have been made just before a crash.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let above = |path: &Path| match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above.to_owned(),
        _ => PathBuf::from("."),
    };
    let is_new = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let mut named_in = vec![above(folder)];
    named_in.extend(folder.ancestors().take_while(is_new).map(above));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|error| unwritten(folder, error))?;
    named_in.iter().try_for_each(|folder| sync(folder))
}

/// Sees that what a folder holds is on the disk under the names that it has now.
pub(crate) fn sync(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| unwritten(folder, error))
}

/// Copies a file: synced, then named, then its folder synced. Gives its length and checksum, read back.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(u64, String)> {
    let folder = to.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let unfinished = unfinished(to);
    let sum = fs::copy(from, &unfinished)
        .map_err(|error| {
            unwritten(&unfinished, error).detail(format!("{} to {}", from.display(), to.display()))
        })
        .and_then(|_| {
            amends_ledger::checksum(&unfinished).map_err(|error| unwritten(&unfinished, error))
        })?;
    settle(&unfinished, to)?;
    Ok(sum)
}

/// Gives a written file its name, once it is on the disk.
pub(crate) fn settle(unfinished: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let settled = File::open(unfinished)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(unfinished, to))
        .and_then(|()| File::open(folder)?.sync_all());
    settled.map_err(|error| unwritten(to, error))
}

/// Removes a file, for good: its folder is synced.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unwritten(path, error)),
        Ok(()) => File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| unwritten(path, error)),
    }
}

/// The name of a file while it is being written.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// All files below a folder.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(|error| unwritten(&folder, error))?,
        };
        for entry in entries {
            let path = entry.map_err(|error| unwritten(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// `AM0420`: a file or folder of a backup or of a restored ledger cannot be written.
pub(crate) fn unwritten(path: &Path, error: io::Error) -> Problem {
    Problem::new("AM0420", "a file cannot be copied")
        .detail(path.display().to_string())
        .because(error)
        .hint("see whether the disk is full and whether the folder can be read and written; run the command again")
}
