//! From a buffer of incoming events and silences to parts: find what is known, judge, arrange, write.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{Array, ArrayRef, FixedSizeBinaryArray, Int64Array, RecordBatch, UInt32Array};
use arrow::buffer::Buffer;
use rayon::prelude::*;

use crate::columns::{self, Properties};
use crate::contents::{Mark, Marks};
use crate::dedupe::{Incoming, News, Verdict, judge};
use crate::entry::Entry;
use crate::keys::KeyFile;
use crate::known::{Entries, KnownPart, earlier};
use crate::part::{self, Form, NewPart};
use crate::places::Places;
use crate::said::{self, Repeated, Saying, Silences, Told};
use crate::silence::{self, Waiting};
use crate::{segment_write, tail, trouble};

/// Events of one kind that wait to become a part.
pub(crate) struct Task {
    /// The ledger's folder.
    pub(crate) ledger: PathBuf,
    /// Their kind.
    pub(crate) kind: String,
    /// The number of the part that they become.
    pub(crate) part: i64,
    /// The import that brings them.
    pub(crate) import: i64,
    /// The events as checked, each batch with the order of ingest of its rows.
    pub(crate) batches: Vec<(Places, RecordBatch)>,
    /// Records that gave no event of the kind.
    pub(crate) silent: Silent,
    /// All that is known of the kind.
    pub(crate) known: Vec<Arc<KnownPart>>,
    /// Events of one slice of time, about.
    pub(crate) slice: usize,
    /// Whether they become a batch of the tail rather than a segment.
    pub(crate) into_tail: bool,
}

/// Silences of one kind, and what their rows say beside them.
#[derive(Default)]
pub(crate) struct Silent {
    /// The silences.
    pub(crate) waiting: Vec<Waiting>,
    /// The number of the part that they become.
    pub(crate) part: i64,
    /// The source.
    pub(crate) source: String,
    /// The version of its mapping.
    pub(crate) mapping: String,
    /// When they were told, in microseconds.
    pub(crate) told_at: i64,
    /// Fewer than this become a batch of the tail.
    pub(crate) small: usize,
}

/// What became of them.
#[derive(Default)]
pub(crate) struct Done {
    /// The part of the events, unless all of them were duplicates.
    pub(crate) part: Option<(NewPart, Arc<KnownPart>)>,
    /// The part of the silences, unless none is kept.
    pub(crate) silent: Option<(NewPart, Arc<KnownPart>)>,
    /// Events that are no longer current, of the new part or of earlier ones.
    pub(crate) marks: Marks,
    /// The lines of the events that are news; `None` where the source has no lines.
    pub(crate) lines: Vec<Option<i64>>,
    /// The lines of the silences that are news.
    pub(crate) silent_lines: Vec<Option<i64>>,
    /// What was not said, and is not forgotten at once.
    pub(crate) heard: Silences,
    /// What was known already.
    pub(crate) repeated: Option<Repeated>,
}

/// Does the work. It computes and waits for the disk: call it where that may take a while.
///
/// # Errors
/// `AM0404` when a file cannot be written; `AM0406` when what is known cannot be read.
pub(crate) fn run(task: &Task) -> Result<Done> {
    let batch = joined(&task.batches)?;
    let incoming = incoming(task, &batch)?;
    let verdict = against_known(task, &incoming)?;
    let mut done = Done {
        repeated: repeated(task, &batch, &incoming, &verdict)?,
        heard: heard(task, &batch, &incoming, &verdict),
        ..Done::default()
    };
    for replaced in &verdict.replaced {
        let marks = done.marks.entry(replaced.part).or_default();
        marks.push(Mark {
            row: replaced.row,
            id: replaced.id,
            by: replaced.by,
            position: None,
        });
    }
    let events = batch.num_rows() as u32;
    let (news, silent): (Vec<News>, Vec<News>) = verdict
        .news
        .into_iter()
        .partition(|news| news.index < events);
    settle(task, &batch, news, &mut done)?;
    settle_silent(task, events, silent, verdict.idle, &mut done)?;
    Ok(done)
}

/// The buffered batches as one, in the union of their columns.
fn joined(batches: &[(Places, RecordBatch)]) -> Result<RecordBatch> {
    let mut properties = Properties::new();
    for (_, batch) in batches {
        columns::unite(&mut properties, &columns::properties(&batch.schema()));
    }
    let schema = columns::schema(&properties)?;
    let batches: Vec<RecordBatch> = batches.iter().map(|(_, batch)| batch.clone()).collect();
    columns::joined(&batches, &schema).map_err(|error| trouble::misfit(error.to_string()))
}

/// Events in their rows, then silences behind them; by key and order of ingest.
fn incoming(task: &Task, batch: &RecordBatch) -> Result<Vec<Incoming>> {
    let keys = columns::ids(batch, column::KEY)?;
    let contents = columns::integers(batch, column::CONTENT)?;
    let versions = columns::integers(batch, column::VERSION)?;
    let sequences = task.batches.iter();
    let sequences = sequences.flat_map(|(places, batch)| places.all(batch.num_rows()));
    let events = sequences.zip(0_u32..).map(|(sequence, index)| {
        let row = index as usize;
        Incoming {
            key: columns::id_at(keys, row),
            content: contents.value(row),
            version: versions.is_valid(row).then(|| versions.value(row)),
            sequence,
            index,
        }
    });
    let silences = task.silent.waiting.iter().zip(batch.num_rows() as u32..);
    let silences = silences.map(|(waiting, index)| Incoming {
        key: waiting.key(),
        content: silence::CONTENT,
        version: waiting.silence.version,
        sequence: waiting.sequence,
        index,
    });
    let mut incoming: Vec<Incoming> = events.chain(silences).collect();
    incoming.par_sort_unstable_by_key(|event| (event.key, event.sequence));
    Ok(incoming)
}

fn against_known(task: &Task, incoming: &[Incoming]) -> Result<Verdict> {
    let mut keys: Vec<u128> = incoming.iter().map(|event| event.key).collect();
    keys.dedup();
    let earlier = earlier(&task.known, &keys).map_err(|(part, error)| {
        let of_silences = silence::parts_of(&task.kind);
        let names = [task.kind.as_str(), of_silences.as_str()];
        let mut paths = names.map(|name| part::keys_path(&task.ledger, name, part));
        // The number is that of one of the two.
        paths.sort_by_key(|path| !path.exists());
        trouble::unreadable(paths[0].display().to_string(), error)
    })?;
    Ok(judge(incoming, &earlier))
}

/// What is no news, and is not forgotten.
fn repeated(
    task: &Task,
    batch: &RecordBatch,
    incoming: &[Incoming],
    verdict: &Verdict,
) -> Result<Option<Repeated>> {
    let told = Told::of(batch)?;
    let events = batch.num_rows() as u32;
    let mut sayings = Vec::new();
    for event in without(incoming, verdict, true) {
        let (line, offset) = match event.index.checked_sub(events) {
            None => {
                let row = event.index as usize;
                (told.line(row), told.offset(row))
            }
            Some(place) => (task.silent.waiting[place as usize].silence.line, 0),
        };
        sayings.push(Saying {
            hash: said::hash(event.key, event.content),
            place: said::place(event.sequence),
            version: event.version,
            line,
            offset,
        });
    }
    said::pack(task.import, &task.kind, task.part, sayings)
}

/// A hash of the silences that are not forgotten.
fn heard(task: &Task, batch: &RecordBatch, incoming: &[Incoming], verdict: &Verdict) -> Silences {
    let mut silences = Silences::default();
    for event in without(incoming, verdict, false) {
        if let Some(place) = event.index.checked_sub(batch.num_rows() as u32) {
            silences.add(&task.silent.waiting[place as usize]);
        }
    }
    silences
}

/// What came in without what is forgotten; without what becomes an entry, too, where that is asked for.
fn without<'a>(
    incoming: &'a [Incoming],
    verdict: &'a Verdict,
    without_entries: bool,
) -> impl Iterator<Item = &'a Incoming> {
    // All stand in order of key and ingest.
    let mut unheard = verdict.unheard.iter().peekable();
    let mut idle = verdict.idle.iter().peekable();
    let mut news = verdict.news.iter().map(|news| &news.index).peekable();
    incoming.iter().filter(move |event| {
        let is_news = news.next_if_eq(&&event.index).is_some();
        let is_idle = idle.next_if_eq(&&event.index).is_some();
        let is_entry = is_news || is_idle;
        unheard.next_if_eq(&&event.index).is_none() && !(without_entries && is_entry)
    })
}

/// Makes the part of the events that are news.
fn settle(task: &Task, batch: &RecordBatch, mut news: Vec<News>, done: &mut Done) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    news.sort_unstable_by_key(|news| news.index);
    let sequence_of = sequences(&task.batches);
    let batch = match news.len() == batch.num_rows() {
        true => batch.clone(),
        false => {
            let rows = news.iter().map(|news| news.index);
            columns::taken(batch, &UInt32Array::from_iter_values(rows))?
        }
    };
    let lines = columns::integers(&batch, column::LINE)?;
    done.lines = lines.iter().collect();
    let fresh = Fresh {
        name: &task.kind,
        part: task.part,
        into_tail: task.into_tail,
        news,
        withdrawn: 0,
    };
    done.part = Some(fresh.enter(task, &batch, sequence_of, &mut done.marks)?);
    Ok(())
}

/// Makes the part of the silences that are kept: those that are news, then the idle ones.
fn settle_silent(
    task: &Task,
    events: u32,
    mut news: Vec<News>,
    idle: Vec<u32>,
    done: &mut Done,
) -> Result<()> {
    let silent = &task.silent;
    let at = |index: u32| silent.waiting[(index - events) as usize];
    done.silent_lines = news
        .iter()
        .map(|news| at(news.index).silence.line)
        .collect();
    let withdrawn = idle.len();
    news.extend(idle.into_iter().map(|index| News {
        index,
        occurrence: 0,
        superseded_by: None,
    }));
    if news.is_empty() {
        return Ok(());
    }
    let kept: Vec<Waiting> = news.iter().map(|news| at(news.index)).collect();
    let batch = silence::rows(
        &task.kind,
        &kept,
        &silent.source,
        &silent.mapping,
        silent.told_at,
    )?;
    let fresh = Fresh {
        name: &silence::parts_of(&task.kind),
        part: silent.part,
        into_tail: kept.len() < silent.small,
        news,
        withdrawn,
    };
    let sequence_of = |index| at(index).sequence;
    done.silent = Some(fresh.enter(task, &batch, sequence_of, &mut done.marks)?);
    Ok(())
}

/// What becomes one part.
struct Fresh<'a> {
    /// The name of such parts.
    name: &'a str,
    part: i64,
    into_tail: bool,
    /// What is news, row by row.
    news: Vec<News>,
    /// The last so many of them are withdrawn from the start.
    withdrawn: usize,
}

impl Fresh<'_> {
    fn enter(
        &self,
        task: &Task,
        batch: &RecordBatch,
        sequence_of: impl Fn(u32) -> u64 + Sync,
        marks: &mut Marks,
    ) -> Result<(NewPart, Arc<KnownPart>)> {
        let keys = columns::ids(batch, column::KEY)?;
        let contents = columns::integers(batch, column::CONTENT)?;
        let versions = columns::integers(batch, column::VERSION)?;
        let entries: Vec<Entry> = self
            .news
            .par_iter()
            .enumerate()
            .map(|(row, news)| Entry {
                key: columns::id_at(keys, row),
                content: contents.value(row),
                version: versions.is_valid(row).then(|| versions.value(row)),
                sequence: sequence_of(news.index),
                row: row as u32,
                occurrence: news.occurrence,
            })
            .collect();
        let batch = identified(batch, &entries, task.import)?;
        let gone = self.news.len() - self.withdrawn;
        let marked = |(row, news): (usize, &News)| {
            let id = entries[row].id();
            let mark = match news.superseded_by {
                _ if row >= gone => Mark::withdrawn(0, id),
                None => return None,
                Some(by) => Mark {
                    row: 0,
                    id,
                    by,
                    position: None,
                },
            };
            Some((row, mark))
        };
        let marked: Vec<(usize, Mark)> = self.news.iter().enumerate().filter_map(marked).collect();
        let arranged = part::arrange(&batch, entries, task.slice)?;
        let marked: Vec<Mark> = marked
            .into_iter()
            .map(|(row, mark)| Mark {
                row: arranged.moved_to[row],
                ..mark
            })
            .collect();
        let info = part::describe(self.part, self.name, &arranged.batch)?;
        let (form, entries) = if self.into_tail {
            let form = tail::encode(&arranged.batch, &arranged.entries)?;
            (form, Entries::Held(arranged.entries))
        } else {
            let files = segment_write::write(&task.ledger, &info, &arranged)?;
            let keys = entries_of(&task.ledger, self.name, self.part);
            (Form::Segment(files), keys)
        };
        let known = KnownPart::new(self.part, entries, &marked);
        if !marked.is_empty() {
            marks.entry(self.part).or_default().extend(marked);
        }
        Ok((NewPart { info, form }, Arc::new(known)))
    }
}

/// The entries of a segment, behind its key file.
pub(crate) fn entries_of(ledger: &Path, kind: &str, part: i64) -> Entries {
    Entries::File(KeyFile::new(part::keys_path(ledger, kind, part)))
}

/// For each row of the joined batch its place in the order of ingest.
fn sequences(batches: &[(Places, RecordBatch)]) -> impl Fn(u32) -> u64 + Sync {
    let mut starts = Vec::with_capacity(batches.len());
    let mut row = 0_u32;
    for (places, batch) in batches {
        starts.push((row, places));
        row += batch.num_rows() as u32;
    }
    move |index| {
        let after = starts.partition_point(|(row, _)| *row <= index);
        let found = starts.get(after.wrapping_sub(1));
        found.map_or(0, |(row, places)| places.of(index - row))
    }
}

/// The batch with the ids that its entries give.
///
/// # Errors
/// `AM0408` when they do not fit.
pub(crate) fn with_ids(batch: &RecordBatch, entries: &[Entry]) -> Result<RecordBatch> {
    let mut ids = vec![0_u8; entries.len() * 16];
    ids.par_chunks_mut(16)
        .zip(entries)
        .for_each(|(place, entry)| place.copy_from_slice(&entry.id().0));
    let ids = FixedSizeBinaryArray::try_new(16, Buffer::from_vec(ids), None)
        .map_err(|error| trouble::misfit(error.to_string()))?;
    replaced(batch, column::ID, Arc::new(ids))
}

/// The batch with another column in the place of one.
fn replaced(batch: &RecordBatch, name: &str, with: ArrayRef) -> Result<RecordBatch> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let columns: Vec<ArrayRef> = columns
        .map(|(field, column)| {
            if field.name() == name {
                Arc::clone(&with)
            } else {
                column.clone()
            }
        })
        .collect();
    RecordBatch::try_new(schema, columns).map_err(|error| trouble::misfit(error.to_string()))
}

/// The batch with the ids that its entries give, and with its import.
fn identified(batch: &RecordBatch, entries: &[Entry], import: i64) -> Result<RecordBatch> {
    let imports = Int64Array::from_value(import, batch.num_rows());
    replaced(
        &with_ids(batch, entries)?,
        column::IMPORT,
        Arc::new(imports),
    )
}
