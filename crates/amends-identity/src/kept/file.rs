//! The file in which who is who is kept: sections of rows, cut into parts that are read and checked one by one, and behind them where all of it stands.
//!
//! | what | holds |
//! |---|---|
//! | parts | the rows of the sections, section after section |
//! | directory | of each part its sum and its first row |
//! | head | of what the file was made, and how many rows each section has, as JSON |
//! | end | the lengths of directory and head, and the sum of both with these lengths |

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::rows::{Row, some};
use super::section::{Part, Section};

/// Bytes of the two lengths and the sum at the end.
pub(super) const END: usize = 24;

/// What a file says of itself.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) key: String,
    pub(super) version: String,
    pub(super) namespaces: Vec<String>,
    /// Rows of a part, but for the last of its section.
    pub(super) part_rows: usize,
    /// Rows of each section, in their order.
    pub(super) rows: [usize; 5],
}

/// A file that is being read.
pub(super) struct Opened {
    file: File,
    pub(super) head: Head,
    directory: Vec<u8>,
}

impl Opened {
    /// Reads head and directory. `None` where they are damaged, or the file was made of something else.
    pub(super) fn of(file: File, key: &str) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let end: [u8; END] = read(&file, length.checked_sub(END as u64)?, END)
            .ok()?
            .try_into()
            .ok()?;
        let mut rest = &end[..];
        let [of_directory, of_head, sum] =
            [(); 3].map(|()| some(&mut rest).map(u64::from_le_bytes));
        let (of_directory, of_head) = (of_directory?, of_head?);
        let about = of_directory.checked_add(of_head)?.checked_add(16)?;
        let begins = length.checked_sub(about.checked_add(8)?)?;
        // The lengths are of a file that is this long, so that no more is asked for than there is.
        let mut directory = read(&file, begins, usize::try_from(about).ok()?).ok()?;
        if Some(xxh3_64(&directory)) != sum {
            return None;
        }
        let of_directory = usize::try_from(of_directory).ok()?;
        let head = &directory[of_directory..directory.len() - 16];
        let head: Head = serde_json::from_slice(head).ok()?;
        directory.truncate(of_directory);
        (head.key == key).then_some(Self {
            file,
            head,
            directory,
        })
    }

    /// The sections, in their order.
    pub(super) fn sections(&self) -> Sections<'_> {
        Sections {
            opened: self,
            directory: &self.directory,
            begins: 0,
            number: 0,
        }
    }
}

/// The sections of a file, one after the other.
pub(super) struct Sections<'a> {
    opened: &'a Opened,
    directory: &'a [u8],
    begins: u64,
    number: usize,
}

impl<'a> Sections<'a> {
    /// The next one; whoever asks knows which rows it has.
    pub(super) fn next<R: Row>(&mut self) -> Option<Section<'a, R>> {
        let head = &self.opened.head;
        let rows = *head.rows.get(self.number)?;
        self.number += 1;
        let mut parts = Vec::with_capacity(rows.div_ceil(head.part_rows.max(1)));
        let mut left = rows;
        while left > 0 {
            let sum = u64::from_le_bytes(some(&mut self.directory)?);
            let first = R::take(&mut self.directory)?.key();
            let rows = left.min(head.part_rows);
            let begins = self.begins;
            self.begins += (rows * R::WIDTH) as u64;
            left -= rows;
            parts.push(Part {
                begins,
                rows,
                sum,
                first,
            });
        }
        Some(Section::new(&self.opened.file, parts))
    }
}

/// So many bytes of a file from a place on.
pub(super) fn read(mut file: &File, from: u64, bytes: usize) -> io::Result<Vec<u8>> {
    let mut read = vec![0; bytes];
    file.seek(SeekFrom::Start(from))?;
    file.read_exact(&mut read)?;
    Ok(read)
}
