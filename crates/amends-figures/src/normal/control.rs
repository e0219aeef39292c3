//! Many charts, and how many of their signals are chance.

use std::collections::BTreeMap;

use amends_stats::subgroups::significance::false_discoveries;

use super::{Standing, Subject};

/// A chart and a period of it: the places of promise, chart and period.
type Place = (usize, usize, usize);

/// Says of every point how far it can be believed among all charts that are judged in its period; of the periods that are looked at, among all of these, which may be
/// several where sources have reported less far than others. Returns how many charts are judged there, and how many would signal alone and do not.
pub(super) fn under_control(promises: &mut [Subject]) -> (usize, usize) {
    let mut families: BTreeMap<_, Vec<Place>> = BTreeMap::new();
    let mut looked_at: Vec<Place> = Vec::new();
    for (promise, of) in promises.iter().enumerate() {
        for (chart, charted) in of.charts.iter().enumerate() {
            for (period, stretch) in of.periods.iter().enumerate() {
                if !charted.is_judged(period) {
                    continue;
                }
                let place = (promise, chart, period);
                match of.now == Some(period) {
                    true => looked_at.push(place),
                    false => families.entry(*stretch).or_default().push(place),
                }
            }
        }
    }
    families
        .values()
        .for_each(|family| control(promises, family));
    control(promises, &looked_at);
    let perhaps = looked_at.iter().filter(|(promise, chart, period)| {
        let standing = promises[*promise].charts[*chart].standing(*period);
        matches!(standing, Standing::PerhapsChance(_))
    });
    (looked_at.len(), perhaps.count())
}

fn control(promises: &mut [Subject], family: &[Place]) {
    let chance = |(promise, chart, period): &Place| {
        let point = promises[*promise].charts[*chart].point(*period);
        point.map_or(1.0, |point| point.chance)
    };
    let chances: Vec<f64> = family.iter().map(chance).collect();
    let believed = false_discoveries(&chances, chances.len() as u64);
    for ((promise, chart, period), believed) in family.iter().zip(believed) {
        promises[*promise].charts[*chart].believed[*period] = Some(believed);
    }
}
