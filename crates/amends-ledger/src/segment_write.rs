//! Writes a segment so that it is whole on the disk before anybody hears of it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use amends_model::Result;
use amends_model::event::column;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use xxhash_rust::xxh3::Xxh3;

use crate::keys;
use crate::part::{self, Arranged, PartInfo, SegmentFiles};
use crate::trouble;

/// Rows of one page: what reading one customer decodes at least.
const PAGE_ROWS: usize = 2_048;

/// How names end while a file is being written.
pub(crate) const UNFINISHED: &str = "tmp";

/// Writes the two files of a segment: under temporary names, synced, renamed, and the folder synced.
///
/// # Errors
/// `AM0404` when a file cannot be written.
pub(crate) fn write(ledger: &Path, info: &PartInfo, events: &Arranged) -> Result<SegmentFiles> {
    let folder = make_folder(ledger, &info.kind)?;
    let path = part::events_path(ledger, &info.kind, info.part);
    let (events_bytes, events_hash) = write_file(&path, |file| write_parquet(file, events))?;
    let path = part::keys_path(ledger, &info.kind, info.part);
    let (keys_bytes, keys_hash) = write_file(&path, |mut file| {
        keys::write(&mut file, &events.entries)?;
        file.finish()
    })?;
    sync_folder(&folder)?;
    Ok(SegmentFiles {
        events_bytes,
        events_hash,
        keys_bytes,
        keys_hash,
    })
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

fn write_file(
    path: &Path,
    fill: impl FnOnce(Summed) -> io::Result<Summed>,
) -> Result<(u64, String)> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".");
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let write = || -> io::Result<(u64, String)> {
        let summed = fill(Summed::new(File::create(&unfinished)?))?;
        let (file, bytes, hash) = summed.into_parts()?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        Ok((bytes, hash))
    };
    write().map_err(|error| trouble::unwritten(path, error))
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

    fn finish(mut self) -> io::Result<Self> {
        self.file.flush()?;
        Ok(self)
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
pub(crate) fn sum_of(path: &Path) -> io::Result<(u64, String)> {
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

fn write_parquet(file: Summed, events: &Arranged) -> io::Result<Summed> {
    let mut writer = ArrowWriter::try_new(file, events.batch.schema(), Some(format()))
        .map_err(io::Error::other)?;
    let mut first = 0;
    for length in &events.slices {
        let slice = events.batch.slice(first, *length);
        writer.write(&slice).map_err(io::Error::other)?;
        writer.flush().map_err(io::Error::other)?;
        first += length;
    }
    writer.into_inner().map_err(io::Error::other)?.finish()
}

fn format() -> WriterProperties {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut format = WriterProperties::builder()
        .set_created_by("amends".to_owned())
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
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
