//! Reads who is who part by part.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::{UInt16Type, UInt32Type, UInt64Type};
use arrow::ipc::reader::StreamReader;
use xxhash_rust::xxh3::Xxh3Default;

use super::{KEY, NAMESPACES, VERSION};

/// Some identifiers one after the other, oldest first.
pub(super) struct Part<'a> {
    /// The number of the first.
    pub(super) first: u32,
    pub(super) ids: &'a [[u8; 16]],
    /// Places in the list of namespaces.
    pub(super) kinds: &'a [u16],
    pub(super) generic: &'a BooleanArray,
    /// The number of the oldest of each one's customer.
    pub(super) roots: &'a [u32],
}

/// What a file says beside its identifiers.
pub(super) struct Said {
    pub(super) version: String,
    pub(super) namespaces: Vec<String>,
    /// Person, account, and how many events name both, as in [`crate::accounts::Memberships`].
    pub(super) memberships: Vec<(u32, u32, u64)>,
}

/// Everything that a file says; `None` where it was made of something else, or is damaged.
pub(super) fn whole(file: &File, key: &str, mut each: impl FnMut(Part<'_>)) -> Option<Said> {
    // What is damaged is not decoded: it may lead anywhere.
    is_whole(file).ok()?.then_some(())?;
    let mut body = from_start(file).ok()?;
    let (version, namespaces) = identifiers(&mut body, key, |part| {
        each(part);
        ControlFlow::Continue(())
    })?;
    let mut memberships = Vec::new();
    for table in StreamReader::try_new(&mut body, None).ok()? {
        memberships.extend(memberships_of(&table.ok()?)?);
    }
    Some(Said {
        version,
        namespaces,
        memberships,
    })
}

/// Whether a file is as it was written, by the sum at its end.
fn is_whole(file: &File) -> io::Result<bool> {
    let Some(length) = file.metadata()?.len().checked_sub(8) else {
        return Ok(false);
    };
    let mut hash = Xxh3Default::new();
    let mut rest = from_start(file)?;
    let mut body = (&mut rest).take(length);
    loop {
        let bytes = body.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let read = bytes.len();
        hash.update(bytes);
        body.consume(read);
    }
    let mut sum = [0; 8];
    rest.read_exact(&mut sum)?;
    Ok(hash.digest() == u64::from_le_bytes(sum))
}

/// The identifiers of a file that [`whole`] has read, until `each` has enough.
pub(super) fn again(
    file: &File,
    key: &str,
    each: impl FnMut(Part<'_>) -> ControlFlow<()>,
) -> Option<()> {
    let mut body = from_start(file).ok()?;
    identifiers(&mut body, key, each).map(drop)
}

fn from_start(mut file: &File) -> io::Result<BufReader<&File>> {
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

/// The table of identifiers, and its version and namespaces.
fn identifiers(
    body: &mut impl Read,
    key: &str,
    mut each: impl FnMut(Part<'_>) -> ControlFlow<()>,
) -> Option<(String, Vec<String>)> {
    let mut reader = StreamReader::try_new(body, None).ok()?;
    let says = reader.schema().metadata().clone();
    if says.get(KEY).map(String::as_str) != Some(key) {
        return None;
    }
    let namespaces: Vec<String> = serde_json::from_str(says.get(NAMESPACES)?).ok()?;
    let mut first = 0_u32;
    for table in &mut reader {
        let table = table.ok()?;
        let part = part(&table, first, namespaces.len())?;
        first = first.checked_add(u32::try_from(part.ids.len()).ok()?)?;
        if each(part).is_break() {
            break;
        }
    }
    Some((says.get(VERSION)?.clone(), namespaces))
}

fn part(table: &RecordBatch, first: u32, namespaces: usize) -> Option<Part<'_>> {
    let ids = table.column(0).as_fixed_size_binary_opt()?;
    let (ids, _) = ids.value_data().as_chunks::<16>();
    let kinds = table.column(1).as_primitive_opt::<UInt16Type>()?.values();
    let generic = table.column(2).as_boolean_opt()?;
    let roots = table.column(3).as_primitive_opt::<UInt32Type>()?.values();
    let known = |kind: &u16| usize::from(*kind) < namespaces;
    let no_younger = |(root, number): (&u32, u32)| *root <= number;
    let sound = kinds.iter().all(known) && roots.iter().zip(first..).all(no_younger);
    sound.then_some(Part {
        first,
        ids,
        kinds,
        generic,
        roots,
    })
}

fn memberships_of(table: &RecordBatch) -> Option<impl Iterator<Item = (u32, u32, u64)> + '_> {
    let people = table.column(0).as_primitive_opt::<UInt32Type>()?.values();
    let accounts = table.column(1).as_primitive_opt::<UInt32Type>()?.values();
    let events = table.column(2).as_primitive_opt::<UInt64Type>()?.values();
    let pairs = people.iter().zip(accounts).zip(events);
    Some(pairs.map(|((person, account), events)| (*person, *account, *events)))
}
