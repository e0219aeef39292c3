//! Cells with more text than one may have. Of a Parquet file only its pages have a limit, and a page may be one cell.

use std::collections::BTreeMap;

use arrow::array::StringArray;

use crate::decode::grid::{Grid, LONGEST_CELL};
use crate::failure::Failure;

/// Sets aside the rows that have such a cell in one of some columns.
pub(super) fn set_aside<'a>(
    grid: &mut Grid,
    columns: impl Iterator<Item = (&'a String, &'a StringArray)>,
) {
    let mut too_long: BTreeMap<usize, &str> = BTreeMap::new();
    for (name, texts) in columns.filter(|(_, texts)| texts.values().len() > LONGEST_CELL) {
        for (row, length) in texts.offsets().lengths().enumerate() {
            if length > LONGEST_CELL {
                too_long.entry(row).or_insert(name);
            }
        }
    }
    if too_long.is_empty() {
        return;
    }
    grid.set_aside(|grid, row| {
        let name = too_long.get(&row)?;
        let failure = Failure::new(grid.rows[row].line, "AM0524", "a cell of more than 4 MiB");
        Some(failure.column(*name))
    });
}
