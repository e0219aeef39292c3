//! What a chart says of series whose truth is known.

use amends_testkit::proptest::prelude::*;

use super::{Chart, Point, Rule, Season, Series, Side, Signal, Unjudged, chart};
use crate::{laney, xmr};

const BOTH: [Side; 2] = [Side::Below, Side::Above];
/// The twelve periods of METHODS: of how many, and how many had it.
const SHARES: [(u64, u64); 12] = [
    (1190, 9500),
    (1330, 10200),
    (1105, 9800),
    (1260, 10100),
    (1395, 9900),
    (1180, 10400),
    (1090, 9700),
    (1345, 10050),
    (1210, 9950),
    (1385, 10300),
    (1120, 9600),
    (1265, 10150),
];

fn points(chart: &Chart) -> impl Iterator<Item = &Point> {
    chart.points.iter().flatten()
}

fn signals(chart: &Chart) -> usize {
    points(chart).filter(|point| point.signal.is_some()).count()
}

#[test]
fn shares_have_the_limits_of_laney() {
    let ours = chart(Series::Shares(&SHARES), 0..12, 10, &[], &BOTH).unwrap();
    let theirs = laney::chart(&SHARES).unwrap();
    assert!((ours.centre - 0.124_321).abs() < 5e-7, "{ours:?}");
    for (one, other) in points(&ours).zip(&theirs.points) {
        let normal = one.normal.unwrap();
        assert!((normal.lower - other.lower).abs() < 1e-12, "{normal:?}");
        assert!((normal.upper - other.upper).abs() < 1e-12, "{normal:?}");
    }
    let first = points(&ours).next().unwrap().normal.unwrap();
    assert!((first.lower - 0.086_82).abs() < 5e-6 && (first.upper - 0.161_82).abs() < 5e-6);
}

#[test]
fn counts_and_amounts_have_the_limits_of_wheeler() {
    let counts = [21, 17, 25, 19, 20, 26, 18, 22, 16, 21, 23, 20];
    let values: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
    let limits = xmr::Limits::of_baseline(&values).unwrap();
    let ours = chart(Series::Counts(&counts), 0..12, 10, &[], &BOTH).unwrap();
    let normal = points(&ours).next().unwrap().normal.unwrap();
    assert!((normal.lower - limits.lower).abs() < 1e-9, "{normal:?}");
    assert!((normal.upper - limits.upper).abs() < 1e-9, "{normal:?}");
    assert!((normal.expected - limits.mean).abs() < 1e-9, "{normal:?}");
    let ln: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let limits = xmr::Limits::of_baseline(&ln).unwrap();
    let amounts: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let ours = chart(Series::Amounts(&amounts), 0..12, 10, &[], &BOTH).unwrap();
    let normal = points(&ours).next().unwrap().normal.unwrap();
    assert!(
        (normal.upper.ln() - limits.upper).abs() < 1e-9,
        "{normal:?}"
    );
    assert!((ours.centre.ln() - limits.mean).abs() < 1e-9, "{ours:?}");
}

#[test]
fn a_shift_signals_on_its_side_alone() {
    let mut shares = SHARES.to_vec();
    shares.push((600, 10_000));
    shares.push((1900, 10_000));
    let ours = chart(Series::Shares(&shares), 0..12, 10, &[], &[Side::Below]).unwrap();
    let told = ours.points[12].unwrap();
    let below = Signal {
        side: Side::Below,
        rule: Rule::Limit,
    };
    assert_eq!(told.signal, Some(below));
    assert!(told.chance < 0.01, "{told:?}");
    let other = ours.points[13].unwrap();
    assert_eq!((other.signal, other.chance), (None, 1.0));
    let both = chart(Series::Shares(&shares), 0..12, 10, &[], &BOTH).unwrap();
    assert_eq!(both.points[13].unwrap().signal.unwrap().side, Side::Above);
    // Who looks at both sides has twice the chance to see something.
    let twice = both.points[12].unwrap().chance;
    assert!((twice - 2.0 * told.chance).abs() < 1e-12, "{twice}");
}

#[test]
fn eight_in_a_row_signal_at_the_eighth() {
    let counts: Vec<u64> = (0..24)
        .map(|period| 100 + period % 5)
        .chain(std::iter::repeat_n(103, 9))
        .collect();
    let ours = chart(Series::Counts(&counts), 0..24, 10, &[], &[Side::Above]).unwrap();
    let later: Vec<Option<Rule>> = points(&ours)
        .skip(24)
        .map(|point| point.signal.map(|signal| signal.rule))
        .collect();
    assert_eq!(later[..7], [None; 7]);
    assert_eq!(later[7..], [Some(Rule::Run(8)), Some(Rule::Run(9))]);
    // By hand: 12/25 13/26 14/27 ... 19/32 for eight beyond the upper of the two in the middle of 24, and twice that for two rules.
    let by_hand: f64 = (0..8)
        .map(|place| f64::from(12 + place) / f64::from(25 + place))
        .product();
    let told = ours.points[31].unwrap().chance;
    assert!((told - 2.0 * by_hand).abs() < 1e-12, "{told}");
    // Looked at from the other side nothing happened.
    let below = chart(Series::Counts(&counts), 0..24, 10, &[], &[Side::Below]).unwrap();
    assert_eq!(signals(&below), 0);
}

#[test]
fn where_everything_was_kept_a_fall_signals_and_its_limits_are_counted() {
    let mut shares = vec![(50, 50); 24];
    shares.extend([(50, 50), (49, 50), (35, 50)]);
    let ours = chart(Series::Shares(&shares), 0..24, 10, &[], &[Side::Below]).unwrap();
    let later: Vec<bool> = points(&ours)
        .skip(24)
        .map(|point| point.signal.is_some())
        .collect();
    assert_eq!(later, [false, false, true]);
    assert!(ours.points[26].unwrap().chance < 1e-9);
    // One of fifty after none of 1,200: by Laplace's rule of succession four of a hundred, and there are two rules.
    let one = ours.points[25].unwrap();
    assert!((one.chance - 0.08).abs() < 0.001, "{one:?}");
    assert_eq!((ours.centre, one.normal.unwrap().upper), (1.0, 1.0));
    assert!((one.normal.unwrap().lower - 0.96).abs() < 1e-9, "{one:?}");
}

/// One of three may be kept, and the limit stands at one of three: that is not beyond it, however thirds are rounded.
#[test]
fn what_lies_at_its_limit_is_not_beyond_it() {
    for of in 2..60_u64 {
        let mut shares = vec![(19, 20); 30];
        shares.extend((0..=of).map(|had| (had, of)));
        let ours = chart(Series::Shares(&shares), 0..30, 10, &[], &[Side::Below]).unwrap();
        let later = ours.points[30..].iter().flatten();
        for (had, point) in later.enumerate() {
            let lower = point.normal.unwrap().lower;
            let is_limit = |signal: Signal| signal.rule == Rule::Limit;
            let signals = point.signal.is_some_and(is_limit);
            let at_most = (lower * of as f64 - 1e-6).ceil();
            assert_eq!(signals, (had as f64) < at_most, "{had} of {of}: {point:?}");
        }
    }
}

#[test]
fn what_cannot_be_judged_says_why() {
    let shares = [(1, 2), (0, 0), (3, 4), (2, 2)];
    let none = chart(Series::Shares(&shares), 0..4, 5, &[], &BOTH);
    assert_eq!(none, Err(Unjudged::TooFew(3)));
    let ours = chart(Series::Shares(&shares), 0..3, 2, &[], &BOTH).unwrap();
    assert_eq!((ours.points[1], ours.count), (None, 2));
    let same = [Some(5.0); 20];
    let none = chart(Series::Amounts(&same), 0..12, 10, &[], &BOTH);
    assert_eq!(none, Err(Unjudged::NeverVaried));
    let none = chart(Series::Counts(&[]), 0..12, 10, &[], &BOTH);
    assert_eq!(none, Err(Unjudged::TooFew(0)));
    // More than there is asked for: what there is counts.
    let counts = [1, 2, 3];
    assert_eq!(
        chart(Series::Counts(&counts), 0..9, 3, &[], &BOTH)
            .unwrap()
            .baseline,
        0..3
    );
}

#[test]
fn the_first_so_many_with_a_value_are_a_baseline() {
    let shares = [(0, 0), (1, 2), (0, 0), (3, 4), (2, 2)];
    let series = Series::Shares(&shares);
    assert_eq!(series.first(2), Some(0..4));
    assert_eq!(series.first(3), Some(0..5));
    assert_eq!(series.first(4), None);
    assert_eq!(series.first(0), None);
    // More had it than were asked: that is no share.
    assert_eq!(Series::Shares(&[(3, 2)]).value(0), None);
    assert_eq!(Series::Amounts(&[Some(-1.0)]).value(0), None);
    assert_eq!(Series::Amounts(&[Some(f64::NAN)]).value(0), None);
}

/// Twelve weeks of days: few on weekends, and fewer kept there.
fn weeks() -> (Vec<u64>, Vec<(u64, u64)>, Vec<Option<f64>>, Vec<u8>) {
    let places: Vec<u8> = (0..84).map(|day| (day % 7) as u8).collect();
    let wobble = |day: usize| (day * 5 % 11) as u64;
    let is_weekend = |day: usize| day % 7 >= 5;
    let counts = (0..84).map(|day| match is_weekend(day) {
        true => 30 + wobble(day) / 3,
        false => 100 + wobble(day),
    });
    let shares = (0..84).map(|day| match is_weekend(day) {
        true => (140 + wobble(day), 200),
        false => (180 + wobble(day), 200),
    });
    let amounts = (0..84).map(|day| {
        let long = if is_weekend(day) { 300.0 } else { 100.0 };
        Some(long + wobble(day) as f64)
    });
    (
        counts.collect(),
        shares.collect(),
        amounts.collect(),
        places,
    )
}

#[test]
fn seasons_are_taken_away_and_limits_told_in_the_scale_of_each_day() {
    let (counts, shares, amounts, places) = weeks();
    let week = [Season {
        places: &places,
        cycle: 7,
    }];
    for series in [
        Series::Counts(&counts),
        Series::Shares(&shares),
        Series::Amounts(&amounts),
    ] {
        let plain = chart(series, 0..56, 28, &[], &BOTH).unwrap();
        let freed = chart(series, 0..56, 28, &week, &BOTH).unwrap();
        assert_eq!((plain.seasons, freed.seasons), (0, 1));
        let width = |chart: &Chart, day: usize| {
            let normal = chart.points[day].unwrap().normal.unwrap();
            normal.upper - normal.lower
        };
        // What the weekend explains no longer widens the limits of Mondays.
        assert!(width(&freed, 77) < 0.6 * width(&plain, 77), "{series:?}");
        let expected = |day: usize| freed.points[day].unwrap().normal.unwrap().expected;
        let value = |day: usize| series.value(day).unwrap();
        for day in [77, 83] {
            let near = (expected(day) / value(day)).ln().abs();
            assert!(
                near < 0.1,
                "{series:?} {day}: {} {}",
                expected(day),
                value(day)
            );
        }
        assert_eq!(signals(&freed), 0, "{series:?}");
    }
}

#[test]
fn a_weekday_that_the_baseline_lacks_has_no_normal() {
    let mut shares: Vec<(u64, u64)> = (0..42).map(|day| (9 + day % 2, 10)).collect();
    for day in (6..28).step_by(7) {
        shares[day] = (0, 0);
    }
    let places: Vec<u8> = (0..42).map(|day| (day % 7) as u8).collect();
    let week = [Season {
        places: &places,
        cycle: 7,
    }];
    let ours = chart(Series::Shares(&shares), 0..28, 20, &week, &BOTH).unwrap();
    let sunday = ours.points[34].unwrap();
    assert_eq!(
        (sunday.normal, sunday.signal, sunday.chance),
        (None, None, 1.0)
    );
    assert!(ours.points[33].unwrap().normal.is_some());
}

/// Where fewer are counted than before, nothing broken lies nearer to what is expected, and is no worse for that.
#[test]
fn what_never_breaks_never_signals_however_few_there_are() {
    for broken in [0, 2] {
        let mut shares = vec![(40, 40); 24];
        shares[7].0 -= broken;
        shares.extend([(30, 30); 20]);
        shares.extend([(3, 3); 20]);
        let ours = chart(Series::Shares(&shares), 0..24, 10, &[], &[Side::Below]).unwrap();
        assert_eq!(signals(&ours), 0, "{broken}");
        // What breaks often still does.
        shares.extend([(15, 30); 3]);
        let ours = chart(Series::Shares(&shares), 0..24, 10, &[], &[Side::Below]).unwrap();
        assert_eq!(signals(&ours), 3, "{broken}");
    }
}

fn any_shares() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0_u64..40, 0_u64..60), 30..60)
        .prop_map(|all| all.into_iter().map(|(had, of)| (had.min(of), of)).collect())
}

proptest! {
    /// Whatever comes after the baseline, in whatever order, moves no limit, and what is the same stays the same.
    #[test]
    fn later_values_move_no_limit(shares in any_shares(), other in any_shares(), seed in any::<u64>()) {
        let places: Vec<u8> = (0..120).map(|day| (day % 7) as u8).collect();
        let week = [Season { places: &places, cycle: 7 }];
        let with = |later: &[(u64, u64)]| {
            let all: Vec<(u64, u64)> = shares.iter().chain(later).copied().collect();
            chart(Series::Shares(&all), 0..shares.len(), 2, &week, &BOTH)
        };
        let mut turned = other.clone();
        let by = seed as usize % other.len();
        turned.rotate_left(by);
        match (with(&[]), with(&other), with(&turned)) {
            (Ok(alone), Ok(one), Ok(another)) => {
                prop_assert_eq!(&alone.points[..], &one.points[..shares.len()]);
                prop_assert_eq!(&alone.points[..], &another.points[..shares.len()]);
                prop_assert_eq!((one.centre, one.count), (another.centre, another.count));
            }
            (alone, one, another) => {
                prop_assert!(alone.is_err() && one.is_err() && another.is_err());
            }
        }
        let counts = |later: &[(u64, u64)]| {
            let all: Vec<u64> = shares.iter().chain(later).map(|one| one.0).collect();
            chart(Series::Counts(&all), 0..shares.len(), 2, &week, &BOTH)
        };
        if let (Ok(one), Ok(another)) = (counts(&other), counts(&turned)) {
            prop_assert_eq!(&one.points[..shares.len()], &another.points[..shares.len()]);
        }
    }

    #[test]
    fn a_constant_series_never_signals(had in 0_u64..1_000, more in 0_u64..1_000, amount in 1e-6_f64..1e9, periods in 12_usize..80) {
        let places: Vec<u8> = (0..periods).map(|day| (day % 7) as u8).collect();
        let week = [Season { places: &places, cycle: 7 }];
        for seasons in [&[][..], &week] {
            let shares = vec![(had, had + more); periods];
            let counts = vec![had; periods];
            let amounts = vec![Some(amount); periods];
            for series in [Series::Shares(&shares), Series::Counts(&counts), Series::Amounts(&amounts)] {
                if let Ok(ours) = chart(series, 0..10, 2, seasons, &BOTH) {
                    prop_assert_eq!(signals(&ours), 0, "{:?}", series);
                }
            }
        }
    }

    /// Limits hold what is expected, chances are chances, and the more off, the less likely.
    #[test]
    fn limits_and_chances_make_sense(shares in any_shares(), of in 1_u64..500) {
        let chance_of = |had: u64| {
            let mut all = shares.clone();
            all.push((had, of));
            let ours = chart(Series::Shares(&all), 0..shares.len(), 2, &[], &[Side::Below]).ok()?;
            ours.points[shares.len()]
        };
        let mut before = 0.0;
        for had in (0..=of).step_by(1 + of as usize / 24) {
            let Some(point) = chance_of(had) else { continue };
            let normal = point.normal.unwrap();
            prop_assert!(normal.lower <= normal.expected && normal.expected <= normal.upper);
            prop_assert!((0.0..=1.0).contains(&point.chance), "{point:?}");
            prop_assert!(point.chance >= before - 1e-9, "{point:?} after {before}");
            before = point.chance;
        }
    }
}
