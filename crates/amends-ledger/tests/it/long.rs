//! Events with much text: fewer are held at once, and nothing else about them differs.

use amends_ledger::Sizes;

use crate::events::{Said, current, import, ledger_sized};

/// Events over a hundred days, each with so much text.
fn long(count: u64, first: u64, bytes: usize) -> Vec<Said> {
    let numbers = first..first + count;
    numbers
        .map(|n| Said {
            record: n,
            content: n as i64,
            at: ((n * 7_919) % 100) as i64 * 86_400_000_000,
            whom: (n % 200) as u8,
            about: Some(format!("{n} {}", "-".repeat(bytes))),
            line: (n - first) as i64,
            ..Said::default()
        })
        .collect()
}

fn sizes() -> Sizes {
    Sizes {
        small: 0,
        fan: 4,
        // A commit merges nothing.
        merged_at_once: 0,
        ..Sizes::default()
    }
}

#[tokio::test]
async fn long_events_are_merged_some_days_at_once() {
    let (_folder, ledger, writer) = ledger_sized(sizes()).await;
    for part in 0..4 {
        import(&writer, "parcel", &long(3_000, part * 3_000, 3 << 10)).await;
    }
    let changed: Vec<Said> = long(12_000, 0, 3 << 10)
        .into_iter()
        .step_by(1_500)
        .collect();
    let changed = changed.into_iter().map(|said| Said {
        content: -said.content - 1,
        ..said
    });
    import(&writer, "parcel", &changed.collect::<Vec<_>>()).await;
    let before = ledger.snapshot().await.unwrap();
    assert_eq!(writer.compact().await.unwrap(), 4);
    let after = ledger.snapshot().await.unwrap();
    assert_eq!(current(&after, "parcel"), current(&before, "parcel"));
    let merged = after.segments("parcel").iter().max_by_key(|one| one.rows);
    assert_eq!(merged.unwrap().rows, 12_000);
    assert!(ledger.verify().await.unwrap().is_empty());
}

#[tokio::test]
async fn segments_that_few_events_fill_stay_as_they_are() {
    let (_folder, ledger, writer) = ledger_sized(sizes()).await;
    for part in 0..4 {
        import(&writer, "parcel", &long(60, part * 60, 100 << 10)).await;
        import(&writer, "parcel", &long(9, 1_000 + part * 9, 100 << 10)).await;
    }
    let before = ledger.snapshot().await.unwrap();
    let larger = |snapshot: &amends_ledger::Snapshot| {
        let segments = snapshot.segments("parcel").iter();
        let mut events: Vec<u64> = segments.map(|segment| segment.rows).collect();
        events.sort_unstable();
        events
    };
    assert_eq!(larger(&before), [9, 9, 9, 9, 60, 60, 60, 60]);
    // Only those that are small enough to be held together become one.
    assert_eq!(writer.compact().await.unwrap(), 4);
    let after = ledger.snapshot().await.unwrap();
    assert_eq!(larger(&after), [36, 60, 60, 60, 60]);
    assert_eq!(current(&after, "parcel"), current(&before, "parcel"));
    assert!(ledger.verify().await.unwrap().is_empty());
}
