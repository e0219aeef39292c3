//! CSV: any delimiter, quotes, line breaks inside cells, blank lines left out.

mod record;

use std::collections::HashMap;
use std::path::Path;

use amends_model::{Problem, Result};

use self::record::{Dialect, Found, Quotes};
use super::Split;
use super::blocks::{BLOCK, Blocks, LONGEST};
use super::grid::{Grid, LONGEST_CELL, MOST_ROWS, Row};
use crate::failure::Failure;

/// More columns than this are no table.
const MOST_COLUMNS: usize = 4096;

/// The records of a CSV file.
pub(crate) struct CsvRows {
    blocks: Blocks,
    dialect: Dialect,
    header: Vec<String>,
    /// The header line, where the file has one, and what ends a line.
    heading: Vec<u8>,
    line: i64,
    /// Inside a line that is too long to be held: its bytes are passed over up to its end.
    passing_over: bool,
}

impl CsvRows {
    /// Reads the header line, or takes the columns that the definition names.
    /// What ends a line is seen from the first one, unless it is told.
    ///
    /// # Errors
    /// `AM0503` when there is no header line that can be read; `AM0504` when it names a column twice.
    pub(crate) fn open(
        mut blocks: Blocks,
        path: &Path,
        delimiter: u8,
        declared: Option<&[String]>,
        terminator: Option<u8>,
    ) -> Result<Self> {
        blocks.fill(BLOCK)?;
        let terminator = terminator.unwrap_or_else(|| record::terminator(blocks.text()));
        let mut rows = Self {
            blocks,
            dialect: Dialect {
                delimiter,
                terminator,
            },
            header: Vec::new(),
            heading: vec![terminator],
            line: 1,
            passing_over: false,
        };
        rows.header = match declared {
            Some(names) => names.to_vec(),
            None => rows.read_header(path)?,
        };
        distinct(&rows.header, path)?;
        Ok(rows)
    }

    fn read_header(&mut self, path: &Path) -> Result<Vec<String>> {
        let no_header = |why: &str| {
            Problem::new("AM0503", format!("this file has no header line: {why}"))
                .detail(path.display().to_string())
                .hint("export it with column names, or name them in the definition: header = [\"...\", ...]")
        };
        loop {
            let mut grid = Grid::new(MOST_COLUMNS);
            let last = self.blocks.ended() || self.blocks.text().len() >= LONGEST;
            if self.blocks.text().is_empty() {
                return Err(no_header("it is empty"));
            }
            match self.dialect.find(self.blocks.text(), 0, last, &mut grid) {
                Found::Blank { next } => {
                    self.blocks.take(next);
                    self.line += 1;
                    self.blocks.fill(BLOCK)?;
                }
                Found::Record {
                    end,
                    next,
                    cells,
                    lines,
                } => {
                    if cells > MOST_COLUMNS {
                        return Err(no_header("its first line has more than 4,096 cells"));
                    }
                    let mut text = self.blocks.take(next);
                    text.truncate(end);
                    self.heading = [text.as_slice(), &[self.dialect.terminator]].concat();
                    self.line += lines;
                    let grid = grid.finish(text);
                    return names(&grid).ok_or_else(|| {
                        no_header("its first line is not text in the encoding declared")
                    });
                }
                Found::Broken { .. } => {
                    return Err(no_header("the quotes in its first line do not fit"));
                }
                Found::More => {
                    let size = (self.blocks.text().len() * 2).clamp(BLOCK, LONGEST);
                    self.blocks.fill(size)?;
                }
            }
        }
    }

    /// Passes over the rest of a line that is too long.
    fn pass_over(&mut self) -> Result<()> {
        while self.passing_over {
            self.blocks.fill(BLOCK)?;
            let text = self.blocks.text();
            match memchr::memchr(self.dialect.terminator, text) {
                Some(end) => {
                    self.blocks.take(end + 1);
                    self.passing_over = false;
                }
                None => {
                    let all = text.len();
                    self.blocks.take(all);
                    self.passing_over = !self.blocks.ended();
                }
            }
        }
        Ok(())
    }

    /// The records that the text at hand holds whole, as many as are read at once; how much of it they take.
    fn gather(&mut self, grid: &mut Grid) -> usize {
        let mut at = 0;
        let text = self.blocks.text();
        let most = text.len().min(BLOCK);
        while at < most && grid.records() < MOST_ROWS {
            let mark = grid.mark();
            // More than this is not waited for: a record that is still not whole is cut off here.
            let full = at == 0 && !self.blocks.ended() && text.len() >= LONGEST;
            let last = self.blocks.ended() || full;
            match self.dialect.find(text, at, last, grid) {
                Found::Blank { next } => {
                    at = next;
                    self.line += 1;
                }
                Found::Record {
                    end,
                    next,
                    cells,
                    lines,
                } => {
                    let row = Row {
                        start: at,
                        end,
                        line: self.line,
                    };
                    self.passing_over = full && end == text.len();
                    match fault(grid, mark, cells, row, &self.header, self.passing_over) {
                        None => grid.rows.push(row),
                        Some(failure) => {
                            grid.forget(mark);
                            grid.failures.push(failure.raw(&text[at..end]));
                        }
                    }
                    at = next;
                    self.line += lines;
                }
                Found::Broken {
                    end,
                    next,
                    cell,
                    fault,
                } => {
                    grid.forget(mark);
                    grid.failures
                        .push(broken(self.line, cell, fault, &self.header).raw(&text[at..end]));
                    self.passing_over =
                        full && text[at..next].last() != Some(&self.dialect.terminator);
                    at = next;
                    self.line += 1;
                }
                Found::More => {
                    grid.forget(mark);
                    break;
                }
            }
        }
        at
    }
}

impl Split for CsvRows {
    fn columns(&self) -> &[String] {
        &self.header
    }

    fn heading(&self) -> &[u8] {
        &self.heading
    }

    fn next_grid(&mut self) -> Result<Option<Grid>> {
        self.pass_over()?;
        let mut size = BLOCK;
        loop {
            self.blocks.fill(size)?;
            if self.blocks.text().is_empty() {
                return Ok(None);
            }
            let mut grid = Grid::new(self.header.len());
            let taken = self.gather(&mut grid);
            if taken > 0 {
                let text = self.blocks.take(taken);
                return Ok(Some(grid.finish(text)));
            }
            size = (self.blocks.text().len() * 2).clamp(BLOCK, LONGEST);
        }
    }
}

fn fault(
    grid: &Grid,
    mark: usize,
    cells: usize,
    row: Row,
    header: &[String],
    cut_off: bool,
) -> Option<Failure> {
    if cut_off {
        return Some(Failure::new(row.line, "AM0524", "a row of more than 8 MiB"));
    }
    if cells != header.len() {
        return Some(Failure::new(
            row.line,
            "AM0520",
            format!(
                "{} where the file has {}",
                count(cells, "cell"),
                count(header.len(), "column")
            ),
        ));
    }
    if row.end - row.start <= LONGEST_CELL {
        return None;
    }
    let long = grid.cells[mark..]
        .iter()
        .position(|cell| cell.len as usize > LONGEST_CELL)?;
    Some(Failure::new(row.line, "AM0524", "a cell of more than 4 MiB").column(header[long].clone()))
}

fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

fn broken(line: i64, cell: usize, fault: Quotes, header: &[String]) -> Failure {
    let reason = match fault {
        Quotes::Unterminated => "a quote is opened and never closed",
        Quotes::TextBehind => "text stands behind a closing quote",
    };
    let failure = Failure::new(line, "AM0521", reason);
    match header.get(cell) {
        Some(column) => failure.column(column.clone()),
        None => failure,
    }
}

/// The column names of a header line, trimmed; a column without a name is called after its place.
fn names(grid: &Grid) -> Option<Vec<String>> {
    let cells = grid.cells.iter().enumerate();
    cells
        .map(|(number, cell)| {
            let bytes = &grid.text[cell.start as usize..(cell.start + cell.len) as usize];
            match std::str::from_utf8(bytes).ok()?.trim() {
                "" => Some(format!("column_{}", number + 1)),
                name if name.contains('\0') => None,
                name => Some(name.to_owned()),
            }
        })
        .collect()
}

fn distinct(header: &[String], path: &Path) -> Result<()> {
    let mut seen = HashMap::new();
    for (number, name) in header.iter().enumerate() {
        if let Some(first) = seen.insert(name, number) {
            return Err(Problem::new("AM0504", "two columns have the same name")
                .detail(format!(
                    "{name:?} is column {} and column {} of {}",
                    first + 1,
                    number + 1,
                    path.display()
                ))
                .hint("rename one of them in the export, or name the columns in the definition: header = [\"...\", ...]"));
        }
    }
    Ok(())
}
