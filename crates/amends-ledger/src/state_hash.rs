//! One number for all that a ledger says: the same for the same records, however and in whatever order they came in.

use std::collections::HashMap;

use amends_model::event::{self, column};
use amends_model::{IdentifierId, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};

use crate::filter::Filter;
use crate::snapshot::Snapshot;
use crate::{columns, undo};

/// What tells how we came by an event, not what the source said: it is left out. Ids, keys and content follow from the rest;
/// where they depend on personal names they do so through a key of the vault, so that two vaults give two of them.
const LEFT_OUT: [&str; 7] = [
    column::ID,
    column::KEY,
    column::CONTENT,
    column::IMPORT,
    column::RECEIVED_AT,
    column::LINE,
    column::MAPPING,
];

/// Kinds of decisions that tell how we came by what the ledger says.
const OF_OURS: [&str; 1] = [undo::KIND];

/// A hash over the current events: the sum over all of them, so that no order matters, of BLAKE3 over what the source said.
///
/// `native` gives for an identifier, which is minted at random, a hash of the source's own name for it.
/// Nulls are passed over, so that a property that other events have changes nothing.
///
/// # Errors
/// `AM0406` when a segment cannot be read.
pub fn state_hash(
    snapshot: &Snapshot,
    native: &dyn Fn(IdentifierId) -> [u8; 16],
) -> Result<[u8; 32]> {
    let mut sum = Sum::default();
    let mut names = Names {
        native,
        known: HashMap::new(),
    };
    let kinds = snapshot.kinds().iter();
    for (kind, schema) in kinds.filter(|(kind, _)| !OF_OURS.contains(&kind.as_str())) {
        let fields = schema.fields().iter().map(|field| field.name().as_str());
        let mut wanted: Vec<&str> = fields.filter(|name| !LEFT_OUT.contains(name)).collect();
        // Properties stand in the order in which they were first seen.
        wanted.sort_unstable();
        for batch in snapshot.scan(kind, &wanted, &Filter::default())? {
            add(&batch?, &mut names, &mut sum);
        }
    }
    Ok(sum.bytes())
}

/// A sum of hashes, lane by lane.
#[derive(Default)]
struct Sum([u64; 4]);

impl Sum {
    fn add(&mut self, said: &[u8]) {
        let hash = blake3::hash(said);
        for (lane, bytes) in self.0.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            let value = bytes.try_into().map_or(0, u64::from_le_bytes);
            *lane = lane.wrapping_add(value);
        }
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (place, lane) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&lane.to_le_bytes());
        }
        bytes
    }
}

/// The source's own names of identifiers, asked for once each.
struct Names<'a> {
    native: &'a dyn Fn(IdentifierId) -> [u8; 16],
    known: HashMap<IdentifierId, [u8; 16]>,
}

impl Names<'_> {
    fn of(&mut self, bytes: &[u8]) -> [u8; 16] {
        let Some(id) = IdentifierId::from_slice(bytes) else {
            return [0; 16];
        };
        *self.known.entry(id).or_insert_with(|| (self.native)(id))
    }
}

fn add(batch: &RecordBatch, names: &mut Names<'_>, sum: &mut Sum) {
    let mut rows = vec![Vec::new(); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        for (row, said) in rows.iter_mut().enumerate() {
            if column.is_valid(row) {
                write_text(said, field.name());
                write_value(said, column, row, names);
            }
        }
    }
    rows.iter().for_each(|said| sum.add(said));
}

fn write_text(said: &mut Vec<u8>, text: &str) {
    said.extend_from_slice(&(text.len() as u64).to_le_bytes());
    said.extend_from_slice(text.as_bytes());
}

/// Writes a value with a letter for its type in front.
fn write_value(said: &mut Vec<u8>, column: &ArrayRef, row: usize, names: &mut Names<'_>) {
    match column.data_type() {
        DataType::Utf8 => {
            said.push(b't');
            write_text(said, column.as_string::<i32>().value(row));
        }
        DataType::Int64 => {
            said.push(b'i');
            let value = column.as_primitive::<Int64Type>().value(row);
            said.extend_from_slice(&value.to_le_bytes());
        }
        DataType::Int32 => {
            said.push(b'i');
            let value = column.as_primitive::<Int32Type>().value(row);
            said.extend_from_slice(&i64::from(value).to_le_bytes());
        }
        DataType::Float64 => {
            said.push(b'f');
            let value = column.as_primitive::<Float64Type>().value(row);
            said.extend_from_slice(&value.to_le_bytes());
        }
        DataType::Boolean => {
            let value = column.as_boolean().value(row);
            said.extend_from_slice(&[b'b', u8::from(value)]);
        }
        DataType::Date32 => {
            said.push(b'd');
            let value = column.as_primitive::<Date32Type>().value(row);
            said.extend_from_slice(&value.to_le_bytes());
        }
        of if *of == event::moment_type() => {
            said.push(b'm');
            let value = column.as_primitive::<TimestampMicrosecondType>().value(row);
            said.extend_from_slice(&value.to_le_bytes());
        }
        of if *of == event::id_type() => {
            said.push(b'n');
            let id = columns::id_at(column.as_fixed_size_binary(), row);
            said.extend_from_slice(&names.of(&id.to_be_bytes()));
        }
        DataType::List(_) => {
            let values = column.as_list::<i32>().value(row);
            said.push(b'l');
            said.extend_from_slice(&(values.len() as u64).to_le_bytes());
            for place in (0..values.len()).filter(|place| values.is_valid(*place)) {
                write_value(said, &values, place, names);
            }
        }
        // No other type is kept.
        _ => said.push(b'?'),
    }
}
