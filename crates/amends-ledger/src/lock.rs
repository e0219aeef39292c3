//! The two locks of a ledger's folder. The system gives them back when their holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use amends_model::{Problem, Result};

use crate::trouble;

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| trouble::unwritten(path, error))
}

/// The writer's lock, held while this lives. The file names the holder.
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock or says who has it.
    ///
    /// # Errors
    /// `AM0402` when somebody else is writing; `AM0404` when the file cannot be written.
    pub(crate) fn take(folder: &Path, holder: &str) -> Result<Self> {
        let path = folder.join("writer.lock");
        let mut file = open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(&mut file)),
            Err(TryLockError::Error(error)) => return Err(trouble::unwritten(&path, error)),
        }
        let text = format!("process {}: {holder}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|error| trouble::unwritten(&path, error))?;
        Ok(Self { _file: file })
    }

    /// Waits for the lock, for the moment in which a ledger's tables are made.
    ///
    /// # Errors
    /// `AM0404` when the file cannot be written.
    pub(crate) fn wait(folder: &Path) -> Result<Self> {
        let path = folder.join("writer.lock");
        let file = open(&path)?;
        file.lock()
            .map_err(|error| trouble::unwritten(&path, error))?;
        Ok(Self { _file: file })
    }
}

fn busy(file: &mut File) -> Problem {
    let mut holder = String::new();
    let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let holder = if known {
        holder.trim()
    } else {
        "another process"
    };
    Problem::new("AM0402", "somebody else is writing to this ledger")
        .detail(holder.to_owned())
        .hint("wait until it has ended, or end it")
}

/// Held by every snapshot: while one lives, no file that it may read is removed.
#[derive(Debug)]
pub(crate) struct ReaderLock {
    _file: File,
}

impl ReaderLock {
    /// Takes a share. Waits only while a writer removes files, which is short.
    ///
    /// # Errors
    /// `AM0404` when the lock file cannot be made.
    pub(crate) fn share(folder: &Path) -> Result<Self> {
        let path = folder.join("readers.lock");
        let file = open(&path)?;
        file.lock_shared()
            .map_err(|error| trouble::unwritten(&path, error))?;
        Ok(Self { _file: file })
    }

    /// Keeps every reader out for a moment; `None` while somebody reads.
    ///
    /// # Errors
    /// `AM0404` when the lock file cannot be made.
    pub(crate) fn alone(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join("readers.lock");
        let file = open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(trouble::unwritten(&path, error)),
        }
    }
}
