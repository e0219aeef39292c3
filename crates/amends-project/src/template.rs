//! `amends init`: a project that works, to start from.

mod gallery;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};

pub use gallery::names as gallery;

/// The files of a new project, by their paths below its folder.
const FILES: [(&str, &str); 8] = [
    ("amends.toml", include_str!("../template/amends.toml")),
    ("customers.toml", include_str!("../template/customers.toml")),
    ("journey.toml", include_str!("../template/journey.toml")),
    (
        "exports/subscriptions.csv",
        include_str!("../template/exports/subscriptions.csv"),
    ),
    (
        "exports/tickets.csv",
        include_str!("../template/exports/tickets.csv"),
    ),
    (
        "promises/first-answer.toml",
        include_str!("../template/promises/first-answer.toml"),
    ),
    (
        "sources/subscriptions.toml",
        include_str!("../template/sources/subscriptions.toml"),
    ),
    (
        "sources/tickets.toml",
        include_str!("../template/sources/tickets.toml"),
    ),
];

/// Kept out of version control: the data folder holds personal data and keys.
const IGNORED: &str =
    "# The ledger, the vault and its key. Back them up; do not check them in.\n.amends/\n";

/// Writes a commented project that works into a folder, which is made if it is missing. Returns the files, below the folder.
///
/// # Errors
/// `AM0115` when the folder holds something already; `AM0116` when it cannot be written.
pub fn init(dir: &Path) -> Result<Vec<PathBuf>> {
    begin(dir, &FILES)
}

/// The same with a project of the gallery, by its name as [`gallery`] has it.
///
/// # Errors
/// As [`init`]; `AM0121` when the gallery has no such project.
pub fn init_from_gallery(dir: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let files = gallery::files(name).ok_or_else(|| {
        let known: Vec<&str> = gallery().collect();
        Problem::new("AM0121", "the gallery has no such project")
            .detail(format!("{name:?}"))
            .hint(format!("it has: {}", known.join(", ")))
    })?;
    begin(dir, files)
}

fn begin(dir: &Path, files: &[(&str, &str)]) -> Result<Vec<PathBuf>> {
    refuse_what_is_there(dir)?;
    let mut written = Vec::new();
    for (name, text) in files.iter().copied().chain([(".gitignore", IGNORED)]) {
        write(&dir.join(name), text)?;
        written.push(PathBuf::from(name));
    }
    written.sort();
    Ok(written)
}

/// A folder with anything but a version control's own files is somebody's.
fn refuse_what_is_there(dir: &Path) -> Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(dir, error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| unwritable(dir, error))?.file_name();
        if name != ".git" {
            return Err(
                Problem::new("AM0115", "a project is begun in an empty folder")
                    .detail(format!("{} holds {}", dir.display(), name.display()))
                    .hint("name a folder that is not there yet"),
            );
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    }
    fs::write(path, text).map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: io::Error) -> Problem {
    Problem::new("AM0116", "a project cannot be written here")
        .detail(path.display().to_string())
        .hint("choose a folder that you may write to, on a disk with room")
        .because(error)
}
