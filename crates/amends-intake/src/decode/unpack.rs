//! A file's bytes, unpacked as they are read, counted and hashed on the way.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use amends_model::{Problem, Result};
use amends_project::definition::Packing;

/// No text of records is packed more densely: it packs to a tenth or a twentieth, what was made to do harm to a thousandth.
pub(crate) const DENSEST: u64 = 400;
/// Of a text up to this size no density is asked.
const SMALL: u64 = 1 << 20;

/// How much is asked of the disk at once.
const READ_SIZE: usize = 256 << 10;

/// How far a file has been read, seen from other threads, and the hash of what was read.
pub(crate) struct Meter {
    read: AtomicU64,
    size: u64,
    hash: Mutex<blake3::Hasher>,
}

impl Meter {
    /// A meter for a file of so many bytes.
    pub(crate) fn new(size: u64) -> Arc<Self> {
        Arc::new(Self {
            read: AtomicU64::new(0),
            size,
            hash: Mutex::new(blake3::Hasher::new()),
        })
    }

    /// Packed bytes read so far.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Packed bytes that there were when the file was opened.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The hash of what was read so far: of the whole file, once it is at its end.
    pub(crate) fn fingerprint(&self) -> String {
        match self.hash.lock() {
            Ok(hash) => hash.finalize().to_hex()[..32].to_owned(),
            Err(_) => String::new(),
        }
    }

    /// Tells how far a file is read that is not read from its beginning to its end.
    pub(crate) fn show(&self, read: u64) {
        self.read.store(read, Ordering::Relaxed);
    }

    fn count(&self, bytes: &[u8]) {
        self.read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if let Ok(mut hash) = self.hash.lock() {
            hash.update(bytes);
        }
    }
}

struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.count(&buffer[..count]);
        Ok(count)
    }
}

/// The meter of a file that is not read from its beginning to its end: its fingerprint is taken in a pass of its own.
///
/// # Errors
/// `AM0501` when it cannot be read.
pub(crate) fn fingerprinted(path: &Path) -> Result<Arc<Meter>> {
    let (mut reader, meter) = open(path, Packing::None)?;
    std::io::copy(&mut reader, &mut std::io::sink()).map_err(|error| cannot_read(path, error))?;
    meter.show(0);
    Ok(meter)
}

/// Opens a file and unpacks it while it is read.
///
/// # Errors
/// `AM0501` when it cannot be opened; `AM0502` when it is packed in another way than the definition says.
pub(crate) fn open(path: &Path, packing: Packing) -> Result<(Box<dyn Read + Send>, Arc<Meter>)> {
    let cannot_open = |error: std::io::Error| cannot_read(path, error);
    let mut file = File::open(path).map_err(cannot_open)?;
    let size = file.metadata().map_err(cannot_open)?.len();
    let mut magic = Vec::new();
    Read::by_ref(&mut file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(cannot_open)?;
    if let Some(really) = other_packing(&magic, packing) {
        return Err(Problem::new("AM0502", "this file is packed in another way")
            .detail(format!(
                "{} is {really}, its ending says {}",
                path.display(),
                word(packing)
            ))
            .hint("give it the ending that says how it is packed: .gz for gzip, .zst for zstd, neither where it is not"));
    }
    file.seek(SeekFrom::Start(0)).map_err(cannot_open)?;
    let meter = Meter::new(size);
    let metered = BufReader::with_capacity(
        READ_SIZE,
        Metered {
            inner: file,
            meter: meter.clone(),
        },
    );
    let unpacked: Box<dyn Read + Send> = match packing {
        Packing::None => return Ok((Box::new(metered), meter)),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(metered)),
        Packing::Zstd => Box::new(
            zstd::stream::read::Decoder::with_buffer(metered)
                .map_err(|error| broken_archive(path, packing, error))?,
        ),
    };
    let bounded = Bounded {
        inner: unpacked,
        given: 0,
        meter: meter.clone(),
    };
    Ok((Box::new(bounded), meter))
}

/// Unpacked text, as long as it is not too much for what was packed.
struct Bounded {
    inner: Box<dyn Read + Send>,
    given: u64,
    meter: Arc<Meter>,
}

/// Why no more of it is read.
#[derive(Debug)]
struct TooDense;

impl std::fmt::Display for TooDense {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("it unpacks to more than 400 times its size")
    }
}

impl std::error::Error for TooDense {}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.given += count as u64;
        if self.given > SMALL && self.given / DENSEST > self.meter.read() {
            return Err(std::io::Error::other(TooDense));
        }
        Ok(count)
    }
}

/// What went wrong while a file was read: the disk, or an archive that is cut off or damaged.
pub(crate) fn read_error(path: &Path, packing: Packing, error: std::io::Error) -> Problem {
    if let Some(dense) = error.get_ref().and_then(|it| it.downcast_ref::<TooDense>()) {
        return too_large(path, &dense.to_string());
    }
    match packing {
        Packing::None => cannot_read(path, error),
        _ => broken_archive(path, packing, error),
    }
}

/// A file that would take more memory or time than any export.
pub(crate) fn too_large(path: &Path, what: &str) -> Problem {
    Problem::new("AM0536", "this file unpacks to more than is read")
        .detail(format!("{}: {what}", path.display()))
        .hint("export the records as CSV that is not packed, or in several files")
}

fn cannot_read(path: &Path, error: std::io::Error) -> Problem {
    Problem::new("AM0501", "a file cannot be read")
        .detail(path.display().to_string())
        .hint("check that the path is right and that you may read it")
        .because(error)
}

fn broken_archive(path: &Path, packing: Packing, error: std::io::Error) -> Problem {
    let what = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "is cut off",
        _ => "is damaged",
    };
    Problem::new(
        "AM0502",
        format!(
            "this {} file {what}; nothing of it was stored",
            word(packing)
        ),
    )
    .detail(path.display().to_string())
    .hint("copy or export the file again, then import it again")
    .because(error)
}

fn word(packing: Packing) -> &'static str {
    match packing {
        Packing::None => "not packed",
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
    }
}

fn other_packing(magic: &[u8], packing: Packing) -> Option<&'static str> {
    let really = match magic {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
        _ => Packing::None,
    };
    // A zstd file may begin with a skippable frame, and an empty archive with nothing: only what is surely wrong is refused.
    let wrong = really != packing && (really != Packing::None || packing == Packing::Gzip);
    let known = really != Packing::None || !magic.is_empty();
    (wrong && known).then(|| word(really))
}
