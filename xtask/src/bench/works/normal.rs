//! What is normal: all limits of a thousand charts over five years of days.

use serde::Deserialize;

use crate::bench::Bench;
use crate::bench::report::Measured;
use crate::bench::side::{Run, Side};
use crate::bench::tools;

const CHARTS: u64 = 1_000;
const DAYS: u64 = 1_826;

/// What `examples/charts.rs` of amends-stats prints.
#[derive(Deserialize)]
struct Charted {
    limits: u64,
    told: u64,
    seconds: f64,
}

/// Limits, signals and chances of every day of every chart, and the control of false discoveries over each day: timed is that alone, without the start of the process and
/// the making of the numbers.
pub(in crate::bench) fn measure(bench: &Bench) -> Result<Vec<Measured>, String> {
    let program = tools::example(&bench.root, &bench.target, "charts")?;
    let (charts, days) = (CHARTS.to_string(), DAYS.to_string());
    let told = || -> Result<Run, String> {
        let mut run = bench.watched(&program, &[&charts, &days])?;
        let answer: Charted = run.answer()?;
        if answer.limits != CHARTS * DAYS || answer.told == 0 {
            return Err(format!(
                "{} limits of {}, {} signals told",
                answer.limits,
                CHARTS * DAYS,
                answer.told
            ));
        }
        run.seconds = answer.seconds;
        Ok(run)
    };
    told()?;
    let runs: Vec<Run> = (0..bench.runs).map(|_| told()).collect::<Result<_, _>>()?;
    Ok(vec![Measured {
        work: format!("limits of {CHARTS} charts over {DAYS} days"),
        events: CHARTS * DAYS,
        ours: Side::of(&runs),
        theirs: None,
    }])
}
