//! A section of the file: rows in order of their keys, of which some are read without the others.

use std::collections::BTreeMap;
use std::fs::File;

use xxhash_rust::xxh3::xxh3_64;

use super::file::read;
use super::rows::Row;

/// Rows that stand together in the file.
pub(super) struct Part<K> {
    pub(super) begins: u64,
    pub(super) rows: usize,
    pub(super) sum: u64,
    /// The key of its first row.
    pub(super) first: K,
}

/// A section that is being read.
pub(super) struct Section<'a, R: Row> {
    file: &'a File,
    parts: Vec<Part<R::Key>>,
    /// Parts that were read, by their place: whoever asks for one row often asks for its neighbour.
    known: BTreeMap<usize, Vec<R>>,
}

impl<'a, R: Row> Section<'a, R> {
    pub(super) fn new(file: &'a File, parts: Vec<Part<R::Key>>) -> Self {
        Self {
            file,
            parts,
            known: BTreeMap::new(),
        }
    }

    /// Every row. `None` where one is damaged.
    pub(super) fn each(&self, mut each: impl FnMut(R) -> Option<()>) -> Option<()> {
        for part in &self.parts {
            let bytes = self.bytes(part)?;
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                each(R::take(&mut rest)?)?;
            }
        }
        Some(())
    }

    /// Whether every part is as it was written.
    pub(super) fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| self.bytes(part).is_some())
    }

    /// The rows whose keys lie between two, both included. `None` where one that is read is damaged.
    pub(super) fn between(&mut self, least: R::Key, most: R::Key) -> Option<Vec<R>> {
        // Rows of the least key may begin in the part before the first that begins with it.
        let from = self.parts.partition_point(|part| part.first < least);
        let until = self.parts.partition_point(|part| part.first <= most);
        let mut found = Vec::new();
        for place in from.saturating_sub(1)..until {
            let rows = self.part(place)?;
            let from = rows.partition_point(|row| row.key() < least);
            let until = rows.partition_point(|row| row.key() <= most);
            found.extend_from_slice(rows.get(from..until)?);
        }
        Some(found)
    }

    fn part(&mut self, place: usize) -> Option<&[R]> {
        if !self.known.contains_key(&place) {
            let part = &self.parts[place];
            let bytes = self.bytes(part)?;
            let mut rest = &bytes[..];
            let rows: Option<Vec<R>> = (0..part.rows).map(|_| R::take(&mut rest)).collect();
            self.known.insert(place, rows?);
        }
        self.known.get(&place).map(Vec::as_slice)
    }

    /// The bytes of a part, where they are those that were written.
    fn bytes(&self, part: &Part<R::Key>) -> Option<Vec<u8>> {
        let bytes = read(self.file, part.begins, part.rows * R::WIDTH).ok()?;
        (xxh3_64(&bytes) == part.sum).then_some(bytes)
    }
}
