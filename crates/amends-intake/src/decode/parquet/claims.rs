//! What a Parquet file says of itself, held against what it can hold, before the library that reads it believes it: that library makes room for
//! as many columns, groups of rows, values and bytes as are announced.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use amends_model::Result;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use super::shapes;
use super::thrift::{STRUCT, Walk};
use super::{ROWS, cannot_read};
use crate::decode::unpack::{DENSEST, too_large};

/// The field of a description that lists the columns.
const COLUMNS: i64 = 2;
/// The longest description at the end of a file.
const LONGEST_FOOTER: u64 = 16 << 20;
/// Columns inside columns, at most; more are neither read nor written by anything.
const DEEPEST: usize = 32;
/// The largest page, unpacked: the programs that write Parquet make pages of a megabyte, some of them one page of all values of a column.
const LARGEST_PAGE: i64 = 64 << 20;
/// So many cells may stand in few bytes; more of them have to take some room.
const FEW_CELLS: u64 = 16 << 20;
/// The head of a page with its smallest and largest value.
const LONGEST_HEAD: u64 = 1 << 20;
/// Values of one page whose lengths are held at once.
const MOST_LENGTHS: u64 = 8 << 20;
/// So much text of a column becomes one batch, about.
const AT_ONCE: u64 = 16 << 20;
/// One page of every column, unpacked, with its dictionary: so much is held at a time of whatever file.
const HELD: u64 = 128 << 20;
/// More is held of a file that is itself large: text packs to a tenth or a twentieth.
const DENSE: u64 = 20;
/// A page of values so short that any of them may stand in every row.
const SHORT: u64 = 256;
/// Encodings that begin with the lengths of all values.
const DELTA_LENGTH: i64 = 6;
const DELTA_STRINGS: i64 = 7;

/// Looks at the description at the end of a file.
///
/// # Errors
/// `AM0507` where it announces more than it holds; `AM0536` where it is longer than any.
pub(super) fn footer(path: &Path) -> Result<()> {
    let shown = path.display().to_string();
    let broken = |error: std::io::Error| cannot_read(&shown, error);
    let mut file = File::open(path).map_err(broken)?;
    let size = file.seek(SeekFrom::End(0)).map_err(broken)?;
    if size < 12 {
        return Err(cannot_read(&shown, "it is cut off"));
    }
    let mut end = [0; 8];
    file.seek(SeekFrom::End(-8)).map_err(broken)?;
    file.read_exact(&mut end).map_err(broken)?;
    let length = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    if !end.ends_with(b"PAR1") || length > size - 12 {
        return Err(cannot_read(&shown, "it does not end as Parquet does"));
    }
    if length > LONGEST_FOOTER {
        return Err(too_large(path, "its description has more than 16 MiB"));
    }
    file.seek(SeekFrom::Start(size - 8 - length))
        .map_err(broken)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(broken)?;
    described(&bytes).ok_or_else(|| cannot_read(&shown, "its description is damaged"))
}

/// Walks over a description; `None` where it is none, or its columns stand too deep inside each other.
fn described(bytes: &[u8]) -> Option<()> {
    let (mut walk, mut last) = (Walk::new(bytes, shapes::footer), 0);
    while let Some((number, of)) = walk.field(&mut last)? {
        let mut path = vec![number];
        walk.fits(&path, of)?;
        if number != COLUMNS {
            walk.value(of, &mut path, &mut |_, _| {})?;
            continue;
        }
        let (columns, STRUCT) = walk.list()? else {
            return None;
        };
        // How many columns are still to come inside of each that is open.
        let mut open: Vec<i64> = Vec::new();
        for _ in 0..columns {
            let (mut children, mut length) = (0, 0);
            walk.structure(&mut path, &mut |path, number| match path {
                [COLUMNS, 2] => length = number,
                [COLUMNS, 5] => children = number,
                _ => {}
            })?;
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if !(0..=1 << 20).contains(&length) || children < 0 || open.len() > DEEPEST {
                return None;
            }
            if children > 0 {
                open.push(children);
            }
        }
    }
    Some(())
}

/// Looks at every page; how many rows may be read at once.
///
/// # Errors
/// `AM0507` where pages are not where they should be, or announce more than they hold; `AM0536` where they unpack to more than is read.
pub(super) fn pages(path: &Path, metadata: &ParquetMetaData) -> Result<usize> {
    let shown = path.display().to_string();
    let failed = |error: std::io::Error| cannot_read(&shown, error);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.seek(SeekFrom::End(0)).map_err(failed)?;
    if rows(metadata) != u64::try_from(metadata.file_metadata().num_rows()).ok() {
        return Err(cannot_read(
            &shown,
            "its parts have not the rows that it says",
        ));
    }
    // Every column has its own place in the file. Where many claim the same, looking at the pages of each would never end.
    let claimed = columns(metadata).map(|column| column.compressed_size().unsigned_abs());
    if claimed.fold(0, u64::saturating_add) > size {
        return Err(cannot_read(&shown, "its columns overlap"));
    }
    let (mut cells, mut widest, mut most) = (0_u64, 0_u64, 0_u64);
    for group in metadata.row_groups() {
        let (mut width, mut held) = (0_u64, 0_u64);
        for column in group.columns() {
            let pages = heads(&mut file, size, column, path)?;
            cells = cells.saturating_add(pages.values);
            let longest = inside(path, column, &pages)?;
            width = width.saturating_add(pages.densest.max(longest));
            held = held.saturating_add(pages.largest + pages.dictionary);
        }
        widest = widest.max(width);
        most = most.max(held);
    }
    if most > HELD && most / DENSE > size {
        let what = format!("a page of each column would unpack to {most} bytes of {size}");
        return Err(too_large(path, &what));
    }
    if cells > FEW_CELLS && cells / DENSEST > size {
        let what = format!("it has {cells} cells in {size} bytes");
        return Err(too_large(path, &what));
    }
    let at_once = usize::try_from(AT_ONCE / widest.max(1)).unwrap_or(ROWS);
    Ok(at_once.clamp(1, ROWS))
}

/// The columns of all row groups.
fn columns(metadata: &ParquetMetaData) -> impl Iterator<Item = &ColumnChunkMetaData> {
    let groups = metadata.row_groups().iter();
    groups.flat_map(|group| group.columns())
}

/// The rows of all row groups; `None` where they cannot be counted.
fn rows(metadata: &ParquetMetaData) -> Option<u64> {
    let groups = metadata.row_groups().iter();
    let mut rows = groups.map(|group| u64::try_from(group.num_rows()).ok());
    rows.try_fold(0_u64, |all, rows| all.checked_add(rows?))
}

/// What the heads of a column's pages say.
#[derive(Default)]
struct Heads {
    values: u64,
    /// The most bytes for one value, on the average of a page.
    densest: u64,
    /// The bytes of its largest page of rows.
    largest: u64,
    /// The bytes of the page of values that others refer to.
    dictionary: u64,
    has_lengths: bool,
}

/// Walks from page to page of a column.
fn heads(file: &mut File, size: u64, column: &ColumnChunkMetaData, path: &Path) -> Result<Heads> {
    let shown = path.display().to_string();
    let damaged = || cannot_read(&shown, "its pages are not where its description says");
    // As the library does: with the dictionary, wherever it stands.
    let first = column.dictionary_page_offset();
    let first = first.unwrap_or(column.data_page_offset());
    let place = |number| u64::try_from(number).map_err(|_| damaged());
    let (mut at, length) = (place(first)?, place(column.compressed_size())?);
    let end = at.saturating_add(length);
    if end > size {
        return Err(damaged());
    }
    let mut heads = Heads::default();
    while at < end {
        let (head, taken) = head(file, at, end - at).map_err(|error| cannot_read(&shown, error))?;
        let head = head.ok_or_else(damaged)?;
        if head.unpacked > LARGEST_PAGE {
            let what = format!("one of its pages would unpack to {} bytes", head.unpacked);
            return Err(too_large(path, &what));
        }
        let (unpacked, values) = (place(head.unpacked)?, place(head.values)?);
        at = at + taken + place(head.packed)?;
        if at > end || (head.is_dictionary && values > unpacked) {
            return Err(damaged());
        }
        if head.is_dictionary {
            heads.dictionary = unpacked;
            continue;
        }
        heads.values = heads.values.saturating_add(values);
        heads.largest = heads.largest.max(unpacked);
        heads.densest = heads.densest.max(unpacked / values.max(1));
        heads.has_lengths |= matches!(head.encoding, DELTA_LENGTH | DELTA_STRINGS);
    }
    Ok(heads)
}

/// What the head of a page says.
#[derive(Default)]
struct Head {
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    is_dictionary: bool,
}

/// The head of the page at a place, and its length.
fn head(file: &mut File, at: u64, left: u64) -> std::io::Result<(Option<Head>, u64)> {
    // Heads are short, unless the smallest and the largest value in them are long.
    for length in [1 << 10, LONGEST_HEAD] {
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        Read::by_ref(file)
            .take(length.min(left))
            .read_to_end(&mut bytes)?;
        let (mut walk, mut head) = (Walk::new(&bytes, shapes::head), Head::default());
        let walked = walk.structure(&mut Vec::new(), &mut |path, number| match path {
            [1] => head.is_dictionary = number == 2,
            [2] => head.unpacked = number,
            [3] => head.packed = number,
            [5 | 7 | 8, 1] => head.values = number,
            [5, 2] | [8, 4] => head.encoding = number,
            _ => {}
        });
        if walked.is_some() {
            return Ok((Some(head), walk.walked() as u64));
        }
    }
    Ok((None, 0))
}

/// Looks into the pages that announce something inside: how long the longest value is that many rows may refer to.
fn inside(path: &Path, column: &ColumnChunkMetaData, heads: &Heads) -> Result<u64> {
    let shown = path.display().to_string();
    let descriptor = column.column_descr();
    let of_each = match column.column_type() {
        Type::BYTE_ARRAY => 0,
        Type::FIXED_LEN_BYTE_ARRAY => {
            return Ok(u64::try_from(descriptor.type_length()).unwrap_or(0));
        }
        _ => return Ok(16),
    };
    if heads.dictionary <= SHORT && !heads.has_lengths {
        return Ok(heads.dictionary);
    }
    let file = File::open(path).map_err(|error| cannot_read(&shown, error))?;
    let mut pages = SerializedPageReader::new(Arc::new(file), column, 0, None)
        .map_err(|error| cannot_read(&shown, error))?;
    let mut longest = of_each;
    while let Some(page) = pages
        .get_next_page()
        .map_err(|error| cannot_read(&shown, error))?
    {
        let levels = (
            descriptor.max_rep_level() > 0,
            descriptor.max_def_level() > 0,
        );
        let fits = match &page {
            Page::DictionaryPage { buf, .. } => {
                longest = longest_of(buf);
                Some(())
            }
            page => lengths(page, levels),
        };
        fits.ok_or_else(|| cannot_read(&shown, "a page announces more than it holds"))?;
        if !heads.has_lengths {
            break;
        }
    }
    Ok(longest)
}

/// The longest of values that each stand behind their length.
fn longest_of(mut values: &[u8]) -> u64 {
    let mut longest = 0;
    while let Some((length, rest)) = values.split_at_checked(4) {
        let length = length
            .iter()
            .rev()
            .fold(0, |length, byte| length << 8 | u64::from(*byte));
        longest = longest.max(length);
        match usize::try_from(length).ok().and_then(|it| rest.get(it..)) {
            Some(rest) => values = rest,
            None => break,
        }
    }
    longest
}

/// Holds the lengths with which a page begins against the number of its values; `None` where it announces more.
fn lengths(page: &Page, (repeats, lacks): (bool, bool)) -> Option<()> {
    let (mut bytes, values, encoding) = match page {
        Page::DataPage {
            buf,
            num_values,
            encoding,
            ..
        } => {
            let mut bytes: &[u8] = buf;
            for _ in 0..usize::from(repeats) + usize::from(lacks) {
                let (length, rest) = bytes.split_at_checked(4)?;
                let length = u32::from_le_bytes(length.try_into().ok()?);
                bytes = rest.get(usize::try_from(length).ok()?..)?;
            }
            (bytes, *num_values, *encoding)
        }
        Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            let levels = def_levels_byte_len.checked_add(*rep_levels_byte_len)?;
            let bytes = buf.get(usize::try_from(levels).ok()?..)?;
            (bytes, *num_values, *encoding)
        }
        Page::DictionaryPage { .. } => return Some(()),
    };
    let lists = match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        Encoding::DELTA_BYTE_ARRAY => 2,
        _ => return Some(()),
    };
    for _ in 0..lists {
        bytes = behind_lengths(bytes, u64::from(values).min(MOST_LENGTHS))?;
    }
    Some(())
}

/// What stands behind a list of lengths (encoding DELTA_BINARY_PACKED); `None` where it has more than so many.
fn behind_lengths(bytes: &[u8], most: u64) -> Option<&[u8]> {
    let mut walk = Walk::new(bytes, |_| None);
    let (block, minis) = (walk.varint()?, walk.varint()?);
    let total = walk.varint()?;
    walk.zigzag()?;
    let of_mini = block.checked_div(minis)?;
    if total > most || of_mini == 0 || minis > 1 << 16 || block > 1 << 20 {
        return None;
    }
    let mut left = total.saturating_sub(1);
    while left > 0 {
        walk.zigzag()?;
        let mut widths = Vec::new();
        for _ in 0..minis {
            widths.push(u64::from(walk.byte()?));
        }
        for width in widths {
            if left == 0 {
                break;
            }
            walk.skip(of_mini.checked_mul(width)? / 8)?;
            left = left.saturating_sub(of_mini);
        }
    }
    bytes.get(walk.walked()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_not_stand_too_deep_nor_be_too_wide() {
        // A list of columns, each with one inside of it.
        let nested = |depth: usize| {
            let columns = [0x55, 0x02, 0x00].repeat(depth);
            [
                &[0x29, 0xfc, depth as u8 | 0x80, (depth >> 7) as u8],
                columns.as_slice(),
                &[0],
            ]
            .concat()
        };
        assert!(described(&nested(30)).is_some());
        assert!(described(&nested(40)).is_none());
        assert!(described(&nested(5000)).is_none());
        // Values of two gigabytes each.
        assert!(described(b"\x29\x1c\x25\xfe\xff\xff\xff\x0f\x00\x00").is_none());
        assert!(described(b"\x29\x1c\x25\x20\x00\x00").is_some());
    }

    #[test]
    fn lengths_are_held_against_the_number_of_values() {
        // Blocks of 128 in 4 parts, 3 values, the first 1; deltas of one bit in the first part.
        let bytes = b"\x80\x01\x04\x03\x02\x00\x01\x00\x00\x00\x01\x02\x03\x04behind";
        assert_eq!(behind_lengths(bytes, 3), Some(&b"behind"[..]));
        assert_eq!(behind_lengths(bytes, 2), None);
        assert_eq!(
            behind_lengths(b"\x80\x01\x04\xff\xff\xff\xff\x0f\x02", u64::MAX),
            None
        );
        assert_eq!(behind_lengths(b"\x80\x01\x00\x03\x02", 3), None);
        assert_eq!(
            longest_of(b"\x02\0\0\0ab\x05\0\0\0abcde\xff\xff\0\0"),
            0xffff
        );
    }
}
