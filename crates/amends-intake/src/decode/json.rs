//! JSON lines: one object a line, nested fields named with dots, arrays kept as JSON text.

mod lines;
mod scan;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use amends_model::Result;

pub(super) use self::lines::JsonLines;
use self::scan::{Fault, Leaf};
use super::Split;
use super::blocks::{BLOCK, Blocks, LONGEST};
use super::grid::{Cell, Grid, LONGEST_CELL, MOST_ROWS, Row};
use crate::failure::Failure;

/// Fields are looked for in so much of the beginning of a file.
const SAMPLE: usize = 8 << 20;
/// Fields beyond so many are not columns of their own.
const MOST_COLUMNS: usize = 1000;

/// Fields with longer names, those of the objects around them included, are no table, in bytes.
const LONGEST_NAME: usize = 1024;

/// So many cells at once, however short the lines are.
const MOST_CELLS: usize = 1 << 21;

/// The column that holds, as a JSON object, the fields that are no columns of their own.
pub(crate) const UNNAMED: &str = "_rest";

/// The records of a file of JSON lines.
pub(crate) struct JsonRows {
    blocks: Blocks,
    columns: Vec<String>,
    places: HashMap<String, usize>,
    /// Fields that are left out where they are no columns.
    left_out: BTreeSet<String>,
    /// Other names of columns. They give way to the column's own.
    others: BTreeSet<String>,
    line: i64,
    passing_over: bool,
}

impl JsonRows {
    /// The columns are those that the definition names (`expected`), and the fields found in the first 8 MiB of the file.
    /// A field that comes later stands in the column `_rest`, unless it is to be left out. Fields of other names are read into the columns that
    /// they are another name for.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read.
    pub(crate) fn open(
        mut blocks: Blocks,
        expected: &BTreeSet<String>,
        left_out: &BTreeSet<String>,
        renamed: &BTreeMap<String, String>,
    ) -> Result<Self> {
        blocks.fill(SAMPLE)?;
        let mut columns: Vec<String> = Vec::new();
        let mut places = HashMap::new();
        let text = blocks.text();
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if !line.ends_with(b"\n") && !blocks.ended() {
                break;
            }
            let Ok(line) = std::str::from_utf8(line) else {
                continue;
            };
            // A line that breaks off is quarantined later; the fields before that place do no harm.
            let _ = scan::leaves(line, &mut |path, _, _, _| {
                let path = renamed.get(path).map_or(path, String::as_str);
                if columns.len() < MOST_COLUMNS
                    && path.len() <= LONGEST_NAME
                    && !path.starts_with('_')
                    && !places.contains_key(path)
                {
                    places.insert(path.to_owned(), columns.len());
                    columns.push(path.to_owned());
                }
            });
        }
        for name in expected {
            if !places.contains_key(name) {
                places.insert(name.clone(), columns.len());
                columns.push(name.clone());
            }
        }
        for (other, column) in renamed {
            if let Some(place) = places.get(column) {
                places.insert(other.clone(), *place);
            }
        }
        columns.push(UNNAMED.to_owned());
        Ok(Self {
            blocks,
            columns,
            places,
            left_out: left_out.clone(),
            others: renamed.keys().cloned().collect(),
            line: 1,
            passing_over: false,
        })
    }

    fn pass_over(&mut self) -> Result<()> {
        while self.passing_over {
            self.blocks.fill(BLOCK)?;
            let text = self.blocks.text();
            let (count, found) = match memchr::memchr(b'\n', text) {
                Some(end) => (end + 1, true),
                None => (text.len(), false),
            };
            self.blocks.take(count);
            self.passing_over = !found && !self.blocks.ended();
        }
        Ok(())
    }

    fn gather(&mut self, grid: &mut Grid) -> usize {
        let mut at = 0;
        let text = self.blocks.text();
        let most = text.len().min(BLOCK);
        while at < most && grid.cells.len() < MOST_CELLS && grid.records() < MOST_ROWS {
            let full = at == 0 && !self.blocks.ended() && text.len() >= LONGEST;
            let (end, next) = match memchr::memchr(b'\n', &text[at..]) {
                Some(found) => (at + found, at + found + 1),
                None if self.blocks.ended() || full => (text.len(), text.len()),
                None => break,
            };
            self.passing_over = full && next == end;
            let row = Row {
                start: at,
                end,
                line: self.line,
            };
            at = next;
            self.line += 1;
            let raw = &text[row.start..row.end];
            if raw.trim_ascii().is_empty() {
                continue;
            }
            let mark = grid.mark();
            let fault = if self.passing_over {
                Some(Failure::new(row.line, "AM0524", "a row of more than 8 MiB"))
            } else {
                self.read(raw, row, grid)
            };
            match fault {
                None => grid.rows.push(row),
                Some(failure) => {
                    grid.forget(mark);
                    grid.failures.push(failure.raw(raw));
                }
            }
        }
        at
    }

    /// Puts one line's fields into the grid.
    fn read(&self, raw: &[u8], row: Row, grid: &mut Grid) -> Option<Failure> {
        let Ok(text) = std::str::from_utf8(raw) else {
            return Some(Failure::new(
                row.line,
                "AM0522",
                "bytes that are not UTF-8 text",
            ));
        };
        let mark = grid.mark();
        grid.cells
            .resize(mark + self.columns.len(), Cell::default());
        let mut fault = None;
        let mut unnamed = String::new();
        let told = scan::leaves(text, &mut |path, leaf, start, end| {
            if leaf == Leaf::Null || fault.is_some() {
                return;
            }
            if path.len() > LONGEST_NAME {
                let reason = "a field whose name has more than 1,024 bytes";
                fault = Some(Failure::new(row.line, "AM0524", reason));
                return;
            }
            let failed =
                |code, reason: &str| Some(Failure::new(row.line, code, reason).column(path));
            if end - start > LONGEST_CELL {
                fault = failed("AM0524", "a field of more than 4 MiB");
                return;
            }
            let place = self.places.get(path);
            let is_told = |column: &&usize| grid.cells[mark + **column] != Cell::default();
            if self.others.contains(path) && place.as_ref().is_some_and(is_told) {
                return;
            }
            match (place, leaf) {
                (Some(&column), Leaf::Escaped) => {
                    let begin = grid.rewriting().len();
                    let done = scan::unescape(&raw[start..end], grid.rewriting());
                    if done.is_none() {
                        fault = failed("AM0526", "an escape in this text that JSON does not know");
                    } else if memchr::memchr(0, &grid.rewriting()[begin..]).is_some() {
                        fault = failed("AM0523", "a NUL character");
                    }
                    grid.rewrite(mark + column, begin);
                }
                (Some(&column), _) => grid.place(mark + column, row.start + start, end - start),
                (None, _) => {
                    self.keep(path, leaf, &text[start..end], &mut unnamed);
                    if unnamed.len() > LONGEST_CELL {
                        let reason = "fields without a column of their own of more than 4 MiB";
                        fault = Some(Failure::new(row.line, "AM0524", reason));
                    }
                }
            }
        });
        if let Err(fault) = told {
            return Some(Failure::new(row.line, "AM0526", reason(fault)));
        }
        if !unnamed.is_empty() {
            unnamed.push('}');
            let begin = grid.rewriting().len();
            grid.rewriting().extend_from_slice(unnamed.as_bytes());
            grid.rewrite(mark + self.columns.len() - 1, begin);
        }
        fault
    }

    fn keep(&self, path: &str, leaf: Leaf, text: &str, unnamed: &mut String) {
        if path.starts_with('_') || covers(&self.left_out, path) {
            return;
        }
        unnamed.push(if unnamed.is_empty() { '{' } else { ',' });
        unnamed.push_str(&serde_json::Value::from(path).to_string());
        unnamed.push(':');
        match leaf {
            Leaf::Plain | Leaf::Escaped => {
                unnamed.push('"');
                unnamed.push_str(text);
                unnamed.push('"');
            }
            Leaf::Literal | Leaf::Null => unnamed.push_str(text),
        }
    }
}

/// Whether a set of names holds a column, or an object that the column is a field of.
pub(crate) fn covers(names: &BTreeSet<String>, column: &str) -> bool {
    names.contains(column)
        || column
            .match_indices('.')
            .any(|(dot, _)| names.contains(&column[..dot]))
}

fn reason(fault: Fault) -> String {
    match fault {
        Fault::NotAnObject => "not a JSON object".to_owned(),
        Fault::Syntax(byte) => format!("not valid JSON from byte {} of the line on", byte + 1),
        Fault::TooDeep => "JSON nested deeper than 64 levels".to_owned(),
    }
}

impl Split for JsonRows {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn next_grid(&mut self) -> Result<Option<Grid>> {
        self.pass_over()?;
        let mut size = BLOCK;
        loop {
            self.blocks.fill(size)?;
            if self.blocks.text().is_empty() {
                return Ok(None);
            }
            let mut grid = Grid::new(self.columns.len());
            let taken = self.gather(&mut grid);
            if taken > 0 {
                let text = self.blocks.take(taken);
                return Ok(Some(grid.finish(text)));
            }
            size = (self.blocks.text().len() * 2).clamp(BLOCK, LONGEST);
        }
    }
}
