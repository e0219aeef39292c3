//! Events out of the ledger: what is new since a manifest, and the events about some things.

use std::collections::{BTreeMap, HashSet};

use amends_ledger::Filter;
use amends_model::{EventId, Result, time};
use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use jiff::Timestamp;

use super::Work;
use super::manifest::Manifest;
use crate::compile::Compiled;
use crate::events::{Columns, InMemory};
use crate::kept::run::{Batches, Run, damaged, key};

/// Fewer new events than this are always taken up; more only while they are fewer than those of before.
const FEW: u64 = 100_000;

/// What is new since a manifest.
#[derive(Default)]
pub(super) struct News {
    /// New events, those of before that had not happened yet among them, and perhaps others of before.
    pub(super) events: Vec<(String, RecordBatch)>,
    /// Events that are not current any more.
    pub(super) withdrawn: HashSet<EventId>,
    /// What these are about, by key.
    pub(super) touched: BTreeMap<u128, String>,
}

impl Work {
    /// What is new since a manifest; `None` where a replay is less work.
    pub(super) fn news(&self, since: &Manifest) -> Result<Option<News>> {
        // The ledger finds events by what they are about, not by whom they happened to or reach; and what is not kept cannot begin by itself.
        if !self.compiled.follows_events() {
            return Ok(None);
        }
        let mut news = News::default();
        let (mut all, mut new) = (0, 0);
        for kind in self.compiled.readings.keys() {
            all += crate::Events::rows(&self.snapshot, kind);
        }
        let mut filters = vec![Filter {
            until: just_after(self.as_of),
            entered_after: Some(since.point.clone()),
            ..Filter::default()
        }];
        if since.as_of < self.moments().0 {
            filters.push(Filter {
                from: time::from_micros(since.as_of + 1).ok(),
                until: just_after(self.as_of),
                ..Filter::default()
            });
        }
        for kind in self.compiled.readings.keys() {
            for filter in &filters {
                for batch in self.scan(kind, filter)? {
                    let batch = batch?;
                    new += batch.num_rows() as u64;
                    if new > FEW.max(all / 2) {
                        return Ok(None);
                    }
                    for about in self.compiled.abouts(&batch)?.iter().flatten() {
                        news.touch(about);
                    }
                    news.events.push((kind.clone(), batch));
                }
            }
            for gone in self.snapshot.withdrawn_since(kind, &since.point)? {
                news.withdrawn.insert(gone.id);
                match &gone.about {
                    Some(about) => news.touch(about),
                    // Whether it was counted as an opening about nothing cannot be told any more.
                    None if since.tally.left_out.without_about > 0 => return Ok(None),
                    None => {}
                }
            }
        }
        Ok(Some(news))
    }

    /// All events about some things until the moment asked for.
    pub(super) fn about(&self, abouts: Vec<String>) -> Result<Vec<(String, RecordBatch)>> {
        let mut events = Vec::new();
        if abouts.is_empty() {
            return Ok(events);
        }
        let filter = Filter {
            until: just_after(self.as_of),
            abouts: Some(abouts),
            ..Filter::default()
        };
        for kind in self.compiled.readings.keys() {
            for batch in self.scan(kind, &filter)? {
                events.push((kind.clone(), batch?));
            }
        }
        Ok(events)
    }

    /// The kept events about what is not closed, without those that are not current any more.
    pub(super) fn held(
        &self,
        manifest: &Manifest,
        withdrawn: &HashSet<EventId>,
    ) -> Result<Vec<(String, RecordBatch)>> {
        let mut events = Vec::new();
        for (kind, file) in &manifest.events {
            let run = Run::open(&self.folder, file)?;
            for batch in run.batches(None)? {
                let batch = batch?;
                let ids = Columns::of(&batch)?;
                let rows = 0..batch.num_rows();
                let current: BooleanArray = rows
                    .map(|row| Some(!withdrawn.contains(&ids.id(row))))
                    .collect();
                let current = filter_record_batch(&batch, &current).map_err(damaged)?;
                events.push((kind.clone(), current));
            }
        }
        Ok(events)
    }

    fn scan(&self, kind: &str, filter: &Filter) -> Result<Batches> {
        let reading = self.compiled.readings.get(kind);
        let columns = reading.into_iter().flat_map(|reading| &reading.columns);
        let columns: Vec<&str> = columns.map(String::as_str).collect();
        self.snapshot.scan(kind, &columns, filter)
    }
}

impl News {
    fn touch(&mut self, about: &str) {
        let touched = self.touched.entry(key(about));
        touched.or_insert_with(|| about.to_owned());
    }
}

/// The events about some things, each once.
pub(super) fn only(
    compiled: &Compiled,
    events: &InMemory,
    kind: &str,
    keys: &HashSet<u128>,
) -> Result<Vec<RecordBatch>> {
    let mut met = HashSet::new();
    let mut only = Vec::new();
    for batch in events.batches(kind) {
        let (columns, abouts) = (Columns::of(batch)?, compiled.abouts(batch)?);
        let wanted: BooleanArray = (0..batch.num_rows())
            .map(|row| {
                let about = abouts.is_valid(row).then(|| abouts.value(row));
                let held = about.is_some_and(|about| keys.contains(&key(about)));
                Some(held && met.insert(columns.id(row)))
            })
            .collect();
        if wanted.true_count() > 0 {
            only.push(filter_record_batch(batch, &wanted).map_err(damaged)?);
        }
    }
    Ok(only)
}

fn just_after(moment: Timestamp) -> Option<Timestamp> {
    time::from_micros(time::micros(moment).saturating_add(1)).ok()
}
