//! Tables whose rows are read once, as a stream.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use amends_model::Result;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{Stream, StreamExt, stream};

/// A stream of batches.
pub type Batches = Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>;

/// A table for a query: its name, its columns, its rows.
pub struct Table {
    /// Its name in the SQL.
    pub name: String,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub rows: Batches,
}

/// The rows of a table on their way into DataFusion.
pub(crate) struct Once {
    schema: SchemaRef,
    rows: Mutex<Option<Batches>>,
}

impl Once {
    pub(crate) fn new(schema: SchemaRef, rows: Batches) -> Arc<Self> {
        Arc::new(Self {
            schema,
            rows: Mutex::new(Some(rows)),
        })
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().ok().and_then(|mut rows| rows.take());
        let schema = Arc::clone(&self.schema);
        match rows {
            Some(rows) => {
                let rows = rows.map(|batch| {
                    batch.map_err(|problem| DataFusionError::External(Box::new(problem)))
                });
                Box::pin(RecordBatchStreamAdapter::new(schema, rows))
            }
            None => {
                let twice = DataFusionError::Execution(
                    "a table is read a second time within one query".into(),
                );
                Box::pin(RecordBatchStreamAdapter::new(
                    schema,
                    stream::iter([Err(twice)]),
                ))
            }
        }
    }
}
