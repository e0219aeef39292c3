//! Whether definitions fit the files: every expression is planned over the columns that it will really meet.

mod customers;
mod promises;
mod source;

use std::collections::BTreeMap;

use amends_expressions::Planner;
use amends_model::event::is_reserved;
use amends_project::Diagnostic;
use amends_project::definition::{On, Project};
use arrow::datatypes::{Schema, SchemaRef};
use jiff::Timestamp;

use crate::complete;
use crate::map::{Mapping, disagreement};
use crate::mistake;

/// The columns of the events of each kind, head columns, properties and `rest`.
pub type Kinds = BTreeMap<String, SchemaRef>;

/// Plans every expression of every source against the real columns of the real files, and those of promises and customers
/// against the columns of the kinds that the sources give. No source may say that it has reported further than `now`.
pub async fn check(project: &Project, planner: &Planner, now: Timestamp) -> Vec<Diagnostic> {
    let (kinds, mut found) = kinds(project, planner).await;
    found.extend(project.sources.values().filter_map(|source| {
        let problem = complete::not_ahead(source, now).err()?;
        let message = problem.detail_text().unwrap_or_default();
        let hint = problem.hint_text().map(str::to_owned);
        let place = source.place.clone();
        Some(mistake::at(
            place,
            &source.name,
            problem.code(),
            message,
            hint,
        ))
    }));
    for promise in project.promises.values() {
        promises::check(promise, &kinds, planner, &mut found);
    }
    if let Some(customers) = &project.customers {
        customers::check(project, customers, &kinds, planner, &mut found);
    }
    found.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    found.dedup();
    found
}

/// The kinds of events that the sources give, with the columns that they will have, and what is wrong with the sources.
/// A source that cannot be planned gives nothing.
pub async fn kinds(project: &Project, planner: &Planner) -> (Kinds, Vec<Diagnostic>) {
    let (mut kinds, mut found) = (Kinds::new(), Vec::new());
    for source in project.sources.values() {
        let (mapping, mistakes) = source::check(project, source, planner).await;
        found.extend(mistakes);
        if let Some(mapping) = mapping {
            unite(&mut kinds, &mapping, project, &mut found);
        }
    }
    (kinds, found)
}

/// Adds what a source gives to what others give.
fn unite(kinds: &mut Kinds, mapping: &Mapping, project: &Project, found: &mut Vec<Diagnostic>) {
    for event in &mapping.events {
        let Some(known) = kinds.get_mut(&event.kind) else {
            kinds.insert(event.kind.clone(), event.schema.clone());
            continue;
        };
        let (mut fields, rest): (Vec<_>, Vec<_>) = known
            .fields()
            .iter()
            .cloned()
            .partition(|field| field.name() != amends_model::event::column::REST);
        for field in event.schema.fields() {
            match known.field_with_name(field.name()) {
                Err(_) => fields.push(field.clone()),
                Ok(there) if there.data_type() == field.data_type() => {}
                Ok(there) => {
                    let written = project.sources.get(&mapping.source);
                    let written = written.and_then(|source| {
                        source
                            .events
                            .iter()
                            .find(|written| written.kind == event.kind)
                    });
                    if let Some(written) = written {
                        found.push(disagreement(
                            written,
                            field.name(),
                            field.data_type(),
                            there.data_type(),
                        ));
                    }
                }
            }
        }
        fields.extend(rest);
        *known = std::sync::Arc::new(Schema::new(fields));
    }
}

/// Plans the condition on an event; kinds that no source gives are the project's own mistakes or not measurable yet.
fn condition(on: &On, kinds: &Kinds, planner: &Planner, found: &mut Vec<Diagnostic>) {
    let (Some(sql), Some(schema)) = (&on.condition, kinds.get(&on.kind)) else {
        return;
    };
    if let Err(error) = planner.condition(&sql.text, schema) {
        found.push(mistake::unplannable(sql, error));
    }
}

/// The names of a kind's properties.
fn properties(schema: &SchemaRef) -> Vec<String> {
    let fields = schema.fields().iter();
    let names = fields.map(|field| field.name().clone());
    names.filter(|name| !is_reserved(name)).collect()
}
