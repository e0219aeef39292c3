//! Everything that is told of one fracture, from the rows in its place.

use std::collections::{BTreeMap, HashSet};

use amends_model::{IdentifierId, Result, time};
use amends_project::Project;
use amends_project::definition::Promise;
use amends_stats::difference::difference;
use amends_stats::subgroups::significance::excess;
use jiff::Timestamp;

use crate::causes;
use crate::discover::{LEAST_LET_DOWNS, LEVEL};
use crate::exposed::{Exposed, Row};
use crate::fracture::{Elsewhere, Fracture, Harmed, Trend};
use crate::life::{Standing, State};
use crate::order;
use crate::voice::{Complaints, Customers, LetDown};
use crate::whereabouts::Where;

/// How sure intervals are.
const CONFIDENCE: f64 = 0.95;

const DAY: i64 = 86_400 * 1_000_000;
/// What is lately: thirteen weeks.
const LATELY: i64 = 91 * DAY;
/// A fracture is back when two looks say so that lie so far apart.
const BETWEEN_LOOKS: i64 = 7 * DAY;

/// What all fractures of a promise share.
pub(crate) struct Scene<'a> {
    pub(crate) project: &'a Project,
    pub(crate) promise: &'a Promise,
    pub(crate) exposed: &'a Exposed,
    pub(crate) customers: &'a Customers,
    /// `None` where no source of complaints is connected.
    pub(crate) complaints: Option<&'a Complaints>,
    pub(crate) as_of: Timestamp,
}

impl Scene<'_> {
    /// The fracture of some rows; `None` where they hold no let-down.
    ///
    /// # Errors
    /// `AM0002` when a moment lies outside the years that can be told.
    pub(crate) fn tell(
        &self,
        place: Where,
        rows: &[u32],
        standing: Standing,
        false_discovery: Option<f64>,
    ) -> Result<Option<Fracture>> {
        let all = &self.exposed.rows;
        let of = |row: &u32| &all[*row as usize];
        let let_downs: Vec<&Row> = rows.iter().map(of).filter(|row| row.is_let_down).collect();
        let known = let_downs.iter().map(|row| row.known_at);
        let (Some(first), Some(last)) = (known.clone().min(), known.max()) else {
            return Ok(None);
        };
        let people = self.people(&let_downs);
        let silent = people.values().filter(|one| !one.spoke).count() as u64;
        let mut serious = [0; 3];
        for row in &let_downs {
            serious[usize::from(row.serious.clamp(1, 3)) - 1] += 1;
        }
        let lately = self.lately(rows);
        let touchpoint = self.promise.touchpoint.clone();
        let of_touchpoint = touchpoint
            .as_ref()
            .and_then(|name| self.project.touchpoints.get(name));
        let owner = standing.owner.clone();
        let mut fracture = Fracture {
            id: place.id(&self.promise.name),
            promise: self.promise.name.clone(),
            definition: self.promise.version.clone(),
            owner: owner.or_else(|| of_touchpoint.map(|touchpoint| touchpoint.owner.clone())),
            touchpoint,
            state: self.state(&standing, &place, rows),
            standing,
            instances: rows.len() as u64,
            let_downs: let_downs.len() as u64,
            elsewhere: self.elsewhere(&place, rows, let_downs.len() as u64),
            people,
            silent: self.complaints.is_some().then_some(silent),
            serious,
            first_seen: time::from_micros(first)?,
            last_seen: time::from_micros(last)?,
            trend: trend(lately),
            lately,
            before: causes::before(self.exposed, &place),
            traits: causes::traits(self.exposed, &place, rows),
            changes: causes::changes(self.exposed, &place, rows),
            false_discovery,
            weight: 0.0,
            place,
        };
        fracture.weight = order::weight(&fracture);
        Ok(Some(fracture))
    }

    fn people(&self, let_downs: &[&Row]) -> BTreeMap<IdentifierId, Harmed> {
        let mut people: BTreeMap<IdentifierId, Harmed> = BTreeMap::new();
        for row in let_downs {
            let customer = self.customers.of(row.identifier);
            let of = LetDown {
                about: &row.about,
                opened_at: row.opened_at,
                known_at: row.known_at,
            };
            let spoke = self.complaints.is_some_and(|all| all.heard(customer, &of));
            let one = people.entry(customer).or_insert_with(|| Harmed {
                times: 0,
                first: row.known_at,
                about: row.about.clone(),
                serious: 0,
                spoke: false,
            });
            one.times += 1;
            one.serious = one.serious.max(row.serious);
            one.spoke |= spoke;
            // The same first one, whatever the order of rows.
            if (row.known_at, &row.about) < (one.first, &one.about) {
                (one.first, one.about) = (row.known_at, row.about.clone());
            }
        }
        people
    }

    fn elsewhere(&self, place: &Where, rows: &[u32], let_downs: u64) -> Option<Elsewhere> {
        if place.is_everywhere() {
            return None;
        }
        let all = self.exposed.rows.len() as u64;
        let all_let_downs = self
            .exposed
            .rows
            .iter()
            .filter(|row| row.is_let_down)
            .count() as u64;
        let here = rows.len() as u64;
        let there = (all_let_downs - let_downs, all - here);
        Some(Elsewhere {
            let_downs: there.0,
            instances: there.1,
            difference: difference((let_downs, here), there, CONFIDENCE)?,
        })
    }

    /// What came due in the last thirteen weeks, and in the thirteen before.
    fn lately(&self, rows: &[u32]) -> [(u64, u64); 2] {
        let as_of = time::micros(self.as_of);
        let mut lately = [(0, 0); 2];
        for row in rows.iter().map(|row| &self.exposed.rows[*row as usize]) {
            let ago = as_of - row.due_at;
            let window = match ago {
                ago if ago < 0 => continue,
                ago if ago < LATELY => &mut lately[0],
                ago if ago < 2 * LATELY => &mut lately[1],
                _ => continue,
            };
            window.0 += 1;
            window.1 += u64::from(row.is_let_down);
        }
        lately
    }

    /// The state of its decisions; regressed where it was mended and two looks, a week apart, find it breaking again more often than elsewhere.
    fn state(&self, standing: &Standing, place: &Where, rows: &[u32]) -> State {
        let Some(from) = standing
            .mended_from
            .filter(|_| standing.state == State::Mended)
        else {
            return standing.state;
        };
        let here: HashSet<u32> = rows.iter().copied().collect();
        let (from, as_of) = (time::micros(from), time::micros(self.as_of));
        let is_back = |until: i64| {
            let mut counts = [(0_u64, 0_u64); 2];
            for (row, number) in self.exposed.rows.iter().zip(0_u32..) {
                if row.opened_at < from || row.due_at >= until {
                    continue;
                }
                let known = row.is_let_down && row.known_at <= until;
                let count = &mut counts[usize::from(here.contains(&number))];
                count.0 += 1;
                count.1 += u64::from(known);
            }
            let [(others, others_hits), (rows, hits)] = counts;
            let chance = match place.is_everywhere() {
                true => Some(0.0),
                false => excess(others + rows, others_hits + hits, rows, hits),
            };
            hits >= LEAST_LET_DOWNS && chance.is_some_and(|chance| chance <= LEVEL)
        };
        match is_back(as_of) && is_back(as_of - BETWEEN_LOOKS) {
            true => State::Regressed,
            false => State::Mended,
        }
    }
}

fn trend([now, before]: [(u64, u64); 2]) -> Trend {
    let swapped = |(instances, let_downs)| (let_downs, instances);
    match (now.0, before.0) {
        (0, _) => Trend::Quiet,
        (_, 0) => Trend::New,
        _ => match difference(swapped(now), swapped(before), CONFIDENCE).map(|one| one.sign()) {
            Some(1) => Trend::Worse,
            Some(-1) => Trend::Better,
            _ => Trend::Steady,
        },
    }
}
