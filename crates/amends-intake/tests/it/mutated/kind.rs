//! The kinds of files: an honest one of each, and what becomes of it.

use std::io::Write;
use std::path::Path;

use amends_project::definition::*;
use amends_testkit::hostile::{Dice, mutated};

use super::{count, parquet, workbook};
use crate::shop::*;

/// How many records an honest file has.
pub(super) const ROWS: u64 = 12;

const HEAD: [&str; 10] = [
    "id", "customer", "day", "at", "amount", "n", "share", "flag", "month", "note",
];

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Latin1,
    Gzip,
    Zstd,
    JsonLines,
    Parquet,
    Xlsx,
}

/// Pieces of the formats' grammars.
const OF_CSV: &[&[u8]] = &[
    b"\"", b"\"\"", b",", b";", b"\n", b"\r\n", b"\r", b"\"\n", b",\"", b"\t",
];
const OF_JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{\"a\":",
    b"[{\"a\":[",
    b"null",
    b"true",
    b"\n",
    b"\"id\":",
    b"\"a.b\":1,",
];
const OF_ARCHIVES: &[&[u8]] = &[
    b"\x1f\x8b\x08\0",
    b"\x28\xb5\x2f\xfd",
    b"\x50\x2a\x4d\x18\xff\xff\xff\xff",
    b"\0\0\0\xff\xff",
    b"\x03\0",
    b"\xff\xff\xff\xff",
];

/// The text of a cell, by its column.
fn cell(row: u64, column: &str) -> String {
    match column {
        "id" => format!("{row}"),
        "customer" => format!("c{}", row % 5),
        "day" => format!("2018-01-{:02}", row + 1),
        "at" => format!("2018-01-{:02}T10:00:00+01:00", row + 1),
        "amount" => format!("{}.50", row * 7),
        "n" => format!("{}", row * 1000),
        "share" => format!("0.{row}"),
        "flag" => ["true", "false", ""][(row % 3) as usize].to_owned(),
        "month" => "2018-02".to_owned(),
        _ => ["late, \"again\"", "café", "two\nlines", "", "=1+1"][(row % 5) as usize].to_owned(),
    }
}

fn csv(delimiter: char) -> String {
    let mut lines = vec![HEAD.join(&delimiter.to_string())];
    for row in 0..ROWS {
        let quoted = |text: String| match text.contains(['"', '\n', delimiter]) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text,
        };
        let cells = HEAD.map(|column| quoted(cell(row, column)));
        lines.push(cells.join(&delimiter.to_string()));
    }
    lines.join("\n") + "\n"
}

fn json_lines() -> String {
    let mut text = String::new();
    for row in 0..ROWS {
        let fields = HEAD.map(|column| match (column, cell(row, column)) {
            ("n" | "share", number) => format!("\"{column}\":{number}"),
            ("flag", flag) if flag.is_empty() => "\"flag\":null".to_owned(),
            (_, text) => format!("\"{column}\":{text:?}"),
        });
        let further =
            "\"place\":{\"city\":\"Porto\",\"at\":[1,{\"x\":[2]}]},\"late\\u00e9\":\"\\n\"";
        text += &format!("{{{},{further}}}\n", fields.join(","));
    }
    text
}

/// Each letter as one byte.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| letter as u8).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

impl Kind {
    /// How a file of this kind is read.
    pub(super) fn file(self, path: &Path) -> SourceFile {
        let columns = [
            ("day", ColumnType::Date),
            ("at", ColumnType::Timestamp),
            ("amount", money()),
            ("n", ColumnType::Integer),
            ("share", ColumnType::Number),
            ("flag", ColumnType::Boolean),
            ("month", ColumnType::Month),
            ("id", ColumnType::Text),
            ("note", ColumnType::Text),
        ];
        let mut file = csv_file(path, &columns);
        match self {
            Self::Csv => {}
            Self::Gzip => file.packing = Packing::Gzip,
            Self::Zstd => file.packing = Packing::Zstd,
            Self::Latin1 => {
                file.format = Format::Csv {
                    delimiter: b';',
                    encoding: "latin1".to_owned(),
                    header: None,
                };
            }
            Self::JsonLines => file.format = Format::JsonLines,
            Self::Parquet => file.format = Format::Parquet,
            Self::Xlsx => {
                file.format = Format::Xlsx {
                    sheet: None,
                    header_row: None,
                };
            }
        }
        file
    }

    /// A file as a program writes it.
    pub(super) fn honest(self, dice: &mut Dice) -> Vec<u8> {
        match self {
            Self::Csv => csv(',').into_bytes(),
            Self::Latin1 => latin1(&csv(';')),
            Self::Gzip => gzip(csv(',').as_bytes()),
            Self::Zstd => zstd::encode_all(csv(',').as_bytes(), 3).unwrap(),
            Self::JsonLines => json_lines().into_bytes(),
            Self::Parquet => parquet::honest(dice),
            Self::Xlsx => workbook::honest(),
        }
    }

    /// A file that was damaged, and how many records it has now, where that can be told.
    pub(super) fn damaged(self, dice: &mut Dice) -> (Vec<u8>, Option<u64>) {
        let text = |dice: &mut Dice| mutated(csv(',').as_bytes(), OF_CSV, dice);
        match self {
            Self::Csv => {
                let text = text(dice);
                let rows = count::csv(&text, b',');
                (text, rows)
            }
            Self::Latin1 => {
                let text = mutated(&latin1(&csv(';')), OF_CSV, dice);
                let rows = count::csv(&text, b';');
                (text, rows)
            }
            Self::JsonLines => {
                let text = mutated(json_lines().as_bytes(), OF_JSON, dice);
                let rows = count::lines(&text);
                (text, rows)
            }
            // The archive is damaged, or what is in it.
            Self::Gzip | Self::Zstd if dice.once_in(2) => {
                let packed = mutated(&self.honest(dice), OF_ARCHIVES, dice);
                (packed, None)
            }
            Self::Gzip => {
                let text = text(dice);
                (gzip(&text), count::csv(&text, b','))
            }
            Self::Zstd => {
                let text = text(dice);
                let packed = zstd::encode_all(text.as_slice(), 1).unwrap();
                (packed, count::csv(&text, b','))
            }
            Self::Parquet => parquet::damaged(dice),
            Self::Xlsx => workbook::damaged(dice),
        }
    }
}
