//! One customer's story: everything that happened to one of all customers.

use super::import::ready;
use super::replay::Listed;
use crate::bench::Bench;
use crate::bench::company::Company;
use crate::bench::promise::PROMISES;
use crate::bench::report::Measured;
use crate::bench::side::{Run, Side};

/// The story of somebody who was let down.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let project = company.project("questions", &company.data(), None)?;
    let list = [
        "letdowns",
        "--json",
        "--project",
        &project,
        "--promise",
        PROMISES[0].name,
    ];
    let listed: Listed = bench.ours(&list)?.answer()?;
    let somebody = listed.items.first().map(|one| one.customer.clone());
    let somebody = somebody.ok_or("nobody was let down, so there is no story to tell")?;
    let told = || bench.ours(&["customer", "--json", "--project", &project, &somebody]);
    told()?;
    let runs: Vec<Run> = (0..bench.runs).map(|_| told()).collect::<Result<_, _>>()?;
    Ok(vec![Measured {
        work: "story of one customer".into(),
        events: company.events,
        ours: Side::of(&runs),
        theirs: None,
    }])
}
