//! Pairs of identifiers that events name together, gathered from a snapshot.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use amends_ledger::{Filter, Snapshot};
use amends_model::event::{self, column};
use amends_model::{EventId, IdentifierId, Problem, Result};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::{SignedDuration, Timestamp};

use crate::register::Register;

/// An event that names more than this many is a list of guests, not evidence of who is who.
const MOST_NAMED: usize = 16;

/// Two identifiers that events name together, the older one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// The first event that names both, by moment, then by id.
    pub(crate) event: EventId,
    /// How many events do.
    pub(crate) events: u64,
}

/// Gathers pairs event by event.
#[derive(Default)]
pub(crate) struct Gathered {
    pairs: HashMap<u64, Seen, BuildHasherDefault<Mixed>>,
}

struct Seen {
    first: (i64, EventId),
    events: u64,
}

impl Gathered {
    /// Notes an event that names these, each once.
    pub(crate) fn note(&mut self, named: &[u32], at: i64, event: EventId) {
        for (place, a) in named.iter().enumerate() {
            for b in &named[place + 1..] {
                let key = u64::from(*a.min(b)) << 32 | u64::from(*a.max(b));
                let seen = self.pairs.entry(key).or_insert(Seen {
                    first: (at, event),
                    events: 0,
                });
                seen.first = seen.first.min((at, event));
                seen.events += 1;
            }
        }
    }

    /// All pairs, by the numbers of their ends.
    pub(crate) fn sorted(self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self
            .pairs
            .into_iter()
            .map(|(key, seen)| Pair {
                a: (key >> 32) as u32,
                b: key as u32,
                event: seen.first.1,
                events: seen.events,
            })
            .collect();
        pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        pairs
    }
}

/// The pairs in the current events of a snapshot up to a moment, that moment included.
///
/// Kinds whose events name one identifier each cost the reading of one empty column.
pub(crate) fn gather(
    snapshot: &Snapshot,
    register: &Register,
    as_of: Option<Timestamp>,
) -> Result<Vec<Pair>> {
    let until = as_of.map(|as_of| {
        as_of
            .checked_add(SignedDuration::from_micros(1))
            .unwrap_or(Timestamp::MAX)
    });
    let filter = Filter {
        until,
        ..Filter::default()
    };
    let mut gathered = Gathered::default();
    // A change names whom its event names: it is no further evidence.
    let kinds = snapshot.kinds().keys();
    for kind in kinds.filter(|kind| event::told_by(kind) == kind.as_str()) {
        if !names_several(snapshot, kind)? {
            continue;
        }
        let columns = [column::ID, column::AT, column::IDENTIFIER, column::OTHERS];
        for batch in snapshot.scan(kind, &columns, &filter)? {
            note_batch(&batch?, register, &mut gathered)?;
        }
    }
    Ok(gathered.sorted())
}

/// Whether any event of a kind names more than one. The scan ends at the first that does.
fn names_several(snapshot: &Snapshot, kind: &str) -> Result<bool> {
    for batch in snapshot.scan(kind, &[column::OTHERS], &Filter::default())? {
        let batch = batch?;
        let others = batch.column(0);
        if others.null_count() < others.len() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn note_batch(batch: &RecordBatch, register: &Register, gathered: &mut Gathered) -> Result<()> {
    let columns = Columns::of(batch).ok_or_else(misfit)?;
    let mut named = Vec::new();
    let mut last: Option<usize> = None;
    for row in (0..batch.num_rows()).filter(|row| columns.others.is_valid(*row)) {
        // Neighbours often name the same: segments are sorted, and a customer orders again.
        if !last.is_some_and(|last| columns.name_the_same(last, row)) {
            columns.named(row, register, &mut named);
            last = Some(row);
        }
        if named.len() > 1 {
            gathered.note(&named, columns.at[row], EventId(columns.id[row]));
        }
    }
    Ok(())
}

/// The columns of a batch that tell whom its events name, as plain slices.
struct Columns<'a> {
    id: &'a [[u8; 16]],
    at: &'a [i64],
    identifier: &'a [[u8; 16]],
    others: &'a ListArray,
    offsets: &'a [i32],
    other_ids: &'a [[u8; 16]],
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let others = batch.column_by_name(column::OTHERS)?.as_list_opt::<i32>()?;
        let at = batch.column_by_name(column::AT)?;
        Some(Self {
            id: ids(batch.column_by_name(column::ID)?)?,
            at: at.as_primitive_opt::<TimestampMicrosecondType>()?.values(),
            identifier: ids(batch.column_by_name(column::IDENTIFIER)?)?,
            others,
            offsets: others.value_offsets(),
            other_ids: ids(others.values())?,
        })
    }

    fn others(&self, row: usize) -> &[[u8; 16]] {
        &self.other_ids[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    fn name_the_same(&self, one: usize, other: usize) -> bool {
        self.identifier[one] == self.identifier[other] && self.others(one) == self.others(other)
    }

    /// The numbers of those whom a row names, each once. Whoever was never minted is left out: nothing is known of them.
    fn named(&self, row: usize, register: &Register, named: &mut Vec<u32>) {
        named.clear();
        let others = self.others(row);
        if others.len() >= MOST_NAMED {
            return;
        }
        for id in std::iter::once(&self.identifier[row]).chain(others) {
            named.extend(register.number(IdentifierId(*id)));
        }
        named.sort_unstable();
        named.dedup();
    }
}

/// A column of sixteen-byte ids; `None` if it is something else.
fn ids(column: &ArrayRef) -> Option<&[[u8; 16]]> {
    let column = column.as_fixed_size_binary_opt()?;
    let (ids, rest) = column.value_data().as_chunks::<16>();
    (column.value_length() == 16 && rest.is_empty() && ids.len() == column.len()).then_some(ids)
}

fn misfit() -> Problem {
    Problem::new("AM0601", "events have other columns than who is who needs")
        .detail("id, at, identifier and others in the types of every event")
        .hint("the ledger was written by another release: use that one, or a newer one")
}

/// Spreads the two numbers of a pair over a hash (the finisher of splitmix64).
#[derive(Default)]
struct Mixed(u64);

impl std::hash::Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0.rotate_left(8) ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, pair: u64) {
        let mut mixed = pair;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = mixed ^ (mixed >> 31);
    }
}
