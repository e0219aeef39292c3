//! How likely something so far off is where nothing has changed.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::ln_gamma;

/// The chance to lie beyond three standard deviations of a normal distribution on one side.
const THREE_SIGMA: f64 = 0.001_35;
/// Of fewer than this, three standard deviations are as many as are expected, and their number is far from normal.
pub(super) const FEW: f64 = 9.0;
/// Where few are expected, more than this are never looked for.
const MOST: u64 = 1_000;

/// Between which numbers all but three standard deviations' worth lies on either side, of numbers whose chances are that of none and, one after the other, so many times that of
/// the one before; up to a most.
fn within_three_sigma(none: f64, most: u64, ratio: impl Fn(f64) -> f64) -> (u64, u64) {
    let (mut chance, mut below, mut least) = (none, 0.0, 0);
    for count in 0..most {
        let up_to = below + chance;
        if up_to <= THREE_SIGMA {
            least = count + 1;
        }
        if 1.0 - up_to <= THREE_SIGMA {
            return (least, count);
        }
        chance *= ratio(count as f64);
        below = up_to;
    }
    (least.min(most), most)
}

/// Between which numbers a count lies that is expected as [`so_many`] has it.
pub(super) fn usual(exposed: f64, counted: f64, behind: f64) -> (u64, u64) {
    let share = exposed / (behind + exposed);
    let none = (counted * (-share).ln_1p()).exp();
    within_three_sigma(none, MOST, |count| {
        (count + counted) / (count + 1.0) * share
    })
}

/// Between which numbers a count of `of` lies that is expected as [`so_many_of`] has it.
pub(super) fn usual_of(of: u64, with: f64, without: f64) -> (u64, u64) {
    let n = of as f64;
    let none = (ln_beta(with, n + without) - ln_beta(with, without)).exp();
    within_three_sigma(none, of, |k| {
        (n - k) / (k + 1.0) * (k + with) / (n - k - 1.0 + without)
    })
}

/// Degrees of freedom of a standard deviation from the mean moving range of so many values, the most that were estimated from the same ones taken off:
/// 0.62 for each, by D. J. Wheeler, "Advanced Topics in Statistical Process Control" (1995), table of effective degrees of freedom.
pub(super) fn freedom(values: usize, estimated: usize) -> f64 {
    let free = values.saturating_sub(1 + estimated).max(1);
    0.62 * free as f64
}

/// The chance that Student's t of these degrees of freedom is more than a value above 0.
pub(super) fn beyond(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    let share = freedom / (freedom + t * t);
    regularized(freedom / 2.0, 0.5, share) / 2.0
}

/// The chance that so many or more are counted in a period as long as `exposed` ones, after `counted` in `behind` of them: a gamma mixture of Poisson counts.
pub(super) fn so_many(count: u64, exposed: f64, counted: f64, behind: f64) -> f64 {
    match count {
        0 => 1.0,
        _ => regularized(count as f64, counted, exposed / (behind + exposed)),
    }
}

/// The chance that so many or fewer are.
pub(super) fn so_few(count: u64, exposed: f64, counted: f64, behind: f64) -> f64 {
    // From the other end, where a small chance keeps its digits.
    regularized(counted, count as f64 + 1.0, behind / (behind + exposed))
}

/// The chance that so many or more of `of` have something that `with` had and `without` had not: a beta mixture of binomial counts.
pub(super) fn so_many_of(count: u64, of: u64, with: f64, without: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    let (k, n) = (count as f64, of as f64);
    let ln_choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let first = ln_choose + ln_beta(k + with, n - k + without) - ln_beta(with, without);
    let mut term = first.exp();
    let mut sum = 0.0;
    for k in count..=of {
        sum += term;
        let k = k as f64;
        let ratio = (n - k) / (k + 1.0) * (k + with) / (n - k - 1.0 + without);
        term *= ratio;
        // Terms fall from here on, each by more than the one before.
        if ratio < 1.0 && term <= sum * 1e-15 {
            break;
        }
    }
    sum.min(1.0)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// The regularized incomplete beta function; 1 where it is not defined.
fn regularized(a: f64, b: f64, x: f64) -> f64 {
    checked_beta_reg(a, b, x).map_or(1.0, |chance| chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The usual table of Student's t, one-sided.
    #[test]
    fn the_table_of_student() {
        for (t, freedom, chance) in [
            (1.812, 10.0, 0.05),
            (2.764, 10.0, 0.01),
            (4.144, 10.0, 0.001),
            (3.552, 20.0, 0.001),
        ] {
            let told = beyond(t, freedom);
            assert!((told - chance).abs() < chance * 0.005, "{t}: {told}");
        }
    }

    /// Where the past is long, what is left is Poisson: 5 or more of 1 expected is 0.00366, none of 3 expected is 0.0498.
    #[test]
    fn counts_after_a_long_past_are_poisson() {
        assert!((so_many(5, 1.0, 1e7, 1e7) - 0.003_66).abs() < 1e-5);
        assert!((so_few(0, 1.0, 3e7, 1e7) - 0.049_79).abs() < 1e-5);
        assert_eq!(so_many(0, 1.0, 10.0, 10.0), 1.0);
    }

    /// And binomial: 5 or more heads of 6 is 7 / 64; from a short past, both of two with one half before is what Polya's urn gives: 1 / 3 of equal weights 1.
    #[test]
    fn shares_after_a_long_past_are_binomial() {
        assert!((so_many_of(5, 6, 1e9, 1e9) - 7.0 / 64.0).abs() < 1e-6);
        assert!((so_many_of(2, 2, 1.0, 1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!((so_many_of(1, 2, 1.0, 1.0) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(so_many_of(0, 2, 1.0, 1.0), 1.0);
    }

    /// Of 3 expected, 9 or more are 0.0038 and 10 or more 0.0011; of 8 expected, none are 0.0003 and one at the most 0.0030. Of 100 with one in a hundred, 5 or more are
    /// 0.0034 and 6 or more 0.0005.
    #[test]
    fn what_is_usual_leaves_three_standard_deviations_on_either_side() {
        assert_eq!(usual(1.0, 3e7, 1e7), (0, 9));
        assert_eq!(usual(1.0, 8e7, 1e7).0, 1);
        assert_eq!(usual_of(100, 1e7, 99e7), (0, 5));
        assert_eq!(usual_of(1, 1.0, 1.0), (0, 1));
        for (of, with, without) in [(40, 3.0, 60.0), (7, 0.5, 500.0), (300, 9.0, 900.0)] {
            let (_, most) = usual_of(of, with, without);
            assert!(so_many_of(most + 1, of, with, without) <= THREE_SIGMA);
            assert!(so_many_of(most, of, with, without) > THREE_SIGMA);
        }
    }

    #[test]
    fn a_long_past_of_many_has_small_chances_too() {
        let few = so_many_of(60, 1_000, 20_000.0, 980_000.0);
        assert!(few > 0.0 && few < 1e-12, "{few}");
    }
}
