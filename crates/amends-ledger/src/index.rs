//! What a key file knows of its segment beside the keys: where whom, and about what, to look.
//!
//! For every slice of time: how many rows, from when to when, and two filters, over those it names and over what it is about.
//! Inside a slice events are sorted by identifier, so the first identifier of every granule of rows leads to a customer's rows.
//! Those who are named beside the first stand in a sorted list with their rows.

use std::ops::Range;

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{Array, AsArray, RecordBatch};
use xxhash_rust::xxh3::xxh3_64;

use crate::columns;
use crate::sieve::Sieve;

/// Rows of one granule: a page of a segment.
pub(crate) const GRANULE: usize = 1_024;

/// Bytes of one slice's description.
pub(crate) const SLICE_BYTES: usize = 32;

/// Bytes of one entry in the list of others.
pub(crate) const OTHER_BYTES: usize = 12;

/// One slice of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    /// How many rows it has.
    pub(crate) rows: u32,
    /// Blocks of the filter over whom it names.
    pub(crate) people_blocks: u32,
    /// Blocks of the filter over what it is about.
    pub(crate) about_blocks: u32,
    /// Its earliest and its latest moment, in microseconds.
    pub(crate) moments: (i64, i64),
}

impl Slice {
    fn write(&self, out: &mut Vec<u8>) {
        for number in [self.rows, self.people_blocks, self.about_blocks, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.moments.0.to_le_bytes());
        out.extend_from_slice(&self.moments.1.to_le_bytes());
    }

    /// Reads what was written; `None` if there are too few bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let small = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
        };
        let large = |at: usize| -> Option<i64> {
            Some(i64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
        };
        Some(Self {
            rows: small(0)?,
            people_blocks: small(4)?,
            about_blocks: small(8)?,
            moments: (large(16)?, large(24)?),
        })
    }
}

/// The sections of the index, as bytes, while a segment is written slice by slice.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The slices.
    pub(crate) slices: Vec<u8>,
    /// The upper half of the first identifier of each granule.
    pub(crate) granules: Vec<u8>,
    /// The filters over whom the slices name, one after the other.
    pub(crate) people: Vec<u8>,
    /// The filters over what they are about, one after the other.
    pub(crate) abouts: Vec<u8>,
    /// Those who are named beside the first, by the upper half of the identifier, with their rows.
    others: Vec<(u64, u32)>,
    rows: u32,
}

/// The upper half of an identifier, by which it is looked up.
pub(crate) fn upper(identifier: u128) -> u64 {
    (identifier >> 64) as u64
}

/// The number by which something that events are about is looked up.
pub(crate) fn about_hash(about: &str) -> u64 {
    xxh3_64(about.as_bytes())
}

impl Index {
    /// Adds a slice: events sorted by identifier.
    ///
    /// # Errors
    /// `AM0408` when a column is missing.
    pub(crate) fn add(&mut self, slice: &RecordBatch) -> Result<()> {
        let people = self.add_people(slice)?;
        let abouts = self.add_abouts(slice);
        let moments = columns::moments(slice)?;
        let rows = slice.num_rows() as u32;
        let slice = Slice {
            rows,
            people_blocks: people,
            about_blocks: abouts,
            moments: (
                moments.iter().min().copied().unwrap_or(0),
                moments.iter().max().copied().unwrap_or(0),
            ),
        };
        slice.write(&mut self.slices);
        self.rows += rows;
        Ok(())
    }

    fn add_people(&mut self, slice: &RecordBatch) -> Result<u32> {
        let identifiers = columns::ids(slice, column::IDENTIFIER)?;
        let mut people: Vec<u64> = (0..slice.num_rows())
            .map(|row| upper(columns::id_at(identifiers, row)))
            .collect();
        for first in people.iter().step_by(GRANULE) {
            self.granules.extend_from_slice(&first.to_le_bytes());
        }
        let others = slice.column_by_name(column::OTHERS);
        if let Some(others) = others.and_then(|others| others.as_list_opt::<i32>()) {
            for row in (0..others.len()).filter(|row| others.is_valid(*row)) {
                let named = others.value(row);
                let Some(named) = named.as_fixed_size_binary_opt() else {
                    continue;
                };
                for place in 0..named.len() {
                    let other = upper(columns::id_at(named, place));
                    people.push(other);
                    self.others.push((other, self.rows + row as u32));
                }
            }
        }
        Ok(sieve(people, &mut self.people))
    }

    fn add_abouts(&mut self, slice: &RecordBatch) -> u32 {
        let about = slice.column_by_name(column::ABOUT);
        let about = about.and_then(|about| about.as_string_opt::<i32>());
        let hashes = about.map(|about| about.iter().flatten().map(about_hash).collect());
        sieve(hashes.unwrap_or_default(), &mut self.abouts)
    }

    /// The list of those named beside the first, sorted.
    pub(crate) fn others(&mut self) -> Vec<u8> {
        self.others.sort_unstable();
        let others = self.others.iter();
        others
            .flat_map(|(other, row)| {
                let mut bytes = [0; OTHER_BYTES];
                bytes[..8].copy_from_slice(&other.to_le_bytes());
                bytes[8..].copy_from_slice(&row.to_le_bytes());
                bytes
            })
            .collect()
    }
}

/// Appends a filter over values; returns how many blocks it has.
fn sieve(mut values: Vec<u64>, out: &mut Vec<u8>) -> u32 {
    values.sort_unstable();
    values.dedup();
    let mut sieve = Sieve::new(values.len());
    values.into_iter().for_each(|value| sieve.insert(value));
    out.extend(sieve.to_bytes());
    sieve.blocks() as u32
}

/// Adds a range of rows to others in ascending order, joining what touches.
pub(crate) fn push_range(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
        _ => ranges.push(range),
    }
}

/// The rows that two lists of ranges, each ascending, have in common.
pub(crate) fn common(left: &[Range<usize>], right: &[Range<usize>]) -> Vec<Range<usize>> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut common = Vec::new();
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let range = one.start.max(other.start)..one.end.min(other.end);
        if range.start < range.end {
            push_range(&mut common, range);
        }
        if one.end <= other.end {
            left.next();
        } else {
            right.next();
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_join_and_intersect() {
        let mut ranges = Vec::new();
        for range in [0..5, 5..7, 6..8, 10..12] {
            push_range(&mut ranges, range);
        }
        assert_eq!(ranges, [0..8, 10..12]);
        assert_eq!(
            common(&ranges, &[2..3, 7..11, 20..30]),
            [2..3, 7..8, 10..11]
        );
        assert!(common(&ranges, &[]).is_empty());
    }

    #[test]
    fn a_slice_reads_what_it_wrote() {
        let slice = Slice {
            rows: 7,
            people_blocks: 2,
            about_blocks: 3,
            moments: (-5, i64::MAX),
        };
        let mut bytes = Vec::new();
        slice.write(&mut bytes);
        assert_eq!(bytes.len(), SLICE_BYTES);
        assert_eq!(Slice::read(&bytes), Some(slice));
        assert_eq!(Slice::read(&bytes[1..]), None);
    }
}
