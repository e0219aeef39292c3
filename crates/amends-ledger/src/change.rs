//! Writes to the catalog: one change, one transaction, one position.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::Result;
use amends_model::time::micros;
use jiff::Timestamp;
use sqlx::{Any, Transaction};

use crate::catalog::Catalog;
use crate::contents::{Mark, Marks, write_marks};
use crate::part::{Form, NewPart, PartInfo};
use crate::said::Repeated;
use crate::trouble;
use crate::{FileColumn, ImportRecord, Quarantined, columns, file_columns, stamps};

/// What becomes history at once, or not at all.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Parts that come in.
    pub(crate) enter: Vec<NewPart>,
    /// Parts that go because others hold their events now.
    pub(crate) leave: Vec<PartInfo>,
    /// Events that are no longer current.
    pub(crate) marks: Marks,
    /// Parts of which other events count from now on, with all their marks.
    pub(crate) marked_anew: Marks,
    /// The import that this is.
    pub(crate) import: Option<ImportRecord>,
    /// What it set aside.
    pub(crate) quarantine: Vec<Quarantined>,
    /// The columns of its file.
    pub(crate) columns: Vec<FileColumn>,
    /// What was said again.
    pub(crate) repeated: Vec<Repeated>,
    /// The kinds that the import gives.
    pub(crate) given: Vec<String>,
    /// Records that rows in quarantine spoke of, and that the import read well.
    pub(crate) read_well: BTreeSet<String>,
    /// Which imports stop or begin to count.
    pub(crate) withdrawal: Withdrawal,
}

/// Which imports no longer count, and what that does to the counts of others.
#[derive(Debug, Default)]
pub(crate) struct Withdrawal {
    /// Those that are undone, and when.
    pub(crate) undone: Vec<(i64, Timestamp)>,
    /// Those that the import of this change replaces.
    pub(crate) replaced: Vec<i64>,
    /// Rows and events that imports have stored, counted anew: import, rows, events.
    pub(crate) counts: Vec<(i64, u64, u64)>,
}

impl Withdrawal {
    /// Whether any import stops or begins to count.
    pub(crate) fn is_empty(&self) -> bool {
        self.undone.is_empty() && self.replaced.is_empty()
    }
}

/// Applies a change.
///
/// # Errors
/// `AM0403` when the database fails; nothing of the change is kept then.
pub(crate) async fn apply(catalog: &Catalog, change: &Change) -> Result<()> {
    let mut write = catalog.pool.begin().await.map_err(trouble::database)?;
    write_all(&mut write, change)
        .await
        .map_err(trouble::database)?;
    write.commit().await.map_err(trouble::database)
}

async fn write_all(write: &mut Transaction<'_, Any>, change: &Change) -> Result<(), sqlx::Error> {
    let position = "UPDATE state SET value = value + 1 WHERE name = 'position' RETURNING value";
    let position: i64 = sqlx::query_scalar(position).fetch_one(&mut **write).await?;
    for part in &change.leave {
        leave(write, part.part).await?;
    }
    for part in &change.enter {
        enter(write, part).await?;
    }
    for (part, marks) in &change.marks {
        enter_marks(write, *part, position, marks).await?;
    }
    for (part, marks) in &change.marked_anew {
        sqlx::query("DELETE FROM superseded WHERE part = $1")
            .bind(part)
            .execute(&mut **write)
            .await?;
        enter_marks(write, *part, position, marks).await?;
    }
    stamps::stamp(write, position, change).await?;
    if let Some(import) = &change.import {
        enter_import(write, import).await?;
        file_columns::enter(write, import.import, &change.columns).await?;
        for row in &change.quarantine {
            enter_quarantine(write, import.import, row).await?;
        }
        for record in &change.read_well {
            sqlx::query("INSERT INTO read_well (import, record) VALUES ($1, $2)")
                .bind(import.import)
                .bind(record.as_str())
                .execute(&mut **write)
                .await?;
        }
        for kind in &change.given {
            sqlx::query("INSERT INTO given (source, kind) VALUES ($1, $2) ON CONFLICT (source, kind) DO NOTHING")
                .bind(import.start.source.as_str())
                .bind(kind.as_str())
                .execute(&mut **write)
                .await?;
        }
    }
    for repeated in &change.repeated {
        sqlx::query(include_str!("../sql/enter_repeated.sql"))
            .bind(repeated.import)
            .bind(repeated.kind.as_str())
            .bind(repeated.part)
            .bind(repeated.sayings as i64)
            .bind(repeated.body.as_slice())
            .execute(&mut **write)
            .await?;
    }
    withdraw(write, change, position).await
}

async fn withdraw(
    write: &mut Transaction<'_, Any>,
    change: &Change,
    position: i64,
) -> Result<(), sqlx::Error> {
    let withdrawal = &change.withdrawal;
    for (import, at) in &withdrawal.undone {
        sqlx::query("INSERT INTO undone (import, position, undone_at) VALUES ($1, $2, $3)")
            .bind(import)
            .bind(position)
            .bind(micros(*at))
            .execute(&mut **write)
            .await?;
    }
    let by = change.import.as_ref().map_or(0, |import| import.import);
    for import in &withdrawal.replaced {
        sqlx::query("INSERT INTO replaced (import, by_import) VALUES ($1, $2)")
            .bind(import)
            .bind(by)
            .execute(&mut **write)
            .await?;
    }
    for (import, stored, events) in &withdrawal.counts {
        sqlx::query(include_str!("../sql/recount.sql"))
            .bind(import)
            .bind(*stored as i64)
            .bind(*events as i64)
            .execute(&mut **write)
            .await?;
    }
    if !withdrawal.is_empty() {
        sqlx::query("UPDATE state SET value = value + 1 WHERE name = 'lineage'")
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Enters superseded events of a part. Those that only moved to it keep the position at which they were superseded.
async fn enter_marks(
    write: &mut Transaction<'_, Any>,
    part: i64,
    now: i64,
    marks: &[Mark],
) -> Result<(), sqlx::Error> {
    let mut by_position: BTreeMap<i64, Vec<Mark>> = BTreeMap::new();
    for mark in marks {
        let position = mark.position.unwrap_or(now);
        by_position.entry(position).or_default().push(*mark);
    }
    for (position, marks) in by_position {
        sqlx::query("INSERT INTO superseded (part, position, events) VALUES ($1, $2, $3)")
            .bind(part)
            .bind(position)
            .bind(write_marks(&marks))
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

async fn leave(write: &mut Transaction<'_, Any>, part: i64) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM superseded WHERE part = $1",
        "DELETE FROM segment WHERE part = $1",
        "DELETE FROM tail WHERE part = $1",
    ] {
        sqlx::query(statement)
            .bind(part)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

async fn enter(write: &mut Transaction<'_, Any>, part: &NewPart) -> Result<(), sqlx::Error> {
    let statement = match part.form {
        Form::Segment(_) => include_str!("../sql/enter_segment.sql"),
        Form::Tail { .. } => include_str!("../sql/enter_tail.sql"),
    };
    let info = &part.info;
    let query = sqlx::query(statement)
        .bind(info.part)
        .bind(info.kind.as_str())
        .bind(info.events as i64)
        .bind(info.first_at)
        .bind(info.last_at)
        .bind(columns::to_text(&info.properties));
    let query = match &part.form {
        Form::Segment(files) => query
            .bind(files.events_bytes as i64)
            .bind(files.events_hash.as_str())
            .bind(files.keys_bytes as i64)
            .bind(files.keys_hash.as_str()),
        Form::Tail { body, keys } => query.bind(body.as_slice()).bind(keys.as_slice()),
    };
    query.execute(&mut **write).await?;
    Ok(())
}

async fn enter_import(
    write: &mut Transaction<'_, Any>,
    import: &ImportRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../sql/enter_import.sql"))
        .bind(import.import)
        .bind(import.start.source.as_str())
        .bind(import.start.mapping.as_str())
        .bind(import.start.file.as_str())
        .bind(import.start.fingerprint.as_deref())
        .bind(micros(import.start.started_at))
        .bind(import.ended_at.map(micros))
        .bind(import.received as i64)
        .bind(import.stored as i64)
        .bind(import.duplicate as i64)
        .bind(import.quarantined as i64)
        .bind(import.events as i64)
        .bind(import.reported.map(micros))
        .bind(import.digest.as_deref())
        .bind(import.same_as)
        .bind(import.start.telling.to_text())
        .bind(import.told.as_deref())
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn enter_quarantine(
    write: &mut Transaction<'_, Any>,
    import: i64,
    row: &Quarantined,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../sql/enter_quarantine.sql"))
        .bind(import)
        .bind(row.entry)
        .bind(row.file.as_str())
        .bind(row.line)
        .bind(row.column.as_deref())
        .bind(row.code.as_str())
        .bind(row.reason.as_str())
        .bind(row.text_hash.as_deref())
        .bind(row.record.as_deref())
        .execute(&mut **write)
        .await?;
    Ok(())
}
