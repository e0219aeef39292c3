//! The provider that replays a promise when it is first asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_ledger::Snapshot;
use amends_model::{Problem, Result};
use amends_project::Project;
use amends_promises::{Replay, reported};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::rows;
use crate::error::through;

/// Where the instances of a promise come from.
pub trait Replays: Send + Sync {
    /// The instances of a promise at the session's `as_of`.
    ///
    /// # Errors
    /// Whatever keeps it from being replayed.
    fn replay(&self, promise: &str) -> Result<Replay>;
}

/// Replays over a snapshot of the ledger.
pub struct FromLedger {
    pub(crate) project: Arc<Project>,
    pub(crate) snapshot: Snapshot,
    pub(crate) planner: Planner,
    pub(crate) as_of: Timestamp,
}

impl Replays for FromLedger {
    fn replay(&self, name: &str) -> Result<Replay> {
        let promise = self.project.promises.get(name).ok_or_else(|| {
            Problem::new("AM0805", "there is no such promise").detail(format!("{name:?}"))
        })?;
        let reported = reported(&self.project, &self.snapshot, promise, self.as_of);
        amends_promises::replay(
            promise,
            &self.project.calendars,
            &self.planner,
            &self.snapshot,
            self.as_of,
            reported,
        )
    }
}

/// The table: the instances of each promise, kept once they were asked for.
pub struct Instances {
    replays: Arc<dyn Replays>,
    schema: SchemaRef,
    kept: BTreeMap<String, OnceCell<RecordBatch>>,
}

impl fmt::Debug for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instances of {} promises", self.kept.len())
    }
}

impl Instances {
    /// The table of a project's promises, none of them replayed yet.
    pub fn new(project: &Project, replays: Arc<dyn Replays>) -> Self {
        let names = project.promises.keys();
        Self {
            kept: names.map(|name| (name.clone(), OnceCell::new())).collect(),
            replays,
            schema: rows::schema(),
        }
    }

    async fn of(&self, name: &str, cell: &OnceCell<RecordBatch>) -> Result<RecordBatch> {
        let kept = cell
            .get_or_try_init(|| async {
                let (replays, wanted) = (Arc::clone(&self.replays), name.to_owned());
                let replay = tokio::task::spawn_blocking(move || replays.replay(&wanted))
                    .await
                    .map_err(|error| {
                        Problem::new("AM0804", format!("the replay of {name:?} was cut off"))
                            .because(error)
                    })??;
                rows::batch(&replay)
            })
            .await?;
        Ok(kept.clone())
    }
}

#[async_trait::async_trait]
impl TableProvider for Instances {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let mut batches = Vec::new();
        for (name, cell) in &self.kept {
            if filters.iter().all(|filter| may_hold(filter, name)) {
                batches.push(self.of(name, cell).await.map_err(through)?);
            }
        }
        let table = MemTable::try_new(Arc::clone(&self.schema), vec![batches])?;
        table.scan(state, projection, &[], limit).await
    }
}

/// Whether a filter may hold for rows of a promise. Filters that do not speak of the promise alone may.
fn may_hold(filter: &Expr, promise: &str) -> bool {
    let is_promise = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name == "promise");
    let text = |expr: &Expr| match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
        _ => None,
    };
    match filter {
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => {
            let named = match (&*binary.left, &*binary.right) {
                (column, value) | (value, column) if is_promise(column) => text(value),
                _ => None,
            };
            named.is_none_or(|named| named == promise)
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            may_hold(&binary.left, promise) || may_hold(&binary.right, promise)
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::And => {
            may_hold(&binary.left, promise) && may_hold(&binary.right, promise)
        }
        Expr::InList(list) if is_promise(&list.expr) && !list.negated => {
            let named: Option<BTreeSet<String>> = list.list.iter().map(text).collect();
            named.is_none_or(|named| named.contains(promise))
        }
        _ => true,
    }
}
