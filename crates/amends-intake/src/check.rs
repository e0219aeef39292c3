//! Whether definitions fit the files: every expression is planned over the columns that it will really meet.

mod customers;
mod promises;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use amends_expressions::Planner;
use amends_model::event::is_reserved;
use amends_project::definition::{On, Project, Source};
use amends_project::{Diagnostic, Place};
use arrow::datatypes::{Schema, SchemaRef};
use jiff::Timestamp;

use crate::complete;
use crate::map::disagreement;
use crate::mistake;

/// The columns of the events of each kind, head columns, properties and `rest`.
pub type Kinds = BTreeMap<String, SchemaRef>;

/// Plans every expression of every source against the real columns of the real files, and those of promises and customers
/// against the columns of the kinds that the sources give. No source may say that it has reported further than `now`.
///
/// `earlier` is what reading the project has found: what stands in a file with a mistake is not planned, nor what rests on it.
pub async fn check(
    project: &Project,
    earlier: &[Diagnostic],
    planner: &Planner,
    now: Timestamp,
) -> Vec<Diagnostic> {
    let is_whole = |place: &Place| {
        let mut mistakes = earlier.iter().filter(|found| !found.is_warning);
        !mistakes.any(|found| found.place.file == place.file)
    };
    let (kinds, mut found) = planned(project, &is_whole, planner).await;
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
    let promises = project.promises.values();
    for promise in promises.filter(|promise| is_whole(&promise.place)) {
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
/// A kind that one of its sources cannot give yet is not among them, because its columns are not known.
pub async fn kinds(project: &Project, planner: &Planner) -> (Kinds, Vec<Diagnostic>) {
    planned(project, &|_| true, planner).await
}

async fn planned(
    project: &Project,
    is_whole: &dyn Fn(&Place) -> bool,
    planner: &Planner,
) -> (Kinds, Vec<Diagnostic>) {
    let (mut kinds, mut found) = (Kinds::new(), Vec::new());
    let mut unknown = BTreeSet::new();
    for source in project.sources.values() {
        let (given, mistakes) = if is_whole(&source.place) {
            source::check(project, source, planner).await
        } else {
            Default::default()
        };
        found.extend(mistakes);
        let asked = source.events.iter().map(|event| &event.kind);
        let is_given = |kind: &String| given.iter().any(|(given, _)| given == kind);
        unknown.extend(asked.filter(|kind| !is_given(kind)).cloned());
        unite(&mut kinds, source, &given, &mut found);
    }
    kinds.retain(|kind, _| !unknown.contains(kind));
    (kinds, found)
}

/// Adds what a source gives to what others give.
fn unite(
    kinds: &mut Kinds,
    source: &Source,
    given: &[(String, SchemaRef)],
    found: &mut Vec<Diagnostic>,
) {
    for (kind, schema) in given {
        let Some(known) = kinds.get_mut(kind) else {
            kinds.insert(kind.clone(), schema.clone());
            continue;
        };
        let (mut fields, rest): (Vec<_>, Vec<_>) = known
            .fields()
            .iter()
            .cloned()
            .partition(|field| field.name() != amends_model::event::column::REST);
        for field in schema.fields() {
            match known.field_with_name(field.name()) {
                Err(_) => fields.push(field.clone()),
                Ok(there) if there.data_type() == field.data_type() => {}
                Ok(there) => {
                    if let Some(written) = source.events.iter().find(|event| event.kind == *kind) {
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
