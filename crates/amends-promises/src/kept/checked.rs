//! Files whose bytes are checked as they are read: a checksum for every block, kept by whoever names the file.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Bytes of a block.
const BLOCK: usize = 1 << 17;

/// A file under way that sums what is written to it.
pub(crate) struct Summed {
    file: BufWriter<File>,
    hash: Box<Xxh3Default>,
    in_block: usize,
    bytes: u64,
    sums: Vec<u64>,
}

impl Summed {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(BLOCK, file),
            hash: Box::new(Xxh3Default::new()),
            in_block: 0,
            bytes: 0,
            sums: Vec::new(),
        }
    }

    /// Syncs the file; its length and its sums.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn end(mut self) -> io::Result<(u64, Vec<u64>)> {
        if self.in_block > 0 {
            self.sums.push(self.hash.digest());
        }
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        Ok((self.bytes, self.sums))
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = bytes.len().min(BLOCK - self.in_block);
        let written = self.file.write(&bytes[..room])?;
        self.hash.update(&bytes[..written]);
        self.in_block += written;
        self.bytes += written as u64;
        if self.in_block == BLOCK {
            self.sums.push(self.hash.digest());
            self.hash.reset();
            self.in_block = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that is open for reading. It stays readable when its name is taken away.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The file, and the block that was read last: pages are small and stand side by side.
    file: Mutex<(File, Option<(usize, Bytes)>)>,
    bytes: u64,
    sums: Vec<u64>,
}

impl Checked {
    /// Takes a file of which length and sums are known.
    ///
    /// # Errors
    /// When it has another length.
    pub(crate) fn new(file: File, bytes: u64, sums: Vec<u64>) -> io::Result<Self> {
        let blocks = bytes.div_ceil(BLOCK as u64);
        if file.metadata()?.len() != bytes || blocks != sums.len() as u64 {
            return Err(io::Error::other("it has another length than it should"));
        }
        let file = Mutex::new((file, None));
        Ok(Self {
            inner: Arc::new(Inner { file, bytes, sums }),
        })
    }

    /// Reads all of it and checks it.
    ///
    /// # Errors
    /// When a block is not what was written.
    pub(crate) fn check(&self) -> io::Result<()> {
        (0..self.inner.sums.len()).try_for_each(|block| self.block(block).map(drop))
    }

    fn block(&self, block: usize) -> io::Result<Bytes> {
        let mut open = self
            .inner
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = open.1.as_ref().filter(|(last, _)| *last == block) {
            return Ok(bytes.clone());
        }
        let sum = self.inner.sums.get(block).copied();
        let start = block as u64 * BLOCK as u64;
        let length = (self.inner.bytes.saturating_sub(start)).min(BLOCK as u64);
        let mut bytes = vec![0; length as usize];
        open.0.seek(SeekFrom::Start(start))?;
        open.0.read_exact(&mut bytes)?;
        if sum != Some(xxh3_64(&bytes)) {
            return Err(io::Error::other(
                "its bytes are not those that were written",
            ));
        }
        let bytes = Bytes::from(bytes);
        open.1 = Some((block, bytes.clone()));
        Ok(bytes)
    }
}

impl Length for Checked {
    fn len(&self) -> u64 {
        self.inner.bytes
    }
}

impl ChunkReader for Checked {
    type T = Onward;

    fn get_read(&self, start: u64) -> Result<Onward, ParquetError> {
        Ok(Onward {
            file: self.clone(),
            place: start,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let block = start / BLOCK as u64;
        let from = (start % BLOCK as u64) as usize;
        if length > 0 && from + length <= BLOCK {
            let bytes = self.block(block as usize)?;
            if from + length <= bytes.len() {
                return Ok(bytes.slice(from..from + length));
            }
        }
        let mut bytes = Vec::with_capacity(length);
        let read = self
            .get_read(start)?
            .take(length as u64)
            .read_to_end(&mut bytes)?;
        if read != length {
            return Err(ParquetError::EOF("it ends too early".into()));
        }
        Ok(Bytes::from(bytes))
    }
}

/// Reads on from a place.
pub(crate) struct Onward {
    file: Checked,
    place: u64,
}

impl Read for Onward {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.place >= self.file.inner.bytes {
            return Ok(0);
        }
        let block = self.file.block((self.place / BLOCK as u64) as usize)?;
        let rest = block.get((self.place % BLOCK as u64) as usize..);
        let rest = rest.unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.place += count as u64;
        Ok(count)
    }
}
