//! Customer math: who was gained and lost, person by person.
//!
//! The program is asked for 36 months by five segments, and for the card of a month, which holds the customer math of that month and more: reasons,
//! recommendation, churn and the promises that came due. DuckDB counts every month at once, from a finished table of who is who.

use serde_json::{Value, json};

use super::import::ready;
use crate::bench::Bench;
use crate::bench::company::{Company, SEGMENT, ZONE};
use crate::bench::compare;
use crate::bench::report::Measured;

/// Months whose customer math is compared, before the last one.
const COMPARED: [&str; 3] = ["2024-01", "2024-12", "2025-07"];
/// Thirty-six months, in the last twenty-four of which there are more than contracts.
const MONTHS: (&str, &str) = ("2023-01", "2025-12");

/// The card of the last month against the query for all months, and all months by segment against the same by segment.
pub(in crate::bench) fn measure(bench: &Bench, company: &Company) -> Result<Vec<Measured>, String> {
    ready(bench, company)?;
    let project = company.project("questions", &company.data(), None)?;
    let exports = json!([{ "company": company.exports }]).to_string();
    bench.ask("people", &company.parquet(), &exports)?;
    let all = |segment: &str| {
        let values = json!([{ "zone": ZONE, "segment": segment }]).to_string();
        bench.ask("customer_math", &company.parquet(), &values)
    };

    let card =
        |month: &str| bench.ours(&["card", "--json", "--project", &project, "--period", month]);
    let last = company.last_month()?;
    let [months]: [Vec<Value>; 1] = all("'all'")?.their_answer()?;
    for month in COMPARED.into_iter().chain([last.as_str()]) {
        compare::customer_math(&card(month)?.answer()?, &months)?;
    }
    let (ours, theirs) = bench.race(|| card(&last), || all("'all'"))?;
    let of_card = Measured {
        work: "card of a month, against customer math of all months".into(),
        events: company.events,
        ours,
        theirs: Some(("DuckDB", theirs)),
    };

    let asked = ["math", "--json", "--project", &project, "--by", "band"];
    let months = ["--from", MONTHS.0, "--to", MONTHS.1];
    let math = || bench.ours(&[&asked[..], &months].concat());
    let [by_segment]: [Vec<Value>; 1] = all(SEGMENT)?.their_answer()?;
    compare::by_segment(&math()?.answer()?, &by_segment, MONTHS)?;
    let (ours, theirs) = bench.race(math, || all(SEGMENT))?;
    let of_segments = Measured {
        work: "customer math, 36 months by 5 segments".into(),
        events: company.events,
        ours,
        theirs: Some(("DuckDB", theirs)),
    };
    Ok(vec![of_card, of_segments])
}
