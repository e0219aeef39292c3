//! A run: rows sorted by key, in a file or in memory. A row is an instance, or only says that something is known of which no promise stands.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use amends_model::event::id_type;
use amends_model::{Problem, Result, State};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch, UInt8Array,
    UInt64Array, new_null_array,
};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt8Type, UInt64Type};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::FixedLenByteArray;
use parquet::file::properties::{BloomFilterPosition, EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::checked::{Checked, Summed};
use crate::replay::columns::at;
use crate::replay::{LeftOut, Thing};

/// The columns that come before those of instances: the key, and how many openings opened nothing. No attribute can have such a name.
pub(crate) const BEFORE: [&str; 3] = [KEY, WITHOUT_DEADLINE, AGAIN];
pub(crate) const KEY: &str = "#key";
pub(crate) const WITHOUT_DEADLINE: &str = "#without_deadline";
pub(crate) const AGAIN: &str = "#again";
/// Stands in the column of states for something of which no promise stands.
pub(crate) const LOOSE: u8 = u8::MAX;
/// Rows of a row group, and of a batch.
const ROWS: usize = 16_384;

/// Rows, or why they cannot be read.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// The key of what an instance is about.
pub(crate) fn key(about: &str) -> u128 {
    xxh3_128(about.as_bytes())
}

/// The columns of a run, from those of instances.
pub(crate) fn schema(instances: &SchemaRef) -> SchemaRef {
    let count = |name| Arc::new(Field::new(name, DataType::UInt64, false));
    let key = Arc::new(Field::new(KEY, id_type(), false));
    let mut fields = vec![key, count(WITHOUT_DEADLINE), count(AGAIN)];
    fields.extend(instances.fields().iter().cloned());
    Arc::new(Schema::new(fields))
}

/// Instances, with the things that they are about in front.
pub(crate) fn keyed(things: &[Thing], instances: &RecordBatch) -> Result<RecordBatch> {
    let mut columns = before(things)?;
    columns.extend(instances.columns().iter().cloned());
    RecordBatch::try_new(schema(&instances.schema()), columns).map_err(unfit)
}

/// Rows that say no more than that these things are known.
pub(crate) fn loose(schema: &SchemaRef, things: &[Thing]) -> Result<RecordBatch> {
    let mut columns = before(things)?;
    let of_instances = schema.fields().iter().skip(columns.len()).enumerate();
    columns.extend(of_instances.map(|(place, field)| match place {
        at::STATE => Arc::new(UInt8Array::from_value(LOOSE, things.len())) as ArrayRef,
        _ => nothing(field.data_type(), things.len()),
    }));
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(unfit)
}

/// A column without nulls that says nothing.
fn nothing(of: &DataType, rows: usize) -> ArrayRef {
    let empty = new_null_array(of, rows).to_data();
    let data = empty.into_builder().nulls(None).null_count(0);
    // Nulls of the types that instances have hold zeros and empty lists: without the nulls they are values.
    data.build()
        .map_or_else(|_| new_null_array(of, rows), arrow::array::make_array)
}

/// The columns before those of instances.
fn before(things: &[Thing]) -> Result<Vec<ArrayRef>> {
    let keys = things.iter().flat_map(|thing| thing.key.to_be_bytes());
    let keys = FixedSizeBinaryArray::try_new(16, keys.collect::<Vec<u8>>().into(), None);
    let count = |of: fn(&LeftOut) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(
            things.iter().map(|thing| of(&thing.left_out)),
        ))
    };
    Ok(vec![
        Arc::new(keys.map_err(unfit)?),
        count(|left_out| left_out.without_deadline),
        count(|left_out| left_out.again),
    ])
}

fn unfit(error: arrow::error::ArrowError) -> Problem {
    Problem::new(
        "AM0705",
        "the instances of a promise do not fit their columns",
    )
    .because(error)
}

/// What is kept cannot be read, or cannot be written: a replay says the same.
pub(crate) fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new("AM0709", "what is kept of a promise cannot be used")
        .because(error)
        .hint("repeat the command: it is computed from the ledger")
}

/// The keys of a batch of a run.
pub(crate) fn keys(batch: &RecordBatch) -> Vec<u128> {
    let keys = batch.column(0).as_fixed_size_binary_opt();
    let keys = keys.into_iter().flat_map(|keys| keys.iter().flatten());
    keys.map(|key| key.try_into().map_or(0, u128::from_be_bytes))
        .collect()
}

/// What opened nothing about each thing, of a batch of a run.
pub(crate) fn left_out(batch: &RecordBatch) -> Vec<LeftOut> {
    let counts = |name| {
        let column = batch.column_by_name(name);
        let counts = column.and_then(|counts| counts.as_primitive_opt::<UInt64Type>());
        counts.into_iter().flat_map(|counts| counts.values().iter())
    };
    let both = counts(WITHOUT_DEADLINE).zip(counts(AGAIN));
    both.map(|(without_deadline, again)| LeftOut {
        without_deadline: *without_deadline,
        without_about: 0,
        again: *again,
    })
    .collect()
}

/// The states of a batch of a run that has all columns; `None` for what is loose.
pub(crate) fn states(batch: &RecordBatch) -> Vec<Option<State>> {
    let column = batch.column_by_name("state");
    let codes = column.and_then(|codes| codes.as_primitive_opt::<UInt8Type>());
    let codes = codes.into_iter().flat_map(|codes| codes.values().iter());
    codes
        .map(|code| State::ALL.get(usize::from(*code)).copied())
        .collect()
}

/// A file of a run, as the manifest names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileInfo {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sums: Vec<u64>,
}

/// Rows sorted by key.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    Memory(Vec<RecordBatch>),
    File(Arc<RunFile>),
}

/// A run in a file.
#[derive(Debug)]
pub(crate) struct RunFile {
    file: Checked,
    footer: ArrowReaderMetadata,
}

impl Run {
    /// Opens a file.
    ///
    /// # Errors
    /// `AM0709` when it is not there, or not as it was.
    pub(crate) fn open(folder: &Path, info: &FileInfo) -> Result<Self> {
        let file = File::open(folder.join(&info.name)).map_err(damaged)?;
        let file = Checked::new(file, info.bytes, info.sums.clone()).map_err(damaged)?;
        let options = ArrowReaderOptions::default();
        let footer = ArrowReaderMetadata::load(&file, options).map_err(damaged)?;
        Ok(Self::File(Arc::new(RunFile { file, footer })))
    }

    /// Reads every byte and compares it with what was written.
    ///
    /// # Errors
    /// `AM0709` when something else stands there.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Run::Memory(_) => Ok(()),
            Run::File(file) => file.file.check().map_err(damaged),
        }
    }

    /// All rows, in order; of the columns those that are named, in the order in which they stand.
    ///
    /// # Errors
    /// `AM0709` when it cannot be read, also later.
    pub(crate) fn batches(&self, columns: Option<&[&str]>) -> Result<Batches> {
        match self {
            Run::Memory(batches) => {
                let batches: Result<Vec<_>> = batches
                    .iter()
                    .map(|batch| projected(batch, columns))
                    .collect();
                Ok(Box::new(batches?.into_iter().map(Ok)))
            }
            Run::File(file) => {
                let reader = file.reader(columns).build().map_err(damaged)?;
                Ok(Box::new(reader.map(|batch| batch.map_err(damaged))))
            }
        }
    }

    /// The rows of some keys.
    ///
    /// # Errors
    /// `AM0709` when it cannot be read.
    pub(crate) fn find(
        &self,
        keys: &HashSet<u128>,
        columns: Option<&[&str]>,
    ) -> Result<Vec<RecordBatch>> {
        let groups = match self {
            Run::Memory(_) => Vec::new(),
            Run::File(file) => file.groups_of_keys(keys),
        };
        let wanted = |batch: &RecordBatch| -> BooleanArray {
            let here = self::keys(batch).into_iter();
            here.map(|key| Some(keys.contains(&key))).collect()
        };
        self.chosen(&groups, &[KEY], columns, &wanted)
    }

    /// The instances of some people, as the identifiers name them.
    ///
    /// # Errors
    /// `AM0709` when it cannot be read.
    pub(crate) fn of(&self, people: &HashSet<[u8; 16]>) -> Result<Vec<RecordBatch>> {
        let groups = match self {
            Run::Memory(_) => Vec::new(),
            Run::File(file) => file.groups_of_people(people)?,
        };
        let wanted = |batch: &RecordBatch| -> BooleanArray {
            let whose = batch.column_by_name("identifier");
            let whose = whose.and_then(|whose| whose.as_fixed_size_binary_opt());
            let whose = whose.into_iter().flat_map(|whose| whose.iter().flatten());
            let states = states(batch).into_iter();
            whose
                .zip(states)
                .map(|(whose, state)| {
                    let whose: Result<[u8; 16], _> = whose.try_into();
                    Some(state.is_some() && whose.is_ok_and(|whose| people.contains(&whose)))
                })
                .collect()
        };
        self.chosen(&groups, &["identifier", "state"], None, &wanted)
    }

    /// The rows that are wanted, told from a few of their columns, among some row groups.
    fn chosen(
        &self,
        groups: &[usize],
        told_by: &[&str],
        columns: Option<&[&str]>,
        wanted: &dyn Fn(&RecordBatch) -> BooleanArray,
    ) -> Result<Vec<RecordBatch>> {
        let mut found = Vec::new();
        let mut add = |batch: &RecordBatch, rows: &BooleanArray| -> Result<()> {
            found.push(projected(
                &filter_record_batch(batch, rows).map_err(unfit)?,
                columns,
            )?);
            Ok(())
        };
        match self {
            Run::Memory(batches) => {
                for batch in batches {
                    let rows = wanted(batch);
                    if rows.true_count() > 0 {
                        add(batch, &rows)?;
                    }
                }
            }
            Run::File(file) => {
                for group in groups {
                    let rows = file
                        .group(*group, Some(told_by))?
                        .map(|batch| batch.map(|batch| wanted(&batch)));
                    let rows: Vec<BooleanArray> = rows.collect::<Result<_>>()?;
                    if rows.iter().all(|rows| rows.true_count() == 0) {
                        continue;
                    }
                    for (batch, rows) in file.group(*group, columns)?.zip(&rows) {
                        add(&batch?, rows)?;
                    }
                }
            }
        }
        Ok(found)
    }
}

impl RunFile {
    fn reader(&self, columns: Option<&[&str]>) -> ParquetRecordBatchReaderBuilder<Checked> {
        let footer = self.footer.clone();
        let mask = match columns {
            None => ProjectionMask::all(),
            Some(names) => {
                let schema = footer.schema();
                let roots = names.iter().filter_map(|name| schema.index_of(name).ok());
                ProjectionMask::roots(footer.parquet_schema(), roots)
            }
        };
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), footer)
            .with_projection(mask)
            .with_batch_size(ROWS)
    }

    fn group(&self, group: usize, columns: Option<&[&str]>) -> Result<Batches> {
        let reader = self.reader(columns).with_row_groups(vec![group]);
        let reader = reader.build().map_err(damaged)?;
        Ok(Box::new(reader.map(|batch| batch.map_err(damaged))))
    }

    /// The row groups in which keys may stand.
    fn groups_of_keys(&self, keys: &HashSet<u128>) -> Vec<usize> {
        let mut sorted: Vec<u128> = keys.iter().copied().collect();
        sorted.sort_unstable();
        let groups = self.footer.metadata().row_groups().iter().enumerate();
        let may_have = |statistics: Option<&Statistics>| {
            let bytes = statistics.and_then(|of| of.min_bytes_opt().zip(of.max_bytes_opt()));
            let bounds = bytes.and_then(|(first, last)| {
                let number = |bytes: &[u8]| Some(u128::from_be_bytes(bytes.try_into().ok()?));
                number(first).zip(number(last))
            });
            bounds.is_none_or(|(first, last)| {
                let next = sorted.partition_point(|key| *key < first);
                sorted.get(next).is_some_and(|key| *key <= last)
            })
        };
        groups
            .filter(|(_, group)| may_have(group.column(0).statistics()))
            .map(|(number, _)| number)
            .collect()
    }

    /// The row groups in which people may be named, told by each group's filter.
    fn groups_of_people(&self, people: &HashSet<[u8; 16]>) -> Result<Vec<usize>> {
        let columns = self.footer.parquet_schema().columns();
        let is_whose = |path: &str| path == "identifier";
        let column = columns.iter().position(|of| is_whose(&of.path().string()));
        let column = column.ok_or_else(|| damaged("it has no column of identifiers"))?;
        let reader = self.reader(None);
        let people: Vec<FixedLenByteArray> = people.iter().map(|id| id.to_vec().into()).collect();
        let mut groups = Vec::new();
        for group in 0..self.footer.metadata().num_row_groups() {
            let filter = reader.get_row_group_column_bloom_filter(group, column);
            let filter = filter.map_err(damaged)?;
            if filter.is_none_or(|filter| people.iter().any(|one| filter.check(one))) {
                groups.push(group);
            }
        }
        Ok(groups)
    }
}

fn projected(batch: &RecordBatch, columns: Option<&[&str]>) -> Result<RecordBatch> {
    let Some(names) = columns else {
        return Ok(batch.clone());
    };
    let schema = batch.schema();
    let mut places: Vec<usize> = names
        .iter()
        .filter_map(|name| schema.index_of(name).ok())
        .collect();
    places.sort_unstable();
    places.dedup();
    batch.project(&places).map_err(unfit)
}

/// A file under way: under a temporary name until it is whole.
pub(crate) struct RunWriter {
    writer: ArrowWriter<Summed>,
    folder: std::path::PathBuf,
    name: String,
    rows: u64,
}

impl RunWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// `AM0709` when it cannot be made.
    pub(crate) fn begin(folder: &Path, name: String, schema: &SchemaRef) -> Result<Self> {
        let file = File::create(folder.join(unfinished(&name))).map_err(damaged)?;
        let writer = ArrowWriter::try_new(Summed::new(file), Arc::clone(schema), Some(format()));
        Ok(Self {
            writer: writer.map_err(damaged)?,
            folder: folder.to_owned(),
            name,
            rows: 0,
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// `AM0709` when they cannot be written.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(damaged)
    }

    /// Syncs the file and gives it its name.
    ///
    /// # Errors
    /// `AM0709` when the disk refuses.
    pub(crate) fn end(self) -> Result<FileInfo> {
        let summed = self.writer.into_inner().map_err(damaged)?;
        let (bytes, sums) = summed.end().map_err(damaged)?;
        let rename = || -> io::Result<()> {
            let from = self.folder.join(unfinished(&self.name));
            std::fs::rename(from, self.folder.join(&self.name))
        };
        rename().map_err(damaged)?;
        Ok(FileInfo {
            name: self.name,
            rows: self.rows,
            bytes,
            sums,
        })
    }
}

/// The temporary name of a file.
pub(crate) fn unfinished(name: &str) -> String {
    format!("{name}.tmp")
}

/// Keys, identifiers and moments seldom stand twice in a row group: a dictionary of them is work for nothing, and what is random is not compressed.
fn format() -> WriterProperties {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let (key, whose) = (ColumnPath::from(KEY), ColumnPath::from("identifier"));
    let proof = ColumnPath::new(["proof", "list", "item"].map(str::to_owned).into());
    let mut format = WriterProperties::builder()
        .set_created_by("amends".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(key.clone(), EnabledStatistics::Chunk)
        .set_column_bloom_filter_enabled(whose.clone(), true)
        .set_column_bloom_filter_max_ndv(whose.clone(), ROWS as u64)
        // Whoever asks of somebody reads all filters: side by side they take few reads, and let few groups through for nothing.
        .set_column_bloom_filter_fpp(whose.clone(), 0.001)
        .set_bloom_filter_position(BloomFilterPosition::End);
    for random in [key, whose, proof] {
        format = format
            .set_column_dictionary_enabled(random.clone(), false)
            .set_column_compression(random, Compression::UNCOMPRESSED);
    }
    let apart = [
        "about",
        "opened_at",
        "closed_at",
        "could_have_known",
        "late_by_us",
    ];
    for name in apart {
        format = format.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    format.build()
}
