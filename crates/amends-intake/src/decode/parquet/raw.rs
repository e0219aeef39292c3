//! The rows of a Parquet file as they stand there, for the quarantine.

use std::path::Path;

use amends_model::Result;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::{as_json, cannot_read, contained, described, reader};

/// The rows of a Parquet file as JSON.
pub(crate) struct ParquetRaw {
    reader: ParquetRecordBatchReader,
    shown: String,
    line: i64,
}

impl ParquetRaw {
    /// Opens the file.
    ///
    /// # Errors
    /// `AM0507` when it cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            reader: reader(described(path)?, path)?,
            shown: path.display().to_string(),
            line: 0,
        })
    }

    /// Those of the next rows whose numbers are wanted; `None` at the end.
    ///
    /// # Errors
    /// `AM0507` when the file cannot be read on.
    pub(crate) fn next(
        &mut self,
        wanted: impl Fn(i64) -> bool,
    ) -> Result<Option<Vec<(i64, Vec<u8>)>>> {
        let batch = contained(&self.shown, || {
            let batch = self.reader.next().transpose();
            batch.map_err(|error| cannot_read(&self.shown, error))
        });
        let Some(batch) = batch? else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for row in 0..batch.num_rows() {
            self.line += 1;
            if wanted(self.line) {
                found.push((self.line, as_json(&batch, row)));
            }
        }
        Ok(Some(found))
    }
}
