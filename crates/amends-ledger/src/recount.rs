//! Counts anew what imports have stored, where other sayings of theirs are events than before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{Array, RecordBatch};
use rayon::prelude::*;

use crate::contents::{Contents, Mark};
use crate::lines::Lines;
use crate::part::{Form, NewPart};
use crate::segment_read::{Damage, SegmentRows};
use crate::snapshot::segment;
use crate::{columns, silence, tail, trouble};

/// The columns that are read.
const READ: [&str; 2] = [column::IMPORT, column::LINE];

/// Of each import: the lines whose events it stored, and how many events.
type Stored = BTreeMap<i64, (Vec<Option<i64>>, u64)>;

/// For each of some imports the rows and the events that it has stored.
///
/// # Errors
/// `AM0406` when a part cannot be read.
pub(crate) fn stored(
    ledger: &Path,
    contents: &Contents,
    imports: &BTreeSet<i64>,
) -> Result<Vec<(i64, u64, u64)>> {
    let found: Result<Vec<Stored>> = contents
        .parts
        .par_iter()
        .map(|part| {
            let marks = contents.marks.get(&part.info.part);
            in_part(ledger, part, marks.map_or(&[], Vec::as_slice), imports)
        })
        .collect();
    let mut all: BTreeMap<i64, (Lines, u64)> = BTreeMap::new();
    for import in imports {
        all.entry(*import).or_default();
    }
    for (import, (lines, events)) in found?.into_iter().flatten() {
        let (stored, sum) = all.entry(import).or_default();
        lines.into_iter().for_each(|line| stored.add(line));
        *sum += events;
    }
    let counts = all.into_iter();
    Ok(counts
        .map(|(import, (lines, events))| (import, lines.count(), events))
        .collect())
}

fn in_part(
    ledger: &Path,
    part: &NewPart,
    marks: &[Mark],
    imports: &BTreeSet<i64>,
) -> Result<Stored> {
    let mut stored = Stored::new();
    // What a newer version replaced was stored all the same.
    let withdrawn = marks.iter().filter(|mark| mark.is_withdrawn()).copied();
    let withdrawn: Vec<Mark> = withdrawn.collect();
    // A row that took something back was stored, though that is no event.
    let counted = u64::from(!silence::is_of(&part.info.kind));
    if let Form::Tail { body, .. } = &part.form {
        let batch = tail::decode(part.info.part, body)?;
        let gone: BTreeSet<u32> = withdrawn.iter().map(|mark| mark.row).collect();
        let there = |row: usize| !gone.contains(&(row as u32));
        add(&batch, there, imports, counted, &mut stored)?;
        return Ok(stored);
    }
    let segment = segment(ledger, &part.info, &withdrawn);
    let mut read = || -> Result<(), Damage> {
        let all = std::iter::once(0..part.info.events as usize).collect();
        let mut rows = SegmentRows::open(&segment, &READ, all)?;
        while let Some(next) = rows.next_current() {
            let (batch, current) = next?;
            let there = |row: usize| current.as_ref().is_none_or(|current| current.value(row));
            add(&batch, there, imports, counted, &mut stored)?;
        }
        Ok(())
    };
    read().map_err(|error| trouble::unreadable(segment.path.display().to_string(), error))?;
    Ok(stored)
}

fn add(
    batch: &RecordBatch,
    there: impl Fn(usize) -> bool,
    imports: &BTreeSet<i64>,
    counted: u64,
    stored: &mut Stored,
) -> Result<()> {
    let of = columns::integers(batch, column::IMPORT)?;
    let lines = columns::integers(batch, column::LINE)?;
    for row in 0..batch.num_rows() {
        if imports.contains(&of.value(row)) && there(row) {
            let (seen, events) = stored.entry(of.value(row)).or_default();
            let line = lines.is_valid(row).then(|| lines.value(row));
            if line.is_some() || counted > 0 {
                seen.push(line);
            }
            *events += counted;
        }
    }
    Ok(())
}
