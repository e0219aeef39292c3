//! Finds the records of a kind of which more than one version counts, and reads all of these versions.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use amends_model::{EventId, Result};
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::SchemaRef;

use crate::contents::Marks;
use crate::entry::Entry;
use crate::index::push_range;
use crate::keys::KeyFile;
use crate::part::{self, Form, NewPart};
use crate::segment_read::{Damage, SegmentRows};
use crate::snapshot::segment;
use crate::{columns, silence, tail, trouble};

/// One version of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version {
    /// What is known of it.
    pub(crate) entry: Entry,
    /// The id of its event.
    pub(crate) id: EventId,
    /// The part that it stands in.
    pub(crate) part: i64,
    /// Its row among those that were read; none where the record says nothing.
    pub(crate) row: Option<u32>,
}

/// Records with several versions.
#[derive(Debug)]
pub(crate) struct Versions {
    /// The events of all versions, in the schema of their kind.
    pub(crate) rows: RecordBatch,
    /// The versions of each record, the one that counts last.
    pub(crate) records: Vec<Vec<Version>>,
}

/// Where the versions of one kind are looked for.
pub(crate) struct Gathering<'a> {
    /// The ledger's folder.
    pub(crate) ledger: &'a Path,
    /// The parts of the kind, those of its silences among them.
    pub(crate) parts: Vec<&'a NewPart>,
    /// What is superseded or withdrawn.
    pub(crate) marks: &'a Marks,
    /// The columns of the kind.
    pub(crate) schema: &'a SchemaRef,
}

impl Gathering<'_> {
    /// The records of which at least two versions give an event; `None` where there are none.
    ///
    /// # Errors
    /// `AM0406` when a part cannot be read.
    pub(crate) fn versions(&self) -> Result<Option<Versions>> {
        let halves = self.superseded();
        if halves.is_empty() {
            return Ok(None);
        }
        let mut found = Vec::new();
        for part in &self.parts {
            let marks = self.marks.get(&part.info.part).into_iter().flatten();
            let withdrawn = marks.filter(|mark| mark.is_withdrawn());
            let withdrawn: HashSet<u32> = withdrawn.map(|mark| mark.row).collect();
            let entries = self.entries(part, &halves)?.into_iter();
            let standing = entries.filter(|entry| !withdrawn.contains(&entry.row));
            found.extend(standing.map(|entry| Version {
                id: entry.id(),
                entry,
                part: part.info.part,
                row: None,
            }));
        }
        let rank = |found: &Version| (found.entry.key, found.entry.version, found.entry.sequence);
        found.sort_unstable_by_key(rank);
        let records = found.chunk_by(|left, right| left.entry.key == right.entry.key);
        let several = |record: &&[Version]| record.iter().filter(|one| one.is_event()).count() > 1;
        let mut records: Vec<Vec<Version>> = records.filter(several).map(<[_]>::to_vec).collect();
        if records.is_empty() {
            return Ok(None);
        }
        let rows = self.read(&mut records)?;
        Ok(Some(Versions { rows, records }))
    }

    /// How the keys of records begin of which a version is superseded, ascending: as the ids of their events do.
    fn superseded(&self) -> Vec<u64> {
        let events = self
            .parts
            .iter()
            .filter(|part| !silence::is_of(&part.info.kind));
        let marks = events.flat_map(|part| self.marks.get(&part.info.part).into_iter().flatten());
        let superseded = marks.filter(|mark| !mark.is_withdrawn());
        let halves: BTreeSet<u64> = superseded
            .map(|mark| (mark.id.as_u128() >> 64) as u64)
            .collect();
        halves.into_iter().collect()
    }

    fn entries(&self, part: &NewPart, halves: &[u64]) -> Result<Vec<Entry>> {
        let Form::Tail { keys, .. } = &part.form else {
            let path = part::keys_path(self.ledger, &part.info.kind, part.info.part);
            let found = KeyFile::new(path.clone()).beginning_with(halves);
            return found.map_err(|error| trouble::unreadable(path.display().to_string(), error));
        };
        let mut entries = tail::entries(keys);
        entries.retain(|entry| halves.binary_search(&((entry.key >> 64) as u64)).is_ok());
        Ok(entries)
    }

    /// Reads the events of all versions, and tells each its row.
    fn read(&self, records: &mut [Vec<Version>]) -> Result<RecordBatch> {
        let mut wanted: BTreeMap<i64, Vec<&mut Version>> = BTreeMap::new();
        for version in records.iter_mut().flatten().filter(|one| one.is_event()) {
            wanted.entry(version.part).or_default().push(version);
        }
        let (mut batches, mut first) = (Vec::new(), 0);
        for part in &self.parts {
            let Some(mut versions) = wanted.remove(&part.info.part) else {
                continue;
            };
            versions.sort_unstable_by_key(|version| version.entry.row);
            let rows: Vec<u32> = versions.iter().map(|version| version.entry.row).collect();
            let read = self.rows(part, &rows);
            batches.extend(read.map_err(|error| self.damaged(part, error))?);
            for (row, version) in (first..).zip(versions) {
                version.row = Some(row);
            }
            first += rows.len() as u32;
        }
        let all = concat_batches(self.schema, &batches);
        let all = all.map_err(|error| trouble::misfit(error.to_string()))?;
        match all.num_rows() == first as usize {
            true => Ok(all),
            false => Err(trouble::misfit("not all versions of a record were read")),
        }
    }

    /// Some rows of a part, ascending, each once.
    fn rows(&self, part: &NewPart, rows: &[u32]) -> Result<Vec<RecordBatch>, Damage> {
        if let Form::Tail { body, .. } = &part.form {
            let batch = tail::read(body)?;
            let batch = take_record_batch(&batch, &UInt32Array::from(rows.to_vec()))?;
            return Ok(vec![columns::fitted(&batch, self.schema)?]);
        }
        let names = self.schema.fields().iter();
        let names: Vec<&str> = names.map(|field| field.name().as_str()).collect();
        let mut ranges = Vec::new();
        rows.iter()
            .for_each(|row| push_range(&mut ranges, *row as usize..*row as usize + 1));
        let whole = segment(self.ledger, &part.info, &[]);
        let mut reader = SegmentRows::open(&whole, &names, ranges)?;
        let mut batches = Vec::new();
        while let Some(next) = reader.next() {
            batches.push(columns::fitted(&next?.0, self.schema)?);
        }
        Ok(batches)
    }

    fn damaged(&self, part: &NewPart, error: Damage) -> amends_model::Problem {
        let place = match part.form {
            Form::Tail { .. } => format!("batch {} of the tail", part.info.part),
            Form::Segment(_) => {
                let path = part::events_path(self.ledger, &part.info.kind, part.info.part);
                path.display().to_string()
            }
        };
        trouble::unreadable(place, error)
    }
}

impl Version {
    /// Whether the record gives an event in this version.
    pub(crate) fn is_event(&self) -> bool {
        self.entry.content != silence::CONTENT
    }
}
