//! What is read by SQL is what the events say: many events at random, read through the session and folded straight.

use std::collections::BTreeMap;

use amends_figures::customer_math::fold::memberships;
use amends_figures::customer_math::{Book, Boundaries, Contract, Meaning, Reasons, Rule, Sign};
use amends_project::definition::Counted;
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::test_runner::{Config, TestRunner};

use crate::company::{Event, contractual, customer, moment, period, project, session, zone};

/// Kind, day of the year, who, contract, reason.
type Told = (bool, u8, u8, u8, u8);

const REASONS: [&str; 6] = ["", "Moved", "moved ", "too dear", "paused", "UFOs"];

async fn agrees(told: Vec<Told>) {
    let texts: Vec<(String, String)> = told
        .iter()
        .map(|(_, day, _, contract, _)| {
            let date = jiff::civil::date(2026, 1, 1)
                .saturating_add(jiff::Span::new().days(i64::from(*day)));
            (
                date.to_string(),
                if *contract == 0 {
                    String::new()
                } else {
                    format!("s{contract}")
                },
            )
        })
        .collect();
    let events: Vec<Event<'_>> = told
        .iter()
        .zip(&texts)
        .map(|((starts, _, who, _, reason), (at, about))| {
            let kind = if *starts { "started" } else { "ended" };
            (
                kind,
                at.as_str(),
                *who,
                about.as_str(),
                REASONS[usize::from(*reason)],
            )
        })
        .collect();
    let mut reasons = Reasons::new(&contractual().classes);
    let signs: Vec<Sign> = events
        .iter()
        .filter(|event| event.0 == "started" || event.4 != "paused")
        .map(|(kind, at, who, about, reason)| Sign {
            customer: customer(if *who > 100 { *who - 100 } else { *who }),
            at: moment(at).as_microsecond(),
            meaning: if *kind == "started" {
                Meaning::Begins
            } else {
                Meaning::Ends
            },
            contract: if about.is_empty() {
                Contract::NONE
            } else {
                Contract::about(about)
            },
            reason: reasons.meet(if *kind == "started" { "" } else { reason }),
        })
        .collect();
    let as_of = "2026-08-31";
    let (straight, remarks) = memberships(
        Rule::Contract,
        moment(as_of).as_microsecond(),
        &signs,
        &reasons,
    )
    .unwrap();
    let session = session(
        project(Some(contractual()), Counted::Customers),
        &events,
        as_of,
    )
    .await;
    let book = Book::read(&session).await.unwrap();
    if signs.is_empty() {
        return;
    }
    assert_eq!(book.memberships, straight);
    assert_eq!(book.remarks, remarks);
    let months = Boundaries::successive(period("2026-01"), 9, &zone()).unwrap();
    let counts = book.periods(&months).unwrap();
    let mut by_customer: BTreeMap<_, u64> = BTreeMap::new();
    for membership in &straight {
        *by_customer.entry(membership.customer).or_default() += 1;
    }
    let began: u64 = counts.iter().map(|count| count.new + count.returned).sum();
    let before = straight.iter().filter(|one| one.start.is_none()).count() as u64;
    assert_eq!(began + before, by_customer.values().sum::<u64>());
}

#[test]
fn signs_read_by_sql_are_those_of_the_events() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let one = (
        any::<bool>(),
        0..240_u8,
        prop_oneof![1..6_u8, 101..106_u8],
        0..4_u8,
        0..6_u8,
    );
    let events = prop::collection::vec(one, 1..40);
    let config = Config {
        cases: 12,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    runner
        .run(&events, |told| {
            runtime.block_on(agrees(told));
            Ok(())
        })
        .unwrap();
}
