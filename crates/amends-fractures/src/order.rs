//! In which order fractures are told (rule 18): people first, and how badly they were hurt.

use std::cmp::Ordering;

use crate::fracture::{Fracture, Trend};
use crate::life::State;

/// First what waits for somebody, then what is settled. Of each: places in which something came due of late, where something can be mended; then those that are over; then what breaks everywhere alike. Of these, the
/// people beyond those who would have been harmed elsewhere too, each by the worst that was done to them.
pub(crate) fn sort(fractures: &mut [Fracture]) {
    fractures.sort_by(compare);
}

/// The same, but for the weight: of each the money at stake in a currency, in minor units.
pub(crate) fn sort_by_money(fractures: &mut [Fracture], currency: &str) {
    let stake = |one: &Fracture| one.at_stake.get(currency).copied().unwrap_or_default();
    fractures.sort_by(|a, b| {
        let money = stake(b).cmp(&stake(a));
        rank(a)
            .cmp(&rank(b))
            .then(money)
            .then_with(|| compare(a, b))
    });
}

fn compare(a: &Fracture, b: &Fracture) -> Ordering {
    let weight = b.weight.total_cmp(&a.weight);
    rank(a)
        .cmp(&rank(b))
        .then(weight)
        .then_with(|| (&a.promise, &a.id).cmp(&(&b.promise, &b.id)))
}

/// What goes before anything else: whether it is settled, is everywhere, or is over.
fn rank(one: &Fracture) -> (bool, bool, bool) {
    (
        is_settled(one.state) && !one.is_back,
        one.place.is_everywhere(),
        one.trend == Trend::Quiet,
    )
}

pub(crate) fn is_settled(state: State) -> bool {
    matches!(state, State::Mended | State::Accepted | State::Dismissed)
}

/// What a fracture weighs: its people beyond those who would have been harmed elsewhere too, times how serious the worst was on average.
pub(crate) fn weight(fracture: &Fracture) -> f64 {
    fracture.people.len() as f64 * fracture.beyond() * fracture.mean_serious()
}
