//! A length of time compared with an interval means exact time: a day is 24 hours.
//!
//! DataFusion turns both sides into intervals and compares months, then days, then nanoseconds, so that 200 hours would be less than
//! 7 days. Here intervals beside a duration become durations before DataFusion sees the comparison; those with months are refused.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    Between, BinaryExpr, Case, Expr, ExprSchemable, LogicalPlan, Operator,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;

use crate::PlanError;
use crate::pure::refusal;
use crate::words::{find, found, tokens};

/// Functions whose arguments are of one kind.
const ALIKE: &[&str] = &[
    "coalesce", "nullif", "nvl", "ifnull", "nvl2", "greatest", "least",
];

/// Makes an expression's intervals exact where they stand beside a duration.
pub(crate) fn make_exact(expr: Expr, schema: &DFSchema, text: &str) -> Result<Expr> {
    expr.transform_up(|part| exact(part, schema, text))
        .map(|done| done.data)
}

/// The same in a whole query.
pub(crate) fn make_plan_exact(plan: LogicalPlan, text: &str) -> Result<LogicalPlan> {
    let done = plan.transform_up_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        if let LogicalPlan::TableScan(scan) = &node {
            schema.merge(&scan.projected_schema);
        }
        let mut changed =
            node.map_expressions(|expr| expr.transform_up(|part| exact(part, &schema, text)))?;
        if changed.transformed {
            changed.data = changed.data.recompute_schema()?;
        }
        Ok(changed)
    })?;
    Ok(done.data)
}

fn exact(part: Expr, schema: &DFSchema, text: &str) -> Result<Transformed<Expr>> {
    match part {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(op) || is_sum(op) => {
            let mut sides = [*left, *right];
            let changed = align(&mut sides, is_comparison(op), schema, text)?;
            let [left, right] = sides;
            let same = Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)));
            Ok(transformed(same, changed))
        }
        Expr::Between(Between {
            expr,
            negated,
            low,
            high,
        }) => {
            let mut sides = [*expr, *low, *high];
            let changed = align(&mut sides, true, schema, text)?;
            let [expr, low, high] = sides;
            let same = Between::new(Box::new(expr), negated, Box::new(low), Box::new(high));
            Ok(transformed(Expr::Between(same), changed))
        }
        Expr::InList(InList {
            expr,
            mut list,
            negated,
        }) => {
            list.insert(0, *expr);
            let changed = align(&mut list, true, schema, text)?;
            let expr = list.remove(0);
            Ok(transformed(
                Expr::InList(InList::new(Box::new(expr), list, negated)),
                changed,
            ))
        }
        Expr::Case(case) => exact_case(case, schema, text),
        Expr::ScalarFunction(ScalarFunction { func, mut args }) if ALIKE.contains(&func.name()) => {
            // The first argument of nvl2 is only asked whether it is there.
            let alike = if func.name() == "nvl2" {
                1.min(args.len())
            } else {
                0
            };
            let changed = align(&mut args[alike..], func.name() != "coalesce", schema, text)?;
            Ok(transformed(
                Expr::ScalarFunction(ScalarFunction { func, args }),
                changed,
            ))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn exact_case(case: Case, schema: &DFSchema, text: &str) -> Result<Transformed<Expr>> {
    let (mut whens, mut results): (Vec<Expr>, Vec<Expr>) = case
        .when_then_expr
        .into_iter()
        .map(|(when, then)| (*when, *then))
        .unzip();
    let mut changed = false;
    let mut base = None;
    if let Some(expr) = case.expr {
        whens.insert(0, *expr);
        changed |= align(&mut whens, true, schema, text)?;
        base = Some(Box::new(whens.remove(0)));
    }
    let has_else = case.else_expr.is_some();
    results.extend(case.else_expr.map(|otherwise| *otherwise));
    changed |= align(&mut results, false, schema, text)?;
    let otherwise = if has_else {
        results.pop().map(Box::new)
    } else {
        None
    };
    let pairs = whens
        .into_iter()
        .zip(results)
        .map(|(when, then)| (Box::new(when), Box::new(then)));
    Ok(transformed(
        Expr::Case(Case::new(base, pairs.collect(), otherwise)),
        changed,
    ))
}

fn transformed(expr: Expr, changed: bool) -> Transformed<Expr> {
    if changed {
        Transformed::yes(expr)
    } else {
        Transformed::no(expr)
    }
}

fn is_comparison(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn is_sum(op: Operator) -> bool {
    matches!(op, Operator::Plus | Operator::Minus)
}

/// Turns the intervals among values of one kind into durations if one of the values is a duration; says whether anything changed.
fn align(values: &mut [Expr], compared: bool, schema: &DFSchema, text: &str) -> Result<bool> {
    // A part without a type is a mistake that DataFusion tells better.
    let kinds: Vec<Option<DataType>> = values
        .iter()
        .map(|value| value.get_type(schema).ok())
        .collect();
    let unit = kinds.iter().find_map(|kind| match kind {
        Some(DataType::Duration(unit)) => Some(*unit),
        _ => None,
    });
    let is_interval = |kind: &Option<DataType>| matches!(kind, Some(DataType::Interval(_)));
    let Some(unit) = unit else {
        let intervals = kinds.iter().filter(|kind| is_interval(kind)).count();
        if compared && intervals > 1 {
            return Err(refusal(intervals_compared(text)));
        }
        return Ok(false);
    };
    let mut changed = false;
    for (value, kind) in values.iter_mut().zip(&kinds) {
        if is_interval(kind) {
            *value = duration(value, unit, text)?;
            changed = true;
        }
    }
    Ok(changed)
}

/// The duration that a constant interval stands for.
fn duration(value: &Expr, unit: TimeUnit, text: &str) -> Result<Expr> {
    let folded = ExprSimplifier::new(SimplifyContext::builder().build()).simplify(value.clone());
    let (months, days, nanos) = match folded {
        Ok(Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(value)), _)) => {
            (value.months, value.days, value.nanoseconds)
        }
        Ok(Expr::Literal(ScalarValue::IntervalDayTime(Some(value)), _)) => {
            (0, value.days, i64::from(value.milliseconds) * 1_000_000)
        }
        Ok(Expr::Literal(ScalarValue::IntervalYearMonth(Some(months)), _)) => (months, 0, 0),
        Ok(Expr::Literal(value, _)) if value.is_null() => {
            return Ok(Expr::Literal(
                ScalarValue::try_new_null(&DataType::Duration(unit))?,
                None,
            ));
        }
        _ => return Err(refusal(not_constant(text))),
    };
    if months != 0 {
        return Err(refusal(has_months(text)));
    }
    let nanos = i128::from(days) * 86_400_000_000_000 + i128::from(nanos);
    let per_unit: i128 = match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    let count = i64::try_from(nanos / per_unit)
        .ok()
        .filter(|_| nanos % per_unit == 0);
    let Some(count) = count else {
        return Err(refusal(too_fine(text)));
    };
    let value = match unit {
        TimeUnit::Second => ScalarValue::DurationSecond(Some(count)),
        TimeUnit::Millisecond => ScalarValue::DurationMillisecond(Some(count)),
        TimeUnit::Microsecond => ScalarValue::DurationMicrosecond(Some(count)),
        TimeUnit::Nanosecond => ScalarValue::DurationNanosecond(Some(count)),
    };
    Ok(Expr::Literal(value, None))
}

fn has_months(text: &str) -> PlanError {
    let error = PlanError::new(
        "months and years differ in length, so that a length of time cannot be compared with them",
    )
    .suggest("write it in days: interval '30 days'");
    let all = tokens(text);
    let with_months = all.windows(2).find(|pair| {
        let said = pair[1].token.to_string().to_lowercase();
        pair[0].token.to_string().eq_ignore_ascii_case("interval")
            && (said.contains("mon")
                || said.contains("year")
                || said.contains("cent")
                || said.contains("decade"))
    });
    match with_months {
        Some([interval, said]) => PlanError {
            words: Some(format!("{} {}", interval.token, said.token)),
            at: Some(found(interval).at),
            ..error
        },
        _ => at_interval(error, text),
    }
}

fn not_constant(text: &str) -> PlanError {
    at_interval(
        PlanError::new("a length of time can be compared only with an interval written out")
            .suggest("write a constant such as interval '7 days'"),
        text,
    )
}

fn too_fine(text: &str) -> PlanError {
    at_interval(
        PlanError::new("this interval is too fine or too long for the length of time beside it"),
        text,
    )
}

fn intervals_compared(text: &str) -> PlanError {
    at_interval(
        PlanError::new("two intervals cannot be compared: a month has no fixed number of days")
            .suggest(
                "subtract two moments for a length of time, and compare that with an interval",
            ),
        text,
    )
}

fn at_interval(error: PlanError, text: &str) -> PlanError {
    match find(text, "interval") {
        Some(found) => PlanError {
            words: Some(found.words),
            at: Some(found.at),
            ..error
        },
        None => error,
    }
}
