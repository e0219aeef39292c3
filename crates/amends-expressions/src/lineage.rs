//! Which columns of a query's tables each column of its result comes from.
//!
//! What is not understood is taken to come from everything that it could come from: who asks wants to keep something out.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError, JoinType, Result};
use datafusion::logical_expr::{Distinct, Expr, Join, LogicalPlan, Operator, TableScan, Window};

/// A column of a table: the table's name, the column's.
pub type Origin = (String, String);

/// Where one column of a result comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The columns whose values it may hold as they are, or written another way.
    pub holds: BTreeSet<Origin>,
    /// The columns that its value depends on, those that it holds among them.
    pub reads: BTreeSet<Origin>,
}

/// Where the columns of a query's result come from.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    /// The columns of the result.
    pub columns: BTreeMap<String, Origins>,
    /// Columns that a join or a condition holds equal: one tells the other.
    pub equal: Vec<(Origin, Origin)>,
}

/// Functions that give a value of their arguments as it is, or nearly so.
const GIVE_ON: [&str; 22] = [
    "any_value",
    "array_agg",
    "btrim",
    "coalesce",
    "first_value",
    "greatest",
    "lag",
    "last_value",
    "lead",
    "least",
    "lower",
    "ltrim",
    "max",
    "min",
    "nth_value",
    "nullif",
    "nvl",
    "nvl2",
    "rtrim",
    "string_agg",
    "trim",
    "upper",
];

/// Where the columns of a plan's result come from.
pub(crate) fn lineage(plan: &LogicalPlan) -> Result<Lineage> {
    let mut tracing = Tracing::default();
    let traced = tracing.plan(plan, None)?;
    let mut columns: BTreeMap<String, Origins> = BTreeMap::new();
    for (field, origins) in plan.schema().fields().iter().zip(traced) {
        columns
            .entry(field.name().clone())
            .or_default()
            .add(&origins);
    }
    Ok(Lineage {
        columns,
        equal: tracing.equal,
    })
}

impl Origins {
    fn add(&mut self, other: &Self) {
        self.holds.extend(other.holds.iter().cloned());
        self.reads.extend(other.reads.iter().cloned());
    }

    fn of_all(all: &[Self]) -> Self {
        let mut sum = Self::default();
        all.iter().for_each(|one| sum.add(one));
        sum
    }
}

/// The columns of a table come from themselves.
fn table(scan: &TableScan) -> Vec<Origins> {
    let fields = scan.projected_schema.fields().iter();
    let own = fields.map(|field| (scan.table_name.table().to_owned(), field.name().clone()));
    own.map(|own| Origins {
        holds: BTreeSet::from([own.clone()]),
        reads: BTreeSet::from([own]),
    })
    .collect()
}

/// The columns that an expression sees.
struct Scope<'a> {
    schema: &'a DFSchema,
    columns: &'a [Origins],
    /// Those of the query around a subquery.
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn column(&self, column: &Column) -> Origins {
        let place = self.schema.maybe_index_of_column(column);
        let known = place.and_then(|place| self.columns.get(place));
        known
            .cloned()
            .unwrap_or_else(|| Origins::of_all(self.columns))
    }

    fn outer(&self, column: &Column) -> Origins {
        let mut scope = self.outer;
        while let Some(outer) = scope {
            if outer.schema.has_column(column) {
                return outer.column(column);
            }
            scope = outer.outer;
        }
        Origins::default()
    }
}

#[derive(Default)]
struct Tracing {
    equal: Vec<(Origin, Origin)>,
    /// What all expressions so far read.
    read: BTreeSet<Origin>,
}

impl Tracing {
    /// The origins of each column of a plan's result.
    fn plan(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> Result<Vec<Origins>> {
        let columns = plan.schema().fields().len();
        let traced = match plan {
            LogicalPlan::TableScan(scan) => table(scan),
            LogicalPlan::Projection(projection) => {
                self.all(&projection.expr, &projection.input, outer)?
            }
            LogicalPlan::Distinct(Distinct::On(on)) => {
                self.all(&on.select_expr, &on.input, outer)?
            }
            LogicalPlan::Aggregate(aggregate) => {
                let both: Vec<Expr> = aggregate
                    .group_expr
                    .iter()
                    .chain(&aggregate.aggr_expr)
                    .cloned()
                    .collect();
                self.all(&both, &aggregate.input, outer)?
            }
            LogicalPlan::Window(window) => self.window(window, outer)?,
            LogicalPlan::Filter(filter) => {
                let input = self.plan(&filter.input, outer)?;
                let scope = Scope {
                    schema: filter.input.schema(),
                    columns: &input,
                    outer,
                };
                self.condition(&filter.predicate, &scope)?;
                input
            }
            LogicalPlan::Join(join) => self.join(join, outer)?,
            LogicalPlan::Union(union) => {
                let mut sum = vec![Origins::default(); columns];
                for input in &union.inputs {
                    for (sum, one) in sum.iter_mut().zip(self.plan(input, outer)?) {
                        sum.add(&one);
                    }
                }
                sum
            }
            LogicalPlan::Unnest(unnest) => {
                let input = self.plan(&unnest.input, outer)?;
                let from = unnest.dependency_indices.iter();
                from.map(|place| input.get(*place).cloned().unwrap_or_default())
                    .collect()
            }
            // The rest gives the columns of its input as they are.
            _ => {
                let mut inputs = Vec::new();
                for input in plan.inputs() {
                    inputs.extend(self.plan(input, outer)?);
                }
                inputs
            }
        };
        if traced.len() == columns {
            return Ok(traced);
        }
        Ok(vec![Origins::of_all(&traced); columns])
    }

    fn window(&mut self, window: &Window, outer: Option<&Scope<'_>>) -> Result<Vec<Origins>> {
        let mut columns = self.plan(&window.input, outer)?;
        let scope = Scope {
            schema: window.input.schema(),
            columns: &columns,
            outer,
        };
        let own = window.window_expr.iter();
        let own: Result<Vec<Origins>> = own.map(|expr| self.expr(expr, &scope)).collect();
        columns.extend(own?);
        Ok(columns)
    }

    fn join(&mut self, join: &Join, outer: Option<&Scope<'_>>) -> Result<Vec<Origins>> {
        let left = self.plan(&join.left, outer)?;
        let right = self.plan(&join.right, outer)?;
        let sees = |schema, columns| Scope {
            schema,
            columns,
            outer,
        };
        for (one, other) in &join.on {
            let one = self.expr(one, &sees(join.left.schema(), &left))?;
            let other = self.expr(other, &sees(join.right.schema(), &right))?;
            self.equal(&one, &other);
        }
        let both = join.left.schema().join(join.right.schema())?;
        let all = [left.clone(), right.clone()].concat();
        if let Some(filter) = &join.filter {
            self.condition(filter, &sees(&both, &all))?;
        }
        Ok(match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left,
            JoinType::RightSemi | JoinType::RightAnti => right,
            _ => all,
        })
    }

    fn all(
        &mut self,
        exprs: &[Expr],
        input: &LogicalPlan,
        outer: Option<&Scope<'_>>,
    ) -> Result<Vec<Origins>> {
        let columns = self.plan(input, outer)?;
        let scope = Scope {
            schema: input.schema(),
            columns: &columns,
            outer,
        };
        exprs.iter().map(|expr| self.expr(expr, &scope)).collect()
    }

    fn expr(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<Origins> {
        let origins = Origins {
            reads: self.reads(expr, scope)?,
            holds: self.holds(expr, scope)?,
        };
        self.read.extend(origins.reads.iter().cloned());
        Ok(origins)
    }

    fn reads(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<BTreeSet<Origin>> {
        let mut reads = BTreeSet::new();
        expr.apply(|part| {
            match part {
                Expr::Column(column) => reads.extend(scope.column(column).reads),
                Expr::OuterReferenceColumn(_, column) => reads.extend(scope.outer(column).reads),
                Expr::ScalarSubquery(query) => {
                    let columns = self.plan(&query.subquery, Some(scope))?;
                    reads.extend(Origins::of_all(&columns).reads);
                }
                // Whether a row is there depends on every condition inside.
                Expr::Exists(exists) => {
                    reads.extend(self.everything(&exists.subquery.subquery, scope)?)
                }
                Expr::InSubquery(among) => {
                    reads.extend(self.everything(&among.subquery.subquery, scope)?)
                }
                Expr::SetComparison(set) => {
                    reads.extend(self.everything(&set.subquery.subquery, scope)?)
                }
                _ => {}
            }
            Ok::<_, DataFusionError>(TreeNodeRecursion::Continue)
        })?;
        Ok(reads)
    }

    fn everything(&mut self, plan: &LogicalPlan, scope: &Scope<'_>) -> Result<BTreeSet<Origin>> {
        let before = std::mem::take(&mut self.read);
        let columns = self.plan(plan, Some(scope))?;
        let mut all = std::mem::replace(&mut self.read, before);
        all.extend(Origins::of_all(&columns).reads);
        Ok(all)
    }

    fn holds(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<BTreeSet<Origin>> {
        let mut values: Vec<&Expr> = Vec::new();
        match expr {
            Expr::Column(column) => return Ok(scope.column(column).holds),
            Expr::OuterReferenceColumn(_, column) => return Ok(scope.outer(column).holds),
            Expr::ScalarSubquery(query) => {
                let columns = self.plan(&query.subquery, Some(scope))?;
                return Ok(Origins::of_all(&columns).holds);
            }
            Expr::Alias(alias) => values.push(&alias.expr),
            Expr::Cast(cast) => values.push(&cast.expr),
            Expr::TryCast(cast) => values.push(&cast.expr),
            Expr::Unnest(unnest) => values.push(&unnest.expr),
            Expr::Case(case) => {
                values.extend(case.when_then_expr.iter().map(|(_, then)| then.as_ref()));
                values.extend(case.else_expr.as_deref());
            }
            Expr::ScalarFunction(call) if GIVE_ON.contains(&call.name()) => {
                values.extend(&call.args);
            }
            Expr::AggregateFunction(call) if GIVE_ON.contains(&call.func.name()) => {
                values.extend(&call.params.args);
            }
            Expr::WindowFunction(call) if GIVE_ON.contains(&call.fun.name()) => {
                values.extend(&call.params.args);
            }
            _ => {}
        }
        let mut holds = BTreeSet::new();
        for value in values {
            holds.extend(self.holds(value, scope)?);
        }
        Ok(holds)
    }

    /// Notes what a condition reads, and which columns it holds equal.
    fn condition(&mut self, condition: &Expr, scope: &Scope<'_>) -> Result<()> {
        self.expr(condition, scope)?;
        let mut parts = vec![condition];
        while let Some(part) = parts.pop() {
            let Expr::BinaryExpr(both) = part else {
                continue;
            };
            match both.op {
                Operator::And => parts.extend([both.left.as_ref(), both.right.as_ref()]),
                Operator::Eq | Operator::IsNotDistinctFrom => {
                    let one = self.expr(&both.left, scope)?;
                    let other = self.expr(&both.right, scope)?;
                    self.equal(&one, &other);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn equal(&mut self, one: &Origins, other: &Origins) {
        for one in &one.reads {
            for other in other.reads.iter().filter(|other| *other != one) {
                self.equal.push((one.clone(), other.clone()));
            }
        }
    }
}
