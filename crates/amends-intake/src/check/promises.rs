//! Promises: conditions, deadlines and seriousness over the events that they listen to.

use std::sync::Arc;

use amends_expressions::Planner;
use amends_project::definition::{On, Promise};
use amends_project::{Diagnostic, Place};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::{Kinds, condition, properties};
use crate::decode::nearest;
use crate::map::in_words;
use crate::mistake;

/// Checks a promise against the kinds that the sources give.
pub(super) fn check(
    promise: &Promise,
    kinds: &Kinds,
    planner: &Planner,
    found: &mut Vec<Diagnostic>,
) {
    for on in promise.listens() {
        condition(on, kinds, planner, found);
    }
    for (on, property) in promise.named_times() {
        // What the opening event names is said by the promise itself.
        let place = match std::ptr::eq(on, &promise.opens) {
            true => &promise.place,
            false => &on.place,
        };
        deadline(property, on, place, kinds, found);
    }
    for (on, sql) in promise.reads() {
        if let Some(schema) = kinds.get(&on.kind)
            && let Err(error) = planner.expression(&sql.text, schema)
        {
            found.push(mistake::unplannable(sql, error));
        }
    }
    if let Some(schema) = kinds.get(&promise.opens.kind) {
        attributes(promise, schema, found);
        serious(promise, schema, planner, found);
    }
}

/// A property that names a deadline must be a day, a moment, or text that says one.
fn deadline(property: &str, on: &On, place: &Place, kinds: &Kinds, found: &mut Vec<Diagnostic>) {
    let Some(schema) = kinds.get(&on.kind) else {
        return;
    };
    let Ok(field) = schema.field_with_name(property) else {
        found.push(absent(property, &on.kind, schema, place));
        return;
    };
    match field.data_type() {
        DataType::Date32 | DataType::Timestamp(..) => {}
        DataType::Utf8 => {
            let mut warning = mistake::at(
                place.clone(),
                property,
                "AM0517",
                format!(
                    "`{property}` of {} is text: what it says is found out row by row",
                    on.kind
                ),
                Some("declare its column in the source as a date or a timestamp".to_owned()),
            );
            warning.is_warning = true;
            found.push(warning);
        }
        other => found.push(mistake::at(
            place.clone(),
            property,
            "AM0517",
            format!(
                "`{property}` of {} is {}, and a deadline is a date or a moment",
                on.kind,
                in_words(other)
            ),
            Some("declare its column in the source as a date or a timestamp".to_owned()),
        )),
    }
}

fn attributes(promise: &Promise, schema: &SchemaRef, found: &mut Vec<Diagnostic>) {
    for attribute in &promise.attributes {
        if schema.field_with_name(attribute).is_err() {
            found.push(absent(
                attribute,
                &promise.opens.kind,
                schema,
                &promise.place,
            ));
        }
    }
}

fn absent(property: &str, kind: &str, schema: &SchemaRef, place: &Place) -> Diagnostic {
    let known = properties(schema);
    let near = nearest(property, &known).map(|near| format!("write `{near}`"));
    let listed = format!("events of this kind have: {}", known.join(", "));
    mistake::at(
        place.clone(),
        property,
        "AM0517",
        format!("{kind} has no property `{property}`"),
        near.or(Some(listed)),
    )
}

/// `serious` also knows how late or early a let-down is and how it stands.
fn serious(promise: &Promise, schema: &SchemaRef, planner: &Planner, found: &mut Vec<Diagnostic>) {
    let Some(sql) = &promise.serious else {
        return;
    };
    let own = [
        Field::new("late_by", DataType::Duration(TimeUnit::Microsecond), true),
        Field::new("early_by", DataType::Duration(TimeUnit::Microsecond), true),
        Field::new("state", DataType::Utf8, false),
    ];
    let others = schema.fields().iter();
    let mut fields: Vec<_> = others
        .filter(|field| own.iter().all(|own| own.name() != field.name()))
        .cloned()
        .collect();
    fields.extend(own.into_iter().map(Arc::new));
    match planner.expression(&sql.text, &Arc::new(Schema::new(fields))) {
        Err(error) => found.push(mistake::unplannable(sql, error)),
        Ok(planned) if planned.data_type().is_integer() || planned.data_type().is_null() => {}
        Ok(planned) => found.push(mistake::in_sql(
            sql,
            "AM0515",
            format!(
                "`serious` must be a whole number, and this is {}",
                in_words(planned.data_type())
            ),
            Some("let it give 1, 2 or 3".to_owned()),
        )),
    }
}
