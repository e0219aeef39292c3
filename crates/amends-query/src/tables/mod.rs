//! The tables of a session, one folder each.
//!
//! | table | a row is |
//! |---|---|
//! | `kind."NAME"`, also `NAME` where no table below has that name | one event of that kind: see [`kinds`] |
//! | `imported."NAME"` | the same, also what lies after the session's moment |
//! | `events` | one event of any kind, its head columns: see [`events`] |
//! | `customers` | one identifier and the customer it belongs to: see [`customers`] |
//! | `promises` | one promise of the register: see [`promises`] |
//! | `instances` | one promise made to one customer once: see [`instances`] |
//! | `let_downs` | an instance that let its customer down: see [`let_downs`] |

pub mod customers;
pub mod events;
pub mod instances;
pub mod kinds;
pub mod let_downs;
pub mod promises;

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::{MemorySchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::MemTable;

use crate::Session;

/// Registers every table.
pub(crate) async fn register(session: &Session) -> Result<()> {
    let context = session.context();
    let customers = customers::Table(session.customers().clone());
    context.register_table("customers", Arc::new(customers))?;
    in_memory(session, "promises", promises::rows(session.project())?)?;
    kinds_of_event(session).await?;
    let replayed = instances::Replayed::new(Arc::clone(session.instances()));
    context.register_table("replayed", Arc::new(replayed))?;
    let view = context.sql(instances::VIEW).await?.into_view();
    context.register_table("instances", view)?;
    let view = context.sql(let_downs::VIEW).await?.into_view();
    context.register_table("let_downs", view)?;
    Ok(())
}

fn in_memory(session: &Session, name: &str, rows: RecordBatch) -> Result<()> {
    let table = MemTable::try_new(rows.schema(), vec![vec![rows]])?;
    session.context().register_table(name, Arc::new(table))?;
    Ok(())
}

/// Names that no kind of event takes away from the tables of every session.
const OWN: &[&str] = &[
    "customers",
    "events",
    "instances",
    "let_downs",
    "promises",
    "replayed",
];

async fn kinds_of_event(session: &Session) -> Result<()> {
    let context = session.context();
    let catalog = context
        .catalog("datafusion")
        .ok_or_else(|| DataFusionError::Internal("the session has no catalog".into()))?;
    for name in ["kind", "imported"] {
        catalog.register_schema(name, Arc::new(MemorySchemaProvider::new()))?;
    }
    let schema = |name: &str| {
        let missing = || DataFusionError::Internal(format!("the session has no schema `{name}`"));
        catalog.schema(name).ok_or_else(missing)
    };
    let (of_kinds, imported, plain) = (schema("kind")?, schema("imported")?, schema("public")?);
    let mut heads = Vec::new();
    for (kind, stored) in session.kinds() {
        let all = kinds::imported(stored)?;
        imported.register_table(kind.clone(), kinds::view(all.clone()))?;
        let plan = kinds::plan(stored, all, session.as_of())?;
        let view: Arc<dyn TableProvider> = kinds::view(plan.clone());
        of_kinds.register_table(kind.clone(), Arc::clone(&view))?;
        if !OWN.contains(&kind.as_str()) {
            plain.register_table(kind.clone(), view)?;
        }
        heads.push(plan);
    }
    let events = events::plan(heads)?;
    context.register_table("events", kinds::view(events))?;
    Ok(())
}
