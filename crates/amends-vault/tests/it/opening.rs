use std::fs;

use amends_vault::Vault;

use crate::{folder, mint, open};

async fn refusal(folder: &std::path::Path) -> &'static str {
    match Vault::open(folder).await {
        Ok(_) => "opened",
        Err(problem) => {
            assert!(problem.hint_text().is_some());
            problem.code()
        }
    }
}

#[tokio::test]
async fn a_key_is_made_once_and_belongs_to_its_vault() {
    let folder = folder();
    let path = folder.path().join("a folder, with 100 % odd #characters?");
    let vault = open(&path).await;
    mint(&vault, "email", &["ada@example.org"], &[false]).await;
    vault.close().await;
    let key = fs::read_to_string(path.join("master.key")).unwrap();
    assert_eq!(key.trim().len(), 64);
    open(&path).await.close().await;
    assert_eq!(fs::read_to_string(path.join("master.key")).unwrap(), key);

    let other = format!("{}\n", "ab".repeat(32));
    fs::write(path.join("master.key"), &other).unwrap();
    assert_eq!(refusal(&path).await, "AM0302");
    assert_eq!(fs::read_to_string(path.join("master.key")).unwrap(), other);
    fs::write(path.join("master.key"), "not a key").unwrap();
    assert_eq!(refusal(&path).await, "AM0302");
    fs::remove_file(path.join("master.key")).unwrap();
    assert_eq!(refusal(&path).await, "AM0302");
    assert!(!path.join("master.key").exists());

    fs::write(path.join("master.key"), key).unwrap();
    let vault = open(&path).await;
    assert_eq!(vault.find(None, "ada@example.org").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_vault_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    assert_eq!(refusal(&folder.path().join("file")).await, "AM0301");
    open(folder.path()).await.close().await;
    fs::write(
        folder.path().join("vault.db"),
        "this was a database once".repeat(1000),
    )
    .unwrap();
    assert_eq!(refusal(folder.path()).await, "AM0301");
}

#[cfg(unix)]
#[tokio::test]
async fn others_on_the_machine_cannot_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let vault = open(&folder.path().join("vault")).await;
    mint(&vault, "email", &["ada@example.org"], &[false]).await;
    let mode = |name: &str| {
        let path = folder.path().join("vault").join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(
        (mode("master.key"), mode("vault.db"), mode("")),
        (0o600, 0o600, 0o700)
    );
    assert_eq!(mode("vault.db-wal"), 0o600);
}
