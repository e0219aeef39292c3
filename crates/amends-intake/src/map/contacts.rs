//! Columns by which somebody can be reached: what they hold stays out of the ledger.

use std::collections::BTreeSet;

use amends_expressions::Planner;
use amends_project::definition::{Normalise, Project, Source};
use arrow::datatypes::SchemaRef;

/// The columns that identifiers read which are mail addresses or telephone numbers.
pub(crate) fn contacts(
    project: &Project,
    source: &Source,
    planner: &Planner,
    records: &SchemaRef,
) -> BTreeSet<String> {
    let named = source.events.iter().flat_map(|event| &event.identifiers);
    let is_contact = |name: &String| {
        let rule = project.identifiers.get(name);
        rule.is_some_and(|rule| matches!(rule.normalise, Normalise::Email | Normalise::Phone))
    };
    let contacts = named.filter(|(name, _)| is_contact(name));
    contacts
        .filter_map(|(_, sql)| planner.expression(&sql.text, records).ok())
        .flat_map(|expression| expression.columns().clone())
        .collect()
}
