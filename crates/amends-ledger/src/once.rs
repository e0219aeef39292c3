//! An id stands once in a part, so that a superseded or withdrawn event is told from a current one by its id.
//!
//! Events of imports that are undone stay where they are, withdrawn, and the same event may come again. Where both would come to stand in one part,
//! only one row does; the others go on as what was said again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use amends_model::Result;

use crate::contents::Mark;
use crate::entry::Entry;
use crate::said::{self, Repeated, Saying};

/// What makes an id.
type Same = (u128, Option<i64>, i64, u32);

fn same(entry: &Entry) -> Same {
    (entry.key, entry.version, entry.content, entry.occurrence)
}

/// For each of several parts that become one the rows that do not go on; none where nothing is withdrawn.
pub(crate) fn dropped(members: &[(Vec<Entry>, &[Mark])]) -> Vec<BTreeSet<u32>> {
    let mut dropped = vec![BTreeSet::new(); members.len()];
    let gone: Vec<HashSet<u32>> = members.iter().map(|(_, marks)| withdrawn(marks)).collect();
    let mut ids: HashMap<Same, Option<(usize, u32)>> = HashMap::new();
    for ((entries, _), gone) in members.iter().zip(&gone) {
        let entries = entries.iter().filter(|entry| gone.contains(&entry.row));
        ids.extend(entries.map(|entry| (same(entry), None)));
    }
    if ids.is_empty() {
        return dropped;
    }
    for (place, (entries, _)) in members.iter().enumerate() {
        for entry in entries {
            let Some(kept) = ids.get_mut(&same(entry)) else {
                continue;
            };
            let loses = match kept.replace((place, entry.row)) {
                None => continue,
                // What counts stays; one that counts is never met by another.
                Some(before) if gone[place].contains(&entry.row) => {
                    *kept = Some(before);
                    (place, entry.row)
                }
                Some(before) => before,
            };
            dropped[loses.0].insert(loses.1);
        }
    }
    dropped
}

fn withdrawn(marks: &[Mark]) -> HashSet<u32> {
    let marks = marks.iter().filter(|mark| mark.is_withdrawn());
    marks.map(|mark| mark.row).collect()
}

/// Dropped events as what their imports said again. `told` has line and offset of each dropped row.
///
/// # Errors
/// `AM0408` when they cannot be packed, which is a mistake of ours.
pub(crate) fn repeated<'a>(
    kind: &str,
    part: i64,
    dropped: impl Iterator<Item = (&'a Entry, (Option<i64>, i32))>,
) -> Result<Vec<Repeated>> {
    let mut by_import: BTreeMap<i64, Vec<Saying>> = BTreeMap::new();
    for (entry, (line, offset)) in dropped {
        let sayings = by_import.entry(said::import(entry.sequence)).or_default();
        sayings.push(Saying {
            hash: said::hash(entry.key, entry.content),
            place: said::place(entry.sequence),
            version: entry.version,
            line,
            offset,
        });
    }
    let packed = by_import
        .into_iter()
        .map(|(import, sayings)| said::pack(import, kind, part, sayings));
    packed.filter_map(Result::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: u128, row: u32) -> Entry {
        Entry {
            key,
            content: 1,
            version: None,
            sequence: u64::from(row),
            row,
            occurrence: 0,
        }
    }

    #[test]
    fn of_one_id_the_row_that_counts_stays() {
        let gone = |row| Mark::withdrawn(row, entry(0, 0).id());
        let first = vec![entry(1, 0), entry(2, 1), entry(3, 2)];
        let second = vec![entry(1, 0), entry(2, 1)];
        let third = vec![entry(1, 4), entry(3, 5)];
        let members = [
            (first, &[gone(0), gone(2)][..]),
            (second, &[gone(1)][..]),
            (third, &[gone(4), gone(5)][..]),
        ];
        let expected = [vec![0], vec![1], vec![4, 5]].map(BTreeSet::from_iter);
        assert_eq!(dropped(&members), expected);
        let nothing = [(vec![entry(1, 0)], &[][..])];
        assert_eq!(dropped(&nothing), [BTreeSet::new()]);
    }
}
