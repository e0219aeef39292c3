//! In which order events stand in a segment: cut into slices of time, each sorted by whom its events happened to.
//!
//! A month then reads a few slices, a customer a few pages of each slice, and the ids of one customer stand together and pack well.

use rayon::prelude::*;

/// Rows of a segment, in order, with the lengths of its slices.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// For each place in the segment the row that goes there.
    pub(crate) rows: Vec<u32>,
    /// How many rows each slice has.
    pub(crate) slices: Vec<usize>,
}

/// Orders events by slice of time, identifier, time and, at last, the order in which they came.
pub(crate) fn order(moments: &[i64], identifiers: &[u128], slice: usize) -> Order {
    let cuts = cuts(moments, slice);
    let mut keyed: Vec<(usize, u128, i64, u32)> = moments
        .par_iter()
        .zip(identifiers)
        .enumerate()
        .map(|(row, (at, identifier))| {
            let slice = cuts.partition_point(|cut| cut <= at);
            (slice, *identifier, *at, row as u32)
        })
        .collect();
    keyed.par_sort_unstable();
    let mut slices = Vec::with_capacity(cuts.len() + 1);
    for same in keyed.chunk_by(|left, right| left.0 == right.0) {
        // A slice whose events share one moment may be long: it is cut all the same.
        slices.extend(same.chunks(slice.max(1) * 2).map(<[_]>::len));
    }
    Order {
        rows: keyed.into_iter().map(|(_, _, _, row)| row).collect(),
        slices,
    }
}

/// The moments at which the second and later slices begin.
pub(crate) fn cuts(moments: &[i64], slice: usize) -> Vec<i64> {
    let slices = moments.len().div_ceil(slice.max(1));
    if slices < 2 {
        return Vec::new();
    }
    let mut sorted = moments.to_vec();
    sorted.par_sort_unstable();
    let mut cuts: Vec<i64> = (1..slices)
        .map(|number| sorted[number * sorted.len() / slices])
        .filter(|cut| *cut > sorted[0])
        .collect();
    cuts.dedup();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other_in_time_and_are_sorted_inside() {
        let moments: Vec<i64> = (0..1_000).map(|n| (n * 7_919) % 1_000).collect();
        let identifiers: Vec<u128> = (0..1_000).map(|n| (n * 31) % 17).collect();
        let order = order(&moments, &identifiers, 100);
        assert_eq!(order.slices.iter().sum::<usize>(), 1_000);
        assert_eq!(order.slices.len(), 10);
        let mut rows = order.rows.as_slice();
        let mut before = i64::MIN;
        for length in order.slices {
            let (slice, rest) = rows.split_at(length);
            rows = rest;
            let at = |row: &u32| moments[*row as usize];
            assert!(slice.iter().map(at).min().unwrap() > before);
            before = slice.iter().map(at).max().unwrap();
            let of = |row: &u32| (identifiers[*row as usize], at(row));
            assert!(slice.is_sorted_by_key(of));
        }
    }

    #[test]
    fn one_moment_is_no_reason_for_an_endless_slice() {
        let order = order(&[5; 1_000], &[1; 1_000], 100);
        assert_eq!(order.slices, [200; 5]);
        assert!(super::order(&[], &[], 100).rows.is_empty());
    }
}
