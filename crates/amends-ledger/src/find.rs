//! Events by id.

use std::collections::HashSet;

use amends_model::event::column;
use amends_model::{EventId, Result};
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;

use crate::columns;
use crate::filter::Filter;
use crate::snapshot::Snapshot;
use crate::trouble;

impl Snapshot {
    /// Events by id, whatever their kind, with all their columns.
    ///
    /// # Errors
    /// `AM0406` when a segment cannot be read.
    pub fn events(&self, ids: &[EventId]) -> Result<Vec<RecordBatch>> {
        let wanted: HashSet<u128> = ids.iter().map(|id| id.as_u128()).collect();
        let mut found = Vec::new();
        for (kind, schema) in self.kinds() {
            let names: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .collect();
            for batch in self.scan(kind, &names, &Filter::default())? {
                let batch = batch?;
                let ids = columns::ids(&batch, column::ID)?;
                let rows = 0..batch.num_rows();
                let keep: BooleanArray = rows
                    .map(|row| Some(wanted.contains(&columns::id_at(ids, row))))
                    .collect();
                if keep.true_count() > 0 {
                    let batch = filter_record_batch(&batch, &keep);
                    found.push(batch.map_err(|error| trouble::unreadable("the ledger", error))?);
                }
            }
        }
        Ok(found)
    }
}
