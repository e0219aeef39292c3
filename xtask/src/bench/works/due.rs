//! What is about to break, and how likely it is to: every open promise of a fortnight, with the models that tell their chances.

use super::import::ready;
use crate::bench::Bench;
use crate::bench::company::Company;
use crate::bench::report::Measured;
use crate::bench::side::{Run, Side};

/// The question of every morning. The first one is not counted: it judges the promises, which later ones find kept.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let project = company.project("questions", &company.data(), None)?;
    let asked = [
        "due",
        "--json",
        "--project",
        &project,
        "--within",
        "14 days",
    ];
    let told = || bench.ours(&asked);
    told()?;
    let runs: Vec<Run> = (0..bench.runs).map(|_| told()).collect::<Result<_, _>>()?;
    Ok(vec![Measured {
        work: "what is due, with chances".into(),
        events: company.events,
        ours: Side::of(&runs),
        theirs: None,
    }])
}
