//! By which id a place is told: estimates move as more becomes known, and whoever spoke of a fracture speaks of it still (rule 14).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use amends_model::IdentifierId;
use jiff::Timestamp;

use crate::exposed::Exposed;
use crate::looks::Look;
use crate::tell::Scene;
use crate::whereabouts::Where;

/// The name of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: String,
    /// Where the last look saw it, if that was another place.
    pub(crate) formerly: Option<Where>,
}

/// A place, and everybody who was harmed there.
struct Place<'a> {
    place: &'a Where,
    harmed: HashSet<IdentifierId>,
}

/// The names of places that are told, each with its rows, in order. Those of `taken` belong to others.
///
/// A place goes on what the last look saw in it; else what that saw in a place of the same parts at other times; else what that saw in a place with which it shares at
/// least half of those harmed in either, by what is known now; also where the promise names other attributes now than it did then. Whoever shares most goes first. What goes on nothing has an id of its own.
pub(crate) fn names(
    scene: &Scene<'_>,
    places: &[(&Where, &[u32])],
    taken: &BTreeSet<&str>,
) -> Vec<Named> {
    let promise = &scene.promise.name;
    let seen = last(scene.looks, scene.as_of).into_iter().flat_map(|look| {
        let of_promise = look.seen.iter().filter(|(id, sight)| {
            let is_free = !taken.contains(id.as_str()) && !sight.place.is_everywhere();
            is_free && sight.promise == *promise
        });
        of_promise.map(|(id, sight)| {
            // Where the promise names other attributes now, the same instances by those of the look.
            let known = scene
                .formerly
                .filter(|_| !scene.exposed.knows(&sight.place));
            let exposed = known.unwrap_or(scene.exposed);
            let rows = exposed.within(&sight.place);
            (id.as_str(), place(exposed, &sight.place, &rows))
        })
    });
    let seen: Vec<(&str, Place<'_>)> = seen.collect();
    let told = places.iter().map(|(of, rows)| match seen.is_empty() {
        true => place(scene.exposed, of, &[]),
        false => place(scene.exposed, of, rows),
    });
    let told: Vec<Place<'_>> = told.collect();
    named(promise, &told, &seen, taken)
}

/// The last look as of the moment or an earlier one.
fn last(looks: &[Look], as_of: Timestamp) -> Option<&Look> {
    let mut looks = looks.iter().rev();
    looks.find(|look| look.as_of <= as_of)
}

/// By which attributes the last look told places of a promise that are none of those by which its instances are described now.
pub(crate) fn unknown(
    looks: &[Look],
    as_of: Timestamp,
    promise: &str,
    exposed: &Exposed,
) -> Vec<String> {
    let sights = last(looks, as_of)
        .into_iter()
        .flat_map(|look| look.seen.values());
    let sights = sights.filter(|sight| sight.promise == promise && !exposed.knows(&sight.place));
    let parts = sights.flat_map(|sight| &sight.place.parts);
    let is_known = |name: &str| exposed.attributes.iter().any(|one| one.name == name);
    let names = parts.map(|part| &part.attribute);
    let unknown: BTreeSet<&String> = names.filter(|name| !is_known(name)).collect();
    unknown.into_iter().cloned().collect()
}

fn place<'a>(exposed: &Exposed, place: &'a Where, rows: &[u32]) -> Place<'a> {
    let rows = rows.iter().map(|row| &exposed.rows[*row as usize]);
    let let_down = rows.filter(|row| row.is_let_down);
    Place {
        place,
        harmed: let_down.map(|row| row.customer).collect(),
    }
}

fn named(
    promise: &str,
    told: &[Place<'_>],
    seen: &[(&str, Place<'_>)],
    taken: &BTreeSet<&str>,
) -> Vec<Named> {
    let mut pairs = Vec::new();
    for (here, one) in told.iter().enumerate() {
        for (there, (id, other)) in seen.iter().enumerate() {
            let shared = one.harmed.intersection(&other.harmed).count();
            if let Some(rank) = rank(one, other, shared) {
                pairs.push(((rank, usize::MAX - shared, *id, here), there));
            }
        }
    }
    pairs.sort_unstable();
    let (mut goes_on, mut gone_on): (BTreeMap<usize, usize>, HashSet<usize>) = Default::default();
    for ((_, _, _, here), there) in pairs {
        if !goes_on.contains_key(&here) && gone_on.insert(there) {
            goes_on.insert(here, there);
        }
    }
    let mut ids: BTreeSet<String> = taken.iter().map(|id| (*id).to_owned()).collect();
    ids.extend(gone_on.iter().map(|there| seen[*there].0.to_owned()));
    let names = told.iter().enumerate().map(|(here, one)| {
        if let Some((id, before)) = goes_on.get(&here).map(|there| &seen[*there]) {
            let is_elsewhere = rank(one, before, 0).is_none();
            return Named {
                id: (*id).to_owned(),
                formerly: is_elsewhere.then(|| before.place.clone()),
            };
        }
        let own = one.place.id(promise);
        let id = match ids.insert(own.clone()) {
            true => own,
            false => one.place.dated_id(promise),
        };
        ids.insert(id.clone());
        Named { id, formerly: None }
    });
    names.collect()
}

/// How surely a place goes on another: the smaller, the surer. `None` where it does not.
fn rank(one: &Place<'_>, other: &Place<'_>, shared: usize) -> Option<u8> {
    if one.place == other.place {
        return Some(0);
    }
    if !one.place.parts.is_empty() && one.place.parts == other.place.parts {
        return Some(1);
    }
    let most = one.harmed.len().max(other.harmed.len());
    (shared > 0 && 2 * shared >= most).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whereabouts::Part;
    use jiff::civil::date;

    fn at(parts: &[(&str, &str)], month: Option<i8>) -> Where {
        let part = |(attribute, value): &(&str, &str)| Part {
            attribute: (*attribute).into(),
            value: (*value).into(),
        };
        let parts = parts.iter().map(part).collect();
        Where::new(parts, month.map(|month| date(2024, month, 1)), None)
    }

    fn place(place: &Where, people: std::ops::Range<u8>) -> Place<'_> {
        Place {
            place,
            harmed: people.map(|one| IdentifierId([one; 16])).collect(),
        }
    }

    fn ids(names: &[Named]) -> Vec<&str> {
        names.iter().map(|one| one.id.as_str()).collect()
    }

    #[test]
    fn what_was_seen_nowhere_has_an_id_of_its_own() {
        let depot = at(&[("depot", "Saltmere")], None);
        let (may, june) = (
            at(&[("depot", "Saltmere")], Some(5)),
            at(&[("depot", "Saltmere")], Some(6)),
        );
        let told = [place(&may, 0..9), place(&june, 9..12)];
        let names = named("parcel", &told, &[], &BTreeSet::new());
        assert_eq!(
            ids(&names),
            [depot.id("parcel"), june.dated_id("parcel")],
            "of two with the same parts the second is told by its days"
        );
        // An id that somebody decided about is nobody else's.
        let own = depot.id("parcel");
        let names = named("parcel", &told[..1], &[], &[own.as_str()].into());
        assert_eq!(ids(&names), [may.dated_id("parcel")]);
    }

    #[test]
    fn most_of_those_harmed_make_a_place_the_same_wherever_it_is() {
        let (depot, tea) = (
            at(&[("depot", "Saltmere")], None),
            at(&[("tea", "matcha")], None),
        );
        let seen = [("old", place(&depot, 0..10))];
        let go = |people| named("parcel", &[place(&tea, people)], &seen, &BTreeSet::new());
        let moved = Named {
            id: "old".into(),
            formerly: Some(depot.clone()),
        };
        assert_eq!(go(0..10), std::slice::from_ref(&moved));
        assert_eq!(go(5..15), [moved]);
        // Half of one of them is not half of both.
        let own = tea.id("parcel");
        assert_eq!(ids(&go(6..16)), [own.as_str()]);
        assert_eq!(ids(&go(0..21)), [own.as_str()]);
        assert_eq!(ids(&go(0..4)), [own.as_str()]);
        assert_eq!(ids(&go(20..30)), [own.as_str()]);
    }

    #[test]
    fn what_is_still_where_it_was_seen_keeps_its_id_before_any_other() {
        let (depot, tea) = (
            at(&[("depot", "Saltmere")], Some(2)),
            at(&[("tea", "matcha")], None),
        );
        let seen = [("dated", place(&depot, 0..10))];
        let told = [place(&tea, 0..10), place(&depot, 0..10)];
        let names = named("parcel", &told, &seen, &BTreeSet::new());
        assert_eq!(ids(&names), [tea.id("parcel").as_str(), "dated"]);
        // One that moved away leaves its id to nobody, also if something is found where it was.
        let seen = [
            ("first", place(&tea, 0..10)),
            ("dated", place(&depot, 20..30)),
        ];
        let moved = at(&[("carrier", "Quick")], None);
        let told = [
            place(&depot, 20..28),
            place(&moved, 0..10),
            place(&tea, 40..50),
        ];
        let names = named("parcel", &told, &seen, &BTreeSet::new());
        assert_eq!(
            names[2].id, "first",
            "the place itself goes before those harmed"
        );
        assert_eq!(ids(&names)[..2], ["dated", moved.id("parcel").as_str()]);
    }

    #[test]
    fn of_several_whoever_shares_most_goes_on() {
        let seen_at = at(&[("depot", "Saltmere")], None);
        let (tea, quick) = (
            at(&[("tea", "matcha")], None),
            at(&[("carrier", "Quick")], None),
        );
        let seen = [("old", place(&seen_at, 0..10))];
        let told = [place(&tea, 0..6), place(&quick, 0..9)];
        let names = named("parcel", &told, &seen, &BTreeSet::new());
        assert_eq!(ids(&names), [tea.id("parcel").as_str(), "old"]);
        // Days move as well; two episodes of the same parts keep their ids by those harmed.
        let (may, june) = (
            at(&[("depot", "Saltmere")], Some(5)),
            at(&[("depot", "Saltmere")], Some(6)),
        );
        let later = at(&[("depot", "Saltmere")], Some(7));
        let seen = [("a", place(&may, 0..10)), ("b", place(&june, 10..30))];
        let told = [place(&later, 12..30), place(&may, 0..9)];
        let names = named("parcel", &told, &seen, &BTreeSet::new());
        assert_eq!(ids(&names), ["b", "a"]);
        assert_eq!(names[0].formerly, None, "its parts are the same");
    }
}
