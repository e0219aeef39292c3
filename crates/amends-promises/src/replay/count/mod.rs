//! How many instances of several promises stand in each state: all events are read, and sorted by what they are about, once for all of them.
//!
//! No instance is put together. What is counted is what a replay of each promise would count.

mod fold;
mod gather;

use std::collections::{BTreeMap, BTreeSet};

use amends_model::{Result, time};
use amends_project::definition::About;
use jiff::Timestamp;
use rayon::prelude::*;

use super::judge::Moments;
use crate::compile::Compiled;
use crate::events::Events;
use crate::kept::Tally;
use crate::reading::Reading;

/// A promise that is to be counted.
#[derive(Clone, Copy)]
pub struct Counting<'a> {
    /// The promise.
    pub compiled: &'a Compiled,
    /// How far the sources that could keep or excuse it have reported, their lag taken off.
    pub reported: Timestamp,
}

/// Counts promises at a moment. The tallies stand in the order of the promises.
///
/// # Errors
/// `AM0203` when a condition fails for an event; `AM0406` when events cannot be read.
pub fn count(
    promises: &[Counting<'_>],
    events: &dyn Events,
    as_of: Timestamp,
) -> Result<Vec<Tally>> {
    let mut tallies = vec![Tally::default(); promises.len()];
    for places in groups(promises) {
        let group: Vec<Counting<'_>> = places.iter().map(|place| promises[*place]).collect();
        for (place, tally) in places.into_iter().zip(counted(&group, events, as_of)?) {
            tallies[place] = tally;
        }
    }
    Ok(tallies)
}

/// The places of promises that are counted together: those that match events by the same and, through others perhaps, hear of the same kinds.
fn groups(promises: &[Counting<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<(bool, &str)>, Vec<usize>)> = Vec::new();
    for (place, counting) in promises.iter().enumerate() {
        let by_customer = counting.compiled.promise.about == About::Customer;
        let kinds = counting.compiled.readings.keys();
        let kinds: BTreeSet<_> = kinds.map(|kind| (by_customer, kind.as_str())).collect();
        let mut joined = (kinds, vec![place]);
        groups.retain_mut(|(kinds, places)| {
            let apart = kinds.is_disjoint(&joined.0);
            if !apart {
                joined.0.append(kinds);
                joined.1.append(places);
            }
            apart
        });
        groups.push(joined);
    }
    groups.into_iter().map(|(_, places)| places).collect()
}

/// So many times as many facts are held at a time as where instances are put together: of each fewer bytes are held.
const TIMES_AS_MANY: u64 = 2;

/// What several promises read of one kind.
struct Heard<'a> {
    /// Which promises, and what of it.
    readings: Vec<(usize, &'a Reading)>,
    columns: Vec<&'a str>,
}

/// Counts promises that match events by the same.
fn counted(promises: &[Counting<'_>], events: &dyn Events, as_of: Timestamp) -> Result<Vec<Tally>> {
    let mut tallies = vec![Tally::default(); promises.len()];
    let Some(first) = promises.first().map(|counting| counting.compiled) else {
        return Ok(tallies);
    };
    let mut kinds: BTreeMap<&str, Heard<'_>> = BTreeMap::new();
    for (place, counting) in promises.iter().enumerate() {
        for (kind, reading) in &counting.compiled.readings {
            let heard = kinds.entry(kind).or_insert_with(|| Heard {
                readings: Vec::new(),
                columns: first.matched_by().to_vec(),
            });
            heard.columns.extend(reading.judged_by());
            heard.readings.push((place, reading));
        }
    }
    for heard in kinds.values_mut() {
        heard.columns.sort_unstable();
        heard.columns.dedup();
    }
    let moments: Vec<Moments> = promises
        .iter()
        .map(|counting| Moments {
            as_of: time::micros(as_of),
            reported: time::micros(counting.reported),
        })
        .collect();
    let at_a_time = promises.iter().map(|one| one.compiled.facts_at_a_time);
    let at_a_time = TIMES_AS_MANY * at_a_time.min().unwrap_or(1);
    let all: u64 = kinds.keys().map(|kind| events.rows(kind)).sum();
    let passes = all.div_ceil(at_a_time).max(1);
    let mut gathering = gather::Passes::new(first, &kinds, promises.len(), (events, as_of), passes);
    for pass in 0..passes {
        let mut gathered = gathering.gather(pass)?;
        let buckets = std::mem::take(&mut gathered.buckets);
        let counted = buckets
            .into_par_iter()
            .map(|pieces| fold::fold(promises, &moments, &pieces, &gathered));
        let none = || vec![Tally::default(); promises.len()];
        let counted = counted.reduce(none, joined);
        tallies = joined(tallies, counted);
        for (tally, without_about) in tallies.iter_mut().zip(gathered.without_about) {
            tally.left_out.without_about += without_about;
        }
    }
    Ok(tallies)
}

/// The tallies of the same promises over different things.
fn joined(mut all: Vec<Tally>, others: Vec<Tally>) -> Vec<Tally> {
    for (tally, other) in all.iter_mut().zip(&others) {
        tally.join(other);
    }
    all
}
