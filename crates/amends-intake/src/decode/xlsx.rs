//! XLSX: one sheet of a workbook, row by row. What a cell holds becomes the text that a CSV file would have of it, so that both are read alike.
//!
//! A merged cell counts in its first place, as when the sheet is saved as CSV. Rows and columns that are hidden or filtered out are read.

mod archive;
mod directory;
mod sheet;
mod strings;
mod styles;
mod value;
mod workbook;
mod xml;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_model::{Problem, Result};
use amends_project::definition::{ColumnRule, SourceFile};

use self::archive::Archive;
use self::sheet::{Sheet, SheetRow, Value};
use self::strings::Strings;
use self::styles::Shows;
use self::value::Days;
use super::blocks::BLOCK;
use super::grid::{Cell, Grid, MOST_ROWS, Row};
use super::unpack::too_large;
use super::{Meter, Split, Wanted, covers, renamed};
use crate::failure::Failure;

/// More columns than this are no table.
const MOST_COLUMNS: usize = 4096;
/// A text that many cells share can make a small file long beyond all use: more than this is not read, in bytes.
const LARGEST: u64 = 8 << 30;
/// What stands in the quarantine for a formula without its result.
const NO_RESULT: &str = "#NO-RESULT!";

/// The rows of a sheet.
pub(crate) struct XlsxRows {
    sheet: Sheet,
    path: PathBuf,
    styles: Vec<Shows>,
    days: Days,
    header: Vec<String>,
    heading: Vec<u8>,
    rules: Vec<Option<ColumnRule>>,
    is_ignored: Vec<bool>,
    given: u64,
}

impl XlsxRows {
    /// Finds the sheet and reads its header: the row that the definition names, else the first that is not empty.
    ///
    /// # Errors
    /// `AM0503` without a header, `AM0504` where it names a column twice, `AM0536` where the workbook is too large, `AM0537` where it cannot be
    /// read, `AM0538` where it has no such sheet.
    pub(crate) fn open(
        path: &Path,
        meter: &Arc<Meter>,
        (sheet, header_row): (Option<&str>, Option<i64>),
        file: &SourceFile,
        wanted: &Wanted<'_>,
    ) -> Result<Self> {
        let archive = Archive::open(path, meter)?;
        let workbook = workbook::read(&archive, path, sheet)?;
        let styles = match &workbook.styles {
            Some(part) => styles::read(&archive, path, part)?,
            None => Vec::new(),
        };
        let strings = match &workbook.strings {
            Some(part) => Strings::read(&archive, path, part)?,
            None => Strings::default(),
        };
        let mut rows = Self {
            sheet: Sheet::new(archive.read(&workbook.sheet)?, strings, path),
            path: path.to_owned(),
            styles,
            days: workbook.days,
            header: Vec::new(),
            heading: Vec::new(),
            rules: Vec::new(),
            is_ignored: Vec::new(),
            given: 0,
        };
        rows.header = rows.read_header(header_row)?;
        let mut line = Line::default();
        rows.header.iter().for_each(|name| line.add(name));
        rows.heading = [line.text.as_slice(), b"\n"].concat();
        rows.header = renamed(&rows.header, file);
        let columns = rows.header.iter();
        rows.rules = columns
            .map(|name| file.columns.get(name).cloned())
            .collect();
        let columns = rows.header.iter();
        rows.is_ignored = columns.map(|name| covers(wanted.ignore, name)).collect();
        Ok(rows)
    }

    fn read_header(&mut self, wanted: Option<i64>) -> Result<Vec<String>> {
        let no_header = |why: String, path: &Path| {
            Problem::new("AM0503", format!("this sheet has no header row: {why}"))
                .detail(path.display().to_string())
                .hint("name the row that holds the names of the columns: header-row = 3")
        };
        let header = loop {
            let Some(row) = self.sheet.next()? else {
                return Err(no_header("it is empty".to_owned(), &self.path));
            };
            match wanted {
                Some(wanted) if row.number < wanted => {}
                Some(wanted) if row.number > wanted => {
                    return Err(no_header(format!("row {wanted} is empty"), &self.path));
                }
                None if row.cells.is_empty() => {}
                _ => break row,
            }
        };
        let width = header.cells.iter().map(|(column, _)| column + 1).max();
        let width = width.unwrap_or(0);
        if width == 0 || width > MOST_COLUMNS {
            let why = format!("row {} has {width} names", header.number);
            return Err(no_header(why, &self.path));
        }
        let mut names: Vec<String> = (1..=width)
            .map(|number| format!("column_{number}"))
            .collect();
        for (column, value) in &header.cells {
            let name = self.text(*column, value);
            match name.trim() {
                "" => {}
                name => names[*column] = name.to_owned(),
            }
        }
        let mut seen = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(Problem::new("AM0504", "two columns have the same name")
                .detail(format!("{twice:?} in {}", self.path.display()))
                .hint("rename one of them in the workbook"));
        }
        Ok(names)
    }

    /// What a cell says in its column.
    fn text(&self, column: usize, value: &Value) -> String {
        let rule = self.rules.get(column).and_then(Option::as_ref);
        match value {
            Value::Number(written, style) => {
                let shows = self.styles.get(*style).copied().unwrap_or_default();
                value::of_number(written, shows, rule, self.days)
            }
            Value::Text(text) => text.clone(),
            Value::Boolean(true) => "true".to_owned(),
            Value::Boolean(false) => "false".to_owned(),
            Value::Date(written) => value::of_date(written, rule),
            Value::Error(error) => error.clone(),
            Value::NoResult => NO_RESULT.to_owned(),
        }
    }

    /// Adds a row to a grid: as a record, or as one that is set aside.
    fn add(&mut self, row: &SheetRow, grid: &mut Grid, text: &mut Vec<u8>) {
        let width = self.header.len();
        let cells = row.cells.iter().map(|(column, _)| column + 1);
        let beyond = cells.filter(|column| *column > width).max();
        // What stands beyond the header is kept with a row that is set aside for it.
        let mut texts = vec![String::new(); beyond.unwrap_or(width)];
        for (column, value) in &row.cells {
            texts[*column] = self.text(*column, value);
        }
        let start = text.len();
        let mut line = Line {
            text: std::mem::take(text),
            cells: 0,
        };
        let mark = grid.mark();
        for (column, cell) in texts.iter().enumerate() {
            line.separate();
            let begins = line.text.len();
            let is_rewritten = line.write(cell);
            if column >= width {
                continue;
            }
            grid.cells.push(Cell {
                start: begins as u32,
                len: cell.len() as u32,
            });
            if is_rewritten {
                let at = grid.rewriting().len();
                grid.rewriting().extend_from_slice(cell.as_bytes());
                grid.rewrite(grid.cells.len() - 1, at);
            }
        }
        *text = line.text;
        let end = text.len();
        self.given += (end - start) as u64;
        match self.fault(row, beyond) {
            None => {
                grid.rows.push(Row {
                    start,
                    end,
                    line: row.number,
                });
                text.push(b'\n');
            }
            Some(failure) => {
                grid.forget(mark);
                grid.failures.push(failure.raw(&text[start..end]));
                text.truncate(start);
            }
        }
    }

    fn fault(&self, row: &SheetRow, beyond: Option<usize>) -> Option<Failure> {
        let failure = |code, reason: String| Failure::new(row.number, code, reason);
        if row.is_too_long {
            return Some(failure("AM0524", "a row of more than 8 MiB".to_owned()));
        }
        if let Some(beyond) = beyond {
            let reason = format!(
                "{beyond} cells where the sheet has {} columns",
                self.header.len()
            );
            return Some(failure("AM0520", reason));
        }
        let (column, value) = row.cells.iter().find(|(column, value)| {
            matches!(value, Value::Error(_) | Value::NoResult) && !self.is_ignored[*column]
        })?;
        let reason = match value {
            Value::Error(_) => "a formula that came to an error",
            _ => "a formula without its result",
        };
        Some(failure("AM0535", reason.to_owned()).column(self.header[*column].clone()))
    }
}

impl Split for XlsxRows {
    fn columns(&self) -> &[String] {
        &self.header
    }

    fn heading(&self) -> &[u8] {
        &self.heading
    }

    fn next_grid(&mut self) -> Result<Option<Grid>> {
        let mut grid = Grid::new(self.header.len());
        let mut text = Vec::new();
        let mut set_aside = 0;
        while text.len() < BLOCK && set_aside < BLOCK && grid.rows.len() < MOST_ROWS {
            let Some(row) = self.sheet.next()? else {
                break;
            };
            // A row of cells without anything in them is none.
            if row.cells.is_empty() && !row.is_too_long {
                continue;
            }
            let (given, records) = (self.given, grid.rows.len());
            self.add(&row, &mut grid, &mut text);
            if grid.rows.len() == records {
                set_aside += (self.given - given) as usize + 1;
            }
            if self.given > LARGEST {
                return Err(too_large(
                    &self.path,
                    "its cells have more than 8 GiB of text",
                ));
            }
        }
        let is_empty = grid.rows.is_empty() && grid.failures.is_empty();
        Ok((!is_empty).then(|| grid.finish(text)))
    }
}

/// Sets aside the rows of the quarantine in which an error of a formula stands: as text it would be taken for a value.
pub(crate) fn with_errors_aside(grid: &mut Grid, names: &[String], wanted: &Wanted<'_>) {
    const ERRORS: [&str; 16] = [
        "#BLOCKED!",
        "#BUSY!",
        "#CALC!",
        "#CONNECT!",
        "#DIV/0!",
        "#EXTERNAL!",
        "#FIELD!",
        "#GETTING_DATA",
        "#N/A",
        "#NAME?",
        NO_RESULT,
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#SPILL!",
        "#VALUE!",
    ];
    let is_error = |cell: &[u8]| ERRORS.iter().any(|error| error.as_bytes() == cell);
    grid.set_aside(|grid, row| {
        let mut columns = names.iter().enumerate();
        let (_, name) = columns.find(|(column, name)| {
            is_error(grid.cell(row, *column)) && !covers(wanted.ignore, name)
        })?;
        let reason = "a formula that came to an error, or has no result";
        Some(Failure::new(grid.rows[row].line, "AM0535", reason).column(name.clone()))
    });
}

/// Cells as a line of CSV.
#[derive(Default)]
struct Line {
    text: Vec<u8>,
    cells: usize,
}

impl Line {
    fn add(&mut self, cell: &str) {
        self.separate();
        self.write(cell);
    }

    fn separate(&mut self) {
        if self.cells > 0 {
            self.text.push(b',');
        }
        self.cells += 1;
    }

    /// Writes a cell; whether it had to be quoted.
    fn write(&mut self, cell: &str) -> bool {
        let is_quoted = cell.contains(['"', ',', '\n', '\r']);
        if is_quoted {
            self.text.push(b'"');
            self.text
                .extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            self.text.push(b'"');
        } else {
            self.text.extend_from_slice(cell.as_bytes());
        }
        is_quoted
    }
}

fn damaged(path: &Path, why: &str) -> Problem {
    Problem::new("AM0537", "this file cannot be read as XLSX")
        .detail(format!("{}: {why}", path.display()))
        .hint("check that the file is whole, and that `format` says what it is")
}
