//! Customers lost by silence.

use amends_figures::card::card;
use amends_figures::people;
use amends_project::definition::Counted;
use serde_json::{Value, json};

use crate::company::{Event, by_silence, customer, moment, period, project, session};

const EVENTS: &[Event<'static>] = &[
    // Somebody who only looked is no customer.
    ("opened_app", "2026-01-01", 9, "", ""),
    ("started", "2026-01-10", 1, "o1", ""),
    ("opened_app", "2026-02-01", 1, "", ""),
    // Silent for thirty days, lost on 3 March, back on 20 March.
    ("opened_app", "2026-03-20", 1, "", ""),
    ("started", "2026-02-20", 2, "o2", ""),
];

async fn as_json(month: &str, as_of: &str) -> Value {
    let session = session(
        project(Some(by_silence()), Counted::Customers),
        EVENTS,
        as_of,
    )
    .await;
    let card = serde_json::to_value(card(&session, period(month)).await.unwrap()).unwrap();
    let lines = [
        "opening",
        "new",
        "returned",
        "lost",
        "lost_unknown",
        "closing",
        "refused",
    ];
    lines
        .iter()
        .map(|line| ((*line).to_owned(), card[*line].clone()))
        .collect()
}

#[tokio::test]
async fn a_loss_by_silence_is_dated_last_activity_and_the_wait() {
    let march = json!({"opening": 2, "new": 0, "returned": 1, "lost": 2, "lost_unknown": 2, "closing": 1, "refused": null});
    assert_eq!(as_json("2026-03", "2026-04-10").await, march);
    // On 10 March the second customer's silence has not lasted long enough, and the first is not back yet.
    let so_far = json!({"opening": 2, "new": 0, "returned": 0, "lost": 1, "lost_unknown": 1, "closing": 1, "refused": null});
    assert_eq!(as_json("2026-03", "2026-03-10").await, so_far);
    let february = json!({"opening": 1, "new": 1, "returned": 0, "lost": 0, "lost_unknown": 0, "closing": 2, "refused": null});
    assert_eq!(as_json("2026-02", "2026-04-10").await, february);
}

#[tokio::test]
async fn those_lost_by_silence_are_dated_and_say_so() {
    let session = session(
        project(Some(by_silence()), Counted::Customers),
        EVENTS,
        "2026-04-10",
    )
    .await;
    let lost = people(&session, "lost", period("2026-03")).await.unwrap();
    assert_eq!(lost[0].customer, customer(1));
    // A date is its end: last seen as 2 February began, thirty days later 4 March begins.
    assert_eq!(lost[0].at, Some(moment("2026-03-03")));
    assert_eq!(lost[0].why, "nothing was heard of them for too long");
}
