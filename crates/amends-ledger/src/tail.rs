//! The tail: the newest events, in the database as Arrow streams, which keep every type exactly and are read without parsing.

use std::io::Cursor;

use amends_model::Result;
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::entry::{ENTRY_BYTES, Entry};
use crate::part::Form;
use crate::trouble;

/// Events and their entries in the form in which the tail keeps them.
///
/// # Errors
/// `AM0408` when the events cannot be written as a stream.
pub(crate) fn encode(batch: &RecordBatch, entries: &[Entry]) -> Result<Form> {
    let body = stream(batch).map_err(|error| trouble::misfit(error.to_string()))?;
    let mut keys = Vec::with_capacity(entries.len() * ENTRY_BYTES);
    entries.iter().for_each(|entry| entry.write(&mut keys));
    Ok(Form::Tail { body, keys })
}

/// A batch as a stream.
///
/// # Errors
/// When it cannot be written as one.
pub(crate) fn stream(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref())?;
    writer.write(batch)?;
    writer.into_inner()
}

/// The events of a batch of the tail.
///
/// # Errors
/// `AM0406` when it is damaged.
pub(crate) fn decode(part: i64, body: &[u8]) -> Result<RecordBatch> {
    read(body).map_err(|error| trouble::unreadable(format!("batch {part} of the tail"), error))
}

/// Reads what `stream` wrote.
///
/// # Errors
/// When it is damaged.
pub(crate) fn read(body: &[u8]) -> Result<RecordBatch, ArrowError> {
    let reader = StreamReader::try_new(Cursor::new(body), None)?;
    let schema = reader.schema();
    let batches: Vec<_> = reader.collect::<Result<_, _>>()?;
    concat_batches(&schema, &batches)
}

/// The entries of a batch of the tail.
pub(crate) fn entries(keys: &[u8]) -> Vec<Entry> {
    keys.chunks_exact(ENTRY_BYTES)
        .filter_map(Entry::read)
        .collect()
}
