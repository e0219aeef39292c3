//! The key file beside each segment: who is in it, sorted by record key, behind a filter.
//!
//! Pages of four kilobytes with checksums: a header that lists the sections, then the sections.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use crate::entry::{ENTRY_BYTES, Entry};
use crate::pages::{PAYLOAD, PagedFile, write_bytes, write_page};
use crate::sieve::Sieve;

const MAGIC: &[u8; 8] = b"AMENDSK1";
const ENTRIES_PER_PAGE: usize = PAYLOAD / ENTRY_BYTES;
/// Pages read at once when most of a file is wanted.
const RUN: u64 = 32;

/// What a section of a key file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u64)]
enum Section {
    /// The entries, sorted by key and then by order of ingest, 85 a page.
    Entries = 1,
    /// The upper half of the first key of each page of entries.
    Fences = 2,
    /// The filter over the upper halves of the keys.
    Sieve = 3,
}

/// Writes a key file. The entries must be sorted by key, then by order of ingest.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    let mut sieve = Sieve::new(entries.len());
    let mut fences = Vec::new();
    for page in entries.chunks(ENTRIES_PER_PAGE) {
        fences.extend_from_slice(&prefix(page[0].key).to_le_bytes());
        page.iter()
            .for_each(|entry| sieve.insert(prefix(entry.key)));
    }
    let sieve = sieve.to_bytes();
    let sections = [
        (
            Section::Entries,
            entries.len().div_ceil(ENTRIES_PER_PAGE),
            entries.len(),
        ),
        (
            Section::Fences,
            fences.len().div_ceil(PAYLOAD),
            fences.len(),
        ),
        (Section::Sieve, sieve.len().div_ceil(PAYLOAD), sieve.len()),
    ];
    let mut header = MAGIC.to_vec();
    let mut first = 1;
    for (section, pages, length) in sections {
        for number in [section as u64, first, length as u64] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        first += pages as u64;
    }
    write_page(out, &header)?;
    let mut bytes = Vec::with_capacity(PAYLOAD);
    for page in entries.chunks(ENTRIES_PER_PAGE) {
        bytes.clear();
        page.iter().for_each(|entry| entry.write(&mut bytes));
        write_page(out, &bytes)?;
    }
    write_bytes(out, &fences)?;
    write_bytes(out, &sieve)?;
    Ok(())
}

fn prefix(key: u128) -> u64 {
    (key >> 64) as u64
}

/// A key file, open for looking things up. Fences and filter are read when they are first asked for.
#[derive(Debug)]
pub(crate) struct KeyFile {
    pages: PagedFile,
    sections: BTreeMap<u64, (u64, usize)>,
    fences: OnceLock<Vec<u64>>,
    sieve: OnceLock<Sieve>,
}

impl KeyFile {
    /// Opens a key file and reads its header.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let pages = PagedFile::open(File::open(path)?)?;
        let header = pages.read(0, 1)?;
        if !header.starts_with(MAGIC) {
            return Err(io::Error::other("it is not a key file"));
        }
        let mut numbers = header[MAGIC.len()..].chunks_exact(8).map(number);
        let mut sections = BTreeMap::new();
        while let Some(section @ 1..) = numbers.next() {
            let first = numbers.next().unwrap_or_default();
            let length = numbers.next().unwrap_or_default();
            sections.insert(
                section,
                (first, usize::try_from(length).map_err(io::Error::other)?),
            );
        }
        Ok(Self {
            pages,
            sections,
            fences: OnceLock::new(),
            sieve: OnceLock::new(),
        })
    }

    fn section(&self, section: Section) -> io::Result<(u64, usize)> {
        let found = self.sections.get(&(section as u64)).copied();
        found.ok_or_else(|| io::Error::other("a section is missing"))
    }

    fn bytes(&self, section: Section) -> io::Result<Vec<u8>> {
        let (first, length) = self.section(section)?;
        let mut bytes = self.pages.read(first, length.div_ceil(PAYLOAD) as u64)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    fn fences(&self) -> io::Result<&[u64]> {
        if let Some(fences) = self.fences.get() {
            return Ok(fences);
        }
        let bytes = self.bytes(Section::Fences)?;
        Ok(self
            .fences
            .get_or_init(|| bytes.chunks_exact(8).map(number).collect()))
    }

    fn sieve(&self) -> io::Result<&Sieve> {
        if let Some(sieve) = self.sieve.get() {
            return Ok(sieve);
        }
        let bytes = self.bytes(Section::Sieve)?;
        let sieve = Sieve::from_bytes(&bytes, bytes.len() / crate::sieve::BLOCK_BYTES)
            .ok_or_else(|| io::Error::other("its filter is empty"))?;
        Ok(self.sieve.get_or_init(|| sieve))
    }

    /// How many entries it has.
    ///
    /// # Errors
    /// When it has no entries section.
    pub(crate) fn len(&self) -> io::Result<usize> {
        Ok(self.section(Section::Entries)?.1)
    }

    /// The entries of records among the keys, which must be in ascending order: the place in `keys`, and the entry.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn find(&self, keys: &[u128]) -> io::Result<Vec<(usize, Entry)>> {
        let sieve = self.sieve()?;
        let maybe: Vec<usize> = (0..keys.len())
            .filter(|place| sieve.maybe(prefix(keys[*place])))
            .collect();
        if maybe.is_empty() {
            return Ok(Vec::new());
        }
        let dense = maybe.len() * ENTRIES_PER_PAGE * 4 > self.len()?;
        let mut pages = PageWindow::new(self, if dense { RUN } else { 1 })?;
        let mut found = Vec::new();
        for place in maybe {
            let key = keys[place];
            for page in self.pages_of(prefix(key), prefix(key))? {
                let entries = pages.entries(page)?;
                let first = entries.partition_point(|entry| entry.key < key);
                let same = entries[first..].iter().take_while(|entry| entry.key == key);
                found.extend(same.map(|entry| (place, *entry)));
            }
        }
        Ok(found)
    }

    /// The entries whose keys begin with eight bytes: those of an event's id.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn beginning(&self, first_half: u64) -> io::Result<Vec<Entry>> {
        let mut found = Vec::new();
        let mut pages = PageWindow::new(self, 1)?;
        for page in self.pages_of(first_half, first_half)? {
            let same = |entry: &&Entry| prefix(entry.key) == first_half;
            found.extend(pages.entries(page)?.iter().filter(same));
        }
        Ok(found)
    }

    /// All entries, in order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn all(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.len()?);
        let mut pages = PageWindow::new(self, RUN)?;
        for page in 0..self.len()?.div_ceil(ENTRIES_PER_PAGE) {
            entries.extend_from_slice(pages.entries(page)?);
        }
        Ok(entries)
    }

    /// The pages of entries in which keys with upper halves from `low` to `high` may stand.
    fn pages_of(&self, low: u64, high: u64) -> io::Result<Range<usize>> {
        let fences = self.fences()?;
        let first = fences
            .partition_point(|fence| *fence < low)
            .saturating_sub(1);
        let after = fences.partition_point(|fence| *fence <= high);
        Ok(first..after)
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

/// A few neighbouring pages of entries, decoded.
struct PageWindow<'a> {
    file: &'a KeyFile,
    first_page: u64,
    length: usize,
    run: u64,
    held: Range<usize>,
    entries: Vec<Entry>,
}

impl<'a> PageWindow<'a> {
    fn new(file: &'a KeyFile, run: u64) -> io::Result<Self> {
        let (first_page, length) = file.section(Section::Entries)?;
        Ok(Self {
            file,
            first_page,
            length,
            run,
            held: 0..0,
            entries: Vec::new(),
        })
    }

    fn entries(&mut self, page: usize) -> io::Result<&[Entry]> {
        if !self.held.contains(&page) {
            self.load(page)?;
        }
        let start = (page - self.held.start) * ENTRIES_PER_PAGE;
        let end = (start + ENTRIES_PER_PAGE).min(self.entries.len());
        self.entries
            .get(start..end)
            .ok_or_else(|| io::Error::other("it is shorter than it says"))
    }

    fn load(&mut self, page: usize) -> io::Result<()> {
        let pages = self.length.div_ceil(ENTRIES_PER_PAGE);
        let count = self.run.min(pages.saturating_sub(page) as u64).max(1);
        let bytes = self.file.pages.read(self.first_page + page as u64, count)?;
        self.entries.clear();
        for (offset, bytes) in bytes.chunks(PAYLOAD).enumerate() {
            let left = self
                .length
                .saturating_sub((page + offset) * ENTRIES_PER_PAGE);
            let here = bytes
                .chunks_exact(ENTRY_BYTES)
                .take(left.min(ENTRIES_PER_PAGE));
            self.entries.extend(here.filter_map(Entry::read));
        }
        self.held = page..page + count as usize;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: u128, sequence: u64) -> Entry {
        Entry {
            key,
            content: sequence as i64,
            version: None,
            sequence,
            row: sequence as u32,
            occurrence: 0,
        }
    }

    fn file(entries: &[Entry]) -> KeyFile {
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        let path = folder.path().join("1.keys");
        write(&mut File::create(&path).unwrap(), entries).unwrap();
        KeyFile::open(&path).unwrap()
    }

    #[test]
    fn keys_are_found_however_they_are_spread() {
        let spread = |number: u64| {
            let hash = blake3::hash(&number.to_le_bytes());
            u128::from_be_bytes(hash.as_bytes()[..16].try_into().unwrap())
        };
        // Hashes, as in life; and small numbers, whose upper halves are all the same.
        for to_key in [&spread as &dyn Fn(u64) -> u128, &|number| {
            u128::from(number)
        }] {
            let mut entries: Vec<_> = (0..1_000).map(|n| entry(to_key(n), n)).collect();
            entries.extend((0..300).map(|n| entry(to_key(7), 1_000 + n)));
            entries.sort_by_key(|entry| (entry.key, entry.sequence));
            let file = file(&entries);
            assert_eq!(file.all().unwrap(), entries);
            let mut keys: Vec<_> = (0..2_000).step_by(7).map(to_key).collect();
            keys.sort_unstable();
            let expected: Vec<_> = keys
                .iter()
                .enumerate()
                .flat_map(|(place, key)| {
                    let same = entries.iter().filter(move |entry| entry.key == *key);
                    same.map(move |entry| (place, *entry))
                })
                .collect();
            assert_eq!(file.find(&keys).unwrap(), expected);
            assert_eq!(
                file.find(&keys[3..4]).unwrap().len(),
                expected.iter().filter(|(place, _)| *place == 3).count()
            );
            let first_half = prefix(to_key(7));
            let beginning = file.beginning(first_half).unwrap();
            assert_eq!(
                beginning.len(),
                entries
                    .iter()
                    .filter(|e| prefix(e.key) == first_half)
                    .count()
            );
        }
    }

    #[test]
    fn an_empty_key_file_has_nothing() {
        let file = file(&[]);
        assert!(file.find(&[1, 2]).unwrap().is_empty());
        assert!(file.beginning(0).unwrap().is_empty());
        assert_eq!(file.all().unwrap(), []);
    }
}
