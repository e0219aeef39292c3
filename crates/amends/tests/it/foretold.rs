//! What is told to be likely comes as often: chances of what was open on some days, beside what became of it. In invented companies, and on real orders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amends_stats::logistic::calibration;
use amends_testkit::rounds;

use crate::fractures::items;
use crate::planted::with_company;
use crate::program::json;

/// One open promise: how likely it was told to be broken, whether it was, and whether it stood in a live fracture.
type Told = (f64, bool, bool);

/// Of fewer nothing need be told.
const FEW: usize = 100;

/// What was open on some days, by promise.
fn foretold(project: &Path, days: &[&str]) -> BTreeMap<String, Vec<Told>> {
    let let_downs = |promise: &str| -> BTreeSet<String> {
        let all = json(project, &["letdowns", "--promise", promise]);
        let abouts = items(&all).iter();
        abouts
            .map(|one| one["about"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut broken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut all: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for day in days {
        let due = json(project, &["due", "--as-of", day, "--within", "90 days"]);
        let mut outside = false;
        for one in items(&due) {
            let promise = one["promise"].as_str().unwrap();
            let broken = broken
                .entry(promise.to_owned())
                .or_insert_with(|| let_downs(promise));
            let is_inside = !one["fracture"].is_null();
            assert!(
                !is_inside || !outside,
                "what stands in a live fracture comes first"
            );
            outside |= !is_inside;
            let came = broken.contains(one["about"].as_str().unwrap());
            let told = one["likely"].as_f64().unwrap();
            let of_promise = all.entry(promise.to_owned()).or_default();
            of_promise.push((told, came, is_inside));
        }
    }
    all
}

/// Holds what was told against what came; the slope of calibration, out of time, is to lie between 0.8 and 1.25. Of few it is told by its interval alone.
fn hold(promise: &str, told: &[Told]) -> String {
    let odds = |chance: f64| {
        let chance = chance.clamp(0.001, 0.999);
        (chance / (1.0 - chance)).ln()
    };
    let pairs = told.iter().map(|(chance, came, _)| (odds(*chance), *came));
    let pairs: Vec<(f64, bool)> = pairs.collect();
    let Some(held) = calibration(&pairs, 0.95) else {
        assert!(pairs.len() < FEW, "{promise}: {pairs:?}");
        return format!(
            "{promise}: {} open, of which nothing can be told",
            pairs.len()
        );
    };
    let interval = held.slope_interval;
    let right = 0.8..1.25;
    let is_right = match held.cases < 900 {
        true => interval.high >= right.start && interval.low < right.end,
        false => right.contains(&held.slope) && right.contains(&held.observed_to_expected),
    };
    assert!(is_right, "{promise}: {held:?}");
    format!(
        "{promise}: {} open, {} broken, {:.2} of those expected, slope {:.3} ({:.3} to {:.3}), in live fractures {:.3}, outside {:.3}",
        held.cases,
        held.came,
        held.observed_to_expected,
        held.slope,
        interval.low,
        interval.high,
        share(told, true),
        share(told, false),
    )
}

/// Which share of those in live fractures, or outside of them, was broken.
fn share(told: &[Told], inside: bool) -> f64 {
    let there = told.iter().filter(|(_, _, is_inside)| *is_inside == inside);
    let came: Vec<bool> = there.map(|(_, came, _)| *came).collect();
    came.iter().filter(|came| **came).count() as f64 / came.len() as f64
}

#[test]
fn what_is_told_to_be_likely_comes_as_often() {
    let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let days = ["2024-05-01", "2024-05-15", "2024-06-01"];
    for seed in 1..=rounds(2, 20) {
        let one = with_company("all", seed, |_, project| foretold(project, &days));
        for (promise, chances) in one {
            told.entry(promise).or_default().extend(chances);
        }
    }
    let all = told.values().flatten().copied().collect();
    told.insert("all".into(), all);
    for (promise, chances) in &told {
        println!("{}", hold(promise, chances));
        let (inside, outside) = (share(chances, true), share(chances, false));
        let is_more = inside > 1.5 * outside || chances.len() < FEW;
        assert!(is_more, "{promise}: {inside} {outside}");
    }
}

#[test]
fn what_is_told_of_real_orders_comes_as_often() {
    let Some(project) = crate::olist::project() else {
        return;
    };
    let days = [
        "2017-09-01",
        "2018-02-15",
        "2018-05-15",
        "2017-11-01",
        "2017-12-01",
        "2018-01-15",
        "2018-03-15",
        "2018-04-15",
        "2018-06-15",
        "2018-07-15",
    ];
    let told = foretold(project, &days[..rounds(3, days.len())]);
    for promise in ["delivery-date", "seller-handover"] {
        println!("{}", hold(promise, &told[promise]));
    }
}

/// By what chances of each promise are told on successive days: never one thing today and another tomorrow, and the next day the first again.
#[test]
fn by_what_chances_are_told_does_not_flip_from_day_to_day() {
    for seed in 1..=rounds(1, 3) {
        with_company("all", seed, |_, project| {
            let mut told: BTreeMap<String, Vec<(jiff::civil::Date, bool)>> = BTreeMap::new();
            let first = jiff::civil::date(2024, 5, 5);
            for day in first.series(jiff::Span::new().days(1)).take(rounds(14, 42)) {
                let as_of = day.to_string();
                let due = json(project, &["due", "--as-of", &as_of, "--within", "90 days"]);
                for promise in due["promises"].as_array().unwrap() {
                    let Some(is_learnt) = promise["is_learnt"].as_bool() else {
                        continue;
                    };
                    let name = promise["promise"].as_str().unwrap().to_owned();
                    println!(
                        "{seed} {day} {name} {is_learnt} {} {}",
                        promise["gain"], promise["gain_low"]
                    );
                    told.entry(name).or_default().push((day, is_learnt));
                }
            }
            assert!(!told.is_empty());
            for (promise, days) in told {
                let changes = days.windows(2).filter(|pair| pair[0].1 != pair[1].1);
                let changes: Vec<jiff::civil::Date> = changes.map(|pair| pair[1].0).collect();
                assert!(changes.len() <= 1, "{seed} {promise}: {changes:?}");
            }
        });
    }
}
