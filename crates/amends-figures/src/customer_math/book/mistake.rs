//! A query over the events of customers.toml that cannot be planned, told in the words of the definition that is at fault.

use amends_model::{Problem, Result};
use amends_project::definition::{Customers, Lost, On, Sql, listed};
use amends_query::Session;

use crate::sql::{Template, condition, quoted};

const ONE: Template = Template(include_str!("one.sql"));

/// What is wrong with a definition, where that is why a query failed; else the problem itself.
pub(super) async fn told(session: &Session, definition: &Customers, problem: Problem) -> Problem {
    if problem.code() != "AM0803" {
        return problem;
    }
    match at_fault(session, definition).await {
        Err(told) => told,
        Ok(()) => problem,
    }
}

async fn at_fault(session: &Session, definition: &Customers) -> Result<()> {
    let (lost, reason) = match &definition.lost {
        Lost::Contract { on } => (on, definition.reason.as_ref()),
        Lost::Silence { activity, .. } => (activity, None),
    };
    for on in definition.new.iter().chain(lost) {
        if let Some(sql) = &on.condition {
            let said = said(session, on, "null", &condition(on)).await;
            said.map_err(|said| of_condition(session, on, sql, &said))?;
        }
    }
    for on in lost {
        if let Some(reason) = reason {
            let said = said(session, on, &reason.text, "true").await;
            said.map_err(|said| of_reason(session, on, reason, &said))?;
        }
    }
    Ok(())
}

/// What the planner says against one expression over the events of one kind.
async fn said(session: &Session, on: &On, value: &str, condition: &str) -> Result<(), String> {
    if !session.kinds().contains_key(&on.kind) {
        return Ok(());
    }
    let text = ONE.fill(&[
        ("value", value),
        ("kind", &quoted(&on.kind)),
        ("condition", condition),
    ]);
    let checked = session.check(&text).await;
    checked.map_err(|problem| {
        let said = problem.detail_text().unwrap_or_default();
        let said = said.split("; it was: ").next().unwrap_or_default();
        let said = said.split(". Valid fields").next().unwrap_or_default();
        said.trim_start_matches("Schema error: ").to_owned()
    })
}

fn of_reason(session: &Session, on: &On, reason: &Sql, said: &str) -> Problem {
    let kind = &on.kind;
    Problem::new(
        "AM0810",
        format!("events of kind {kind} do not tell the reason that customers.toml asks for"),
    )
    .detail(whence(session, on, reason, said))
    .hint(format!(
        "give {kind} a property that the reason reads, `null` where the source does not say, and import again; `amends check` shows all mistakes"
    ))
}

fn of_condition(session: &Session, on: &On, condition: &Sql, said: &str) -> Problem {
    Problem::new(
        "AM0803",
        format!(
            "the condition on events of kind {} cannot be answered",
            on.kind
        ),
    )
    .detail(whence(session, on, condition, said))
    .hint("`amends check` shows all mistakes")
}

fn whence(session: &Session, on: &On, sql: &Sql, said: &str) -> String {
    let given = session.project().given_by(&on.kind);
    let (file, line) = (sql.place.file.display(), sql.place.line);
    format!(
        "{}\n{file}:{line}: {said}\n{} comes from {}",
        sql.text.trim(),
        on.kind,
        listed(&given)
    )
}
