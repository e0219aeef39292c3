//! SQL planned and run over Arrow batches: one expression over a batch of events or records, or one query over the tables of a source.
//!
//! Together with `amends-query` the only crate that knows DataFusion.
//!
//! What holds for every SQL text of a project:
//! - Names of columns and tables are written as they are, capitals included; quotes (`"Churn Reason"`) are needed only where a name holds
//!   spaces or other signs. Names of functions ignore case.
//! - The same row always gives the same value: functions that ask the clock or roll dice are refused, else a replay would come out differently.
//! - A length of time (`late_by`) compares with `interval '7 days'` as exact time, a day being 24 hours.

mod expression;
mod interval;
mod joins;
mod lineage;
mod plan_error;
mod planner;
mod probe;
mod pure;
mod query;
mod reason;
mod size;
mod spill;
mod stream;
mod words;

pub use expression::Expression;
pub use joins::Joins;
pub use lineage::{Lineage, Origin, Origins};
pub use plan_error::PlanError;
pub use planner::Planner;
pub use stream::{Batches, Table};
pub use words::same_sql;
