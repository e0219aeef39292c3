//! Keeps the main table of a query out of memory: in every join it is the side that streams past, and the other side is the one held.
//!
//! DataFusion holds the left side of a join unless statistics say otherwise, and files that are still to be read have none.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::streaming::StreamingTableExec;

/// Swaps the sides of joins whose held side reads the main table. The main table is known by its very schema object.
#[derive(Debug)]
pub(crate) struct MainStreams {
    pub(crate) main: SchemaRef,
}

impl MainStreams {
    /// The optimizer's rules with this one right after the choice of join sides: later rules build on that choice.
    pub(crate) fn among(
        self,
        rules: &[Arc<dyn PhysicalOptimizerRule + Send + Sync>],
    ) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
        let mut rules = rules.to_vec();
        let after = rules
            .iter()
            .position(|rule| rule.name() == "join_selection");
        rules.insert(after.map_or(0, |at| at + 1), Arc::new(self));
        rules
    }

    fn reads_main(&self, plan: &Arc<dyn ExecutionPlan>) -> bool {
        if let Some(scan) = plan.downcast_ref::<StreamingTableExec>() {
            return Arc::ptr_eq(scan.partition_schema(), &self.main);
        }
        plan.children()
            .into_iter()
            .any(|child| self.reads_main(child))
    }

    fn holds_main(&self, left: &Arc<dyn ExecutionPlan>, right: &Arc<dyn ExecutionPlan>) -> bool {
        self.reads_main(left) && !self.reads_main(right)
    }

    fn swapped(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
        if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
            let may = join.join_type().supports_swap() && !join.null_aware;
            if may && self.holds_main(join.left(), join.right()) {
                return join
                    .swap_inputs(*join.partition_mode())
                    .map(Transformed::yes);
            }
        } else if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
            if join.join_type().supports_swap() && self.holds_main(join.left(), join.right()) {
                return join.swap_inputs().map(Transformed::yes);
            }
        } else if let Some(join) = plan.downcast_ref::<CrossJoinExec>()
            && self.holds_main(join.left(), join.right())
        {
            return join.swap_inputs().map(Transformed::yes);
        }
        Ok(Transformed::no(plan))
    }
}

impl PhysicalOptimizerRule for MainStreams {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| self.swapped(node))
            .map(|done| done.data)
    }

    fn name(&self) -> &str {
        "main_table_streams"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
