//! Writes a segment so that it is whole on the disk before anybody hears of it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use amends_model::Result;
use amends_model::event::column;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::entry::Entry;
use crate::index::{GRANULE, Index};
use crate::keys;
use crate::part::{self, Arranged, PartInfo, SegmentFiles};
use crate::trouble;

/// How names end while a file is being written.
pub(crate) const UNFINISHED: &str = "tmp";

/// Writes the two files of a segment that is whole in memory.
///
/// # Errors
/// `AM0404` when a file cannot be written.
pub(crate) fn write(ledger: &Path, info: &PartInfo, events: &Arranged) -> Result<SegmentFiles> {
    let mut writer = SegmentWriter::begin(ledger, info, events.batch.schema())?;
    let mut first = 0;
    for length in &events.slices {
        writer.add(&events.batch.slice(first, *length))?;
        first += length;
    }
    writer.finish(&events.entries)
}

/// A segment under way, written slice by slice: under temporary names, synced, renamed, and the folder synced.
pub(crate) struct SegmentWriter {
    folder: PathBuf,
    events: PathBuf,
    keys: PathBuf,
    file: SerializedFileWriter<Summed>,
    columns: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    index: Index,
    slices: usize,
}

impl SegmentWriter {
    /// Begins a segment.
    ///
    /// # Errors
    /// `AM0404` when its file cannot be made.
    pub(crate) fn begin(ledger: &Path, info: &PartInfo, schema: SchemaRef) -> Result<Self> {
        let folder = make_folder(ledger, &info.kind)?;
        let events = part::events_path(ledger, &info.kind, info.part);
        let failed = |error: io::Error| trouble::unwritten(&events, error);
        let file = File::create(unfinished(&events)).map_err(failed)?;
        let (file, columns) =
            ArrowWriter::try_new(Summed::new(file), schema.clone(), Some(format()))
                .and_then(ArrowWriter::into_serialized_writer)
                .map_err(|error| failed(io::Error::other(error)))?;
        Ok(Self {
            folder,
            keys: part::keys_path(ledger, &info.kind, info.part),
            file,
            columns,
            schema,
            index: Index::default(),
            slices: 0,
            events,
        })
    }

    /// Adds a slice of time: events sorted by identifier, later than those of the slices before.
    ///
    /// # Errors
    /// `AM0404` when it cannot be written.
    pub(crate) fn add(&mut self, slice: &RecordBatch) -> Result<()> {
        let Self { index, columns, .. } = self;
        let (schema, number) = (&self.schema, self.slices);
        let (indexed, encoded) = rayon::join(
            || index.add(slice),
            || encode(columns, schema, number, slice),
        );
        indexed?;
        let append = || -> Result<(), ParquetError> {
            let mut group = self.file.next_row_group()?;
            for chunk in encoded? {
                chunk.append_to_row_group(&mut group)?;
            }
            group.close()?;
            Ok(())
        };
        append().map_err(|error| trouble::unwritten(&self.events, error))?;
        self.slices += 1;
        Ok(())
    }

    /// Ends the segment. The entries are sorted by key and order of ingest.
    ///
    /// # Errors
    /// `AM0404` when it cannot be written or synced.
    pub(crate) fn finish(self, entries: &[Entry]) -> Result<SegmentFiles> {
        let (events, mut index) = (self.events, self.index);
        let file = self.file;
        let end = || settle(file.into_inner().map_err(io::Error::other)?, &events);
        let (events_bytes, events_hash) =
            end().map_err(|error| trouble::unwritten(&events, error))?;
        let mut write_keys = || {
            let mut file = Summed::new(File::create(unfinished(&self.keys))?);
            keys::write(&mut file, entries, &mut index)?;
            settle(file, &self.keys)
        };
        let (keys_bytes, keys_hash) =
            write_keys().map_err(|error| trouble::unwritten(&self.keys, error))?;
        sync_folder(&self.folder)?;
        Ok(SegmentFiles {
            events_bytes,
            events_hash,
            keys_bytes,
            keys_hash,
        })
    }
}

/// Encodes the columns of a slice side by side.
fn encode(
    columns: &ArrowRowGroupWriterFactory,
    schema: &SchemaRef,
    number: usize,
    slice: &RecordBatch,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let writers = columns.create_column_writers(number)?;
    // Every column of an event is one column of Parquet: lists hold plain values.
    writers
        .into_par_iter()
        .zip(schema.fields().par_iter().zip(slice.columns()))
        .map(|(mut writer, (field, column))| {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            writer.close()
        })
        .collect()
}

/// Makes the folder of a kind, so that it is there after a loss of power.
fn make_folder(ledger: &Path, kind: &str) -> Result<PathBuf> {
    let folder = part::kind_folder(ledger, kind);
    if !folder.is_dir() {
        fs::create_dir_all(&folder).map_err(|error| trouble::unwritten(&folder, error))?;
        sync_folder(&ledger.join("segments"))?;
        sync_folder(ledger)?;
    }
    Ok(folder)
}

/// Syncs a folder: only then does a file's new name survive a loss of power.
///
/// # Errors
/// `AM0404` when the system refuses.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| trouble::unwritten(folder, error))
}

/// The temporary name of a file.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// Syncs a written file, then gives it its name.
fn settle(file: Summed, path: &Path) -> io::Result<(u64, String)> {
    let (file, bytes, hash) = file.into_parts()?;
    file.sync_all()?;
    fs::rename(unfinished(path), path)?;
    Ok((bytes, hash))
}

/// A file that counts and hashes what is written to it.
struct Summed {
    file: BufWriter<File>,
    hash: Box<Xxh3>,
    bytes: u64,
}

impl Summed {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(1 << 18, file),
            hash: Box::new(Xxh3::new()),
            bytes: 0,
        }
    }

    fn into_parts(self) -> io::Result<(File, u64, String)> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        Ok((file, self.bytes, format!("{:032x}", self.hash.digest128())))
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The checksum of a file's bytes as the catalog keeps it, and how many there are.
///
/// # Errors
/// When the file cannot be read.
pub fn sum_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Box::new(Xxh3::new());
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            return Ok((bytes, format!("{:032x}", hash.digest128())));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}

fn format() -> WriterProperties {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut format = WriterProperties::builder()
        .set_created_by("amends".to_owned())
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(GRANULE)
        .set_write_batch_size(GRANULE)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    // Hashes do not repeat: a dictionary would only cost time.
    for name in [column::ID, column::KEY, column::CONTENT] {
        let path = ColumnPath::from(name);
        format = format
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
            .set_column_compression(path, Compression::UNCOMPRESSED);
    }
    format = format
        .set_column_statistics_enabled(
            ColumnPath::from(column::IDENTIFIER),
            EnabledStatistics::Page,
        )
        .set_column_dictionary_enabled(ColumnPath::from(column::AT), false)
        .set_column_encoding(ColumnPath::from(column::AT), Encoding::PLAIN);
    format.build()
}
