//! A project opened through the crates, for what the program does not answer in one go.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_identity::{People, Rule};
use amends_ledger::Ledger;
use amends_model::IdentifierId;
use amends_project::Project;
use amends_project::definition::Counted;
use amends_promises::Store;
use amends_query::{Opening, Session};
use amends_vault::Vault;
use arrow::util::display::array_value_to_string;

/// Everything that questions are asked of.
pub(crate) struct Opened {
    pub people: Arc<People>,
    pub vault: Vault,
    pub session: Session,
}

impl Opened {
    /// Opens a project that was imported.
    pub(crate) async fn at(root: &Path) -> Self {
        let (project, diagnostics) = amends_project::load(root, &variable);
        let project: Arc<Project> = Arc::new(project.unwrap_or_else(|| panic!("{diagnostics:?}")));
        let ledger = Ledger::open(&project.data.join("ledger")).await.unwrap();
        let vault = Vault::open(&project.data.join("vault")).await.unwrap();
        let snapshot = ledger.snapshot().await.unwrap();
        let minted = vault.minted().await.unwrap();
        let as_of = amends_promises::earliest_watermark(&project, &snapshot).unwrap();
        let rule = |rule: &amends_project::definition::IdentifierRule| Rule {
            at_most: rule.at_most,
            account: rule.names == Counted::Accounts,
        };
        let rules: BTreeMap<String, Rule> = project
            .identifiers
            .iter()
            .map(|(name, of)| (name.clone(), rule(of)))
            .collect();
        let people = People::resolve(&snapshot, &minted, &rules, Some(as_of)).unwrap();
        let store = Store::at(&project.data);
        let opening = Opening {
            project,
            snapshot,
            people: &people,
            planner: Planner::new(),
            as_of,
            store,
            settled: true,
        };
        let session = Session::open(opening).await.unwrap();
        Self {
            session,
            people,
            vault,
        }
    }

    /// What a query answers, as text.
    pub(crate) async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for batch in self.session.sql(query).await.unwrap() {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter();
                rows.push(
                    cells
                        .map(|cells| array_value_to_string(cells, row).unwrap())
                        .collect(),
                );
            }
        }
        rows
    }

    /// The customer of a name in one namespace.
    pub(crate) async fn customer(&self, namespace: &str, name: &str) -> Option<IdentifierId> {
        let found = self.vault.find(Some(namespace), name).await.unwrap();
        found.first().map(|minted| self.people.customer(minted.id))
    }
}

/// Paths of the examples name the folder of the real data.
#[allow(
    clippy::disallowed_methods,
    reason = "tests find the real data by a variable"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
