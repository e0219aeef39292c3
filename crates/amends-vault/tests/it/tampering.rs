use std::path::Path;

use amends_vault::{Personal, RawRow};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{folder, mint, open, record, seal};

/// Changes the database behind the vault's back.
async fn change(folder: &Path, sql: &str) {
    let url = format!("sqlite://{}", folder.join("vault.db").display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
    connection.close().await.unwrap();
}

/// Fills a vault, changes it by each statement, and sees that what is then asked for is refused.
async fn found_out(changes: &[&str]) {
    for sql in changes {
        let folder = folder();
        let vault = open(folder.path()).await;
        let ids = mint(&vault, "email", &["ada@example.org", "bo@example.org"], &[]).await;
        let personal: Vec<Personal> = (0..2)
            .map(|at| Personal {
                subject: ids[at],
                record: record(at as u8),
                fields: format!("{{\"n\":{at}}}"),
            })
            .collect();
        seal(&vault, &personal).await;
        let rows = [1, 2].map(|entry| RawRow {
            entry,
            text: vec![b'x'; 40],
        });
        vault.seal_raw(1, &rows).await.unwrap();
        vault.seal_raw(2, &rows).await.unwrap();
        vault.close().await;
        change(folder.path(), sql).await;
        let vault = open(folder.path()).await;
        let codes = [
            vault.names(&ids).await.err(),
            vault.personal(&[record(0), record(1)]).await.err(),
            vault.raw(1).await.err(),
        ];
        let codes: Vec<_> = codes
            .iter()
            .flatten()
            .map(|problem| problem.code())
            .collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|code| *code == "AM0304"),
            "{sql}: {codes:?}"
        );
    }
}

#[tokio::test]
async fn rows_that_were_exchanged_or_changed_are_found() {
    found_out(&[
        "UPDATE identifiers SET sealed_name = (SELECT o.sealed_name FROM identifiers o WHERE o.sequence = 2) WHERE sequence = 1",
        "UPDATE identifiers SET person_key = (SELECT o.person_key FROM identifiers o WHERE o.sequence = 2) WHERE sequence = 1",
        "UPDATE identifiers SET sealed_name = (SELECT o.sealed_name FROM identifiers o WHERE o.sequence = 2), person_key = (SELECT o.person_key FROM identifiers o WHERE o.sequence = 2) WHERE sequence = 1",
        "UPDATE identifiers SET namespace = 'phone' WHERE sequence = 1",
        "UPDATE identifiers SET fingerprint = x'00112233445566778899aabbccddeeff' WHERE sequence = 1",
        "UPDATE identifiers SET sealed_name = x'00' WHERE sequence = 1",
    ])
    .await;
}

#[tokio::test]
async fn fields_and_raw_rows_that_were_moved_are_found() {
    found_out(&[
        "UPDATE personal SET sealed_fields = (SELECT o.sealed_fields FROM personal o WHERE o.record <> personal.record)",
        "UPDATE personal SET subject = (SELECT o.id FROM identifiers o WHERE o.id <> personal.subject)",
        "UPDATE raw_rows SET sealed_text = (SELECT o.sealed_text FROM raw_rows o WHERE o.import = raw_rows.import AND o.entry <> raw_rows.entry)",
        "UPDATE raw_rows SET sealed_text = (SELECT o.sealed_text FROM raw_rows o WHERE o.import <> raw_rows.import AND o.entry = raw_rows.entry)",
        "UPDATE import_keys SET import_key = (SELECT o.import_key FROM import_keys o WHERE o.import <> import_keys.import)",
    ])
    .await;
}
