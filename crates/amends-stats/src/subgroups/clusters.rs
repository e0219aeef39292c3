//! What is left of an excess when the hits of one person are no separate evidence.
//!
//! Whoever was hit once is often hit again, wherever that is. Such rows count for less than as many of different people: by the design effect
//! `1 + r (m - 1)`, where `r` is how much two rows of one person are alike beyond what the group explains, and `m` how many rows a row's person has on
//! average (L. Kish, "Survey Sampling", 1965). Counts divided by it are tested as if they were of different people: J. N. K. Rao and A. J. Scott,
//! "A Simple Method for the Analysis of Clustered Binary Data", Biometrics 48 (1992). Where everybody has one row it changes nothing.

use std::collections::HashMap;

use super::significance::excess;

/// Rows and hits of each person, inside of a group and outside.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    people: HashMap<u32, [Counted; 2]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    rows: u64,
    hits: u64,
}

/// One side of a group: all rows, all hits, and the squares of the rows of each person.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    rows: f64,
    hits: f64,
    squares: f64,
}

impl Side {
    fn rate(&self) -> f64 {
        if self.rows > 0.0 {
            self.hits / self.rows
        } else {
            0.0
        }
    }

    /// By how much its counts are too large.
    fn design_effect(&self, alike: f64) -> f64 {
        if self.rows > 0.0 {
            1.0 + alike * (self.squares / self.rows - 1.0)
        } else {
            1.0
        }
    }
}

impl Clusters {
    /// Adds a row of a person.
    pub fn add(&mut self, person: u32, is_inside: bool, is_hit: bool) {
        let counted = &mut self.people.entry(person).or_default()[usize::from(is_inside)];
        counted.rows += 1;
        counted.hits += u64::from(is_hit);
    }

    /// How many people were hit inside.
    pub fn people_hit(&self) -> u64 {
        let hit = self.people.values().filter(|one| one[1].hits > 0);
        hit.count() as u64
    }

    /// The chance of so many hits inside, if it were there as outside: [`excess`] of what the design effects leave, rounded so that less is claimed.
    pub fn excess(&self) -> f64 {
        let [outside, inside] = self.sides();
        let alike = self.alike(&[outside, inside]);
        let (here, there) = (inside.design_effect(alike), outside.design_effect(alike));
        let drawn = (inside.rows / here).ceil();
        let found = (inside.hits / here).floor();
        let others = (outside.rows / there).ceil();
        let others_hit = (outside.hits / there).ceil();
        let whole = |number: f64| number as u64;
        excess(
            whole(others + drawn),
            whole(others_hit + found),
            whole(drawn),
            whole(found),
        )
        .unwrap_or(1.0)
    }

    fn sides(&self) -> [Side; 2] {
        let mut sides = [Side::default(); 2];
        for person in self.people.values() {
            for (side, counted) in sides.iter_mut().zip(person) {
                side.rows += counted.rows as f64;
                side.hits += counted.hits as f64;
                side.squares += (counted.rows * counted.rows) as f64;
            }
        }
        sides
    }

    /// How much two rows of one person are alike: the mean product of what is unusual about both, from 0 to 1.
    fn alike(&self, sides: &[Side; 2]) -> f64 {
        let rates = sides.map(|side| side.rate());
        let spread = rates.map(|rate| (rate * (1.0 - rate)).sqrt());
        // Sums that do not depend on the order in which people come: of equal counts there are few different ones.
        let mut kinds: HashMap<[u64; 4], u64> = HashMap::new();
        for [outside, inside] in self.people.values() {
            let kind = [outside.rows, outside.hits, inside.rows, inside.hits];
            *kinds.entry(kind).or_default() += 1;
        }
        let mut kinds: Vec<([u64; 4], u64)> = kinds.into_iter().collect();
        kinds.sort_unstable();
        let (mut products, mut pairs) = (0.0, 0.0);
        for (kind, people) in kinds {
            let (mut sum, mut squares) = (0.0, 0.0);
            for side in 0..2 {
                if spread[side] == 0.0 {
                    continue;
                }
                let (rows, hits) = (kind[2 * side] as f64, kind[2 * side + 1] as f64);
                let (hit, missed) = (
                    (1.0 - rates[side]) / spread[side],
                    -rates[side] / spread[side],
                );
                sum += hits * hit + (rows - hits) * missed;
                squares += hits * hit * hit + (rows - hits) * missed * missed;
            }
            let rows = (kind[0] + kind[2]) as f64;
            products += people as f64 * (sum * sum - squares);
            pairs += people as f64 * rows * (rows - 1.0);
        }
        if pairs > 0.0 {
            (products / pairs).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    #[test]
    fn where_a_person_is_always_or_never_hit_it_is_people_that_count() {
        // Inside 3 of 10 people are hit, outside 10 of 100; everybody has 8 rows, all alike.
        let mut all = Clusters::default();
        for person in 0..110 {
            let is_inside = person < 10;
            let is_hit = if is_inside { person < 3 } else { person < 20 };
            (0..8).for_each(|_| all.add(person, is_inside, is_hit));
        }
        let of_people = excess(110, 13, 10, 3).unwrap();
        assert!(
            (of_people..of_people + 0.05).contains(&all.excess()),
            "{}",
            all.excess()
        );
        assert_eq!(all.people_hit(), 3);
        assert!(excess(880, 104, 80, 24).unwrap() < 1e-5);
    }

    #[test]
    fn rows_of_one_person_that_are_not_alike_count_each() {
        let mut all = Clusters::default();
        let plain = excess(200, 40, 100, 30).unwrap();
        for row in 0..200_u32 {
            let is_inside = row < 100;
            let is_hit = if is_inside { row < 30 } else { row < 110 };
            all.add(row % 50, is_inside, is_hit);
        }
        let found = all.excess();
        assert!((plain..plain * 5.0).contains(&found), "{found} {plain}");
    }

    proptest! {
        #[test]
        fn where_everybody_has_one_row_it_is_the_exact_test(rows in prop::collection::vec((any::<bool>(), any::<bool>()), 1..200)) {
            let mut all = Clusters::default();
            for ((is_inside, is_hit), person) in rows.iter().zip(0..) {
                all.add(person, *is_inside, *is_hit);
            }
            let count = |wanted: fn(&(bool, bool)) -> bool| rows.iter().filter(|row| wanted(row)).count() as u64;
            let (hits, drawn) = (count(|row| row.1), count(|row| row.0));
            let plain = excess(rows.len() as u64, hits, drawn, count(|row| row.0 && row.1)).unwrap();
            prop_assert!((all.excess() - plain).abs() < 1e-12);
        }
    }
}
