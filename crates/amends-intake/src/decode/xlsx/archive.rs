//! The parts of a workbook's archive, unpacked as they are read. Nothing that the archive says of itself is believed: what a part unpacks to is
//! counted against what it declares, and what it declares against what any workbook needs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_model::Result;
use flate2::Crc;

use super::super::Meter;
use super::super::unpack::DENSEST;
use super::directory::{self, Part};
use super::{damaged, too_large};

/// No part is read that unpacks to more: a sheet of a million rows stays far below.
const LARGEST_PART: u64 = 4 << 30;
/// A part above this size may not be packed more densely than text of records can be.
const SMALL_PART: u64 = 64 << 20;
/// What stands in a workbook about its sheets and styles is held whole, and is never long.
const LARGEST_OF_THE_BOOK: u64 = 16 << 20;

/// The parts of an archive by their names, in small letters.
pub(super) struct Archive {
    path: PathBuf,
    meter: Arc<Meter>,
    parts: HashMap<String, Part>,
}

impl Archive {
    /// Reads the directory of an archive.
    ///
    /// # Errors
    /// `AM0537` where it is none; `AM0536` where it holds too much.
    pub(super) fn open(path: &Path, meter: &Arc<Meter>) -> Result<Self> {
        let mut file = File::open(path).map_err(|error| damaged(path, &error.to_string()))?;
        Ok(Self {
            parts: directory::read(&mut file, path)?,
            path: path.to_owned(),
            meter: meter.clone(),
        })
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&name.to_lowercase())
    }

    /// The text of a part about the workbook.
    ///
    /// # Errors
    /// As `read`; `AM0536` where it has more than 16 MiB.
    pub(super) fn read_of_the_book(&self, name: &str) -> Result<impl Read + Send + use<>> {
        let part = self.parts.get(&name.to_lowercase());
        if part.is_some_and(|part| part.size > LARGEST_OF_THE_BOOK) {
            let what = format!("{name} has more than 16 MiB");
            return Err(too_large(&self.path, &what));
        }
        self.read(name)
    }

    /// The text of a part.
    ///
    /// # Errors
    /// `AM0537` where there is none; `AM0536` where it unpacks to too much.
    pub(super) fn read(&self, name: &str) -> Result<impl Read + Send + use<>> {
        let Some(part) = self.parts.get(&name.to_lowercase()).copied() else {
            return Err(damaged(&self.path, &format!("it has no part {name}")));
        };
        let dense = part.size > SMALL_PART && part.size / DENSEST > part.packed;
        if part.size > LARGEST_PART || dense {
            let what = format!("{name} would unpack {} bytes to {}", part.packed, part.size);
            return Err(too_large(&self.path, &what));
        }
        let broken = |error: io::Error| damaged(&self.path, &error.to_string());
        let mut file = File::open(&self.path).map_err(broken)?;
        directory::go_to(&mut file, &part).map_err(broken)?;
        let packed = Shown {
            inner: file.take(part.packed),
            part,
            meter: self.meter.clone(),
        };
        let packed = BufReader::with_capacity(64 << 10, packed);
        let inner: Box<dyn Read + Send> = match part.is_packed {
            true => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            false => Box::new(packed),
        };
        Ok(Checked {
            inner,
            part,
            read: 0,
            crc: Crc::new(),
        })
    }
}

/// Tells how far a part is read.
struct Shown {
    inner: io::Take<File>,
    part: Part,
    meter: Arc<Meter>,
}

impl Read for Shown {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = self.part.packed - self.inner.limit();
        let share = u128::from(self.meter.size()) * u128::from(read);
        let share = share / u128::from(self.part.packed.max(1));
        self.meter.show(u64::try_from(share).unwrap_or(0));
        Ok(count)
    }
}

/// Holds a part against its size and its checksum.
struct Checked {
    inner: Box<dyn Read + Send>,
    part: Part,
    read: u64,
    crc: Crc,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        self.crc.update(&buffer[..count]);
        if self.read > self.part.size {
            return Err(wrong("a part is longer than it says"));
        }
        let ended = count == 0 && !buffer.is_empty();
        if ended && (self.read < self.part.size || self.crc.sum() != self.part.crc) {
            return Err(wrong("a part does not fit its checksum"));
        }
        Ok(count)
    }
}
