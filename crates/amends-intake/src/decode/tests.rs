//! Small files and what comes of them.

mod csv;
mod hostile;
mod json;
mod olist;
mod packed;
mod parquet;
mod rename;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use amends_model::{Currency, Result};
use amends_project::Place;
use amends_project::definition::{ColumnRule, ColumnType, Format, Packing, SourceFile};
use amends_testkit::tempfile::{NamedTempFile, TempDir};
use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::tz::TimeZone;

use super::{Reread, Wanted, open};
use crate::failure::Failure;

/// What a file gave: its columns, its rows as text, and its failures.
#[derive(Debug)]
struct Told {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    failures: Vec<Failure>,
}

impl Told {
    /// Failures as `line code column`.
    fn faults(&self) -> Vec<String> {
        let told = |failure: &Failure| {
            let column = failure.column.as_deref().unwrap_or("-");
            format!("{} {} {column}", failure.line, failure.code)
        };
        self.failures.iter().map(told).collect()
    }

    fn received(&self) -> usize {
        self.rows.len() + self.failures.len()
    }
}

fn csv() -> SourceFile {
    SourceFile {
        section: "source.invented.file".into(),
        path: PathBuf::new(),
        written: String::new(),
        place: Place::default(),
        format: Format::Csv {
            delimiter: b',',
            encoding: "utf-8".to_owned(),
            header: None,
        },
        packing: Packing::None,
        columns: BTreeMap::new(),
        renamed: BTreeMap::new(),
    }
}

fn with(mut file: SourceFile, column: &str, kind: ColumnType, format: Option<&str>) -> SourceFile {
    let rule = ColumnRule {
        kind,
        format: format.map(str::to_owned),
        place: Place::default(),
    };
    file.columns.insert(column.to_owned(), rule);
    file
}

fn money(code: &str) -> ColumnType {
    ColumnType::Money(Currency::parse(code).unwrap())
}

fn written(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn read(bytes: &[u8], file: &SourceFile) -> Result<Told> {
    let on_disk = written(bytes);
    read_path(on_disk.path(), file)
}

fn read_path(path: &Path, file: &SourceFile) -> Result<Told> {
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let mut decoder = open(path, file, &wanted)?.decoder;
    let fields = decoder.schema().fields().clone();
    let mut told = Told {
        columns: fields.iter().map(|field| field.name().clone()).collect(),
        rows: Vec::new(),
        failures: Vec::new(),
    };
    while let Some(decoded) = decoder.next()? {
        told.rows.extend(rows(&decoded.batch));
        told.failures.extend(decoded.failures);
    }
    Ok(told)
}

fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let options = FormatOptions::new().with_null("-");
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    let row = |row| {
        columns
            .iter()
            .map(|column| column.value(row).to_string())
            .collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

/// The rows that begin on these lines, as they stand in the file.
fn reread(path: &Path, file: &SourceFile, lines: BTreeSet<i64>) -> Vec<(i64, Vec<u8>)> {
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let mut rows = Reread::open(path, file, &wanted, lines).unwrap();
    let mut found = Vec::new();
    while let Some(some) = rows.next().unwrap() {
        found.extend(some);
    }
    found
}

fn folder() -> TempDir {
    TempDir::new().unwrap()
}
