//! The table that asks for the instances of a promise when a query first wants them.

use std::collections::BTreeSet;
use std::sync::Arc;

use amends_model::IdentifierId;
use amends_promises::Kept;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use super::{Instances, rows, stream};
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
        let mut all = Vec::new();
        for promise in self.instances.promises() {
            if filters.iter().all(|filter| may_hold(filter, promise)) {
                all.push(self.instances.of(promise).await.map_err(through)?);
            }
        }
        if let Some(people) = filters.iter().find_map(people) {
            let theirs = self.of(all, people).await?;
            let table = MemTable::try_new(Arc::clone(&self.schema), vec![theirs])?;
            return table.scan(state, projection, &[], limit).await;
        }
        let schema = match projection {
            Some(places) => Arc::new(self.schema.project(places)?),
            None => Arc::clone(&self.schema),
        };
        let streams = all.into_iter().map(|kept| -> Arc<dyn PartitionStream> {
            let schema = Arc::clone(&schema);
            Arc::new(stream::Instances { kept, schema })
        });
        let streams = streams.collect();
        let none = std::iter::empty();
        let plan =
            StreamingTableExec::try_new(Arc::clone(&schema), streams, None, none, false, limit)?;
        Ok(Arc::new(plan))
    }
}

impl Replayed {
    /// The instances of promises made to a few people.
    async fn of(&self, all: Vec<Arc<Kept>>, people: Vec<IdentifierId>) -> Result<Vec<RecordBatch>> {
        let schema = Arc::clone(&self.schema);
        let read = move || -> amends_model::Result<Vec<RecordBatch>> {
            let mut theirs = Vec::new();
            for kept in all {
                for batch in kept.of(&people)? {
                    theirs.push(rows::shown(&kept, &batch, &schema)?);
                }
            }
            Ok(theirs)
        };
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
        read.map_err(through)
    }
}

/// The identifiers that a filter asks for, if it asks for some only.
fn people(filter: &Expr) -> Option<Vec<IdentifierId>> {
    let is_identifier = |expr: &Expr| {
        let expr = match expr {
            Expr::Cast(cast) => &*cast.expr,
            expr => expr,
        };
        matches!(expr, Expr::Column(column) if column.name == "identifier")
    };
    let id = |expr: &Expr| match expr {
        Expr::Literal(ScalarValue::Binary(Some(bytes)), _)
        | Expr::Literal(ScalarValue::BinaryView(Some(bytes)), _)
        | Expr::Literal(ScalarValue::FixedSizeBinary(_, Some(bytes)), _) => {
            IdentifierId::from_slice(bytes)
        }
        _ => None,
    };
    match filter {
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => {
            let (left, right) = (&*binary.left, &*binary.right);
            match (is_identifier(left), is_identifier(right)) {
                (true, _) => Some(vec![id(right)?]),
                (_, true) => Some(vec![id(left)?]),
                _ => None,
            }
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            let mut all = people(&binary.left)?;
            all.extend(people(&binary.right)?);
            Some(all)
        }
        Expr::InList(list) if is_identifier(&list.expr) && !list.negated => {
            list.list.iter().map(id).collect()
        }
        _ => None,
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
