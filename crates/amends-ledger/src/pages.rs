//! Files made of pages of four kilobytes, each with its own checksum, so that a flipped bit is never taken for an answer.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a page on disk.
pub(crate) const PAGE: usize = 4096;
/// Bytes of a page that hold data; the checksum takes the last eight.
pub(crate) const PAYLOAD: usize = PAGE - 8;

/// Writes one page: the payload, filled up with zeros, then its checksum.
///
/// # Errors
/// When the payload is too long or cannot be written.
pub(crate) fn write_page(out: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    let mut page = [0_u8; PAGE];
    page.get_mut(..payload.len().min(PAYLOAD + 1))
        .filter(|place| place.len() == payload.len() && payload.len() <= PAYLOAD)
        .ok_or_else(|| io::Error::other("a page holds 4088 bytes"))?
        .copy_from_slice(payload);
    let sum = xxh3_64(&page[..PAYLOAD]);
    page[PAYLOAD..].copy_from_slice(&sum.to_le_bytes());
    out.write_all(&page)
}

/// Writes bytes over as many pages as they need.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    bytes
        .chunks(PAYLOAD)
        .try_for_each(|payload| write_page(out, payload))
}

/// A file of pages, open for reading.
#[derive(Debug)]
pub(crate) struct PagedFile {
    file: Mutex<File>,
    pages: u64,
}

impl PagedFile {
    /// Opens a file of pages.
    ///
    /// # Errors
    /// When it cannot be opened or is not made of whole pages.
    pub(crate) fn open(file: File) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        if bytes == 0 || bytes % PAGE as u64 != 0 {
            return Err(io::Error::other("it does not end with a whole page"));
        }
        Ok(Self {
            file: Mutex::new(file),
            pages: bytes / PAGE as u64,
        })
    }

    /// Reads pages one after the other, checks each, and joins what they hold.
    ///
    /// # Errors
    /// When they are not there or a checksum is wrong.
    pub(crate) fn read(&self, first: u64, count: u64) -> io::Result<Vec<u8>> {
        if first.checked_add(count).is_none_or(|end| end > self.pages) {
            return Err(io::Error::other("it is shorter than it says"));
        }
        let length = usize::try_from(count).map_err(io::Error::other)? * PAGE;
        let mut bytes = vec![0; length];
        {
            let mut file = self
                .file
                .lock()
                .map_err(|_| io::Error::other("a reader of this file has failed"))?;
            file.seek(SeekFrom::Start(first * PAGE as u64))?;
            file.read_exact(&mut bytes)?;
        }
        let mut kept = 0;
        for start in (0..length).step_by(PAGE) {
            let page = &bytes[start..start + PAGE];
            if xxh3_64(&page[..PAYLOAD]).to_le_bytes() != page[PAYLOAD..] {
                let number = first + (start / PAGE) as u64;
                return Err(io::Error::other(format!(
                    "the checksum of page {number} is wrong"
                )));
            }
            bytes.copy_within(start..start + PAYLOAD, kept);
            kept += PAYLOAD;
        }
        bytes.truncate(kept);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_is_found() {
        let mut bytes = Vec::new();
        write_bytes(&mut bytes, &vec![7; PAYLOAD + 1]).unwrap();
        assert!(write_page(&mut Vec::new(), &vec![0; PAYLOAD + 1]).is_err());
        let read = |bytes: &[u8]| {
            let mut file = amends_testkit::tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            PagedFile::open(file)?.read(0, 2)
        };
        assert_eq!(&read(&bytes).unwrap()[..PAYLOAD + 1], &vec![7; PAYLOAD + 1]);
        bytes[5000] ^= 1;
        assert!(read(&bytes).unwrap_err().to_string().contains("page 1"));
        assert!(read(&bytes[..5000]).is_err());
        assert!(read(&bytes[..PAGE]).is_err());
    }
}
