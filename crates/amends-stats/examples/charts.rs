//! How long all limits of many charts take: `cargo run --release --example charts -- CHARTS DAYS`.
//!
//! A third each of the charts are shares, counts and amounts of days, with weekday and month of the year; two years are the baseline. Every thirtieth is shifted for the last
//! hundred days. Timed are limits, signals and chances of every day, and the control of false discoveries over all charts of each day; not the making of the numbers. One thread.
//! What comes of it is printed as JSON.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "run by hand or by the bench: it measures time and prints"
)]

mod dice;

use std::error::Error;
use std::time::Instant;

use amends_stats::past::{Chart, Season, Series, Side, chart};
use amends_stats::subgroups::significance::false_discoveries;
use dice::Dice;

/// The baseline, in days.
const BASELINE: usize = 731;
/// Every so many charts one is shifted.
const SHIFTED: usize = 30;
/// For so many days at the end.
const SHIFT: usize = 100;
const BOTH: [Side; 2] = [Side::Below, Side::Above];

/// One chart's numbers.
enum Made {
    Shares(Vec<(u64, u64)>),
    Counts(Vec<u64>),
    Amounts(Vec<Option<f64>>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut number = |usual: usize| words.next().map_or(Ok(usual), |word| word.parse());
    let (charts, days) = (number(1_000)?, number(1_826)?);
    let mut dice = Dice::new();
    let made: Vec<Made> = (0..charts).map(|one| made(&mut dice, one, days)).collect();
    let week: Vec<u8> = (0..days).map(|day| (day % 7) as u8).collect();
    let year: Vec<u8> = (0..days).map(|day| (day % 365 / 31) as u8).collect();
    let seasons = [(&week, 7), (&year, 12)].map(|(places, cycle)| Season { places, cycle });

    let begun = Instant::now();
    let (mut limits, mut alone, mut told) = (0_usize, 0_usize, 0_usize);
    let mut chances: Vec<Vec<f64>> = vec![Vec::with_capacity(charts); days];
    let mut signals: Vec<Vec<bool>> = vec![Vec::with_capacity(charts); days];
    for one in &made {
        for (day, point) in charted(one, &seasons)?.points.iter().enumerate() {
            let Some(point) = point else { continue };
            limits += usize::from(point.normal.is_some());
            chances[day].push(point.chance);
            signals[day].push(point.signal.is_some());
        }
    }
    let charting = begun.elapsed().as_secs_f64();
    for (chances, signals) in chances.iter().zip(&signals).skip(BASELINE) {
        let believed = false_discoveries(chances, chances.len() as u64);
        alone += signals.iter().filter(|signals| **signals).count();
        let both = signals.iter().zip(&believed);
        told += both
            .filter(|(signals, share)| **signals && **share <= 0.05)
            .count();
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{{\"charts\": {charts}, \"days\": {days}, \"limits\": {limits}, \"alone\": {alone}, \"told\": {told}, \"charting_seconds\": {charting:.6}, \"seconds\": {seconds:.6}}}"
    );
    Ok(())
}

fn charted(made: &Made, seasons: &[Season<'_>]) -> Result<Chart, String> {
    let (series, watched) = match made {
        Made::Shares(of) => (Series::Shares(of), &BOTH[..1]),
        Made::Counts(of) => (Series::Counts(of), &BOTH[..]),
        Made::Amounts(of) => (Series::Amounts(of), &BOTH[1..]),
    };
    chart(series, 0..BASELINE, 28, seasons, watched).map_err(|why| format!("{why:?}"))
}

fn made(dice: &mut Dice, number: usize, days: usize) -> Made {
    let is_shifted = |day: usize| number.is_multiple_of(SHIFTED) && day + SHIFT >= days;
    let season = |day: usize| {
        let week = if day % 7 >= 5 { 0.4 } else { 1.0 };
        week * (1.0 + 0.2 * (day as f64 / 365.0 * std::f64::consts::TAU).sin())
    };
    let size = 20.0 + (number % 50) as f64 * 8.0;
    let count = |dice: &mut Dice, mean: f64| (mean + mean.sqrt() * normal(dice)).round().max(0.0);
    match number % 3 {
        0 => Made::Shares(
            (0..days)
                .map(|day| {
                    let of = count(dice, size * season(day)).max(1.0);
                    let bad = if is_shifted(day) { 0.15 } else { 0.05 };
                    let bad = count(dice, of * bad).min(of);
                    ((of - bad) as u64, of as u64)
                })
                .collect(),
        ),
        1 => Made::Counts(
            (0..days)
                .map(|day| {
                    let more = if is_shifted(day) { 1.5 } else { 1.0 };
                    count(dice, size * season(day) * more) as u64
                })
                .collect(),
        ),
        _ => Made::Amounts(
            (0..days)
                .map(|day| {
                    let more = if is_shifted(day) { 1.0 } else { 0.0 };
                    Some(season(day) * (10.0 + more + 0.3 * normal(dice)).exp())
                })
                .collect(),
        ),
    }
}

/// Normal, by Box and Muller.
fn normal(dice: &mut Dice) -> f64 {
    let (one, other) = (dice.share(), dice.share());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}
