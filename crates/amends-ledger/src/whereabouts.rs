//! Which rows of a segment may be wanted, told by its key file alone: without opening the events.

use std::io;
use std::ops::Range;
use std::path::Path;

use crate::index::{GRANULE, OTHER_BYTES, SLICE_BYTES, Slice, common, push_range, upper};
use crate::sections::{Section, SectionFile, number};
use crate::sieve::{self, BLOCK_BYTES};

/// Beyond this many identifiers or abouts a reading of everything is cheaper than looking each of them up.
const MANY: usize = 1_024;

/// Entries of the list of others that are read at once: a page.
const OTHERS_AT_ONCE: usize = 340;

/// What a scan looks for in a segment.
#[derive(Debug, Default)]
pub(crate) struct Sought {
    /// Not before, in microseconds.
    pub(crate) from: Option<i64>,
    /// Before, in microseconds.
    pub(crate) until: Option<i64>,
    /// Whom it names.
    pub(crate) identifiers: Option<Vec<u128>>,
    /// Hashes of what it is about.
    pub(crate) abouts: Option<Vec<u64>>,
}

impl Sought {
    /// Whether the key file can say more than "all of it".
    pub(crate) fn narrows(&self) -> bool {
        let few = |count: Option<usize>| count.is_some_and(|count| count <= MANY);
        self.from.is_some()
            || self.until.is_some()
            || few(self.identifiers.as_ref().map(Vec::len))
            || few(self.abouts.as_ref().map(Vec::len))
    }

    fn overlaps(&self, (first, last): (i64, i64)) -> bool {
        self.from.is_none_or(|from| last >= from) && self.until.is_none_or(|until| first < until)
    }
}

/// One slice and where its parts begin.
struct Place {
    slice: Slice,
    rows: Range<usize>,
    granules: Range<usize>,
    people: usize,
    abouts: usize,
}

/// The rows that may be wanted, as ranges in ascending order. What is not in them is surely not wanted.
///
/// # Errors
/// When the key file is damaged.
pub(crate) fn rows(keys: &Path, sought: &Sought) -> io::Result<Vec<Range<usize>>> {
    let file = SectionFile::open(keys)?;
    let mut places = places(&file)?;
    places.retain(|place| sought.overlaps(place.slice.moments));
    if let Some(abouts) = sought.abouts.as_ref().filter(|abouts| abouts.len() <= MANY) {
        let blocks = |place: &Place| (place.abouts, place.slice.about_blocks as usize);
        retain(&file, Section::Abouts, &mut places, abouts, blocks)?;
    }
    let mut ranges = Vec::new();
    for place in &places {
        push_range(&mut ranges, place.rows.clone());
    }
    let identifiers = sought.identifiers.as_ref();
    let Some(identifiers) = identifiers.filter(|ids| ids.len() <= MANY) else {
        return Ok(ranges);
    };
    let uppers: Vec<u64> = identifiers.iter().map(|id| upper(*id)).collect();
    let blocks = |place: &Place| (place.people, place.slice.people_blocks as usize);
    retain(&file, Section::People, &mut places, &uppers, blocks)?;
    let mut theirs = granules(&file, &places, &uppers)?;
    if !places.is_empty() {
        theirs.extend(others(&file, &uppers)?);
        theirs.sort_unstable_by_key(|range| range.start);
    }
    let mut joined = Vec::new();
    for range in theirs {
        push_range(&mut joined, range);
    }
    Ok(common(&ranges, &joined))
}

fn places(file: &SectionFile) -> io::Result<Vec<Place>> {
    let bytes = file.bytes(Section::Slices)?;
    let (mut row, mut granule, mut people, mut abouts) = (0, 0, 0, 0);
    let slices = bytes.chunks_exact(SLICE_BYTES).filter_map(Slice::read);
    Ok(slices
        .map(|slice| {
            let rows = slice.rows as usize;
            let place = Place {
                slice,
                rows: row..row + rows,
                granules: granule..granule + rows.div_ceil(GRANULE),
                people,
                abouts,
            };
            row = place.rows.end;
            granule = place.granules.end;
            people += slice.people_blocks as usize;
            abouts += slice.about_blocks as usize;
            place
        })
        .collect())
}

/// Keeps the slices whose filter lets one of the values through. `blocks` tells where the filter begins, and how many blocks it has.
fn retain(
    file: &SectionFile,
    section: Section,
    places: &mut Vec<Place>,
    values: &[u64],
    blocks: impl Fn(&Place) -> (usize, usize),
) -> io::Result<()> {
    let mut failed = None;
    places.retain(|place| {
        let (first, count) = blocks(place);
        let maybe = values.iter().try_fold(false, |maybe, value| {
            if maybe {
                return Ok(true);
            }
            let block = first + sieve::block_of(*value, count);
            let bytes = block * BLOCK_BYTES..(block + 1) * BLOCK_BYTES;
            let bytes = file.some_bytes(section, bytes)?;
            Ok(sieve::maybe_in(&bytes, *value))
        });
        maybe.unwrap_or_else(|error: io::Error| {
            failed = Some(error);
            false
        })
    });
    failed.map_or(Ok(()), Err)
}

/// The granules in which rows of these identifiers may stand.
fn granules(file: &SectionFile, places: &[Place], uppers: &[u64]) -> io::Result<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    if places.is_empty() {
        return Ok(ranges);
    }
    let bytes = file.bytes(Section::Granules)?;
    let firsts: Vec<u64> = bytes.chunks_exact(8).map(number).collect();
    for place in places {
        let here = firsts
            .get(place.granules.clone())
            .ok_or_else(|| io::Error::other("a section is shorter than it should be"))?;
        for upper in uppers {
            let first = here
                .partition_point(|first| first < upper)
                .saturating_sub(1);
            let after = here.partition_point(|first| first <= upper);
            let start = place.rows.start + first * GRANULE;
            let end = (place.rows.start + after * GRANULE).min(place.rows.end);
            if start < end {
                ranges.push(start..end);
            }
        }
    }
    Ok(ranges)
}

/// The rows that name these identifiers beside their first.
fn others(file: &SectionFile, uppers: &[u64]) -> io::Result<Vec<Range<usize>>> {
    let count = file.length(Section::Others)? / OTHER_BYTES;
    let mut ranges = Vec::new();
    for upper in uppers {
        let mut place = first_other(file, count, *upper)?;
        'theirs: while place < count {
            let run = place..(place + OTHERS_AT_ONCE).min(count);
            for (other, row) in some_others(file, run.clone())? {
                if other != *upper {
                    break 'theirs;
                }
                ranges.push(row..row + 1);
            }
            place = run.end;
        }
    }
    Ok(ranges)
}

/// The first place in the list of others at which an identifier may stand.
fn first_other(file: &SectionFile, count: usize, upper: u64) -> io::Result<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let before = some_others(file, middle..middle + 1)?;
        if before.first().is_some_and(|(other, _)| *other < upper) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn some_others(file: &SectionFile, places: Range<usize>) -> io::Result<Vec<(u64, usize)>> {
    let bytes = places.start * OTHER_BYTES..places.end * OTHER_BYTES;
    let bytes = file.some_bytes(Section::Others, bytes)?;
    let entries = bytes.chunks_exact(OTHER_BYTES).map(|entry| {
        let row = entry[8..].try_into().map_or(0, u32::from_le_bytes);
        (number(&entry[..8]), row as usize)
    });
    Ok(entries.collect())
}
