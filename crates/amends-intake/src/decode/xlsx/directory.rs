//! The directory of a zip archive: which parts it has, and where (APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
//!
//! Of the format only what a workbook needs is read: parts that are stored or deflated, in one file, without encryption. Archives beyond 4 GiB
//! (zip64) are refused.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use amends_model::Result;

use super::{damaged, too_large};

/// More parts than this has no workbook of records.
const MOST_PARTS: u16 = 4096;
/// Nor a longer directory, in bytes.
const LONGEST: u64 = 4 << 20;

/// One part of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where the part's own header stands.
    header: u64,
    /// Its bytes in the archive.
    pub(super) packed: u64,
    /// Its bytes unpacked.
    pub(super) size: u64,
    /// The checksum of what it unpacks to.
    pub(super) crc: u32,
    /// Whether it is deflated.
    pub(super) is_packed: bool,
}

/// The parts by their names, in small letters.
///
/// # Errors
/// `AM0537` where it is no such archive; `AM0536` where it has too many parts.
pub(super) fn read(file: &mut File, path: &Path) -> Result<HashMap<String, Part>> {
    let broken = |error: io::Error| damaged(path, &error.to_string());
    let size = file.seek(SeekFrom::End(0)).map_err(broken)?;
    let (count, length, start) = end(file, size)
        .map_err(broken)?
        .ok_or_else(|| no_archive(file, path))?;
    if count > MOST_PARTS || length > LONGEST {
        return Err(too_large(path, "it has more parts than a workbook"));
    }
    if start.saturating_add(length) > size {
        return Err(damaged(path, "it is cut off"));
    }
    file.seek(SeekFrom::Start(start)).map_err(broken)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(broken)?;
    let mut parts = HashMap::new();
    let mut rest = bytes.as_slice();
    for _ in 0..count {
        let (name, part, behind) =
            entry(rest).ok_or_else(|| damaged(path, "its directory is damaged"))?;
        if let Some(part) = part
            && parts.insert(name, part).is_some()
        {
            // Readers differ in which of the two they take.
            return Err(damaged(path, "two of its parts have the same name"));
        }
        rest = behind;
    }
    Ok(parts)
}

/// Goes to where a part's bytes begin.
///
/// # Errors
/// When the part's own header is not where the directory says.
pub(super) fn go_to(file: &mut File, part: &Part) -> io::Result<()> {
    let mut header = [0; 30];
    file.seek(SeekFrom::Start(part.header))?;
    file.read_exact(&mut header)?;
    let length = |at| short(&header, at).map(i64::from);
    match (header.starts_with(b"PK\x03\x04"), length(26), length(28)) {
        (true, Some(name), Some(extra)) => {
            file.seek(SeekFrom::Current(name + extra))?;
            Ok(())
        }
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a part is not where the directory says",
        )),
    }
}

/// The record at the end of an archive: how many parts, the length of the directory and where it begins. The last that reaches to the very
/// end of the file is it, so that a comment cannot pretend to be one.
fn end(file: &mut File, size: u64) -> io::Result<Option<(u16, u64, u64)>> {
    const TAIL: u64 = (64 << 10) + 22;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    file.take(TAIL).read_to_end(&mut tail)?;
    let found = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").find_map(|at| {
        let record = tail.get(at..)?;
        let comment = usize::from(short(record, 20)?);
        let fits = record.len() == 22 + comment;
        let one_file = short(record, 8)? == short(record, 10)?;
        let (count, length, start) = (short(record, 10)?, long(record, 12)?, long(record, 16)?);
        (fits && one_file).then_some((count, u64::from(length), u64::from(start)))
    });
    Ok(found)
}

/// One entry of the directory, and what stands behind it. The part is `None` where it is packed in a way that is not read.
fn entry(bytes: &[u8]) -> Option<(String, Option<Part>, &[u8])> {
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let length = |at| short(bytes, at).map(usize::from);
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    let behind = bytes.get(46 + name + extra + comment..)?;
    let name = String::from_utf8_lossy(bytes.get(46..46 + name)?);
    let name = name.replace('\\', "/").to_lowercase();
    let is_encrypted = short(bytes, 8)? & 1 == 1;
    let method = short(bytes, 10)?;
    let part = Part {
        header: u64::from(long(bytes, 42)?),
        packed: u64::from(long(bytes, 20)?),
        size: u64::from(long(bytes, 24)?),
        crc: long(bytes, 16)?,
        is_packed: method == 8,
    };
    let is_read = !is_encrypted && (method == 0 || method == 8);
    let name = name.trim_start_matches('/').to_owned();
    Some((name, is_read.then_some(part), behind))
}

/// What the file is instead, where that can be told.
fn no_archive(file: &mut File, path: &Path) -> amends_model::Problem {
    let mut magic = Vec::new();
    let _ = file.seek(SeekFrom::Start(0));
    let _ = file.take(4).read_to_end(&mut magic);
    damaged(
        path,
        match magic.as_slice() {
            [0xd0, 0xcf, 0x11, 0xe0] => {
                "it is an older workbook (.xls) or has a password: save it as .xlsx without one"
            }
            [b'P', b'K', ..] => "it is cut off",
            _ => "it is no zip archive",
        },
    )
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
