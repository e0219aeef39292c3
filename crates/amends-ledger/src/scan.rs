//! Reads the current events of a kind out of a snapshot.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use amends_model::Result;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::changes::Together;
use crate::filter::{Filter, Wanted};
use crate::segment_read::{self, BATCH_ROWS, Damage, SegmentRows};
use crate::snapshot::{Segment, Snapshot};
use crate::whereabouts::{self, Sought};
use crate::{columns, trouble};

/// Rows of a segment that one thread reads before it takes the next.
const PIECE_ROWS: usize = 1 << 20;
/// With fewer rows than this a second thread is not worth its start.
const FEW_ROWS: usize = 1 << 18;

/// Batches, one after the other.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

impl Snapshot {
    /// The current events of a kind, those columns only (that the kind does not have are null of type text), in no order, one batch at a time.
    /// Superseded events are left out. Batches have up to 65,536 rows.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn scan(&self, kind: &str, columns: &[&str], filter: &Filter) -> Result<Batches> {
        let Some(whole) = self.kinds().get(kind) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let schema = selected(whole, columns);
        let wanted = Wanted::new(filter);
        let mut tail = Vec::new();
        if let Some(batch) = self.stored_in_tail(kind) {
            let batch = chosen(batch, &schema, wanted.rows(batch)?, None)
                .map_err(|error| trouble::unreadable("the tail", error))?;
            tail.extend(batch);
        }
        if let Some(Together { events, touched }) = self.together(kind) {
            let rows = wanted.rows_since(events, touched)?;
            let batch = chosen(events, &schema, rows, None)
                .map_err(|error| trouble::unreadable("what changed", error))?;
            tail.extend(batch);
        }
        let tail = tail.into_iter().flat_map(|batch| slices(&batch).map(Ok));
        let sought = wanted.sought();
        let job = Arc::new(Job {
            pieces: pieces(self.segments(kind), &wanted, sought.narrows()),
            sought,
            wanted,
            schema,
            next: AtomicUsize::new(0),
            _snapshot: self.clone(),
        });
        Ok(Box::new(tail.chain(job.run())))
    }
}

/// The schema of some columns; those that the kind does not have are text.
fn selected(whole: &SchemaRef, columns: &[&str]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|name| match whole.column_with_name(name) {
            Some((_, field)) => field.clone(),
            None => Field::new(*name, DataType::Utf8, true),
        });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn slices(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + Send + use<> {
    let batch = batch.clone();
    (0..batch.num_rows())
        .step_by(BATCH_ROWS)
        .map(move |first| batch.slice(first, BATCH_ROWS.min(batch.num_rows() - first)))
}

/// The wanted rows of a batch in the wanted columns; `None` if there are none.
fn chosen(
    batch: &RecordBatch,
    schema: &SchemaRef,
    wanted: Option<BooleanArray>,
    current: Option<BooleanArray>,
) -> Result<Option<RecordBatch>, Damage> {
    let rows = match (wanted, current) {
        (Some(rows), Some(current)) => Some(and(&rows, &current)?),
        (rows, current) => rows.or(current),
    };
    let fitted = columns::fitted(batch, schema)?;
    let chosen = match rows {
        Some(rows) => filter_record_batch(&fitted, &rows)?,
        None => fitted,
    };
    Ok((chosen.num_rows() > 0).then_some(chosen))
}

/// Some rows of a segment, read by one thread.
struct Piece {
    segment: Segment,
    rows: Range<usize>,
}

/// The segments in pieces. Where the key files narrow the rows down, a segment is one piece.
fn pieces(segments: &[Segment], wanted: &Wanted, narrow: bool) -> Vec<Piece> {
    let alive = segments.iter().filter(|segment| {
        let current = segment.rows > segment.superseded_rows.len() as u64;
        let new = wanted.entered_after.as_ref();
        let new = new.is_none_or(|point| !point.knows(segment.part));
        current && new && wanted.overlaps(segment.moments)
    });
    let mut pieces = Vec::new();
    for segment in alive {
        let rows = segment.rows as usize;
        let length = if narrow { rows } else { PIECE_ROWS };
        pieces.extend((0..rows).step_by(length).map(|first| Piece {
            segment: segment.clone(),
            rows: first..(first + length).min(rows),
        }));
    }
    pieces
}

/// One scan over the segments of a kind.
struct Job {
    pieces: Vec<Piece>,
    sought: Sought,
    wanted: Wanted,
    schema: SchemaRef,
    /// The piece that is read next.
    next: AtomicUsize,
    /// Its files stay until the last batch is read.
    _snapshot: Snapshot,
}

impl Job {
    /// Reads here when there is little to read, else on threads of its own.
    fn run(self: Arc<Self>) -> Batches {
        let rows: usize = self.pieces.iter().map(|piece| piece.rows.len()).sum();
        let threads = rayon::current_num_threads().min(self.pieces.len());
        if threads < 2 || rows < FEW_ROWS {
            return Box::new(Here {
                job: self,
                open: None,
            });
        }
        let (sender, receiver) = sync_channel(2 * threads);
        for _ in 0..threads {
            let (job, sender) = (Arc::clone(&self), sender.clone());
            std::thread::spawn(move || job.send(&sender));
        }
        Box::new(receiver.into_iter())
    }

    /// Reads pieces until none is left or nobody listens.
    fn send(self: Arc<Self>, sender: &SyncSender<Result<RecordBatch>>) {
        let here = Here {
            job: self,
            open: None,
        };
        let read = || {
            for batch in here {
                if sender.send(batch).is_err() {
                    return;
                }
            }
        };
        // A thread that ended silently would look as if there were no more events.
        if catch_unwind(AssertUnwindSafe(read)).is_err() {
            let failed = trouble::unreadable("a segment", "reading it ended in the middle");
            let _nobody_listens = sender.send(Err(failed));
        }
    }

    fn open(&self, piece: &Piece) -> Result<Option<SegmentRows>> {
        let segment = &piece.segment;
        let rows = if self.sought.narrows() {
            whereabouts::rows(&segment.keys, &self.sought)
                .map_err(|error| trouble::unreadable(segment.keys.display().to_string(), error))?
        } else {
            vec![piece.rows.clone()]
        };
        let damaged = |error| trouble::unreadable(segment.path.display().to_string(), error);
        let rows = match &self.wanted.entered_after {
            Some(point) => segment_read::imported(segment, rows, |first, last| {
                point.may_be_after(first) || point.may_be_after(last)
            })
            .map_err(damaged)?,
            None => rows,
        };
        if rows.is_empty() {
            return Ok(None);
        }
        let fields = self.schema.fields().iter();
        let mut names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
        names.extend(self.wanted.needs(segment.moments));
        SegmentRows::open(segment, &names, rows)
            .map(Some)
            .map_err(damaged)
    }
}

/// Reads pieces on the thread that asks.
struct Here {
    job: Arc<Job>,
    open: Option<(usize, SegmentRows)>,
}

impl Here {
    fn step(&mut self) -> Result<Option<RecordBatch>, Option<amends_model::Problem>> {
        let Some((piece, rows)) = &mut self.open else {
            let number = self.job.next.fetch_add(1, Ordering::Relaxed);
            let piece = self.job.pieces.get(number).ok_or(None)?;
            self.open = self
                .job
                .open(piece)
                .map_err(Some)?
                .map(|rows| (number, rows));
            return Ok(None);
        };
        let path = &self.job.pieces[*piece].segment.path;
        let damaged = |error| Some(trouble::unreadable(path.display().to_string(), error));
        let Some(next) = rows.next_current() else {
            self.open = None;
            return Ok(None);
        };
        let (batch, current) = next.map_err(damaged)?;
        let wanted = self.job.wanted.rows(&batch)?;
        chosen(&batch, &self.job.schema, wanted, current).map_err(damaged)
    }
}

impl Iterator for Here {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(batch)) => return Some(Ok(batch)),
                Err(None) => return None,
                Err(Some(problem)) => {
                    self.open = None;
                    return Some(Err(problem));
                }
            }
        }
    }
}
