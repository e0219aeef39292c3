//! One exported file: rows written as they come, some twice, some broken, all counted.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use amends_model::{Problem, Result};
use serde::Serialize;

use crate::dice::Dice;

/// Rows that an export writes twice, in ten thousand.
const WRITTEN_TWICE: u64 = 40;

/// What is in one exported file, in rows: the header is none, and a cell with a line break makes no second one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// Its name.
    pub name: String,
    /// All rows: records, duplicates and bad rows.
    pub rows: u64,
    /// Rows that stand for something that happened, each once.
    pub records: u64,
    /// Rows that repeat a record, cell by cell.
    pub duplicates: u64,
    /// Rows that cannot be read, or that name nobody. None of them stands for anything that happened.
    pub bad_rows: u64,
}

/// A file that is written row by row. What stays in memory is a buffer and the rows to be repeated for one customer.
pub(crate) struct Sheet {
    path: PathBuf,
    out: BufWriter<File>,
    counts: FileCounts,
    again: Vec<String>,
}

impl Sheet {
    /// Creates a file in a folder, with its first line, if it has one.
    pub(crate) fn create(folder: &Path, name: &str, header: &str) -> Result<Self> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        let mut sheet = Self {
            path,
            out: BufWriter::with_capacity(1 << 17, file),
            counts: FileCounts {
                name: name.to_owned(),
                ..FileCounts::default()
            },
            again: Vec::new(),
        };
        if !header.is_empty() {
            sheet.line(header)?;
        }
        Ok(sheet)
    }

    /// Writes a record; the clerk decides whether it is written twice, at once or when the customer's rows end.
    pub(crate) fn record(&mut self, clerk: &mut Dice, row: &str) -> Result<()> {
        self.row(row)?;
        self.counts.records += 1;
        let twice = clerk.chance(WRITTEN_TWICE) || self.counts.records == 1;
        if twice && clerk.chance(5_000) {
            self.counts.duplicates += 1;
            self.row(row)?;
        } else if twice {
            self.again.push(row.to_owned());
        }
        Ok(())
    }

    /// Writes a record that is never repeated: for the truth.
    pub(crate) fn once(&mut self, row: &str) -> Result<()> {
        self.counts.records += 1;
        self.row(row)
    }

    /// Writes a row that cannot be read.
    pub(crate) fn bad(&mut self, row: &str) -> Result<()> {
        self.counts.bad_rows += 1;
        self.row(row)
    }

    /// Ends the rows of one customer: what is still to be repeated is repeated.
    pub(crate) fn end_customer(&mut self) -> Result<()> {
        for row in std::mem::take(&mut self.again) {
            self.counts.duplicates += 1;
            self.row(&row)?;
        }
        Ok(())
    }

    /// Ends the file and tells what is in it.
    pub(crate) fn finish(mut self) -> Result<FileCounts> {
        self.end_customer()?;
        let path = &self.path;
        self.out.flush().map_err(|error| unwritable(path, error))?;
        Ok(self.counts)
    }

    fn row(&mut self, row: &str) -> Result<()> {
        self.counts.rows += 1;
        self.line(row)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|error| unwritable(&self.path, error))
    }
}

/// The problem that a file or folder cannot be written.
pub(crate) fn unwritable(path: &Path, error: std::io::Error) -> Problem {
    Problem::new("AM0901", "the simulated files cannot be written")
        .detail(path.display().to_string())
        .hint("name a folder on a disk with room, in which you may write")
        .because(error)
}

/// Joins cells to a row, quoted where they must be.
pub(crate) fn cells(delimiter: char, cells: &[&str]) -> String {
    let mut row = String::with_capacity(cells.iter().map(|cell| cell.len() + 1).sum());
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            row.push(delimiter);
        }
        if cell.contains([delimiter, '"', '\n', '\r']) {
            row.push('"');
            row.push_str(&cell.replace('"', "\"\""));
            row.push('"');
        } else {
            row.push_str(cell);
        }
    }
    row
}

/// `23.90` from 2390 cents.
pub(crate) fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let row = cells(',', &["a", "", "b,c", "say \"tea\"", "two\nlines", "d;e"]);
        assert_eq!(row, "a,,\"b,c\",\"say \"\"tea\"\"\",\"two\nlines\",d;e");
        assert_eq!(cells(';', &["d;e", "1,5"]), "\"d;e\";1,5");
    }
}
