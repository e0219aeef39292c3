//! How a query joins tables: from memory, or sorted in files where they are larger than that.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{Field, Schema};
use datafusion::common::config::{ConfigOptions, SpillCompression};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinType, Result};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, SortMergeJoinExec};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;

use crate::Table;
use crate::reason::problem;
use crate::spill::{Nameless, Spilling};

/// Files that are merged at once, and rows of a batch where joins are sorted: of each of these files two batches are held.
const MERGED: usize = 64;
const ROWS: usize = 2_048;

/// What a query holds in memory, and what of it goes to files.
#[derive(Clone, Debug)]
pub enum Joins {
    /// Every joined table is held whole, and the main table streams past in its own order.
    Held,
    /// Both sides of a join on equal columns are sorted by these, so that neither need fit. Other joins, and what is only asked whether it is there, are held.
    Sorted {
        /// What sorting and grouping hold before they go on in files, in bytes, about.
        memory: usize,
        /// Where these files are. They have no name there, and are gone with the process, however it ends.
        folder: PathBuf,
        /// The column of the result that numbers the rows of the main table: they come in its order, as they do from held joins, unless the query
        /// orders them itself.
        order: String,
    },
}

impl Joins {
    /// A session that joins this way.
    pub(crate) fn within(self, session: SessionStateBuilder) -> Result<SessionStateBuilder> {
        let Self::Sorted { memory, folder, .. } = self else {
            return Ok(session);
        };
        let files = DiskManagerBuilder::default()
            .with_temp_file_factory(Arc::new(Nameless(folder)))
            .with_max_spill_merge_fan_in(MERGED);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(Spilling::within(memory)))
            .with_disk_manager_builder(files)
            .build_arc()?;
        Ok(session.with_runtime_env(runtime))
    }

    /// A table as these joins can take it: a sorted join puts nulls beside rows without a partner even where a column says that it has none, and is then refused.
    pub(crate) fn table(&self, table: Table) -> Table {
        if matches!(self, Self::Held) {
            return table;
        }
        let fields = table.schema.fields().iter();
        let fields: Vec<Field> = fields
            .map(|field| field.as_ref().clone().with_nullable(true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let of = Arc::clone(&schema);
        let rows = table.rows.map(move |batch| {
            let batch = batch?.with_schema(Arc::clone(&of));
            batch.map_err(|error| problem(error.into()))
        });
        Table {
            name: table.name,
            schema,
            rows: rows.boxed(),
        }
    }

    /// Brings the rows of a query back into the order of the main table.
    pub(crate) fn ordered(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let Self::Sorted { order, .. } = self else {
            return Ok(plan);
        };
        // The first of them are the first of the main table as well.
        if let LogicalPlan::Limit(mut limit) = plan {
            limit.input = Arc::new(self.ordered(Arc::unwrap_or_clone(limit.input))?);
            return Ok(LogicalPlan::Limit(limit));
        }
        let column = plan
            .schema()
            .columns()
            .into_iter()
            .find(|column| column.name == *order);
        match column {
            Some(column) if !is_ordered(&plan) => {
                let ascending = Expr::Column(column).sort(true, false);
                LogicalPlanBuilder::from(plan).sort([ascending])?.build()
            }
            _ => Ok(plan),
        }
    }

    /// The options of a plan.
    pub(crate) fn options(&self, config: SessionConfig) -> SessionConfig {
        if matches!(self, Self::Held) {
            return config;
        }
        let mut config = config.with_batch_size(ROWS);
        config.options_mut().execution.spill_compression = SpillCompression::Lz4Frame;
        config
    }

    /// The optimizer's rules.
    pub(crate) fn among(&self, rules: &mut Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>) {
        if matches!(self, Self::Held) {
            return;
        }
        // Before sorts are put where joins need them.
        let after = rules
            .iter()
            .position(|rule| rule.name() == "join_selection");
        rules.insert(after.map_or(0, |at| at + 1), Arc::new(SortedJoins));
    }
}

/// Whether a query orders its rows.
fn is_ordered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Projection(projection) => is_ordered(&projection.input),
        _ => false,
    }
}

/// Sorts both sides of a join instead of holding one of them. DataFusion does so where it works on several partitions only.
#[derive(Debug)]
struct SortedJoins;

impl SortedJoins {
    fn sorted(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
        let Some(join) = plan.downcast_ref::<HashJoinExec>() else {
            return Ok(Transformed::no(plan));
        };
        // What only asks whether there is a partner is left to the held join: sorted, it cannot compare moments and other types.
        let puts_together = matches!(
            join.join_type(),
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full
        );
        if !puts_together || join.contains_projection() {
            return Ok(Transformed::no(plan));
        }
        let on = join.on().to_vec();
        let ascending = vec![SortOptions::default(); on.len()];
        let sorted = SortMergeJoinExec::try_new(
            Arc::clone(join.left()),
            Arc::clone(join.right()),
            on,
            join.filter().cloned(),
            *join.join_type(),
            ascending,
            join.null_equality(),
        )?;
        Ok(Transformed::yes(Arc::new(sorted)))
    }
}

impl PhysicalOptimizerRule for SortedJoins {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(Self::sorted).map(|done| done.data)
    }

    fn name(&self) -> &str {
        "sorted_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
