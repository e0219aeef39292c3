//! `events`: every event that counts, whatever its kind, in the columns that every event has ([`amends_model::event::head`]) and `rest`, as far as a session has
//! read them.

use std::sync::Arc;

use amends_model::event::{column, head};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Result;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident};

/// The plan that reads the events of all kinds from those of each.
pub(crate) fn plan(kinds: Vec<LogicalPlan>) -> Result<LogicalPlan> {
    let mut fields: Vec<_> = head().iter().cloned().collect();
    fields.push(Arc::new(Field::new(column::REST, DataType::Utf8, true)));
    fields.retain(|field| {
        let mut kinds = kinds.iter().map(LogicalPlan::schema);
        kinds.all(|kind| kind.has_column_with_unqualified_name(field.name()))
    });
    let nothing = MemTable::try_new(Arc::new(Schema::new(fields.clone())), vec![vec![]])?;
    let nothing = provider_as_source(Arc::new(nothing));
    let mut plan = LogicalPlanBuilder::scan("nothing", nothing, None)?;
    for kind in kinds {
        let columns = fields.iter().map(|field| ident(field.name()));
        plan = plan.union_by_name(LogicalPlanBuilder::from(kind).project(columns)?.build()?)?;
    }
    plan.build()
}
