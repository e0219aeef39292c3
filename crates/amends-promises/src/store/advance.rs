//! Brings what is kept forward: folds anew what new events speak of and what was not closed, and nothing else.
//!
//! What is closed stays as it is while nothing new is heard of it; what is not may stand otherwise as time passes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use amends_model::{Result, State};
use arrow::array::{BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, filter_record_batch, not, take_record_batch};
use arrow::datatypes::SchemaRef;

use super::Work;
use super::events::{News, only};
use super::manifest::Manifest;
use crate::events::InMemory;
use crate::kept::run::{self, AGAIN, KEY, Run, WITHOUT_DEADLINE, damaged, keys, left_out, states};
use crate::kept::{Standing, Tally};
use crate::replay::{Bucket, LeftOut, Thing};

/// What was folded, sorted by key.
pub(super) struct Folded {
    /// Closed instances, and what is known of which none stands.
    pub(super) closed: RecordBatch,
    /// Instances that are not closed.
    pub(super) held: RecordBatch,
}

/// What became of what is kept.
pub(super) struct Advanced {
    pub(super) folded: Folded,
    /// The events about what is not closed, by kind.
    pub(super) events: BTreeMap<String, Vec<RecordBatch>>,
    pub(super) tally: Tally,
}

impl Work {
    /// What is kept, brought forward to the moment asked for.
    ///
    /// # Errors
    /// `AM0709` where that is impossible, or more work than a replay; else as a replay.
    pub(super) fn advance(&self, found: &Manifest) -> Result<Standing> {
        let (as_of, reported) = self.moments();
        let later = (found.as_of, found.reported) != (as_of, reported);
        let on = found.point.position() != self.snapshot.position();
        if !later && !on {
            return self.open(found);
        }
        let news = self
            .news(found)?
            .ok_or_else(|| damaged("too much is new"))?;
        if !later && news.events.is_empty() && news.withdrawn.is_empty() {
            let standing = self.open(found)?;
            self.publish_point(found);
            return Ok(standing);
        }
        let advanced = self.advanced(found, news)?;
        let mut runs = self.open_runs(found)?;
        if self.settled
            && let Ok(Some(manifest)) = self.publish(found, &runs, &advanced)
            && let Ok(standing) = self.open(&manifest)
        {
            return Ok(standing);
        }
        // It cannot be kept, so it is answered from here.
        let Advanced { folded, tally, .. } = advanced;
        runs.push(Run::Memory(vec![folded.closed]));
        Ok(Standing {
            closed: runs,
            held: Run::Memory(vec![folded.held]),
            tally,
        })
    }

    fn advanced(&self, found: &Manifest, news: News) -> Result<Advanced> {
        let runs = self.open_runs(found)?;
        let held = Run::open(&self.folder, &found.held)?;
        let mut tally = found.tally.clone();
        let mut again: HashSet<u128> = HashSet::new();
        for batch in held.batches(Some(&COUNTED))? {
            let batch = batch?;
            again.extend(keys(&batch));
            for (state, left_out) in counted(&batch) {
                tally.subtract(state, left_out)?;
            }
        }
        let others = news.touched.keys().filter(|key| !again.contains(key));
        let known = known(&runs, others.copied().collect())?;
        for (state, left_out) in known.values() {
            tally.subtract(*state, *left_out)?;
        }
        let abouts = known.keys().filter_map(|key| news.touched.get(key));
        let recalled = self.about(abouts.cloned().collect())?;
        again.extend(known.keys());

        let mut events = InMemory::default();
        let all = self.held(found, &news.withdrawn)?.into_iter();
        for (kind, batch) in all.chain(news.events).chain(recalled) {
            events.add(&kind, batch);
        }
        let mut parts = Vec::new();
        let schema = self.schema();
        let left_out = self.compiled.fold_all(
            &events,
            self.as_of,
            self.reported,
            |bucket| Folded::of(&bucket, &schema),
            |folded| {
                parts.push(folded);
                Ok(())
            },
        )?;
        if left_out.without_about > 0 {
            return Err(damaged("events about nothing are new"));
        }
        let folded = Folded::joined(&parts, again, &self.schema())?;
        for batch in [&folded.closed, &folded.held] {
            tally.add(batch);
        }
        let held: HashSet<u128> = keys(&folded.held).into_iter().collect();
        let events = self.compiled.readings.keys().map(|kind| {
            let theirs = only(&self.compiled, &events, kind, &held)?;
            Ok((kind.clone(), theirs))
        });
        Ok(Advanced {
            folded,
            events: events.collect::<Result<_>>()?,
            tally,
        })
    }

    /// The columns of a run.
    pub(super) fn schema(&self) -> SchemaRef {
        let attributes = &self.compiled.promise.attributes;
        run::schema(&crate::replay::columns::schema(attributes))
    }
}

impl Folded {
    /// The things of a bucket, those that are closed apart from those that are not.
    pub(super) fn of(bucket: &Bucket, schema: &SchemaRef) -> Result<Self> {
        let loose = run::loose(schema, &bucket.loose)?;
        let Some(instances) = &bucket.instances else {
            return Ok(Self {
                closed: loose,
                held: RecordBatch::new_empty(Arc::clone(schema)),
            });
        };
        let instances = run::keyed(&bucket.things, instances)?;
        let is_closed = states(&instances).into_iter();
        let is_closed = is_closed.map(|state| state.is_some_and(State::is_closed));
        let is_closed = BooleanArray::from(is_closed.collect::<Vec<bool>>());
        let is_held = not(&is_closed).map_err(damaged)?;
        let only = |which| filter_record_batch(&instances, which).map_err(damaged);
        let closed = [only(&is_closed)?, loose];
        let closed = concat_batches(schema, &closed).map_err(damaged)?;
        Ok(Self {
            closed: sorted(&closed)?,
            held: only(&is_held)?,
        })
    }

    /// All buckets; of those of the keys that are in none it is known that no instance stands any more.
    fn joined(parts: &[Self], mut again: HashSet<u128>, schema: &SchemaRef) -> Result<Self> {
        for key in parts.iter().flat_map(|part| [&part.closed, &part.held]) {
            keys(key).iter().for_each(|key| _ = again.remove(key));
        }
        let again = again.into_iter().map(|key| Thing {
            key,
            left_out: LeftOut::default(),
        });
        let gone = run::loose(schema, &again.collect::<Vec<_>>())?;
        let join = |batches: Vec<&RecordBatch>| concat_batches(schema, batches).map_err(damaged);
        let closed = parts.iter().map(|part| &part.closed);
        let held = parts.iter().map(|part| &part.held);
        Ok(Self {
            closed: sorted(&join(closed.chain([&gone]).collect())?)?,
            held: join(held.collect())?,
        })
    }
}

/// Rows in order of their keys.
fn sorted(batch: &RecordBatch) -> Result<RecordBatch> {
    let keys = keys(batch);
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by_key(|row| keys[*row as usize]);
    take_record_batch(batch, &UInt32Array::from(order)).map_err(damaged)
}

/// The columns of what is counted.
const COUNTED: [&str; 4] = [KEY, WITHOUT_DEADLINE, AGAIN, "state"];

/// How something stands, and what opened nothing about it.
type Counted = (Option<State>, LeftOut);

fn counted(batch: &RecordBatch) -> impl Iterator<Item = Counted> {
    states(batch).into_iter().zip(left_out(batch))
}

/// Those of some keys that runs know, each as the newest has it.
fn known(runs: &[Run], mut wanted: HashSet<u128>) -> Result<HashMap<u128, Counted>> {
    let mut known = HashMap::new();
    for run in runs.iter().rev() {
        for batch in run.find(&wanted, Some(&COUNTED))? {
            for (key, counted) in keys(&batch).into_iter().zip(counted(&batch)) {
                wanted.remove(&key);
                known.insert(key, counted);
            }
        }
    }
    Ok(known)
}
