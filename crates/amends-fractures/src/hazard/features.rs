//! What tells instances apart: values of their attributes that are frequent enough to have a record of their own, and places.

use std::collections::HashMap;

use crate::exposed::Exposed;
use crate::hazard::record::inside;
use crate::whereabouts::Where;

/// A value that fewer instances have says nothing by itself.
const LEAST: usize = 20;

/// So many values of one attribute count at most: the most frequent ones.
const MOST: usize = 60;

/// Which values and places count, by number.
pub(super) struct Features {
    values: HashMap<(String, String), u32>,
    places: Vec<Where>,
}

/// The features of rows.
pub(super) struct Coded(Vec<Vec<u32>>);

impl Coded {
    /// The numbers of a row's features, each once.
    pub(super) fn of_row(&self, row: u32) -> &[u32] {
        &self.0[row as usize]
    }
}

impl Features {
    /// The features of some rows. Places come first.
    pub(super) fn learn(exposed: &Exposed, rows: &[u32], places: &[Where]) -> Self {
        let mut values = HashMap::new();
        // There are few places.
        let mut next = places.len() as u32;
        for of in exposed
            .attributes
            .iter()
            .filter(|one| !one.codes.is_ordered())
        {
            let mut counts = vec![0_usize; of.values.len()];
            for row in rows {
                of.codes
                    .of_row(*row)
                    .iter()
                    .for_each(|code| counts[*code as usize] += 1);
            }
            let mut counts: Vec<(usize, &String)> = counts.into_iter().zip(&of.values).collect();
            counts.retain(|(count, _)| *count >= LEAST);
            counts.sort_by(|(one, a), (other, b)| other.cmp(one).then(a.cmp(b)));
            for (_, value) in counts.into_iter().take(MOST) {
                values.insert((of.name.clone(), value.clone()), next);
                next += 1;
            }
        }
        Self {
            values,
            places: places.to_vec(),
        }
    }

    /// How many of them are places.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.values.len() + self.places.len()
    }

    /// The features of all rows, these or others that are described in the same way.
    pub(super) fn coded(&self, exposed: &Exposed) -> Coded {
        let inside = inside(exposed, &self.places);
        let mut coded: Vec<Vec<u32>> = inside
            .into_iter()
            .map(|places| places.into_iter().map(|place| place as u32).collect())
            .collect();
        for of in exposed
            .attributes
            .iter()
            .filter(|one| !one.codes.is_ordered())
        {
            let number = |value: &String| {
                let key = (of.name.clone(), value.clone());
                self.values.get(&key).copied()
            };
            let numbers: Vec<Option<u32>> = of.values.iter().map(number).collect();
            for (row, features) in (0..).zip(&mut coded) {
                let codes = of.codes.of_row(row).iter();
                features.extend(codes.filter_map(|code| numbers[*code as usize]));
            }
        }
        Coded(coded)
    }
}
