//! The ledger's lock sees to it that one import is under way at a time. Where that fails, no name gets a second identifier.

use amends_vault::Vault;

use crate::{folder, imported, mint, open};

#[tokio::test]
async fn who_minted_beside_another_is_refused_and_leaves_nothing() {
    let folder = folder();
    let one = open(folder.path()).await;
    let other = Vault::open(folder.path()).await.unwrap();
    let late = other.begin(1_001, false).await.unwrap();
    late.mint("email", &["ada@example.org", "eva@example.org"], &[])
        .await
        .unwrap();
    let ada = mint(&one, "email", &["ada@example.org"], &[false]).await;
    assert_eq!(late.settle().await.unwrap_err().code(), "AM0316");
    late.forget().await.unwrap();
    let minted = one.minted().await.unwrap();
    assert_eq!(minted.iter().map(|one| one.id).collect::<Vec<_>>(), ada);
    // Nothing of it is remembered either: the next import finds who is there, and mints who is not.
    let again = imported(&other, async |incoming| {
        let names = ["ada@example.org", "eva@example.org"];
        incoming.mint("email", &names, &[]).await.unwrap()
    });
    let again = again.await;
    assert_eq!(again[0], ada[0]);
    let names = one.names(&again).await.unwrap();
    assert_eq!(names[&again[1]], "eva@example.org");
}

#[tokio::test]
async fn one_after_the_other_may_be_two_processes() {
    let folder = folder();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let names: Vec<String> = (0..600).map(|at| format!("n{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut ids = Vec::new();
    for (at, some) in names.chunks(37).enumerate() {
        let vault = if at % 2 == 0 { &one } else { &other };
        ids.extend(mint(vault, "email", some, &[]).await);
    }
    for vault in [&one, &other] {
        assert_eq!(mint(vault, "email", &names, &[]).await, ids);
    }
    assert_eq!(one.minted().await.unwrap().len(), 600);
}
