//! The planner: DataFusion's functions under the rules of this crate.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::{DFSchema, DataFusionError};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::prelude::SessionConfig;

use crate::reason::{Names, of_planning, type_in_words};
use crate::{Expression, PlanError, interval, pure, size};

/// Plans expressions and queries. Cheap to clone.
#[derive(Clone)]
pub struct Planner {
    pub(crate) state: Arc<SessionState>,
}

impl fmt::Debug for Planner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Planner")
    }
}

impl Planner {
    /// A planner with DataFusion's functions.
    pub fn new() -> Self {
        // One partition: the same rows come out in the same order at every run.
        let mut config = SessionConfig::new()
            .with_target_partitions(1)
            .with_information_schema(false);
        let options = config.options_mut();
        options.sql_parser.enable_ident_normalization = false;
        options.sql_parser.map_string_types_to_utf8view = false;
        options.execution.enable_recursive_ctes = false;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_default_features()
            .with_table_functions(HashMap::new())
            .build();
        Self {
            state: Arc::new(state),
        }
    }

    /// Plans one expression over the columns of a schema.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn expression(&self, text: &str, schema: &SchemaRef) -> Result<Expression, PlanError> {
        size::check(text)?;
        let names = || {
            self.names(
                schema
                    .fields()
                    .iter()
                    .map(|field| field.name().clone())
                    .collect(),
                Vec::new(),
            )
        };
        let wrong = |error: DataFusionError| of_planning(&error, text, &names());
        let all = DFSchema::try_from(schema.as_ref().clone()).map_err(wrong)?;
        let logical = self.logical(text, &all).map_err(wrong)?;
        pure::expression(&logical, text)?;
        let columns: BTreeSet<String> = logical
            .column_refs()
            .into_iter()
            .map(|column| column.name.clone())
            .collect();
        let logical = interval::make_exact(logical, &all, text).map_err(wrong)?;
        let logical = self.simplified(logical, &all).map_err(wrong)?;

        let fields: Vec<_> = schema
            .fields()
            .iter()
            .filter(|field| columns.contains(field.name()))
            .cloned()
            .collect();
        let needed = Arc::new(Schema::new(fields));
        let reduced = DFSchema::try_from(needed.as_ref().clone()).map_err(wrong)?;
        let physical = self
            .state
            .create_physical_expr(logical, &reduced)
            .map_err(wrong)?;
        let data_type = physical.data_type(&needed).map_err(wrong)?;
        Ok(Expression::new(physical, needed, data_type, columns))
    }

    /// As `expression`, but it must be a condition.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn condition(&self, text: &str, schema: &SchemaRef) -> Result<Expression, PlanError> {
        let expression = self.expression(text, schema)?;
        if expression.data_type() == &DataType::Boolean {
            return Ok(expression);
        }
        let kind = type_in_words(expression.data_type());
        Err(PlanError::new(format!(
            "a condition must be true or false, and this is {kind}"
        ))
        .suggest("compare it with something, as in `status = 'paid'`"))
    }

    fn logical(&self, text: &str, schema: &DFSchema) -> Result<Expr, DataFusionError> {
        let dialect = self.state.config_options().sql_parser.dialect;
        let parsed = self.state.sql_to_expr_with_alias(text, &dialect)?;
        if let Some(alias) = &parsed.alias {
            let error = PlanError::new(format!(
                "an expression has no name of its own: `{alias}` is not expected here"
            ))
            .pointing(text, &alias.value)
            .suggest("an operator or a comma may be missing before it");
            return Err(pure::refusal(error));
        }
        self.state.create_logical_expr_from_sql_expr(parsed, schema)
    }

    fn simplified(&self, expr: Expr, schema: &DFSchema) -> Result<Expr, DataFusionError> {
        let context = SimplifyContext::builder()
            .with_schema(Arc::new(schema.clone()))
            .with_config_options(Arc::clone(self.state.config_options()))
            .build();
        let simplifier = ExprSimplifier::new(context);
        let coerced = simplifier.coerce(expr, schema)?;
        simplifier.simplify(coerced)
    }

    pub(crate) fn names(&self, columns: Vec<String>, tables: Vec<String>) -> Names {
        let mut functions: Vec<String> = self.state.scalar_functions().keys().cloned().collect();
        functions.extend(self.state.aggregate_functions().keys().cloned());
        functions.sort_unstable();
        Names {
            columns,
            functions,
            tables,
        }
    }
}

impl Default for Planner {
    fn default() -> Self {
        Self::new()
    }
}
