//! What an import seals counts once the import is kept, and is gone once it is forgotten.

use amends_model::IdentifierId;
use amends_vault::{Personal, RawRow, Vault};

use crate::{folder, open, record};

async fn seal(vault: &Vault, import: i64, subject: IdentifierId, fields: &str) {
    let personal = Personal {
        subject,
        record: record(1),
        fields: fields.to_owned(),
    };
    vault.seal(import, &[personal]).await.unwrap();
}

async fn said(vault: &Vault) -> Option<String> {
    vault
        .personal(&[record(1)])
        .await
        .unwrap()
        .remove(&record(1))
}

async fn ada(vault: &Vault) -> IdentifierId {
    vault
        .mint("email", &["ada@example.org"], &[])
        .await
        .unwrap()[0]
}

#[tokio::test]
async fn what_an_import_under_way_says_is_not_heard_and_a_forgotten_one_said_nothing() {
    let folder = folder();
    let vault = open(folder.path()).await;
    vault.begin(1).await.unwrap();
    let ada = ada(&vault).await;
    seal(&vault, 1, ada, "old").await;
    assert_eq!(said(&vault).await, None);
    vault.keep(1).await.unwrap();
    assert_eq!(said(&vault).await.as_deref(), Some("old"));

    vault.begin(2).await.unwrap();
    seal(&vault, 2, ada, "new").await;
    let bo = vault.mint("email", &["bo@example.org"], &[]).await.unwrap()[0];
    let row = RawRow {
        entry: 1,
        text: "bo;?".into(),
    };
    vault.seal_raw(2, &[row]).await.unwrap();
    assert_eq!(said(&vault).await.as_deref(), Some("old"));
    // A crash: the marker is still there when the vault is opened again.
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
    let again = vault.mint("email", &["bo@example.org"], &[]).await.unwrap()[0];
    assert_ne!(again, bo, "whoever was forgotten is somebody new");
}

#[tokio::test]
async fn a_name_minted_and_forgotten_in_one_process_is_minted_anew() {
    let folder = folder();
    let vault = open(folder.path()).await;
    vault.begin(1).await.unwrap();
    let ada_once = ada(&vault).await;
    vault.forget(1).await.unwrap();
    let again = ada(&vault).await;
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
    let ada = ada(&vault).await;
    for (import, text) in [(1, "a"), (2, "b"), (3, "b"), (4, "a")] {
        vault.begin(import).await.unwrap();
        seal(&vault, import, ada, text).await;
        vault.keep(import).await.unwrap();
        assert_eq!(said(&vault).await.as_deref(), Some(text));
    }
    // Import 3 said nothing new, so that forgetting it changes nothing; each of the others takes its word back.
    for (import, left) in [(4, Some("b")), (3, Some("b")), (2, Some("a")), (1, None)] {
        vault.forget(import).await.unwrap();
        assert_eq!(
            said(&vault).await.as_deref(),
            left,
            "without import {import}"
        );
    }
}
