//! Which way history went: a stamp for each of the last positions, each a hash of the change that led there and of the stamp before.
//!
//! A ledger that was put back from a backup has other stamps from there on. Whoever takes history back raises the number `lineage` in the
//! catalog's table `state`.

use std::collections::BTreeMap;

use sqlx::{Any, Row, Transaction};

use crate::change::Change;
use crate::contents::write_marks;
use crate::part::Form;

/// Positions whose stamps are kept. What was computed from an older one is computed anew.
const KEPT: i64 = 1_000;

/// Writes the stamp of a new position.
///
/// # Errors
/// When the database fails.
pub(crate) async fn stamp(
    write: &mut Transaction<'_, Any>,
    position: i64,
    change: &Change,
) -> Result<(), sqlx::Error> {
    let before = "SELECT stamp FROM stamp ORDER BY position DESC LIMIT 1";
    let before: Option<String> = sqlx::query_scalar(before)
        .fetch_optional(&mut **write)
        .await?;
    sqlx::query("INSERT INTO stamp (position, stamp) VALUES ($1, $2)")
        .bind(position)
        .bind(hash(position, before.as_deref(), change))
        .execute(&mut **write)
        .await?;
    sqlx::query("DELETE FROM stamp WHERE position <= $1")
        .bind(position - KEPT)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// The stamps that are kept, by position.
///
/// # Errors
/// When the database fails.
pub(crate) async fn read(
    look: &mut Transaction<'_, Any>,
) -> Result<BTreeMap<i64, String>, sqlx::Error> {
    let rows = sqlx::query("SELECT position, stamp FROM stamp")
        .fetch_all(&mut **look)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

fn hash(position: i64, before: Option<&str>, change: &Change) -> String {
    let mut hash = blake3::Hasher::new();
    let mut say = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    say(before.unwrap_or_default().as_bytes());
    say(&position.to_le_bytes());
    for part in &change.leave {
        say(&part.part.to_le_bytes());
    }
    for part in &change.enter {
        say(&part.info.part.to_le_bytes());
        match &part.form {
            Form::Segment(files) => say(files.keys_hash.as_bytes()),
            Form::Tail { keys, .. } => say(keys),
        }
    }
    for marks in [&change.marks, &change.marked_anew] {
        say(&(marks.len() as u64).to_le_bytes());
        for (part, marks) in marks {
            say(&part.to_le_bytes());
            say(&write_marks(marks));
        }
    }
    say(format!("{:?}", change.withdrawal).as_bytes());
    for said in &change.repeated {
        say(format!("{} {} {}", said.import, said.kind, said.part).as_bytes());
        say(&said.body);
    }
    if let Some(import) = &change.import {
        say(&import.import.to_le_bytes());
        say(format!("{import:?}").as_bytes());
    }
    hash.finalize().to_hex().as_str()[..32].to_owned()
}
