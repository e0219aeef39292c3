//! A bad export is refused a figure.

use amends_figures::card::card;
use amends_figures::people;
use amends_project::definition::Counted;
use serde_json::{Value, json};

use crate::company::{Event, HALF_A_YEAR, contractual, period, project, session};

async fn as_json(events: &[Event<'_>], month: &str, as_of: &str) -> Value {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        events,
        as_of,
    )
    .await;
    serde_json::to_value(card(&session, period(month)).await.unwrap()).unwrap()
}

#[tokio::test]
async fn an_export_of_active_customers_does_not_say_that_nobody_left() {
    let active: Vec<Event<'_>> = HALF_A_YEAR
        .iter()
        .filter(|event| event.0 != "ended")
        .copied()
        .collect();
    let card = as_json(&active, "2026-03", "2026-06-30").await;
    for refused in [
        "lost",
        "lost_natural",
        "lost_avoidable",
        "lost_company",
        "lost_unknown",
        "joined_and_left",
        "closing",
        "net",
    ] {
        assert_eq!(card[refused], Value::Null, "{refused}");
    }
    assert_eq!(
        (card["opening"].as_u64(), card["new"].as_u64()),
        (Some(5), Some(2))
    );
    let refused = card["refused"].as_str().unwrap();
    assert!(
        refused.contains("this export holds only active customers"),
        "{refused}"
    );
    assert_eq!(card["figures"]["lost"]["refused"], card["refused"]);
    assert_eq!(card["figures"]["churn.year"]["refused"], card["refused"]);
    assert_eq!(card["marbles"]["lost"], Value::Null);
    assert_eq!(
        card["sentences"][1],
        "An export of ours holds only active guests, so nobody can say yet who left us, or why."
    );
    let session = session(
        project(Some(contractual()), Counted::Customers),
        &active,
        "2026-06-30",
    )
    .await;
    assert_eq!(
        people(&session, "lost", period("2026-03"))
            .await
            .unwrap_err()
            .code(),
        "AM0807"
    );
    assert_eq!(
        people(&session, "opening", period("2026-03"))
            .await
            .unwrap()
            .len(),
        5
    );
}

#[tokio::test]
async fn leavings_after_as_of_do_not_exist_yet() {
    // Nobody had left by then, as later ends show: the export is fine.
    let card = as_json(HALF_A_YEAR, "2026-03", "2026-03-11").await;
    assert_eq!(card["lost"], 0);
    let card = as_json(HALF_A_YEAR, "2026-03", "2026-03-13").await;
    assert_eq!(
        (card["lost"].as_u64(), card["so_far"].as_bool()),
        (Some(1), Some(true))
    );
    assert_eq!(
        card["figures"]["churn.period"]["refused"],
        "the period is not over yet"
    );
}

#[tokio::test]
async fn periods_outside_of_the_data_are_refused() {
    let card = as_json(HALF_A_YEAR, "2026-07", "2026-06-30").await;
    assert_eq!(card["opening"], Value::Null);
    assert_eq!(
        card["refused"],
        "the period begins after 2026-06-30, and nothing is known beyond"
    );
    let card = as_json(HALF_A_YEAR, "2025-12", "2026-06-30").await;
    assert_eq!(card["closing"], Value::Null);
    assert_eq!(
        card["refused"],
        "the period ends before 2026-01-06, when the first customer is heard of"
    );
    let card = as_json(
        &[("survey", "2026-03-10", 1, "q1", "10")],
        "2026-03",
        "2026-06-30",
    )
    .await;
    assert_eq!(
        card["refused"],
        "nothing that makes somebody a customer has been imported yet: no event of kind started"
    );
    assert_eq!(card["said_they_would_recommend"], 1);
    assert_eq!(card["did_recommend"], Value::Null);
    assert_eq!(
        card["figures"]["recommend.did"]["refused"],
        "no event of kind referral has been imported"
    );
}

#[tokio::test]
async fn a_project_that_does_not_say_who_is_a_customer_still_has_promises() {
    let session = session(project(None, Counted::Customers), HALF_A_YEAR, "2026-06-30").await;
    let card = serde_json::to_value(card(&session, period("2026-03")).await.unwrap()).unwrap();
    assert_eq!(
        card["refused"],
        "customers.toml does not say yet what makes somebody a customer"
    );
    assert_eq!(card["promises"][0]["total"], json!(3));
}

#[tokio::test]
async fn a_mistake_in_a_condition_is_told() {
    let mut customers = contractual();
    customers.new[0].condition = Some(crate::company::sql("plan = 'yearly'"));
    let session = session(
        project(Some(customers), Counted::Customers),
        HALF_A_YEAR,
        "2026-06-30",
    )
    .await;
    let problem = card(&session, period("2026-03")).await.unwrap_err();
    assert_eq!(problem.code(), "AM0803");
    assert!(problem.to_string().contains("plan"), "{problem}");
}
