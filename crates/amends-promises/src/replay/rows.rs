//! Single instances out of the kept columns.

use amends_model::{EventId, IdentifierId, State};
use arrow::array::{Array, AsArray, FixedSizeBinaryArray, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt8Type};
use jiff::{SignedDuration, Timestamp};

use super::columns::at;
use crate::attributes;
use crate::instance::{Hashed, Instance, fingerprint, moment};

/// What the instances are about.
pub(crate) fn abouts(batch: &RecordBatch) -> &StringArray {
    batch.column(at::ABOUT).as_string()
}

/// How the instances stand.
pub(crate) fn states(batch: &RecordBatch) -> impl Iterator<Item = State> + '_ {
    let codes = batch.column(at::STATE).as_primitive::<UInt8Type>().values();
    codes.iter().map(|code| State::ALL[usize::from(*code)])
}

/// One instance.
pub(crate) fn instance(batch: &RecordBatch, row: usize) -> Instance {
    let told =
        |column| micros(batch, column, row).map(|micros| moment(micros).unwrap_or(Timestamp::MAX));
    let always = |column| told(column).unwrap_or(Timestamp::MAX);
    let attributes = batch.columns()[at::ATTRIBUTES..].iter();
    Instance {
        about: abouts(batch).value(row).to_owned(),
        identifier: IdentifierId(sixteen(
            batch
                .column(at::IDENTIFIER)
                .as_fixed_size_binary()
                .value(row),
        )),
        state: state(batch, row),
        opened_at: always(at::OPENED_AT),
        due_at: always(at::DUE_AT),
        paused_since: told(at::PAUSED_SINCE),
        closed_at: told(at::CLOSED_AT),
        could_have_known: told(at::COULD_HAVE_KNOWN),
        late_by: late_by(batch, row).map(SignedDuration::from_micros),
        serious: serious(batch, row),
        attributes: attributes
            .map(|lists| attributes::texts(lists.as_list(), row))
            .collect(),
        proof: proof(batch, row).map(|id| EventId(sixteen(id))).collect(),
    }
}

/// The hashes of the instances, as `Instance::hash` has them.
pub(crate) fn hashes(batch: &RecordBatch) -> impl Iterator<Item = u128> + '_ {
    (0..batch.num_rows()).map(|row| {
        fingerprint(Hashed {
            about: abouts(batch).value(row),
            state: state(batch, row),
            opened_at: micros(batch, at::OPENED_AT, row).unwrap_or_default(),
            due_at: micros(batch, at::DUE_AT, row).unwrap_or_default(),
            paused_since: micros(batch, at::PAUSED_SINCE, row),
            closed_at: micros(batch, at::CLOSED_AT, row),
            could_have_known: micros(batch, at::COULD_HAVE_KNOWN, row),
            late_by: late_by(batch, row),
            serious: serious(batch, row),
            proof: proof(batch, row),
        })
    })
}

fn state(batch: &RecordBatch, row: usize) -> State {
    State::ALL[usize::from(
        batch
            .column(at::STATE)
            .as_primitive::<UInt8Type>()
            .value(row),
    )]
}

fn micros(batch: &RecordBatch, column: usize, row: usize) -> Option<i64> {
    let moments = batch
        .column(column)
        .as_primitive::<TimestampMicrosecondType>();
    moments.is_valid(row).then(|| moments.value(row))
}

fn late_by(batch: &RecordBatch, row: usize) -> Option<i64> {
    let lengths = batch.column(at::LATE_BY).as_primitive::<Int64Type>();
    lengths.is_valid(row).then(|| lengths.value(row))
}

fn serious(batch: &RecordBatch, row: usize) -> u8 {
    // Graded from 0 to 3.
    batch
        .column(at::SERIOUS)
        .as_primitive::<Int64Type>()
        .value(row) as u8
}

fn proof(batch: &RecordBatch, row: usize) -> impl Iterator<Item = &[u8]> + '_ {
    let lists: &ListArray = batch.column(at::PROOF).as_list();
    let ids: &FixedSizeBinaryArray = lists.values().as_fixed_size_binary();
    let ends = lists.value_offsets();
    (ends[row] as usize..ends[row + 1] as usize).map(|index| ids.value(index))
}

fn sixteen(bytes: &[u8]) -> [u8; 16] {
    let mut sixteen = [0; 16];
    sixteen.copy_from_slice(bytes);
    sixteen
}
