//! What must not happen, period by period: exposed wherever it binds, a let-down where it breaks.

use amends_figures::let_downs;
use amends_model::State;
use amends_project::definition::{Counted, Never, Promise, Shape};

use crate::company::{Event, moment, on, project, promise, session};

/// Guest 1 is a member from January to March, guest 2 from February on, guest 3 from February until they are sold out in April.
const MEMBERS: &[Event<'_>] = &[
    ("enrolled", "2026-01-10T10:00", 1, "m1", ""),
    ("resigned", "2026-03-10T10:00", 1, "m1", ""),
    ("enrolled", "2026-02-10T10:00", 2, "m2", ""),
    ("enrolled", "2026-02-20T10:00", 3, "m3", ""),
    ("sold_out", "2026-04-05T10:00", 3, "m3", ""),
    ("sold_out", "2026-04-06T10:00", 1, "m1", ""),
];

fn never() -> Promise {
    Promise {
        name: "never-sold".into(),
        opens: on("enrolled", ""),
        shape: Shape::Never(Never {
            breaks: on("sold_out", ""),
            at_most: None,
            ends: Some(on("resigned", "")),
            lasts: None,
        }),
        ..promise()
    }
}

#[tokio::test]
async fn it_is_exposed_in_every_period_in_which_it_binds_and_breaks_in_one() {
    let mut project = project(None, Counted::Customers);
    project.promises = [("never-sold".to_owned(), never())].into();
    let session = session(project, MEMBERS, "2026-06-30").await;
    let months = [
        "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
    ];
    let at = |month: &str| moment(&format!("{month}-01T00:00")).as_microsecond();
    let mut told = Vec::new();
    for pair in months.windows(2) {
        let within = Some((at(pair[0]), at(pair[1])));
        let kept = let_downs::read_one(&session, "never-sold", within).await;
        let kept = kept.unwrap();
        assert_eq!(kept.late_share(), None);
        told.push([
            kept.exposed(),
            kept.count(State::Open),
            kept.count(State::Kept),
            kept.let_downs(),
            kept.customers(),
        ]);
    }
    let expected = [
        [1, 1, 0, 0, 0],
        [3, 3, 0, 0, 0],
        [3, 2, 1, 0, 0],
        [2, 1, 0, 1, 1],
        [1, 1, 0, 0, 0],
    ];
    assert_eq!(told, expected);
    let ever = let_downs::read_one(&session, "never-sold", None)
        .await
        .unwrap();
    assert_eq!((ever.exposed(), ever.let_downs()), (3, 1));
}
