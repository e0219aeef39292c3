//! Instances and let-downs: replayed when asked for, and once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::company::{Noted, session, shown};

#[tokio::test]
async fn a_promise_is_replayed_when_it_is_asked_for_and_only_once() {
    let replays = Arc::new(Noted::default());
    let session = session(BTreeMap::new(), Arc::clone(&replays), "2026-02-01").await;
    let register = "select promise, owner, shape, needs from promises order by promise";
    assert_eq!(
        shown(&session.sql(register).await.unwrap()),
        [
            "delivery,logistics,deadline,-",
            "refund,logistics,not measurable,to hear from the bank"
        ],
        "what an earlier definition judges still is no second row"
    );
    assert!(replays.0.lock().unwrap().is_empty());
    let text =
        "select about, state, customer from instances where promise = 'delivery' order by about";
    let expected = ["o0,kept,1", "o1,late,1", "o2,open,3", "o3,broken,4"];
    assert_eq!(shown(&session.sql(text).await.unwrap()), expected);
    let text = "select about, serious, late_by_us, touchpoint, attributes from let_downs where promise in ('delivery') order by about";
    let expected = [
        "o1,1,18000000000,delivery,[depot=north]",
        "o3,1,86400000000,delivery,[depot=north]",
    ];
    assert_eq!(shown(&session.sql(text).await.unwrap()), expected);
    assert_eq!(*replays.0.lock().unwrap(), ["delivery"]);
}

#[tokio::test]
async fn what_a_replay_says_reaches_the_reader_unchanged() {
    let session = session(BTreeMap::new(), Arc::new(Noted::default()), "2026-02-01").await;
    let problem = session
        .sql("select count(*) from let_downs")
        .await
        .unwrap_err();
    assert_eq!(problem.code(), "AM0701", "{problem}");
}
