//! Several runs as one: in order of the keys, of each key the row of the newest run.

use amends_model::Result;
use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;

use super::run::{Batches, damaged, keys};

/// Rows of a batch that is given.
const ROWS: usize = 8_192;

/// Merges runs, the oldest first. All have the same columns, the key in front.
pub(crate) struct Merge {
    cursors: Vec<Cursor>,
    /// Batches that rows were picked from.
    pool: Vec<RecordBatch>,
    picked: Vec<(usize, usize)>,
    ended: bool,
}

/// A place in a run.
struct Cursor {
    batches: Batches,
    keys: Vec<u128>,
    row: usize,
    /// Its batch's place in the pool.
    batch: usize,
}

impl Cursor {
    fn key(&self) -> Option<u128> {
        self.keys.get(self.row).copied()
    }

    /// Goes to the next row; reads the next batch where this one ends.
    fn step(&mut self, pool: &mut Vec<RecordBatch>) -> Result<()> {
        self.row += 1;
        self.fill(pool)
    }

    fn fill(&mut self, pool: &mut Vec<RecordBatch>) -> Result<()> {
        while self.row >= self.keys.len() {
            let Some(batch) = self.batches.next().transpose()? else {
                (self.keys, self.row) = (Vec::new(), 0);
                return Ok(());
            };
            (self.keys, self.row) = (keys(&batch), 0);
            self.batch = pool.len();
            pool.push(batch);
        }
        Ok(())
    }
}

impl Merge {
    /// Begins to merge.
    ///
    /// # Errors
    /// `AM0709` when a run cannot be read.
    pub(crate) fn new(runs: Vec<Batches>) -> Result<Self> {
        let mut merge = Self {
            cursors: Vec::with_capacity(runs.len()),
            pool: Vec::new(),
            picked: Vec::new(),
            ended: false,
        };
        for batches in runs {
            let mut cursor = Cursor {
                batches,
                keys: Vec::new(),
                row: 0,
                batch: 0,
            };
            cursor.fill(&mut merge.pool)?;
            merge.cursors.push(cursor);
        }
        Ok(merge)
    }

    /// Picks rows for a batch; `None` when there are no more.
    fn pick(&mut self) -> Result<Option<RecordBatch>> {
        while self.picked.len() < ROWS {
            let Some(least) = self.cursors.iter().filter_map(Cursor::key).min() else {
                break;
            };
            let mut newest = None;
            for cursor in &mut self.cursors {
                if cursor.key() == Some(least) {
                    newest = Some((cursor.batch, cursor.row));
                    cursor.step(&mut self.pool)?;
                }
            }
            self.picked.extend(newest);
        }
        if self.picked.is_empty() {
            return Ok(None);
        }
        let pool: Vec<&RecordBatch> = self.pool.iter().collect();
        let batch = interleave_record_batch(&pool, &self.picked).map_err(damaged)?;
        self.picked.clear();
        self.let_go();
        Ok(Some(batch))
    }

    /// Keeps of the pool what the cursors stand on.
    fn let_go(&mut self) {
        let mut kept = Vec::with_capacity(self.cursors.len());
        for cursor in &mut self.cursors {
            if cursor.key().is_some() {
                kept.push(self.pool[cursor.batch].clone());
                cursor.batch = kept.len() - 1;
            }
        }
        self.pool = kept;
    }
}

impl Iterator for Merge {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.pick().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
