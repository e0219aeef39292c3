//! `promises`: the register. One row for each promise, whether or not there is data for it yet.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `promise` | text | its name |
//! | `says` | text | the promise in the company's own words |
//! | `shape` | text | deadline, window, notice, never, at most, at least, match, share, own normal, or not measurable |
//! | `made_by` | text | which function of the company made it |
//! | `touchpoint` | text | where it is felt; null where the project does not say |
//! | `owner` | text | who owns that touchpoint; null where nobody does |
//! | `version` | text | a short hash of its definition |
//! | `needs` | text | what it needs to be measured; null where its events are defined |

use std::sync::Arc;

use amends_project::Project;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::common::Result;

/// The rows of the table.
pub(crate) fn rows(project: &Project) -> Result<RecordBatch> {
    let owner = |touchpoint: &Option<String>| {
        let touchpoint = project.touchpoints.get(touchpoint.as_ref()?)?;
        Some(touchpoint.owner.clone())
    };
    // What cannot be measured now is one row, also where an earlier definition judges what it judged.
    let now = project.promises.values();
    let now = now.filter(|one| !project.unmeasured.contains_key(&one.name));
    let measured = now.map(|one| Row {
        promise: &one.name,
        says: &one.says,
        shape: one.shape.as_str(),
        made_by: &one.made_by,
        touchpoint: one.touchpoint.clone(),
        owner: owner(&one.touchpoint),
        version: &one.version,
        needs: None,
    });
    let unmeasured = project.unmeasured.values().map(|one| Row {
        promise: &one.name,
        says: &one.says,
        shape: "not measurable",
        made_by: &one.made_by,
        touchpoint: one.touchpoint.clone(),
        owner: owner(&one.touchpoint),
        version: &one.version,
        needs: Some(one.needs.clone()),
    });
    let rows: Vec<Row<'_>> = measured.chain(unmeasured).collect();
    let text = |of: &dyn Fn(&Row<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("promise", text(&|one| Some(one.promise.into())), false),
        ("says", text(&|one| Some(one.says.into())), false),
        ("shape", text(&|one| Some(one.shape.into())), false),
        ("made_by", text(&|one| Some(one.made_by.into())), false),
        ("touchpoint", text(&|one| one.touchpoint.clone()), true),
        ("owner", text(&|one| one.owner.clone()), true),
        ("version", text(&|one| Some(one.version.into())), false),
        ("needs", text(&|one| one.needs.clone()), true),
    ])?)
}

struct Row<'a> {
    promise: &'a str,
    says: &'a str,
    shape: &'static str,
    made_by: &'a str,
    touchpoint: Option<String>,
    owner: Option<String>,
    version: &'a str,
    needs: Option<String>,
}
