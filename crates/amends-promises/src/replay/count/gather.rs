//! Events, sorted into buckets by what they are about; what each promise finds in a batch is kept beside it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use amends_model::{EventId, Result};
use arrow::array::{Array, RecordBatch};
use jiff::Timestamp;
use rayon::prelude::*;

use super::Heard;
use crate::compile::Compiled;
use crate::events::{Columns, Events};
use crate::fact::{Fact, Role};
use crate::reading::Found;
use crate::replay::apart::Apart;
use crate::replay::gather::{BUCKETS, keys_of, spread};
use crate::replay::lock::{into_inner, lock};
use crate::replay::sources::Sources;

/// An event about something, and where what promises find in it stands.
#[derive(Clone, Copy)]
pub(super) struct Gathered {
    /// The two halves of a hash of what it is about, the higher one first.
    pub(super) key: (u64, u64),
    pub(super) at: i64,
    pub(super) id: EventId,
    /// The order in which its source was met.
    pub(super) source: u32,
    pub(super) batch: u32,
    /// Its place among the rows of the batch that were taken.
    pub(super) row: u32,
}

// Many are held at a time.
const _: () = assert!(size_of::<Gathered>() == 56);

/// The events of a bucket, as batches gave them.
pub(super) type Pieces = Vec<Vec<Gathered>>;

/// The events of one pass.
pub(super) struct Pass {
    pub(super) buckets: Vec<Pieces>,
    /// What each promise finds in a batch, by the batch's number: promises that read nothing of it are not there.
    pub(super) found: Vec<Finds>,
    /// For each promise what reaches many, by the place that it reaches.
    pub(super) reaching: Arc<Vec<HashMap<i64, Vec<Fact>>>>,
    /// The rank of each source's name, by the order in which sources were met.
    pub(super) ranks: Vec<u32>,
    /// For each promise how many events about nothing would have opened something.
    pub(super) without_about: Vec<u64>,
}

/// Gathers the events of several promises in so many passes, those about each thing in one of them.
pub(super) struct Passes<'a> {
    /// Any of the promises, which all match events by the same.
    pub(super) matching: &'a Compiled,
    pub(super) kinds: &'a BTreeMap<&'a str, Heard<'a>>,
    /// How many promises there are.
    pub(super) promises: usize,
    passes: u64,
    apart: Apart<'a>,
    sources: Sources,
    /// Found by the first pass, which meets every event.
    reaching: Arc<Vec<HashMap<i64, Vec<Fact>>>>,
}

impl<'a> Passes<'a> {
    pub(super) fn new(
        matching: &'a Compiled,
        kinds: &'a BTreeMap<&'a str, Heard<'a>>,
        promises: usize,
        (events, as_of): (&'a dyn Events, Timestamp),
        passes: u64,
    ) -> Self {
        Self {
            matching,
            kinds,
            promises,
            passes,
            apart: Apart::new(events, kinds.keys().copied(), as_of, passes),
            sources: Sources::default(),
            reaching: Arc::default(),
        }
    }

    /// Gathers the events about the things of the next pass.
    pub(super) fn gather(&mut self, pass: u64) -> Result<Pass> {
        let gathering = Gathering {
            of: self,
            pass,
            buckets: (0..BUCKETS).map(|_| Mutex::default()).collect(),
            found: Mutex::default(),
            met: AtomicU32::new(0),
            reaching: Mutex::new(vec![HashMap::new(); self.promises]),
            without_about: Mutex::new(vec![0; self.promises]),
        };
        self.kinds.par_iter().try_for_each(|(kind, heard)| {
            let batches = self.apart.scan(kind, &heard.columns, pass)?;
            batches
                .par_bridge()
                .try_for_each(|batch| gathering.take(kind, heard, &batch?))
        })?;
        let found = into_inner(gathering.found);
        let met = gathering.met.into_inner() as usize;
        let mut by_number: Vec<Finds> = Vec::new();
        by_number.resize_with(met, Vec::new);
        for (number, finds) in found {
            by_number[number as usize] = finds;
        }
        let buckets = gathering.buckets.into_iter().map(into_inner).collect();
        let without_about = into_inner(gathering.without_about);
        let reaching = into_inner(gathering.reaching);
        if pass == 0 {
            self.reaching = Arc::new(reaching);
        }
        Ok(Pass {
            buckets,
            found: by_number,
            reaching: Arc::clone(&self.reaching),
            ranks: self.sources.ranks(),
            without_about,
        })
    }
}

/// What each promise finds in the rows of a batch that were taken.
pub(super) type Finds = Vec<(usize, Vec<Found>)>;

/// What the threads gather together.
struct Gathering<'a> {
    of: &'a Passes<'a>,
    pass: u64,
    buckets: Vec<Mutex<Pieces>>,
    found: Mutex<Vec<(u32, Finds)>>,
    met: AtomicU32,
    reaching: Mutex<Vec<HashMap<i64, Vec<Fact>>>>,
    without_about: Mutex<Vec<u64>>,
}

impl Gathering<'_> {
    fn take(&self, kind: &str, heard: &Heard<'_>, batch: &RecordBatch) -> Result<()> {
        let columns = Columns::of(batch)?;
        let abouts = self.of.matching.abouts(batch)?;
        let keys = keys_of(&abouts);
        let sources = self.of.sources.of(&columns);
        let finds = heard.readings.iter().map(|(promise, reading)| {
            let found = reading.found(batch)?;
            Ok((
                *promise,
                self.without_reaching(*promise, found, &columns, &sources),
            ))
        });
        let finds: Finds = finds.collect::<Result<_>>()?;
        if abouts.null_count() > 0 && self.pass == 0 {
            let nowhere = |row: &usize| abouts.is_null(*row);
            let mut without_about = lock(&self.without_about);
            for (promise, found) in &finds {
                let opens = found.iter().filter(|found| found.role == Role::Opens);
                let rows = opens.flat_map(|found| found.rows(batch.num_rows()));
                without_about[*promise] += rows.filter(nowhere).count() as u64;
            }
        }
        if self.pass == 0 {
            self.of.apart.put(kind, batch, |row| {
                let key = keys[row].filter(|_| is_heard(&finds, row))?;
                Some(spread(key, self.of.passes).0)
            });
        }
        let number = self.met.fetch_add(1, Ordering::Relaxed);
        let expected = batch.num_rows() / self.of.apart.share(kind, self.pass);
        let mut rows = Vec::with_capacity(expected);
        let room = expected / BUCKETS * 5 / 4;
        let mut buckets: Pieces = (0..BUCKETS).map(|_| Vec::with_capacity(room)).collect();
        for (row, key) in keys.iter().enumerate() {
            let Some(key) = key.filter(|_| is_heard(&finds, row)) else {
                continue;
            };
            let (pass, bucket) = spread(key, self.of.passes);
            if pass != self.pass {
                continue;
            }
            buckets[bucket].push(Gathered {
                key: ((key >> 64) as u64, key as u64),
                at: columns.at[row],
                id: columns.id(row),
                source: sources[row],
                batch: number,
                row: rows.len() as u32,
            });
            rows.push(row);
        }
        if rows.is_empty() {
            return Ok(());
        }
        for (bucket, events) in self.buckets.iter().zip(buckets) {
            if !events.is_empty() {
                lock(bucket).push(events);
            }
        }
        // What is found of other rows would be held for nothing.
        let finds = match rows.len() == batch.num_rows() {
            true => finds,
            false => of(finds, &rows),
        };
        lock(&self.found).push((number, finds));
        Ok(())
    }

    /// Takes out what reaches many.
    fn without_reaching(
        &self,
        promise: usize,
        found: Vec<Found>,
        columns: &Columns<'_>,
        sources: &[u32],
    ) -> Vec<Found> {
        let (reaches, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.reaches);
        // The first pass meets them all.
        for found in reaches.into_iter().filter(|_| self.pass == 0) {
            let mut reaching = lock(&self.reaching);
            for row in found.rows(sources.len()) {
                let fact = found.fact(columns, row, sources[row]);
                if let Some(place) = fact.place() {
                    reaching[promise].entry(place).or_default().push(fact);
                }
            }
        }
        found
    }
}

/// What is found in some rows.
fn of(finds: Finds, rows: &[usize]) -> Finds {
    let finds = finds.into_iter().map(|(promise, found)| {
        let found = found.iter().map(|found| found.of(rows));
        (promise, found.collect())
    });
    finds.collect()
}

/// Whether an event comes to any promise in any role.
fn is_heard(finds: &Finds, row: usize) -> bool {
    let mut found = finds.iter().flat_map(|(_, found)| found);
    found.any(|found| found.holds(row))
}
