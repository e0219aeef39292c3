//! An import under way.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use amends_model::event::column;
use amends_model::{Problem, Result, time};
use arrow::array::{Array, RecordBatch};
use xxhash_rust::xxh3::Xxh3;

use crate::blocking::Running;
use crate::change::Change;
use crate::columns::Properties;
use crate::contents::Mark;
use crate::known::KnownPart;
use crate::lines::Lines;
use crate::part::NewPart;
use crate::places::Places;
use crate::said::Digest;
use crate::silence::{self, Silence, Waiting};
use crate::staging::{self, Done, Silent, Task};
use crate::withdraw::{replaced, withdraw};
use crate::writer::{Claim, Shared};
use crate::{
    ImportEnd, ImportRecord, ImportStart, Telling, columns, compact, part, record, seal, sizes,
    trouble,
};

/// So many kinds are written at once.
const WRITING: usize = 2;

/// An import under way: what it stages becomes part of the ledger when it is committed, all at once, or not at all.
pub struct Import {
    claim: Claim,
    number: i64,
    start: ImportStart,
    before: Before,
    /// How many events were staged.
    staged: u64,
    /// Bytes of events in the buffers.
    bytes: usize,
    buffers: BTreeMap<String, Buffer>,
    parts: Vec<(NewPart, Arc<KnownPart>)>,
    change: Change,
    seen: Lines,
    stored: Lines,
    events: u64,
    /// What was said of each kind.
    digests: BTreeMap<String, Digest>,
    /// What is being deduped and written, while more is staged.
    writing: VecDeque<Writing>,
}

/// Events of one kind on their way to the disk.
struct Writing {
    kind: String,
    work: Running<Done>,
}

/// What earlier imports of the source left.
pub(crate) struct Before {
    /// The kinds that they gave.
    pub(crate) given: Vec<String>,
    /// The records of rows that they set aside.
    pub(crate) awaited: HashSet<String>,
    /// How many there are, be they undone or not.
    pub(crate) imports: i64,
}

/// Events of one kind, as staged, each batch with the order of ingest of its rows; and the records that gave none.
#[derive(Default)]
struct Buffer {
    batches: Vec<(Places, RecordBatch)>,
    silent: Vec<Waiting>,
    events: usize,
    bytes: usize,
    properties: Properties,
}

impl Import {
    pub(crate) fn new(claim: Claim, number: i64, start: ImportStart, before: Before) -> Self {
        Self {
            claim,
            number,
            start,
            before,
            staged: 0,
            bytes: 0,
            buffers: BTreeMap::new(),
            parts: Vec::new(),
            change: Change::default(),
            seen: Lines::default(),
            stored: Lines::default(),
            events: 0,
            digests: BTreeMap::new(),
            writing: VecDeque::new(),
        }
    }

    /// The number of this import.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// The kinds that earlier imports of the source gave, in order.
    pub fn given(&self) -> &[String] {
        &self.before.given
    }

    /// Whether nothing of the source was ever imported.
    pub fn is_first(&self) -> bool {
        self.before.imports == 0
    }

    /// The records that rows of the source in quarantine spoke of: those that are read well this time are told at the end.
    pub fn awaited(&self) -> &HashSet<String> {
        &self.before.awaited
    }

    /// Says how the source tells of records that it told of before.
    pub fn tells(&mut self, telling: Telling) {
        self.start.telling = telling;
    }

    /// Stages events of one kind, in the columns of `amends_model::event` (`id` may hold zeros: the ledger derives it from key and version;
    /// `import` is filled in as well). Events of one record share their `line`; a record's events are staged before `commit`, in any batches.
    ///
    /// # Errors
    /// `AM0404` when a file cannot be written; `AM0406` when what is known cannot be read; `AM0408` when a column is missing or of another type.
    pub async fn stage(&mut self, kind: &str, events: RecordBatch) -> Result<()> {
        self.stage_all(kind, events, &[]).await
    }

    /// Stages events of one kind as `stage` does, and with them the records that gave no event of this kind, in the order of the source: where an older
    /// version of such a record gave one, that counts no longer. Only records with a native key, and only rows that were read well, may be silent:
    /// each of them gives an event of another kind.
    ///
    /// # Errors
    /// As `stage`.
    pub async fn stage_all(
        &mut self,
        kind: &str,
        events: RecordBatch,
        silent: &[Silence],
    ) -> Result<()> {
        if events.num_rows() == 0 && silent.is_empty() {
            return Ok(());
        }
        let events = columns::checked(&events)?;
        columns::integers(&events, column::LINE)?
            .iter()
            .for_each(|line| self.seen.add(line));
        if events.num_rows() > 0 && !self.change.given.iter().any(|given| given == kind) {
            self.change.given.push(kind.to_owned());
        }
        let first = ((self.number as u64) << 32) + self.staged;
        let after = silent.iter().map(|silence| silence.after);
        let (places, gaps) = Places::with_gaps(first, events.num_rows(), after);
        self.digests
            .entry(kind.to_owned())
            .or_default()
            .add(&events, &places)?;
        let properties = columns::properties(&events.schema());
        let differs = |buffer: &Buffer| !columns::agree(&buffer.properties, &properties);
        if self.buffers.get(kind).is_some_and(differs) {
            self.flush(kind, false).await?;
        }
        self.staged += (events.num_rows() + silent.len()) as u64;
        let bytes = weight(&events) + std::mem::size_of_val(silent);
        self.bytes += bytes;
        let buffer = self.buffers.entry(kind.to_owned()).or_default();
        buffer.events += events.num_rows();
        buffer.bytes += bytes;
        columns::unite(&mut buffer.properties, &properties);
        buffer.batches.push((places, events));
        let silent = silent.iter().zip(gaps);
        let silent = silent.map(|(silence, sequence)| Waiting {
            silence: *silence,
            sequence,
        });
        let digest = self.digests.entry(kind.to_owned()).or_default();
        buffer
            .silent
            .extend(silent.inspect(|waiting| digest.unsay(waiting)));
        if buffer.events >= self.claim.0.sizes.buffered_events {
            self.flush(kind, false).await?;
        }
        while self.bytes >= self.gathered() {
            let largest = self.buffers.iter().max_by_key(|(_, buffer)| buffer.bytes);
            let Some((kind, _)) = largest else {
                break;
            };
            self.flush(&kind.clone(), false).await?;
        }
        Ok(())
    }

    /// How many bytes of events are gathered, beside as many that are being written.
    fn gathered(&self) -> usize {
        let most = self.claim.0.sizes.buffered_bytes / 2;
        let events: usize = self.buffers.values().map(|buffer| buffer.events).sum();
        most.min(sizes::held_at_once(self.bytes / events.max(1)))
    }

    /// Begins to dedupe and write what is gathered of a kind, once what was begun before of this kind is done: it may be what this repeats.
    async fn flush(&mut self, kind: &str, into_tail: bool) -> Result<()> {
        let Some(buffer) = self.buffers.remove(kind) else {
            return Ok(());
        };
        self.bytes -= buffer.bytes;
        while self.writing.len() >= WRITING || self.writing.iter().any(|one| one.kind == kind) {
            self.written().await?;
        }
        let shared = &self.claim.0;
        let mut known = shared.parts_of(kind);
        let own = self.parts.iter();
        let own = own.filter(|(part, _)| silence::kind_of(&part.info.kind) == kind);
        known.extend(own.map(|(_, known)| Arc::clone(known)));
        let silent = match buffer.silent.is_empty() {
            true => Silent::default(),
            false => Silent {
                waiting: buffer.silent,
                part: shared.catalog.next("part").await?,
                source: self.start.source.clone(),
                mapping: self.start.mapping.clone(),
                told_at: time::micros(self.start.started_at),
                small: shared.sizes.small,
            },
        };
        let task = Task {
            ledger: shared.ledger.clone(),
            kind: kind.to_owned(),
            part: shared.catalog.next("part").await?,
            import: self.number,
            batches: buffer.batches,
            silent,
            known,
            slice: shared.sizes.slice,
            into_tail,
        };
        // Whoever drops this import leaves the ledger locked until nothing is being written any more.
        let locked = Arc::clone(shared);
        let work = Running::start(move || {
            let _locked = locked;
            staging::run(&task)
        });
        self.writing.push_back(Writing {
            kind: kind.to_owned(),
            work,
        });
        Ok(())
    }

    /// Waits for what has been being written longest, and notes what became of it.
    async fn written(&mut self) -> Result<()> {
        let Some(Writing { kind, work }) = self.writing.pop_front() else {
            return Ok(());
        };
        let done = work.end().await?;
        self.events += done.lines.len() as u64;
        done.lines.iter().for_each(|line| self.stored.add(*line));
        let silent = done.silent_lines.iter().flatten();
        silent.for_each(|line| self.stored.insert(*line));
        for (part, marks) in done.marks {
            self.change.marks.entry(part).or_default().extend(marks);
        }
        self.parts.extend(done.part);
        self.parts.extend(done.silent);
        self.digests.entry(kind).or_default().hear(&done.heard);
        self.change.repeated.extend(done.repeated);
        Ok(())
    }

    /// A hash of all that was said of each kind.
    fn digest(&self, of_kind: impl Fn(&Digest) -> u128) -> String {
        let mut hash = Xxh3::new();
        for (kind, digest) in &self.digests {
            hash.update(&(kind.len() as u64).to_le_bytes());
            hash.update(kind.as_bytes());
            hash.update(&of_kind(digest).to_le_bytes());
        }
        format!("{:032x}", hash.digest128())
    }

    /// The same import before anything was staged: what was, and its files, are gone.
    ///
    /// # Errors
    /// As [`Import::stage`], of what was being written; `AM0404` when a file cannot be removed.
    pub async fn begin_again(mut self) -> Result<Self> {
        while !self.writing.is_empty() {
            self.written().await?;
        }
        for (part, _) in &self.parts {
            part::remove(&self.claim.0.ledger, part)?;
        }
        Ok(Self::new(self.claim, self.number, self.start, self.before))
    }

    /// Dedupes, writes and syncs what was staged: all that [`Import::commit`] does that takes long, for whoever has something else to do meanwhile.
    ///
    /// # Errors
    /// As [`Import::stage`].
    pub async fn finish(&mut self) -> Result<()> {
        let kinds = self.buffers.iter();
        let kinds = kinds.map(|(kind, buffer)| (kind.clone(), buffer.events));
        let kinds: Vec<(String, usize)> = kinds.collect();
        let small = self.claim.0.sizes.small;
        for (kind, events) in kinds {
            self.flush(&kind, events < small).await?;
        }
        while !self.writing.is_empty() {
            self.written().await?;
        }
        Ok(())
    }

    /// Dedupes, syncs, enters everything in the catalog in one transaction.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0404` when a file cannot be written; `AM0405` when received, stored, duplicate and quarantined do not add up.
    pub async fn commit(mut self, end: ImportEnd) -> Result<ImportRecord> {
        let of_main = end.quarantined.iter();
        let quarantined = of_main.filter(|row| row.file == self.start.file).count() as u64;
        self.check_sum(end.received, quarantined)?;
        self.finish().await?;
        let stored = self.stored.count();
        if end.fingerprint.is_some() {
            self.start.fingerprint = end.fingerprint;
        }
        let mut record = ImportRecord {
            import: self.number,
            start: self.start.clone(),
            received: end.received,
            stored,
            duplicate: self.seen.count() - stored,
            quarantined,
            events: self.events,
            ended_at: end.ended_at,
            reported: end.watermark,
            undone_at: None,
            replaced_by: None,
            digest: Some(self.digest(Digest::value)),
            same_as: None,
            // Another definition tells something else, also where it says the same.
            told: Some(format!(
                "{} {}",
                self.digest(Digest::told),
                self.start.mapping
            )),
        };
        self.change.quarantine = end.quarantined;
        self.change.read_well = end.read_well;
        self.change.columns = end.columns;
        let mut known = Vec::with_capacity(self.parts.len());
        for (part, entries) in std::mem::take(&mut self.parts) {
            known.push((part.info.kind.clone(), entries));
            self.change.enter.push(part);
        }
        let shared = Arc::clone(&self.claim.0);
        let _one = shared.turn().await?;
        let mut imports = record::all(&shared.catalog).await?;
        let twin = imports.iter().find(|earlier| record.is_twin_of(earlier));
        if let Some(twin) = twin {
            // A file that is imported every day says the same every day: that is written down once.
            record.same_as = Some(twin.same_as.unwrap_or(twin.import));
            self.change.repeated.clear();
        }
        let standing = imports.iter().filter(|import| import.stands());
        if !record::speaking(standing.chain([&record])).contains(&record.import) {
            self.say_nothing(&mut record, &mut known)?;
        }
        self.change.withdrawal.replaced = replaced(&shared, &record, &imports).await?;
        self.change.import = Some(record.clone());
        imports.push(record.clone());
        withdraw(&shared, imports, &mut self.change, &mut known).await?;
        let own = |(import, ..): &&(i64, u64, u64)| *import == record.import;
        if let Some((_, stored, events)) = self.change.withdrawal.counts.iter().find(own) {
            record.duplicate = record.duplicate + record.stored - stored;
            (record.stored, record.events) = (*stored, *events);
        }
        shared.enter(&self.change, known).await?;
        // The import is history already: what cannot be tidied now is tidied after the next.
        let _postponed = tidy(&shared, &self.change).await;
        Ok(record)
    }

    /// Takes back what would have been stored of a file that tells the very same as it did before: where another file has told of a record since, an older
    /// file read again is no newer for it. What no earlier import holds is stored as withdrawn: an undo may let this one speak.
    fn say_nothing(
        &mut self,
        record: &mut ImportRecord,
        known: &mut Vec<(String, Arc<KnownPart>)>,
    ) -> Result<()> {
        record.duplicate += record.stored;
        (record.stored, record.events) = (0, 0);
        self.change.marks.clear();
        let ledger = &self.claim.0.ledger;
        if record.same_as.is_some() {
            known.clear();
            let mut parts = std::mem::take(&mut self.change.enter).into_iter();
            return parts.try_for_each(|part| part::remove(ledger, &part));
        }
        for (kind, part) in known {
            let entries = part.between(&(0..=u64::MAX)).map_err(|error| {
                let keys = part::keys_path(ledger, kind, part.part);
                trouble::unreadable(keys.display().to_string(), error)
            })?;
            let marks = entries.iter();
            let marks = marks.map(|entry| Mark::withdrawn(entry.row, entry.id()));
            let mut marks: Vec<Mark> = marks.collect();
            marks.sort_unstable_by_key(|mark| mark.row);
            *part = Arc::new(part.marked(&marks));
            self.change.marks.insert(part.part, marks);
        }
        Ok(())
    }

    /// Every row of the main file is set aside or gave at least one event.
    fn check_sum(&self, received: u64, quarantined: u64) -> Result<()> {
        let seen = self.seen.count();
        if seen.checked_add(quarantined) == Some(received) {
            return Ok(());
        }
        Err(
            Problem::new("AM0405", "the rows of this import do not add up").detail(format!(
                "{}: {received} received, but {seen} gave events and {quarantined} were set aside",
                self.start.file
            ))
            .hint("nothing of it was kept; this is a mistake in Amends, please report it with the source's definition"),
        )
    }
}

/// Keeps the tail and the number of segments small.
async fn tidy(shared: &Shared, change: &Change) -> Result<()> {
    let kinds = change.enter.iter().map(|part| part.info.kind.as_str());
    for kind in kinds.collect::<BTreeSet<_>>() {
        seal::gather(shared, kind).await?;
    }
    seal::seal(shared, false).await?;
    compact::compact(shared, shared.sizes.merged_at_once).await?;
    Ok(())
}

/// Bytes that a batch holds, without what it shares with batches that it was cut from.
fn weight(batch: &RecordBatch) -> usize {
    let columns = batch.columns().iter();
    let sizes = columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0));
    sizes.sum()
}
