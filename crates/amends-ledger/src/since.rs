//! What happened to the ledger since an earlier position: for those who keep something that was computed from it and go on from there.

use amends_model::event::{self, column};
use amends_model::{EventId, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use serde::{Deserialize, Serialize};

use crate::columns;
use crate::index::push_range;
use crate::segment_read::{Damage, SegmentRows};
use crate::snapshot::{Segment, Snapshot};
use crate::trouble;

/// Where a ledger stood: enough to tell later whether it went on from there, and what has come and gone since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    position: u64,
    stamp: String,
    /// How often history had been taken back.
    lineage: u64,
    /// The last import.
    import: i64,
    /// The segments, in order.
    segments: Vec<i64>,
    /// How many events had been superseded.
    superseded: u64,
}

impl Point {
    /// How many changes the ledger had seen.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether a segment was there.
    pub(crate) fn knows(&self, segment: i64) -> bool {
        self.segments.binary_search(&segment).is_ok()
    }

    /// Whether events of an import may have come in later. Decisions have no import.
    pub(crate) fn may_be_after(&self, import: i64) -> bool {
        import > self.import || import == 0
    }
}

/// An event that is not current any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The event.
    pub id: EventId,
    /// What it was about.
    pub about: Option<String>,
}

impl Snapshot {
    /// Where the ledger stands; `None` where it does not know which way it came.
    pub fn point(&self) -> Option<Point> {
        let position = self.position();
        let stamp = self.inner.stamps.get(&(position as i64))?;
        let mut segments: Vec<i64> = self.all_segments().map(|segment| segment.part).collect();
        segments.sort_unstable();
        Some(Point {
            position,
            stamp: stamp.clone(),
            lineage: self.lineage(),
            import: self.inner.import,
            segments,
            superseded: self.superseded_until(position as i64),
        })
    }

    /// Whether the ledger went on from an earlier point: whether all that was history there still is, and nothing was put in between.
    pub fn continues(&self, earlier: &Point) -> bool {
        let position = earlier.position as i64;
        self.lineage() == earlier.lineage
            && self.inner.stamps.get(&position) == Some(&earlier.stamp)
            && self.superseded_until(position) == earlier.superseded
    }

    /// The events of a kind that were current at an earlier point and are so no longer, among them some that came in later.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn withdrawn_since(&self, kind: &str, earlier: &Point) -> Result<Vec<Withdrawn>> {
        let after = |position: i64| position > earlier.position as i64;
        let tail = self.inner.gone_from_tail.get(kind);
        let tail = tail.into_iter().flatten();
        let mut all: Vec<Withdrawn> = tail
            .filter(|(position, _)| after(*position))
            .map(|(_, withdrawn)| withdrawn.clone())
            .collect();
        for segment in self.segments(kind) {
            let superseded = segment.superseded_at.iter();
            let mut rows: Vec<usize> = superseded
                .filter(|(position, _)| after(*position))
                .map(|(_, row)| *row as usize)
                .collect();
            rows.sort_unstable();
            rows.dedup();
            let read = withdrawn_from(segment, &rows);
            all.extend(
                read.map_err(|error| {
                    trouble::unreadable(segment.path.display().to_string(), error)
                })?,
            );
        }
        let told_by = event::told_by(kind);
        if let Some(changes) = self.inner.changes.get(told_by) {
            all.retain(|withdrawn| !changes.knows(withdrawn.id));
            all.extend(changes.withdrawn_since(earlier.import, told_by != kind));
        }
        Ok(all)
    }

    fn all_segments(&self) -> impl Iterator<Item = &Segment> {
        self.inner.segments.values().flatten()
    }

    /// How many of the events that there are were superseded by a position.
    fn superseded_until(&self, position: i64) -> u64 {
        let segments = self.all_segments();
        let segments = segments.flat_map(|segment| segment.superseded_at.iter());
        let tail = self.inner.gone_from_tail.values().flatten();
        let all = segments.map(|(at, _)| *at).chain(tail.map(|(at, _)| *at));
        all.filter(|at| *at <= position).count() as u64
    }
}

fn withdrawn_from(segment: &Segment, rows: &[usize]) -> Result<Vec<Withdrawn>, Damage> {
    let mut found = Vec::with_capacity(rows.len());
    if rows.is_empty() {
        return Ok(found);
    }
    let mut ranges = Vec::new();
    rows.iter()
        .for_each(|row| push_range(&mut ranges, *row..*row + 1));
    let mut batches = SegmentRows::open(segment, &[column::ID, column::ABOUT], ranges)?;
    while let Some(next) = batches.next() {
        let (batch, _) = next?;
        for row in 0..batch.num_rows() {
            found.push(one(&batch, row)?);
        }
    }
    Ok(found)
}

/// Those rows of a batch that are superseded, each with the position at which it was.
///
/// # Errors
/// `AM0408` when a column is missing.
pub(crate) fn withdrawn(
    batch: &RecordBatch,
    superseded_at: &[(i64, u32)],
) -> Result<Vec<(i64, Withdrawn)>> {
    let inside = superseded_at.iter();
    inside
        .filter(|(_, row)| (*row as usize) < batch.num_rows())
        .map(|(position, row)| Ok((*position, one(batch, *row as usize)?)))
        .collect()
}

fn one(batch: &RecordBatch, row: usize) -> Result<Withdrawn> {
    let about = batch.column_by_name(column::ABOUT);
    let about = about.and_then(|about| about.as_string_opt::<i32>());
    let about = about.filter(|about| about.is_valid(row));
    Ok(Withdrawn {
        id: EventId(columns::id_at(columns::ids(batch, column::ID)?, row).to_be_bytes()),
        about: about.map(|about| about.value(row).to_owned()),
    })
}
