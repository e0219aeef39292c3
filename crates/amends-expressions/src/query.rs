//! One SELECT over the tables of a source.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_model::{Problem, Result};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::MemTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement;
use futures::{StreamExt, TryStreamExt};

use crate::probe::MainStreams;
use crate::reason::{of_planning, problem};
use crate::stream::Once;
use crate::{Batches, Joins, Lineage, PlanError, Planner, Table, interval, lineage, pure, size};

impl Planner {
    /// The schema of the result of a query over tables of these schemas. Only one SELECT (with CTEs) is allowed.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub async fn query_schema(
        &self,
        text: &str,
        tables: &[(String, SchemaRef)],
    ) -> Result<SchemaRef, PlanError> {
        let (state, plan) = self.plan_over(text, tables).await?;
        let names = || {
            self.names(
                Vec::new(),
                tables.iter().map(|(name, _)| name.clone()).collect(),
            )
        };
        let plan = state
            .optimize(&plan)
            .map_err(|error| of_planning(&error, text, &names()))?;
        Ok(Arc::new(plan.schema().as_arrow().clone()))
    }

    /// Which columns of its tables each column of a query's result comes from.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub async fn lineage(
        &self,
        text: &str,
        tables: &[(String, SchemaRef)],
    ) -> Result<Lineage, PlanError> {
        let (_, plan) = self.plan_over(text, tables).await?;
        lineage::lineage(&plan).map_err(|error| PlanError::new(error.strip_backtrace()))
    }

    /// Runs a query over tables. The first table is the main one.
    ///
    /// The rows of a table are read once, as they come. Where joined tables are held ([`Joins::Held`]), the main table streams past them in a join, so
    /// that a large main file need not fit; sorting, grouping or numbering the main table's rows needs memory for them all. Where joins are sorted,
    /// sorting and grouping go on in files. A table that the query reads in several places is held either way. The order of rows is that of the
    /// query's `order by`, or that of the main table where nothing but joins comes between.
    ///
    /// # Errors
    /// `AM0201` when it cannot be planned; `AM0202` when it fails while running; a problem of a table's stream passes through unchanged.
    pub async fn query(&self, text: &str, tables: Vec<Table>, joins: Joins) -> Result<Batches> {
        let schemas: Vec<(String, SchemaRef)> = tables
            .iter()
            .map(|table| (table.name.clone(), Arc::clone(&table.schema)))
            .collect();
        let wrong = |error: PlanError| unplannable(error, text);
        let (_, plan) = self.plan_over(text, &schemas).await.map_err(wrong)?;
        let scans = scans(&plan);

        // The main table is found again in the physical plan by this very schema object, so no other table may share it.
        let mut providers: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
        let mut main = None;
        for (at, table) in tables.into_iter().enumerate() {
            let table = joins.table(table);
            let own = Arc::new(table.schema.as_ref().clone());
            if at == 0 {
                main = Some(Arc::clone(&own));
            }
            let times = scans.get(&table.name).copied().unwrap_or(0);
            let provider: Arc<dyn TableProvider> = if times > 1 {
                let rows = table.rows.try_collect().await?;
                Arc::new(MemTable::try_new(own, vec![rows]).map_err(problem)?)
            } else {
                let once = Once::new(Arc::clone(&own), table.rows);
                Arc::new(StreamingTable::try_new(own, vec![once]).map_err(problem)?)
            };
            providers.push((table.name, provider));
        }
        let state = self
            .session(providers, main, joins.clone())
            .map_err(problem)?;
        let names = schemas.into_iter().map(|(name, _)| name).collect();
        let plan = self.plan(&state, text, names).await.map_err(wrong)?;
        let plan = joins.ordered(plan).map_err(problem)?;
        let physical = state.create_physical_plan(&plan).await.map_err(problem)?;
        let rows = execute_stream(physical, state.task_ctx()).map_err(problem)?;
        Ok(rows.map(|batch| batch.map_err(problem)).boxed())
    }

    async fn plan_over(
        &self,
        text: &str,
        tables: &[(String, SchemaRef)],
    ) -> Result<(SessionState, LogicalPlan), PlanError> {
        let empty = |schema: &SchemaRef| Arc::new(EmptyTable::new(Arc::clone(schema))) as _;
        let providers = tables
            .iter()
            .map(|(name, schema)| (name.clone(), empty(schema)))
            .collect();
        let names: Vec<String> = tables.iter().map(|(name, _)| name.clone()).collect();
        let state = self
            .session(providers, None, Joins::Held)
            .map_err(|error| of_planning(&error, text, &self.names(Vec::new(), names.clone())))?;
        let plan = self.plan(&state, text, names).await?;
        Ok((state, plan))
    }

    /// A session in which these tables, and nothing else, can be read.
    fn session(
        &self,
        tables: Vec<(String, Arc<dyn TableProvider>)>,
        main: Option<SchemaRef>,
        joins: Joins,
    ) -> Result<SessionState, DataFusionError> {
        let schema = Arc::new(MemorySchemaProvider::new());
        for (name, table) in tables {
            schema.register_table(name, table)?;
        }
        let options = &self.state.config_options().catalog;
        let catalog = Arc::new(MemoryCatalogProvider::new());
        catalog.register_schema(&options.default_schema, schema)?;
        let catalogs = MemoryCatalogProviderList::new();
        catalogs.register_catalog(options.default_catalog.clone(), catalog);
        let mut builder = SessionStateBuilder::new_from_existing(self.state.as_ref().clone())
            .with_catalog_list(Arc::new(catalogs));
        if let Some(main) = main {
            let mut rules = MainStreams { main }.among(self.state.physical_optimizers());
            // The tables are in a catalog already; another one would take its place.
            let config = self.state.config().clone();
            let config = joins.options(config.with_create_default_catalog_and_schema(false));
            joins.among(&mut rules);
            builder = builder
                .with_config(config)
                .with_physical_optimizer_rules(rules);
        }
        Ok(joins.within(builder)?.build())
    }

    async fn plan(
        &self,
        state: &SessionState,
        text: &str,
        tables: Vec<String>,
    ) -> Result<LogicalPlan, PlanError> {
        size::check(text)?;
        let names = self.names(Vec::new(), tables);
        let wrong = |error: DataFusionError| of_planning(&error, text, &names);
        let dialect = state.config_options().sql_parser.dialect;
        let parsed = state.sql_to_statement(text, &dialect).map_err(wrong)?;
        if !matches!(&parsed, Parsed::Statement(statement) if matches!(statement.as_ref(), Statement::Query(_)))
        {
            return Err(PlanError::new("only a SELECT is allowed here"));
        }
        let plan = state.statement_to_plan(parsed).await.map_err(wrong)?;
        pure::query(&plan, text).map_err(wrong)?;
        interval::make_plan_exact(plan, text).map_err(wrong)
    }
}

/// How often each table is read by a plan.
fn scans(plan: &LogicalPlan) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    // The visitor itself never fails.
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            *times.entry(scan.table_name.table().to_owned()).or_default() += 1;
        }
        Ok(TreeNodeRecursion::Continue)
    });
    times
}

fn unplannable(error: PlanError, text: &str) -> Problem {
    let place = match (&error.words, error.at) {
        (Some(words), Some((line, column))) => format!("{words} at line {line}, column {column}"),
        _ => text.lines().next().unwrap_or_default().to_owned(),
    };
    let problem = Problem::new(PlanError::CODE, error.message).detail(place);
    match error.suggestion {
        Some(suggestion) => problem.hint(suggestion),
        None => problem,
    }
}
