//! The master key: 64 hexadecimal digits in `master.key`, made once and never written again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use amends_model::{Problem, Result};

use crate::sealing::{KEY, Random};

/// The name of the file that holds the master key.
pub const NAME: &str = "master.key";

/// Reads the master key of a folder, or makes one where there is neither key nor vault.
/// The file comes back open, to be locked while the vault is being set up.
pub(crate) fn read_or_make(folder: &Path) -> Result<([u8; KEY], File)> {
    // The order matters: a key is made before the database, so whoever sees a database must see its key.
    let vault_is_there = folder.join(crate::open::DATABASE).exists();
    let path = folder.join(NAME);
    // A key that may not be looked at is there, and belongs to somebody else.
    if !path
        .try_exists()
        .map_err(|error| unreadable(&path, error))?
    {
        if vault_is_there {
            return Err(missing(&path));
        }
        make(folder, &path)?;
    }
    let mut file = File::open(&path).map_err(|error| unreadable(&path, error))?;
    let mut text = String::new();
    let read = Read::by_ref(&mut file).take(4096).read_to_string(&mut text);
    read.map_err(|error| unreadable(&path, error))?;
    let key = digits(text.trim()).ok_or_else(|| {
        Problem::new("AM0302", "the vault's master key is not a key")
            .detail(format!("{} must hold 64 hexadecimal digits", path.display()))
            .hint("put back the master.key that was made together with this vault, from where you keep it safe")
    })?;
    Ok((key, file))
}

fn make(folder: &Path, path: &Path) -> Result<()> {
    let mut random = Random::new();
    let text: String = random
        .take::<KEY>()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let suffix = u64::from_le_bytes(random.take()?);
    let draft = folder.join(format!("{NAME}.{suffix:016x}"));
    let made = write_synced(&draft, &text).and_then(|()| {
        // A link appears whole or not at all and never replaces a key that another process made meanwhile.
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    });
    let swept = fs::remove_file(&draft);
    made.and(swept)
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|error| {
            Problem::new("AM0301", "the vault's master key cannot be written")
                .detail(path.display().to_string())
                .hint("the folder must exist and be writable")
                .because(error)
        })
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut file = only_mine(OpenOptions::new().write(true).create_new(true)).open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// Files are made readable by their owner alone.
#[cfg(unix)]
pub(crate) fn only_mine(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Elsewhere the folder's own rules hold.
#[cfg(not(unix))]
pub(crate) fn only_mine(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn digits(text: &str) -> Option<[u8; KEY]> {
    if text.len() != 2 * KEY || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; KEY];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

fn missing(path: &Path) -> Problem {
    Problem::new("AM0302", "the vault's master key is missing")
        .detail(path.display().to_string())
        .hint("put back the master.key that was made together with this vault; without it nothing in the vault can ever be read")
}

fn unreadable(path: &Path, error: io::Error) -> Problem {
    Problem::new("AM0302", "the vault's master key cannot be read")
        .detail(path.display().to_string())
        .hint("the file must be readable by whoever runs amends")
        .because(error)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_looked_at_is_said_to_be_unreadable_and_none_is_made() {
        let folder = amends_testkit::tempfile::TempDir::new().unwrap();
        // A folder that leads to itself cannot be looked into, like another user's.
        let around = folder.path().join("around");
        std::os::unix::fs::symlink(&around, &around).unwrap();
        let problem = read_or_make(&around).unwrap_err();
        assert_eq!(problem.code(), "AM0302");
        assert_eq!(problem.message(), "the vault's master key cannot be read");
    }
}
