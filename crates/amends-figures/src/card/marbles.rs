//! Two bowls of marbles: those gained and those lost, so many customers to a marble.

use serde::Serialize;

/// How many marbles lie in each bowl. Drawing them is the terminal's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Marbles {
    /// How many customers one marble stands for.
    pub customers_per_marble: u64,
    /// Marbles in the bowl of those gained: new and returned.
    pub gained: u64,
    /// Marbles in the bowl of those lost; `None` where that is refused.
    pub lost: Option<u64>,
}

impl Marbles {
    /// The fewest customers to a marble - 1, 2, 5, 10, 20, 50 and so on - with which neither bowl holds more marbles than `most`.
    pub fn fitting(gained: u64, lost: Option<u64>, most: u64) -> Self {
        let fuller = gained.max(lost.unwrap_or(0));
        let mut each = 1_u64;
        let mut steps = [2, 5, 10].iter().cycle();
        let mut ten = 1_u64;
        while fuller.div_ceil(each) > most.max(1) {
            let Some(step) = steps.next() else { break };
            let Some(next) = ten.checked_mul(*step) else {
                break;
            };
            each = next;
            if *step == 10 {
                ten = next;
            }
        }
        Self::of(gained, lost, each)
    }

    /// Marbles of so many customers each, the last one for what is left over.
    pub fn of(gained: u64, lost: Option<u64>, customers_per_marble: u64) -> Self {
        let each = customers_per_marble.max(1);
        Self {
            customers_per_marble: each,
            gained: gained.div_ceil(each),
            lost: lost.map(|lost| lost.div_ceil(each)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marble_stands_for_as_few_customers_as_fit() {
        for (gained, lost, most, each) in [
            (0, Some(0), 60, 1),
            (60, Some(3), 60, 1),
            (61, Some(3), 60, 2),
            (3, Some(121), 60, 5),
            (301, None, 60, 10),
            (1_000_000, Some(1), 60, 20_000),
        ] {
            let marbles = Marbles::fitting(gained, lost, most);
            assert_eq!(marbles.customers_per_marble, each, "{gained} {lost:?}");
            assert!(marbles.gained <= most && marbles.lost.unwrap_or(0) <= most);
        }
        assert_eq!(Marbles::of(11, Some(1), 5).gained, 3);
        assert_eq!(Marbles::of(11, Some(1), 0).lost, Some(1));
        let huge = Marbles::fitting(u64::MAX, None, 1);
        assert!(huge.customers_per_marble > 1_000_000);
    }
}
