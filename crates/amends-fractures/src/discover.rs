//! The places in which a promise breaks more often than elsewhere, more than chance explains.

use amends_model::Result;
use amends_stats::subgroups::{Places, Pruning, Search, Selector, Table};

use jiff::civil::Date;

use crate::exposed::Exposed;
use crate::whereabouts::{Part, Where};

/// The share of false discoveries that is borne.
pub const LEVEL: f64 = 0.05;

/// Fewer let-downs are no fracture: one is an accident, some may be.
pub const LEAST_LET_DOWNS: u64 = 5;

/// Of fewer people it is their own story, and no place's.
pub const LEAST_PEOPLE: u64 = 5;

/// Fewer instances are not looked at.
const LEAST_INSTANCES: u64 = 10;

/// Let-downs come at least so many times as often as elsewhere; what is less cannot be told from a bad day by whoever is to mend it.
pub const LEAST_RATIO: f64 = 1.25;

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
pub fn pruning() -> Pruning {
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
        least_people: LEAST_PEOPLE,
        least_ratio: LEAST_RATIO,
        most: 40,
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
    let Places { places, tested } = pruning().run(table);
    let found = places.into_iter().map(|place| Found {
        place: named(exposed, table, &place.selectors),
        false_discovery: place.false_discovery,
    });
    Discovery {
        found: found.collect(),
        tested,
    }
}

/// Selectors by the names of their attributes and values.
fn named(exposed: &Exposed, table: &Table, selectors: &[Selector]) -> Where {
    let (mut parts, mut since, mut until) = (Vec::new(), None, None);
    for selector in selectors {
        let of = &exposed.attributes[selector.attribute];
        let value = |number: u32| &of.values[number as usize];
        if !of.codes.is_ordered() {
            parts.push(Part {
                attribute: of.name.clone(),
                value: value(selector.value).clone(),
            });
            continue;
        }
        // Its values are Mondays.
        if selector.value > 0 {
            since = value(selector.value).parse().ok();
        }
        // What lasts until the end of what is known has no end.
        if selector.last + 1 < table.values(selector.attribute) {
            let next: Option<Date> = value(selector.last + 1).parse().ok();
            until = next.and_then(|monday| monday.yesterday().ok());
        }
    }
    Where::new(parts, since, until)
}
