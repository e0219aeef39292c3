//! Everything that is told of one fracture, from the rows in its place.

use std::collections::{BTreeMap, HashMap, HashSet};

use amends_model::{IdentifierId, Result, time};
use amends_project::Project;
use amends_project::definition::Promise;
use amends_stats::difference::difference;
use amends_stats::subgroups::Clusters;
use jiff::Timestamp;

use crate::causes;
use crate::discover::{LEAST_PEOPLE, LEAST_RATIO};
use crate::exposed::{Exposed, Row};
use crate::fracture::{Elsewhere, Fracture, Harmed, Trend, share};
use crate::life::{Standing, State};
use crate::looks::{self, Look};
use crate::order;
use crate::stakes::Stakes;
use crate::voice::{Complaints, LetDown};
use crate::whereabouts::Where;

/// How sure intervals are.
const CONFIDENCE: f64 = 0.95;

const DAY: i64 = 86_400 * 1_000_000;
/// What is lately: thirteen weeks.
const LATELY: i64 = 91 * DAY;
/// A fracture is back where chance makes it so at most this often: it is looked at week after week, and whatever is looked at often enough looks bad once.
const BACK: f64 = 0.001;

/// What all fractures of a promise share.
pub(crate) struct Scene<'a> {
    pub(crate) project: &'a Project,
    pub(crate) promise: &'a Promise,
    pub(crate) exposed: &'a Exposed,
    /// The same instances by the attributes of the last look too, where the promise names these no longer.
    pub(crate) formerly: Option<&'a Exposed>,
    /// `None` where no source of complaints is connected.
    pub(crate) complaints: Option<&'a Complaints>,
    /// The money that was at stake; `None` where nobody asks.
    pub(crate) stakes: Option<&'a Stakes>,
    /// What was seen so far.
    pub(crate) looks: &'a [Look],
    pub(crate) as_of: Timestamp,
}

impl Scene<'_> {
    /// The fracture of an id and the rows in its place, beside those in no place at all.
    ///
    /// # Errors
    /// `AM0002` when a moment lies outside the years that can be told.
    pub(crate) fn tell(
        &self,
        (id, place): (String, Where),
        (rows, rest): (&[u32], &[u32]),
        standing: Standing,
        false_discovery: Option<f64>,
    ) -> Result<Fracture> {
        let all = &self.exposed.rows;
        let of = |row: &u32| &all[*row as usize];
        let let_downs: Vec<&Row> = rows.iter().map(of).filter(|row| row.is_let_down).collect();
        let known = let_downs.iter().map(|row| row.known_at);
        let (first, last) = (known.clone().min(), known.max());
        let people = self.people(&let_downs);
        let count = |spoke| people.values().filter(|one| one.spoke == spoke).count();
        let is_heard = people.values().any(|one| one.spoke.is_some());
        let silent = is_heard.then_some(count(Some(false)) as u64);
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
            promise: self.promise.name.clone(),
            definition: self.promise.version.clone(),
            owner: owner.or_else(|| of_touchpoint.map(|touchpoint| touchpoint.owner.clone())),
            touchpoint,
            formerly: None,
            state: self.state(&standing, &id),
            is_back: self.is_back(&standing, &place, rows),
            is_new: looks::is_new(self.looks, &id),
            looks: looks::in_a_row(self.looks, &id),
            id,
            standing,
            instances: rows.len() as u64,
            let_downs: let_downs.len() as u64,
            elsewhere: self.elsewhere(&place, rest, (let_downs.len() as u64, rows.len() as u64)),
            people,
            silent,
            serious,
            is_looked_for: self.exposed.knows(&place),
            first_seen: first.map(time::from_micros).transpose()?,
            last_seen: last.map(time::from_micros).transpose()?,
            trend: trend(lately),
            lately,
            before: causes::before(self.exposed, &place),
            traits: causes::traits(self.exposed, &place, rows),
            changes: causes::changes(self.exposed, &place, rows),
            false_discovery,
            at_stake: self
                .stakes
                .map(|stakes| stakes.of(&let_downs))
                .unwrap_or_default(),
            weight: 0.0,
            place,
        };
        fracture.weight = order::weight(&fracture);
        Ok(fracture)
    }

    fn people(&self, let_downs: &[&Row]) -> BTreeMap<IdentifierId, Harmed> {
        let mut people: BTreeMap<IdentifierId, Harmed> = BTreeMap::new();
        for row in let_downs {
            let customer = row.customer;
            let of = LetDown {
                about: &row.about,
                opened_at: row.opened_at,
                known_at: row.known_at,
            };
            let spoke = self.complaints.and_then(|all| all.heard(customer, &of));
            let one = people.entry(customer).or_insert_with(|| Harmed {
                times: 0,
                first: row.known_at,
                about: row.about.clone(),
                serious: 0,
                spoke: None,
            });
            one.times += 1;
            one.serious = one.serious.max(row.serious);
            one.spoke = one.spoke.max(spoke);
            // The same first one, whatever the order of rows.
            if (row.known_at, &row.about) < (one.first, &one.about) {
                (one.first, one.about) = (row.known_at, row.about.clone());
            }
        }
        people
    }

    /// The promise outside of all of its places: of two of them neither makes the other look better.
    fn elsewhere(&self, place: &Where, rest: &[u32], here: (u64, u64)) -> Option<Elsewhere> {
        if place.is_everywhere() {
            return None;
        }
        let let_down = |row: &&u32| self.exposed.rows[**row as usize].is_let_down;
        let let_downs = rest.iter().filter(let_down).count() as u64;
        let instances = rest.len() as u64;
        Some(Elsewhere {
            let_downs,
            instances,
            difference: difference(here, (let_downs, instances), CONFIDENCE)?,
        })
    }

    /// What came due in the last thirteen weeks, and in the thirteen before.
    fn lately(&self, rows: &[u32]) -> [(u64, u64); 2] {
        let as_of = time::micros(self.as_of);
        let mut lately = [(0, 0); 2];
        for row in rows.iter().map(|row| &self.exposed.rows[*row as usize]) {
            // What never ends is due after all moments.
            let ago = as_of.saturating_sub(row.due_at);
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

    /// The state of its decisions; regressed where it was mended and two looks in a row saw it break again (rule 14).
    fn state(&self, standing: &Standing, id: &str) -> State {
        match standing.mended() {
            Some(mended) if looks::is_seen_back(self.looks, id, mended) => State::Regressed,
            _ => standing.state,
        }
    }

    /// Whether a place that was said to be mended breaks again as of this moment.
    fn is_back(&self, standing: &Standing, place: &Where, rows: &[u32]) -> bool {
        let Some((_, from)) = standing.mended() else {
            return false;
        };
        let (from, as_of) = (time::micros(from), time::micros(self.as_of));
        match place.is_everywhere() {
            true => self.is_as_before(rows, from, as_of),
            false => {
                let here: HashSet<u32> = rows.iter().copied().collect();
                self.is_worse_than_elsewhere(&here, from, as_of)
            }
        }
    }

    /// Whether what was promised in a place from a moment on, and was due by another, breaks more often than the same elsewhere.
    fn is_worse_than_elsewhere(&self, here: &HashSet<u32>, from: i64, until: i64) -> bool {
        let mut people: HashMap<IdentifierId, u32> = HashMap::new();
        let mut clusters = Clusters::default();
        for (row, number) in self.exposed.rows.iter().zip(0_u32..) {
            if row.opened_at < from || row.due_at >= until {
                continue;
            }
            let next = people.len() as u32;
            let person = *people.entry(row.customer).or_insert(next);
            clusters.add(person, here.contains(&number), row.is_let_down_by(until));
        }
        clusters.people_hit() >= LEAST_PEOPLE && clusters.excess() <= BACK
    }

    /// Whether what breaks everywhere breaks about as often from a moment on as before it. There is no elsewhere to compare with.
    fn is_as_before(&self, rows: &[u32], from: i64, until: i64) -> bool {
        let mut counts = [(0_u64, 0_u64); 2];
        let mut people = HashSet::new();
        let of = |row: &u32| &self.exposed.rows[*row as usize];
        let since = rows.iter().map(of).filter(|row| row.opened_at >= from);
        // What broke until then may be a place of its own by now.
        let before = self.exposed.rows.iter().filter(|row| row.opened_at < from);
        for row in before.chain(since).filter(|row| row.due_at < until) {
            let (is_since, hit) = (row.opened_at >= from, row.is_let_down_by(until));
            let count = &mut counts[usize::from(is_since)];
            count.0 += u64::from(hit);
            count.1 += 1;
            if is_since && hit {
                people.insert(row.customer);
            }
        }
        let [before, since] = counts;
        let rate = |(hits, rows): (u64, u64)| share(hits, rows);
        people.len() as u64 >= LEAST_PEOPLE && rate(since) * LEAST_RATIO >= rate(before)
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
