//! Events become facts, sorted into buckets by what they are about; what opens is kept as columns.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use amends_model::{Problem, Result};
use arrow::array::{RecordBatch, StringArray, UInt32Array};
use arrow::compute::take_record_batch;
use jiff::Timestamp;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::apart::Apart;
use super::lock::{into_inner, lock};
use super::sources::Sources;
use crate::compile::Compiled;
use crate::events::{Columns, Events};
use crate::fact::{Fact, Role};
use crate::reading::{Found, Reading};

/// A fact with its key, and where what it opens is kept.
#[derive(Clone, Copy)]
pub(super) struct Gathered {
    /// A hash of what it is about. That two things meet in 128 bits is less likely than that the machine errs.
    pub(super) key: u128,
    /// Its source is the order in which sources were met, until it is ranked.
    pub(super) fact: Fact,
    /// Of what opens: the batch of openings, and the row.
    pub(super) opening: (u32, u32),
}

// What `Compiled` says of memory counts on it.
const _: () = assert!(size_of::<Gathered>() == 80);

/// The facts of a bucket, as batches gave them.
pub(super) type Pieces = Vec<Vec<Gathered>>;

/// The facts of one pass.
pub(super) struct Pass {
    pub(super) buckets: Vec<Pieces>,
    pub(super) openings: Vec<RecordBatch>,
    /// What reaches many, by the place that it reaches.
    pub(super) reaching: Arc<HashMap<i64, Vec<Fact>>>,
    /// The rank of each source's name, by the order in which sources were met.
    pub(super) ranks: Vec<u32>,
    /// How many events about nothing would have opened something.
    pub(super) without_about: u64,
}

/// So many that a bucket of a full pass stays within a processor's cache.
pub(super) const BUCKETS: usize = 256;

/// The pass in which a key is taken, of so many, and its bucket there: keys ascend over passes and buckets.
pub(super) fn spread(key: u128, passes: u64) -> (u64, usize) {
    let place = (key >> 64) * u128::from(passes);
    ((place >> 64) as u64, (place >> 56) as usize % BUCKETS)
}

/// The keys of what events are about; none of those about nothing.
pub(super) fn keys_of(abouts: &StringArray) -> Vec<Option<u128>> {
    let abouts = abouts.iter();
    abouts
        .map(|about| about.map(|about| xxh3_128(about.as_bytes())))
        .collect()
}

/// Gathers the facts of a promise in so many passes, each thing in one of them.
pub(super) struct Passes<'a> {
    compiled: &'a Compiled,
    passes: u64,
    apart: Apart<'a>,
    sources: Sources,
    /// Found by the first pass, which meets every event.
    reaching: Arc<HashMap<i64, Vec<Fact>>>,
}

impl<'a> Passes<'a> {
    pub(super) fn new(
        compiled: &'a Compiled,
        events: &'a dyn Events,
        as_of: Timestamp,
        passes: u64,
    ) -> Self {
        let kinds = compiled.readings.keys().map(String::as_str);
        Self {
            compiled,
            passes,
            apart: Apart::new(events, kinds, as_of, passes),
            sources: Sources::default(),
            reaching: Arc::default(),
        }
    }

    /// Gathers the facts about the things of the next pass.
    pub(super) fn gather(&mut self, pass: u64) -> Result<Pass> {
        let gathering = Gathering {
            of: self,
            pass,
            buckets: (0..BUCKETS).map(|_| Mutex::default()).collect(),
            openings: Mutex::default(),
            met: AtomicU32::new(0),
            reaching: Mutex::default(),
            without_about: Mutex::default(),
        };
        let kinds: Vec<(&String, &Reading)> = self.compiled.readings.iter().collect();
        kinds.into_par_iter().try_for_each(|(kind, reading)| {
            let columns: Vec<&str> = reading.columns.iter().map(String::as_str).collect();
            let batches = self.apart.scan(kind, &columns, pass)?;
            batches
                .par_bridge()
                .try_for_each(|batch| gathering.take(kind, reading, &batch?))
        })?;
        let mut openings = into_inner(gathering.openings);
        openings.sort_unstable_by_key(|(number, _)| *number);
        let buckets = gathering.buckets.into_iter().map(into_inner).collect();
        let without_about = into_inner(gathering.without_about);
        let reaching = into_inner(gathering.reaching);
        if pass == 0 {
            self.reaching = Arc::new(reaching);
        }
        Ok(Pass {
            buckets,
            openings: openings.into_iter().map(|(_, kept)| kept).collect(),
            reaching: Arc::clone(&self.reaching),
            ranks: self.sources.ranks(),
            without_about,
        })
    }
}

/// What the threads gather together.
struct Gathering<'a> {
    of: &'a Passes<'a>,
    pass: u64,
    buckets: Vec<Mutex<Pieces>>,
    /// What opens, by the number of its batch.
    openings: Mutex<Vec<(u32, RecordBatch)>>,
    /// How many batches that open something were met.
    met: AtomicU32,
    reaching: Mutex<HashMap<i64, Vec<Fact>>>,
    without_about: Mutex<u64>,
}

impl Gathering<'_> {
    fn take(&self, kind: &str, reading: &Reading, batch: &RecordBatch) -> Result<()> {
        let columns = Columns::of(batch)?;
        let abouts = self.of.compiled.abouts(batch)?;
        let keys = keys_of(&abouts);
        let sources = self.of.sources.of(&columns);
        let found = reading.found(batch)?;
        if self.pass == 0 {
            let heard = |row| found.iter().any(|found| !found.reaches && found.holds(row));
            let later = |row: usize| {
                let key = keys[row].filter(|_| heard(row))?;
                Some(spread(key, self.of.passes).0)
            };
            self.of.apart.put(kind, batch, later);
        }
        let share = self.of.apart.share(kind, self.pass);
        let mut taken = self.taken(&found, batch.num_rows(), share);
        for found in found {
            if found.reaches {
                // The first pass meets them all.
                let rows = found.rows(batch.num_rows()).filter(|_| self.pass == 0);
                let mut reaching = lock(&self.reaching);
                for fact in rows.map(|row| found.fact(&columns, row, sources[row])) {
                    if let Some(place) = fact.place() {
                        reaching.entry(place).or_default().push(fact);
                    }
                }
                continue;
            }
            for row in found.rows(batch.num_rows()) {
                let opens = found.role == Role::Opens;
                let Some(key) = keys[row] else {
                    // Counted once, though every pass meets it.
                    taken.without_about += u64::from(opens && self.pass == 0);
                    continue;
                };
                let (pass, bucket) = spread(key, self.of.passes);
                if pass != self.pass {
                    continue;
                }
                let fact = found.fact(&columns, row, sources[row]);
                let opening = (taken.number, taken.openings.len() as u32);
                if opens {
                    taken.openings.push(row as u32);
                }
                taken.buckets[bucket].push(Gathered { key, fact, opening });
            }
        }
        self.put(batch, taken)
    }

    /// Room for what a batch of so many rows, of which one in `share` is of this pass, is expected to give.
    fn taken(&self, found: &[Found], rows: usize, share: usize) -> Taken {
        let facts = found.iter().filter(|found| !found.reaches);
        let facts: usize = facts.map(|found| found.count(rows)).sum();
        let expected = facts / share / BUCKETS;
        // Hashes spread evenly, so a little more is nearly always enough.
        let room = if expected == 0 { 0 } else { expected * 5 / 4 };
        let opens = |found: &Found| found.role == Role::Opens && found.count(rows) > 0;
        let number = match found.iter().any(opens) {
            true => self.met.fetch_add(1, Ordering::Relaxed),
            false => u32::MAX,
        };
        Taken {
            number,
            buckets: (0..BUCKETS).map(|_| Vec::with_capacity(room)).collect(),
            openings: Vec::new(),
            without_about: 0,
        }
    }

    fn put(&self, batch: &RecordBatch, taken: Taken) -> Result<()> {
        if taken.number != u32::MAX {
            let kept =
                take_record_batch(batch, &UInt32Array::from(taken.openings)).map_err(|error| {
                    Problem::new("AM0705", "events do not have the columns that events have")
                        .because(error)
                })?;
            lock(&self.openings).push((taken.number, kept));
        }
        for (bucket, facts) in self.buckets.iter().zip(taken.buckets) {
            if !facts.is_empty() {
                lock(bucket).push(facts);
            }
        }
        *lock(&self.without_about) += taken.without_about;
        Ok(())
    }
}

/// What one batch gives.
struct Taken {
    /// Its number among those that open something.
    number: u32,
    buckets: Pieces,
    /// The rows that open.
    openings: Vec<u32>,
    without_about: u64,
}
