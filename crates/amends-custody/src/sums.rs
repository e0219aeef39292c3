//! Checksums of the two databases, whose pages carry none of their own.
//!
//! A database at rest, all of its log folded in, has its checksum in a file beside it. Whoever is about to write compares it and takes it away
//! first; at the end, when nobody writes any more, the new one is put there. So a checksum that is there was true of the whole file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use amends_ledger::{Ledger, Writer};
use amends_model::{Problem, Result};
use amends_vault::Vault;

use crate::files;

/// What a checksum says of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The file is what was written.
    Right,
    /// It is not.
    Wrong,
    /// The file of the checksum itself is damaged.
    Unreadable,
    /// There is none: somebody is writing, or was stopped while writing.
    Absent,
}

/// A database, and the file beside it in which its checksum stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The database.
    pub file: PathBuf,
    /// Its checksum.
    pub sum: PathBuf,
}

impl Database {
    /// Whether it is there and small enough to be compared at every question. Of a larger one that would be most of the time that an answer takes.
    pub fn is_soon_compared(&self) -> bool {
        const SMALL: u64 = 32 << 20;
        self.file
            .metadata()
            .is_ok_and(|database| database.len() <= SMALL)
    }
}

/// The two databases of a data folder.
pub fn databases(data: &Path) -> [Database; 2] {
    let (ledger, vault) = (data.join("ledger"), data.join("vault"));
    [
        Database {
            file: ledger.join(Ledger::DATABASE),
            sum: ledger.join(amends_ledger::CHECKSUM),
        },
        Database {
            file: vault.join(amends_vault::DATABASE),
            sum: vault.join(amends_vault::CHECKSUM),
        },
    ]
}

/// Compares a database with its checksum, also while others work.
///
/// # Errors
/// `AM0406` when a file cannot be read.
pub fn compare(database: &Database) -> Result<Compared> {
    let unread = |error: io::Error| {
        Problem::new("AM0406", "a part of the ledger cannot be read")
            .detail(database.file.display().to_string())
            .because(error)
            .hint("see whether the file is there and can be read, else put it back from a backup")
    };
    let said = || match fs::read(&database.sum) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(unread),
    };
    let Some(first) = said()? else {
        return Ok(Compared::Absent);
    };
    let Some(expected) = read(&first) else {
        return Ok(Compared::Unreadable);
    };
    let found = amends_ledger::checksum(&database.file).map_err(unread)?;
    Ok(match found == expected {
        true => Compared::Right,
        // Whoever writes takes the checksum away before: if it is gone by now, the file may have been written to.
        false if said()?.as_ref() == Some(&first) => Compared::Wrong,
        false => Compared::Absent,
    })
}

/// Sees that no database is known to be damaged.
///
/// # Errors
/// `AM0427`, naming the file, when one is; `AM0406` when a file cannot be read.
pub fn see_right(data: &Path) -> Result<()> {
    databases(data)
        .iter()
        .try_for_each(|database| match compare(database)? {
            Compared::Wrong => Err(damaged(database)),
            _ => Ok(()),
        })
}

/// Takes the right to write, and the checksums away, once they were compared: what is written next must not make damage look right.
///
/// # Errors
/// `AM0402`, naming the holder, when somebody else is writing; `AM0427`, naming the file, when a database is damaged; `AM0420` when a checksum
/// cannot be removed.
pub async fn write(ledger: &Ledger, data: &Path, holder: &str) -> Result<Writer> {
    let writer = ledger.writer(holder).await?;
    see_right(data)?;
    for database in databases(data) {
        files::remove(&database.sum)?;
    }
    Ok(writer)
}

/// Puts checksums beside databases that have none, if nobody is writing and their logs can be folded in.
///
/// # Errors
/// `AM0303` and `AM0403` when a database fails; `AM0420` when a checksum cannot be written.
pub async fn set(ledger: &Ledger, vault: &Vault, data: &Path, holder: &str) -> Result<()> {
    let databases = databases(data);
    if databases.iter().all(|database| database.sum.exists()) {
        return Ok(());
    }
    let _nobody_writes = match Ledger::keep_writers_out(&data.join("ledger"), holder) {
        Err(problem) if problem.code() == "AM0402" => return Ok(()),
        lock => lock?,
    };
    if !ledger.fold().await? || !vault.fold().await? {
        return Ok(());
    }
    for Database { file, sum: path } in databases {
        if path.exists() {
            continue;
        }
        let failed = |error: io::Error| files::unwritten(&path, error);
        let (bytes, hash) = amends_ledger::checksum(&file).map_err(failed)?;
        let unfinished = files::unfinished(&path);
        fs::write(&unfinished, written(bytes, &hash)).map_err(failed)?;
        files::settle(&unfinished, &path)?;
    }
    Ok(())
}

/// `AM0427`: a database is not what was written.
pub fn damaged(database: &Database) -> Problem {
    Problem::new("AM0427", "a database is damaged: its checksum is wrong")
        .detail(database.file.display().to_string())
        .hint("put the data folder back from a backup; until then questions are answered as far as can be read, and nothing is written")
}

/// Length and checksum, and a checksum of both.
fn written(bytes: u64, hash: &str) -> String {
    let said = format!("{bytes} {hash}");
    format!("{said}\n{}\n", blake3::hash(said.as_bytes()).to_hex())
}

fn read(text: &[u8]) -> Option<(u64, String)> {
    let text = std::str::from_utf8(text).ok()?;
    let (bytes, hash) = text.lines().next()?.split_once(' ')?;
    let (bytes, hash) = (bytes.parse().ok()?, hash.to_owned());
    (written(bytes, &hash) == text).then_some((bytes, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_that_is_damaged_itself_is_none() {
        let whole = written(4_096, &"ab".repeat(32)).into_bytes();
        assert!(read(&whole).is_some());
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[place] ^= 1 << bit;
                assert_eq!(read(&flipped), None, "bit {bit} of byte {place}");
            }
        }
    }
}
