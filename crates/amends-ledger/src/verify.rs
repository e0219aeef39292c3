//! Reads everything there is and tells what is missing or damaged.

use std::path::{Path, PathBuf};

use amends_model::Result;
use rayon::prelude::*;

use crate::contents::{self, Contents};
use crate::ledger::Ledger;
use crate::lock::ReaderLock;
use crate::part::{self, Form, NewPart};
use crate::segment_write::sum_of;
use crate::{blocking, tail, trouble};

/// A file, or a part of one, that is not what the catalog says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl Ledger {
    /// Compares every file with its checksum in the catalog, reads the tail, and lets the database check itself.
    /// What is damaged is named; the rest can be read all the same.
    ///
    /// # Errors
    /// `AM0403` when the database cannot be read at all.
    pub async fn verify(&self) -> Result<Vec<Damage>> {
        let folder = self.folder().to_owned();
        let lock = ReaderLock::share(&folder)?;
        let contents = contents::read(self.catalog()).await?;
        let mut damage = self.verify_database().await?;
        damage.extend(blocking::run(move || Ok(check(&folder, &contents))).await?);
        drop(lock);
        Ok(damage)
    }

    async fn verify_database(&self) -> Result<Vec<Damage>> {
        let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_all(&self.catalog().pool)
            .await
            .map_err(trouble::database)?;
        let wrong = said.into_iter().filter(|said| said != "ok");
        Ok(wrong
            .map(|what| Damage {
                path: self.folder().join("ledger.db"),
                what,
            })
            .collect())
    }
}

fn check(ledger: &Path, contents: &Contents) -> Vec<Damage> {
    let damage = contents
        .parts
        .par_iter()
        .map(|part| check_part(ledger, part));
    damage.flatten().collect()
}

fn check_part(ledger: &Path, part: &NewPart) -> Vec<Damage> {
    let info = &part.info;
    match &part.form {
        Form::Segment(files) => {
            let events = part::events_path(ledger, &info.kind, info.part);
            let keys = part::keys_path(ledger, &info.kind, info.part);
            let events = check_file(events, files.events_bytes, &files.events_hash);
            let keys = check_file(keys, files.keys_bytes, &files.keys_hash);
            events.into_iter().chain(keys).collect()
        }
        Form::Tail { body, keys } => {
            let read = tail::decode(info.part, body);
            let what = match read {
                Err(problem) => problem.to_string(),
                Ok(batch) if batch.num_rows() as u64 != info.events => {
                    format!("batch {} of the tail has too few events", info.part)
                }
                Ok(_) if tail::entries(keys).len() as u64 != info.events => {
                    format!("batch {} of the tail has too few keys", info.part)
                }
                Ok(_) => return Vec::new(),
            };
            let path = ledger.join("ledger.db");
            vec![Damage { path, what }]
        }
    }
}

fn check_file(path: PathBuf, bytes: u64, hash: &str) -> Option<Damage> {
    let what = match sum_of(&path) {
        Err(error) => error.to_string(),
        Ok((found, _)) if found != bytes => format!("it has {found} bytes and should have {bytes}"),
        Ok((_, found)) if found != hash => "its checksum is wrong".to_owned(),
        Ok(_) => return None,
    };
    Some(Damage { path, what })
}
