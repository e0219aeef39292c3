//! Touchpoints and owners with several promises: all that came due of these, taken together.
//!
//! What binds all the time is exposed in every period, and would drown the rest: it has its own charts alone.

use std::collections::BTreeMap;

use amends_model::Stretch;
use amends_project::Project;
use amends_project::definition::{Baseline, Promise, Touchpoint};

use super::tally::{Counts, Tally};
use super::{Asked, Calendar, Counted, Kind, Subject};

/// Whether a promise is counted at its touchpoint and for its owner.
pub(crate) fn is_charted_together(promise: &Promise) -> bool {
    Counts::of(&promise.shape) != Counts::WhileItBinds
}

/// The touchpoints in the order of the promises, then the owners by name.
pub(super) fn groups(
    project: &Project,
    asked: Asked,
    counted: &[(&Promise, Counted)],
) -> Vec<Subject> {
    let mut touchpoints: Vec<(&Touchpoint, Vec<usize>)> = Vec::new();
    let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, (promise, _)) in counted.iter().enumerate() {
        let touchpoint = promise.touchpoint.as_ref();
        let touchpoint = touchpoint.and_then(|name| project.touchpoints.get(name));
        let Some(touchpoint) = touchpoint else {
            continue;
        };
        if !is_charted_together(promise) {
            continue;
        }
        match touchpoints
            .iter_mut()
            .find(|(one, _)| one.name == touchpoint.name)
        {
            Some((_, promises)) => promises.push(place),
            None => touchpoints.push((touchpoint, vec![place])),
        }
        owners.entry(&touchpoint.owner).or_default().push(place);
    }
    let of_touchpoints = touchpoints.into_iter().filter_map(|(touchpoint, places)| {
        let mut of = group(Kind::Touchpoint, &touchpoint.name, counted, &places);
        of.says = touchpoint.says.clone();
        of.touchpoint = Some(touchpoint.name.clone());
        of.owner = Some(touchpoint.owner.clone());
        of.standard = touchpoint.standard.clone();
        of.great = touchpoint.great;
        let baseline = touchpoint.baseline.or(project.baseline);
        charted(of, asked, counted, &places, baseline)
    });
    let of_owners = owners.into_iter().filter_map(|(owner, places)| {
        let mut of = group(Kind::Owner, owner, counted, &places);
        of.owner = Some(owner.to_owned());
        charted(of, asked, counted, &places, project.baseline)
    });
    of_touchpoints.chain(of_owners).collect()
}

fn group(kind: Kind, name: &str, counted: &[(&Promise, Counted)], places: &[usize]) -> Subject {
    let promises = places.iter().map(|place| counted[*place].0.name.clone());
    Subject::new(kind, name, promises.collect())
}

/// The charts of a group; `None` where it has one promise, whose charts are the same, or no period that all of them have.
fn charted(
    mut of: Subject,
    asked: Asked,
    counted: &[(&Promise, Counted)],
    places: &[usize],
    baseline: Option<Baseline>,
) -> Option<Subject> {
    if places.len() < 2 {
        return None;
    }
    let of_promises = places.iter().map(|place| &counted[*place].1);
    let together = together(&of_promises.collect::<Vec<_>>())?;
    let is_due = places.iter().any(|place| counted[*place].0.shape.is_due());
    of.charts(&together, asked, baseline, is_due);
    Some(of)
}

/// What was counted of several, in the periods that are complete for each of them.
fn together(all: &[&Counted]) -> Option<Counted> {
    let first = |one: &&Counted| {
        // What is due counts from the period after that in which something was first due.
        let due = one.tally.first_due.map(|period| period.next());
        due.max(one.calendar.periods.first().copied())
    };
    let first = all.iter().map(first).max()??;
    let before = first.first_day().yesterday().ok()?;
    let before = Stretch::containing(before, first.every());
    let last = all.iter().map(|one| one.calendar.periods.last()).min()??;
    let mut periods = Vec::new();
    let mut next = first;
    while next <= *last {
        periods.push(next);
        next = next.next();
    }
    let mut tally = Tally::none(periods.len());
    for one in all {
        let start = one
            .calendar
            .periods
            .iter()
            .position(|period| *period == first)?;
        tally.add(&one.tally, start);
    }
    (!periods.is_empty()).then(|| Counted {
        calendar: Calendar::given(periods, before),
        tally,
        used: 0,
    })
}
