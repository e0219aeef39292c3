//! Writes to a promise's folder: one process at a time, new files first, the manifest last.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use amends_ledger::Point;
use amends_model::Result;
use arrow::array::{AsArray, RecordBatch};

use super::Work;
use super::advance::{Advanced, Folded};
use super::events::only;
use super::manifest::Manifest;
use crate::events::InMemory;
use crate::kept::run::{BEFORE, Batches, FileInfo, Run, RunWriter, keys};
use crate::kept::{Merge, Standing, Tally};
use crate::replay::columns::at;

/// The right to write to a folder.
struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the right; `None` while another has it, or where nobody can.
    fn take(folder: &Path) -> Option<Self> {
        fs::create_dir_all(folder).ok()?;
        let mut open = OpenOptions::new();
        let open = open.write(true).create(true).truncate(false);
        let file = open.open(folder.join("lock")).ok()?;
        file.try_lock().ok()?;
        Some(Self { _file: file })
    }
}

impl Work {
    /// Puts what is kept in the place of what was found; `None` if that cannot be, or somebody else was quicker.
    ///
    /// # Errors
    /// `AM0709` when the disk refuses.
    pub(super) fn publish(
        &self,
        found: &Manifest,
        runs: &[Run],
        advanced: &Advanced,
    ) -> Result<Option<Manifest>> {
        let Some((_lock, mut manifest)) = self.next(found) else {
            return Ok(None);
        };
        let written = self.write(&mut manifest, found, runs, advanced);
        Manifest::sweep(&self.folder);
        written.map(|()| Some(manifest))
    }

    fn write(
        &self,
        manifest: &mut Manifest,
        found: &Manifest,
        runs: &[Run],
        advanced: &Advanced,
    ) -> Result<()> {
        manifest.tally = advanced.tally.clone();
        manifest.runs = found.runs.clone();
        let new = &advanced.folded.closed;
        if new.num_rows() > 0 {
            let kept = kept_apart(&found.runs, new.num_rows() as u64);
            let mut merged: Vec<Batches> = Vec::new();
            for run in &runs[kept..] {
                run.check()?;
                merged.push(run.batches(None)?);
            }
            merged.push(Run::Memory(vec![new.clone()]).batches(None)?);
            let mut writer = self.writer(manifest, "run")?;
            for batch in Merge::new(merged)? {
                writer.add(&batch?)?;
            }
            manifest.runs.truncate(kept);
            manifest.runs.push(writer.end()?);
        }
        self.write_held(manifest, [&advanced.folded.held], &advanced.events)?;
        manifest.write(&self.folder)
    }

    /// Notes that what is kept is true at a later position as well. If that cannot be, it is found out again next time.
    pub(super) fn publish_point(&self, found: &Manifest) {
        if !self.settled {
            return;
        }
        let Some((_lock, next)) = self.next(found) else {
            return;
        };
        let mut moved = found.clone();
        moved.point = next.point;
        let _next_time = moved.write(&self.folder);
    }

    /// Computes everything from all events and keeps it; `None` if it cannot be kept.
    ///
    /// # Errors
    /// `AM0709` when the disk refuses; else as a replay.
    pub(super) fn rebuild(&self) -> Result<Option<Standing>> {
        let (Some(point), Some(_lock)) = (self.snapshot.point(), Lock::take(&self.folder)) else {
            return Ok(None);
        };
        let last = Manifest::read(&self.folder);
        let generation = last.map_or(0, |last| last.generation) + 1;
        let mut manifest = Manifest::new(&self.compiled, generation, point);
        (manifest.as_of, manifest.reported) = self.moments();
        let written = self.write_all(&mut manifest);
        Manifest::sweep(&self.folder);
        written?;
        self.open(&manifest).map(Some)
    }

    fn write_all(&self, manifest: &mut Manifest) -> Result<()> {
        let schema = self.schema();
        let (mut held, mut tally) = (Vec::new(), Tally::default());
        let mut writer = self.writer(manifest, "run")?;
        let left_out = self.compiled.fold_all(
            &self.snapshot,
            self.as_of,
            self.reported,
            |bucket| Folded::of(&bucket, &schema),
            |folded| {
                for batch in [&folded.closed, &folded.held] {
                    tally.add(batch);
                }
                writer.add(&folded.closed)?;
                if folded.held.num_rows() > 0 {
                    held.push(folded.held);
                }
                Ok(())
            },
        )?;
        manifest.runs.push(writer.end()?);
        tally.left_out.without_about = left_out.without_about;
        manifest.tally = tally;
        let mut events = BTreeMap::new();
        let (mut abouts, mut held_keys) = (Vec::new(), HashSet::new());
        for batch in &held {
            held_keys.extend(keys(batch));
            abouts.extend(abouts_of(batch));
        }
        let mut all = InMemory::default();
        for (kind, batch) in self.about(abouts)? {
            all.add(&kind, batch);
        }
        for kind in self.compiled.readings.keys() {
            events.insert(kind.clone(), only(&self.compiled, &all, kind, &held_keys)?);
        }
        self.write_held(manifest, &held, &events)?;
        manifest.write(&self.folder)
    }

    fn write_held<'a>(
        &self,
        manifest: &mut Manifest,
        held: impl IntoIterator<Item = &'a RecordBatch>,
        events: &BTreeMap<String, Vec<RecordBatch>>,
    ) -> Result<()> {
        let mut writer = self.writer(manifest, "held")?;
        for batch in held {
            writer.add(batch)?;
        }
        manifest.held = writer.end()?;
        manifest.events.clear();
        for (number, (kind, batches)) in events.iter().enumerate() {
            if let Some(first) = batches.first() {
                let name = format!("{}-events-{number}.parquet", manifest.generation);
                let mut writer = RunWriter::begin(&self.folder, name, &first.schema())?;
                for batch in batches {
                    writer.add(batch)?;
                }
                manifest.events.insert(kind.clone(), writer.end()?);
            }
        }
        Ok(())
    }

    fn writer(&self, manifest: &Manifest, what: &str) -> Result<RunWriter> {
        let name = format!("{}-{what}.parquet", manifest.generation);
        RunWriter::begin(&self.folder, name, &self.schema())
    }

    /// The right to write, and the manifest to come, as of the moment asked for; `None` if that cannot be, or another one was put in the
    /// place of the one that was found.
    fn next(&self, found: &Manifest) -> Option<(Lock, Manifest)> {
        let point: Point = self.snapshot.point()?;
        let lock = Lock::take(&self.folder)?;
        if Manifest::read(&self.folder).as_ref() != Some(found) {
            return None;
        }
        let mut next = Manifest::new(&self.compiled, found.generation + 1, point);
        (next.as_of, next.reported) = self.moments();
        Some((lock, next))
    }
}

/// How many of the runs stay as they are when so many rows are added. The others are merged with the new rows: each run is at least twice
/// as long as all that are newer, so there are few of them and a row is seldom written again.
fn kept_apart(runs: &[FileInfo], rows: u64) -> usize {
    let mut newer = rows;
    let mut kept = runs.len();
    for run in runs.iter().rev() {
        if run.rows >= newer.saturating_mul(2) {
            break;
        }
        newer += run.rows;
        kept -= 1;
    }
    kept
}

/// What instances are about.
fn abouts_of(batch: &RecordBatch) -> Vec<String> {
    let abouts = batch.column(BEFORE.len() + at::ABOUT).as_string::<i32>();
    abouts.iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(rows: &[u64]) -> Vec<FileInfo> {
        let run = |rows: &u64| FileInfo {
            rows: *rows,
            ..FileInfo::default()
        };
        rows.iter().map(run).collect()
    }

    #[test]
    fn short_runs_are_merged_and_long_ones_stay() {
        assert_eq!(kept_apart(&[], 5), 0);
        assert_eq!(kept_apart(&runs(&[100, 20, 10]), 5), 3);
        assert_eq!(kept_apart(&runs(&[100, 20, 10]), 6), 1);
        assert_eq!(kept_apart(&runs(&[100, 20, 10]), 60), 0);
    }
}
