//! Where a record really begins: a few moments that lie long before all others, as a year that was typed wrongly gives them, are no beginning.

use jiff::civil::Date;

/// So long nothing is made between what is early and the rest: half a year.
const GAP: i64 = 182 * 86_400_000_000;
/// And more than so many times longer than at any later time, so that what is made seldom has no early ones.
const LONGER: i64 = 2;
/// At most one of so many is early, or one alone.
const ONE_OF: usize = 100;
/// Of fewer nothing is early: nobody can say what is usual.
const LEAST: usize = 20;

/// What was made long before all the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early {
    /// How many.
    pub count: u64,
    /// Of how many in all.
    pub of: u64,
    /// The day of the first.
    pub first: Date,
}

/// How many of the moments, in microseconds, lie long before all others, and the first of the others. `None` where there are no moments.
pub(super) fn begins(mut moments: Vec<i64>) -> Option<(usize, i64)> {
    let all = moments.len();
    let first = moments.iter().copied().min()?;
    if all < LEAST {
        return Some((0, first));
    }
    let most = (all / ONE_OF).max(1);
    // Nearly always nothing is early, and the rest need not be sorted to know it.
    moments.select_nth_unstable(most);
    moments[..=most].sort_unstable();
    let gap = |pair: &[i64]| pair[1].saturating_sub(pair[0]);
    if moments[..=most].windows(2).all(|pair| gap(pair) < GAP) {
        return Some((0, first));
    }
    moments.sort_unstable();
    let mut longest = moments[most..].windows(2).map(gap).max().unwrap_or(0);
    for place in (0..most).rev() {
        let here = gap(&moments[place..place + 2]);
        if here >= GAP && here / LONGER > longest {
            return Some((place + 1, moments[place + 1]));
        }
        longest = longest.max(here);
    }
    Some((0, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn days(days: impl Iterator<Item = i64>) -> Vec<i64> {
        days.map(|day| day * DAY).collect()
    }

    #[test]
    fn what_was_made_long_before_nearly_all_the_rest_is_no_beginning() {
        let usual = || 1_000..1_400;
        assert_eq!(begins(days(usual())), Some((0, 1_000 * DAY)));
        let mut strays = days([-9_000, 400].into_iter().chain(usual()));
        strays.reverse();
        assert_eq!(begins(strays), Some((2, 1_000 * DAY)));
        // One of a hundred, and no more of them.
        let four = days([-9_000, 1, 2, 3].into_iter().chain(usual()));
        assert_eq!(begins(four), Some((4, 1_000 * DAY)));
        let many = days([-9_000, 1, 2, 3, 4, 5].into_iter().chain(usual()));
        assert_eq!(begins(many), Some((1, DAY)));
        // Moments that were read wrongly may lie anywhere.
        let farthest = [i64::MIN, 0].into_iter().chain(days(usual()));
        assert_eq!(begins(farthest.collect()), Some((2, 1_000 * DAY)));
        assert_eq!(begins(Vec::new()), None);
    }

    #[test]
    fn what_is_made_seldom_begins_with_its_first() {
        let seldom = days((0..40).map(|time| time * 200));
        assert_eq!(begins(seldom), Some((0, 0)));
        let few = days([0, 2_000, 2_001].into_iter());
        assert_eq!(begins(few), Some((0, 0)));
        // A season of nothing is no gap of half a year.
        let quiet = days([0].into_iter().chain(181..600));
        assert_eq!(begins(quiet), Some((0, 0)));
    }
}
