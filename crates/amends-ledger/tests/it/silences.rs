//! Records whose newest version gives no event of a kind any more.

use amends_ledger::{
    ImportEnd, ImportRecord, Ledger, Silence, Sizes, Snapshot, Writer, state_hash,
};
use amends_testkit::proptest::prelude::*;
use jiff::Timestamp;

use crate::events::{KINDS, SIZES, Said, batch, ledger, ledger_sized, said, silence, start};

const LEFT: &str = "left";

/// A row of a subscription: always `subscribed`, and `left` where it has content.
async fn import(writer: &Writer, rows: &[(u64, Option<i64>, Option<i64>)]) -> ImportRecord {
    let mut import = writer.begin(start("subscriptions.csv")).await.unwrap();
    let rows = rows.iter().zip(2..);
    let row = |((record, content, version), line): (&(u64, Option<i64>, Option<i64>), i64)| Said {
        record: *record,
        content: content.unwrap_or(0),
        version: *version,
        at: (*record as i64) * 1_000_000,
        about: Some(format!("subscription-{record}")),
        line,
        ..Said::default()
    };
    let all: Vec<(Said, bool)> = rows
        .map(|(of, line)| (row((of, line)), of.1.is_some()))
        .collect();
    let subscribed: Vec<Said> = all
        .iter()
        .map(|(said, _)| Said {
            content: 100,
            ..said.clone()
        })
        .collect();
    let (mut left, mut silent): (Vec<Said>, Vec<Silence>) = Default::default();
    for (said, gives) in &all {
        match gives {
            true => left.push(said.clone()),
            false => silent.push(silence(LEFT, said, left.len() as u32)),
        }
    }
    let told = batch("subscribed", &subscribed, None);
    import.stage("subscribed", told).await.unwrap();
    let told = batch(LEFT, &left, None);
    import.stage_all(LEFT, told, &silent).await.unwrap();
    let end = ImportEnd {
        received: all.len() as u64,
        ..ImportEnd::default()
    };
    let record = import.commit(end).await.unwrap();
    assert_eq!(record.received, record.stored + record.duplicate);
    record
}

fn counts(record: &ImportRecord) -> (u64, u64, u64) {
    (record.stored, record.duplicate, record.events)
}

async fn undo(writer: &Writer, import: i64) {
    let at = Timestamp::UNIX_EPOCH;
    writer.undo(&[import], at).await.unwrap();
}

async fn left(ledger: &Ledger) -> Vec<i64> {
    said(&ledger.snapshot().await.unwrap(), LEFT)
}

#[tokio::test]
async fn what_the_newest_version_gives_no_more_counts_no_more_until_it_is_given_again() {
    let (_folder, ledger, writer) = ledger().await;
    let first = import(
        &writer,
        &[(1, Some(7), None), (2, Some(8), None), (3, None, None)],
    )
    .await;
    assert_eq!(counts(&first), (3, 0, 5));
    let taken_back = [(1, None, None), (2, Some(8), None), (3, None, None)];
    // The first row says something new, though it is no event; the others are known.
    assert_eq!(counts(&import(&writer, &taken_back).await), (1, 2, 0));
    assert_eq!(left(&ledger).await, [8]);
    assert_eq!(counts(&import(&writer, &taken_back).await), (0, 3, 0));
    let given_again = import(&writer, &[(1, Some(7), None)]).await;
    assert_eq!(counts(&given_again), (1, 0, 1));
    assert_eq!(left(&ledger).await, [7, 8]);
    undo(&writer, given_again.import).await;
    assert_eq!(left(&ledger).await, [8]);
    // The third import took it back as well, so that the second may go.
    undo(&writer, 2).await;
    assert_eq!(left(&ledger).await, [8]);
    let imports = ledger.imports().await.unwrap();
    assert_eq!(counts(&imports[2]), (1, 2, 0));
    undo(&writer, 3).await;
    assert_eq!(left(&ledger).await, [7, 8]);
}

#[tokio::test]
async fn an_ordinary_row_that_gives_no_event_leaves_no_trace() {
    let (folder, ledger, writer) = ledger_sized(SIZES).await;
    let rows: Vec<_> = (0..100).map(|record| (record, None, None)).collect();
    import(&writer, &rows).await;
    writer.seal(true).await.unwrap();
    let snapshot = ledger.snapshot().await.unwrap();
    let kinds: Vec<&String> = snapshot.kinds().keys().collect();
    assert_eq!(kinds, ["subscribed"]);
    let segments = std::fs::read_dir(folder.path().join("segments")).unwrap();
    assert_eq!(segments.count(), 1);
}

#[tokio::test]
async fn no_reader_sees_what_is_not_said() {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let rows: Vec<_> = (0..40).map(|record| (record, Some(1), None)).collect();
    let mut silent: Vec<_> = (0..40).map(|record| (record, None, None)).collect();
    import(&writer, &rows).await;
    let before = ledger.snapshot().await.unwrap();
    let point = before.point().unwrap();
    silent[39].1 = Some(1);
    import(&writer, &silent).await;
    writer.seal(true).await.unwrap();
    writer.compact().await.unwrap();
    let check = |snapshot: &Snapshot| {
        assert_eq!(snapshot.kinds().len(), 2);
        assert_eq!(said(snapshot, LEFT), [1]);
    };
    let snapshot = ledger.snapshot().await.unwrap();
    check(&snapshot);
    // Who keeps something that was computed hears of every event that counts no longer, and of nothing else.
    assert!(snapshot.continues(&point));
    let gone = snapshot.withdrawn_since(LEFT, &point).unwrap();
    let mut abouts: Vec<_> = gone.into_iter().map(|gone| gone.about.unwrap()).collect();
    abouts.sort();
    let mut expected: Vec<_> = (0..39).map(|n| format!("subscription-{n}")).collect();
    expected.sort();
    assert_eq!(abouts, expected);
    let stored = ledger.snapshot_with_replaced().await.unwrap();
    assert_eq!(said(&stored, LEFT), [1; 40]);
    assert!(ledger.verify().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_silence_is_heard_again_when_what_it_took_back_counts_again() {
    let (_folder, ledger, writer) = ledger().await;
    let mut one = writer.begin(start("subscriptions.csv")).await.unwrap();
    let row = Said {
        record: 1,
        content: 7,
        line: 2,
        ..Said::default()
    };
    let end = |bytes: &str| ImportEnd {
        received: 1,
        fingerprint: Some(bytes.to_owned()),
        ..ImportEnd::default()
    };
    one.stage(LEFT, batch(LEFT, std::slice::from_ref(&row), None))
        .await
        .unwrap();
    one.commit(end("a")).await.unwrap();
    // Another mapping reads the same bytes otherwise, so that nothing was said of the record when a third file is silent about it.
    let mut other = start("subscriptions.csv");
    other.mapping = "m2".into();
    let mut two = writer.begin(other).await.unwrap();
    two.stage("other", batch("other", &[row], None))
        .await
        .unwrap();
    two.commit(end("a")).await.unwrap();
    assert!(left(&ledger).await.is_empty());
    import(&writer, &[(1, None, None)]).await;
    import(&writer, &[(1, None, None), (1, None, None)]).await;
    undo(&writer, 2).await;
    assert!(left(&ledger).await.is_empty());
    undo(&writer, 3).await;
    assert!(left(&ledger).await.is_empty());
    undo(&writer, 4).await;
    assert_eq!(left(&ledger).await, [7]);
}

#[tokio::test]
async fn a_silence_with_nothing_to_take_back_stores_no_row() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, &[(1, None, None)]).await;
    import(&writer, &[(2, None, None)]).await;
    for (mapping, kind) in [("m1", LEFT), ("m2", "other")] {
        let mut begun = start("ends.csv");
        begun.mapping = mapping.into();
        let mut one = writer.begin(begun).await.unwrap();
        let row = Said {
            record: 1,
            ..Said::default()
        };
        one.stage(kind, batch(kind, &[row], None)).await.unwrap();
        let end = ImportEnd {
            received: 1,
            fingerprint: Some("a".into()),
            ..ImportEnd::default()
        };
        one.commit(end).await.unwrap();
    }
    // What the first row is silent about was replaced.
    let both = import(&writer, &[(1, None, None), (2, None, None)]).await;
    assert_eq!(counts(&both), (0, 2, 0));
    undo(&writer, 2).await;
    let imports = ledger.imports().await.unwrap();
    assert_eq!(counts(&imports[4]), (1, 1, 1));
}

#[tokio::test]
async fn who_repeats_a_file_that_was_silent_too_early_takes_back_what_came_meanwhile() {
    let (_folder, ledger, writer) = ledger().await;
    let silent = [(1, None, None)];
    // Nothing was said yet: this import leaves no trace, so that the later ones do not say the very same.
    import(&writer, &silent).await;
    import(&writer, &[(1, Some(7), None)]).await;
    import(&writer, &silent).await;
    import(&writer, &silent).await;
    assert!(left(&ledger).await.is_empty());
    undo(&writer, 3).await;
    assert!(left(&ledger).await.is_empty());
    undo(&writer, 4).await;
    assert_eq!(left(&ledger).await, [7]);
}

#[tokio::test]
async fn of_two_versions_in_one_file_the_later_counts() {
    for (rows, counts) in [([Some(7), None], &[][..]), ([None, Some(7)], &[7][..])] {
        for sizes in [SIZES, Sizes::default()] {
            let (_folder, ledger, writer) = ledger_sized(sizes).await;
            let rows = rows.map(|content| (1, content, None));
            import(&writer, &rows).await;
            assert_eq!(left(&ledger).await, counts);
        }
    }
}

async fn in_order(files: &[Vec<(u64, Option<i64>, Option<i64>)>]) -> [u8; 32] {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    for file in files {
        import(&writer, file).await;
    }
    let snapshot = ledger.snapshot().await.unwrap();
    state_hash(&snapshot, &|id| id.0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 100, ..ProptestConfig::default() })]

    /// Where the source tells versions apart, one version says one thing.
    #[test]
    fn with_versions_of_the_source_the_order_of_files_is_nothing(
        files in prop::collection::vec(prop::collection::vec((0..6_u64, 0..4_i64), 0..12), 2..5),
        gives in prop::collection::vec(any::<bool>(), 24),
    ) {
        let row = |(record, version): &(u64, i64)| {
            let content = gives[(*record * 4) as usize + *version as usize].then_some(*version);
            (*record, content, Some(*version))
        };
        let files: Vec<Vec<_>> = files.iter().map(|file| file.iter().map(row).collect()).collect();
        let back: Vec<Vec<_>> = files.iter().rev().cloned().collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (one, other) = runtime.block_on(async { (in_order(&files).await, in_order(&back).await) });
        prop_assert_eq!(one, other);
    }
}

#[tokio::test]
async fn a_source_is_asked_for_the_kinds_that_it_ever_gave() {
    let (_folder, _ledger, writer) = ledger().await;
    import(&writer, &[(1, Some(7), None)]).await;
    crate::events::import(&writer, KINDS[0], &[Said::default()]).await;
    let next = writer.begin(start("orders.csv")).await.unwrap();
    assert_eq!(next.given(), [LEFT, KINDS[0], "subscribed"]);
    drop(next);
    let mut other = start("tickets.csv");
    other.source = "desk".into();
    assert!(writer.begin(other).await.unwrap().given().is_empty());
}
