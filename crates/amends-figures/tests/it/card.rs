//! The report card.

use amends_figures::card::card;
use amends_model::Evidence;
use amends_project::definition::Counted;
use amends_testkit::insta;
use serde_json::{Value, json};

use crate::company::{HALF_A_YEAR, contractual, period, project, session};

async fn tea(month: &str, as_of: &str) -> Value {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        HALF_A_YEAR,
        as_of,
    )
    .await;
    serde_json::to_value(card(&session, period(month)).await.unwrap()).unwrap()
}

fn part(card: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), card[*name].clone()))
        .collect()
}

#[tokio::test]
async fn march_adds_up() {
    let card = tea("2026-03", "2026-06-30").await;
    let lines = [
        "opening",
        "new",
        "returned",
        "lost",
        "lost_natural",
        "lost_avoidable",
        "lost_company",
        "lost_unknown",
        "joined_and_left",
        "closing",
        "net",
        "refused",
        "so_far",
    ];
    // A date on the command line means its end: events of 31 March happen as April begins.
    let expected = json!({
        "opening": 5, "new": 2, "returned": 1, "lost": 4, "lost_natural": 1, "lost_avoidable": 2, "lost_company": 0,
        "lost_unknown": 1, "joined_and_left": 1, "closing": 4, "net": -1, "refused": null, "so_far": false,
    });
    assert_eq!(part(&card, &lines), expected);
    let reasons = json!([
        {"reason": "Late Parcels", "count": 2, "id": "reason.late-parcels", "let_down_before": {"parcel": 1}},
        {"reason": "moved", "count": 1, "id": "reason.moved", "let_down_before": {}},
    ]);
    assert_eq!(card["reasons"], reasons);
    assert_eq!(card["all_reasons"], reasons);
    assert_eq!(card["left_without_reason"], 1);
    assert_eq!(card["let_down_before_leaving"], json!({"parcel": 1}));
    let recommended = [
        "said_they_would_recommend",
        "did_recommend",
        "said_and_did_recommend",
    ];
    let expected =
        json!({"said_they_would_recommend": 2, "did_recommend": 1, "said_and_did_recommend": 1});
    assert_eq!(part(&card, &recommended), expected);
    let parcels = &card["promises"][0];
    let counts = [
        "exposed",
        "beaten",
        "late",
        "broken",
        "total",
        "customers",
        "refused",
    ];
    let expected = json!({"exposed": 4, "beaten": 1, "late": 2, "broken": 1, "total": 3, "customers": 2, "refused": null});
    assert_eq!(part(parcels, &counts), expected);
    assert_eq!(card["let_down"], 2);
    assert_eq!(card["promises"][1]["exposed"], Value::Null);
    assert_eq!(
        card["promises"][1]["refused"],
        "not measurable yet: no event of kind returned or refunded has been imported"
    );
    assert_eq!(
        card["marbles"],
        json!({"customers_per_marble": 1, "gained": 3, "lost": 4})
    );
}

#[tokio::test]
async fn every_number_is_a_figure() {
    let card = tea("2026-03", "2026-06-30").await;
    let figures = card["figures"].as_object().unwrap();
    for (id, figure) in figures {
        assert_eq!(figure["id"], json!(id));
        assert_eq!(figure["period"], "2026-03");
        assert_eq!(figure["definition"], "d1");
        assert!(
            figure["value"].is_null() == figure.get("refused").is_some(),
            "{figure}"
        );
        assert!((figure["evidence"] == json!(Evidence::Assumed)) == figure.get("source").is_some());
    }
    assert_eq!(figures["lost"]["value"], 4.0);
    assert_eq!(figures["lost.avoidable"]["evidence"], "stated-by-customers");
    // Of the five who were there, three were lost: one came back, and one joined only in March.
    assert_eq!(figures["churn.period"]["value"], 0.6);
    let year = &figures["churn.year"];
    assert!((year["value"].as_f64().unwrap() - (1.0 - 0.4_f64.powi(12))).abs() < 1e-12);
    assert!(year["interval"]["low"].as_f64().unwrap() < year["value"].as_f64().unwrap());
    assert_eq!(figures["churn.claimed.high"]["value"], 0.12);
    assert_eq!(figures["churn.claimed.high"]["evidence"], "assumed");
    assert!(
        figures["lost"].get("interval").is_none(),
        "a full count has no interval"
    );
}

#[tokio::test]
async fn sentences_are_read_aloud() {
    let mut read = Vec::new();
    for (month, as_of) in [
        ("2026-01", "2026-06-30"),
        ("2026-03", "2026-06-30"),
        ("2026-03", "2026-03-17"),
        ("2026-04", "2026-06-30"),
        ("2026-Q2", "2026-06-30"),
        ("2025-12", "2026-06-30"),
    ] {
        let card = tea(month, as_of).await;
        read.push(format!("{month} as of {as_of}"));
        let sentences = card["sentences"].as_array().unwrap();
        read.extend(
            sentences
                .iter()
                .map(|sentence| format!("  {}", sentence.as_str().unwrap())),
        );
    }
    insta::assert_snapshot!(read.join("\n"), @r#"
    2026-01 as of 2026-06-30
      In January 2026 we gained 4 guests and lost none, which left us with 4 guests.
      Nobody left us.
      No promise of ours came due in January 2026.
    2026-03 as of 2026-06-30
      In March 2026 we gained 3 guests, one of whom had been with us before, and lost 4, which left us with 4 guests.
      Of the 4 we lost, we could have held 2; the reason we heard most was "Late Parcels", from 2.
      We did not keep our promise "Your tea arrives within three days" to 2 guests.
    2026-03 as of 2026-03-17
      In March 2026 so far we gained 2 guests and lost 3, which leaves us with 4 guests.
      Of the 3 we lost, we could have held 2; the reason we heard most was "Late Parcels", from 2.
      We did not keep our promise "Your tea arrives within three days" to 2 guests.
    2026-04 as of 2026-06-30
      In April 2026 we gained no guests and lost one, which left us with 3 guests.
      We do not know that we could have held the one guest we lost; the reason we heard was "unpaid", from one.
      No promise of ours came due in April 2026.
    2026-Q2 as of 2026-06-30
      In the second quarter of 2026 we gained no guests and lost 2, which left us with 2 guests.
      We do not know that we could have held any of the 2 we lost; among the reasons we heard was "ufos".
      No promise of ours came due in the second quarter of 2026.
    2025-12 as of 2026-06-30
      In December 2025 nothing can be said of guests: the period ends before 2026-01-06, when the first customer is heard of.
      Nobody can say yet who left us, or why.
      No promise of ours came due in December 2025.
    "#);
}

#[tokio::test]
async fn quarters_follow_from_months_and_chain() {
    let (first, second) = (
        tea("2026-Q1", "2026-06-30").await,
        tea("2026-Q2", "2026-06-30").await,
    );
    assert_eq!(first["opening"], 0);
    assert_eq!(first["closing"], second["opening"]);
    let march = tea("2026-03", "2026-06-30").await;
    assert_eq!(first["closing"], march["closing"]);
    assert_eq!(
        first["figures"]["churn.year"]["refused"],
        "nobody was a customer when the period began, so there is no share to take"
    );
}
