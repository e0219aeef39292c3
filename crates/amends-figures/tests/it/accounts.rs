//! Where accounts are counted, people are not.

use amends_figures::card::card;
use amends_figures::people;
use amends_project::definition::Counted;

use crate::company::{Event, contractual, customer, period, project, session};

const EVENTS: &[Event<'static>] = &[
    ("started", "2026-01-05", 1, "s1", ""),
    ("started", "2026-01-06", 102, "s2", ""),
    ("started", "2026-01-07", 10, "s3", ""),
    // Belongs to no account.
    ("started", "2026-01-07", 50, "s4", ""),
    ("ended", "2026-02-10", 1, "s1", ""),
    ("ended", "2026-02-11", 10, "s3", ""),
    ("ended", "2026-03-11", 2, "s2", ""),
];

#[tokio::test]
async fn an_account_is_lost_with_the_last_contract_of_its_people() {
    let session = session(
        project(Some(contractual()), Counted::Accounts),
        EVENTS,
        "2026-06-30",
    )
    .await;
    let mut counts = Vec::new();
    for month in ["2026-01", "2026-02", "2026-03"] {
        let math = card(&session, period(month)).await.unwrap().math.counts;
        counts.push((math.opening, math.new, math.lost, math.closing));
    }
    assert_eq!(counts, [(0, 2, 0, 2), (2, 0, 1, 1), (1, 0, 1, 0)]);
    let lost = people(&session, "lost", period("2026-03")).await.unwrap();
    assert_eq!(lost[0].customer, customer(201));
    assert_eq!(
        lost[0].identifiers.len(),
        18,
        "nine people with two identifiers each"
    );
}
