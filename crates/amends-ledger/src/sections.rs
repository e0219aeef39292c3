//! The form of a key file: pages with checksums; a header that lists the sections, then the sections.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use crate::entry::{ENTRY_BYTES, Entry};
use crate::pages::{PAYLOAD, PagedFile, write_bytes, write_page};

const MAGIC: &[u8; 8] = b"AMENDSK1";

/// Entries on one page.
pub(crate) const ENTRIES_PER_PAGE: usize = PAYLOAD / ENTRY_BYTES;

/// What a section of a key file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Section {
    /// The entries, sorted by key and then by order of ingest, 85 a page.
    Entries = 1,
    /// The upper half of the first key of each page of entries.
    Fences = 2,
    /// The filter over the upper halves of the keys.
    Keys = 3,
    /// The slices of time.
    Slices = 4,
    /// The upper half of the first identifier of each granule.
    Granules = 5,
    /// For each slice the filter over whom it names.
    People = 6,
    /// Those named beside the first, with their rows.
    Others = 7,
    /// For each slice the filter over what it is about.
    Abouts = 8,
}

/// What goes into a section.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    /// Entries; its length in the header is their number.
    Entries(&'a [Entry]),
    /// Anything else.
    Bytes(&'a [u8]),
}

impl Content<'_> {
    fn length(&self) -> usize {
        match self {
            Content::Entries(entries) => entries.len(),
            Content::Bytes(bytes) => bytes.len(),
        }
    }

    fn pages(&self) -> usize {
        match self {
            Content::Entries(entries) => entries.len().div_ceil(ENTRIES_PER_PAGE),
            Content::Bytes(bytes) => bytes.len().div_ceil(PAYLOAD),
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Content::Bytes(bytes) => write_bytes(out, bytes),
            Content::Entries(entries) => {
                let mut page = Vec::with_capacity(PAYLOAD);
                for entries in entries.chunks(ENTRIES_PER_PAGE) {
                    page.clear();
                    entries.iter().for_each(|entry| entry.write(&mut page));
                    write_page(out, &page)?;
                }
                Ok(())
            }
        }
    }
}

/// Writes a file of sections.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(out: &mut impl Write, sections: &[(Section, Content<'_>)]) -> io::Result<()> {
    let mut header = MAGIC.to_vec();
    let mut first = 1;
    for (section, content) in sections {
        for number in [*section as u64, first, content.length() as u64] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        first += content.pages() as u64;
    }
    write_page(out, &header)?;
    for (_, content) in sections {
        content.write(out)?;
    }
    Ok(())
}

/// A file of sections, open for reading.
#[derive(Debug)]
pub(crate) struct SectionFile {
    pages: PagedFile,
    /// First page and length of each section.
    sections: BTreeMap<u64, (u64, usize)>,
}

impl SectionFile {
    /// Opens a file and reads its header.
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
            let length = usize::try_from(numbers.next().unwrap_or_default());
            sections.insert(section, (first, length.map_err(io::Error::other)?));
        }
        Ok(Self { pages, sections })
    }

    fn section(&self, section: Section) -> io::Result<(u64, usize)> {
        let found = self.sections.get(&(section as u64)).copied();
        found.ok_or_else(|| io::Error::other("a section is missing"))
    }

    /// The length of a section: entries or bytes.
    ///
    /// # Errors
    /// When there is no such section.
    pub(crate) fn length(&self, section: Section) -> io::Result<usize> {
        Ok(self.section(section)?.1)
    }

    /// All bytes of a section.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn bytes(&self, section: Section) -> io::Result<Vec<u8>> {
        self.some_bytes(section, 0..self.length(section)?)
    }

    /// Some bytes of a section.
    ///
    /// # Errors
    /// When the file is damaged or the section is shorter.
    pub(crate) fn some_bytes(&self, section: Section, wanted: Range<usize>) -> io::Result<Vec<u8>> {
        let (first, length) = self.section(section)?;
        if wanted.start > wanted.end || wanted.end > length {
            return Err(io::Error::other("a section is shorter than it should be"));
        }
        let pages = wanted.start / PAYLOAD..wanted.end.div_ceil(PAYLOAD);
        let count = pages.end.saturating_sub(pages.start) as u64;
        let mut bytes = self.pages.read(first + pages.start as u64, count)?;
        bytes.truncate(wanted.end - pages.start * PAYLOAD);
        bytes.drain(..(wanted.start - pages.start * PAYLOAD).min(bytes.len()));
        Ok(bytes)
    }

    /// The entries of so many pages.
    ///
    /// # Errors
    /// When the file is damaged or shorter.
    pub(crate) fn entries(&self, pages: Range<usize>, into: &mut Vec<Entry>) -> io::Result<()> {
        let (first, length) = self.section(Section::Entries)?;
        let bytes = self
            .pages
            .read(first + pages.start as u64, pages.len() as u64)?;
        for (page, bytes) in pages.zip(bytes.chunks(PAYLOAD)) {
            let left = length.saturating_sub(page * ENTRIES_PER_PAGE);
            let here = bytes.chunks_exact(ENTRY_BYTES);
            let here = here.take(left.min(ENTRIES_PER_PAGE));
            into.extend(here.filter_map(Entry::read));
        }
        Ok(())
    }
}

/// A number of eight bytes.
pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_of_a_section_can_be_read() {
        let bytes: Vec<u8> = (0..10_000_u32).map(|n| (n % 251) as u8).collect();
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        let path = folder.path().join("x.keys");
        let sections = [
            (Section::Fences, Content::Bytes(&bytes[..10])),
            (Section::Slices, Content::Bytes(&[])),
            (Section::Others, Content::Bytes(&bytes)),
        ];
        write(&mut File::create(&path).unwrap(), &sections).unwrap();
        let file = SectionFile::open(&path).unwrap();
        assert_eq!(file.bytes(Section::Others).unwrap(), bytes);
        assert!(file.bytes(Section::Slices).unwrap().is_empty());
        for wanted in [
            0..1,
            4_080..4_100,
            4_088..4_088,
            8_175..8_176,
            9_999..10_000,
        ] {
            let read = file.some_bytes(Section::Others, wanted.clone()).unwrap();
            assert_eq!(read, bytes[wanted]);
        }
        assert!(file.some_bytes(Section::Others, 9_999..10_001).is_err());
        assert!(file.bytes(Section::People).is_err());
    }
}
