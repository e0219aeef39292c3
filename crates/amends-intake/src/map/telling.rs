//! How a source tells of records that it told of before: what it corrects, whether it dates what changes, and how each property is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use amends_expressions::Expression;
use amends_ledger::Telling;
use amends_model::event::column;
use amends_project::definition::{EventMapping, Source};
use arrow::datatypes::DataType;

use super::plan::EventPlan;
use super::{Mapping, key};

/// What a source's definition says of it, and its columns.
pub(crate) fn telling(source: &Source, mapping: &Mapping) -> Telling {
    let version = mapping.version.as_ref().map(Expression::data_type);
    let corrections = source.events.iter().filter_map(|event| {
        let names = corrected(event);
        (!names.is_empty()).then(|| (event.kind.clone(), names))
    });
    let planned = |event: &EventMapping| mapping.events.iter().find(|plan| plan.kind == event.kind);
    let readings = source.events.iter().filter_map(|event| {
        let readings = readings(source, event, planned(event)?);
        Some((event.kind.clone(), readings))
    });
    Telling {
        corrections: corrections.collect(),
        readings: readings.collect(),
        dated: matches!(version, Some(DataType::Timestamp(..))),
        whole: source.snapshot,
    }
}

/// An amount is corrected with its currency.
fn corrected(event: &EventMapping) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = event.corrections.iter().cloned().collect();
    if names.contains(column::AMOUNT) {
        names.insert(column::CURRENCY.to_owned());
    }
    names
}

/// How each property is read: a hash of its expression and of what that rests on. Where only another property was added to a definition, what is
/// read as before may have changed; what is read in another way was corrected.
fn readings(source: &Source, event: &EventMapping, plan: &EventPlan) -> BTreeMap<String, String> {
    let mut readings = BTreeMap::new();
    for (name, sql) in &event.properties {
        let planned = plan.properties.iter().find(|(planned, ..)| planned == name);
        let planned = planned.and_then(|(_, _, expression)| expression.as_ref());
        readings.insert(name.clone(), reading(source, &[&sql.text], &[planned]));
    }
    if let Some(amount) = &event.amount {
        let currency = event.currency.as_ref().map(|sql| sql.text.as_str());
        let texts = [&amount.text, currency.unwrap_or(&plan.usual_currency)];
        let money = reading(
            source,
            &texts,
            &[plan.amount.as_ref(), plan.currency.as_ref()],
        );
        readings.insert(column::AMOUNT.to_owned(), money.clone());
        readings.insert(column::CURRENCY.to_owned(), money);
    }
    readings
}

fn reading(source: &Source, texts: &[&str], expressions: &[Option<&Expression>]) -> String {
    let mut said = format!("{texts:?} {}", source.zone.iana_name().unwrap_or_default());
    let sql = source.sql.as_ref().map(|sql| &sql.text);
    let columns = expressions.iter().flatten().flat_map(|one| one.columns());
    // Writing into a text cannot fail.
    let _ = write!(said, "{sql:?}");
    for name in columns.collect::<BTreeSet<_>>() {
        let rules = source
            .files
            .values()
            .filter_map(|file| file.columns.get(name));
        for rule in rules {
            let _ = write!(said, "{name:?} {:?} {:?}", rule.kind, rule.format);
        }
    }
    format!("{:016x}", key::event(said.as_bytes()))
}
