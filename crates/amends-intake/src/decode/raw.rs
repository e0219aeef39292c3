//! Rows as they stand in the file: found again for the quarantine, and read again from it.

use std::collections::BTreeSet;
use std::path::Path;

use amends_model::Result;
use amends_project::definition::{Format, Packing, SourceFile};

use super::blocks::Blocks;
use super::columns::Columns;
use super::csv::CsvRows;
use super::grid::Grid;
use super::json::{JsonLines, JsonRows};
use super::parquet::ParquetRaw;
use super::xlsx::with_errors_aside;
use super::{Decoded, Split, Wanted, parquet, renamed, split, text, text_columns};
use crate::failure::{Failure, RAW_LIMIT};

/// Rows looked for by their lines, some at a time.
pub(crate) struct Reread {
    from: From,
    lines: BTreeSet<i64>,
}

enum From {
    Text(Box<dyn Split>),
    Json(JsonLines),
    Parquet(ParquetRaw),
}

impl Reread {
    /// Looks for the rows that begin on these lines.
    ///
    /// # Errors
    /// As `open`.
    pub(crate) fn open(
        path: &Path,
        file: &SourceFile,
        wanted: &Wanted<'_>,
        lines: BTreeSet<i64>,
    ) -> Result<Self> {
        let from = match file.format {
            Format::Parquet => From::Parquet(ParquetRaw::open(path)?),
            Format::JsonLines => From::Json(JsonLines::new(text(path, file)?.0)),
            _ => From::Text(split(path, file, wanted)?.0),
        };
        Ok(Self { from, lines })
    }

    /// The bytes of the next rows that were found, at most 1 MiB of each; `None` when there are no more.
    ///
    /// # Errors
    /// `AM0501`, `AM0502` or `AM0507` when the file cannot be read on.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<(i64, Vec<u8>)>>> {
        if self.lines.is_empty() {
            return Ok(None);
        }
        let mut found = Vec::new();
        match &mut self.from {
            From::Parquet(rows) => {
                let Some(batch) = rows.next(|line| self.lines.contains(&line))? else {
                    return Ok(None);
                };
                found = batch;
            }
            From::Json(lines) => {
                let Some(block) = lines.next(&self.lines)? else {
                    return Ok(None);
                };
                found = block;
            }
            From::Text(splitter) => {
                let Some(grid) = splitter.next_grid()? else {
                    return Ok(None);
                };
                for (row, place) in grid.rows.iter().enumerate() {
                    if self.lines.contains(&place.line) {
                        let raw = grid.raw(row);
                        found.push((place.line, raw[..raw.len().min(RAW_LIMIT)].to_vec()));
                    }
                }
            }
        }
        for (line, _) in &found {
            self.lines.remove(line);
        }
        Ok(Some(found))
    }
}

/// The heading under which the rows of a file stand: the header line of CSV, as UTF-8 and with its end; only its end where
/// the definition names the columns; of a workbook such a line made of its header row; the types of the columns of Parquet; nothing for JSON lines.
///
/// # Errors
/// As `open`.
pub(crate) fn heading(path: &Path, file: &SourceFile, wanted: &Wanted<'_>) -> Result<Vec<u8>> {
    match file.format {
        Format::Csv { .. } | Format::Xlsx { .. } => {
            let (splitter, _) = split(path, file, wanted)?;
            Ok(splitter.heading().to_vec())
        }
        Format::Parquet => parquet::heading(path),
        Format::JsonLines => Ok(Vec::new()),
    }
}

/// Reads rows that were set aside, as today's definition says: each with the line that it had in its file.
///
/// # Errors
/// As `open`, where the heading does not fit the definition.
pub(crate) fn raw_rows(
    file: &SourceFile,
    wanted: &Wanted<'_>,
    heading: &[u8],
    rows: &[(i64, Vec<u8>)],
) -> Result<Decoded> {
    let path = Path::new("the quarantine");
    let file = &SourceFile {
        columns: match file.format {
            Format::Parquet => parquet::rules(file, heading),
            _ => file.columns.clone(),
        },
        ..file.clone()
    };
    let (names, grid) = match &file.format {
        Format::Csv {
            delimiter, header, ..
        } => csv_rows(path, *delimiter, header.as_deref(), heading, rows)?,
        // Rows of a workbook are kept as lines of CSV.
        Format::Xlsx { .. } => {
            let (names, mut grid) = csv_rows(path, b',', None, heading, rows)?;
            with_errors_aside(&mut grid, &renamed(&names, file), wanted);
            (names, grid)
        }
        _ => json_rows(path, file, wanted, rows)?,
    };
    let mut columns: Columns = text_columns(path, &names, file, wanted)?;
    columns.read(grid)
}

fn csv_rows(
    path: &Path,
    delimiter: u8,
    declared: Option<&[String]>,
    heading: &[u8],
    rows: &[(i64, Vec<u8>)],
) -> Result<(Vec<String>, Grid)> {
    let (end, header) = match heading.split_last() {
        Some((end, header)) => (*end, header),
        None => (b'\n', heading),
    };
    let open = |text: Vec<u8>| {
        let blocks = Blocks::new(Box::new(std::io::Cursor::new(text)), path, Packing::None);
        CsvRows::open(blocks, path, delimiter, declared, Some(end))
    };
    // A carriage return before a line feed belongs to the line's end, one more does not: with one of ours a text keeps its own.
    let line_end: &[u8] = if end == b'\n' { b"\r\n" } else { b"\r" };
    let prefix = match declared {
        Some(_) => Vec::new(),
        None => [header, line_end].concat(),
    };
    let names = open(prefix.clone())?.columns().to_vec();
    let mut all = Grid::new(names.len());
    for (line, raw) in rows {
        let mut one = open([&prefix, raw.as_slice(), line_end].concat())?;
        let grid = one.next_grid()?.unwrap_or_else(|| Grid::new(names.len()));
        let whole = grid.rows.len() + grid.failures.len() == 1 && raw.len() < RAW_LIMIT;
        if whole {
            all.append(grid, *line);
        } else {
            let reason = "what is kept of it does not read as one row";
            all.failures
                .push(Failure::new(*line, "AM0524", reason).raw(raw));
        }
    }
    Ok((names, all))
}

fn json_rows(
    path: &Path,
    file: &SourceFile,
    wanted: &Wanted<'_>,
    rows: &[(i64, Vec<u8>)],
) -> Result<(Vec<String>, Grid)> {
    let mut text = Vec::new();
    for (_, raw) in rows {
        // A row is one line: what breaks it could only be the end of a row that was cut off.
        text.extend(
            raw.iter()
                .map(|&byte| if byte == b'\n' { b' ' } else { byte }),
        );
        text.push(b'\n');
    }
    let mut expected = wanted.named.clone();
    expected.extend(file.columns.keys().cloned());
    let mut left_out = wanted.ignore.clone();
    left_out.extend(wanted.named.iter().cloned());
    let blocks = Blocks::new(Box::new(std::io::Cursor::new(text)), path, Packing::None);
    let mut splitter = JsonRows::open(blocks, &expected, &left_out, &file.renamed)?;
    let names = splitter.columns().to_vec();
    let mut all = Grid::new(names.len());
    while let Some(mut grid) = splitter.next_grid()? {
        let line_of = |number: i64| {
            rows.get(number as usize - 1)
                .map_or(number, |(line, _)| *line)
        };
        for row in &mut grid.rows {
            row.line = line_of(row.line);
        }
        for failure in &mut grid.failures {
            failure.line = line_of(failure.line);
        }
        all.join(grid);
    }
    Ok((names, all))
}
