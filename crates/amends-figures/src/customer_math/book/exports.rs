//! Exports that hold only active customers: sources that tell of contracts that began, and of none that ended (rule 20).
//!
//! What was imported is judged, all of it: that nobody had left by some moment is no fault of an export.

use amends_model::Result;
use amends_project::definition::On;
use amends_query::Session;
use arrow::array::{Int64Array, StringArray};

use super::counted;
use crate::sql::{Template, condition, literal, quoted, typed};

const TOLD: Template = Template(include_str!("told.sql"));
const ENDED: Template = Template(include_str!("ended.sql"));
const IMPORTED: Template = Template(include_str!("imported.sql"));

/// A source that tells of beginnings only, and of how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyActive {
    /// Its name.
    pub source: String,
    /// How many contracts it says began.
    pub begun: u64,
}

/// The sources of contracts none of which ever ended.
///
/// # Errors
/// `AM0803` when a condition of customers.toml cannot be planned; `AM0804` when reading fails.
pub(super) async fn only_active(
    session: &Session,
    new: &[On],
    lost: &[On],
) -> Result<Vec<OnlyActive>> {
    let mut signs = Vec::new();
    for (meaning, ons) in [("0", new), ("1", lost)] {
        let there = ons
            .iter()
            .filter(|on| session.kinds().contains_key(&on.kind));
        signs.extend(there.map(|on| {
            IMPORTED.fill(&[
                ("meaning", meaning),
                ("kind", &quoted(&on.kind)),
                ("condition", &condition(on)),
            ])
        }));
    }
    let signs = signs.join("union all\n");
    let mut suspects = Vec::new();
    for batch in session.sql(&TOLD.fill(&[("signs", &signs)])).await? {
        let sources = typed::<StringArray>(&batch, 0)?;
        let (begun, ended) = (
            typed::<Int64Array>(&batch, 1)?,
            typed::<Int64Array>(&batch, 2)?,
        );
        for row in 0..batch.num_rows() {
            if begun.value(row) > 0 && ended.value(row) == 0 {
                suspects.push(OnlyActive {
                    source: sources.value(row).to_owned(),
                    begun: begun.value(row).unsigned_abs(),
                });
            }
        }
    }
    if suspects.is_empty() {
        return Ok(suspects);
    }
    // One system may tell who signs and another who leaves.
    let names: Vec<String> = suspects.iter().map(|one| literal(&one.source)).collect();
    let text = ENDED.fill(&[
        ("signs", &signs),
        ("counted", counted(session)),
        ("sources", &names.join(", ")),
    ]);
    for batch in session.sql(&text).await? {
        let ended = typed::<StringArray>(&batch, 0)?;
        suspects.retain(|one| !ended.iter().flatten().any(|source| source == one.source));
    }
    Ok(suspects)
}
