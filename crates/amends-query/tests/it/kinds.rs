//! Tables of events: segments and tail as one, superseded and future events left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_query::{Part, Session, Stored};
use amends_testkit::tempfile::{TempDir, tempdir};

use crate::company::{
    Event, Noted, batch, moment, names, schema, segment, session, shown, superseded,
};

const fn event(id: u128, at: &'static str, who: u8, about: &'static str) -> Event {
    Event {
        id,
        at,
        who,
        about,
        depot: None,
    }
}

/// Two segments, the older without `depot`, one event in each superseded; a tail; a folder whose name SQL and URLs find hard.
async fn company(as_of: &str) -> (Session, TempDir) {
    let folder = tempdir().unwrap();
    let odd = folder.path().join("a b%20 ü*[1]?");
    std::fs::create_dir(&odd).unwrap();
    let old = batch(
        &schema(false),
        "order_placed",
        &[
            event(1, "2026-01-01T00:00", 1, "o1"),
            event(2, "2026-01-02T00:00", 2, "o2"),
        ],
    );
    let with_depot = |mut event: Event, depot| {
        event.depot = Some(depot);
        event
    };
    let new = batch(
        &schema(true),
        "order_placed",
        &[
            with_depot(event(3, "2026-01-03T00:00", 3, "o3"), "north"),
            with_depot(event(4, "2026-01-04T00:00", 9, "o4"), "south"),
            // Superseded in the first segment, this id counts here.
            with_depot(event(2, "2026-01-09T00:00", 2, "o2"), "north"),
        ],
    );
    let tail = batch(
        &schema(true),
        "order_placed",
        &[with_depot(event(5, "2026-01-05T00:00", 1, "o5"), "north")],
    );
    let whole = batch(
        &schema(false),
        "events",
        &[event(6, "2026-01-06T00:00", 1, "o1")],
    );
    let placed = Stored {
        schema: schema(true),
        segments: vec![
            Part {
                path: segment(&odd, "1.parquet", &old),
                rows: old.num_rows() as u64,
                superseded: superseded(&[2]),
            },
            Part {
                path: segment(&odd, "2.parquet", &new),
                rows: new.num_rows() as u64,
                superseded: superseded(&[4]),
            },
        ],
        tail: Some(tail),
    };
    let awkward = Stored {
        schema: schema(false),
        segments: vec![Part {
            path: segment(&odd, "3", &whole),
            rows: whole.num_rows() as u64,
            superseded: superseded(&[]),
        }],
        tail: None,
    };
    let empty = Stored {
        schema: schema(true),
        segments: Vec::new(),
        tail: None,
    };
    let kinds = BTreeMap::from([
        ("order_placed".to_owned(), placed),
        ("events".to_owned(), awkward),
        ("Order Lost".to_owned(), empty),
    ]);
    (
        session(kinds, Arc::new(Noted::default()), as_of).await,
        folder,
    )
}

#[tokio::test]
async fn segments_and_tail_are_one_table_without_what_is_superseded() {
    let (session, _folder) = company("2026-02-01").await;
    let rows = session
        .sql("select id, identifier, about, depot from order_placed order by id")
        .await
        .unwrap();
    assert_eq!(
        shown(&rows),
        ["1,1,o1,-", "2,2,o2,north", "3,3,o3,north", "5,1,o5,north"]
    );
    let depots = "select depot, count(*) as orders from kind.order_placed where depot = 'north' group by depot";
    assert_eq!(shown(&session.sql(depots).await.unwrap()), ["north,3"]);
}

#[tokio::test]
async fn nothing_after_as_of_is_shown() {
    let (session, _folder) = company("2026-01-03T00:00").await;
    let rows = session
        .sql("select id from events order by at, id")
        .await
        .unwrap();
    assert_eq!(shown(&rows), ["1", "3"]);
}

#[tokio::test]
async fn events_of_every_kind_share_their_head_columns() {
    let (session, _folder) = company("2026-02-01").await;
    let rows = session
        .sql("select kind, count(*) from events group by kind order by kind")
        .await
        .unwrap();
    assert_eq!(shown(&rows), ["events,1", "order_placed,4"]);
    let rows = session.sql("select id from kind.events").await.unwrap();
    assert_eq!(
        shown(&rows),
        ["6"],
        "a kind does not take the name of a table"
    );
    let rows = session
        .sql("select count(*) from \"Order Lost\"")
        .await
        .unwrap();
    assert_eq!(shown(&rows), ["0"]);
    let rows = session
        .sql("select * from order_placed limit 1")
        .await
        .unwrap();
    assert_eq!(names(&rows[0].schema()), names(&schema(true)));
    assert_eq!(
        rows[0]
            .schema()
            .field_with_name("about")
            .unwrap()
            .data_type(),
        &arrow::datatypes::DataType::Utf8
    );
}

#[tokio::test]
async fn customers_are_resolved_when_read() {
    let (session, _folder) = company("2026-02-01").await;
    let text = "select customer, count(*) from order_placed join customers using (identifier) group by customer order by customer";
    assert_eq!(shown(&session.sql(text).await.unwrap()), ["1,3", "3,1"]);
}

#[tokio::test]
async fn only_reading_is_allowed_and_mistakes_are_told() {
    let (session, _folder) = company("2026-02-01").await;
    for text in [
        "drop table events",
        "copy events to '/tmp/x.csv'",
        "set a = 1",
        "select",
        "select nothing from events",
        "select 1; select 2",
    ] {
        let problem = session.sql(text).await.unwrap_err();
        assert_eq!(problem.code(), "AM0803", "{text}");
    }
    let problem = session
        .sql("select cast(about as bigint) from events")
        .await
        .unwrap_err();
    assert_eq!(problem.code(), "AM0804", "{problem}");
    assert_eq!(session.as_of(), moment("2026-02-01"));
}

#[tokio::test]
async fn views_of_text_leave_as_text() {
    let (session, _folder) = company("2026-02-01").await;
    let text = "select arrow_cast(about, 'Utf8View') as a, [arrow_cast(about, 'Utf8View')] as b from events limit 1";
    shown(&session.sql(text).await.unwrap());
    let text = "select upper(about) || '!' as a, encode(id, 'hex') as b from kind.events";
    assert_eq!(
        shown(&session.sql(text).await.unwrap()),
        ["O1!,00000000000000000000000000000006"]
    );
}
