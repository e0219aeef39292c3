//! What one attribute says of all rows, and how its values are told apart.

use std::collections::HashMap;

use amends_model::Result;
use amends_stats::subgroups::Attribute;
use arrow::array::StringArray;
use jiff::tz::TimeZone;

use super::{Described, Row, too_many};
use crate::bins::{Bins, Kind, first_opened};

/// How the values of an attribute are told apart.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    kind: Kind,
    bins: Bins,
}

/// The scales of attributes, from what their first instances have.
pub(super) fn scales(rows: &[Row], words: &[Words], kinds: &[Kind]) -> Vec<Scale> {
    let opened: Vec<i64> = rows.iter().map(|row| row.opened_at).collect();
    let first = first_opened(&opened);
    let scale = |(place, words): (usize, &Words)| {
        let kind = kinds.get(place).copied().unwrap_or(Kind::Word);
        let bins = Bins::new(kind, first.iter().flat_map(|row| words.texts(*row)));
        Scale { kind, bins }
    };
    words.iter().enumerate().map(scale).collect()
}

/// The words of one attribute of all rows, each word once.
#[derive(Default)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The words of each row, one row behind the other, and where each row's end.
    codes: Vec<u32>,
    ends: Vec<usize>,
}

impl Words {
    pub(super) fn add(&mut self, texts: &StringArray) -> Result<()> {
        for text in texts.iter().map(Option::unwrap_or_default) {
            let number = match self.numbers.get(text) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.words.len()).map_err(|_| too_many())?;
                    self.words.push(text.to_owned());
                    self.numbers.insert(text.to_owned(), number);
                    number
                }
            };
            self.codes.push(number);
        }
        self.ends.push(self.codes.len());
        Ok(())
    }

    /// The texts of a row.
    pub(super) fn texts(&self, row: usize) -> impl Iterator<Item = &str> {
        let words = self.of_row(row).iter();
        words.map(|word| self.words[*word as usize].as_str())
    }

    pub(super) fn of_row(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.codes[start..self.ends[row]]
    }

    /// Marks the rows that have the empty word, where all of these were let down.
    pub(super) fn mark(&self, rows: &[Row], marked: &mut [bool]) {
        let Some(empty) = self.numbers.get("") else {
            return;
        };
        let has: Vec<usize> = (0..rows.len())
            .filter(|row| self.of_row(*row).contains(empty))
            .collect();
        if has.iter().all(|row| rows[*row].is_let_down) {
            has.into_iter().for_each(|row| marked[row] = true);
        }
    }

    /// The attribute, its values in an order that does not depend on that of the rows.
    pub(super) fn described(
        self,
        name: String,
        scale: &Scale,
        outcomes: &[bool],
        zone: &TimeZone,
    ) -> Result<Described> {
        let (empty, is_outcome) = (self.numbers.get("").copied(), outcomes);
        let binned = self.words.iter().map(|word| scale.bins.bin(word, zone));
        let binned: Vec<(u32, String)> = binned.collect();
        let mut values = binned.clone();
        values.sort();
        values.dedup();
        let number = |bin: &(u32, String)| values.partition_point(|known| known < bin) as u32;
        let numbers: Vec<u32> = binned.iter().map(number).collect();
        let rows = 0..self.ends.len();
        let several =
            is_outcome.contains(&true) || rows.clone().any(|row| self.of_row(row).len() != 1);
        let count = u32::try_from(values.len()).map_err(|_| too_many())?;
        let of = |word: &u32| numbers[*word as usize];
        let codes = if several {
            let rows: Vec<Vec<u32>> = rows
                .map(|row| {
                    let words = self.of_row(row).iter();
                    let words = words.filter(|word| !is_outcome[row] || Some(**word) != empty);
                    words.map(of).collect()
                })
                .collect();
            Attribute::of_several(&rows, count)
        } else {
            Attribute::of_one(self.codes.iter().map(of).collect(), count)
        };
        Ok(Described {
            name,
            is_when: false,
            values: values.into_iter().map(|(_, name)| name).collect(),
            codes: codes.ok_or_else(too_many)?,
            raw: (scale.kind == Kind::Number).then_some(self),
        })
    }
}
