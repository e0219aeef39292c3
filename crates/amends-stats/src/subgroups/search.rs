//! The search: single values first, then whatever narrows one of the best.

use std::cmp::Ordering;
use std::collections::HashMap;

use rayon::prelude::*;

use super::significance::excess;
use super::stretch::stretch;
use super::table::{Attribute, Selector, Table};

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Of how many values a subgroup is made at most.
    pub depth: usize,
    /// So many of the best are narrowed at each depth.
    pub beam: usize,
    /// A subgroup of fewer rows is not looked at.
    pub least: u64,
    /// How much the size counts: `a` in `(n/N)^a (p - p0)`.
    pub exponent: f64,
    /// So many are told.
    pub keep: usize,
}

/// Depth 2, a beam of 50, and size as in weighted relative accuracy.
impl Default for Search {
    fn default() -> Self {
        Self {
            depth: 2,
            beam: 50,
            least: 1,
            exponent: 1.0,
            keep: 10,
        }
    }
}

/// A subgroup that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Subgroup {
    /// What its rows have in common, in order of the attributes.
    pub selectors: Vec<Selector>,
    /// How many rows have it.
    pub rows: u64,
    /// How many of those are hits.
    pub hits: u64,
    /// `(n/N)^a (p - p0)`.
    pub quality: f64,
    /// The chance of so many hits if the subgroup were like all others.
    pub chance: f64,
}

/// What a search has come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The best, best first; of equal quality the shorter, then the one whose attributes come first.
    pub best: Vec<Subgroup>,
    /// How many subgroups were looked at.
    pub tested: u64,
}

impl Search {
    /// Searches a table.
    pub fn run(&self, table: &Table) -> Found {
        let seen = Seen {
            table,
            search: self,
            all: table.rows(),
            hits: table.hits(),
        };
        let room = self.beam.max(self.keep);
        let mut best = Best::new(room);
        let mut tested = seen.singles(&mut best);
        for depth in 1..self.depth {
            let beam: Vec<Candidate> = best.of_depth(depth, self.beam);
            let ranks: HashMap<&[Selector], usize> = beam
                .iter()
                .enumerate()
                .map(|(rank, candidate)| (candidate.selectors.as_slice(), rank))
                .collect();
            let narrowed: Vec<(Best, u64)> = (0..beam.len())
                .into_par_iter()
                .map(|rank| seen.narrowed(&beam[rank].selectors, rank, &ranks, room))
                .collect();
            for (found, looked_at) in narrowed {
                best.join(found);
                tested += looked_at;
            }
        }
        let mut told: Vec<Subgroup> = best.0.into_iter().map(|one| seen.told(one)).collect();
        told.truncate(self.keep);
        Found { best: told, tested }
    }
}

/// A subgroup on its way.
#[derive(Clone, Debug)]
struct Candidate {
    selectors: Vec<Selector>,
    rows: u64,
    hits: u64,
    quality: f64,
}

impl Candidate {
    fn order(&self, other: &Self) -> Ordering {
        let quality = other.quality.total_cmp(&self.quality);
        let length = self.selectors.len().cmp(&other.selectors.len());
        quality
            .then(length)
            .then_with(|| self.selectors.cmp(&other.selectors))
    }
}

/// The best so far, best first, and how many there is room for.
struct Best(Vec<Candidate>, usize);

impl Best {
    fn new(room: usize) -> Self {
        Self(Vec::with_capacity(room + 1), room)
    }

    /// Whether something of this quality would be among them.
    fn takes(&self, quality: f64) -> bool {
        self.0.len() < self.1 || self.0.last().is_some_and(|last| quality >= last.quality)
    }

    fn add(&mut self, candidate: Candidate) {
        let place = self
            .0
            .partition_point(|known| known.order(&candidate) == Ordering::Less);
        if place < self.1 {
            self.0.insert(place, candidate);
            self.0.truncate(self.1);
        }
    }

    fn join(&mut self, other: Self) {
        other
            .0
            .into_iter()
            .for_each(|candidate| self.add(candidate));
    }

    fn of_depth(&self, depth: usize, beam: usize) -> Vec<Candidate> {
        let best = self.0.iter().take(beam);
        best.filter(|candidate| candidate.selectors.len() == depth)
            .cloned()
            .collect()
    }
}

/// A table that is searched.
struct Seen<'a> {
    table: &'a Table,
    search: &'a Search,
    all: u64,
    hits: u64,
}

impl Seen<'_> {
    fn quality(&self, rows: u64, hits: u64) -> f64 {
        let (all, rows) = (self.all as f64, rows as f64);
        (rows / all).powf(self.search.exponent) * (hits as f64 / rows - self.hits as f64 / all)
    }

    /// Looks at every single value; how many there were.
    fn singles(&self, best: &mut Best) -> u64 {
        let attributes: Vec<(Best, u64)> = (0..self.table.attributes.len())
            .into_par_iter()
            .map(|attribute| {
                let counts =
                    Counts::over(&self.table.attributes[attribute], &self.table.hits, None);
                let mut found = Best::new(best.1);
                let tested = self.take(&counts, attribute, &[], &mut found, |_| true);
                (found, tested)
            })
            .collect();
        let mut all = 0;
        for (found, tested) in attributes {
            best.join(found);
            all += tested;
        }
        all
    }

    /// Looks at all that narrows one of the beam. What another of the beam with a better rank gives too is left to that one.
    fn narrowed(
        &self,
        selectors: &[Selector],
        rank: usize,
        ranks: &HashMap<&[Selector], usize>,
        room: usize,
    ) -> (Best, u64) {
        let rows = self.table.covered(selectors);
        let mut best = Best::new(room);
        let mut tested = 0;
        for attribute in 0..self.table.attributes.len() {
            if selectors.iter().any(|one| one.attribute == attribute) {
                continue;
            }
            let of = &self.table.attributes[attribute];
            let counts = Counts::over(of, &self.table.hits, Some(&rows));
            tested += self.take(&counts, attribute, selectors, &mut best, |selector| {
                let with = with(selectors, selector);
                !(0..with.len()).any(|place| {
                    let mut without = with.clone();
                    without.remove(place);
                    ranks
                        .get(without.as_slice())
                        .is_some_and(|other| *other < rank)
                })
            });
        }
        (best, tested)
    }

    /// Adds the values of an attribute that are large enough, of an ordered one the best stretch; how many were looked at.
    fn take(
        &self,
        counts: &Counts,
        attribute: usize,
        selectors: &[Selector],
        best: &mut Best,
        is_own: impl Fn(Selector) -> bool,
    ) -> u64 {
        let mut add = |selector: Selector, rows: u64, hits: u64| {
            let quality = self.quality(rows, hits);
            if best.takes(quality) {
                best.add(Candidate {
                    selectors: with(selectors, selector),
                    rows,
                    hits,
                    quality,
                });
            }
        };
        if self.table.attributes[attribute].is_ordered() {
            let (found, tested) = stretch(&counts.rows, &counts.hits, self.search.least);
            if let Some(found) = found {
                let selector = Selector {
                    attribute,
                    value: found.first,
                    last: found.last,
                };
                if is_own(selector) {
                    add(selector, found.rows, found.hits);
                }
            }
            return tested;
        }
        let mut tested = 0;
        for ((rows, hits), value) in counts.rows.iter().zip(&counts.hits).zip(0_u32..) {
            let (rows, hits) = (u64::from(*rows), u64::from(*hits));
            let selector = Selector::one(attribute, value);
            if rows == 0 || rows < self.search.least || !is_own(selector) {
                continue;
            }
            tested += 1;
            add(selector, rows, hits);
        }
        tested
    }

    fn told(&self, candidate: Candidate) -> Subgroup {
        let Candidate {
            selectors,
            rows,
            hits,
            quality,
        } = candidate;
        Subgroup {
            selectors,
            rows,
            hits,
            quality,
            chance: excess(self.all, self.hits, rows, hits).unwrap_or(1.0),
        }
    }
}

/// Some selectors and one more, in order.
fn with(selectors: &[Selector], more: Selector) -> Vec<Selector> {
    let mut all = selectors.to_vec();
    let place = all.partition_point(|one| *one < more);
    all.insert(place, more);
    all
}

/// How many rows have each value of an attribute, and how many of them are hits.
pub(super) struct Counts {
    pub(super) rows: Vec<u32>,
    pub(super) hits: Vec<u32>,
}

impl Counts {
    /// Counts over some rows, or over all.
    pub(super) fn over(attribute: &Attribute, hits: &[bool], rows: Option<&[u32]>) -> Self {
        let mut counts = Self {
            rows: vec![0; attribute.values() as usize],
            hits: vec![0; attribute.values() as usize],
        };
        match rows {
            Some(rows) => rows
                .iter()
                .for_each(|row| counts.add(attribute, hits, *row)),
            None => (0..hits.len() as u32).for_each(|row| counts.add(attribute, hits, row)),
        }
        counts
    }

    fn add(&mut self, attribute: &Attribute, hits: &[bool], row: u32) {
        let hit = u32::from(hits[row as usize]);
        for value in attribute.of_row(row) {
            self.rows[*value as usize] += 1;
            self.hits[*value as usize] += hit;
        }
    }
}

#[cfg(test)]
mod tests;
