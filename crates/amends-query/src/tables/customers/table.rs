//! The table as a query reads it: batches are made as they are asked for, since everybody's rows at once would take several times as much memory as what they
//! are made of.

use std::fmt::{self, Formatter};
use std::ops::Range;
use std::sync::Arc;

use amends_model::IdentifierId;
use arrow::array::{
    ArrayRef, FixedSizeBinaryBuilder, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics, project_schema};
use datafusion::datasource::source::{DataSource, DataSourceExec};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use futures::stream;

use super::{Customers, Row, schema};

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;
/// Bytes of a row, about: for whoever weighs a table against another.
const ROW_BYTES: usize = 60;

/// The table `customers`.
#[derive(Debug)]
pub(crate) struct Table(pub(crate) Customers);

#[async_trait::async_trait]
impl TableProvider for Table {
    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = schema();
        let columns = projection.cloned();
        let columns = columns.unwrap_or_else(|| (0..all.fields().len()).collect());
        Ok(DataSourceExec::from_data_source(Rows {
            customers: self.0.clone(),
            schema: project_schema(&all, Some(&columns))?,
            columns,
            parts: state.config().target_partitions().max(1),
            limit,
        }))
    }
}

/// Some columns of all rows, in parts.
#[derive(Clone, Debug)]
struct Rows {
    customers: Customers,
    columns: Vec<usize>,
    schema: SchemaRef,
    parts: usize,
    /// No more rows than these are needed.
    limit: Option<usize>,
}

impl Rows {
    fn places(&self, part: usize) -> Range<usize> {
        let all = self.customers.len();
        let begins = |part: usize| all * part / self.parts;
        let (from, until) = (begins(part), begins(part + 1));
        from..self.limit.map_or(until, |limit| until.min(from + limit))
    }

    fn batch(&self, places: Range<usize>) -> Result<RecordBatch> {
        let rows = self.customers.rows(places);
        let columns = self.columns.iter().map(|column| column_of(&rows, *column));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let count = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let schema = Arc::clone(&self.schema);
        Ok(RecordBatch::try_new_with_options(schema, columns, &count)?)
    }
}

/// A column by its place in the whole schema.
fn column_of(rows: &[Row<'_>], column: usize) -> Result<ArrayRef> {
    let ids = |id: fn(&Row<'_>) -> Option<IdentifierId>| -> Result<ArrayRef> {
        let mut ids = FixedSizeBinaryBuilder::with_capacity(rows.len(), 16);
        for row in rows {
            match id(row) {
                Some(id) => ids.append_value(id.0)?,
                None => ids.append_null(),
            }
        }
        Ok(Arc::new(ids.finish()))
    };
    match column {
        0 => ids(|row| Some(row.identifier)),
        1 => {
            let names = rows.iter().map(|row| row.namespace);
            Ok(Arc::new(StringArray::from_iter_values(names)))
        }
        2 => ids(|row| Some(row.customer)),
        _ => ids(|row| row.account),
    }
}

impl DataSource for Rows {
    fn open(&self, part: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let places = self.places(part);
        let until = places.end;
        let begins = places.step_by(BATCH_ROWS);
        let rows = self.clone();
        let batches = begins.map(move |from| rows.batch(from..until.min(from + BATCH_ROWS)));
        let schema = Arc::clone(&self.schema);
        Ok(Box::pin(RecordBatchStreamAdapter::new(
            schema,
            stream::iter(batches),
        )))
    }

    fn fmt_as(&self, _: DisplayFormatType, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "customers, partitions={}", self.parts)
    }

    fn output_partitioning(&self) -> Partitioning {
        Partitioning::UnknownPartitioning(self.parts)
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        EquivalenceProperties::new(Arc::clone(&self.schema))
    }

    fn partition_statistics(&self, part: Option<usize>) -> Result<Arc<Statistics>> {
        let rows = match part {
            Some(part) => self.places(part).len(),
            None => (0..self.parts).map(|part| self.places(part).len()).sum(),
        };
        let statistics = Statistics::new_unknown(&self.schema)
            .with_num_rows(Precision::Exact(rows))
            .with_total_byte_size(Precision::Inexact(rows * ROW_BYTES));
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        Some(Arc::new(Self {
            limit,
            ..self.clone()
        }))
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    fn try_swapping_with_projection(
        &self,
        _: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        Ok(None)
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}
