//! Files become batches of typed rows, each with the line on which it begins; rows that cannot be read are told apart, with the reason.
//!
//! A file is never held whole: at most some megabytes of it are in memory, whatever it holds.

mod blocks;
mod cells;
mod columns;
mod csv;
mod grid;
mod json;
mod parquet;
mod pipe;
mod raw;
mod rename;
#[cfg(test)]
mod tests;
mod transcode;
mod unpack;
mod xlsx;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use amends_model::{Problem, Result};
use amends_project::definition::{ColumnRule, Format, Packing, SourceFile};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::tz::TimeZone;

use self::blocks::Blocks;
use self::columns::Columns;
use self::grid::Grid;
use crate::failure::Failure;

pub(crate) use self::cells::Clock;
pub(crate) use self::columns::{CURRENCY, MONTH, Remark, field};
pub(crate) use self::json::{UNNAMED, covers};
pub(crate) use self::pipe::{Rows, start};
pub(crate) use self::raw::{Reread, heading, raw_rows};
pub(crate) use self::rename::renamed;
pub(crate) use self::unpack::Meter;

/// The column that holds the line on which a record begins, from 1; for Parquet the number of the row.
pub(crate) const LINE: &str = "_line";

/// Some rows of a file.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The rows that could be read: `_line` and the columns.
    pub(crate) batch: RecordBatch,
    /// The rows that could not.
    pub(crate) failures: Vec<Failure>,
    /// What moments said beyond their instant.
    pub(crate) remarks: Vec<Remark>,
}

impl Decoded {
    /// How many rows of the file these were.
    pub(crate) fn received(&self) -> u64 {
        (self.batch.num_rows() + self.failures.len()) as u64
    }
}

/// Reads rows, one batch after another.
pub(crate) trait Decode: Send {
    /// The columns of every batch, `_line` first.
    fn schema(&self) -> &SchemaRef;

    /// The next rows; `None` at the end of the file.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read on.
    fn next(&mut self) -> Result<Option<Decoded>>;
}

/// Takes the text of a file apart into records and cells.
pub(crate) trait Split: Send {
    /// The names of the cells of every record.
    fn columns(&self) -> &[String];

    /// The line that names them, as UTF-8 and with its end; only its end where the file has no such line; nothing for JSON lines.
    fn heading(&self) -> &[u8] {
        &[]
    }

    /// The next records; `None` at the end of the file.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read on.
    fn next_grid(&mut self) -> Result<Option<Grid>>;
}

/// What a definition says about the table that a file becomes.
pub(crate) struct Wanted<'a> {
    /// The zone of its civil times.
    pub(crate) zone: &'a TimeZone,
    /// Columns that are left out.
    pub(crate) ignore: &'a BTreeSet<String>,
    /// Columns that the definition speaks of although the beginning of a file of JSON lines may not show them.
    pub(crate) named: &'a BTreeSet<String>,
}

/// An opened file.
pub(crate) struct Opened {
    /// Its rows.
    pub(crate) decoder: Box<dyn Decode>,
    /// How far it was read.
    pub(crate) meter: Arc<Meter>,
}

/// Opens a file as its definition says.
///
/// # Errors
/// `AM0501` to `AM0507` when it cannot be opened, or is not what the definition says.
pub(crate) fn open(path: &Path, file: &SourceFile, wanted: &Wanted<'_>) -> Result<Opened> {
    if file.format == Format::Parquet {
        return parquet::open(path, file, wanted);
    }
    let (splitter, meter) = split(path, file, wanted)?;
    let columns = text_columns(path, splitter.columns(), file, wanted)?;
    Ok(Opened {
        decoder: Box::new(TextDecoder { splitter, columns }),
        meter,
    })
}

/// Opens a file of text, or a workbook, and takes it apart.
fn split(
    path: &Path,
    file: &SourceFile,
    wanted: &Wanted<'_>,
) -> Result<(Box<dyn Split>, Arc<Meter>)> {
    if let Format::Xlsx { sheet, header_row } = &file.format {
        packed(path, file.packing)?;
        let meter = unpack::fingerprinted(path)?;
        let asked = (sheet.as_deref(), *header_row);
        let rows = xlsx::XlsxRows::open(path, &meter, asked, file, wanted)?;
        return Ok((Box::new(rows), meter));
    }
    let (blocks, meter) = text(path, file)?;
    let splitter: Box<dyn Split> = match &file.format {
        Format::Csv {
            delimiter, header, ..
        } => Box::new(csv::CsvRows::open(
            blocks,
            path,
            *delimiter,
            header.as_deref(),
            None,
        )?),
        _ => {
            let mut expected = wanted.named.clone();
            expected.extend(file.columns.keys().cloned());
            let mut left_out = wanted.ignore.clone();
            left_out.extend(wanted.named.iter().cloned());
            Box::new(json::JsonRows::open(
                blocks,
                &expected,
                &left_out,
                &file.renamed,
            )?)
        }
    };
    Ok((splitter, meter))
}

/// The text of a file, unpacked and in UTF-8.
fn text(path: &Path, file: &SourceFile) -> Result<(Blocks, Arc<Meter>)> {
    let (reader, meter) = unpack::open(path, file.packing)?;
    let encoding = match &file.format {
        Format::Csv { encoding, .. } => transcode::encoding(encoding)?,
        _ => encoding_rs::UTF_8,
    };
    let text = transcode::utf8(reader, encoding)
        .map_err(|error| unpack::read_error(path, file.packing, error))?;
    Ok((Blocks::new(text, path, file.packing), meter))
}

/// The columns to be read of a text file's, checked against what the definition declares.
fn text_columns(
    path: &Path,
    names: &[String],
    file: &SourceFile,
    wanted: &Wanted<'_>,
) -> Result<Columns> {
    let names = renamed(names, file);
    declared_exist(path, &names, file)?;
    let columns = names.iter().enumerate();
    let columns = columns
        .filter(|(_, name)| !covers(wanted.ignore, name))
        .map(|(place, name)| (name.as_str(), place, file.columns.get(name)));
    Ok(Columns::new(columns, wanted.zone))
}

/// # Errors
/// `AM0505` when the definition declares a column that the file does not have; `AM0504` when the file has a column of our own name.
fn declared_exist(path: &Path, names: &[String], file: &SourceFile) -> Result<()> {
    if names.iter().any(|name| name == LINE) {
        return Err(
            Problem::new("AM0504", "a column has the name of one of ours")
                .detail(format!("{LINE:?} in {}", path.display()))
                .hint("rename it in the export: `_line` holds the line on which a record begins"),
        );
    }
    let missing = missing(file, names);
    let Some(name) = missing.first() else {
        return Ok(());
    };
    let near = nearest(name, names).map(|near| format!("did you mean {near:?}? "));
    Err(Problem::new(
        "AM0505",
        "the definition names a column that the file does not have",
    )
    .detail(format!("{name:?} in {}", path.display()))
    .hint(format!("{}{}", near.unwrap_or_default(), listed(names))))
}

/// The columns that a definition declares and a file does not have. Fields of JSON lines may be rare: declaring one makes it a column.
pub(crate) fn missing(file: &SourceFile, names: &[String]) -> Vec<String> {
    let rare = file.format == Format::JsonLines;
    let missing = file
        .columns
        .keys()
        .filter(|name| !rare && !names.contains(name));
    missing.cloned().collect()
}

/// A file of one column in whose header another delimiter stands than the one that it is read with: it is not what the definition says.
pub(crate) fn separated_otherwise(
    file: &SourceFile,
    names: &[String],
    shown: &str,
) -> Option<Problem> {
    const DELIMITERS: [(u8, &str, &str); 4] = [
        (b',', "a comma", ","),
        (b';', "a semicolon", ";"),
        (b'\t', "a tab", "tab"),
        (b'|', "a vertical bar", "|"),
    ];
    let Format::Csv {
        delimiter,
        header: None,
        ..
    } = &file.format
    else {
        return None;
    };
    let [name] = names else {
        return None;
    };
    if file.columns.contains_key(name) {
        return None;
    }
    let others = DELIMITERS.iter().filter(|(byte, ..)| byte != delimiter);
    let cells = |byte: u8| name.bytes().filter(|each| *each == byte).count();
    let (byte, called, written) = others.max_by_key(|(byte, ..)| cells(*byte))?;
    let cells = cells(*byte);
    (cells > 0).then(|| {
        let message = format!(
            "{shown} has one column as it is read, and looks as if it is separated by {called}"
        );
        Problem::new("AM0539", message)
            .detail(format!("its first line has {cells} of them"))
            .hint(format!(
                "write delimiter = \"{written}\" in [{}]",
                file.section
            ))
    })
}

/// What a file has, for somebody who looked for something else in it.
pub(crate) fn listed(names: &[String]) -> String {
    // What is no table has names of any number and length.
    const MOST: usize = 40;
    const LONGEST: usize = 60;
    let names = names.iter().filter(|name| !name.starts_with('_'));
    let mut listed: Vec<String> = names
        .clone()
        .take(MOST)
        .map(|name| match name.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &name[..end]),
            None => name.clone(),
        })
        .collect();
    let more = names.count() - listed.len();
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    format!("the file has: {}", listed.join(", "))
}

/// The name most like another, if one is like it at all.
pub(crate) fn nearest<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let likeness =
        |other: &String| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let best = names
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.8).then_some(best.as_str())
}

/// Rows that are at hand already.
struct Held {
    schema: SchemaRef,
    rows: Option<Decoded>,
}

/// A decoder of rows that are at hand already.
pub(crate) fn held(batch: RecordBatch, remarks: Vec<Remark>) -> Box<dyn Decode> {
    Box::new(Held {
        schema: batch.schema(),
        rows: Some(Decoded {
            batch,
            failures: Vec::new(),
            remarks,
        }),
    })
}

impl Decode for Held {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn next(&mut self) -> Result<Option<Decoded>> {
        Ok(self.rows.take())
    }
}

/// Text, taken apart and typed.
struct TextDecoder {
    splitter: Box<dyn Split>,
    columns: Columns,
}

impl Decode for TextDecoder {
    fn schema(&self) -> &SchemaRef {
        self.columns.schema()
    }

    fn next(&mut self) -> Result<Option<Decoded>> {
        match self.splitter.next_grid()? {
            Some(grid) => self.columns.read(grid).map(Some),
            None => Ok(None),
        }
    }
}

/// Whether a rule changes how a column of a typed format is read.
fn rule_of<'a>(file: &'a SourceFile, column: &str) -> Option<&'a ColumnRule> {
    file.columns.get(column)
}

/// A packed file of a format that cannot be read from its beginning to its end.
fn packed(path: &Path, packing: Packing) -> Result<()> {
    if packing == Packing::None {
        return Ok(());
    }
    Err(Problem::new(
        "AM0507",
        "a Parquet file or a workbook is not packed as a whole",
    )
    .detail(path.display().to_string())
    .hint("unpack it: both are packed inside"))
}
