//! What a query does not hold in memory: how much that may be, and the files that take the rest.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use datafusion::execution::{SpillFile, SpillWriter, TempFileFactory};
use futures::{Stream, stream};

/// Bytes that are read of a file at once.
const CHUNK: usize = 256 << 10;

/// Memory for those who can go on in files, shared evenly among them, but for one batch of each. Whoever cannot gets what they ask for.
#[derive(Debug)]
pub(crate) struct Spilling(FairSpillPool);

impl Spilling {
    pub(crate) fn within(bytes: usize) -> Self {
        Self(FairSpillPool::new(bytes))
    }
}

impl fmt::Display for Spilling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl MemoryPool for Spilling {
    fn name(&self) -> &str {
        "spilling"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.0.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.0.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        if reservation.consumer().can_spill() {
            self.0.grow(reservation, additional);
        }
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        if reservation.consumer().can_spill() {
            self.0.shrink(reservation, shrink);
        }
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        if !reservation.consumer().can_spill() {
            return Ok(());
        }
        // Whoever holds nothing has nothing to put aside, however large the one batch is.
        if reservation.size() == 0 {
            self.0.grow(reservation, additional);
            return Ok(());
        }
        self.0.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.0.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.0.memory_limit()
    }
}

/// Makes files without a name in a folder: nobody else can open them, and the system takes them back when the process ends, however it does.
pub(crate) struct Nameless(pub(crate) PathBuf);

impl TempFileFactory for Nameless {
    fn create_temp_file(&self, _: &str) -> Result<Arc<dyn SpillFile>> {
        let file = tempfile::tempfile_in(&self.0).map_err(DataFusionError::IoError)?;
        Ok(Arc::new(Aside {
            file: Arc::new(Mutex::new(file)),
            size: Arc::default(),
        }))
    }
}

/// One file.
struct Aside {
    file: Arc<Mutex<File>>,
    size: Arc<AtomicU64>,
}

impl SpillFile for Aside {
    fn size(&self) -> Option<u64> {
        Some(self.size.load(Ordering::Relaxed))
    }

    fn read_stream(&self) -> Result<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>> {
        let chunks = stream::try_unfold((Arc::clone(&self.file), 0), |(file, at)| async move {
            let chunk = chunk_at(&file, at).map_err(DataFusionError::IoError)?;
            let next = at + chunk.len() as u64;
            Ok((!chunk.is_empty()).then_some((chunk, (file, next))))
        });
        Ok(Box::pin(chunks))
    }

    fn open_writer(&self) -> Result<Box<dyn SpillWriter>> {
        Ok(Box::new(Appending {
            file: Arc::clone(&self.file),
            size: Arc::clone(&self.size),
        }))
    }
}

/// The bytes from a place on; none at the end.
fn chunk_at(file: &Mutex<File>, at: u64) -> io::Result<Bytes> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    let mut chunk = Vec::with_capacity(CHUNK);
    Read::by_ref(&mut *file)
        .take(CHUNK as u64)
        .read_to_end(&mut chunk)?;
    Ok(chunk.into())
}

struct Appending {
    file: Arc<Mutex<File>>,
    size: Arc<AtomicU64>,
}

impl Write for Appending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever reads it meanwhile has moved the place.
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)?;
        self.size.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpillWriter for Appending {
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
