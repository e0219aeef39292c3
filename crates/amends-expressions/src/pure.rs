//! What SQL may not do here: look at the clock, roll dice, read other tables, or change anything.

use datafusion::common::Result;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};

use crate::PlanError;

/// Refuses what an expression over one row cannot hold.
pub(crate) fn expression(expr: &Expr, text: &str) -> Result<(), PlanError> {
    let mut refused = None;
    let walked = expr.apply(|part| {
        refused = not_of_one_row(part, text).or_else(|| impure(part, text));
        Ok(match refused {
            Some(_) => TreeNodeRecursion::Stop,
            None => TreeNodeRecursion::Continue,
        })
    });
    match (refused, walked) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(PlanError::new(error.strip_backtrace())),
        (None, Ok(_)) => Ok(()),
    }
}

/// Refuses a plan that does more than read its tables, or whose result would differ at the next run.
pub(crate) fn query(plan: &LogicalPlan, text: &str) -> Result<(), DataFusionError> {
    plan.apply_with_subqueries(|node| {
        if !reads_only(node) {
            return Err(refusal(PlanError::new("only a SELECT is allowed here")));
        }
        node.apply_expressions(|expr| {
            expr.apply(|part| match impure(part, text) {
                Some(error) => Err(refusal(error)),
                None => Ok(TreeNodeRecursion::Continue),
            })
        })
    })?;
    Ok(())
}

/// Our own error on its way through DataFusion's code.
pub(crate) fn refusal(error: PlanError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

fn reads_only(node: &LogicalPlan) -> bool {
    !matches!(
        node,
        LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::Extension(_)
            | LogicalPlan::DescribeTable(_)
    )
}

fn not_of_one_row(part: &Expr, text: &str) -> Option<PlanError> {
    let one_row = "an expression sees one row; count or sum in a source's `sql`";
    Some(match part {
        Expr::AggregateFunction(call) => {
            let name = call.func.name();
            PlanError::new(format!("`{name}` needs many rows"))
                .pointing(text, name)
                .suggest(one_row)
        }
        Expr::WindowFunction(call) => {
            let name = call.fun.name();
            PlanError::new(format!("`{name}` needs many rows"))
                .pointing(text, name)
                .suggest(one_row)
        }
        Expr::Exists(_)
        | Expr::InSubquery(_)
        | Expr::ScalarSubquery(_)
        | Expr::SetComparison(_) => PlanError::new("an expression cannot read other tables")
            .pointing(text, "select")
            .suggest("join them in a source's `sql`"),
        #[expect(deprecated, reason = "the planner may still hand it out")]
        Expr::Wildcard { .. } => PlanError::new("`*` is no value")
            .pointing(text, "*")
            .suggest("name a column"),
        Expr::Unnest(_) => PlanError::new("`unnest` makes many rows of one")
            .pointing(text, "unnest")
            .suggest(one_row),
        Expr::GroupingSet(_) | Expr::OuterReferenceColumn(..) => {
            PlanError::new("an expression sees one row only")
        }
        _ => return None,
    })
}

fn impure(part: &Expr, text: &str) -> Option<PlanError> {
    let (name, volatility) = match part {
        Expr::ScalarFunction(call) => (call.name(), call.func.signature().volatility),
        Expr::Placeholder(place) => {
            return Some(
                PlanError::new(format!(
                    "`{}` stands for a value that nobody gives",
                    place.id
                ))
                .pointing(text, &place.id)
                .suggest("write the value itself"),
            );
        }
        Expr::ScalarVariable(_, names) => {
            return Some(PlanError::new(format!(
                "there are no variables such as `{}`",
                names.join(".")
            )));
        }
        _ => return None,
    };
    if volatility == Volatility::Immutable {
        return None;
    }
    let written = aliases(part)
        .into_iter()
        .find_map(|alias| crate::words::find(text, &alias));
    let mut error = PlanError::new(format!(
        "`{name}` gives another value at every run, so that a replay would differ"
    ))
    .suggest("use a column of the record; what is due by the clock belongs in a promise");
    if let Some(found) = written {
        error.message = format!(
            "`{}` gives another value at every run, so that a replay would differ",
            found.words
        );
        (error.words, error.at) = (Some(found.words), Some(found.at));
    }
    Some(error)
}

/// The names under which a function may have been written.
fn aliases(part: &Expr) -> Vec<String> {
    let Expr::ScalarFunction(call) = part else {
        return Vec::new();
    };
    let mut names = vec![call.name().to_owned()];
    names.extend(call.func.aliases().iter().cloned());
    names
}
