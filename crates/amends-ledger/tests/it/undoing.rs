//! Imports taken back: what they said first, superseded or replaced counts again.

use amends_ledger::{ImportEnd, ImportStart, Ledger, Writer};
use amends_model::time::from_micros;
use jiff::Timestamp;

use crate::events::{Said, batch, current, import, ledger, said, start};

fn one(record: u64, content: i64) -> Said {
    Said {
        record,
        content,
        line: record as i64,
        ..Said::default()
    }
}

async fn undo(writer: &Writer, imports: &[i64]) {
    writer.undo(imports, Timestamp::UNIX_EPOCH).await.unwrap();
}

async fn counts(ledger: &Ledger) -> Vec<(u64, u64, u64)> {
    let imports = ledger.imports().await.unwrap();
    let standing = imports.iter().filter(|import| import.stands());
    standing
        .map(|import| (import.stored, import.duplicate, import.events))
        .collect()
}

#[tokio::test]
async fn what_was_said_again_counts_when_the_first_to_say_it_is_undone() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, "order_placed", &[one(1, 10), one(2, 20)]).await;
    import(&writer, "order_placed", &[one(2, 20), one(3, 30)]).await;
    import(&writer, "order_placed", &[one(2, 20)]).await;
    let before = ledger.snapshot().await.unwrap();
    assert_eq!(counts(&ledger).await, [(2, 0, 2), (1, 1, 1), (0, 1, 0)]);
    undo(&writer, &[1]).await;
    let after = ledger.snapshot().await.unwrap();
    assert_eq!(said(&after, "order_placed"), [20, 30]);
    assert_eq!(counts(&ledger).await, [(2, 0, 2), (0, 1, 0)]);
    assert_eq!(said(&before, "order_placed"), [10, 20, 30]);
    assert_eq!(after.lineage(), before.lineage() + 1);
    undo(&writer, &[2]).await;
    assert_eq!(counts(&ledger).await, [(1, 0, 1)]);
    let imports = ledger.imports().await.unwrap();
    assert_eq!((imports[1].stored, imports[1].duplicate), (2, 0));
    assert_eq!(imports[0].undone_at, Some(Timestamp::UNIX_EPOCH));
}

#[tokio::test]
async fn a_kind_that_only_undone_imports_gave_is_as_if_it_had_never_been_told_of() {
    for sealed in [false, true] {
        let (_folder, ledger, writer) = ledger().await;
        import(&writer, "order_placed", &[one(1, 10)]).await;
        import(&writer, "complaint_made", &[one(2, 20)]).await;
        let there = || async {
            let snapshot = ledger.snapshot().await.unwrap();
            let kinds = snapshot.kinds().keys().cloned();
            kinds
                .filter(|kind| kind != "import_undone")
                .collect::<Vec<_>>()
        };
        assert_eq!(there().await, ["complaint_made", "order_placed"]);
        if sealed {
            writer.seal(true).await.unwrap();
        }
        undo(&writer, &[2]).await;
        assert_eq!(there().await, ["order_placed"]);
        let before = ledger.snapshot_with_replaced().await.unwrap();
        assert!(before.kinds().contains_key("complaint_made"));
        import(&writer, "complaint_made", &[one(2, 20)]).await;
        assert_eq!(there().await, ["complaint_made", "order_placed"]);
    }
}

#[tokio::test]
async fn what_was_superseded_is_current_again_and_returning_content_is_counted_anew() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, "order_placed", &[one(1, 7)]).await;
    let first = current(&ledger.snapshot().await.unwrap(), "order_placed");
    import(&writer, "order_placed", &[one(1, 8)]).await;
    import(&writer, "order_placed", &[one(1, 7)]).await;
    import(&writer, "order_placed", &[one(1, 9)]).await;
    undo(&writer, &[4]).await;
    let third = current(&ledger.snapshot().await.unwrap(), "order_placed");
    assert_eq!(third[0].1, 7);
    assert_ne!(third, first);
    undo(&writer, &[2]).await;
    assert_eq!(
        current(&ledger.snapshot().await.unwrap(), "order_placed"),
        first
    );
    assert_eq!(counts(&ledger).await, [(1, 0, 1), (0, 1, 0)]);
    undo(&writer, &[1]).await;
    assert_eq!(
        current(&ledger.snapshot().await.unwrap(), "order_placed"),
        first
    );
    assert_eq!(counts(&ledger).await, [(1, 0, 1)]);
}

#[tokio::test]
async fn an_undone_file_can_be_imported_again_and_stand_beside_what_was_withdrawn() {
    let (_folder, ledger, writer) = ledger().await;
    let many: Vec<Said> = (0..50).map(|n| one(n, n as i64)).collect();
    for number in 1..4 {
        import(&writer, "order_placed", &many).await;
        if number < 3 {
            undo(&writer, &[number]).await;
        }
        writer.seal(true).await.unwrap();
    }
    writer.compact().await.unwrap();
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(current(&snapshot, "order_placed").len(), 50);
    for segment in snapshot.segments("order_placed") {
        assert_eq!(segment.superseded.len(), segment.superseded_rows.len());
    }
    assert_eq!(
        snapshot.tail("import_undone").map_or(0, |b| b.num_rows()),
        0
    );
    assert_eq!(snapshot.kinds().len(), 2);
}

#[tokio::test]
async fn a_watermark_is_that_of_the_imports_that_remain() {
    let (_folder, ledger, writer) = ledger().await;
    for (number, reported) in [(1, 300), (2, 900), (3, 600)] {
        let import = writer.begin(start("orders.csv")).await.unwrap();
        assert_eq!(import.number(), number);
        let end = ImportEnd {
            watermark: Some(from_micros(reported).unwrap()),
            ..ImportEnd::default()
        };
        import.commit(end).await.unwrap();
    }
    let reported = async || {
        let watermarks = ledger.snapshot().await.unwrap().watermarks().clone();
        watermarks.get("shop").map(|at| at.as_microsecond())
    };
    assert_eq!(reported().await, Some(900));
    undo(&writer, &[2]).await;
    assert_eq!(reported().await, Some(600));
    undo(&writer, &[1, 3]).await;
    assert_eq!(reported().await, None);
}

#[tokio::test]
async fn what_is_unknown_or_undone_already_is_refused_and_nothing_changes() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, "order_placed", &[one(1, 10)]).await;
    import(&writer, "order_placed", &[one(2, 20)]).await;
    let refused = writer.undo(&[1, 7], Timestamp::UNIX_EPOCH).await;
    assert_eq!(refused.unwrap_err().code(), "AM0411");
    assert_eq!(counts(&ledger).await.len(), 2);
    undo(&writer, &[1]).await;
    let refused = writer.undo(&[2, 1], Timestamp::UNIX_EPOCH).await;
    assert_eq!(refused.unwrap_err().code(), "AM0412");
    assert_eq!(counts(&ledger).await.len(), 1);
}

/// Imports a file of these bytes as a mapping reads it.
async fn read_as(writer: &Writer, mapping: &str, bytes: &str, kind: &str, said: &[Said]) {
    let start = ImportStart {
        mapping: mapping.into(),
        fingerprint: Some(bytes.into()),
        ..start("orders.csv")
    };
    let mut import = writer.begin(start).await.unwrap();
    import.stage(kind, batch(kind, said, None)).await.unwrap();
    let end = ImportEnd {
        received: said.len() as u64,
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
}

#[tokio::test]
async fn the_same_bytes_read_by_a_newer_mapping_replace_the_older_import() {
    let (_folder, ledger, writer) = ledger().await;
    let file = [one(1, 10), one(2, 20)];
    read_as(&writer, "m1", "x", "order_placed", &file).await;
    read_as(&writer, "m1", "y", "order_placed", &[one(3, 30)]).await;
    read_as(&writer, "m2", "x", "order_sent", &file).await;
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(said(&snapshot, "order_placed"), [30]);
    assert_eq!(said(&snapshot, "order_sent"), [10, 20]);
    assert_eq!(ledger.imports().await.unwrap()[0].replaced_by, Some(3));
    // Taken back, the newer mapping leaves what was there before it.
    undo(&writer, &[3]).await;
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(said(&snapshot, "order_placed"), [10, 20, 30]);
    assert!(said(&snapshot, "order_sent").is_empty());
    assert_eq!(counts(&ledger).await, [(2, 0, 2), (1, 0, 1)]);
}
