//! The people behind each figure are as many as it says.

use amends_figures::card::card_of;
use amends_figures::customer_math::{Book, Line};
use amends_figures::people;
use amends_figures::people::people_in;
use amends_project::definition::Counted;

use crate::company::{HALF_A_YEAR, contractual, customer, period, project, session};

#[tokio::test]
async fn a_figure_has_as_many_people_as_it_counts() {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        HALF_A_YEAR,
        "2026-06-30",
    )
    .await;
    let book = Book::read(&session).await.unwrap();
    for month in ["2026-03", "2026-Q2"] {
        let card = card_of(&session, &book, period(month)).await.unwrap();
        let mut ids: Vec<String> = Line::ALL.iter().map(|line| line.id().to_owned()).collect();
        ids.extend(card.why.stated.iter().map(|stated| stated.id.clone()));
        ids.extend(
            [
                "recommend.said",
                "recommend.did",
                "recommend.kept-word",
                "letdowns.parcel",
            ]
            .map(String::from),
        );
        let figures = card.figures();
        for id in ids {
            let figure = figures.iter().find(|figure| figure.id == id).unwrap();
            let behind = people_in(&session, &book, &id, period(month))
                .await
                .unwrap();
            assert_eq!(Some(behind.len() as f64), figure.value, "{id} in {month}");
            assert!(behind.is_sorted_by_key(|person| person.customer));
            assert!(
                behind
                    .iter()
                    .all(|person| person.identifiers.len() == 2 && !person.why.is_empty())
            );
        }
    }
}

#[tokio::test]
async fn people_say_why_they_are_counted() {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        HALF_A_YEAR,
        "2026-06-30",
    )
    .await;
    let lost = people(&session, "lost", period("2026-03")).await.unwrap();
    let why: Vec<(_, &str)> = lost
        .iter()
        .map(|person| (person.customer, person.why.as_str()))
        .collect();
    let expected = [
        (
            customer(2),
            "\"Late Parcels\" (avoidable, over the service)",
        ),
        (customer(3), "\"moved\" (natural, over their own life)"),
        (
            customer(4),
            "\"Late Parcels\" (avoidable, over the service)",
        ),
        (customer(6), "left without stating a reason"),
    ];
    assert_eq!(why, expected);
    let harmed = people(&session, "letdowns.parcel", period("2026-03"))
        .await
        .unwrap();
    assert_eq!(harmed[0].why, "let down twice, over p1 and once more");
    assert_eq!(harmed[1].why, "let down over p4");
}

#[tokio::test]
async fn figures_without_people_are_told() {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        HALF_A_YEAR,
        "2026-06-30",
    )
    .await;
    for (id, code) in [
        ("churn.year", "AM0809"),
        ("churn.year.natural", "AM0809"),
        ("churn.claimed.low", "AM0809"),
        ("letdowns.parcel.late-share", "AM0809"),
        ("churn.wizards", "AM0806"),
        ("churn.year.wizards", "AM0806"),
        ("letdowns.parcel.lost", "AM0806"),
        ("lost.by-wizards", "AM0806"),
        ("reason.wizards", "AM0806"),
        ("recommend.us", "AM0806"),
        ("letdowns.wizards", "AM0806"),
        ("letdowns.refund", "AM0807"),
    ] {
        let problem = people(&session, id, period("2026-03")).await.unwrap_err();
        assert_eq!(problem.code(), code, "{id}");
    }
    let problem = people(&session, "opening", period("2031"))
        .await
        .unwrap_err();
    assert_eq!(problem.code(), "AM0807");
}
