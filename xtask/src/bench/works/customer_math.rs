//! Customer math: who was gained and lost, person by person.
//!
//! The program is asked for the card of a month, which holds the customer math of that month and more: reasons, recommendation,
//! churn and the promises that came due. DuckDB counts every month at once, from a finished table of who is who.

use serde_json::{Value, json};

use super::import::ready;
use crate::bench::Bench;
use crate::bench::company::{Company, ZONE};
use crate::bench::compare;
use crate::bench::report::Measured;

/// Months whose customer math is compared, before the last one.
const COMPARED: [&str; 3] = ["2024-01", "2024-12", "2025-07"];

/// The card of the last month against the query for all months.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let project = company.project("questions", &company.data(), None)?;
    let card =
        |month: &str| bench.ours(&["card", "--json", "--project", &project, "--period", month]);
    let exports = json!([{ "company": company.exports }]).to_string();
    bench.ask("people", &company.parquet(), &exports)?;
    let values = json!([{ "zone": ZONE }]).to_string();
    let theirs = || bench.ask("customer_math", &company.parquet(), &values);

    let last = company.last_month()?;
    let [months]: [Vec<Value>; 1] = theirs()?.their_answer()?;
    for month in COMPARED.into_iter().chain([last.as_str()]) {
        compare::customer_math(&card(month)?.answer()?, &months)?;
    }

    let (ours, theirs) = bench.race(|| card(&last), theirs)?;
    Ok(vec![Measured {
        work: "card of a month, against customer math of all months".into(),
        events: company.events,
        ours,
        theirs: Some(("DuckDB", theirs)),
    }])
}
