use amends_model::IdentifierId;
use amends_vault::{Personal, RawRow, native_hash};

use crate::{folder, mint, open, record, seal};

#[tokio::test]
async fn a_name_has_one_identifier_and_gives_it_back() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let names = ["ada@example.org", "bo@example.org", "ada@example.org"];
    let ids = mint(&vault, "email", &names, &[false; 3]).await;
    assert_eq!(ids[0], ids[2]);
    assert_ne!(ids[0], ids[1]);
    let elsewhere = mint(&vault, "login", &names[..1], &[false]).await;
    assert_ne!(ids[0], elsewhere[0]);
    // Not remembered, but found again.
    vault.close().await;
    let vault = open(folder.path()).await;
    let again = mint(&vault, "email", &names[1..], &[false; 2]).await;
    assert_eq!(again, ids[1..]);

    let opened = vault
        .names(&[ids[0], elsewhere[0], IdentifierId([0; 16])])
        .await
        .unwrap();
    assert_eq!(opened.len(), 2);
    assert_eq!(opened[&ids[0]], "ada@example.org");
    let hashes = vault.native_hashes(&ids).await.unwrap();
    assert_eq!(hashes[&ids[1]], native_hash("email", "bo@example.org"));
}

#[tokio::test]
async fn what_was_minted_is_listed_in_order_without_names() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let names: Vec<String> = (0..1300)
        .map(|number| format!("customer {number}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ids = mint(&vault, "customer", &names, &[false; 1300]).await;
    let box_ = mint(&vault, "email", &["info@example.org"], &[true]).await;
    let minted = vault.minted().await.unwrap();
    assert_eq!(
        minted.iter().map(|one| one.id).collect::<Vec<_>>(),
        [&ids[..], &box_[..]].concat()
    );
    assert!(minted.is_sorted_by(|a, b| a.sequence < b.sequence));
    assert!(minted[1300].generic && !minted[0].generic);

    assert_eq!(
        vault.find(Some("customer"), "customer 7").await.unwrap(),
        [minted[7].clone()]
    );
    mint(&vault, "email", &["customer 7"], &[false]).await;
    let both = vault.find(None, "customer 7").await.unwrap();
    assert_eq!(
        both.iter().map(|one| &*one.namespace).collect::<Vec<_>>(),
        ["customer", "email"]
    );
    assert!(
        vault
            .find(Some("phone"), "customer 7")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(mint(&vault, "email", &[], &[]).await.is_empty());
}

#[tokio::test]
async fn a_project_may_change_its_mind_about_a_mailbox() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let first = mint(&vault, "email", &["sales@example.org"], &[false]).await;
    assert_eq!(
        mint(&vault, "email", &["sales@example.org"], &[true]).await,
        first
    );
    assert!(vault.minted().await.unwrap()[0].generic);
    vault.close().await;
    let vault = open(folder.path()).await;
    mint(&vault, "email", &["sales@example.org"], &[false]).await;
    assert!(!vault.minted().await.unwrap()[0].generic);
}

#[tokio::test]
async fn personal_fields_are_sealed_and_replaced() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ids = mint(&vault, "email", &["ada@example.org", "bo@example.org"], &[]).await;
    let personal = |subject, number, fields: &str| Personal {
        subject,
        record: record(number),
        fields: fields.to_owned(),
    };
    let first = [
        personal(ids[0], 1, r#"{"phone":"1"}"#),
        personal(ids[1], 2, r#"{"phone":"2"}"#),
    ];
    seal(&vault, &first).await;
    let again = [
        personal(ids[0], 1, r#"{"phone":"3"}"#),
        personal(ids[1], 1, r#"{"phone":"4"}"#),
    ];
    seal(&vault, &again).await;
    let found = vault
        .personal(&[record(1), record(2), record(3)])
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[&record(1)], r#"{"phone":"4"}"#);
    assert_eq!(found[&record(2)], r#"{"phone":"2"}"#);
    let stranger = [personal(IdentifierId([9; 16]), 4, "{}")];
    let incoming = vault.begin(1_000, false).await.unwrap();
    assert_eq!(incoming.seal(&stranger).await.unwrap_err().code(), "AM0305");
}

#[tokio::test]
async fn raw_rows_stand_under_their_import_until_forgotten() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let row = |entry, text: &str| RawRow {
        entry,
        text: text.into(),
    };
    vault
        .seal_raw(7, &[row(2, "b;\u{0}"), row(1, "a")])
        .await
        .unwrap();
    vault.seal_raw(8, &[row(1, "c")]).await.unwrap();
    vault
        .seal_raw(7, &[row(3, "d"), row(1, "e")])
        .await
        .unwrap();
    assert_eq!(
        vault.raw(7).await.unwrap(),
        [row(1, "e"), row(2, "b;\u{0}"), row(3, "d")]
    );
    vault.forget_raw(7, &[1, 3, 99]).await.unwrap();
    assert_eq!(vault.raw(7).await.unwrap(), [row(2, "b;\u{0}")]);
    vault.forget_raw(7, &[2]).await.unwrap();
    assert!(vault.raw(7).await.unwrap().is_empty());
    assert_eq!(vault.raw(8).await.unwrap(), [row(1, "c")]);
}
