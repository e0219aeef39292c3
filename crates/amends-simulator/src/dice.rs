//! Chance, from a seed: the same numbers on every machine, whatever version of any library is in use.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Which part of a customer's life is being drawn. Parts draw from streams of their own, so that one more
/// draw in one of them moves nothing in another.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Name, addresses, depot.
    Person = 1,
    /// Joining, buying, asking, leaving.
    Life = 2,
    /// What the exporting systems do to the rows.
    Clerk = 3,
    /// Who recommended whom.
    Referral = 4,
    /// What is said in surveys.
    Survey = 5,
    /// Whether a parcel comes otherwise than the first company's would.
    Parcel = 6,
    /// Whether an answer does.
    Answer = 7,
    /// What the app is used for.
    App = 8,
    /// What is charged.
    Charges = 9,
    /// The kettle, and the exchange on which it hangs.
    Kettle = 10,
    /// What a let-down makes of somebody.
    Aftermath = 11,
}

/// Draws for one part of one customer's life. No floating-point function whose last bit may differ between machines is used.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The draws of a part of the life of customer `number`.
    pub(crate) fn new(seed: u64, number: u64, part: Part) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&number.to_le_bytes());
        key[16] = part as u8;
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The draws about one thing in the life of customer `number`: what began at a moment, of some kind. Whatever else is drawn moves none of them.
    pub(crate) fn about(seed: u64, number: u64, part: Part, kind: u8, began: i64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&number.to_le_bytes());
        (key[16], key[17]) = (part as u8, kind + 1);
        key[24..].copy_from_slice(&began.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number from 0 to `count` - 1; 0 when `count` is 0.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(count)) >> 64) as u64
    }

    /// A whole number from `low` to `high` - 1; `low` where there is none.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(u64::try_from(high.saturating_sub(low)).unwrap_or(0)) as i64
    }

    /// True so many times in ten thousand.
    pub(crate) fn chance(&mut self, in_ten_thousand: u64) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// One of several, each with its weight.
    pub(crate) fn weighted<T: Copy>(&mut self, of: &[(T, u64)]) -> T {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (what, weight) in of {
            if left < *weight {
                return *what;
            }
            left -= weight;
        }
        of[0].0
    }

    /// A waiting time with an exponential distribution, in whole seconds, at least 1.
    ///
    /// Method: von Neumann 1951, "Various techniques used in connection with random digits": runs of falling uniforms, comparisons only.
    pub(crate) fn wait(&mut self, mean: i64) -> i64 {
        let mut whole = 0_u64;
        loop {
            let first = self.0.next_u64();
            let (mut last, mut length) = (first, 1);
            loop {
                let next = self.0.next_u64();
                if next >= last {
                    break;
                }
                (last, length) = (next, length + 1);
            }
            if length % 2 == 1 {
                let part = (u128::from(first) * u128::from(mean.unsigned_abs())) >> 64;
                return 1 + whole as i64 * mean + part as i64;
            }
            whole += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_have_the_mean_and_spread_of_an_exponential() {
        let mut dice = Dice::new(1, 1, Part::Life);
        let draws: Vec<i64> = (0..200_000).map(|_| dice.wait(1_000_000)).collect();
        let mean = draws.iter().sum::<i64>() / draws.len() as i64;
        assert!((990_000..1_010_000).contains(&mean), "mean {mean}");
        let beyond_two = draws.iter().filter(|wait| **wait > 2_000_000).count();
        // exp(-2) = 13.53 %
        assert!((26_500..27_600).contains(&beyond_two), "{beyond_two}");
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut dice = Dice::new(7, 3, Part::Clerk);
        for _ in 0..10_000 {
            assert!((-3..4).contains(&dice.between(-3, 4)));
        }
        assert_eq!(dice.between(5, 5), 5);
        assert!(!dice.chance(0));
        assert!(dice.chance(10_000));
        assert_eq!(dice.weighted(&[('a', 0), ('b', 3)]), 'b');
    }

    #[test]
    fn parts_and_customers_draw_apart() {
        let mut drawn = std::collections::BTreeSet::new();
        for number in 1..50 {
            for part in [Part::Person, Part::Life, Part::Clerk, Part::Referral] {
                assert!(drawn.insert(Dice::new(1, number, part).below(u64::MAX)));
                for (kind, began) in [(0, 0), (1, 0), (0, -7), (0, 7)] {
                    let mut dice = Dice::about(1, number, part, kind, began);
                    assert!(drawn.insert(dice.below(u64::MAX)));
                }
            }
        }
    }
}
