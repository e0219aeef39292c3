//! Customer churn: five readings of the same counts. They differ widely, so the definition stands beside the figure.

/// What happened in one period, in customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Present when it began.
    pub start: u64,
    /// Joined in it.
    pub joined: u64,
    /// Of those present when it began, lost in it.
    pub lost_of_start: u64,
    /// Of those who joined in it, lost in it as well.
    pub lost_of_joined: u64,
}

/// Churn of one period, each a share of 1. `None` where there is nobody to take the share of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Churn {
    /// Lost of those present at the start / present at the start: the cohort is closed. This is the one to report.
    pub closed_cohort: Option<f64>,
    /// All lost / present at the start. Joined-and-left inflates it.
    pub lost_over_start: Option<f64>,
    /// All lost / mean of present at the start and at the end.
    pub lost_over_average: Option<f64>,
    /// All lost / present at the start and joined. Growth alone lowers it.
    pub lost_over_all: Option<f64>,
    /// What comparing two headcounts shows: (start - end) / start. Growth hides every loss.
    pub snapshots: Option<f64>,
    /// Present at the end: start + joined - lost.
    pub end: u64,
}

impl Counts {
    /// The five readings (arithmetic). `None` when more were lost than were there.
    pub fn churn(self) -> Option<Churn> {
        let end_of_start = self.start.checked_sub(self.lost_of_start)?;
        let end = end_of_start.checked_add(self.joined.checked_sub(self.lost_of_joined)?)?;
        let start = self.start as f64;
        let lost = self.lost_of_start as f64 + self.lost_of_joined as f64;
        let of = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        Some(Churn {
            closed_cohort: of(self.lost_of_start as f64, start),
            lost_over_start: of(lost, start),
            lost_over_average: of(lost, (start + end as f64) / 2.0),
            lost_over_all: of(lost, start + self.joined as f64),
            snapshots: of(start - end as f64, start),
            end,
        })
    }
}

/// The churn of a year when each of its periods has this churn: 1 - (1 - c)^n. Twelve times a month's churn is not a year's.
///
/// `None` when the churn is not between 0 and 1 or a year has no period.
pub fn annual(churn: f64, periods_a_year: u32) -> Option<f64> {
    let fine = (0.0..=1.0).contains(&churn) && periods_a_year > 0;
    fine.then(|| 1.0 - (1.0 - churn).powf(f64::from(periods_a_year)))
}

/// The part of a year's churn that one of several competing causes has, when each period loses `churn` in all and `part` of it to this cause:
/// its cumulative incidence under constant cause-specific hazards. Parts add up to [`annual`] of the whole, as no sum of years computed apart does.
///
/// With hazards h_k that do not change, the share lost to cause k by any time is h_k / h of the share lost in all, h being their sum: in a year as in
/// a period (R. L. Prentice et al., "The Analysis of Failure Times in the Presence of Competing Risks", Biometrics 34, 1978). Nobody lost: no part.
///
/// `None` when the part is not between 0 and the whole, or as for [`annual`].
pub fn annual_part(churn: f64, part: f64, periods_a_year: u32) -> Option<f64> {
    let year = annual(churn, periods_a_year)?;
    if churn == 0.0 {
        return (part == 0.0).then_some(0.0);
    }
    (0.0..=churn).contains(&part).then(|| year * part / churn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    const EXAMPLE: Counts = Counts {
        start: 1000,
        joined: 300,
        lost_of_start: 50,
        lost_of_joined: 45,
    };

    #[test]
    fn the_same_counts_read_five_ways() {
        let churn = EXAMPLE.churn().unwrap();
        assert_eq!(churn.end, 1205);
        for (value, percent) in [
            (churn.closed_cohort, 5.0),
            (churn.lost_over_start, 9.5),
            (churn.lost_over_average, 8.6),
            (churn.lost_over_all, 7.3),
            (churn.snapshots, -20.5),
        ] {
            assert!((100.0 * value.unwrap() - percent).abs() < 0.05, "{churn:?}");
        }
    }

    #[test]
    fn a_year_is_not_twelve_months_of_churn() {
        assert!((annual(0.05, 12).unwrap() - 0.459_64).abs() < 1e-5);
        assert_eq!(annual(1.0, 12), Some(1.0));
        assert_eq!(annual(-0.2, 12), None);
        assert_eq!(annual(0.1, 0), None);
    }

    #[test]
    fn nobody_has_no_churn_and_nobody_is_lost_twice() {
        let empty = Counts {
            start: 0,
            joined: 0,
            lost_of_start: 0,
            lost_of_joined: 0,
        };
        assert_eq!(empty.churn().unwrap().closed_cohort, None);
        assert_eq!(
            Counts {
                lost_of_start: 1001,
                ..EXAMPLE
            }
            .churn(),
            None
        );
        assert_eq!(
            Counts {
                lost_of_joined: 301,
                ..EXAMPLE
            }
            .churn(),
            None
        );
    }

    #[test]
    fn the_part_of_a_cause_is_none_of_nothing_and_no_more_than_the_whole() {
        assert_eq!(annual_part(0.0, 0.0, 12), Some(0.0));
        assert_eq!(annual_part(0.0, 0.1, 12), None);
        assert_eq!(annual_part(0.1, 0.2, 12), None);
        assert_eq!(annual_part(0.1, f64::NAN, 12), None);
        assert_eq!(annual_part(1.0, 0.25, 12), Some(0.25));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_year_add_up_to_it_as_hazards_do(churn in 0.001..=1.0_f64, a in 0.0..=1.0_f64, b in 0.0..=1.0_f64, periods in 1_u32..13) {
            let parts = [a * b, a * (1.0 - b), 1.0 - a].map(|of| annual_part(churn, churn * of, periods).unwrap());
            let year = annual(churn, periods).unwrap();
            prop_assert!((parts.iter().sum::<f64>() - year).abs() < 1e-9);
            // Period by period: who is left is exposed again to the same hazards.
            let mut left = 1.0;
            let mut natural = 0.0;
            for _ in 0..periods {
                natural += left * churn * a * b;
                left *= 1.0 - churn;
            }
            prop_assert!((parts[0] - natural).abs() < 1e-9);
        }

        #[test]
        fn the_end_reconciles_and_the_cohort_is_a_share(
            start in 0_u64..1_000_000, joined in 0_u64..1_000_000, a in 0.0..=1.0_f64, b in 0.0..=1.0_f64,
        ) {
            let lost_of_start = (start as f64 * a) as u64;
            let lost_of_joined = (joined as f64 * b) as u64;
            let churn = Counts { start, joined, lost_of_start, lost_of_joined }.churn().unwrap();
            prop_assert_eq!(churn.end + lost_of_start + lost_of_joined, start + joined);
            if let Some(cohort) = churn.closed_cohort {
                prop_assert!((0.0..=1.0).contains(&cohort));
            }
        }
    }
}
