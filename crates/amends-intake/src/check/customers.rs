//! Customers: the conditions on the events that make them new, lost or recommending, and the stated reason.

use amends_expressions::Planner;
use amends_model::event::property_type;
use amends_project::Diagnostic;
use amends_project::definition::{Customers, Lost, On, Project, Sql};
use arrow::datatypes::DataType;

use super::{Kinds, condition};
use crate::map::in_words;
use crate::mistake;

/// Checks customers.toml against the kinds that the sources give.
pub(super) fn check(
    project: &Project,
    customers: &Customers,
    kinds: &Kinds,
    planner: &Planner,
    found: &mut Vec<Diagnostic>,
) {
    let lost = match &customers.lost {
        Lost::Contract { on } => on,
        Lost::Silence { activity, .. } => activity,
    };
    let all = [
        &customers.new,
        lost,
        &customers.would_recommend,
        &customers.did_recommend,
    ];
    for on in all.into_iter().flatten() {
        condition(on, kinds, planner, found);
    }
    if let (Some(reason), Lost::Contract { on }) = (&customers.reason, &customers.lost) {
        told(project, reason, "the reason", on, kinds, planner, found);
    }
    for (name, segment) in &customers.segments {
        let what = format!("the segment {name}");
        told(
            project,
            &segment.value,
            &what,
            &customers.new,
            kinds,
            planner,
            found,
        );
    }
}

/// Whether events of every kind tell what is read from them, as something that can be written as text.
pub(super) fn told(
    project: &Project,
    sql: &Sql,
    what: &str,
    on: &[On],
    kinds: &Kinds,
    planner: &Planner,
    found: &mut Vec<Diagnostic>,
) {
    let there = on.iter().filter_map(|on| Some((on, kinds.get(&on.kind)?)));
    for (on, schema) in there {
        match planner.expression(&sql.text, schema) {
            Err(error) => {
                let mistake = mistake::unplannable(sql, error);
                found.push(untold(project, &on.kind, what, mistake));
            }
            Ok(planned) if fits(planned.data_type()) => {}
            Ok(planned) => found.push(mistake::in_sql(
                sql,
                "AM0515",
                format!(
                    "{what} must be text, and this is {}",
                    in_words(planned.data_type())
                ),
                None,
            )),
        }
    }
}

/// What events of one kind cannot tell: which kind, who gives it, and what to do.
fn untold(project: &Project, kind: &str, what: &str, mistake: Diagnostic) -> Diagnostic {
    let given = project.given_by(kind);
    let suggestion = format!(
        "give these events a property that {} reads, below [source.{}.event.properties], `null` where the source does not say",
        what,
        given.first().map_or("NAME", |(source, _)| source)
    );
    let suggestion = match mistake.suggestion {
        Some(first) => format!("{suggestion}; or {first}"),
        None => suggestion,
    };
    Diagnostic {
        message: format!(
            "events of kind {kind} ({}) do not tell {what}: {}",
            amends_project::definition::listed(&given),
            mistake.message
        ),
        suggestion: Some(suggestion),
        ..mistake
    }
}

fn fits(of: &DataType) -> bool {
    property_type(of).is_some_and(|of| !matches!(of, DataType::List(_)))
}
