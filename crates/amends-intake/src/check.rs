//! Whether definitions fit the files: every expression is planned over the columns that it will really meet.

mod absent;
mod customers;
mod exposed;
mod promises;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_expressions::Planner;
use amends_model::event::{self, is_reserved};
use amends_project::definition::{On, Project, Source};
use amends_project::{Diagnostic, Examined, InDoubt};
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use jiff::Timestamp;

use crate::complete;
use crate::map::disagreement;
use crate::mistake;

/// The columns of the events of each kind, head columns, properties and `rest`.
pub type Kinds = BTreeMap<String, SchemaRef>;

/// Plans every expression of every source against the real columns of the real files, and those of promises and customers
/// against the columns of the kinds that the sources give. No source may say that it has reported further than `now`.
///
/// `examined` is what reading the project has found: nothing is held against what rests on a definition that could not be read whole.
pub async fn check(
    project: &Project,
    examined: &Examined,
    planner: &Planner,
    now: Timestamp,
) -> Vec<Diagnostic> {
    let (kinds, mut found) = planned(project, &examined.in_doubt, planner).await;
    found.extend(project.sources.values().filter_map(|source| {
        let problem = complete::not_ahead(source, now).err()?;
        let message = problem.detail_text().unwrap_or_default();
        let hint = problem.hint_text().map(str::to_owned);
        let (place, words) = match source.complete_written.clone() {
            Some(written) => written,
            None => (source.place.clone(), source.name.clone()),
        };
        Some(mistake::at(place, words, problem.code(), message, hint))
    }));
    for promise in project.promises.values() {
        promises::check(promise, &kinds, planner, &mut found);
    }
    if let Some(customers) = &project.customers {
        customers::check(project, customers, &kinds, planner, &mut found);
    }
    for on in project.voice.listens() {
        condition(on, &kinds, planner, &mut found);
    }
    if let Some(service) = &project.voice.service {
        let (on, what) = (&project.voice.complaint, "the service");
        customers::told(project, service, what, on, &kinds, planner, &mut found);
    }
    // Of a source with mistakes it is not known what reads a column and what is kept as it is.
    let with_mistakes = |it: &Diagnostic| {
        let mut earlier = examined.diagnostics.iter();
        earlier.any(|other| !other.is_warning && other.place.file == it.place.file)
    };
    found.retain(|it| it.code != "AM0519" || !with_mistakes(it));
    // A property that is not there was told where the definitions were held against each other.
    let told = |it: &Diagnostic| {
        let earlier = &examined.diagnostics;
        it.code == "AM0517"
            && earlier.iter().any(|other| {
                other.code == "AM0107"
                    && other.place.file == it.place.file
                    && other.words.trim_matches('"') == it.words
            })
    };
    found.retain(|it| !told(it));
    found.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    found.dedup();
    found
}

/// The kinds of events that the sources give, with the columns that they will have, and what is wrong with the sources.
/// A kind that one of its sources cannot give yet is not among them, because its columns are not known.
pub async fn kinds(project: &Project, planner: &Planner) -> (Kinds, Vec<Diagnostic>) {
    planned(project, &InDoubt::default(), planner).await
}

async fn planned(
    project: &Project,
    in_doubt: &InDoubt,
    planner: &Planner,
) -> (Kinds, Vec<Diagnostic>) {
    let (mut kinds, mut found) = (Kinds::new(), Vec::new());
    let of_doubt = in_doubt.events.iter();
    let mut unknown: BTreeSet<String> = of_doubt.map(|(_, kind)| kind.clone()).collect();
    for source in project.sources.values() {
        let given = if in_doubt.sources.contains(&source.name) {
            found.extend(left_out(source));
            source::Given::new()
        } else {
            let (given, mistakes) = source::check(project, source, planner).await;
            found.extend(mistakes);
            given
        };
        let asked = source.events.iter().map(|event| &event.kind);
        let is_given = |kind: &String| given.iter().any(|(given, _)| given == kind);
        unknown.extend(asked.filter(|kind| !is_given(kind)).cloned());
        unite(&mut kinds, source, &given, &mut found);
    }
    kinds.retain(|kind, _| !unknown.contains(kind));
    let told_again = project
        .sources
        .values()
        .filter(|source| source.key.is_some());
    for event in told_again.flat_map(|source| &source.events) {
        if let Some(schema) = kinds.get(&event.kind) {
            let changes = of_changes(schema);
            kinds.insert(event::changes_of(&event.kind), changes);
        }
    }
    (kinds, found)
}

/// The columns of the events that tell of changes of a kind.
fn of_changes(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    for (name, of) in event::properties_of_changes() {
        fields.retain(|field| *field.name() != name);
        fields.push(Arc::new(Field::new(name, of, true)));
    }
    Arc::new(Schema::new(fields))
}

/// Says once what of a source is not planned because the tables that it would be planned over are not known.
fn left_out(source: &Source) -> Option<Diagnostic> {
    let count = source.expressions();
    let (expressions, are) = match count {
        0 => return None,
        1 => ("expression", "is"),
        _ => ("expressions", "are"),
    };
    let message = format!(
        "{count} {expressions} of source {} {are} not planned: its files, columns or SQL hold mistakes",
        source.name
    );
    let mut left_out = mistake::at(
        source.place.clone(),
        &source.name,
        "AM0119",
        message,
        Some("correct these and check again".to_owned()),
    );
    left_out.is_warning = true;
    Some(left_out)
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
