use std::fs;
use std::path::Path;

use amends_vault::{Personal, RawRow, Vault};

use crate::{folder, mint, open, record, seal};

const NAME: &str = "Zacharias.Quillfeather@example.org";
const PHONE: &str = "+43 660 7654321 77";
const RAW: &str = "Quillfeather;broken row;";

async fn fill(vault: &Vault) {
    let ids = mint(vault, "email", &[NAME], &[false]).await;
    let fields = format!(r#"{{"phone":"{PHONE}"}}"#);
    let personal = Personal {
        subject: ids[0],
        record: record(1),
        fields,
    };
    seal(vault, &[personal]).await;
    vault
        .seal_raw(
            1,
            &[RawRow {
                entry: 1,
                text: RAW.into(),
            }],
        )
        .await
        .unwrap();
}

/// Which of the words occur in which files, in whatever case, as UTF-8 or UTF-16.
fn occurrences(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
        for word in words {
            let plain = word.to_ascii_lowercase().into_bytes();
            let wide: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
            if [plain, wide]
                .iter()
                .any(|word| bytes.windows(word.len()).any(|at| at == word))
            {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_personal_stands_in_any_byte() {
    let folder = folder();
    let vault = open(folder.path()).await;
    fill(&vault).await;
    let words = [NAME, "quillfeather", PHONE, "7654321", RAW, "broken row"];
    assert_eq!(occurrences(folder.path(), &words), Vec::<String>::new());
    vault.close().await;
    assert_eq!(occurrences(folder.path(), &words), Vec::<String>::new());
    // The scan itself finds what is there.
    assert_eq!(occurrences(folder.path(), &["EMAIL"]).len(), 1);
}

#[tokio::test]
async fn hashes_that_anybody_could_guess_are_not_stored() {
    let folder = folder();
    let vault = open(folder.path()).await;
    fill(&vault).await;
    let ids = vault.minted().await.unwrap();
    vault.native_hashes(&[ids[0].id]).await.unwrap();
    vault.close().await;
    let native = amends_vault::native_hash("email", NAME);
    let bytes = fs::read(folder.path().join("vault.db")).unwrap();
    assert!(!bytes.windows(16).any(|at| at == native));
    assert!(bytes.windows(16).any(|at| at == ids[0].id.0));
}

#[tokio::test]
async fn what_is_forgotten_leaves_no_byte() {
    let folder = folder();
    let vault = open(folder.path()).await;
    fill(&vault).await;
    vault.close().await;
    let database = folder.path().join("vault.db");
    let before = fs::read(&database).unwrap();
    let vault = open(folder.path()).await;
    vault.forget_raw(1, &[1]).await.unwrap();
    vault.close().await;
    let after = fs::read(&database).unwrap();
    // The sealed row ends the page on which it stood; all of it is overwritten.
    let sealed_bytes = |bytes: &[u8]| bytes.iter().filter(|byte| **byte != 0).count();
    assert!(sealed_bytes(&after) + RAW.len() < sealed_bytes(&before));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "no log is left over"
    );
}
