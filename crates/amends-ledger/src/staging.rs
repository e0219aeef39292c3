//! From a buffer of incoming events to a part: find what is known, judge, arrange, write.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{Array, ArrayRef, FixedSizeBinaryArray, Int64Array, RecordBatch, UInt32Array};
use arrow::buffer::Buffer;
use arrow::compute::{concat_batches, take_record_batch};
use rayon::prelude::*;

use crate::columns::{self, Properties};
use crate::contents::{Mark, Marks};
use crate::dedupe::{Incoming, News, Verdict, judge};
use crate::entry::Entry;
use crate::keys::KeyFile;
use crate::known::{Entries, KnownPart, earlier};
use crate::part::{self, Form, NewPart};
use crate::said::{self, Repeated, Saying, Told};
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
    /// The events as checked, each batch with the order of ingest of its first row.
    pub(crate) batches: Vec<(u64, RecordBatch)>,
    /// All that is known of the kind.
    pub(crate) known: Vec<Arc<KnownPart>>,
    /// Events of one slice of time, about.
    pub(crate) slice: usize,
    /// Whether they become a batch of the tail rather than a segment.
    pub(crate) into_tail: bool,
}

/// What became of them.
#[derive(Default)]
pub(crate) struct Done {
    /// The part, unless all of them were duplicates.
    pub(crate) part: Option<(NewPart, Arc<KnownPart>)>,
    /// Events that are no longer current, of the new part or of earlier ones.
    pub(crate) marks: Marks,
    /// The lines of the events that are news; `None` where the source has no lines.
    pub(crate) lines: Vec<Option<i64>>,
    /// What was known already.
    pub(crate) repeated: Option<Repeated>,
}

/// Does the work. It computes and waits for the disk: call it where that may take a while.
///
/// # Errors
/// `AM0404` when a file cannot be written; `AM0406` when what is known cannot be read.
pub(crate) fn run(task: &Task) -> Result<Done> {
    let batch = joined(&task.batches)?;
    let incoming = incoming(&batch, &task.batches)?;
    let verdict = against_known(task, &incoming)?;
    let mut done = Done {
        repeated: repeated(task, &batch, &incoming, &verdict.news)?,
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
    if verdict.news.is_empty() {
        return Ok(done);
    }
    settle(task, &batch, verdict.news, &mut done)?;
    Ok(done)
}

/// The buffered batches as one, in the union of their columns.
fn joined(batches: &[(u64, RecordBatch)]) -> Result<RecordBatch> {
    let mut properties = Properties::new();
    for (_, batch) in batches {
        columns::unite(&mut properties, &columns::properties(&batch.schema()));
    }
    let schema = columns::schema(&properties)?;
    let fitted: Result<Vec<_>, _> = batches
        .iter()
        .map(|(_, batch)| columns::fitted(batch, &schema))
        .collect();
    fitted
        .and_then(|batches| concat_batches(&schema, &batches))
        .map_err(|error| trouble::misfit(error.to_string()))
}

fn incoming(batch: &RecordBatch, batches: &[(u64, RecordBatch)]) -> Result<Vec<Incoming>> {
    let keys = columns::ids(batch, column::KEY)?;
    let contents = columns::integers(batch, column::CONTENT)?;
    let versions = columns::integers(batch, column::VERSION)?;
    let sequences = batches.iter().flat_map(|(first, batch)| {
        let rows = batch.num_rows() as u64;
        *first..*first + rows
    });
    let mut incoming: Vec<Incoming> = sequences
        .zip(0_u32..)
        .map(|(sequence, index)| {
            let row = index as usize;
            Incoming {
                key: columns::id_at(keys, row),
                content: contents.value(row),
                version: versions.is_valid(row).then(|| versions.value(row)),
                sequence,
                index,
            }
        })
        .collect();
    incoming.par_sort_unstable_by_key(|event| (event.key, event.sequence));
    Ok(incoming)
}

fn against_known(task: &Task, incoming: &[Incoming]) -> Result<Verdict> {
    let mut keys: Vec<u128> = incoming.iter().map(|event| event.key).collect();
    keys.dedup();
    let earlier = earlier(&task.known, &keys).map_err(|(part, error)| {
        let path = part::keys_path(&task.ledger, &task.kind, part);
        trouble::unreadable(path.display().to_string(), error)
    })?;
    Ok(judge(incoming, &earlier))
}

/// What is no news.
fn repeated(
    task: &Task,
    batch: &RecordBatch,
    incoming: &[Incoming],
    news: &[News],
) -> Result<Option<Repeated>> {
    let told = Told::of(batch)?;
    let mut news = news.iter().map(|news| news.index).peekable();
    let mut sayings = Vec::with_capacity(incoming.len() - news.len());
    for event in incoming {
        // Both stand in order of key and ingest.
        if news.next_if_eq(&event.index).is_some() {
            continue;
        }
        let row = event.index as usize;
        sayings.push(Saying {
            hash: said::hash(event.key, event.content),
            place: said::place(event.sequence),
            version: event.version,
            line: told.line(row),
            offset: told.offset(row),
        });
    }
    said::pack(task.import, &task.kind, task.part, sayings)
}

/// Makes the part of what is news.
fn settle(task: &Task, batch: &RecordBatch, mut news: Vec<News>, done: &mut Done) -> Result<()> {
    news.sort_unstable_by_key(|news| news.index);
    let rows = UInt32Array::from_iter_values(news.iter().map(|news| news.index));
    let sequence_of = sequences(&task.batches);
    let batch =
        take_record_batch(batch, &rows).map_err(|error| trouble::misfit(error.to_string()))?;
    let keys = columns::ids(&batch, column::KEY)?;
    let contents = columns::integers(&batch, column::CONTENT)?;
    let versions = columns::integers(&batch, column::VERSION)?;
    let entries: Vec<Entry> = news
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
    let lines = columns::integers(&batch, column::LINE)?;
    done.lines = lines.iter().collect();
    let batch = identified(&batch, &entries, task.import)?;
    let superseded: Vec<(usize, Mark)> = news
        .iter()
        .enumerate()
        .filter_map(|(row, news)| {
            let id = entries[row].id();
            let mark = |by| Mark {
                row: 0,
                id,
                by,
                position: None,
            };
            news.superseded_by.map(|by| (row, mark(by)))
        })
        .collect();
    let arranged = part::arrange(&batch, entries, task.slice)?;
    if !superseded.is_empty() {
        let marks = superseded.into_iter().map(|(row, mark)| Mark {
            row: arranged.moved_to[row],
            ..mark
        });
        done.marks.entry(task.part).or_default().extend(marks);
    }
    let info = part::describe(task.part, &task.kind, &arranged.batch)?;
    let (form, entries) = if task.into_tail {
        let form = tail::encode(&arranged.batch, &arranged.entries)?;
        (form, Entries::Held(arranged.entries))
    } else {
        let files = segment_write::write(&task.ledger, &info, &arranged)?;
        (
            Form::Segment(files),
            entries_of(&task.ledger, &task.kind, task.part),
        )
    };
    let known = KnownPart::new(task.part, entries, &[]);
    done.part = Some((NewPart { info, form }, Arc::new(known)));
    Ok(())
}

/// The entries of a segment, behind its key file.
pub(crate) fn entries_of(ledger: &Path, kind: &str, part: i64) -> Entries {
    Entries::File(KeyFile::new(part::keys_path(ledger, kind, part)))
}

/// For each row of the joined batch its place in the order of ingest.
fn sequences(batches: &[(u64, RecordBatch)]) -> impl Fn(u32) -> u64 + Sync {
    let mut starts = Vec::with_capacity(batches.len());
    let mut row = 0_u32;
    for (first, batch) in batches {
        starts.push((row, *first));
        row += batch.num_rows() as u32;
    }
    move |index| {
        let after = starts.partition_point(|(row, _)| *row <= index);
        let (row, first) = starts.get(after.wrapping_sub(1)).copied().unwrap_or((0, 0));
        first + u64::from(index - row)
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
