//! Where one CSV record ends, and its cells.

use memchr::{memchr, memchr2};

use crate::decode::grid::{Cell, Grid};

/// How cells and records are told apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// Between cells.
    pub(crate) delimiter: u8,
    /// Ends a record; a carriage return before a line feed belongs to it.
    pub(crate) terminator: u8,
}

/// What stands at a place in the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing: a blank line. The next record begins at `next`.
    Blank { next: usize },
    /// A record whose cells are in the grid.
    Record {
        /// Where its text ends.
        end: usize,
        /// Where the next record begins.
        next: usize,
        /// How many cells it has, also those beyond the grid's width.
        cells: usize,
        /// How many lines it takes.
        lines: i64,
    },
    /// Quotes that do not fit. The record is cut off at the end of its first line, so that it does not swallow those behind it.
    Broken {
        /// Where its text ends.
        end: usize,
        /// Where the next record begins.
        next: usize,
        /// The number of the cell, from 0.
        cell: usize,
        /// Why.
        fault: Quotes,
    },
    /// The text ends before the record does.
    More,
}

/// What is wrong with quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// No closing quote follows.
    Unterminated,
    /// Behind the closing quote stands more text.
    TextBehind,
}

impl Dialect {
    /// Finds the record at a place and puts its cells into the grid. `last` says that no more text follows, or that no more is waited for.
    pub(crate) fn find(self, text: &[u8], at: usize, last: bool, grid: &mut Grid) -> Found {
        if let Some(next) = self.blank(text, at, last) {
            return Found::Blank { next };
        }
        let (mut place, mut cells, mut lines) = (at, 0, 1);
        loop {
            let cell = match text.get(place) {
                Some(b'"') => self.quoted(text, place, last, grid, cells),
                _ => self.plain(text, place, last, grid, cells),
            };
            let (end, inside) = match cell {
                Some(Ok(found)) => found,
                Some(Err(fault)) => return self.broken(text, at, last, cells, fault),
                None => return Found::More,
            };
            (cells, lines) = (cells + 1, lines + inside);
            match text.get(end) {
                Some(&byte) if byte == self.delimiter => place = end + 1,
                Some(b'\r') if self.terminator == b'\n' => {
                    return Found::Record {
                        end,
                        next: (end + 2).min(text.len()),
                        cells,
                        lines,
                    };
                }
                _ => {
                    return Found::Record {
                        end,
                        next: (end + 1).min(text.len()),
                        cells,
                        lines,
                    };
                }
            }
        }
    }

    fn blank(self, text: &[u8], at: usize, last: bool) -> Option<usize> {
        match &text[at..] {
            [byte, ..] if *byte == self.terminator => Some(at + 1),
            [b'\r', b'\n', ..] => Some(at + 2),
            [b'\r'] if last => Some(at + 1),
            _ => None,
        }
    }

    /// The end of an unquoted cell; `None` where the text ends too early.
    fn plain(
        self,
        text: &[u8],
        start: usize,
        last: bool,
        grid: &mut Grid,
        number: usize,
    ) -> Option<Result<(usize, i64), Quotes>> {
        let end = match memchr2(self.delimiter, self.terminator, &text[start..]) {
            Some(found) => start + found,
            None if last => text.len(),
            None => return None,
        };
        let at_end = text.get(end) != Some(&self.delimiter);
        let return_before = self.terminator == b'\n' && at_end && text[start..end].ends_with(b"\r");
        let end = end - usize::from(return_before);
        push(grid, number, start, end);
        Some(Ok((end, 0)))
    }

    /// The end of a quoted cell, behind its closing quote, and the line breaks in it.
    fn quoted(
        self,
        text: &[u8],
        quote: usize,
        last: bool,
        grid: &mut Grid,
        number: usize,
    ) -> Option<Result<(usize, i64), Quotes>> {
        let start = quote + 1;
        let mut place = start;
        let mut doubled = false;
        let close = loop {
            let Some(found) = memchr(b'"', &text[place..]) else {
                return last.then_some(Err(Quotes::Unterminated));
            };
            let found = place + found;
            match text.get(found + 1) {
                Some(b'"') => (place, doubled) = (found + 2, true),
                None if !last => return None,
                _ => break found,
            }
        };
        match &text[close + 1..] {
            [b'\r'] if !last => return None,
            [] | [b'\r'] | [b'\r', b'\n', ..] => {}
            [byte, ..] if *byte == self.delimiter || *byte == self.terminator => {}
            _ => return Some(Err(Quotes::TextBehind)),
        }
        if doubled && number < grid.width {
            push_undoubled(grid, &text[start..close]);
        } else {
            push(grid, number, start, close);
        }
        let breaks = memchr::memchr_iter(self.terminator, &text[start..close]).count();
        Some(Ok((close + 1, breaks as i64)))
    }

    fn broken(self, text: &[u8], at: usize, last: bool, cell: usize, fault: Quotes) -> Found {
        let (end, next) = match memchr(self.terminator, &text[at..]) {
            Some(found) => (at + found, at + found + 1),
            None if last => (text.len(), text.len()),
            None => return Found::More,
        };
        let end = end - usize::from(text[at..end].ends_with(b"\r"));
        Found::Broken {
            end,
            next,
            cell,
            fault,
        }
    }
}

/// The line terminator of a text: what ends its first line.
pub(crate) fn terminator(text: &[u8]) -> u8 {
    match memchr2(b'\n', b'\r', text) {
        Some(found) if text[found] == b'\r' && text.get(found + 1).is_some_and(|&b| b != b'\n') => {
            b'\r'
        }
        _ => b'\n',
    }
}

fn push(grid: &mut Grid, number: usize, start: usize, end: usize) {
    if number < grid.width {
        grid.cells.push(Cell {
            start: start as u32,
            len: (end - start) as u32,
        });
    }
}

fn push_undoubled(grid: &mut Grid, quoted: &[u8]) {
    let rewritten = grid.rewriting();
    let begin = rewritten.len();
    let mut rest = quoted;
    while let Some(found) = memchr(b'"', rest) {
        rewritten.extend_from_slice(&rest[..=found]);
        rest = &rest[(found + 2).min(rest.len())..];
    }
    rewritten.extend_from_slice(rest);
    grid.cells.push(Cell::default());
    grid.rewrite(grid.cells.len() - 1, begin);
}
