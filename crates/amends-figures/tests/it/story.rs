//! One customer's story.

use amends_figures::story;
use amends_figures::story::What;
use amends_project::definition::Counted;
use amends_testkit::insta;

use crate::company::{HALF_A_YEAR, contractual, customer, project, session, zone};

#[tokio::test]
async fn a_story_is_told_in_order_whatever_the_identifier() {
    let session = session(
        project(Some(contractual()), Counted::Customers),
        HALF_A_YEAR,
        "2026-06-30",
    )
    .await;
    let told = story(&session, customer(102)).await.unwrap();
    assert_eq!(told, story(&session, customer(2)).await.unwrap());
    assert_eq!(
        (told.customer, told.let_downs, told.is_customer),
        (customer(2), 2, Some(false))
    );
    let lines: Vec<String> = told
        .moments
        .iter()
        .map(|moment| {
            let at = moment
                .at
                .unwrap()
                .to_zoned(zone())
                .strftime("%F %R")
                .to_string();
            let what = match &moment.what {
                What::Changed { kind, .. } => format!("{kind} changed"),
                What::Event { kind, about, .. } => {
                    format!("{kind} {}", about.as_deref().unwrap_or("-"))
                }
                What::Joined { returned } => format!("joined, returned: {returned}"),
                What::Lost { why } => format!("lost: {why}"),
                What::LetDown {
                    promise,
                    about,
                    state,
                    serious,
                    ..
                } => {
                    format!("let down: {promise} {about} {state} {serious}")
                }
                What::Beaten { promise, about } => format!("beaten: {promise} {about}"),
            };
            format!("{at} {what}")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    2026-01-06 00:00 started s2
    2026-01-06 00:00 joined, returned: false
    2026-03-02 00:00 shipped p1
    2026-03-03 00:00 shipped p2
    2026-03-05 00:00 let down: parcel p1 late 1
    2026-03-06 00:00 let down: parcel p2 late 1
    2026-03-10 00:00 arrived p1
    2026-03-10 00:00 arrived p2
    2026-03-11 00:00 survey q2
    2026-03-13 00:00 ended s2
    2026-03-13 00:00 lost: "Late Parcels" (avoidable, over the service)
    "#);
    let kind = story(&session, customer(3)).await.unwrap();
    assert!(
        kind.moments
            .iter()
            .any(|moment| matches!(moment.what, What::Beaten { .. }))
    );
    let json = serde_json::to_value(&kind).unwrap();
    assert_eq!(json["moments"][0]["what"], "event");
    assert_eq!(
        story(&session, customer(250)).await.unwrap_err().code(),
        "AM0808"
    );
}
