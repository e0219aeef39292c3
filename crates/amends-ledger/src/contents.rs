//! Reads what the catalog holds, in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_model::{EventId, Result};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::catalog::Catalog;
use crate::changes::Teller;
use crate::columns;
use crate::part::{Form, NewPart, PartInfo, SegmentFiles};
use crate::{stamps, trouble};

/// Bytes of one superseded event in the catalog: its row, its id, the id of what replaced it.
const MARK_BYTES: usize = 36;

/// An event of a part that is no longer current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its row in the part.
    pub(crate) row: u32,
    /// Its id.
    pub(crate) id: EventId,
    /// What replaced it; no event where it is withdrawn.
    pub(crate) by: EventId,
    /// At which position; `None` while that change is under way.
    pub(crate) position: Option<i64>,
}

/// In the place of what replaced an event: nothing did, it is withdrawn.
const NO_EVENT: EventId = EventId([0; 16]);

impl Mark {
    /// An event that is withdrawn: to readers and to dedupe it is not there.
    pub(crate) fn withdrawn(row: u32, id: EventId) -> Self {
        Self {
            row,
            id,
            by: NO_EVENT,
            position: None,
        }
    }

    /// Whether the event is withdrawn.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.by == NO_EVENT
    }
}

/// Superseded events by part.
pub(crate) type Marks = BTreeMap<i64, Vec<Mark>>;

/// All that the catalog says about events.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// How many changes it has seen.
    pub(crate) position: i64,
    /// How often history was withdrawn.
    pub(crate) lineage: i64,
    /// The parts, in order of their numbers.
    pub(crate) parts: Vec<NewPart>,
    /// What of them is superseded.
    pub(crate) marks: Marks,
    /// How far each source has reported, in microseconds.
    pub(crate) watermarks: BTreeMap<String, i64>,
    /// The last import.
    pub(crate) import: i64,
    /// The stamps of the last positions.
    pub(crate) stamps: BTreeMap<i64, String>,
    /// How and when each import told what it says.
    pub(crate) tellers: Arc<BTreeMap<i64, Teller>>,
}

/// Reads everything: as it was at one moment.
///
/// # Errors
/// `AM0403` when the database fails; `AM0406` when it holds what it should not.
pub(crate) async fn read(catalog: &Catalog) -> Result<Contents> {
    let mut look = catalog.pool.begin().await.map_err(trouble::database)?;
    let mut contents = Contents {
        position: state(&mut look, "position").await?,
        ..Contents::default()
    };
    segments(&mut look, &mut contents).await?;
    tail(&mut look, &mut contents).await?;
    contents.parts.sort_by_key(|part| part.info.part);
    marks(&mut look, &mut contents).await?;
    contents.lineage = state(&mut look, "lineage").await?;
    let rows = sqlx::query(include_str!("../sql/watermarks.sql"))
        .fetch_all(&mut *look)
        .await
        .map_err(trouble::database)?;
    for row in rows {
        let source = row.try_get(0).map_err(trouble::database)?;
        let reported = row.try_get(1).map_err(trouble::database)?;
        contents.watermarks.insert(source, reported);
    }
    contents.import = sqlx::query_scalar("SELECT COALESCE(MAX(import), 0) FROM import")
        .fetch_one(&mut *look)
        .await
        .map_err(trouble::database)?;
    contents.stamps = stamps::read(&mut look).await.map_err(trouble::database)?;
    contents.tellers = Arc::new(tellers(&mut look).await?);
    look.rollback().await.map_err(trouble::database)?;
    Ok(contents)
}

async fn state(look: &mut Transaction<'_, Any>, name: &str) -> Result<i64> {
    let row = sqlx::query("SELECT value FROM state WHERE name = $1")
        .bind(name)
        .fetch_one(&mut **look)
        .await
        .map_err(trouble::database)?;
    row.try_get(0).map_err(trouble::database)
}

async fn segments(look: &mut Transaction<'_, Any>, contents: &mut Contents) -> Result<()> {
    let rows = sqlx::query(include_str!("../sql/segments.sql"))
        .fetch_all(&mut **look)
        .await
        .map_err(trouble::database)?;
    for row in rows {
        let text = |column| row.try_get::<String, _>(column).map_err(trouble::database);
        let number = |column| row.try_get::<i64, _>(column).map_err(trouble::database);
        contents.parts.push(NewPart {
            info: info(&row)?,
            form: Form::Segment(SegmentFiles {
                events_bytes: number(6)? as u64,
                events_hash: text(7)?,
                keys_bytes: number(8)? as u64,
                keys_hash: text(9)?,
            }),
        });
    }
    Ok(())
}

async fn tail(look: &mut Transaction<'_, Any>, contents: &mut Contents) -> Result<()> {
    let rows = sqlx::query(include_str!("../sql/tail.sql"))
        .fetch_all(&mut **look)
        .await
        .map_err(trouble::database)?;
    for row in rows {
        let bytes = |column| row.try_get::<Vec<u8>, _>(column).map_err(trouble::database);
        contents.parts.push(NewPart {
            info: info(&row)?,
            form: Form::Tail {
                body: bytes(6)?,
                keys: bytes(7)?,
            },
        });
    }
    Ok(())
}

fn info(row: &AnyRow) -> Result<PartInfo> {
    let number = |column| row.try_get::<i64, _>(column).map_err(trouble::database);
    let text = |column| row.try_get::<String, _>(column).map_err(trouble::database);
    Ok(PartInfo {
        part: number(0)?,
        kind: text(1)?,
        events: number(2)? as u64,
        first_at: number(3)?,
        last_at: number(4)?,
        properties: columns::from_text(&text(5)?)?,
    })
}

async fn marks(look: &mut Transaction<'_, Any>, contents: &mut Contents) -> Result<()> {
    let rows = sqlx::query("SELECT part, position, events FROM superseded ORDER BY part, position")
        .fetch_all(&mut **look)
        .await
        .map_err(trouble::database)?;
    for row in rows {
        let part: i64 = row.try_get(0).map_err(trouble::database)?;
        let position: i64 = row.try_get(1).map_err(trouble::database)?;
        let bytes: Vec<u8> = row.try_get(2).map_err(trouble::database)?;
        let marks = contents.marks.entry(part).or_default();
        let read = |bytes| read_mark(bytes, position);
        marks.extend(bytes.chunks_exact(MARK_BYTES).filter_map(read));
    }
    Ok(())
}

async fn tellers(look: &mut Transaction<'_, Any>) -> Result<BTreeMap<i64, Teller>> {
    let rows = sqlx::query(include_str!("../sql/tellers.sql"))
        .fetch_all(&mut **look)
        .await
        .map_err(trouble::database)?;
    let read = |row: &AnyRow| -> Result<(i64, Teller), sqlx::Error> {
        let telling: Option<String> = row.try_get(4)?;
        let telling = telling.map(|told| serde_json::from_str(&told)).transpose();
        let stands: i64 = row.try_get(5)?;
        let teller = Teller {
            source: row.try_get(1)?,
            started_at: row.try_get(2)?,
            reported: row.try_get(3)?,
            telling: telling
                .map_err(|error| sqlx::Error::Decode(error.into()))?
                .unwrap_or_default(),
            stands: stands != 0,
        };
        Ok((row.try_get(0)?, teller))
    };
    rows.iter()
        .map(|row| read(row).map_err(trouble::database))
        .collect()
}

fn read_mark(bytes: &[u8], position: i64) -> Option<Mark> {
    Some(Mark {
        row: u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?),
        id: EventId::from_slice(bytes.get(4..20)?)?,
        by: EventId::from_slice(bytes.get(20..36)?)?,
        position: Some(position),
    })
}

/// Marks as the catalog keeps them.
pub(crate) fn write_marks(marks: &[Mark]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(marks.len() * MARK_BYTES);
    for mark in marks {
        bytes.extend_from_slice(&mark.row.to_le_bytes());
        bytes.extend_from_slice(&mark.id.0);
        bytes.extend_from_slice(&mark.by.0);
    }
    bytes
}
