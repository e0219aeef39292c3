//! The places in which a promise breaks more often than elsewhere, more than chance explains.

use amends_model::Result;
use amends_stats::subgroups::{Places, Pruning, Search, Selector, Table};

use crate::exposed::Exposed;
use crate::whereabouts::{Part, Where};

/// The share of false discoveries that is borne.
pub const LEVEL: f64 = 0.05;

/// Fewer let-downs are no fracture: one is an accident, some may be.
pub const LEAST_LET_DOWNS: u64 = 5;

/// Fewer instances are not looked at.
const LEAST_INSTANCES: u64 = 10;

/// Let-downs come at least so many times as often as elsewhere; what is less cannot be told from a bad day by whoever is to mend it.
const LEAST_RATIO: f64 = 1.25;

/// A place that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where.
    pub place: Where,
    /// The share of false discoveries among the places up to this one.
    pub false_discovery: f64,
}

/// All places of one promise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovery {
    /// In the order in which they were found: what explains most first.
    pub found: Vec<Found>,
    /// How many subgroups were looked at.
    pub tested: u64,
}

/// How places are looked for: values of at most three attributes at once.
pub fn pruning(exposed: &Exposed) -> Pruning {
    let attributes = exposed.attributes.iter().enumerate();
    Pruning {
        search: Search {
            depth: 3,
            beam: 50,
            least: LEAST_INSTANCES,
            exponent: 0.5,
            keep: 300,
        },
        level: LEVEL,
        least_hits: LEAST_LET_DOWNS,
        least_ratio: LEAST_RATIO,
        most: 40,
        when: attributes
            .filter(|(_, one)| one.is_when)
            .map(|(place, _)| place)
            .collect(),
    }
}

/// Finds the places of a promise.
///
/// # Errors
/// `AM1001` when there are more instances than can be numbered.
pub fn discover(exposed: &Exposed) -> Result<Discovery> {
    Ok(discover_in(exposed, &exposed.table()?))
}

/// As [`discover`], in a table that has the attributes of these instances.
pub fn discover_in(exposed: &Exposed, table: &Table) -> Discovery {
    let Places { places, tested } = pruning(exposed).run(table);
    let found = places.into_iter().map(|place| Found {
        place: named(exposed, &place.selectors),
        false_discovery: place.false_discovery,
    });
    let mut found: Vec<Found> = found.collect();
    // What breaks worst inside of a place that is told is one of its traits, and no place of its own: it is the same people again.
    let told: Vec<Where> = found.iter().map(|one| one.place.clone()).collect();
    found.retain(|one| !told.iter().any(|other| lies_within(&one.place, other)));
    Discovery { found, tested }
}

/// Whether a place is a part of another one.
fn lies_within(place: &Where, other: &Where) -> bool {
    let all = other.parts.iter().all(|part| place.parts.contains(part));
    all && !other.parts.is_empty() && other.parts.len() < place.parts.len()
}

/// Selectors by the names of their attributes and values.
fn named(exposed: &Exposed, selectors: &[Selector]) -> Where {
    let (mut parts, mut since) = (Vec::new(), None);
    for selector in selectors {
        let of = &exposed.attributes[selector.attribute];
        let value = &of.values[selector.value as usize];
        match of.codes.is_onwards() {
            // Its values are Mondays.
            true => since = value.parse().ok(),
            false => parts.push(Part {
                attribute: of.name.clone(),
                value: value.clone(),
            }),
        }
    }
    Where::new(parts, since)
}
