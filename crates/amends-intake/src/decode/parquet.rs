//! Parquet: columns of any type, structs flattened with dots; declared types are read from what the column shows as text.

mod claims;
mod long;
mod raw;
mod shapes;
mod thrift;

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use amends_model::event::property_type;
use amends_model::{Problem, Result};
use amends_project::definition::{ColumnRule, ColumnType, SourceFile};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, make_array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::{CastOptions, cast, cast_with_options, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::columns::Columns;
use super::grid::{Cell, Grid, Row};
use super::{
    Clock, Decode, Decoded, LINE, Meter, Opened, Wanted, covers, declared_exist, packed, renamed,
    rule_of,
};
use crate::failure::RAW_LIMIT;

pub(crate) use self::raw::ParquetRaw;

/// So many rows at once, at most.
const ROWS: usize = 8192;

struct ParquetRows {
    reader: ParquetRecordBatchReader,
    shown: String,
    meter: Arc<Meter>,
    rows: u64,
    total: u64,
    /// Flattened columns that are wanted, in order, each with its place among the ruled or the native ones.
    wanted: Vec<Place>,
    ruled: Columns,
    clock: Clock,
    schema: SchemaRef,
}

#[derive(Clone, Copy)]
enum Place {
    /// Left out.
    Nowhere,
    /// Read from text by the rules of its declared type.
    Ruled,
    /// As it is, in the nearest type that expressions know.
    Native,
}

/// Opens a Parquet file.
///
/// # Errors
/// `AM0507` when it is none; `AM0505` when a declared column is missing.
pub(crate) fn open(path: &Path, file: &SourceFile, wanted: &Wanted<'_>) -> Result<Opened> {
    packed(path, file.packing)?;
    let meter = super::unpack::fingerprinted(path)?;
    let shown = path.display().to_string();
    let builder = described(path)?;
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mut fields = Vec::new();
    for field in builder.schema().fields() {
        flat_fields("", field, &mut fields);
    }
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let names = renamed(&names, file);
    for ((name, _), renamed) in fields.iter_mut().zip(&names) {
        name.clone_from(renamed);
    }
    declared_exist(path, &names, file)?;
    let reader = reader(builder, path)?;
    let rules: Vec<_> = fields
        .iter()
        .map(|(name, of)| rule_of(file, name).map(|rule| natural(rule, of)))
        .collect();
    let places: Vec<_> = names
        .iter()
        .zip(&rules)
        .map(|(name, rule)| place(name, rule, wanted))
        .collect();
    let ruled = names
        .iter()
        .zip(&rules)
        .filter(|(name, _)| !covers(wanted.ignore, name));
    let ruled = ruled.filter_map(|(name, rule)| rule.as_ref().map(|rule| (name, rule)));
    let ruled = ruled
        .enumerate()
        .map(|(place, (name, rule))| (name.as_str(), place, Some(rule)));
    let ruled = Columns::new(ruled, wanted.zone);
    let schema = schema(&fields, &places, &ruled);
    let decoder = ParquetRows {
        reader,
        shown,
        meter: meter.clone(),
        rows: 0,
        total,
        wanted: places,
        ruled,
        clock: Clock::new(wanted.zone),
        schema,
    };
    Ok(Opened {
        decoder: Box::new(decoder),
        meter,
    })
}

/// Runs what the library does with a file; where damage makes it panic, the file cannot be read.
fn contained<T>(shown: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(cannot_read(shown, "its decoder gave up on it")))
}

/// What a file says of itself, looked at before it is believed.
fn described(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    claims::footer(path)?;
    let shown = path.display().to_string();
    // Some programs store the types a second time, in a form over which its reader panics where it is damaged; Parquet's own types are all that is needed.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    contained(&shown, || {
        let input = File::open(path).map_err(|error| cannot_read(&shown, error))?;
        ParquetRecordBatchReaderBuilder::try_new_with_options(input, options)
            .map_err(|error| cannot_read(&shown, error))
    })
}

/// Reads its rows, as many at once as fit into memory.
fn reader(
    builder: ParquetRecordBatchReaderBuilder<File>,
    path: &Path,
) -> Result<ParquetRecordBatchReader> {
    let shown = path.display().to_string();
    contained(&shown, || {
        let rows = claims::pages(path, builder.metadata())?;
        let reader = builder.with_batch_size(rows).build();
        reader.map_err(|error| cannot_read(&shown, error))
    })
}

fn place(name: &str, rule: &Option<ColumnRule>, wanted: &Wanted<'_>) -> Place {
    match rule {
        _ if covers(wanted.ignore, name) => Place::Nowhere,
        Some(_) => Place::Ruled,
        None => Place::Native,
    }
}

fn cannot_read(shown: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new("AM0507", "this file cannot be read as Parquet")
        .detail(shown.to_owned())
        .hint("check that the file is whole, and that `format` says what it is")
        .because(error)
}

/// A format describes text: a column that has a type of its own is shown as ISO 8601.
fn natural(rule: &ColumnRule, of: &DataType) -> ColumnRule {
    let is_text = property_type(of) == Some(DataType::Utf8);
    ColumnRule {
        format: rule.format.clone().filter(|_| is_text),
        ..rule.clone()
    }
}

fn flat_fields(prefix: &str, field: &Field, into: &mut Vec<(String, DataType)>) {
    let name = format!("{prefix}{}", field.name());
    match field.data_type() {
        DataType::Struct(children) => {
            for child in children {
                flat_fields(&format!("{name}."), child, into);
            }
        }
        of => into.push((name, of.clone())),
    }
}

fn flat_columns(
    array: &ArrayRef,
    above: Option<&NullBuffer>,
    into: &mut Vec<ArrayRef>,
) -> Result<(), arrow::error::ArrowError> {
    let nulls = NullBuffer::union(above, array.nulls());
    if let Some(parent) = array.as_struct_opt() {
        for child in parent.columns() {
            flat_columns(child, nulls.as_ref(), into)?;
        }
    } else if above.is_some() && !matches!(array.data_type(), DataType::Null) {
        let builder = array.to_data().into_builder().nulls(nulls);
        into.push(make_array(builder.build()?));
    } else {
        into.push(array.clone());
    }
    Ok(())
}

/// The type in which a column without a rule is kept.
fn native_type(of: &DataType) -> DataType {
    match of {
        DataType::Timestamp(..) => amends_model::event::moment_type(),
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => DataType::Utf8,
        other => match property_type(other) {
            // Whole numbers and decimals keep their exact type: expressions know them.
            Some(DataType::Int64 | DataType::Float64) => other.clone(),
            Some(known) => known,
            None => DataType::Utf8,
        },
    }
}

fn schema(fields: &[(String, DataType)], places: &[Place], ruled: &Columns) -> SchemaRef {
    let mut all = vec![Field::new(LINE, DataType::Int64, false)];
    let mut ruled = ruled.schema().fields().iter().skip(1);
    for ((name, of), place) in fields.iter().zip(places) {
        match place {
            Place::Nowhere => {}
            Place::Ruled => all.extend(ruled.next().map(|field| field.as_ref().clone())),
            Place::Native => all.push(Field::new(name, native_type(of), true)),
        }
    }
    Arc::new(Schema::new(all))
}

impl ParquetRows {
    fn some_rows(&mut self) -> Result<Option<Decoded>> {
        let Some(batch) = self.reader.next() else {
            if self.rows != self.total {
                let why = format!("it says {} rows and has {}", self.total, self.rows);
                return Err(cannot_read(&self.shown, why));
            }
            self.meter.show(self.meter.size());
            return Ok(None);
        };
        let decoded = batch.and_then(|batch| {
            let decoded = self.convert(&batch)?;
            self.rows += batch.num_rows() as u64;
            Ok(decoded)
        });
        let decoded = decoded.map_err(|error| cannot_read(&self.shown, error))?;
        let read = u128::from(self.meter.size()) * u128::from(self.rows);
        let read = read / u128::from(self.total.max(1));
        self.meter.show(u64::try_from(read).unwrap_or(0));
        Ok(Some(decoded))
    }

    fn convert(&mut self, batch: &RecordBatch) -> Result<Decoded, arrow::error::ArrowError> {
        let first = self.rows as i64 + 1;
        let count = batch.num_rows();
        let lines = Int64Array::from_iter_values(first..first + count as i64);
        let mut flat = Vec::new();
        for column in batch.columns() {
            flat_columns(column, None, &mut flat)?;
        }
        let (mut texts, mut natives) = (Vec::new(), Vec::new());
        for (array, place) in flat.iter().zip(&self.wanted) {
            match place {
                Place::Nowhere => {}
                Place::Ruled => texts.push(shown(array)?),
                Place::Native => natives.push(native(array, &mut self.clock)?),
            }
        }
        let mut grid = grid(&texts, first, count);
        let names = self.schema.fields().iter().skip(1);
        let places = self.wanted.iter();
        let places = places.filter(|place| !matches!(place, Place::Nowhere));
        let (mut ruled, mut unruled) = (texts.iter(), natives.iter());
        let named = names.zip(places).filter_map(|(field, place)| {
            let texts = match place {
                Place::Ruled => ruled.next(),
                _ => unruled.next().and_then(|array| array.as_string_opt()),
            };
            Some((field.name(), texts?))
        });
        long::set_aside(&mut grid, named);
        let mut read = self
            .ruled
            .read(grid)
            .map_err(|problem| arrow::error::ArrowError::ExternalError(Box::new(problem)))?;
        let mut keep = vec![true; count];
        for failure in &mut read.failures {
            let row = (failure.line - first) as usize;
            keep[row] = false;
            let mut raw = as_json(batch, row);
            raw.truncate(RAW_LIMIT);
            failure.raw = Some(raw);
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(lines)];
        columns.extend(natives);
        let kept = native_batch(columns);
        let kept = match read.failures.is_empty() {
            true => kept?,
            false => filter_record_batch(&kept?, &BooleanArray::from(keep))?,
        };
        let (mut native, mut ruled) = (kept.columns().iter(), read.batch.columns().iter().skip(1));
        let mut all: Vec<ArrayRef> = native.next().cloned().into_iter().collect();
        for place in &self.wanted {
            match place {
                Place::Nowhere => {}
                Place::Ruled => all.extend(ruled.next().cloned()),
                Place::Native => all.extend(native.next().cloned()),
            }
        }
        Ok(Decoded {
            batch: RecordBatch::try_new(self.schema.clone(), all)?,
            failures: read.failures,
            remarks: read.remarks,
        })
    }
}

fn native_batch(columns: Vec<ArrayRef>) -> Result<RecordBatch, arrow::error::ArrowError> {
    let fields: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(number, column)| Field::new(number.to_string(), column.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// A column as text, as its type shows itself.
fn shown(array: &ArrayRef) -> Result<StringArray, arrow::error::ArrowError> {
    let text = match cast(array, &DataType::Utf8) {
        Ok(text) => text.as_string::<i32>().clone(),
        Err(_) => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(array.as_ref(), &options)?;
            (0..array.len())
                .map(|row| {
                    array
                        .is_valid(row)
                        .then(|| formatter.value(row).to_string())
                })
                .collect()
        }
    };
    Ok(text)
}

fn native(array: &ArrayRef, clock: &mut Clock) -> Result<ArrayRef, arrow::error::ArrowError> {
    let to = native_type(array.data_type());
    match array.data_type() {
        DataType::Timestamp(_, None) => {
            let civil = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let civil = civil.as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
            let instants: arrow::array::TimestampMicrosecondArray = civil
                .iter()
                .map(|civil| Some(clock.instant(civil?)?.micros))
                .collect();
            Ok(Arc::new(instants.with_timezone("UTC")))
        }
        of if *of == to => Ok(array.clone()),
        _ if to == DataType::Utf8 => Ok(Arc::new(shown(array)?)),
        _ => cast_with_options(array, &to, &CastOptions::default()),
    }
}

/// The texts as cells of a grid, so that they are read like those of any other file.
fn grid(columns: &[StringArray], first: i64, count: usize) -> Grid {
    let mut grid = Grid::new(columns.len());
    let mut text = Vec::new();
    for row in 0..count {
        for column in columns {
            let value = if column.is_valid(row) {
                column.value(row)
            } else {
                ""
            };
            grid.cells.push(Cell {
                start: text.len() as u32,
                len: value.len() as u32,
            });
            text.extend_from_slice(value.as_bytes());
        }
        grid.rows.push(Row {
            start: 0,
            end: 0,
            line: first + row as i64,
        });
    }
    grid.finish(text)
}

/// A row as JSON: what is shown and replayed of a row in quarantine.
pub(crate) fn as_json(batch: &RecordBatch, row: usize) -> Vec<u8> {
    let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
    match writer
        .write(&batch.slice(row, 1))
        .and_then(|()| writer.finish())
    {
        Ok(()) => writer.into_inner().trim_ascii_end().to_vec(),
        Err(_) => b"{}".to_vec(),
    }
}

impl Decode for ParquetRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn next(&mut self) -> Result<Option<Decoded>> {
        let shown = self.shown.clone();
        contained(&shown, || self.some_rows())
    }
}

/// The types of the file's columns, as a JSON object, so that a row kept as JSON is read as it was in its file.
///
/// # Errors
/// `AM0507` when the file cannot be read.
pub(crate) fn heading(path: &Path) -> Result<Vec<u8>> {
    let mut fields = Vec::new();
    for field in described(path)?.schema().fields() {
        flat_fields("", field, &mut fields);
    }
    let types: serde_json::Map<String, serde_json::Value> = fields
        .into_iter()
        .map(|(name, of)| (name, word(&of).into()))
        .collect();
    Ok(serde_json::Value::Object(types).to_string().into_bytes())
}

fn word(of: &DataType) -> &'static str {
    match property_type(of) {
        Some(DataType::Int64) => "integer",
        Some(DataType::Float64) => "number",
        Some(DataType::Boolean) => "boolean",
        Some(DataType::Date32) => "date",
        Some(DataType::Timestamp(..)) => "timestamp",
        _ => "text",
    }
}

/// The rules by which rows kept as JSON are read: those of the definition, and for other columns the types that they had in their file.
pub(crate) fn rules(file: &SourceFile, heading: &[u8]) -> BTreeMap<String, ColumnRule> {
    let mut rules = file.columns.clone();
    let Ok(types) = serde_json::from_slice::<BTreeMap<String, String>>(heading) else {
        return rules;
    };
    let names: Vec<String> = types.keys().cloned().collect();
    for (name, word) in renamed(&names, file).into_iter().zip(types.into_values()) {
        let kind = match word.as_str() {
            "integer" => ColumnType::Integer,
            "number" => ColumnType::Number,
            "boolean" => ColumnType::Boolean,
            "date" => ColumnType::Date,
            "timestamp" => ColumnType::Timestamp,
            _ => continue,
        };
        // A format describes text, and this was none.
        let rule = rules.entry(name).or_insert_with(|| ColumnRule {
            kind,
            format: None,
            place: file.place.clone(),
        });
        rule.format = None;
    }
    rules
}
