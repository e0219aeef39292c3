//! Begin, stage, commit.

use amends_ledger::{ImportEnd, Ledger, Quarantined};
use amends_model::event::column;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};

use crate::events::{
    SIZES, Said, batch, current, identifier, import, ledger, ledger_sized, misfit, said, start,
};

fn one(record: u64, content: i64, version: Option<i64>) -> Said {
    Said {
        record,
        content,
        version,
        line: record as i64,
        about: Some(format!("order-{record}")),
        ..Said::default()
    }
}

#[tokio::test]
async fn an_import_is_history_when_it_is_committed() {
    let (_folder, ledger, writer) = ledger().await;
    let before = ledger.snapshot().await.unwrap();
    let record = import(
        &writer,
        "order_placed",
        &[one(1, 10, None), one(2, 20, None)],
    )
    .await;
    assert_eq!(
        (
            record.received,
            record.stored,
            record.duplicate,
            record.events
        ),
        (2, 2, 0, 2)
    );
    assert!(said(&before, "order_placed").is_empty());
    let after = ledger.snapshot().await.unwrap();
    assert!(after.position() > before.position());
    assert_eq!(said(&after, "order_placed"), [10, 20]);
    let again = import(
        &writer,
        "order_placed",
        &[one(1, 10, None), one(2, 21, None), one(3, 30, None)],
    )
    .await;
    assert_eq!((again.received, again.stored, again.duplicate), (3, 2, 1));
    let now = ledger.snapshot().await.unwrap();
    assert_eq!(said(&now, "order_placed"), [10, 21, 30]);
    assert_eq!(said(&after, "order_placed"), [10, 20]);
    let imports = ledger.imports().await.unwrap();
    assert_eq!(imports.len(), 2);
    assert_eq!(imports[1].duplicate, 1);
    assert_eq!(imports[1].start.file, "orders.csv");
}

#[tokio::test]
async fn sealing_changes_no_answer() {
    let (folder, ledger, writer) = ledger().await;
    import(
        &writer,
        "order_placed",
        &[one(1, 10, None), one(2, 20, None)],
    )
    .await;
    import(
        &writer,
        "order_placed",
        &[one(2, 21, None), one(3, 30, None)],
    )
    .await;
    let before = ledger.snapshot().await.unwrap();
    assert_eq!(writer.seal(true).await.unwrap(), 4);
    let after = ledger.snapshot().await.unwrap();
    assert!(after.tail("order_placed").is_none());
    assert_eq!(after.segments("order_placed").len(), 1);
    assert_eq!(after.segments("order_placed")[0].superseded.len(), 1);
    assert_eq!(
        current(&before, "order_placed"),
        current(&after, "order_placed")
    );
    let record = import(
        &writer,
        "order_placed",
        &[one(2, 21, None), one(3, 31, None)],
    )
    .await;
    assert_eq!((record.stored, record.duplicate), (1, 1));
    drop((before, after, writer, ledger));
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let writer = ledger.writer("again").await.unwrap();
    let record = import(
        &writer,
        "order_placed",
        &[one(1, 10, None), one(3, 31, None)],
    )
    .await;
    assert_eq!(record.duplicate, 2);
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(said(&snapshot, "order_placed"), [10, 21, 31]);
    let some = current(&snapshot, "order_placed");
    let found = snapshot.events(&[some[0].0, some[2].0]).unwrap();
    assert_eq!(found.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2);
}

#[tokio::test]
async fn large_imports_go_straight_to_segments() {
    let (_folder, ledger, writer) = ledger().await;
    let many: Vec<_> = (0..6_000).map(|n| one(n, n as i64, None)).collect();
    let record = import(&writer, "order_placed", &many).await;
    assert_eq!(record.stored, 6_000);
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(snapshot.segments("order_placed").len(), 1);
    assert!(snapshot.tail("order_placed").is_none());
    let again = import(&writer, "order_placed", &many).await;
    assert_eq!((again.stored, again.duplicate, again.events), (0, 6_000, 0));
    assert_eq!(
        ledger
            .snapshot()
            .await
            .unwrap()
            .segments("order_placed")
            .len(),
        1
    );
}

#[tokio::test]
async fn an_import_that_begins_again_keeps_nothing_of_what_it_said_before() {
    let (folder, ledger, writer) = ledger_sized(SIZES).await;
    let files = || {
        let kind = folder.path().join("segments").join("order_placed");
        let files = std::fs::read_dir(kind).unwrap();
        files
            .filter(|file| {
                let name = file.as_ref().unwrap().file_name();
                name.to_string_lossy().ends_with(".parquet")
            })
            .count()
    };
    let mut import = writer.begin(start("orders.csv")).await.unwrap();
    let number = import.number();
    for some in (0..90).collect::<Vec<u64>>().chunks(18) {
        let events: Vec<_> = some.iter().map(|n| one(*n, 1, None)).collect();
        let events = batch("order_placed", &events, None);
        import.stage("order_placed", events).await.unwrap();
    }
    let mut import = import.begin_again().await.unwrap();
    assert_eq!(files(), 0);
    assert_eq!(import.number(), number);
    for some in (60..100).collect::<Vec<u64>>().chunks(18) {
        let events: Vec<_> = some.iter().map(|n| one(*n, 2, None)).collect();
        let events = batch("order_placed", &events, None);
        import.stage("order_placed", events).await.unwrap();
    }
    let end = ImportEnd {
        received: 40,
        ..ImportEnd::default()
    };
    let record = import.commit(end).await.unwrap();
    assert_eq!(
        (record.stored, record.duplicate, record.events),
        (40, 0, 40)
    );
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(said(&snapshot, "order_placed"), [2; 40]);
    assert_eq!(files(), snapshot.segments("order_placed").len());
}

#[tokio::test]
async fn properties_keep_their_types_and_unite() {
    let (_folder, ledger, writer) = ledger().await;
    let weighed = |record, weight| Said {
        weight: Some(weight),
        ..one(record, 1, None)
    };
    for (record, of) in [
        (1, Some(DataType::Int64)),
        (2, Some(DataType::Float64)),
        (3, None),
    ] {
        let mut import = writer.begin(start("x.csv")).await.unwrap();
        let batch = batch("parcel", &[weighed(record, 3.0)], of);
        import.stage("parcel", batch).await.unwrap();
        let end = ImportEnd {
            received: 1,
            ..ImportEnd::default()
        };
        import.commit(end).await.unwrap();
        let snapshot = ledger.snapshot().await.unwrap();
        let schema = &snapshot.kinds()["parcel"];
        let expected = if record == 1 {
            DataType::Int64
        } else {
            DataType::Float64
        };
        assert_eq!(
            schema.field_with_name("weight").unwrap().data_type(),
            &expected
        );
    }
    writer.seal(true).await.unwrap();
    let snapshot = ledger.snapshot().await.unwrap();
    let columns = ["weight", "no_such_column", column::IMPORT];
    let mut weights = Vec::new();
    for batch in snapshot
        .scan("parcel", &columns, &Default::default())
        .unwrap()
    {
        let batch = batch.unwrap();
        let weight = batch
            .column(0)
            .as_primitive::<arrow::datatypes::Float64Type>();
        weights.extend(
            weight
                .iter()
                .map(|weight| weight.map(|weight| weight as i64)),
        );
        assert_eq!(batch.column(1).null_count(), batch.num_rows());
        assert!(
            batch
                .column(2)
                .as_primitive::<Int64Type>()
                .iter()
                .all(|import| import > Some(0))
        );
    }
    weights.sort();
    assert_eq!(weights, [None, Some(3), Some(3)]);
}

#[tokio::test]
async fn rows_are_told_apart_by_their_line() {
    let (_folder, ledger, writer) = ledger().await;
    let on_line = |record, line| Said {
        line,
        ..one(record, record as i64, None)
    };
    let said = [on_line(1, 1), on_line(2, 1), on_line(3, 2)];
    let record = import(&writer, "order_placed", &said).await;
    assert_eq!((record.received, record.stored, record.events), (2, 2, 3));
    let mut wrong = writer.begin(start("y.csv")).await.unwrap();
    wrong
        .stage("order_placed", batch("order_placed", &said, None))
        .await
        .unwrap();
    let set_aside = Quarantined {
        entry: 1,
        file: "y.csv".into(),
        line: 3,
        column: None,
        code: "AM0501".into(),
        reason: "it is no date".into(),
        ..Quarantined::default()
    };
    let end = ImportEnd {
        received: 4,
        quarantined: vec![set_aside.clone()],
        ..ImportEnd::default()
    };
    assert_eq!(
        wrong.commit(end.clone()).await.unwrap_err().code(),
        "AM0405"
    );
    let mut right = writer.begin(start("y.csv")).await.unwrap();
    right
        .stage("order_placed", batch("order_placed", &said, None))
        .await
        .unwrap();
    let end = ImportEnd { received: 3, ..end };
    let record = right.commit(end).await.unwrap();
    assert_eq!(
        (record.stored, record.duplicate, record.quarantined),
        (0, 2, 1)
    );
    let quarantine = ledger.quarantine(Some(record.import)).await.unwrap();
    assert_eq!(quarantine, [(record.import, set_aside)]);
    writer.replayed(record.import, &[1], 9).await.unwrap();
    assert!(ledger.quarantine(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_import_at_a_time_and_only_events_that_fit() {
    let (_folder, _ledger, writer) = ledger().await;
    let mut first = writer.begin(start("a.csv")).await.unwrap();
    let second = writer.begin(start("b.csv")).await;
    assert_eq!(second.err().map(|problem| problem.code()), Some("AM0407"));
    let problem = first.stage("order_placed", misfit()).await.unwrap_err();
    assert_eq!(problem.code(), "AM0408");
    drop(first);
    assert!(writer.begin(start("b.csv")).await.is_ok());
}

#[tokio::test]
async fn a_second_writer_is_told_who_is_first() {
    let (_folder, ledger, writer) = ledger().await;
    let problem = ledger.writer("somebody else").await.err().unwrap();
    assert_eq!(problem.code(), "AM0402");
    let detail = problem.detail_text().unwrap();
    assert!(detail.contains("a test") && detail.contains(&std::process::id().to_string()));
    drop(writer);
    assert!(ledger.writer("somebody else").await.is_ok());
}

#[tokio::test]
async fn decisions_and_notices_are_kept_once() {
    let (_folder, ledger, writer) = ledger().await;
    let at = "2026-03-01T10:00:00Z".parse().unwrap();
    let first = writer
        .decide("case_opened", "order-1", "{\"by\":\"amends\"}", at)
        .await
        .unwrap();
    let again = writer
        .decide("case_opened", "order-1", "{\"by\":\"amends\"}", at)
        .await
        .unwrap();
    assert_eq!(first, again);
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(current(&snapshot, "case_opened"), [(first, 0)]);
    let later = "2026-03-02T10:00:00Z".parse().unwrap();
    writer
        .notice("delivery", &["a".into(), "b".into()], at)
        .await
        .unwrap();
    writer
        .notice("delivery", &["b".into(), "c".into()], later)
        .await
        .unwrap();
    let noticed = ledger.noticed("delivery").await.unwrap();
    assert_eq!((noticed["b"], noticed["c"]), (at, later));
    assert!(identifier(1) != identifier(2));
}
