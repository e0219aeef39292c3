//! How often many charts cry wolf where nothing has changed, and whether they still see what has.

use super::{Season, Series, Side, chart};
use crate::subgroups::significance::false_discoveries;

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    /// Above 0 and below 1: xorshift64* of S. Vigna.
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        (bits as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (one, other) = (self.share(), self.share());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }

    /// Poisson, by Knuth's product for few and the normal for many.
    fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 60.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let (least, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > least {
            product *= self.share();
            count += 1;
        }
        count
    }

    fn binomial(&mut self, of: u64, share: f64) -> u64 {
        (0..of).filter(|_| self.share() < share).count() as u64
    }
}

/// A chance, and whether it signals alone.
type Judged = (f64, bool);

const CHARTS: usize = 1_000;
/// So often a thousand charts are looked at.
const TIMES: usize = 100;

/// The last period of one chart in control.
type InControl = fn(&mut Dice) -> Judged;

fn last(series: Series<'_>, baseline: usize, seasons: &[Season<'_>], watched: &[Side]) -> Judged {
    let ours = chart(series, 0..baseline, 10, seasons, watched).unwrap();
    let point = ours.points.last().copied().flatten();
    point.map_or((1.0, false), |point| (point.chance, point.signal.is_some()))
}

/// Weeks of shares that vary more than counting explains.
fn shares(dice: &mut Dice) -> Judged {
    let periods: Vec<(u64, u64)> = (0..25)
        .map(|_| {
            let of = 100 + (dice.share() * 100.0) as u64;
            let share = 1.0 / (1.0 + (-(2.5 + 0.25 * dice.normal())).exp());
            (dice.binomial(of, share), of)
        })
        .collect();
    last(Series::Shares(&periods), 24, &[], &[Side::Below])
}

/// Weeks of a few, nearly all of them kept.
fn few(dice: &mut Dice) -> Judged {
    let periods: Vec<(u64, u64)> = (0..25)
        .map(|_| {
            let of = 1 + dice.poisson(4.0);
            (dice.binomial(of, 0.97), of)
        })
        .collect();
    last(Series::Shares(&periods), 24, &[], &[Side::Below])
}

fn amounts(dice: &mut Dice) -> Judged {
    let periods: Vec<Option<f64>> = (0..25)
        .map(|_| Some((10.0 + 0.6 * dice.normal()).exp()))
        .collect();
    last(Series::Amounts(&periods), 24, &[], &[Side::Above])
}

/// Weeks of a few each.
fn counts(dice: &mut Dice) -> Judged {
    let mean = [0.5, 3.0, 40.0][(dice.share() * 3.0) as usize];
    let periods: Vec<u64> = (0..25).map(|_| dice.poisson(mean)).collect();
    last(
        Series::Counts(&periods),
        24,
        &[],
        &[Side::Below, Side::Above],
    )
}

/// Days with a weekend, judged on any day of the week.
fn days(dice: &mut Dice) -> Judged {
    let first = (dice.share() * 7.0) as usize;
    let places: Vec<u8> = (0..57).map(|day| ((first + day) % 7) as u8).collect();
    let periods: Vec<u64> = places
        .iter()
        .map(|place| dice.poisson(if *place >= 5 { 6.0 } else { 60.0 }))
        .collect();
    let week = [Season {
        places: &places,
        cycle: 7,
    }];
    let both = [Side::Below, Side::Above];
    last(Series::Counts(&periods), 56, &week, &both)
}

/// Months with a season, after two years.
fn months(dice: &mut Dice) -> Judged {
    let places: Vec<u8> = (0..25).map(|month| (month % 12) as u8).collect();
    let periods: Vec<Option<f64>> = places
        .iter()
        .map(|place| Some((f64::from(*place % 4) + 0.2 * dice.normal()).exp()))
        .collect();
    let year = [Season {
        places: &places,
        cycle: 12,
    }];
    last(Series::Amounts(&periods), 24, &year, &[Side::Above])
}

/// What a thousand charts came to, over and over.
#[derive(Debug, Default)]
struct Came {
    /// Signals of charts looked at alone.
    alone: usize,
    /// Signals that stand after control.
    told: usize,
    /// Times in which any stood.
    wolves: usize,
}

fn came(in_control: &[InControl]) -> Came {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut came = Came::default();
    for _ in 0..TIMES {
        let judged: Vec<Judged> = (0..CHARTS)
            .map(|number| in_control[number % in_control.len()](&mut dice))
            .collect();
        let chances: Vec<f64> = judged.iter().map(|one| one.0).collect();
        let believed = false_discoveries(&chances, CHARTS as u64);
        let told = judged.iter().zip(&believed);
        let told = told.filter(|((_, alone), share)| *alone && **share <= 0.05);
        let told = told.count();
        came.alone += judged.iter().filter(|one| one.1).count();
        came.told += told;
        came.wolves += usize::from(told > 0);
    }
    came
}

/// Of a hundred mornings with a thousand charts, five are expected to cry wolf at the most; more than eleven are less likely than one in a hundred.
#[test]
fn a_thousand_charts_in_control_seldom_cry_wolf() {
    for (name, kind) in [
        ("shares", shares as InControl),
        ("few", few),
        ("amounts", amounts),
        ("counts", counts),
        ("days", days),
        ("months", months),
    ] {
        let came = came(&[kind]);
        assert!(came.wolves <= 11, "{name}: {came:?}");
        // Looked at alone, some of a hundred thousand signal: that is what is controlled.
        assert!(came.alone > 10, "{name}: {came:?}");
        assert!(came.alone < TIMES * CHARTS / 20, "{name}: {came:?}");
    }
}

/// What has really changed is still told among a thousand charts, and few others with it.
#[test]
fn a_planted_shift_is_told_among_a_thousand_charts() {
    let mut dice = Dice(4_101_842_887_655_102_017);
    let (mut found, mut false_ones) = (0, 0);
    let planted = 50;
    let judged: Vec<Judged> = (0..CHARTS)
        .map(|number| {
            let mut periods: Vec<(u64, u64)> =
                (0..24).map(|_| (dice.binomial(400, 0.95), 400)).collect();
            let share = if number < planted { 0.80 } else { 0.95 };
            periods.push((dice.binomial(400, share), 400));
            last(Series::Shares(&periods), 24, &[], &[Side::Below])
        })
        .collect();
    let chances: Vec<f64> = judged.iter().map(|one| one.0).collect();
    let believed = false_discoveries(&chances, CHARTS as u64);
    for (number, ((_, alone), share)) in judged.iter().zip(&believed).enumerate() {
        if *alone && *share <= 0.05 {
            match number < planted {
                true => found += 1,
                false => false_ones += 1,
            }
        }
    }
    assert!(found >= 48, "{found} of {planted}");
    assert!(false_ones <= 8, "{false_ones} beside {found}");
}
