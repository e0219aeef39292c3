//! Who is in a segment: its entries sorted by record key, behind a filter.

use std::io::{self, Write};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::entry::Entry;
use crate::index::Index;
use crate::sections::{self, Content, ENTRIES_PER_PAGE, Section, SectionFile, number};
use crate::sieve::{BLOCK_BYTES, Sieve};

/// Pages read at once when most of a file is wanted.
const RUN: usize = 32;

/// Writes a key file. The entries must be sorted by key, then by order of ingest.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(out: &mut impl Write, entries: &[Entry], index: &mut Index) -> io::Result<()> {
    let mut sieve = Sieve::new(entries.len());
    let mut fences = Vec::new();
    for page in entries.chunks(ENTRIES_PER_PAGE) {
        fences.extend_from_slice(&prefix(page[0].key).to_le_bytes());
        page.iter()
            .for_each(|entry| sieve.insert(prefix(entry.key)));
    }
    let (sieve, others) = (sieve.to_bytes(), index.others());
    let sections = [
        (Section::Entries, Content::Entries(entries)),
        (Section::Fences, Content::Bytes(&fences)),
        (Section::Keys, Content::Bytes(&sieve)),
        (Section::Slices, Content::Bytes(&index.slices)),
        (Section::Granules, Content::Bytes(&index.granules)),
        (Section::People, Content::Bytes(&index.people)),
        (Section::Others, Content::Bytes(&others)),
        (Section::Abouts, Content::Bytes(&index.abouts)),
    ];
    sections::write(out, &sections)
}

fn prefix(key: u128) -> u64 {
    (key >> 64) as u64
}

/// The keys of a segment, for looking up. Fences and filter are read when they are first asked for, and kept;
/// the file is open only while it is read, so that any number of segments can be known.
#[derive(Debug)]
pub(crate) struct KeyFile {
    path: PathBuf,
    fences: OnceLock<Vec<u64>>,
    sieve: OnceLock<Sieve>,
}

impl KeyFile {
    /// The keys in a file, which is read later.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            fences: OnceLock::new(),
            sieve: OnceLock::new(),
        }
    }

    fn fences(&self, file: &SectionFile) -> io::Result<&[u64]> {
        if let Some(fences) = self.fences.get() {
            return Ok(fences);
        }
        let bytes = file.bytes(Section::Fences)?;
        let read = || bytes.chunks_exact(8).map(number).collect();
        Ok(self.fences.get_or_init(read))
    }

    fn sieve(&self) -> io::Result<&Sieve> {
        if let Some(sieve) = self.sieve.get() {
            return Ok(sieve);
        }
        let bytes = SectionFile::open(&self.path)?.bytes(Section::Keys)?;
        let sieve = Sieve::from_bytes(&bytes, bytes.len() / BLOCK_BYTES);
        let sieve = sieve.ok_or_else(|| io::Error::other("its filter is empty"))?;
        Ok(self.sieve.get_or_init(|| sieve))
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
        let file = SectionFile::open(&self.path)?;
        let dense = maybe.len() * ENTRIES_PER_PAGE * 4 > file.length(Section::Entries)?;
        let mut window = Window::new(&file, if dense { RUN } else { 1 })?;
        let mut found = Vec::new();
        for place in maybe {
            let key = keys[place];
            for page in self.pages_of(&file, prefix(key))? {
                let entries = window.entries(page)?;
                let first = entries.partition_point(|entry| entry.key < key);
                let same = entries[first..].iter().take_while(|entry| entry.key == key);
                found.extend(same.map(|entry| (place, *entry)));
            }
        }
        Ok(found)
    }

    /// The entries whose keys begin with eight bytes, as the ids of their events do.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn beginning(&self, half: u64) -> io::Result<Vec<Entry>> {
        self.in_pages(&SectionFile::open(&self.path)?, &[half], 1)
    }

    /// The entries whose keys begin with one of several eight bytes, which must be in ascending order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn beginning_with(&self, halves: &[u64]) -> io::Result<Vec<Entry>> {
        let sieve = self.sieve()?;
        let halves = halves.iter().copied();
        let maybe: Vec<u64> = halves.filter(|half| sieve.maybe(*half)).collect();
        if maybe.is_empty() {
            return Ok(Vec::new());
        }
        let file = SectionFile::open(&self.path)?;
        let dense = maybe.len() * ENTRIES_PER_PAGE * 4 > file.length(Section::Entries)?;
        self.in_pages(&file, &maybe, if dense { RUN } else { 1 })
    }

    fn in_pages(&self, file: &SectionFile, halves: &[u64], run: usize) -> io::Result<Vec<Entry>> {
        let mut found = Vec::new();
        let mut window = Window::new(file, run)?;
        for half in halves {
            for page in self.pages_of(file, *half)? {
                let same = |entry: &&Entry| prefix(entry.key) == *half;
                found.extend(window.entries(page)?.iter().filter(same));
            }
        }
        Ok(found)
    }

    /// The entries whose keys begin with eight bytes in a range, in order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn between(&self, range: &RangeInclusive<u64>) -> io::Result<Vec<Entry>> {
        let file = SectionFile::open(&self.path)?;
        let fences = self.fences(&file)?;
        let first = fences.partition_point(|fence| fence < range.start());
        let pages = first.saturating_sub(1)..fences.partition_point(|fence| fence <= range.end());
        let mut entries = Vec::with_capacity(pages.len() * ENTRIES_PER_PAGE);
        for first in pages.clone().step_by(RUN) {
            file.entries(first..(first + RUN).min(pages.end), &mut entries)?;
        }
        entries.retain(|entry| range.contains(&prefix(entry.key)));
        Ok(entries)
    }

    /// All entries, in order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn all(&self) -> io::Result<Vec<Entry>> {
        let file = SectionFile::open(&self.path)?;
        let count = file.length(Section::Entries)?;
        let pages = count.div_ceil(ENTRIES_PER_PAGE);
        let mut entries = Vec::with_capacity(count);
        for first in (0..pages).step_by(RUN) {
            file.entries(first..(first + RUN).min(pages), &mut entries)?;
        }
        Ok(entries)
    }

    /// The pages of entries in which keys with this upper half may stand.
    fn pages_of(&self, file: &SectionFile, upper: u64) -> io::Result<Range<usize>> {
        let fences = self.fences(file)?;
        let first = fences.partition_point(|fence| *fence < upper);
        let after = fences.partition_point(|fence| *fence <= upper);
        Ok(first.saturating_sub(1)..after)
    }
}

/// A few neighbouring pages of entries, decoded.
struct Window<'a> {
    file: &'a SectionFile,
    pages: usize,
    run: usize,
    held: Range<usize>,
    entries: Vec<Entry>,
}

impl<'a> Window<'a> {
    fn new(file: &'a SectionFile, run: usize) -> io::Result<Self> {
        Ok(Self {
            file,
            pages: file.length(Section::Entries)?.div_ceil(ENTRIES_PER_PAGE),
            run,
            held: 0..0,
            entries: Vec::new(),
        })
    }

    fn entries(&mut self, page: usize) -> io::Result<&[Entry]> {
        if !self.held.contains(&page) {
            self.entries.clear();
            self.held = page..(page + self.run).min(self.pages);
            self.file.entries(self.held.clone(), &mut self.entries)?;
        }
        let start = (page - self.held.start) * ENTRIES_PER_PAGE;
        let end = (start + ENTRIES_PER_PAGE).min(self.entries.len());
        self.entries
            .get(start..end)
            .ok_or_else(|| io::Error::other("it is shorter than it says"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

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

    fn file(entries: &[Entry]) -> (amends_testkit::tempfile::TempDir, KeyFile) {
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        let path = folder.path().join("1.keys");
        let mut file = File::create(&path).unwrap();
        write(&mut file, entries, &mut Index::default()).unwrap();
        (folder, KeyFile::new(path))
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
            let (_folder, file) = file(&entries);
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
            let mut halves: Vec<u64> = keys.iter().map(|key| prefix(*key)).collect();
            halves.dedup();
            let inside = |entry: &&Entry| halves.binary_search(&prefix(entry.key)).is_ok();
            let expected: Vec<_> = entries.iter().filter(inside).copied().collect();
            assert_eq!(file.beginning_with(&halves).unwrap(), expected);
            let middle = prefix(entries[400].key)..=prefix(entries[900].key);
            let inside = |entry: &&Entry| middle.contains(&prefix(entry.key));
            let expected: Vec<_> = entries.iter().filter(inside).copied().collect();
            assert_eq!(file.between(&middle).unwrap(), expected);
            assert_eq!(file.between(&(0..=u64::MAX)).unwrap(), entries);
        }
    }

    #[test]
    fn an_empty_key_file_has_nothing() {
        let (_folder, file) = file(&[]);
        assert!(file.find(&[1, 2]).unwrap().is_empty());
        assert!(file.beginning(0).unwrap().is_empty());
        assert!(file.between(&(0..=u64::MAX)).unwrap().is_empty());
        assert_eq!(file.all().unwrap(), []);
    }
}
