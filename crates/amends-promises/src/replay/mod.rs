//! The instances of one promise at one moment, folded from all events: columns, from which single instances are made when asked for.

mod apart;
mod aside;
mod bucket;
pub(crate) mod columns;
mod count;
mod gather;
mod judge;
mod lock;
pub(crate) mod rows;
mod sources;

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::mpsc::sync_channel;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::{Result, State, time};
use amends_project::definition::{Promise, Spell};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::compile::Compiled;
use crate::events::Events;
use crate::instance::Instance;

use judge::Moments;

pub(crate) use bucket::{Bucket, Thing};
pub use count::{Counting, count};

/// The instances of one promise at `as_of`.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The promise.
    pub promise: String,
    /// Its version.
    pub version: String,
    /// When what it judges opened.
    pub spell: Spell,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// The names of its attributes, in the order of the values in an instance.
    pub attributes: Vec<String>,
    /// As of when.
    pub as_of: Timestamp,
    /// What opened nothing.
    pub left_out: LeftOut,
    pub(crate) columns: SchemaRef,
    pub(crate) batches: Vec<RecordBatch>,
}

/// Events that would have opened a promise and did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// They name no deadline that can be read, so nothing was promised.
    pub without_deadline: u64,
    /// They are about nothing.
    pub without_about: u64,
    /// They are about something whose only instance an earlier one had opened.
    pub again: u64,
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.without_deadline += other.without_deadline;
        self.without_about += other.without_about;
        self.again += other.again;
    }
}

/// Replays one promise over a snapshot.
///
/// `reported` tells how far the sources that could keep or excuse it have reported, their lag taken off: the earliest of them.
///
/// # Errors
/// `AM0701` when an expression cannot be planned; `AM0203` when it fails for an event; `AM0406` when a segment cannot be read.
pub fn replay(
    promise: &Promise,
    planner: &Planner,
    snapshot: &Snapshot,
    as_of: Timestamp,
    reported: Timestamp,
) -> Result<Replay> {
    Compiled::new(promise, planner, snapshot.kinds())?.replay(snapshot, as_of, reported)
}

impl Compiled {
    /// Folds all events into the instances at a moment. Things are taken in as many passes as memory wants, each thing in one of them.
    ///
    /// # Errors
    /// `AM0203` when an expression fails for an event; `AM0406` when events cannot be read.
    pub fn replay(
        &self,
        events: &dyn Events,
        as_of: Timestamp,
        reported: Timestamp,
    ) -> Result<Replay> {
        let mut batches = Vec::new();
        let left_out = self.fold_all(events, as_of, reported, Ok, |bucket| {
            batches.extend(bucket.instances);
            Ok(())
        })?;
        Ok(Replay {
            promise: self.promise.name.clone(),
            version: self.promise.version.clone(),
            spell: self.promise.spell,
            touchpoint: self.promise.touchpoint.clone(),
            attributes: self.promise.attributes.clone(),
            as_of,
            left_out,
            columns: columns::schema(&self.promise.attributes),
            batches,
        })
    }

    /// Folds all events bucket by bucket, in order of the keys. What opened nothing is counted. Each bucket is made into something on several
    /// threads, and taken on this one while the next are folded.
    ///
    /// # Errors
    /// As [`Compiled::replay`]; whatever `made` and `take` say.
    pub(crate) fn fold_all<T: Send>(
        &self,
        events: &dyn Events,
        as_of: Timestamp,
        reported: Timestamp,
        made: impl Fn(Bucket) -> Result<T> + Sync,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<LeftOut> {
        let facts: u64 = self.readings.keys().map(|kind| events.rows(kind)).sum();
        let passes = facts.div_ceil(self.facts_at_a_time).max(1);
        let columns = columns::schema(&self.promise.attributes);
        let mut left_out = LeftOut::default();
        let mut gathering = gather::Passes::new(self, events, as_of, passes);
        for pass in 0..passes {
            let mut gathered = gathering.gather(pass)?;
            let buckets = std::mem::take(&mut gathered.buckets);
            left_out.without_about += gathered.without_about;
            let moments = Moments {
                as_of: time::micros(as_of),
                reported: time::micros(reported),
            };
            let one = |pieces| {
                let bucket = bucket::fold(self, &columns, &pieces, &gathered, moments)?;
                drop(pieces);
                Ok((bucket.left_out(), made(bucket)?))
            };
            in_turn(buckets, one, |(opened_nothing, bucket)| {
                left_out += opened_nothing;
                take(bucket)
            })?;
        }
        Ok(left_out)
    }
}

/// Makes something of each piece on several threads, and takes it on this one, in their order, while the next are made.
fn in_turn<P: Send, T: Send>(
    pieces: Vec<P>,
    made: impl Fn(P) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let at_a_time = 2 * rayon::current_num_threads();
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(at_a_time);
        scope.spawn(|| {
            let sender = sender;
            let mut pieces = pieces.into_iter();
            loop {
                let next: Vec<P> = pieces.by_ref().take(at_a_time).collect();
                if next.is_empty() {
                    return;
                }
                for result in next.into_par_iter().map(&made).collect::<Vec<_>>() {
                    // Nobody listens after a failure.
                    if sender.send(result).is_err() {
                        return;
                    }
                }
            }
        });
        receiver.into_iter().try_for_each(|result| take(result?))
    })
}

impl Replay {
    /// How many instances there are: the exposure of the promise (rule 8).
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether the promise was never made.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many instances stand in each state; every state is there.
    pub fn counts(&self) -> BTreeMap<State, u64> {
        let mut counts: BTreeMap<State, u64> =
            State::ALL.into_iter().map(|state| (state, 0)).collect();
        for batch in &self.batches {
            for state in rows::states(batch) {
                *counts.entry(state).or_default() += 1;
            }
        }
        counts
    }

    /// All instances, always in the same order: that of a hash of what they are about.
    pub fn instances(&self) -> impl Iterator<Item = Instance> + '_ {
        self.in_states(|_| true)
    }

    /// The instances that are let-downs, in the same order.
    pub fn let_downs(&self) -> impl Iterator<Item = Instance> + '_ {
        self.in_states(State::is_let_down)
    }

    /// The instances in some states, in the same order.
    pub fn in_states(
        &self,
        wanted: impl Fn(State) -> bool + Copy + 'static,
    ) -> impl Iterator<Item = Instance> + '_ {
        self.batches.iter().flat_map(move |batch| {
            let states = rows::states(batch).enumerate();
            let chosen = states.filter(move |(_, state)| wanted(*state));
            chosen.map(|(row, _)| rows::instance(batch, row))
        })
    }

    /// The instance about something.
    pub fn find(&self, about: &str) -> Option<Instance> {
        self.batches.iter().find_map(|batch| {
            let row = rows::abouts(batch)
                .iter()
                .position(|of| of == Some(about))?;
            Some(rows::instance(batch, row))
        })
    }

    /// One hash of all instances, whatever their order: equal to `hash_of_all` of them.
    pub fn hash(&self) -> u128 {
        let hashes = self.batches.par_iter().flat_map_iter(rows::hashes);
        hashes.reduce(|| 0, u128::wrapping_add)
    }

    /// The columns of `to_batch`:
    /// `promise`, `version`, `touchpoint`: text; `about`: text; `identifier`: 16 bytes; `state`: text;
    /// `opened_at`, `due_at`, `paused_since`, `closed_at`, `could_have_known`: moments; `late_by_us`: microseconds; `serious`: 0 to 3;
    /// `proof`: list of event ids; then a list of texts for each attribute, under its name, or `attribute_` and its name
    /// where it would hide one of these.
    pub fn schema(&self) -> SchemaRef {
        columns::whole_schema(&self.attributes)
    }

    /// All instances as columns.
    ///
    /// # Errors
    /// `AM0705` when there are more than fit into one batch.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        columns::whole(self)
    }
}
