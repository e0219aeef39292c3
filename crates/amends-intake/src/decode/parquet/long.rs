//! Cells and rows with more text than one may have. Of a Parquet file only its pages have a limit, and a page may be one cell.

use std::collections::BTreeMap;

use arrow::array::StringArray;

use crate::decode::blocks::LONGEST;
use crate::decode::grid::{Grid, LONGEST_CELL};
use crate::failure::Failure;

/// Sets aside the rows that have such a cell in one of some columns, or more than a row may have in all of them together.
pub(super) fn set_aside<'a>(
    grid: &mut Grid,
    columns: impl Iterator<Item = (&'a String, &'a StringArray)>,
) {
    let columns: Vec<_> = columns.collect();
    let all: usize = columns.iter().map(|(_, texts)| texts.values().len()).sum();
    if all <= LONGEST_CELL {
        return;
    }
    let mut too_long: BTreeMap<usize, &str> = BTreeMap::new();
    let mut of_rows = vec![0; grid.rows.len()];
    for (name, texts) in columns {
        for (row, length) in texts.offsets().lengths().enumerate() {
            of_rows[row] += length;
            if length > LONGEST_CELL {
                too_long.entry(row).or_insert(name);
            }
        }
    }
    if too_long.is_empty() && of_rows.iter().all(|length| *length <= LONGEST) {
        return;
    }
    grid.set_aside(|grid, row| {
        let failure = |reason| Failure::new(grid.rows[row].line, "AM0524", reason);
        match too_long.get(&row) {
            Some(name) => Some(failure("a cell of more than 4 MiB").column(*name)),
            None => (of_rows[row] > LONGEST).then(|| failure("a row of more than 8 MiB")),
        }
    });
}
