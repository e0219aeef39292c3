use amends_testkit::proptest::prelude::*;

use super::*;

/// Numbers that anybody can draw again: a linear congruential generator of modulus 2^31.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = (self.0 * 1_103_515_245 + 12_345) % (1 << 31);
        self.0 >> 8
    }
}

/// Sixty cases of four features: the first makes it likely, the third unlikely.
fn sixty() -> Vec<Case> {
    let mut numbers = Numbers(12_345);
    let case = |_| {
        let features: Vec<u32> = (0..4)
            .filter(|_| numbers.next().is_multiple_of(3))
            .collect();
        let weight = 1 + numbers.next() % 3;
        let has = |feature: u32| f64::from(u8::from(features.contains(&feature)));
        let odds = -0.8 + 1.5 * has(0) - has(2);
        Case {
            outcome: (numbers.next() % 1000) as f64 / 1000.0 < chance(odds),
            weight: weight as f64,
            features,
        }
    };
    (0..60).map(case).collect()
}

/// scikit-learn 1.9.1, `LogisticRegression(C=1, tol=1e-12, solver="newton-cholesky")` on these cases with their weights, each feature divided by the root of
/// its penalty and its coefficient divided by it again.
#[test]
fn a_ridge_with_a_penalty_for_each_feature() {
    let fit = Logistic::fit(&sixty(), &[0.5, 2.0, 1.0, 8.0]).unwrap();
    let expected = [1.4315122, -0.72008945, -0.75040462, -0.33512504];
    for (one, other) in fit.coefficients.iter().zip(expected) {
        assert!((one - other).abs() < 1e-5, "{fit:?}");
    }
    assert!((fit.intercept + 0.58763981).abs() < 1e-5, "{fit:?}");
    let odds = fit.intercept + fit.coefficients[0] + fit.coefficients[3];
    assert!((fit.log_odds(&[0, 3, 99]) - odds).abs() < 1e-12);
}

/// statsmodels 0.15.0, `Logit(outcome, [1, told]).fit()`: the slope and its interval.
#[test]
fn a_calibration_slope_with_its_interval() {
    let told = [
        -2.2, -1.7, -1.1, -0.6, -0.3, 0.0, 0.4, 0.9, 1.3, 2.1, -2.0, -1.5, 0.2, 0.7, 1.8,
    ];
    let came = [0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1];
    let told: Vec<(f64, bool)> = told.into_iter().zip(came.map(|one| one == 1)).collect();
    let calibration = calibration(&told, 0.95).unwrap();
    assert!(
        (calibration.slope - 1.20737185).abs() < 1e-6,
        "{calibration:?}"
    );
    let interval = calibration.slope_interval;
    assert!((interval.low + 0.01063481).abs() < 1e-5 && (interval.high - 2.4253785).abs() < 1e-5);
    assert!((calibration.observed_to_expected - 0.9792906194252387).abs() < 1e-12);
    let chances = told.iter().map(|(odds, came)| (chance(*odds), *came));
    assert!((brier(chances).unwrap() - 0.16710266900683388).abs() < 1e-12);
    assert_eq!((calibration.cases, calibration.came), (15, 7));
}

#[test]
fn what_cannot_be_estimated_is_not() {
    let case = |weight: f64, outcome: bool| Case {
        features: vec![0],
        weight,
        outcome,
    };
    assert_eq!(Logistic::fit(&[], &[1.0]), None);
    assert_eq!(Logistic::fit(&[case(0.0, true)], &[1.0]), None);
    assert_eq!(Logistic::fit(&[case(1.0, true)], &[0.0]), None);
    assert_eq!(Logistic::fit(&[case(1.0, true)], &[]), None);
    assert_eq!(calibration(&[(1.0, true), (0.0, true)], 0.95), None);
    assert_eq!(calibration(&[(1.0, true), (1.0, false)], 0.95), None);
    assert_eq!(calibration(&[(1.0, true), (0.0, false)], 0.95), None);
    assert_eq!(calibration(&[(1.0, true), (f64::NAN, false)], 0.95), None);
    assert_eq!(brier([].into_iter()), None);
}

/// What never fails is told as unlikely, and as a number.
#[test]
fn outcomes_that_are_all_the_same_are_learnt() {
    let case = Case {
        features: vec![0],
        weight: 1.0,
        outcome: false,
    };
    let fit = Logistic::fit(&vec![case; 50], &[1.0]).unwrap();
    let told = chance(fit.log_odds(&[0]));
    assert!(told > 0.0 && told < 0.001, "{told}");
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let features = prop::collection::btree_set(0_u32..6, 0..4);
    let case = (features, 1_u8..5, any::<bool>());
    let case = case.prop_map(|(features, weight, outcome)| Case {
        features: features.into_iter().collect(),
        weight: f64::from(weight),
        outcome,
    });
    prop::collection::vec(case, 1..60)
}

proptest! {
    /// At the maximum nothing pulls: what came less what was expected of each feature is what its penalty holds back.
    #[test]
    fn a_fit_balances_what_came_with_what_was_expected(cases in cases(), penalty in 0.05..50_f64) {
        let fit = Logistic::fit(&cases, &[penalty; 6]).unwrap();
        for feature in 0..6_u32 {
            let with = cases.iter().filter(|case| case.features.contains(&feature));
            let off: f64 = with
                .map(|case| {
                    let came = f64::from(u8::from(case.outcome));
                    case.weight * (came - chance(fit.log_odds(&case.features)))
                })
                .sum();
            let held = penalty * fit.coefficients[feature as usize];
            prop_assert!((off - held).abs() < 1e-5, "{feature}: {off} and {held}");
        }
    }

    #[test]
    fn no_order_of_cases_matters_and_a_weight_counts_as_often(cases in cases(), penalty in 0.1..10_f64) {
        let fit = Logistic::fit(&cases, &[penalty; 6]).unwrap();
        let mut again: Vec<Case> = cases
            .iter()
            .flat_map(|case| {
                let one = Case { weight: 1.0, ..case.clone() };
                vec![one; case.weight as usize]
            })
            .collect();
        again.reverse();
        let other = Logistic::fit(&again, &[penalty; 6]).unwrap();
        prop_assert!((fit.intercept - other.intercept).abs() < 1e-5);
        for (one, other) in fit.coefficients.iter().zip(&other.coefficients) {
            prop_assert!((one - other).abs() < 1e-5);
        }
    }
}
