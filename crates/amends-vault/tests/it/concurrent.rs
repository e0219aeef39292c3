use std::collections::HashMap;

use amends_model::IdentifierId;
use amends_vault::Vault;

use crate::folder;

/// Opens the vault on a thread and a runtime of its own, as another process would, and mints names in its own order.
fn mint_apart(folder: &std::path::Path, offset: usize) -> HashMap<String, IdentifierId> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let vault = Vault::open(folder).await.unwrap();
        let names: Vec<String> = (0..600)
            .map(|at| format!("n{}", (at * 7 + offset) % 600))
            .collect();
        let mut minted = HashMap::new();
        for batch in names.chunks(37) {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            let ids = vault
                .mint("email", &batch, &vec![false; batch.len()])
                .await
                .unwrap();
            minted.extend(batch.iter().map(|name| (*name).to_owned()).zip(ids));
        }
        vault.close().await;
        minted
    })
}

#[test]
fn a_name_minted_by_several_at_once_has_one_identifier() {
    let folder = folder();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|at| {
                let path = folder.path();
                scope.spawn(move || mint_apart(path, at * 151))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(results.iter().all(|minted| *minted == results[0]));
    assert_eq!(results[0].len(), 600);
}
