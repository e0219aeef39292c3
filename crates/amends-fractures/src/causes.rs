//! What may be behind a fracture: where inside of it is worse than the rest of it, and what changed when it began.
//!
//! Both describe and prove nothing: they say where to look first.

use std::collections::HashMap;

use amends_stats::difference::difference;
use amends_stats::subgroups::significance::excess;

use crate::exposed::Exposed;
use crate::whereabouts::{Part, Where};

/// So many are told.
const MOST: usize = 3;

/// A value covers at least so many instances of the fracture.
const LEAST: u64 = 10;

/// What changed by less than this share of the instances is not told.
const LEAST_SHIFT: f64 = 0.1;

/// A value of another attribute with which a fracture is worse than without it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trait {
    /// Which.
    pub part: Part,
    /// Instances with it, inside of the fracture.
    pub instances: u64,
    /// How many of them let their customer down.
    pub let_downs: u64,
    /// The share of let-downs among the others inside of the fracture.
    pub rate_without: f64,
}

/// A value that has become much more, or less, frequent since the fracture began.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub part: Part,
    /// Its share of the instances there before.
    pub before: f64,
    /// And since.
    pub since: f64,
}

/// Whether an attribute says nothing new about a place: it is a part of it, or says when.
fn is_told(exposed: &Exposed, attribute: usize, place: &Where) -> bool {
    let of = &exposed.attributes[attribute];
    of.is_when || place.parts.iter().any(|part| part.attribute == of.name)
}

/// Where inside of a place it is worse than in the rest of it, more than chance explains among all values that were looked at.
pub(crate) fn traits(exposed: &Exposed, place: &Where, rows: &[u32]) -> Vec<Trait> {
    let let_down = |row: &u32| exposed.rows[*row as usize].is_let_down;
    let (all, hits) = (
        rows.len() as u64,
        rows.iter().filter(|row| let_down(row)).count() as u64,
    );
    let mut tested = 0;
    let mut found: Vec<(f64, Trait)> = Vec::new();
    for (number, of) in exposed.attributes.iter().enumerate() {
        if is_told(exposed, number, place) {
            continue;
        }
        for (value, (count, let_downs)) in counts(exposed, number, rows) {
            if count < LEAST || count == all {
                continue;
            }
            tested += 1;
            let without = (hits - let_downs) as f64 / (all - count) as f64;
            let chance = excess(all, hits, count, let_downs).unwrap_or(1.0);
            let one = Trait {
                part: part(of, value),
                instances: count,
                let_downs,
                rate_without: without,
            };
            found.push((chance, one));
        }
    }
    // Each counts as often as something was looked at: what is told here is told as a fact.
    found.retain(|(chance, _)| chance * f64::from(tested) <= crate::discover::LEVEL);
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.part.cmp(&b.1.part)));
    found.into_iter().map(|(_, one)| one).take(MOST).collect()
}

/// What became much more or less frequent in a place since it breaks. Nothing where there was nothing before, or it has always been so.
pub(crate) fn changes(exposed: &Exposed, place: &Where, rows: &[u32]) -> Vec<Change> {
    let Some(before) = place.before() else {
        return Vec::new();
    };
    let before = exposed.within(&before);
    let (all_before, all_since) = (before.len() as u64, rows.len() as u64);
    let mut found = Vec::new();
    for (number, of) in exposed.attributes.iter().enumerate() {
        if is_told(exposed, number, place) {
            continue;
        }
        let earlier = counts(exposed, number, &before);
        let later = counts(exposed, number, rows);
        let mut values: Vec<u32> = earlier.keys().chain(later.keys()).copied().collect();
        values.sort_unstable();
        values.dedup();
        for value in values {
            let count = |of: &HashMap<u32, (u64, u64)>| of.get(&value).map_or(0, |counts| counts.0);
            let (earlier, later) = (count(&earlier), count(&later));
            let shift = difference((later, all_since), (earlier, all_before), 0.99);
            let Some(shift) = shift.filter(|one| one.sign() != 0 && one.value.abs() >= LEAST_SHIFT)
            else {
                continue;
            };
            let one = Change {
                part: part(of, value),
                before: earlier as f64 / all_before as f64,
                since: later as f64 / all_since as f64,
            };
            found.push((shift.value.abs(), one));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.part.cmp(&b.1.part)));
    found.into_iter().map(|(_, one)| one).take(MOST).collect()
}

fn part(of: &crate::exposed::Described, value: u32) -> Part {
    Part {
        attribute: of.name.clone(),
        value: of.values[value as usize].clone(),
    }
}

/// How many rows have each value of an attribute, and how many of them are let-downs.
fn counts(exposed: &Exposed, attribute: usize, rows: &[u32]) -> HashMap<u32, (u64, u64)> {
    let mut counts: HashMap<u32, (u64, u64)> = HashMap::new();
    let of = &exposed.attributes[attribute].codes;
    for row in rows {
        let hit = u64::from(exposed.rows[*row as usize].is_let_down);
        for value in of.of_row(*row) {
            let count = counts.entry(*value).or_default();
            count.0 += 1;
            count.1 += hit;
        }
    }
    counts
}

/// How often a place broke before it began to break: instances and let-downs. `None` where it has no beginning.
pub(crate) fn before(exposed: &Exposed, place: &Where) -> Option<(u64, u64)> {
    let rows = exposed.within(&place.before()?);
    let hits = rows
        .iter()
        .filter(|row| exposed.rows[**row as usize].is_let_down);
    Some((rows.len() as u64, hits.count() as u64))
}
