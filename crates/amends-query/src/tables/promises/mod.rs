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

use std::sync::Arc;

use amends_project::Project;
use amends_project::definition::{Promise, Touchpoint};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::common::Result;

/// The rows of the table.
pub(crate) fn rows(project: &Project) -> Result<RecordBatch> {
    let touchpoint = |promise: &Promise| -> Option<&Touchpoint> {
        project.touchpoints.get(promise.touchpoint.as_ref()?)
    };
    let text = |of: &dyn Fn(&Promise) -> Option<String>| -> ArrayRef {
        Arc::new(project.promises.values().map(of).collect::<StringArray>())
    };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("promise", text(&|one| Some(one.name.clone())), false),
        ("says", text(&|one| Some(one.says.clone())), false),
        ("shape", text(&|one| Some(one.shape.as_str().into())), false),
        ("made_by", text(&|one| Some(one.made_by.clone())), false),
        ("touchpoint", text(&|one| one.touchpoint.clone()), true),
        (
            "owner",
            text(&|one| touchpoint(one).map(|touchpoint| touchpoint.owner.clone())),
            true,
        ),
        ("version", text(&|one| Some(one.version.clone())), false),
    ])?)
}
