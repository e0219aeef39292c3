//! What a reader sees: the ledger at one position, while others write, seal and compact.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use amends_model::{Result, event, time};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use crate::catalog::Catalog;
use crate::changes::{self, Changes, Together};
use crate::columns::{self, Properties};
use crate::contents::{self, Contents, Mark};
use crate::lock::ReaderLock;
use crate::part::{self, Form, PartInfo};
use crate::{Withdrawn, silence, since, tail, trouble};

/// What a snapshot shows of records that were told of more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// What happened, and what changed later.
    Events,
    /// The newest version of each.
    Newest,
    /// All versions, those that count no longer among them.
    Versions,
}

/// The ledger as it was at one position. Its files stay while it lives.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) inner: Arc<Inner>,
}

/// What a snapshot holds.
#[derive(Debug)]
pub(crate) struct Inner {
    folder: PathBuf,
    position: u64,
    lineage: u64,
    kinds: BTreeMap<String, SchemaRef>,
    watermarks: BTreeMap<String, Timestamp>,
    pub(crate) segments: BTreeMap<String, Vec<Segment>>,
    tail: BTreeMap<String, RecordBatch>,
    /// What stands in no segment: the tail, and what no single version of a record tells.
    outside: BTreeMap<String, RecordBatch>,
    /// What stood in the tail and is superseded, by kind, with the position at which it was.
    pub(crate) gone_from_tail: BTreeMap<String, Vec<(i64, Withdrawn)>>,
    pub(crate) import: i64,
    pub(crate) stamps: BTreeMap<i64, String>,
    /// Of records with several versions, by kind: what happened, and what changed later.
    pub(crate) changes: BTreeMap<String, Changes>,
    _lock: ReaderLock,
}

/// One segment file of a kind.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its Parquet file.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// Events in it that another version of their record stands for, or that an undo has withdrawn.
    pub superseded: Arc<HashSet<u128>>,
    /// The rows on which those stand, ascending.
    pub superseded_rows: Arc<[u32]>,
    /// Its earliest and its latest moment, in microseconds.
    pub moments: (i64, i64),
    /// Its number.
    pub(crate) part: i64,
    /// For each of its superseded events the position at which it was, and its row.
    pub(crate) superseded_at: Arc<[(i64, u32)]>,
    /// Its key file.
    pub(crate) keys: PathBuf,
    /// What the end of its file says, once it was read.
    pub(crate) footer: Arc<OnceLock<ArrowReaderMetadata>>,
}

impl Snapshot {
    /// Takes a share of the readers' lock, then reads the catalog.
    pub(crate) async fn take(ledger: PathBuf, catalog: &Catalog, view: View) -> Result<Self> {
        let lock = ReaderLock::share(&ledger)?;
        let mut contents = contents::read(catalog).await?;
        if view == View::Versions {
            contents.marks.clear();
        }
        let inner = Inner::build(&ledger, contents, view, lock)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The ledger's folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// How many changes the ledger had seen: grows with every commit, decision and seal.
    pub fn position(&self) -> u64 {
        self.inner.position
    }

    /// How often history was withdrawn: grows with every undo and with every import that replaces others. What was computed from events of another
    /// lineage may rest on events that are no more.
    pub fn lineage(&self) -> u64 {
        self.inner.lineage
    }

    /// The kinds that have events, with the union of their columns.
    pub fn kinds(&self) -> &BTreeMap<String, SchemaRef> {
        &self.inner.kinds
    }

    /// How far each source has reported.
    pub fn watermarks(&self) -> &BTreeMap<String, Timestamp> {
        &self.inner.watermarks
    }

    /// The segments of a kind.
    pub fn segments(&self, kind: &str) -> &[Segment] {
        self.inner.segments.get(kind).map_or(&[], Vec::as_slice)
    }

    /// How many events of a kind there are at most: superseded ones of segments count.
    pub fn rows(&self, kind: &str) -> u64 {
        let stored = self.stored_in_tail(kind).map_or(0, RecordBatch::num_rows);
        let together = self
            .together(kind)
            .map_or(0, |together| together.touched.len());
        let segments = self.segments(kind).iter().map(|segment| segment.rows);
        (stored + together) as u64 + segments.sum::<u64>()
    }

    /// The events of a kind that stand in no segment, superseded ones left out, in the kind's schema: those of the tail, and those that no single
    /// version of their record tells.
    pub fn tail(&self, kind: &str) -> Option<RecordBatch> {
        self.inner.outside.get(kind).cloned()
    }
}

impl Snapshot {
    /// The events of a kind that stand in the tail.
    pub(crate) fn stored_in_tail(&self, kind: &str) -> Option<&RecordBatch> {
        self.inner.tail.get(kind)
    }

    /// The events of a kind that no single version of their record tells.
    pub(crate) fn together(&self, kind: &str) -> Option<&Together> {
        let told_by = event::told_by(kind);
        let changes = self.inner.changes.get(told_by)?;
        Some(match told_by == kind {
            true => &changes.made,
            false => &changes.changes,
        })
    }
}

impl Inner {
    fn build(ledger: &Path, mut contents: Contents, view: View, lock: ReaderLock) -> Result<Self> {
        let mut kinds = kinds(&contents)?;
        let changes = match view {
            View::Events => changes::of_all(ledger, &contents, &kinds)?,
            View::Newest | View::Versions => BTreeMap::new(),
        };
        // What records do not say is for dedupe alone.
        contents
            .parts
            .retain(|part| !silence::is_of(&part.info.kind));
        let mut segments: BTreeMap<String, Vec<Segment>> = BTreeMap::new();
        let mut tails: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
        let mut gone_from_tail: BTreeMap<String, Vec<(i64, Withdrawn)>> = BTreeMap::new();
        for part in contents.parts {
            let marks = contents.marks.remove(&part.info.part).unwrap_or_default();
            let kind = part.info.kind.clone();
            match part.form {
                Form::Segment(_) => {
                    let mut segment = segment(ledger, &part.info, &marks);
                    if let Some(changes) = changes.get(&kind) {
                        segment.leave_out(&changes.unseen(part.info.part, &marks));
                    }
                    segments.entry(kind).or_default().push(segment);
                }
                Form::Tail { body, .. } => {
                    let unseen = changes.get(&kind);
                    let unseen = unseen.map(|changes| changes.unseen(part.info.part, &marks));
                    let unseen = unseen.as_deref().unwrap_or(&marks);
                    let (current, gone) =
                        current(&part.info, &body, (&marks, unseen), &kinds[&kind])?;
                    gone_from_tail.entry(kind.clone()).or_default().extend(gone);
                    tails.entry(kind).or_default().push(current);
                }
            }
        }
        for (kind, changes) in &changes {
            let schema = changes.changes.events.schema();
            kinds.insert(event::changes_of(kind), schema);
        }
        let mut tail = BTreeMap::new();
        for (kind, batches) in tails {
            let joined = concat_batches(&kinds[&kind], &batches);
            let joined = joined.map_err(|error| trouble::unreadable("the tail", error))?;
            if joined.num_rows() > 0 {
                tail.insert(kind, joined);
            }
        }
        let mut outside = tail.clone();
        for (kind, changes) in &changes {
            add(&mut outside, kind, &changes.made.events)?;
            add(
                &mut outside,
                &event::changes_of(kind),
                &changes.changes.events,
            )?;
        }
        if view != View::Versions {
            kinds.retain(|kind, _| counts(kind, &segments, &outside));
        }
        let watermarks = contents.watermarks.into_iter();
        let watermarks = watermarks.map(|(source, at)| Ok((source, time::from_micros(at)?)));
        Ok(Self {
            folder: ledger.to_owned(),
            position: contents.position as u64,
            lineage: contents.lineage as u64,
            kinds,
            watermarks: watermarks.collect::<Result<_>>()?,
            segments,
            tail,
            outside,
            gone_from_tail,
            import: contents.import,
            stamps: contents.stamps,
            changes,
            _lock: lock,
        })
    }
}

/// Whether an event of a kind counts: one that only withdrawn imports gave is as if it had never been told of.
fn counts(
    kind: &str,
    segments: &BTreeMap<String, Vec<Segment>>,
    outside: &BTreeMap<String, RecordBatch>,
) -> bool {
    let of_segments = segments.get(kind).into_iter().flatten();
    let mut of_segments =
        of_segments.map(|segment| segment.rows > segment.superseded_rows.len() as u64);
    of_segments.any(|counts| counts) || outside.get(kind).is_some_and(|rows| rows.num_rows() > 0)
}

/// Adds events, in the schema of their kind, to those that are there.
fn add(to: &mut BTreeMap<String, RecordBatch>, kind: &str, events: &RecordBatch) -> Result<()> {
    if events.num_rows() == 0 {
        return Ok(());
    }
    let all = match to.get(kind) {
        None => events.clone(),
        Some(there) => concat_batches(&there.schema(), [there, events])
            .map_err(|error| trouble::unreadable("the tail", error))?,
    };
    to.insert(kind.to_owned(), all);
    Ok(())
}

fn kinds(contents: &Contents) -> Result<BTreeMap<String, SchemaRef>> {
    let mut properties: BTreeMap<String, Properties> = BTreeMap::new();
    let events = contents.parts.iter();
    for part in events.filter(|part| !silence::is_of(&part.info.kind)) {
        let kind = properties.entry(part.info.kind.clone()).or_default();
        columns::unite(kind, &part.info.properties);
    }
    let schemas = properties.into_iter();
    schemas
        .map(|(kind, properties)| Ok((kind, columns::schema(&properties)?)))
        .collect()
}

/// A segment and what of it is superseded.
pub(crate) fn segment(ledger: &Path, info: &PartInfo, marks: &[Mark]) -> Segment {
    let mut segment = Segment {
        path: part::events_path(ledger, &info.kind, info.part),
        rows: info.events,
        superseded: Arc::default(),
        superseded_rows: Arc::default(),
        moments: (info.first_at, info.last_at),
        part: info.part,
        superseded_at: superseded_at(marks),
        keys: part::keys_path(ledger, &info.kind, info.part),
        footer: Arc::new(OnceLock::new()),
    };
    segment.leave_out(marks);
    segment
}

impl Segment {
    /// Settles which of its events no reader sees.
    fn leave_out(&mut self, unseen: &[Mark]) {
        let mut rows: Vec<u32> = unseen.iter().map(|mark| mark.row).collect();
        rows.sort_unstable();
        rows.dedup();
        self.superseded = Arc::new(unseen.iter().map(|mark| mark.id.as_u128()).collect());
        self.superseded_rows = rows.into();
    }
}

/// When which rows were superseded; those of a change under way were not yet.
fn superseded_at(marks: &[Mark]) -> Arc<[(i64, u32)]> {
    let placed = marks.iter();
    placed
        .filter_map(|mark| Some((mark.position?, mark.row)))
        .collect()
}

/// The events of a batch of the tail that readers see, in the kind's schema, and those that are superseded.
fn current(
    info: &PartInfo,
    body: &[u8],
    (marks, unseen): (&[Mark], &[Mark]),
    schema: &SchemaRef,
) -> Result<(RecordBatch, Vec<(i64, Withdrawn)>)> {
    let batch = tail::decode(info.part, body)?;
    let fitted = columns::fitted(&batch, schema);
    let mut batch = fitted
        .map_err(|error| trouble::unreadable(format!("batch {} of the tail", info.part), error))?;
    let mut withdrawn = Vec::new();
    if !marks.is_empty() {
        let superseded_at = superseded_at(marks);
        withdrawn = since::withdrawn(&batch, &superseded_at)?;
    }
    if !unseen.is_empty() {
        let gone: HashSet<u32> = unseen.iter().map(|mark| mark.row).collect();
        let rows = 0..batch.num_rows() as u32;
        let keep: BooleanArray = rows.map(|row| Some(!gone.contains(&row))).collect();
        batch = filter_record_batch(&batch, &keep)
            .map_err(|error| trouble::unreadable("the tail", error))?;
    }
    Ok((batch, withdrawn))
}
