//! The table that replays a promise when a query first asks for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::{Instances, rows};
use crate::error::through;

/// The instances of all promises, or of those that a query asks for.
#[derive(Debug)]
pub(crate) struct Replayed {
    instances: Arc<Instances>,
    schema: SchemaRef,
}

impl Replayed {
    pub(crate) fn new(instances: Arc<Instances>) -> Self {
        Self {
            instances,
            schema: rows::schema(),
        }
    }
}

#[async_trait::async_trait]
impl TableProvider for Replayed {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut batches = Vec::new();
        for promise in self.instances.promises() {
            if filters.iter().all(|filter| may_hold(filter, promise)) {
                batches.push(self.instances.of(promise).await.map_err(through)?);
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
