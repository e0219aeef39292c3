//! The instances of one promise as they stream into a query.

use std::sync::Arc;

use amends_promises::Kept;
use arrow::datatypes::SchemaRef;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::PartitionStream;

use super::rows;
use crate::error::through;

/// Batches that wait to be taken.
const AHEAD: usize = 2;

/// The instances of one promise, in some of the columns of `instances`.
#[derive(Debug)]
pub(super) struct Instances {
    pub(super) kept: Arc<Kept>,
    pub(super) schema: SchemaRef,
}

impl PartitionStream for Instances {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), AHEAD);
        let sender = stream.tx();
        let (kept, schema) = (Arc::clone(&self.kept), Arc::clone(&self.schema));
        stream.spawn_blocking(move || {
            let needed = rows::needed(&kept, &schema);
            for batch in kept.batches(Some(&needed)).map_err(through)? {
                let shown = batch.and_then(|batch| rows::shown(&kept, &batch, &schema));
                if sender.blocking_send(shown.map_err(through)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        stream.build()
    }
}
