//! Customers: the conditions on the events that make them new, lost or recommending, and the stated reason.

use amends_expressions::Planner;
use amends_model::event::property_type;
use amends_project::Diagnostic;
use amends_project::definition::{Customers, Lost};
use arrow::datatypes::DataType;

use super::{Kinds, condition};
use crate::map::in_words;
use crate::mistake;

/// Checks customers.toml against the kinds that the sources give.
pub(super) fn check(
    customers: &Customers,
    kinds: &Kinds,
    planner: &Planner,
    found: &mut Vec<Diagnostic>,
) {
    let lost = match &customers.lost {
        Lost::Contract { on } => on,
        Lost::Silence { activity, .. } => activity,
    };
    let all = [
        &customers.new,
        lost,
        &customers.would_recommend,
        &customers.did_recommend,
    ];
    for on in all.into_iter().flatten() {
        condition(on, kinds, planner, found);
    }
    if let (Some(reason), Lost::Contract { on }) = (&customers.reason, &customers.lost) {
        for schema in on.iter().filter_map(|on| kinds.get(&on.kind)) {
            match planner.expression(&reason.text, schema) {
                Err(error) => found.push(mistake::unplannable(reason, error)),
                Ok(planned) if fits(planned.data_type()) => {}
                Ok(planned) => found.push(mistake::in_sql(
                    reason,
                    "AM0515",
                    format!(
                        "`reason` must be text, and this is {}",
                        in_words(planned.data_type())
                    ),
                    None,
                )),
            }
        }
    }
}

fn fits(of: &DataType) -> bool {
    property_type(of).is_some_and(|of| !matches!(of, DataType::List(_)))
}
