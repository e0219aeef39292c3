//! What an import said that was known already. It is no event, and becomes one where the import that said it first is undone.

use amends_model::Result;
use amends_model::event::column;
use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, UInt32Array, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type, UInt32Type, UInt64Type};
use std::sync::Arc;
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128};

use crate::places::Places;
use crate::silence::Waiting;
use crate::{columns, tail, trouble};

/// How hard sayings are packed.
const LEVEL: i32 = 3;

/// One thing said again: about ten bytes of the catalog, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Saying {
    /// Hash of the record's key and of what was said.
    pub(crate) hash: u64,
    /// Its place in the import: the lower half of the order of ingest.
    pub(crate) place: u32,
    /// The source's own version.
    pub(crate) version: Option<i64>,
    /// The line of the file.
    pub(crate) line: Option<i64>,
    /// Seconds east of UTC in which the source told the time.
    pub(crate) offset: i32,
}

/// Sayings of one import and one kind, packed.
#[derive(Clone, Debug)]
pub(crate) struct Repeated {
    /// The import.
    pub(crate) import: i64,
    /// Of which kind the events would be.
    pub(crate) kind: String,
    /// The part that was written when they came up.
    pub(crate) part: i64,
    /// How many they are.
    pub(crate) sayings: u64,
    /// The sayings, packed.
    pub(crate) body: Vec<u8>,
}

/// By what a saying is found again: two sayings that shared it would be of one record in a million million millions.
pub(crate) fn hash(key: u128, content: i64) -> u64 {
    let mut said = [0; 24];
    said[..16].copy_from_slice(&key.to_be_bytes());
    said[16..].copy_from_slice(&content.to_le_bytes());
    xxh3_64(&said)
}

/// The place in its import that an order of ingest has.
pub(crate) fn place(sequence: u64) -> u32 {
    sequence as u32
}

/// The import that an order of ingest belongs to.
pub(crate) fn import(sequence: u64) -> i64 {
    (sequence >> 32) as i64
}

/// The order of ingest of a place in an import.
pub(crate) fn sequence(import: i64, place: u32) -> u64 {
    ((import as u64) << 32) + u64::from(place)
}

/// Reads what a row says beside its key and content.
pub(crate) struct Told<'a> {
    lines: &'a Int64Array,
    offsets: &'a Int32Array,
}

impl<'a> Told<'a> {
    /// The columns of a batch that has `line` and `at_offset`.
    ///
    /// # Errors
    /// `AM0408` when one is missing.
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self> {
        let offsets = batch.column_by_name(column::AT_OFFSET);
        let offsets = offsets.and_then(|column| column.as_primitive_opt::<Int32Type>());
        Ok(Self {
            lines: columns::integers(batch, column::LINE)?,
            offsets: offsets
                .ok_or_else(|| trouble::misfit("the column \"at_offset\" is missing"))?,
        })
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: usize) -> Option<i64> {
        self.lines.is_valid(row).then(|| self.lines.value(row))
    }

    /// The offset of a row, in seconds.
    pub(crate) fn offset(&self, row: usize) -> i32 {
        self.offsets.value(row)
    }
}

/// Packs sayings; `None` if there are none.
///
/// # Errors
/// `AM0408` when they cannot be packed, which is a mistake of ours.
pub(crate) fn pack(
    import: i64,
    kind: &str,
    part: i64,
    mut sayings: Vec<Saying>,
) -> Result<Option<Repeated>> {
    if sayings.is_empty() {
        return Ok(None);
    }
    sayings.sort_unstable_by_key(|saying| (saying.hash, saying.place));
    // What stands in order packs well as steps.
    let mut before = 0;
    let steps = sayings.iter().map(|saying| {
        let step = saying.hash - before;
        before = saying.hash;
        step
    });
    let steps = Arc::new(UInt64Array::from_iter_values(steps)) as ArrayRef;
    let places = UInt32Array::from_iter_values(sayings.iter().map(|saying| saying.place));
    let versions = Int64Array::from_iter(sayings.iter().map(|saying| saying.version));
    let lines = Int64Array::from_iter(sayings.iter().map(|saying| saying.line));
    let offsets = Int32Array::from_iter_values(sayings.iter().map(|saying| saying.offset));
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("step", steps, false),
        ("place", Arc::new(places), false),
        ("version", Arc::new(versions), true),
        ("line", Arc::new(lines), true),
        ("offset", Arc::new(offsets), false),
    ]);
    let body = batch.and_then(|batch| tail::stream(&batch));
    let body = body.map_err(|error| trouble::misfit(error.to_string()))?;
    let body = zstd::encode_all(body.as_slice(), LEVEL);
    Ok(Some(Repeated {
        import,
        kind: kind.to_owned(),
        part,
        sayings: sayings.len() as u64,
        body: body.map_err(|error| trouble::misfit(error.to_string()))?,
    }))
}

/// Unpacks sayings, in order of their hashes.
///
/// # Errors
/// `AM0406` when they are damaged.
pub(crate) fn unpack(repeated: &Repeated) -> Result<Vec<Saying>> {
    let place = || {
        let Repeated { import, kind, .. } = repeated;
        format!("what import {import} said again of {kind}")
    };
    let body = zstd::decode_all(repeated.body.as_slice());
    let body = body.map_err(|error| trouble::unreadable(place(), error))?;
    let batch = tail::read(&body).map_err(|error| trouble::unreadable(place(), error))?;
    let sayings = sayings(&batch);
    let whole = sayings.filter(|sayings| sayings.len() as u64 == repeated.sayings);
    whole.ok_or_else(|| trouble::unreadable(place(), "it has too few sayings or columns"))
}

fn sayings(batch: &RecordBatch) -> Option<Vec<Saying>> {
    let column = |name| batch.column_by_name(name);
    let steps = column("step")?.as_primitive_opt::<UInt64Type>()?;
    let places = column("place")?.as_primitive_opt::<UInt32Type>()?;
    let versions = column("version")?.as_primitive_opt::<Int64Type>()?;
    let lines = column("line")?.as_primitive_opt::<Int64Type>()?;
    let offsets = column("offset")?.as_primitive_opt::<Int32Type>()?;
    let mut hash = 0_u64;
    let read = |row: usize| {
        hash = hash.wrapping_add(steps.value(row));
        Saying {
            hash,
            place: places.value(row),
            version: versions.is_valid(row).then(|| versions.value(row)),
            line: lines.is_valid(row).then(|| lines.value(row)),
            offset: offsets.value(row),
        }
    };
    Some((0..batch.num_rows()).map(read).collect())
}

/// A hash of silences, in order of key and ingest.
#[derive(Clone, Default)]
pub(crate) struct Silences(Option<Xxh3>);

impl Silences {
    /// Adds one.
    pub(crate) fn add(&mut self, waiting: &Waiting) {
        let silence = &waiting.silence;
        let mut said = place(waiting.sequence).to_le_bytes().to_vec();
        said.extend_from_slice(&silence.key.0);
        optional(&mut said, silence.version);
        optional(&mut said, silence.line);
        self.0.get_or_insert_default().update(&said);
    }
}

/// A hash of all that an import says of one kind, in the order in which it says it, and of what it does not say, as far as that is kept: who repeats
/// the one without the other does not say the same.
#[derive(Clone, Default)]
pub(crate) struct Digest {
    events: Xxh3,
    silences: Silences,
    /// All that was not said, whether it is kept or not, in the order in which it was not.
    unsaid: Silences,
}

fn optional(said: &mut Vec<u8>, value: Option<i64>) {
    said.push(u8::from(value.is_some()));
    said.extend_from_slice(&value.unwrap_or(0).to_le_bytes());
}

impl Digest {
    /// Adds staged events with their places.
    ///
    /// # Errors
    /// `AM0408` when a column is missing.
    pub(crate) fn add(&mut self, batch: &RecordBatch, places: &Places) -> Result<()> {
        let keys = columns::ids(batch, column::KEY)?;
        let contents = columns::integers(batch, column::CONTENT)?;
        let versions = columns::integers(batch, column::VERSION)?;
        let told = Told::of(batch)?;
        let mut said = Vec::with_capacity(batch.num_rows() * 48);
        for row in 0..batch.num_rows() {
            said.extend_from_slice(&place(places.of(row as u32)).to_le_bytes());
            said.extend_from_slice(keys.value(row));
            said.extend_from_slice(&contents.value(row).to_le_bytes());
            optional(
                &mut said,
                versions.is_valid(row).then(|| versions.value(row)),
            );
            optional(&mut said, told.line(row));
            said.extend_from_slice(&told.offset(row).to_le_bytes());
        }
        self.events.update(&said);
        Ok(())
    }

    /// Adds silences that are kept.
    pub(crate) fn hear(&mut self, silences: &Silences) {
        if let Silences(Some(heard)) = silences {
            let all = self.silences.0.get_or_insert_default();
            all.update(&heard.digest128().to_le_bytes());
        }
    }

    /// Adds a silence, before anybody knows whether it is kept.
    pub(crate) fn unsay(&mut self, waiting: &Waiting) {
        self.unsaid.add(waiting);
    }

    /// What was said so far.
    pub(crate) fn value(&self) -> u128 {
        self.with(&self.silences)
    }

    /// What was told so far, whatever was known before.
    pub(crate) fn told(&self) -> u128 {
        self.with(&self.unsaid)
    }

    fn with(&self, silences: &Silences) -> u128 {
        let events = self.events.digest128();
        let Silences(Some(silences)) = silences else {
            return events;
        };
        let both = [events, silences.digest128()].map(u128::to_le_bytes);
        xxh3_128(&both.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sayings_read_what_they_wrote() {
        let mut sayings: Vec<Saying> = (0..1_000_u32)
            .map(|n| Saying {
                hash: hash(u128::from(n), 7),
                place: n,
                version: (n % 3 == 0).then_some(i64::from(n) - 500),
                line: (n % 5 != 0).then_some(i64::from(n) + 2),
                offset: if n % 2 == 0 { 3_600 } else { -7_200 },
            })
            .collect();
        sayings.push(sayings[3]);
        let repeated = pack(4, "order_placed", 9, sayings.clone())
            .unwrap()
            .unwrap();
        sayings.sort_unstable_by_key(|saying| (saying.hash, saying.place));
        assert_eq!(unpack(&repeated).unwrap(), sayings);
        let short = Repeated {
            sayings: 5,
            ..repeated.clone()
        };
        assert_eq!(unpack(&short).unwrap_err().code(), "AM0406");
        let cut = Repeated {
            body: repeated.body[..repeated.body.len() / 2].to_vec(),
            ..repeated
        };
        assert_eq!(unpack(&cut).unwrap_err().code(), "AM0406");
        assert!(pack(4, "order_placed", 9, Vec::new()).unwrap().is_none());
    }

    #[test]
    fn an_order_of_ingest_is_an_import_and_a_place() {
        let order = sequence(7, u32::MAX);
        assert_eq!((import(order), place(order)), (7, u32::MAX));
    }
}
