//! The rows of a sheet, as they come.

use std::io::Read;
use std::path::{Path, PathBuf};

use amends_model::Result;
use quick_xml::events::{BytesStart, Event};

use super::damaged;
use super::strings::{Rich, Strings, unescaped};
use super::xml::{Xml, add_text, attribute, name};

/// A sheet has no more rows and columns than these.
const MOST_ROWS: i64 = 1 << 20;
const MOST_COLUMNS: usize = 1 << 14;
/// A row with more text than this is set aside, in bytes.
const LONGEST_ROW: usize = 8 << 20;

/// What a cell holds.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    /// A number as it is written, and the number of its style.
    Number(String, usize),
    /// Text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A date in ISO 8601.
    Date(String),
    /// The error that a formula came to.
    Error(String),
    /// A formula whose result was never computed.
    NoResult,
}

/// A row with the cells that are not empty.
pub(super) struct SheetRow {
    /// Its number, from 1.
    pub(super) number: i64,
    /// The cells with their columns, from 0.
    pub(super) cells: Vec<(usize, Value)>,
    /// Whether it has more text than a row may have; the cells are then not all there.
    pub(super) is_too_long: bool,
}

/// A sheet that is being read.
pub(super) struct Sheet {
    xml: Xml,
    strings: Strings,
    path: PathBuf,
    /// The number of the row read last.
    last: i64,
}

impl Sheet {
    pub(super) fn new(text: impl Read + Send + 'static, strings: Strings, path: &Path) -> Self {
        Self {
            xml: Xml::new(text, path),
            strings,
            path: path.to_owned(),
            last: 0,
        }
    }

    /// The next row; `None` at the end, when all of the part was read and fits its checksum.
    ///
    /// # Errors
    /// `AM0536` or `AM0537` when the sheet cannot be read on.
    pub(super) fn next(&mut self) -> Result<Option<SheetRow>> {
        loop {
            match self.xml.next()? {
                Event::Eof => return Ok(None),
                Event::Start(element) if name(&element) == "row" => {
                    let number = match attribute(&element, "r") {
                        Some(number) => number.parse::<i64>().ok(),
                        None => Some(self.last + 1),
                    };
                    let number = number.filter(|it| *it > self.last && *it <= MOST_ROWS);
                    self.last = number
                        .ok_or_else(|| damaged(&self.path, "its rows are not in their order"))?;
                    return self.row().map(Some);
                }
                _ => {}
            }
        }
    }

    fn row(&mut self) -> Result<SheetRow> {
        let mut row = SheetRow {
            number: self.last,
            cells: Vec::new(),
            is_too_long: false,
        };
        let (mut size, mut column) = (0, 0);
        let mut cell: Option<Reading> = None;
        loop {
            let event = self.xml.next()?;
            match &event {
                Event::Start(element) if name(element) == "c" => {
                    let read = Reading::new(element, column);
                    let read = read.ok_or_else(|| {
                        damaged(&self.path, "a cell does not say which column it stands in")
                    })?;
                    column = read.column + 1;
                    cell = Some(read);
                }
                Event::End(element) => match element.local_name().into_inner() {
                    "row" => return Ok(row),
                    "c" => {
                        let Some(read) = cell.take() else { continue };
                        if row.is_too_long {
                            continue;
                        }
                        let column = read.column;
                        let value = read.value(&self.strings);
                        let value = value.ok_or_else(|| {
                            damaged(&self.path, "a cell shares a text that is not there")
                        })?;
                        let Some(value) = value else { continue };
                        size += value.size() + size_of::<(usize, Value)>();
                        row.is_too_long |= size > LONGEST_ROW;
                        if !row.is_too_long {
                            row.cells.push((column, value));
                        }
                    }
                    _ => row.is_too_long |= taken(&mut cell, &event, &self.path)?,
                },
                _ => row.is_too_long |= taken(&mut cell, &event, &self.path)?,
            }
        }
    }
}

/// Gives a cell what an event says of it; whether it has more text by now than a row may have, and lost it.
fn taken(cell: &mut Option<Reading>, event: &Event<'_>, path: &Path) -> Result<bool> {
    let Some(cell) = cell else {
        return Ok(false);
    };
    cell.take(event, path)?;
    let value = cell.value.as_ref().map_or(0, String::len);
    let is_too_long = value + cell.inline.text.len() > LONGEST_ROW;
    if is_too_long {
        cell.value = None;
        cell.in_value = false;
        cell.inline = Rich::default();
    }
    Ok(is_too_long)
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Number(text, _) | Self::Text(text) | Self::Date(text) | Self::Error(text) => {
                text.len()
            }
            Self::Boolean(_) | Self::NoResult => 1,
        }
    }
}

/// A cell that is being read.
struct Reading {
    column: usize,
    kind: String,
    style: usize,
    inline: Rich,
    value: Option<String>,
    in_value: bool,
    is_formula: bool,
}

impl Reading {
    /// A cell says its place, or stands behind the one before.
    fn new(element: &BytesStart<'_>, next: usize) -> Option<Self> {
        let column = match attribute(element, "r") {
            Some(place) => column_of(&place)?,
            None => next,
        };
        let style = attribute(element, "s").and_then(|style| style.parse().ok());
        (column < MOST_COLUMNS).then(|| Self {
            column,
            kind: attribute(element, "t").map_or_else(String::new, |kind| kind.into_owned()),
            style: style.unwrap_or(0),
            inline: Rich::default(),
            value: None,
            in_value: false,
            is_formula: false,
        })
    }

    fn take(&mut self, event: &Event<'_>, path: &Path) -> Result<()> {
        match event {
            Event::Start(element) => match name(element) {
                "v" => {
                    self.in_value = true;
                    self.value = Some(String::new());
                }
                "f" => self.is_formula = true,
                _ => self.inline.take(event, path)?,
            },
            Event::End(element) if element.local_name().into_inner() == "v" => {
                self.in_value = false;
            }
            _ => match self.value.as_mut().filter(|_| self.in_value) {
                Some(value) => add_text(event, value, path)?,
                None => self.inline.take(event, path)?,
            },
        }
        Ok(())
    }

    /// What the cell holds: nothing where it is empty, `None` where it cannot be known.
    fn value(self, strings: &Strings) -> Option<Option<Value>> {
        if self.kind == "inlineStr" {
            let text = unescaped(&self.inline.text);
            return Some((!text.is_empty()).then_some(Value::Text(text)));
        }
        let Some(value) = self.value else {
            return Some(self.is_formula.then_some(Value::NoResult));
        };
        // Scripts write an empty result where they have none; text alone may be empty.
        if self.is_formula && value.trim().is_empty() && self.kind != "str" {
            return Some(Some(Value::NoResult));
        }
        let text = |text: String| (!text.is_empty()).then_some(Value::Text(text));
        Some(match self.kind.as_str() {
            "s" => text(strings.get(value.trim().parse().ok()?)?.to_owned()),
            "str" => text(unescaped(&value)),
            "b" => Some(Value::Boolean(matches!(value.trim(), "1" | "true"))),
            "d" => Some(Value::Date(value.trim().to_owned())),
            "e" => Some(Value::Error(value)),
            _ if value.trim().is_empty() => None,
            _ => Some(Value::Number(value.trim().to_owned(), self.style)),
        })
    }
}

/// The column of a place such as `BC17`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.take(4).fold(0, |column, letter| {
        column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_by_letters() {
        for (place, column) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA1", Some(26)),
            ("XFD1048576", Some(16_383)),
            ("17", None),
            ("", None),
        ] {
            assert_eq!(column_of(place), column, "{place}");
        }
        assert!(column_of("ZZZZZZZZZZZZZZ1").unwrap() >= MOST_COLUMNS);
    }
}
