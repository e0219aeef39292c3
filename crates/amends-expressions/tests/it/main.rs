//! What expressions and queries promise to the rest of the house.

mod errors;
mod evaluation;
mod intervals;
mod joins;
mod lineage;
mod queries;

use std::sync::Arc;

use amends_expressions::{PlanError, Planner};
use arrow::array::{
    ArrayRef, DurationMicrosecondArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::SchemaRef;

/// Three orders with a name that needs quotes, a length of time, and a cell that is no number.
pub(crate) fn orders() -> RecordBatch {
    let hour = 3_600_000_000_i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "order_id",
            Arc::new(StringArray::from(vec!["o1", "o2", "o3"])),
        ),
        (
            "Churn_Reason",
            Arc::new(StringArray::from(vec![Some("Moved"), None, Some("Price")])),
        ),
        (
            "Monthly Charge",
            Arc::new(Float64Array::from(vec![1.5, 2.0, 3.25])),
        ),
        ("score", Arc::new(StringArray::from(vec!["5", "five", "3"]))),
        (
            "items",
            Arc::new(Int64Array::from(vec![Some(1), Some(2), None])),
        ),
        (
            "late_by",
            Arc::new(DurationMicrosecondArray::from(vec![
                Some(200 * hour),
                Some(24 * hour),
                None,
            ])),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

pub(crate) fn schema() -> SchemaRef {
    orders().schema()
}

pub(crate) fn mistake(text: &str) -> PlanError {
    match Planner::new().expression(text, &schema()) {
        Ok(expression) => panic!("{text} was planned as {expression:?}"),
        Err(error) => error,
    }
}
