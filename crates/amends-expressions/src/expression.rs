//! One expression, planned, run over batches.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use amends_model::{Problem, Result};
use arrow::array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array,
};
use arrow::compute::concat;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;

use crate::reason::{of_running, type_in_words};

/// One expression, planned against a schema. Cheap to clone.
#[derive(Clone)]
pub struct Expression {
    physical: Arc<dyn PhysicalExpr>,
    needed: SchemaRef,
    data_type: DataType,
    columns: BTreeSet<String>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.physical)
    }
}

impl Expression {
    pub(crate) fn new(
        physical: Arc<dyn PhysicalExpr>,
        needed: SchemaRef,
        data_type: DataType,
        columns: BTreeSet<String>,
    ) -> Self {
        Self {
            physical,
            needed,
            data_type,
            columns,
        }
    }

    /// The type of its result.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// The columns that it names.
    pub fn columns(&self) -> &BTreeSet<String> {
        &self.columns
    }

    /// Its value for each row of a batch that has (at least) the planned columns, by name, in any order.
    ///
    /// # Errors
    /// `AM0203` when it fails for a row, such as a cast that does not succeed, or when a column is missing or of another type.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let input = self.input(batch)?;
        self.run(&input).map_err(|error| failed(of_running(&error)))
    }

    /// Its value for each row, null where it fails, and the failing rows with the reason.
    pub fn evaluate_each(&self, batch: &RecordBatch) -> (ArrayRef, Vec<(usize, String)>) {
        let rows = batch.num_rows();
        let mut failures = Vec::new();
        let input = match self.input(batch) {
            Ok(input) => input,
            Err(problem) => {
                failures.extend((0..rows).map(|row| (row, problem.to_string())));
                return (new_null_array(&self.data_type, rows), failures);
            }
        };
        let mut pieces = Vec::new();
        self.bisect(&input, 0, &mut pieces, &mut failures);
        let values: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
        let whole = match values.as_slice() {
            [] => new_null_array(&self.data_type, rows),
            [_] => pieces.swap_remove(0),
            many => match concat(many) {
                Ok(whole) => whole,
                Err(error) => {
                    let reason = error.to_string();
                    failures = (0..rows).map(|row| (row, reason.clone())).collect();
                    new_null_array(&self.data_type, rows)
                }
            },
        };
        (whole, failures)
    }

    /// A condition's verdict for each row; null is false.
    ///
    /// # Errors
    /// `AM0203` when it fails for a row, or is no condition.
    pub fn holds(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let values = self.evaluate(batch)?;
        let Some(verdicts) = values.as_any().downcast_ref::<BooleanArray>() else {
            let kind = type_in_words(values.data_type());
            return Err(failed(format!(
                "a condition must be true or false, and this is {kind}"
            )));
        };
        Ok(match verdicts.nulls() {
            None => verdicts.clone(),
            Some(there) => BooleanArray::new(verdicts.values() & there.inner(), None),
        })
    }

    /// The needed columns of a batch, in the order in which the expression was planned.
    fn input(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = Vec::with_capacity(self.needed.fields().len());
        for field in self.needed.fields() {
            let Some(column) = batch.column_by_name(field.name()) else {
                return Err(failed(format!(
                    "the batch has no column `{}`",
                    field.name()
                )));
            };
            if column.data_type() != field.data_type() {
                return Err(failed(format!(
                    "column `{}` was planned as {} and is {}",
                    field.name(),
                    field.data_type(),
                    column.data_type()
                )));
            }
            columns.push(Arc::clone(column));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.needed), columns, &options)
            .map_err(|error| failed(error.to_string()))
    }

    fn run(&self, input: &RecordBatch) -> Result<ArrayRef, DataFusionError> {
        self.physical.evaluate(input)?.into_array(input.num_rows())
    }

    /// Halves the rows until those that fail stand alone.
    fn bisect(
        &self,
        input: &RecordBatch,
        first: usize,
        pieces: &mut Vec<ArrayRef>,
        failures: &mut Vec<(usize, String)>,
    ) {
        let rows = input.num_rows();
        match self.run(input) {
            Ok(values) => pieces.push(values),
            Err(error) if rows <= 1 => {
                pieces.push(new_null_array(&self.data_type, rows));
                failures.extend((0..rows).map(|row| (first + row, of_running(&error))));
            }
            Err(_) => {
                let half = rows / 2;
                self.bisect(&input.slice(0, half), first, pieces, failures);
                self.bisect(
                    &input.slice(half, rows - half),
                    first + half,
                    pieces,
                    failures,
                );
            }
        }
    }
}

fn failed(reason: String) -> Problem {
    Problem::new("AM0203", "an expression fails for a row").detail(reason)
}
