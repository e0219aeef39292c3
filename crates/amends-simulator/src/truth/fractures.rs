//! What was planted, as the manifest tells it: where, since when, and how often it broke there and elsewhere.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Told;
use super::harmed::Counts;
use crate::civil::date;
use crate::plant::{Plant, Plants};
use crate::timeline::Timeline;

/// A planted fracture: what is promised in its place, from the onset on, breaks far more often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fracture {
    /// Its name, as `--plant` takes it.
    pub name: String,
    /// The promise that breaks.
    pub promise: String,
    /// Where: attributes of what opens the promise, with their values.
    #[serde(rename = "where")]
    pub place: BTreeMap<String, String>,
    /// The first day on which something was promised that falls through it.
    pub onset: String,
    /// The last such day; `None` where it goes on. What was promised before may fall through an outage too.
    pub until: Option<String>,
    /// How often the promise was made in the fracture.
    pub exposed_inside: u64,
    /// How often it was a let-down there.
    pub let_down_inside: u64,
    /// How often the promise was made outside of all of its fractures.
    pub exposed_outside: u64,
    /// How often it was a let-down there.
    pub let_down_outside: u64,
    /// How many people were let down in it; whom nobody can name is not among them.
    pub people: u64,
    /// How many of them complained of it.
    pub spoke: u64,
    /// How many of them said nothing.
    pub silent: u64,
    /// How many of them left because of it.
    pub left: u64,
}

/// How often each promise was made and broken, by the fracture in which that was.
#[derive(Default)]
pub(super) struct FractureCounts(BTreeMap<(&'static str, Option<Plant>), [u64; 2]>);

impl FractureCounts {
    pub(super) fn count(&mut self, told: &Told<'_>) {
        let counts = self.0.entry((told.promise.name(), told.place)).or_default();
        counts[0] += 1;
        counts[1] += u64::from(told.standing.let_down.is_some());
    }

    pub(super) fn finish(
        &self,
        timeline: &Timeline,
        plants: &Plants,
        people: &BTreeMap<Plant, Counts>,
    ) -> Vec<Fracture> {
        plants
            .iter()
            .map(|plant| self.fracture(timeline, plant, people))
            .collect()
    }

    fn fracture(
        &self,
        timeline: &Timeline,
        plant: Plant,
        people: &BTreeMap<Plant, Counts>,
    ) -> Fracture {
        let promise = plant.promise().name();
        let of = |place| self.0.get(&(promise, place)).copied().unwrap_or_default();
        let (inside, outside) = (of(Some(plant)), of(None));
        let (first, after) = timeline.span(plant);
        let day = |moment| date(timeline.day_and_clock(moment).0);
        let people = people.get(&plant).copied().unwrap_or_default();
        let place = plant.place().into_iter();
        let place = place.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Fracture {
            name: plant.name().to_owned(),
            promise: promise.to_owned(),
            place: place.collect(),
            onset: day(first),
            until: after.map(|after| day(after - 1)),
            exposed_inside: inside[0],
            let_down_inside: inside[1],
            exposed_outside: outside[0],
            let_down_outside: outside[1],
            people: people.people,
            spoke: people.spoke,
            silent: people.people - people.spoke,
            left: people.left,
        }
    }
}
