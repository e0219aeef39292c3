//! The stretch of an ordered attribute that tells best what is in it from what is outside: two change points of greatest likelihood (D. V. Hinkley,
//! "Inference about the change-point in a sequence of random variables", Biometrika 57, 1970), of which one may be missing.
//!
//! First the best beginning without an end and the best end without a beginning are taken, then the best other bound to each: the greedy half of
//! binary segmentation (A. J. Scott and M. Knott, Biometrics 30, 1974).

use super::significance::likelihood_ratio;

/// Numbers at an edge that have no rows are still within it: so many at most. Beyond them there is nothing that a stretch could be said of.
const GAP: usize = 4;

/// From one number to another, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) rows: u64,
    pub(super) hits: u64,
}

/// The best stretch, if any is worse than the rest, and how many were looked at. A second bound is told where it explains more than the logarithm of all
/// rows, as G. Schwarz, "Estimating the Dimension of a Model", Annals of Statistics 6 (1978), has it for what is fitted besides.
pub(super) fn stretch(rows: &[u32], hits: &[u32], least: u64) -> (Option<Stretch>, u64) {
    let mut sums = vec![(0_u64, 0_u64)];
    for (rows, hits) in rows.iter().zip(hits) {
        let (all, all_hits) = sums[sums.len() - 1];
        sums.push((all + u64::from(*rows), all_hits + u64::from(*hits)));
    }
    let filled = |count: &u32| *count > 0;
    let bounds = rows
        .iter()
        .position(filled)
        .zip(rows.iter().rposition(filled));
    let Some((start, end)) = bounds.filter(|(start, end)| start < end) else {
        return (None, 0);
    };
    let (all, all_hits) = sums[rows.len()];
    let mut tested = 0;
    let mut best = |stretches: &mut dyn Iterator<Item = (usize, usize)>| {
        let mut best: Option<(f64, usize, usize)> = None;
        for (first, last) in stretches {
            let count = sums[last + 1].0 - sums[first].0;
            let found = sums[last + 1].1 - sums[first].1;
            if count == 0 || count < least || count == all {
                continue;
            }
            tested += 1;
            let likelihood = likelihood_ratio(all, all_hits, count, found);
            if likelihood > best.map_or(0.0, |(most, ..)| most) {
                best = Some((likelihood, first, last));
            }
        }
        best
    };
    let since = best(&mut (start + 1..=end).map(|first| (first, end)));
    let until = best(&mut (start..end).map(|last| (start, last)));
    let of_since =
        since.and_then(|(_, first, _)| best(&mut (first..end).map(|last| (first, last))));
    let of_until =
        until.and_then(|(_, _, last)| best(&mut (start + 1..=last).map(|first| (first, last))));
    let larger = |a: Option<(f64, usize, usize)>, b: Option<(f64, usize, usize)>| match (a, b) {
        (Some(a), Some(b)) if b.0 > a.0 => Some(b),
        (a, b) => a.or(b),
    };
    let (open, closed) = (larger(since, until), larger(of_since, of_until));
    let worth = (all as f64).ln();
    let is_worth =
        |closed: &(f64, usize, usize)| open.is_none_or(|open| closed.0 >= open.0 + worth);
    let found = closed.filter(is_worth).or(open);
    let told = found.map(|(_, first, last)| Stretch {
        first: if first == start && start <= GAP {
            0
        } else {
            first as u32
        },
        last: match last == end && rows.len() - 1 - end <= GAP {
            true => rows.len() as u32 - 1,
            false => last as u32,
        },
        rows: sums[last + 1].0 - sums[first].0,
        hits: sums[last + 1].1 - sums[first].1,
    });
    (told, tested)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rates: &[u32]) -> Option<(u32, u32)> {
        let rows = vec![100; rates.len()];
        stretch(&rows, rates, 10).0.map(|one| (one.first, one.last))
    }

    #[test]
    fn what_goes_on_has_no_end_and_what_was_mended_has_one() {
        assert_eq!(found(&[5, 4, 6, 5, 30, 28, 33, 27]), Some((4, 7)));
        assert_eq!(found(&[5, 4, 30, 28, 33, 5, 6, 4]), Some((2, 4)));
        assert_eq!(found(&[30, 28, 33, 5, 6, 4, 5]), Some((0, 2)));
        // The last one is better by chance: that is no end.
        assert_eq!(found(&[5, 4, 6, 5, 30, 28, 33, 22]), Some((4, 7)));
        assert_eq!(found(&[5, 5, 5, 5]), None);
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn numbers_without_rows_at_an_edge_belong_to_it_unless_they_are_many() {
        let of = |empty: usize| {
            let mut rows = vec![100; 8];
            let mut hits = vec![5, 4, 6, 5, 30, 28, 33, 27];
            rows.extend(vec![0; empty]);
            hits.extend(vec![0; empty]);
            stretch(&rows, &hits, 10).0.map(|one| (one.first, one.last))
        };
        assert_eq!(of(2), Some((4, 9)));
        assert_eq!(of(20), Some((4, 7)));
    }

    #[test]
    fn all_that_are_looked_at_are_counted() {
        // Three beginnings, three ends, and the other bounds of the best.
        let (found, tested) = stretch(&[50, 50, 50, 50], &[1, 1, 20, 20], 10);
        assert_eq!(
            found.map(|one| (one.first, one.rows, one.hits)),
            Some((2, 100, 40))
        );
        assert_eq!(tested, 7);
    }
}
