//! What an import seals counts once the import is kept, and is gone once it is forgotten.

use amends_model::IdentifierId;
use amends_vault::{Incoming, Personal, RawRow, Vault};

use crate::{folder, mint, open, record};

async fn seal(incoming: &Incoming, subject: IdentifierId, fields: &str) {
    let personal = Personal {
        subject,
        record: record(1),
        fields: fields.to_owned(),
    };
    incoming.seal(&[personal]).await.unwrap();
}

async fn said(vault: &Vault) -> Option<String> {
    vault
        .personal(&[record(1)])
        .await
        .unwrap()
        .remove(&record(1))
}

async fn named(incoming: &Incoming, name: &str) -> IdentifierId {
    incoming.mint("email", &[name], &[]).await.unwrap()[0]
}

async fn keep(vault: &Vault, import: i64, incoming: &Incoming) {
    incoming.settle().await.unwrap();
    vault.keep(import).await.unwrap();
}

#[tokio::test]
async fn what_an_import_under_way_says_is_not_heard_and_a_forgotten_one_said_nothing() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let first = vault.begin(1, false).await.unwrap();
    let ada = named(&first, "ada@example.org").await;
    seal(&first, ada, "old").await;
    first.settle().await.unwrap();
    assert_eq!(said(&vault).await, None);
    vault.keep(1).await.unwrap();
    assert_eq!(said(&vault).await.as_deref(), Some("old"));

    let second = vault.begin(2, false).await.unwrap();
    seal(&second, ada, "new").await;
    let bo = named(&second, "bo@example.org").await;
    second.settle().await.unwrap();
    let row = RawRow {
        entry: 1,
        text: "bo;?".into(),
    };
    vault.seal_raw(2, &[row]).await.unwrap();
    assert_eq!(said(&vault).await.as_deref(), Some("old"));
    // A crash: the marker is still there when the vault is opened again.
    drop(second);
    vault.close().await;
    let vault = open(folder.path()).await;
    assert_eq!(vault.under_way().await.unwrap(), [2]);
    vault.forget(2).await.unwrap();
    assert!(vault.under_way().await.unwrap().is_empty());
    assert_eq!(said(&vault).await.as_deref(), Some("old"));
    assert!(vault.raw(2).await.unwrap().is_empty());
    let minted: Vec<IdentifierId> = vault
        .minted()
        .await
        .unwrap()
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(minted, [ada]);
    let again = mint(&vault, "email", &["bo@example.org"], &[]).await[0];
    assert_ne!(again, bo, "whoever was forgotten is somebody new");
}

#[tokio::test]
async fn a_name_minted_and_forgotten_in_one_process_is_minted_anew() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let first = vault.begin(1_001, false).await.unwrap();
    let ada_once = named(&first, "ada@example.org").await;
    first.forget().await.unwrap();
    let again = mint(&vault, "email", &["ada@example.org"], &[]).await[0];
    assert_ne!(again, ada_once);
    assert_eq!(
        vault.names(&[again]).await.unwrap()[&again],
        "ada@example.org"
    );
}

#[tokio::test]
async fn what_was_said_before_stays_beside_what_is_said_now_and_the_same_is_not_kept_twice() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ada = mint(&vault, "email", &["ada@example.org"], &[]).await[0];
    for (import, text) in [(1_001, "a"), (1_002, "b"), (1_003, "b"), (1_004, "a")] {
        let incoming = vault.begin(import, false).await.unwrap();
        seal(&incoming, ada, text).await;
        keep(&vault, import, &incoming).await;
        assert_eq!(said(&vault).await.as_deref(), Some(text));
    }
    // Import 3 said nothing new, so that forgetting it changes nothing; each of the others takes its word back.
    for (import, left) in [
        (1_004, Some("b")),
        (1_003, Some("b")),
        (1_002, Some("a")),
        (1_001, None),
    ] {
        vault.forget(import).await.unwrap();
        assert_eq!(
            said(&vault).await.as_deref(),
            left,
            "without import {import}"
        );
    }
}

/// Whoever is broken off while a portion is being written leaves it to whoever forgets.
#[tokio::test]
async fn a_portion_that_nobody_waits_for_any_more_is_forgotten_too() {
    let folder = folder();
    let vault = open(folder.path()).await;
    for polls in 0..6 {
        let incoming = vault.begin(1_001, true).await.unwrap();
        let names: Vec<String> = (0..2_000).map(|n| format!("p{n}@example.org")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = incoming.mint("email", &names, &[]).await.unwrap();
        seal(&incoming, ids[7], "never").await;
        let mut settling = Box::pin(incoming.settle());
        for _ in 0..polls {
            let polled = futures::poll!(settling.as_mut());
            if polled.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(settling);
        incoming.forget().await.unwrap();
        assert!(incoming.mint("email", &names, &[]).await.is_err());
        drop(incoming);
        // Had the portion still been under way, it would come now.
        mint(&vault, "email", &["ada@example.org"], &[]).await;
        assert_eq!(vault.minted().await.unwrap().len(), 1, "{polls}");
        assert_eq!(said(&vault).await, None, "{polls}");
    }
}

/// A backup copies the ledger before the vault: between the two an import may have been kept.
#[tokio::test]
async fn what_a_backup_holds_of_an_import_that_its_ledger_does_not_is_no_hindrance() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ada = mint(&vault, "email", &["ada@example.org"], &[]).await[0];
    for text in ["once", "again"] {
        let incoming = vault.begin(1_001, true).await.unwrap();
        seal(&incoming, ada, text).await;
        keep(&vault, 1_001, &incoming).await;
        assert_eq!(said(&vault).await.as_deref(), Some(text));
    }
}
