//! A table made from numbers: twelve attributes that say nothing, but for one pair of values.

use amends_stats::subgroups::{Attribute, Selector, Table};

use crate::dice::Dice;

/// How many values each attribute has.
const VALUES: [u32; 12] = [2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 1_500, 2_000];

/// Rows that have both values are hit more often; those that have one of them are not.
pub(crate) const PLANTED: [Selector; 2] = [
    Selector {
        attribute: 2,
        value: 3,
        last: 3,
    },
    Selector {
        attribute: 3,
        value: 7,
        last: 7,
    },
];
/// How often those are hit.
const RATE_OF_PLANTED: f64 = 0.5;
/// How often all others are.
const RATE: f64 = 0.05;

/// So many rows, each of a person of its own, the same in every run; `None` where there are more than a table takes.
pub(crate) fn table(rows: u32) -> Option<Table> {
    let mut dice = Dice::new();
    let attributes = VALUES.map(|values| {
        let value = |_| (dice.share() * f64::from(values)) as u32;
        Attribute::of_one((0..rows).map(value).collect(), values)
    });
    let attributes: Vec<Attribute> = attributes.into_iter().collect::<Option<_>>()?;
    let hit = |row| {
        let has = |one: &Selector| attributes[one.attribute].has(row, one.value, one.last);
        let rate = if PLANTED.iter().all(has) {
            RATE_OF_PLANTED
        } else {
            RATE
        };
        dice.share() < rate
    };
    Table::new(
        (0..rows).map(hit).collect(),
        (0..rows).collect(),
        attributes,
    )
}
