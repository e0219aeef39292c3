use amends_identity::{Reason, link_again, unlink};
use amends_ledger::Ledger;
use amends_testkit::tempfile::tempdir;

use crate::events::{id, import, people, second};

#[tokio::test]
async fn links_are_read_from_tail_and_segments_alike() {
    let folder = tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    assert!(people(&ledger, None).await.evidence(id(1)).is_empty());
    import(
        &writer,
        "ordered",
        &[
            (30, vec![1, 2]),
            (10, vec![2, 1]),
            (20, vec![4]),
            (25, vec![4, 5, 6]),
        ],
    )
    .await;
    import(&writer, "returned", &[(40, vec![7])]).await;
    import(&writer, "asked", &[(50, vec![3, 1]), (60, vec![8, 99])]).await;
    let before = people(&ledger, None).await;
    assert_eq!(before.members(id(3)), [1, 2, 3].map(id));
    assert_eq!(before.members(id(5)), [4, 5, 6].map(id));
    assert_eq!(before.len(), 5, "7, 8 and 9 are alone");
    let evidence = before.evidence(id(1));
    assert_eq!(
        evidence
            .iter()
            .map(|one| (one.a, one.b, one.events))
            .collect::<Vec<_>>(),
        [(id(1), id(2), 2), (id(1), id(3), 1)]
    );
    // The first event is the one that happened first.
    let snapshot = ledger.snapshot().await.unwrap();
    let first = snapshot.events(&[evidence[0].event]).unwrap();
    let first = first[0].column_by_name("at").unwrap();
    assert_eq!(
        arrow::util::display::array_value_to_string(first, 0).unwrap(),
        "1970-01-01T00:00:10Z"
    );

    writer.seal(true).await.unwrap();
    let sealed = people(&ledger, None).await;
    assert_eq!(sealed.links_version(), before.links_version());
    assert_eq!(sealed.evidence(id(1)), evidence);
    // What happens later does not exist for whoever asks earlier; the moment itself does.
    assert_eq!(
        people(&ledger, Some(second(49))).await.members(id(1)).len(),
        2
    );
    assert_eq!(
        people(&ledger, Some(second(50))).await.members(id(1)).len(),
        3
    );
}

#[tokio::test]
async fn unlinking_is_an_event_and_the_last_word_counts() {
    let folder = tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    import(&writer, "ordered", &[(10, vec![1, 2])]).await;
    let linked = people(&ledger, None).await;
    let decision = unlink(&writer, (id(2), id(1)), "Bo", "two sisters", second(100))
        .await
        .unwrap();
    // A decision holds whatever moment is asked about.
    for as_of in [None, Some(second(20))] {
        let people = people(&ledger, as_of).await;
        assert_eq!(people.customer(id(2)), id(2));
        let explained = people.explain(id(1), id(2));
        let (by, why) = ("Bo".to_owned(), "two sisters".to_owned());
        assert_eq!(
            explained.rejected[0].reason,
            Reason::Unlinked { decision, by, why }
        );
    }
    link_again(&writer, (id(1), id(2)), "Bo", "one after all", second(101))
        .await
        .unwrap();
    writer.seal(true).await.unwrap();
    let again = people(&ledger, None).await;
    assert_eq!(again.customer(id(2)), id(1));
    assert_ne!(
        again.links_version(),
        linked.links_version(),
        "somebody decided something"
    );
    unlink(&writer, (id(1), id(2)), "Bo", "no, two", second(102))
        .await
        .unwrap();
    assert_eq!(people(&ledger, None).await.customer(id(2)), id(2));
    let same = unlink(&writer, (id(1), id(1)), "Bo", "", second(103)).await;
    assert_eq!(same.unwrap_err().code(), "AM0602");
}

#[tokio::test]
async fn a_decision_that_cannot_be_read_is_not_passed_over() {
    let folder = tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    writer
        .decide("identity_unlinked", "x", "{\"a\": 1}", second(1))
        .await
        .unwrap();
    let snapshot = ledger.snapshot().await.unwrap();
    let resolved = amends_identity::People::resolve(&snapshot, &[], &Default::default(), None);
    assert_eq!(resolved.unwrap_err().code(), "AM0603");
}
