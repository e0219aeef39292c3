//! How likely an excess is by chance, and how many of those found are.

use statrs::function::factorial::ln_factorial;

/// The chance that of `drawn` out of `all` rows, `hits` of which are hits, at least `found` are hits: the upper tail of the hypergeometric
/// distribution, which is R. A. Fisher's exact test (1934) of one side.
///
/// `None` where the numbers cannot be: more hits or drawn than there are, or more found than either.
pub fn excess(all: u64, hits: u64, drawn: u64, found: u64) -> Option<f64> {
    let possible = hits <= all && drawn <= all && found <= drawn && found <= hits;
    let fewest = (hits + drawn).saturating_sub(all);
    if !possible || found < fewest {
        return None;
    }
    let most = hits.min(drawn);
    // The sum of the shorter side: from the middle outwards the terms only fall.
    let is_upper = u128::from(found) * u128::from(all) >= u128::from(hits) * u128::from(drawn);
    if is_upper {
        return Some(upwards(all, hits, drawn, found, most));
    }
    let below = if found == fewest {
        0.0
    } else {
        downwards(all, hits, drawn, found - 1, fewest)
    };
    Some((1.0 - below).clamp(0.0, 1.0))
}

/// The chance of exactly so many, as a logarithm.
fn ln_chance(all: u64, hits: u64, drawn: u64, found: u64) -> f64 {
    let choose =
        |of: u64, some: u64| ln_factorial(of) - ln_factorial(some) - ln_factorial(of - some);
    choose(hits, found) + choose(all - hits, drawn - found) - choose(all, drawn)
}

/// What is left of a sum does not matter once a term is so much smaller than the sum.
const NEGLIGIBLE: f64 = 1e-17;

fn upwards(all: u64, hits: u64, drawn: u64, from: u64, to: u64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for found in from..to {
        let falls = (hits - found) as f64 * (drawn - found) as f64;
        let rises = (found + 1) as f64 * (all + found + 1 - hits - drawn) as f64;
        term *= falls / rises;
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
    }
    (ln_chance(all, hits, drawn, from) + f64::ln(sum))
        .exp()
        .min(1.0)
}

fn downwards(all: u64, hits: u64, drawn: u64, from: u64, to: u64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for found in (to + 1..=from).rev() {
        let falls = found as f64 * (all + found - hits - drawn) as f64;
        let rises = (hits - found + 1) as f64 * (drawn - found + 1) as f64;
        term *= falls / rises;
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
    }
    (ln_chance(all, hits, drawn, from) + f64::ln(sum))
        .exp()
        .min(1.0)
}

/// How much better two rates explain what was found than one does, as a logarithm: of `drawn` out of `all` rows `found` are hits, of the others the
/// rest of `hits`. Half of the statistic G of S. S. Wilks, "The Large-Sample Distribution of the Likelihood Ratio for Testing Composite Hypotheses",
/// Annals of Mathematical Statistics 9 (1938). Nothing where those drawn are hit no more often than the others, or the numbers cannot be.
pub fn likelihood_ratio(all: u64, hits: u64, drawn: u64, found: u64) -> f64 {
    if hits > all || drawn > all || found > drawn.min(hits) || hits - found > all - drawn {
        return 0.0;
    }
    let is_excess = u128::from(found) * u128::from(all) > u128::from(hits) * u128::from(drawn);
    if !is_excess {
        return 0.0;
    }
    let rate = hits as f64 / all as f64;
    let cell = |seen: u64, expected: f64| match seen {
        0 => 0.0,
        seen => seen as f64 * (seen as f64 / expected).ln(),
    };
    let side = |rows: u64, hits: u64| {
        let expected = rows as f64 * rate;
        cell(hits, expected) + cell(rows - hits, rows as f64 - expected)
    };
    (side(drawn, found) + side(all - drawn, hits - found)).max(0.0)
}

/// For each chance, the share of false discoveries among all that are at least as striking, if that one is believed: Y. Benjamini and Y. Hochberg,
/// "Controlling the False Discovery Rate", Journal of the Royal Statistical Society B 57 (1995), as adjusted values.
///
/// `tested` is how many were looked at, those that are not among `chances` included: of these nothing is known but that they are less striking, or
/// not believed; leaving them out of the ranks can only make the values larger. In the order of `chances`.
pub fn false_discoveries(chances: &[f64], tested: u64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let tested = tested.max(chances.len() as u64) as f64;
    let mut adjusted = vec![1.0; chances.len()];
    let mut least: f64 = 1.0;
    for (rank, place) in order.iter().enumerate().rev() {
        least = least.min(chances[*place] * tested / (rank + 1) as f64);
        adjusted[*place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    /// Fisher's lady who tasted tea: eight cups, four with the milk first, and she named three or all of them.
    #[test]
    fn the_lady_tasting_tea() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(excess(8, 4, 4, 4).unwrap(), 1.0 / 70.0));
        assert!(close(excess(8, 4, 4, 3).unwrap(), 17.0 / 70.0));
        assert!(close(excess(8, 4, 4, 0).unwrap(), 1.0));
    }

    #[test]
    fn what_cannot_be_is_none() {
        assert_eq!(excess(8, 9, 4, 1), None);
        assert_eq!(excess(8, 4, 9, 1), None);
        assert_eq!(excess(8, 4, 4, 5), None);
        // Of six drawn, four are hits at the most, and two at the least.
        assert_eq!(excess(8, 4, 6, 1), None);
        assert_eq!(excess(8, 4, 6, 2), Some(1.0));
    }

    #[test]
    fn large_numbers_stay_exact_enough() {
        // 1,081 orders of a month, 187 of them late, among 14,552 with 957 late.
        let chance = excess(14_552, 957, 1_081, 187).unwrap();
        assert!(chance > 0.0 && chance < 1e-30, "{chance}");
        let none = excess(10_000_000, 658_000, 2_000_000, 131_600).unwrap();
        assert!((none - 0.5).abs() < 0.01, "{none}");
    }

    /// The fifteen values of the paper's example in section 2.3, of which four are believed at 0.05.
    #[test]
    fn the_example_of_benjamini_and_hochberg() {
        let chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = false_discoveries(&chances, 15);
        let believed = adjusted.iter().filter(|value| **value <= 0.05).count();
        assert_eq!(believed, 4);
        assert!((adjusted[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        // Others that were looked at make each of them less believable.
        let of_more = false_discoveries(&chances, 150);
        assert!(of_more.iter().zip(&adjusted).all(|(more, few)| more >= few));
    }

    /// By hand: 20 of 100 against 5 of 100 has half of G = 20 ln 1.6 + 80 ln(80/87.5) + 5 ln 0.4 + 95 ln(95/87.5).
    #[test]
    fn two_rates_against_one() {
        let by_hand = 20.0 * 1.6_f64.ln()
            + 80.0 * (80.0 / 87.5_f64).ln()
            + 5.0 * 0.4_f64.ln()
            + 95.0 * (95.0 / 87.5_f64).ln();
        assert!((likelihood_ratio(200, 25, 100, 20) - by_hand).abs() < 1e-12);
        assert_eq!(likelihood_ratio(200, 25, 100, 5), 0.0);
        assert_eq!(likelihood_ratio(200, 25, 0, 0), 0.0);
        assert_eq!(likelihood_ratio(200, 25, 100, 101), 0.0);
    }

    fn plainly(all: u64, hits: u64, drawn: u64, found: u64) -> f64 {
        let chance = |found| ln_chance(all, hits, drawn, found).exp();
        (found..=hits.min(drawn)).map(chance).sum()
    }

    proptest! {
        #[test]
        fn the_tail_is_the_sum_of_its_terms(all in 1_u64..300, hits in 0_u64..300, drawn in 0_u64..300, found in 0_u64..300) {
            let (hits, drawn) = (hits % (all + 1), drawn % (all + 1));
            let fewest = (hits + drawn).saturating_sub(all);
            let found = fewest + found % (hits.min(drawn) - fewest + 1);
            let told = excess(all, hits, drawn, found).unwrap();
            let sum = plainly(all, hits, drawn, found);
            prop_assert!((told - sum).abs() < 1e-9, "{told} is not {sum}");
        }
    }
}
