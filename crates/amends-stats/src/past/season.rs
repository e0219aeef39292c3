//! Seasons: what comes again with every turn of a cycle, such as the day of the week.

use std::ops::Range;

/// A cycle, and where in it each period stands.
#[derive(Clone, Copy, Debug)]
pub struct Season<'a> {
    /// The place of each period, from 0.
    pub places: &'a [u8],
    /// How many places there are: 7 days of the week, 12 months of the year.
    pub cycle: usize,
}

/// A place that the baseline holds less often has no normal of its own, and none is told of it.
const LEAST: usize = 2;

/// What all seasons together make of each period: the logarithm of a ratio, of the values or of the odds; `None` where the baseline does not tell it.
pub(super) struct Turned {
    pub(super) ln: Vec<Option<f64>>,
    /// How many numbers were estimated for it beside the centre.
    pub(super) estimated: usize,
    /// How many seasons could be told.
    pub(super) told: usize,
}

/// Finds season after season. `shift` is given the periods of the baseline that stand at one place of a cycle, and what is known of all periods so far, and
/// tells the logarithm of the ratio there; `None` where nothing tells it.
pub(super) fn turned(
    periods: usize,
    baseline: &Range<usize>,
    seasons: &[Season<'_>],
    has_value: impl Fn(usize) -> bool,
    shift: impl Fn(&[usize], &[Option<f64>]) -> Option<f64>,
) -> Turned {
    let mut turned = Turned {
        ln: vec![Some(0.0); periods],
        estimated: 0,
        told: 0,
    };
    for season in seasons {
        let place = |period: usize| season.places.get(period).map(|place| usize::from(*place));
        let mut held = vec![Vec::new(); season.cycle];
        for period in baseline.clone().filter(|period| has_value(*period)) {
            if let Some(held) = place(period).and_then(|place| held.get_mut(place)) {
                held.push(period);
            }
        }
        let of_place = held.iter().map(|periods| {
            let enough = periods.len() >= LEAST;
            enough.then(|| shift(periods, &turned.ln)).flatten()
        });
        let of_place: Vec<Option<f64>> = of_place.collect();
        let found = of_place.iter().flatten().count();
        if found < 2 {
            continue;
        }
        for (period, ln) in turned.ln.iter_mut().enumerate() {
            let here = place(period).and_then(|place| of_place.get(place).copied().flatten());
            *ln = ln.zip(here).map(|(before, here)| before + here);
        }
        turned.estimated += found - 1;
        turned.told += 1;
    }
    turned
}
