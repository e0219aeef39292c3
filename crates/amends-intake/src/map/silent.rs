//! Which records give no event of a kind: the newest saying of a record counts, also where it says nothing (rule 1).
//!
//! Only a record with a native key can be told again, and only one that was read well says anything at all.

use amends_ledger::Silence;
use arrow::array::{Array, StringArray};

use super::event::Records;
use super::fault::Faults;
use super::key::Keys;

/// The records of a batch that give no event of the kind of these keys. `giving` has the rows that give one, ascending, with faults or without.
pub(crate) fn silences(
    keys: &mut Keys,
    giving: &[u32],
    native: &StringArray,
    records: &Records<'_>,
    faults: &Faults,
) -> Vec<Silence> {
    let mut giving = giving.iter().peekable();
    let (mut silences, mut after) = (Vec::new(), 0);
    for (row, line) in records.lines.iter().enumerate() {
        let gives = giving.next_if_eq(&&(row as u32)).is_some();
        if faults.has(row as u32) {
            continue;
        }
        if gives {
            after += 1;
            continue;
        }
        let versions = records.versions;
        let version = versions.filter(|versions| versions.is_valid(row));
        silences.push(Silence {
            key: keys.native(native.value(row)),
            version: version.map(|versions| versions.value(row)),
            line: Some(*line),
            after,
        });
    }
    silences
}
