//! What came and went since an earlier position, also after everything was moved.

use amends_ledger::{Filter, Ledger, Point, Sizes, Snapshot};
use amends_model::event::column;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use crate::events::{Said, import, ledger_sized};

const SMALL: Sizes = Sizes {
    buffered_events: 40,
    buffered_bytes: 1 << 20,
    small: 10,
    full_tail: 30,
    slice: 16,
    fan: 3,
    merged_at_once: 0,
    merged_at_most: 10_000,
};

fn said(record: u64, content: i64) -> Said {
    Said {
        record,
        content,
        at: record as i64 * 1_000_000,
        about: Some(format!("order-{record} as {content}")),
        ..Said::default()
    }
}

/// The contents of what came in since, sorted.
fn entered(snapshot: &Snapshot, since: &Point) -> Vec<i64> {
    let filter = Filter {
        entered_after: Some(since.clone()),
        ..Filter::default()
    };
    let mut contents = Vec::new();
    for batch in snapshot
        .scan("parcel", &[column::CONTENT], &filter)
        .unwrap()
    {
        let batch = batch.unwrap();
        contents.extend(batch.column(0).as_primitive::<Int64Type>().values());
    }
    contents.sort_unstable();
    contents
}

/// What the events were about that count no longer, sorted.
fn withdrawn(snapshot: &Snapshot, since: &Point) -> Vec<String> {
    let withdrawn = snapshot.withdrawn_since("parcel", since).unwrap();
    let mut abouts: Vec<String> = withdrawn
        .into_iter()
        .filter_map(|gone| gone.about)
        .collect();
    abouts.sort();
    abouts
}

async fn now(ledger: &Ledger) -> (Snapshot, Point) {
    let snapshot = ledger.snapshot().await.unwrap();
    let point = snapshot.point().unwrap();
    (snapshot, point)
}

#[tokio::test]
async fn what_came_and_went_since_is_told_exactly_wherever_it_was_moved() {
    let (_folder, ledger, writer) = ledger_sized(SMALL).await;
    let first: Vec<Said> = (0..100).map(|n| said(n, 1)).collect();
    import(&writer, "parcel", &first).await;
    import(&writer, "parcel", &[said(5, 2)]).await;
    let (_, before) = now(&ledger).await;
    // Three are said otherwise, one of them for the second time, and five are new.
    let changed: Vec<Said> = [(5, 3), (6, 4), (50, 5)].map(|(n, c)| said(n, c)).to_vec();
    import(&writer, "parcel", &changed).await;
    let new: Vec<Said> = (200..205).map(|n| said(n, n as i64)).collect();
    import(&writer, "parcel", &new).await;
    let (_, after) = now(&ledger).await;
    for tidy in 0..3 {
        match tidy {
            0 => {}
            1 => _ = writer.seal(true).await.unwrap(),
            _ => _ = writer.compact().await.unwrap(),
        }
        let (snapshot, here) = now(&ledger).await;
        assert!(snapshot.continues(&before) && snapshot.continues(&after));
        assert_eq!(
            entered(&snapshot, &before),
            [3, 4, 5, 200, 201, 202, 203, 204]
        );
        assert_eq!(
            withdrawn(&snapshot, &before),
            ["order-5 as 2", "order-50 as 1", "order-6 as 1"]
        );
        assert!(entered(&snapshot, &after).is_empty());
        assert!(withdrawn(&snapshot, &after).is_empty());
        assert!(entered(&snapshot, &here).is_empty());
    }
}

#[tokio::test]
async fn another_ledger_of_the_same_length_did_not_go_on_from_this_one() {
    let mut points = Vec::new();
    for content in [1, 2] {
        let (_folder, ledger, writer) = ledger_sized(SMALL).await;
        import(&writer, "parcel", &[said(1, 7)]).await;
        points.push(now(&ledger).await.1);
        import(&writer, "parcel", &[said(2, content)]).await;
        import(&writer, "parcel", &[said(3, 7)]).await;
        points.push(now(&ledger).await.1);
        let (snapshot, _) = now(&ledger).await;
        assert!(
            points[points.len() - 2..]
                .iter()
                .all(|point| snapshot.continues(point))
        );
        if content == 2 {
            // The same until then, and not from then on.
            assert_eq!(points[0], points[2]);
            assert_eq!(points[1].position(), points[3].position());
            assert!(snapshot.continues(&points[0]) && !snapshot.continues(&points[1]));
        }
    }
}
