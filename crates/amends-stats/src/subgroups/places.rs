//! From subgroups to places: each tells something that no other one told, and what chance alone could have made is left out.
//!
//! One after the other, the subgroup is taken that explains most (by likelihood ratio) of those that are not due to chance; its rows are laid aside,
//! and the rest is searched again. So what is found later has an excess outside of everything found before. This is sequential covering, as N. Lavrač et
//! al., "Subgroup Discovery with CN2-SD", Journal of Machine Learning Research 5 (2004), do it with weights.
//!
//! A subgroup of several values is compared with the rest of every subgroup that lacks one of them: it is told only where it is worse than each of these.
//! That also keeps the search honest: a pair is looked at because its parts were striking, but given the parts, chance deals hits evenly among them.
//!
//! Where hits are rare the rest looks bad beside it. So before a place is taken, a smaller group that is hit at most half as often as the others, and stands
//! out much more than the place does, is laid aside: it is no part of what the next places are held against.
//!
//! Where a place is, is a matter of what is outside of it; since when it breaks, of its own rows before. So once a place is believed, its stretch is the one
//! that tells its own rows apart best. One that was found without a stretch gets one where that explains more than the logarithm of its rows (Schwarz 1978,
//! as in [`stretch`]): a beginning that the search, which looks at thousands of groups, could not have believed by itself.

use super::search::{Counts, Search, Subgroup};
use super::significance::{false_discoveries, likelihood_ratio};
use super::stretch::stretch;
use super::table::{Selector, Table};

/// Only a group of at most one row in so many is laid aside: of a larger one the rest is what stands out.
const SPARED: u64 = 5;

/// It stands out at least so many times as much as the next place, by likelihood: of two that stand out alike, what breaks is told.
const SPARED_RATHER: f64 = 2.0;

/// So many groups are laid aside at most: those that stand out most.
const MOST_SPARED: usize = 10;

/// How to search, and what is believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruning {
    /// How to search in each round. Of what it keeps the best is taken.
    pub search: Search,
    /// The share of false discoveries that is borne, such as 0.05.
    pub level: f64,
    /// A place has at least so many hits.
    pub least_hits: u64,
    /// At least so many different people are hit there.
    pub least_people: u64,
    /// A place is hit at least so many times as often as the rows outside of it.
    pub least_ratio: f64,
    /// At most so many places.
    pub most: usize,
}

/// A subgroup that is believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What its rows have in common, in order of the attributes.
    pub selectors: Vec<Selector>,
    /// The chance of its excess among the rows outside of the places before it: the largest against any of what it is compared with.
    pub chance: f64,
    /// The share of false discoveries among the places up to it.
    pub false_discovery: f64,
    /// Half of G: how much better its own rate explains the rows that were left.
    pub likelihood: f64,
}

/// The places of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// In the order in which they were found.
    pub places: Vec<Place>,
    /// How many subgroups were looked at, in all rounds.
    pub tested: u64,
}

impl Pruning {
    /// The places of a table.
    pub fn run(&self, table: &Table) -> Places {
        let mut found = Places::default();
        let mut left: Vec<u32> = (0..table.rows() as u32).collect();
        let mut spared = 0;
        while found.places.len() < self.most {
            let rest = table.of_rows(&left);
            let round = self.search.run(&rest);
            let before = found.tested;
            found.tested += round.tested;
            let Some(next) = self.next(&rest, round.best, &found) else {
                break;
            };
            let may_spare = spared < MOST_SPARED;
            if let Some(group) = may_spare.then(|| self.spared(&rest, &next)).flatten() {
                // The round is made again, of fewer rows.
                found.tested = before;
                spared += 1;
                left.retain(|row| !table.selects(&group, *row));
                continue;
            }
            let next = self.dated(&rest, next, &mut found.tested);
            left.retain(|row| !table.selects(&next.selectors, *row));
            found.places.push(next);
        }
        found
    }

    /// The next place; `None` when there is none.
    fn next(&self, rest: &Table, best: Vec<Subgroup>, found: &Places) -> Option<Place> {
        let (all, hits) = (rest.rows(), rest.hits());
        let likelihood = |one: &Subgroup| likelihood_ratio(all, hits, one.rows, one.hits);
        let mut candidates: Vec<(f64, Subgroup)> = best
            .into_iter()
            .map(|one| (likelihood(&one), one))
            .collect();
        candidates.retain(|(_, one)| self.is_large(all, hits, one));
        // The order of equals stays that of the search: the shorter first.
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        candidates.into_iter().find_map(|(likelihood, one)| {
            let known = found.places.iter().map(|place| place.chance);
            let mut chances: Vec<f64> = known.collect();
            chances.push(one.chance);
            if !self.is_believed(&chances, found.tested) {
                return None;
            }
            // The chance of single rows is the smallest; what it leaves is looked at by people.
            let clusters = rest.clusters(&[], &one.selectors);
            if clusters.people_hit() < self.least_people {
                return None;
            }
            let chance = one.chance.max(clusters.excess());
            let chance = chance.max(self.against_parts(rest, &one));
            if let Some(last) = chances.last_mut() {
                *last = chance;
            }
            let false_discovery = false_discoveries(&chances, found.tested).pop()?;
            if false_discovery > self.level {
                return None;
            }
            Some(Place {
                selectors: one.selectors,
                chance,
                false_discovery,
                likelihood,
            })
        })
    }

    /// A group that is hit much less often than the others, and stands out much more than the next place does.
    fn spared(&self, rest: &Table, next: &Place) -> Option<Vec<Selector>> {
        let inverted = rest.inverted();
        let (all, missed) = (inverted.rows(), inverted.hits());
        let search = Search {
            depth: self.search.depth.min(2),
            ..self.search
        };
        let round = search.run(&inverted);
        let is_rare = |one: &Subgroup| {
            let (hits, hits_outside) = (one.rows - one.hits, rest.hits() - (one.rows - one.hits));
            let outside = all - one.rows;
            SPARED * one.rows <= all && 2 * hits * outside <= hits_outside * one.rows
        };
        let likelihood = |one: &Subgroup| likelihood_ratio(all, missed, one.rows, one.hits);
        let rare = round.best.into_iter().filter(is_rare);
        let mut rare: Vec<(f64, Subgroup)> = rare.map(|one| (likelihood(&one), one)).collect();
        rare.retain(|(likelihood, _)| *likelihood >= SPARED_RATHER * next.likelihood);
        rare.sort_by(|a, b| b.0.total_cmp(&a.0));
        let is_believed = |one: &Subgroup| {
            let clusters = inverted.clusters(&[], &one.selectors);
            let chance = one.chance.max(clusters.excess());
            self.is_believed(&[chance], round.tested)
        };
        let found = rare.into_iter().find(|(_, one)| is_believed(one));
        found.map(|(_, one)| one.selectors)
    }

    /// The same place in the stretch that tells its own rows apart best, where there is an ordered attribute and something to tell.
    fn dated(&self, rest: &Table, place: Place, tested: &mut u64) -> Place {
        let mut attributes = rest.attributes().iter();
        let Some(ordered) = attributes.position(|one| one.is_ordered()) else {
            return place;
        };
        let (when, mut selectors): (Vec<Selector>, Vec<Selector>) = place
            .selectors
            .iter()
            .partition(|one| one.attribute == ordered);
        if selectors.is_empty() {
            return place;
        }
        let rows = rest.covered(&selectors);
        let counts = Counts::over(&rest.attributes()[ordered], &rest.hits, Some(&rows));
        let (found, looked_at) = stretch(&counts.rows, &counts.hits, self.search.least);
        *tested += looked_at;
        let hits = rows.iter().filter(|row| rest.is_hit(**row)).count() as u64;
        let all = rows.len() as u64;
        let is_worth = |(rows, found): (u64, u64)| {
            likelihood_ratio(all, hits, rows, found) > (all as f64).ln() || !when.is_empty()
        };
        let Some(found) = found.filter(|found| is_worth((found.rows, found.hits))) else {
            return place;
        };
        let selector = Selector {
            attribute: ordered,
            value: found.first,
            last: found.last,
        };
        let before = selectors.partition_point(|one| *one < selector);
        selectors.insert(before, selector);
        let people = rest.clusters(&[], &selectors).people_hit();
        if found.hits < self.least_hits || people < self.least_people {
            return place;
        }
        Place {
            likelihood: likelihood_ratio(rest.rows(), rest.hits(), found.rows, found.hits),
            selectors,
            ..place
        }
    }

    /// Whether a subgroup is large enough, and bad enough, to speak of.
    fn is_large(&self, all: u64, hits: u64, one: &Subgroup) -> bool {
        let (outside, hits_outside) = (all - one.rows, hits - one.hits);
        let worse = one.hits as f64 * outside as f64
            >= self.least_ratio * hits_outside as f64 * one.rows as f64;
        one.hits >= self.least_hits && outside > 0 && worse
    }

    fn is_believed(&self, chances: &[f64], tested: u64) -> bool {
        let adjusted = false_discoveries(chances, tested);
        adjusted.last().is_some_and(|last| *last <= self.level)
    }

    /// The largest chance of a subgroup's excess within any that lacks one of its values.
    fn against_parts(&self, rest: &Table, one: &Subgroup) -> f64 {
        if one.selectors.len() < 2 {
            return 0.0;
        }
        let chances = (0..one.selectors.len()).map(|place| {
            let mut part = one.selectors.clone();
            part.remove(place);
            rest.clusters(&part, &one.selectors).excess()
        });
        chances.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests;
