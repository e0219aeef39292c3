//! `kind."NAME"`: the events of one kind that count, in the columns of [`amends_model::event`]: head, properties, `rest`.
//!
//! The union of its segments and of the tail. Events that a newer version replaced, or that an undo withdrew, are left out of the segments that
//! hold any by an anti-join; other segments are read as they are. Nothing after `as_of` is shown.
//!
//! `imported."NAME"`: the same whatever the moment, for judging what sources tell at all.

mod segments;

use std::sync::Arc;

use amends_model::event::column;
use amends_model::time;
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, col, lit};
use jiff::Timestamp;

use crate::Stored;

/// The plan that reads all events of one kind.
pub(crate) fn imported(stored: &Stored) -> Result<LogicalPlan> {
    let mut parts = segments::plans(stored)?;
    if let Some(tail) = &stored.tail {
        parts.push(in_memory("tail", tail.schema(), vec![vec![tail.clone()]])?);
    }
    let mut parts = parts.into_iter();
    let mut plan = match parts.next() {
        Some(first) => LogicalPlanBuilder::from(first),
        None => LogicalPlanBuilder::from(in_memory(
            "nothing",
            Arc::clone(&stored.schema),
            vec![vec![]],
        )?),
    };
    for part in parts {
        plan = plan.union_by_name(part)?;
    }
    plan.build()
}

/// The plan that reads the events of one kind up to a moment.
pub(crate) fn plan(
    stored: &Stored,
    imported: LogicalPlan,
    as_of: Timestamp,
) -> Result<LogicalPlan> {
    let as_of = ScalarValue::TimestampMicrosecond(Some(time::micros(as_of)), Some("UTC".into()));
    let columns = stored
        .schema
        .fields()
        .iter()
        .map(|field| datafusion::logical_expr::ident(field.name()));
    LogicalPlanBuilder::from(imported)
        .filter(col(column::AT).lt_eq(lit(as_of)))?
        .project(columns)?
        .build()
}

/// A table of batches.
fn in_memory(
    name: &str,
    schema: arrow::datatypes::SchemaRef,
    batches: Vec<Vec<arrow::array::RecordBatch>>,
) -> Result<LogicalPlan> {
    let table = provider_as_source(Arc::new(MemTable::try_new(schema, batches)?));
    LogicalPlanBuilder::scan(name, table, None)?.build()
}

/// A table that stands for a plan.
pub(crate) fn view(plan: LogicalPlan) -> Arc<dyn TableProvider> {
    Arc::new(ViewTable::new(plan, None))
}
