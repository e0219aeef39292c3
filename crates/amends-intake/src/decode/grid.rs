//! The cells of some records, found but not yet read: spans of one piece of text.

use crate::failure::Failure;

/// The longest text that a cell may have, in bytes.
pub(crate) const LONGEST_CELL: usize = 4 << 20;
/// So many rows at once, however short they are: each costs more than its text.
pub(crate) const MOST_ROWS: usize = 1 << 16;
/// Marks the place of a rewritten cell while it is counted from the beginning of rewritten text. No text is so long that it reaches this bit.
const REWRITTEN: u32 = 1 << 31;

/// A cell's place in the grid's text. An empty cell is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Where its text begins.
    pub(crate) start: u32,
    /// How many bytes it has.
    pub(crate) len: u32,
}

/// A record's place in the grid's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it ends, its line break not counted.
    pub(crate) end: usize,
    /// Its line in the file.
    pub(crate) line: i64,
}

/// Records with their cells, row by row.
#[derive(Default)]
pub(crate) struct Grid {
    /// The text of the records; behind it that of cells that do not stand there as they are meant (doubled quotes, escapes).
    pub(crate) text: Vec<u8>,
    /// How many cells every record has.
    pub(crate) width: usize,
    /// The cells of the first record, then of the second, and so on.
    pub(crate) cells: Vec<Cell>,
    /// The records.
    pub(crate) rows: Vec<Row>,
    /// Records that have no cells because they could not be taken apart.
    pub(crate) failures: Vec<Failure>,
    /// Text of cells rewritten while the records were taken apart, and which cells those are: perhaps several times, and perhaps no longer.
    rewritten: Vec<u8>,
    moved: Vec<usize>,
}

impl Grid {
    /// An empty grid of so many columns.
    pub(crate) fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// The text of a cell.
    pub(crate) fn cell(&self, row: usize, column: usize) -> &[u8] {
        let cell = self.cells[row * self.width + column];
        &self.text[cell.start as usize..(cell.start + cell.len) as usize]
    }

    /// The text of a record.
    pub(crate) fn raw(&self, row: usize) -> &[u8] {
        let row = self.rows[row];
        &self.text[row.start..row.end]
    }

    /// Where the cells of the next record begin.
    pub(crate) fn mark(&self) -> usize {
        self.cells.len()
    }

    /// Takes back the cells since a mark.
    pub(crate) fn forget(&mut self, mark: usize) {
        self.cells.truncate(mark);
        while self.moved.last().is_some_and(|&cell| cell >= mark) {
            self.moved.pop();
        }
    }

    /// Where the text of the next rewritten cell begins.
    pub(crate) fn rewriting(&mut self) -> &mut Vec<u8> {
        &mut self.rewritten
    }

    /// How many records there are, those included that could not be taken apart.
    pub(crate) fn records(&self) -> usize {
        self.rows.len() + self.failures.len()
    }

    /// Gives a cell a span of the records' text. A JSON object may name a field twice: the last counts.
    pub(crate) fn place(&mut self, cell: usize, start: usize, len: usize) {
        self.cells[cell] = Cell {
            start: start as u32,
            len: len as u32,
        };
    }

    /// Gives a cell the rewritten text since `start`.
    pub(crate) fn rewrite(&mut self, cell: usize, start: usize) {
        let len = self.rewritten.len() - start;
        self.place(cell, start, len);
        self.cells[cell].start |= REWRITTEN;
        self.moved.push(cell);
    }

    /// Gives the grid its text, once all records in it are known.
    pub(crate) fn finish(mut self, text: Vec<u8>) -> Self {
        self.text = text;
        let base = self.text.len() as u32;
        for cell in std::mem::take(&mut self.moved) {
            let cell = &mut self.cells[cell];
            if cell.start & REWRITTEN != 0 {
                cell.start = (cell.start & !REWRITTEN) + base;
            }
        }
        self.text.append(&mut self.rewritten);
        self
    }

    /// Adds the record of another grid, under a line of its own.
    pub(crate) fn append(&mut self, mut one: Grid, line: i64) {
        one.rows.iter_mut().for_each(|row| row.line = line);
        one.failures
            .iter_mut()
            .for_each(|failure| failure.line = line);
        self.join(one);
    }

    /// Adds the records of another finished grid of the same width.
    pub(crate) fn join(&mut self, other: Grid) {
        let base = self.text.len();
        self.text.extend_from_slice(&other.text);
        self.cells.extend(other.cells.iter().map(|cell| Cell {
            start: cell.start + base as u32,
            len: cell.len,
        }));
        self.rows.extend(other.rows.iter().map(|row| Row {
            start: row.start + base,
            end: row.end + base,
            line: row.line,
        }));
        self.failures.extend(other.failures);
    }

    /// Leaves out the records for which `fault` gives a reason.
    pub(crate) fn set_aside(&mut self, fault: impl Fn(&Grid, usize) -> Option<Failure>) {
        let faults: Vec<_> = (0..self.rows.len()).map(|row| fault(self, row)).collect();
        if faults.iter().all(Option::is_none) {
            return;
        }
        let mut kept = 0;
        for (row, failure) in faults.into_iter().enumerate() {
            match failure {
                Some(failure) => {
                    let raw = self.raw(row).to_vec();
                    self.failures.push(failure.raw(&raw));
                }
                None => {
                    let from = row * self.width;
                    self.cells
                        .copy_within(from..from + self.width, kept * self.width);
                    self.rows[kept] = self.rows[row];
                    kept += 1;
                }
            }
        }
        self.rows.truncate(kept);
        self.cells.truncate(kept * self.width);
    }
}
