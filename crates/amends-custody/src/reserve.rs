//! Room kept back in the data folder. When others have filled the disk it is given up, so that the databases can be opened and asked.

use std::fs;
use std::path::Path;

use crate::usage::free;

/// The file that takes the room.
const NAME: &str = "reserve";
/// How much room: SQLite takes 32 KiB beside each database while it is open, and some pages more.
const BYTES: usize = 256 << 10;
/// With less than this the databases may not be opened.
const LITTLE_BYTES: u64 = 128 << 10;
/// With more than this nobody misses what is kept back.
const PLENTY_BYTES: u64 = 16 << 20;

/// Gives the room up if there is none left elsewhere.
pub fn give_up(data: &Path) {
    if free(data).is_some_and(|free| free < LITTLE_BYTES) {
        // Where that fails, opening the databases says what is wrong.
        let _gone = fs::remove_file(data.join(NAME));
    }
}

/// Keeps room back where there is plenty.
pub fn keep(data: &Path) {
    let path = data.join(NAME);
    if path.exists() || free(data).is_none_or(|free| free < PLENTY_BYTES) {
        return;
    }
    // Nothing that a file system could pack.
    let mut bytes = vec![0; BYTES];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    // It is a comfort, and no part of anything: a command does not fail for want of it.
    let _kept = fs::write(path, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_kept_while_there_is_plenty() {
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        keep(folder.path());
        let kept = fs::metadata(folder.path().join(NAME)).unwrap();
        assert_eq!(kept.len(), BYTES as u64);
        give_up(folder.path());
        assert!(folder.path().join(NAME).exists(), "there is room elsewhere");
    }
}
