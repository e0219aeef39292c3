//! Aligned columns, measured as a terminal shows them, and no wider than it.
//!
//! What does not fit gives way in this order: columns that were declared to go first; headings and words, which wrap; columns that
//! were declared to go at all, the least important one first. A line below names the columns that went. Where even that is not enough,
//! each row becomes a block of lines with all it has. What somebody may have to copy is never broken and never left out.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::paint::{HEADING, QUIET, paint};
use super::prose;

/// No column of words is wrapped to less than this.
const NARROWEST: usize = 10;
/// Between two columns.
const GAP: usize = 2;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Words, which wrap.
    Words,
    /// Numbers, which stand on the right and never break.
    Number,
    /// What somebody may have to copy: it never breaks.
    Name,
}

/// A column: its heading, what it holds, and whether it may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    heading: &'static str,
    kind: Kind,
    goes: Goes,
}

/// Whether and when a column may be left out; of several the one with the smallest number goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Goes {
    /// Before anything wraps: one line for each row is worth more.
    First(u8),
    /// Once wrapping is not enough.
    Last(u8),
    Never,
}

impl Column {
    /// A column of words, which wrap where there is no room.
    pub(crate) const fn words(heading: &'static str) -> Self {
        Self::of(heading, Kind::Words)
    }

    /// A column of numbers.
    pub(crate) const fn number(heading: &'static str) -> Self {
        Self::of(heading, Kind::Number)
    }

    /// A column of what somebody may have to copy: ids, names of promises and sources.
    pub(crate) const fn name(heading: &'static str) -> Self {
        Self::of(heading, Kind::Name)
    }

    const fn of(heading: &'static str, kind: Kind) -> Self {
        Self {
            heading,
            kind,
            goes: Goes::Never,
        }
    }

    /// May be left out where nothing is left to wrap; the smallest number goes first.
    pub(crate) const fn goes(mut self, rank: u8) -> Self {
        self.goes = Goes::Last(rank);
        self
    }

    /// May be left out before anything wraps; the smallest number goes first.
    pub(crate) const fn goes_first(mut self, rank: u8) -> Self {
        self.goes = Goes::First(rank);
        self
    }
}

/// A table: columns and rows.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    indent: usize,
}

/// A column that is shown: which one, and how wide.
#[derive(Clone, Copy)]
struct Shown {
    index: usize,
    width: usize,
}

impl Table {
    /// A table with these columns and no rows.
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            indent: 0,
        }
    }

    /// Every line so far from the margin.
    pub(crate) fn indented(mut self, columns: usize) -> Self {
        self.indent = columns;
        self
    }

    /// Adds a row; missing cells are empty. Control characters are shown as `?`, so that data cannot steer the terminal.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    /// Writes it, as wide as standard output at most.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_within(out, prose::width())
    }

    fn write_within(&self, out: &mut dyn Write, width: usize) -> io::Result<()> {
        let room = width.saturating_sub(self.indent).max(1);
        match self.fit(room) {
            Some(shown) => self.rows_of(out, &shown, width),
            None => self.blocks(out, room),
        }
    }

    /// The columns that are shown and their widths; `None` where no choice of them fits.
    fn fit(&self, room: usize) -> Option<Vec<Shown>> {
        let mut indices: Vec<usize> = (0..self.columns.len()).collect();
        loop {
            let widths = self.widths(&indices, room);
            let next = indices
                .iter()
                .map(|index| (self.columns[*index].goes, *index));
            let (goes, next) = next.min()?;
            let wraps = |widths: &[usize]| {
                let mut each = indices.iter().zip(widths);
                each.any(|(index, width)| *width < self.natural(*index))
            };
            let widths = widths.filter(|widths| !matches!(goes, Goes::First(_)) || !wraps(widths));
            if let Some(widths) = widths {
                let shown = indices.into_iter().zip(widths);
                return Some(shown.map(|(index, width)| Shown { index, width }).collect());
            }
            if goes == Goes::Never {
                return None;
            }
            indices.retain(|index| *index != next);
        }
    }

    /// How wide each of these columns is so that all fit; the widest gives way first.
    fn widths(&self, indices: &[usize], room: usize) -> Option<Vec<usize>> {
        let room = room.checked_sub(GAP * indices.len().saturating_sub(1))?;
        let mut widths: Vec<usize> = indices.iter().map(|index| self.natural(*index)).collect();
        let narrowest: Vec<usize> = indices.iter().map(|index| self.narrowest(*index)).collect();
        while widths.iter().sum::<usize>() > room {
            let can = (0..widths.len()).filter(|at| widths[*at] > narrowest[*at]);
            let widest = can.max_by_key(|at| widths[*at])?;
            widths[widest] -= 1;
        }
        Some(widths)
    }

    fn cells(&self, index: usize) -> impl Iterator<Item = usize> {
        let cells = self.rows.iter().filter_map(move |row| row.get(index));
        cells.map(|cell| cell.width())
    }

    fn natural(&self, index: usize) -> usize {
        let widest = self.cells(index).max().unwrap_or(0);
        widest.max(self.columns[index].heading.width())
    }

    fn narrowest(&self, index: usize) -> usize {
        let Column { heading, kind, .. } = self.columns[index];
        let words = heading.split(' ').map(|word| word.width());
        let widest = self.cells(index).max().unwrap_or(0);
        let cells = match kind {
            // A long text that had a few columns only would fill the whole terminal.
            Kind::Words => widest.min(NARROWEST.max(widest / 4)),
            Kind::Number | Kind::Name => widest,
        };
        cells.max(words.max().unwrap_or(0))
    }

    fn rows_of(&self, out: &mut dyn Write, shown: &[Shown], width: usize) -> io::Result<()> {
        let headings: Vec<&str> = self.columns.iter().map(|column| column.heading).collect();
        for line in self.row_lines(&headings, shown) {
            writeln!(out, "{}", paint(HEADING, line))?;
        }
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            let lines = self.row_lines(&cells, shown);
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        let gone = (0..self.columns.len())
            .filter(|index| shown.iter().all(|shown| shown.index != *index))
            .map(|index| self.columns[index].heading);
        let gone: Vec<&str> = gone.collect();
        if gone.is_empty() {
            return Ok(());
        }
        let note = format!(
            "no room for: {}; a wider terminal or --json shows them",
            gone.join(", ")
        );
        prose::lines(&note, self.indent, width)
            .into_iter()
            .try_for_each(|line| writeln!(out, "{}", paint(QUIET, line)))
    }

    /// One row, as many lines as its tallest cell has.
    fn row_lines(&self, cells: &[&str], shown: &[Shown]) -> Vec<String> {
        let broken: Vec<Vec<String>> = shown
            .iter()
            .map(|Shown { index, width }| {
                let cell = cells.get(*index).copied().unwrap_or_default();
                broken(cell, *width)
            })
            .collect();
        let tallest = broken.iter().map(Vec::len).max().unwrap_or(1).max(1);
        (0..tallest)
            .map(|at| {
                let mut line = " ".repeat(self.indent);
                for (Shown { index, width }, cell) in shown.iter().zip(&broken) {
                    let cell = cell.get(at).map_or("", String::as_str);
                    let space = " ".repeat(width.saturating_sub(cell.width()));
                    match self.columns[*index].kind {
                        Kind::Number => line.extend([space.as_str(), cell]),
                        Kind::Words | Kind::Name => line.extend([cell, &space]),
                    }
                    line.push_str(&" ".repeat(GAP));
                }
                line.truncate(line.trim_end().len());
                line
            })
            .collect()
    }

    /// Each row as a block of lines: a heading and its value on each, the first one at the margin.
    fn blocks(&self, out: &mut dyn Write, room: usize) -> io::Result<()> {
        let label = self.columns.iter().map(|column| column.heading.width());
        let label = label.max().unwrap_or(0) + GAP;
        let space = " ".repeat(self.indent);
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            for (index, column) in self.columns.iter().enumerate() {
                let cell = row.get(index).map_or("", String::as_str);
                if cell.is_empty() {
                    continue;
                }
                let heading = column.heading;
                let fill = " ".repeat(label - heading.width());
                if label + cell.width() <= room {
                    writeln!(out, "{space}{}{fill}{cell}", paint(HEADING, heading))?;
                    continue;
                }
                writeln!(out, "{space}{}", paint(HEADING, heading))?;
                for line in prose::lines(cell, GAP, room) {
                    writeln!(out, "{space}{line}")?;
                }
            }
        }
        Ok(())
    }
}

/// A cell in lines: between words, else behind the signs that names of files are made of, else anywhere.
fn broken(cell: &str, width: usize) -> Vec<String> {
    if cell.width() <= width {
        return vec![cell.to_owned()];
    }
    let pieces = textwrap::WordSeparator::Custom(|line| {
        let pieces = line.split_inclusive([' ', '_', '/']);
        Box::new(pieces.map(textwrap::core::Word::from))
    });
    let how = textwrap::Options::new(width.max(1))
        .word_separator(pieces)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::wrap(cell, how)
        .into_iter()
        .map(|line| line.into_owned())
        .collect()
}

/// Text without characters that would steer the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(table: &Table, width: usize) -> Vec<String> {
        let mut out = Vec::new();
        table.write_within(&mut out, width).unwrap();
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        let text = String::from_utf8(text).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_line_up_and_data_cannot_steer_the_terminal() {
        let mut table = Table::new(&[Column::words("Who"), Column::number("Count")]);
        table.row(["São\u{1b}[31m".into(), "7".into()]);
        table.row(["日本".into(), "1,000".into()]);
        let lines = lines(&table, 80);
        assert_eq!(lines[1..], ["São?[31m      7", "日本      1,000"]);
    }

    fn let_downs(known: Column) -> Table {
        let mut table = Table::new(&[
            Column::name("let-down"),
            known,
            Column::words("why"),
            Column::number("serious"),
        ]);
        table.row([
            "delivery-date/TW-1003034".into(),
            "2024-10-14 00:00".into(),
            "the van broke down".into(),
            "3".into(),
        ]);
        table
    }

    const KNOWN: Column = Column::words("could have known");

    #[test]
    fn a_column_that_goes_first_goes_before_words_wrap() {
        let expected = [
            "let-down                  why                 serious",
            "delivery-date/TW-1003034  the van broke down        3",
            "no room for: could have known; a wider terminal or --json",
            "shows them",
        ];
        assert_eq!(lines(&let_downs(KNOWN.goes_first(1)), 57), expected);
    }

    #[test]
    fn words_wrap_before_a_column_goes() {
        let expected = [
            "let-down                  could have  why         serious",
            "                          known",
            "delivery-date/TW-1003034  2024-10-14  the van           3",
            "                          00:00       broke down",
        ];
        assert_eq!(lines(&let_downs(KNOWN.goes(1)), 57), expected);
    }

    #[test]
    fn a_column_that_goes_is_named() {
        let expected = [
            "let-down                  why         serious",
            "delivery-date/TW-1003034  the van           3",
            "                          broke down",
            "no room for: could have known; a wider",
            "terminal or --json shows them",
        ];
        assert_eq!(lines(&let_downs(KNOWN.goes(1)), 45), expected);
    }

    #[test]
    fn where_no_choice_of_columns_fits_each_row_is_a_block_with_all_it_has() {
        let expected = [
            "let-down",
            "  delivery-date/TW-1003034",
            "could have known  2024-10-14 00:00",
            "why               the van broke down",
            "serious           3",
        ];
        assert_eq!(lines(&let_downs(KNOWN.goes(1)), 40), expected);
    }

    #[test]
    fn a_name_of_a_file_breaks_behind_the_signs_in_it() {
        assert_eq!(broken("olist_orders.csv", 10), ["olist_", "orders.csv"]);
        assert_eq!(broken("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }
}
