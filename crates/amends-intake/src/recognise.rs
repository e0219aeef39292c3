//! Of which record a row speaks that cannot be read: often the key can be read where another column cannot.
//!
//! The rows are read once more, with no other types than the key asks for. What a source's SQL makes of a row is not known here: keys of such
//! sources are read by the mapper alone.

use std::collections::HashMap;
use std::path::Path;

use amends_expressions::Planner;
use amends_project::definition::{Source, SourceFile};
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

use crate::decode::{self, LINE, Wanted};
use crate::map::Recorded;

/// Reads keys out of the text of rows.
pub(crate) struct Recognising<'a> {
    source: &'a Source,
    planner: &'a Planner,
    wanted: Wanted<'a>,
    file: SourceFile,
    key: String,
    heading: Vec<u8>,
    recorded: Recorded,
}

impl<'a> Recognising<'a> {
    /// For the rows of a file; `None` where no key can be read.
    pub(crate) fn new(
        source: &'a Source,
        planner: &'a Planner,
        wanted: Wanted<'a>,
        path: &Path,
        recorded: Recorded,
    ) -> Option<Self> {
        let key = source.key.as_ref().filter(|_| source.sql.is_none())?;
        let file = source.files.get(&source.main)?;
        let heading = decode::heading(path, file, &wanted).ok()?;
        Some(Self {
            source,
            planner,
            wanted,
            file: file.clone(),
            key: key.text.clone(),
            heading,
            recorded,
        })
    }

    /// The records that some rows speak of, by line.
    pub(crate) fn records(&self, rows: &[(i64, Vec<u8>)]) -> HashMap<i64, String> {
        self.read(rows).unwrap_or_default()
    }

    fn read(&self, rows: &[(i64, Vec<u8>)]) -> Option<HashMap<i64, String>> {
        let first = rows.get(..1)?;
        let typed = decode::raw_rows(&self.file, &self.wanted, &self.heading, first).ok()?;
        let key = self.planner.expression(&self.key, &typed.batch.schema());
        let asked = key.ok()?.columns().clone();
        let mut plain = self.file.clone();
        plain.columns.retain(|name, _| asked.contains(name));
        let decoded = decode::raw_rows(&plain, &self.wanted, &self.heading, rows).ok()?;
        let key = self.planner.expression(&self.key, &decoded.batch.schema());
        let (keys, _) = key.ok()?.evaluate_each(&decoded.batch);
        let keys = cast(&keys, &DataType::Utf8).ok()?;
        let keys = keys.as_string_opt::<i32>()?;
        let lines = decoded.batch.column_by_name(LINE)?;
        let lines = lines.as_primitive_opt::<Int64Type>()?;
        let told = (0..keys.len()).filter(|row| keys.is_valid(*row));
        let told = told.filter_map(|row| {
            let record = self
                .recorded
                .of(&self.source.name, &self.source.main, keys.value(row))?;
            Some((lines.value(row), record))
        });
        Some(told.collect())
    }
}
