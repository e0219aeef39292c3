//! SQL planned and run over Arrow batches: one expression over a batch of events or records, or one query over the tables of a source.
//!
//! Together with `amends-query` the only crate that knows DataFusion.

use std::collections::BTreeSet;

use amends_model::Result;
use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

/// Why an expression cannot be planned, with the place inside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The words that are wrong, where they can be told.
    pub words: Option<String>,
    /// Line and column of those words inside the text, from 1.
    pub at: Option<(usize, usize)>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// Plans expressions. Cheap to clone.
#[derive(Clone)]
pub struct Planner {}

/// One expression, planned against a schema.
#[derive(Clone)]
pub struct Expression {}

impl Planner {
    /// A planner with DataFusion's functions.
    pub fn new() -> Self {
        todo!()
    }

    /// Plans one expression over the columns of a schema.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn expression(&self, text: &str, schema: &SchemaRef) -> Result<Expression, PlanError> {
        let _ = (text, schema);
        todo!()
    }

    /// As `expression`, but it must be a condition.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn condition(&self, text: &str, schema: &SchemaRef) -> Result<Expression, PlanError> {
        let _ = (text, schema);
        todo!()
    }

    /// The schema of the result of a query over tables of these schemas. Only one SELECT (with CTEs) is allowed.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub async fn query_schema(
        &self,
        text: &str,
        tables: &[(String, SchemaRef)],
    ) -> Result<SchemaRef, PlanError> {
        let _ = (text, tables);
        todo!()
    }

    /// Runs a query over tables. The stream of a table is read once, so that a large file need not fit in memory.
    ///
    /// # Errors
    /// `AM0202` when it fails while running.
    pub async fn query(&self, text: &str, tables: Vec<Table>) -> Result<Batches> {
        let _ = (text, tables);
        todo!()
    }
}

impl Default for Planner {
    fn default() -> Self {
        Self::new()
    }
}

/// A stream of batches. (May become a Stream type of `futures`.)
pub type Batches = std::pin::Pin<Box<dyn futures::Stream<Item = Result<RecordBatch>> + Send>>;

/// A table for a query: its name, its columns, its rows.
pub struct Table {
    /// Its name in the SQL.
    pub name: String,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub rows: Batches,
}

impl Expression {
    /// The type of its result.
    pub fn data_type(&self) -> &DataType {
        todo!()
    }

    /// The columns that it reads.
    pub fn columns(&self) -> &BTreeSet<String> {
        todo!()
    }

    /// Its value for each row of a batch that has (at least) the planned columns, by name.
    ///
    /// # Errors
    /// `AM0203` when it fails for a row, such as a cast that does not succeed.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let _ = batch;
        todo!()
    }

    /// Its value for each row, null where it fails, and the failing rows with the reason.
    pub fn evaluate_each(&self, batch: &RecordBatch) -> (ArrayRef, Vec<(usize, String)>) {
        let _ = batch;
        todo!()
    }

    /// A condition's verdict for each row; null is false.
    ///
    /// # Errors
    /// `AM0203` when it fails for a row.
    pub fn holds(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let _ = batch;
        todo!()
    }
}
