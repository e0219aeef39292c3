//! What an import wrote before it was broken off, and no table finds yet.

use amends_model::{EventId, IdentifierId, RecordKey};
use amends_testkit::tempfile::TempDir;
use amends_vault::{Erasure, Personal, Vault};
use jiff::Timestamp;

use crate::{count, folder, mint, open, seal};

const PEOPLE: usize = 2_000;
/// Bytes that wait: few enough that what follows is written, so many that nothing is found of it before the end.
const WAITING: usize = 300_000;

fn said(subject: IdentifierId, record: usize) -> Personal {
    Personal {
        subject,
        record: RecordKey(
            (record as u128)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                .to_be_bytes(),
        ),
        fields: format!(r#"{{"note":"{record}{}"}}"#, "x".repeat(120)),
    }
}

/// Ada is known, with a field; then an import is broken off that minted others and said more of her.
async fn broken_off() -> (TempDir, Vault, IdentifierId) {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ada = mint(&vault, "email", &["ada@example.org"], &[]).await[0];
    seal(&vault, &[said(ada, 0)]).await;
    let incoming = vault.begin_with(1_001, true, WAITING).await.unwrap();
    for half in 0..2 {
        let names: Vec<String> = (0..PEOPLE)
            .map(|n| format!("p{half}-{n}@example.org"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        incoming.mint("email", &names, &[]).await.unwrap();
        let personal: Vec<Personal> = (0..PEOPLE)
            .map(|n| said(ada, 1 + half * PEOPLE + n))
            .collect();
        incoming.seal(&personal).await.unwrap();
    }
    drop(incoming);
    vault.close().await;
    let vault = open(folder.path()).await;
    (folder, vault, ada)
}

/// Whoever is listed can be named, also while an import is under way.
#[tokio::test]
async fn whom_nothing_finds_nobody_hears_of() {
    let (folder, vault, ada) = broken_off().await;
    assert!(count(folder.path(), "identifiers").await >= PEOPLE as i64);
    assert_eq!(count(folder.path(), "by_id").await, 1);
    let minted = vault.minted().await.unwrap();
    let ids: Vec<IdentifierId> = minted.iter().map(|one| one.id).collect();
    assert_eq!(ids, [ada]);
    assert_eq!(vault.names(&ids).await.unwrap().len(), 1);
    assert_eq!(vault.find(None, "p0-7@example.org").await.unwrap(), []);

    vault.forget(1_001).await.unwrap();
    for table in [
        "identifiers",
        "by_id",
        "by_fingerprint",
        "personal",
        "by_record",
        "by_subject",
    ] {
        assert_eq!(count(folder.path(), table).await, 1, "{table}");
    }
    let again = mint(
        &vault,
        "email",
        &["p0-7@example.org", "ada@example.org"],
        &[],
    )
    .await;
    assert_eq!(again[1], ada);
    assert_eq!(vault.minted().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_nothing_finds_is_erased_all_the_same() {
    let (folder, vault, ada) = broken_off().await;
    let before = count(folder.path(), "personal").await;
    assert!(before > PEOPLE as i64 / 2);
    assert_eq!(count(folder.path(), "by_subject").await, 1);
    let erasure = Erasure {
        number: EventId([9; 16]),
        at: Timestamp::UNIX_EPOCH,
        identifiers: vault.marks(&[ada]).await.unwrap(),
        records: Vec::new(),
        perhaps: false,
    };
    assert_eq!(vault.erase(&erasure).await.unwrap().fields, before as u64);
    for table in ["personal", "by_record", "by_subject"] {
        assert_eq!(count(folder.path(), table).await, 0, "{table}");
    }
    // What it minted is forgotten as ever.
    vault.forget(1_001).await.unwrap();
    for table in ["identifiers", "by_id", "by_fingerprint"] {
        assert_eq!(count(folder.path(), table).await, 1, "{table}");
    }
}

#[tokio::test]
async fn fields_that_nothing_finds_are_forgotten_with_their_records() {
    let (folder, vault, ada) = broken_off().await;
    let before = count(folder.path(), "personal").await;
    let records: Vec<RecordKey> = (0..=2 * PEOPLE).map(|n| said(ada, n).record).collect();
    assert_eq!(vault.forget_fields(&records).await.unwrap(), before as u64);
    for table in ["personal", "by_record", "by_subject"] {
        assert_eq!(count(folder.path(), table).await, 0, "{table}");
    }
}
