use std::fs;
use std::path::Path;

use amends_model::{EventId, IdentifierId, RecordKey};
use amends_vault::{Erased, Erasure, Naming, Personal, RawRow, Vault};
use jiff::Timestamp;
use sqlx::{AnyConnection, Connection};

use crate::{folder, mint, open, record, seal};

const ADA: &str = "ada@example.org";
const PEOPLE: u32 = 3_000;

/// Many people, so that pages were split and rows have moved; Ada among them, with fields and raw rows that name her.
async fn fill(vault: &Vault) -> IdentifierId {
    let mut names: Vec<String> = (0..PEOPLE).map(|n| format!("p{n}@example.org")).collect();
    names[1_234] = ADA.to_owned();
    let mut ids = Vec::new();
    // A few at a time: each commit leaves its own pages in the log.
    for some in names.chunks(100) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        ids.extend(mint(vault, "email", &some, &[false; 100]).await);
    }
    // Fields of others grow as the same import says more of them: pages split, and Ada's row moves without having been touched.
    let incoming = vault.begin_with(1_000, false, 0).await.unwrap();
    for more in [0, 40, 400] {
        let others = ids.iter().zip(0_u128..);
        let personal: Vec<Personal> = others
            .filter(|(_, n)| more == 0 || *n != 1_234)
            .map(|(subject, n)| Personal {
                subject: *subject,
                record: RecordKey(
                    n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                        .to_be_bytes(),
                ),
                fields: format!(r#"{{"name":"Person {n}{}"}}"#, "x".repeat(more)),
            })
            .collect();
        for some in personal.chunks(100) {
            incoming.seal(some).await.unwrap();
        }
    }
    incoming.settle().await.unwrap();
    vault.keep(1_000).await.unwrap();
    let row = |entry, text: &str| RawRow {
        entry,
        text: text.into(),
    };
    let rows = [
        row(0, "mail;order"),
        row(1, "Ada@Example.org;broken"),
        row(2, "p7@example.org;broken"),
    ];
    vault.seal_raw(4, &rows).await.unwrap();
    ids[1_234]
}

async fn erasure(vault: &Vault, ids: &[IdentifierId], records: Vec<RecordKey>) -> Erasure {
    Erasure {
        number: EventId([9; 16]),
        at: Timestamp::UNIX_EPOCH,
        identifiers: vault.marks(ids).await.unwrap(),
        records,
        perhaps: false,
    }
}

/// The blobs that a query finds, read past the vault.
async fn blobs(folder: &Path, query: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", folder.join("vault.db").display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let query = sqlx::AssertSqlSafe(query.to_owned());
    let found = sqlx::query_scalar(query).bind(bytes.to_vec());
    let found: Vec<Vec<u8>> = found.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    found
}

/// In how many places of all files of a folder one of some byte strings stands.
fn places(folder: &Path, wanted: &[Vec<u8>]) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let count = |bytes: Vec<u8>| {
        let finders = wanted.iter().map(|wanted| {
            bytes
                .windows(wanted.len())
                .filter(|at| at == wanted)
                .count()
        });
        finders.sum::<usize>()
    };
    files
        .map(|file| count(fs::read(file.path()).unwrap()))
        .sum()
}

#[tokio::test]
async fn keys_names_fields_and_rows_of_the_erased_stand_in_no_file_any_more() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ada = fill(&vault).await;
    let mut secrets = Vec::new();
    for query in [
        "SELECT person_key FROM identifiers WHERE id = $1",
        "SELECT sealed_name FROM identifiers WHERE id = $1",
        "SELECT sealed_fields FROM personal WHERE subject = $1",
        "SELECT import_key FROM import_keys WHERE import = 4 OR $1 = ''",
        "SELECT sealed_text FROM raw_rows WHERE entry = 1 OR $1 = ''",
    ] {
        let found = blobs(folder.path(), query, &ada.0).await;
        assert_eq!(found.len(), 1, "{query}");
        secrets.extend(found);
    }
    assert!(
        places(folder.path(), &secrets) >= 5,
        "the scan finds what is there"
    );
    let erasure = erasure(&vault, &[ada], Vec::new()).await;
    let erased = vault.erase(&erasure).await.unwrap();
    let one = Erased {
        names: 1,
        fields: 1,
        rows: 1,
    };
    assert_eq!(erased, one);
    vault.scrub().await.unwrap();
    assert_eq!(places(folder.path(), &secrets), 0);
    vault.finish_erasure(erasure.number).await.unwrap();
    assert!(
        vault
            .unfinished(&[erasure.number])
            .await
            .unwrap()
            .is_empty()
    );

    // Nobody else lost anything, and doing it again does no harm.
    assert_eq!(vault.erase(&erasure).await.unwrap(), Erased::default());
    let ids: Vec<IdentifierId> = vault
        .minted()
        .await
        .unwrap()
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids.len(), PEOPLE as usize);
    assert_eq!(vault.names(&ids).await.unwrap().len(), ids.len() - 1);
    assert_eq!(vault.personal_of(&ids).await.unwrap().len(), ids.len() - 1);
    let rows: Vec<i64> = vault
        .raw(4)
        .await
        .unwrap()
        .iter()
        .map(|row| row.entry)
        .collect();
    assert_eq!(rows, [0, 2]);
}

#[tokio::test]
async fn the_erased_do_not_return_with_the_next_export() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ada = fill(&vault).await;
    let other = mint(&vault, "account", &["Invented Ltd"], &[false]).await[0];
    let personal = |subject, record| Personal {
        subject,
        record,
        fields: r#"{"name":"Ada"}"#.to_owned(),
    };
    seal(
        &vault,
        &[personal(other, record(1)), personal(other, record(2))],
    )
    .await;
    let erasure = erasure(&vault, &[ada], vec![record(1)]).await;
    assert_eq!(vault.erase(&erasure).await.unwrap().fields, 2);
    let again = mint(&vault, "email", &[ADA], &[false]).await;
    assert_eq!(again, [ada], "the same identifier");
    let records = [record(1), record(2), record(3)];
    seal(
        &vault,
        &[
            personal(other, records[0]),
            personal(other, records[1]),
            personal(ada, records[2]),
        ],
    )
    .await;
    let kept = vault.personal(&records).await.unwrap();
    assert_eq!(kept.into_keys().collect::<Vec<_>>(), [record(2)]);
    let row = |entry, text: &str| RawRow {
        entry,
        text: text.into(),
    };
    let rows = [
        row(0, ADA),
        row(1, "x,ADA@example.org"),
        row(2, "x,eva@example.org"),
    ];
    vault.seal_raw(5, &rows).await.unwrap();
    let kept: Vec<i64> = vault
        .raw(5)
        .await
        .unwrap()
        .iter()
        .map(|row| row.entry)
        .collect();
    assert_eq!(kept, [0, 2]);
    assert!(vault.names(&[ada]).await.unwrap().is_empty());
    assert_eq!(
        vault
            .erased()
            .await
            .unwrap()
            .into_keys()
            .collect::<Vec<_>>(),
        [ada]
    );
}

#[tokio::test]
async fn an_erasure_is_repeated_on_a_vault_of_before_and_on_one_that_never_knew_the_name() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let before = crate::folder();
    for file in [amends_vault::DATABASE, amends_vault::KEY_FILE] {
        if file == amends_vault::DATABASE {
            vault.copy_to(&before.path().join(file)).await.unwrap();
        } else {
            fs::copy(folder.path().join(file), before.path().join(file)).unwrap();
        }
    }
    let ada = fill(&vault).await;
    let after = crate::folder();
    vault
        .copy_to(&after.path().join(amends_vault::DATABASE))
        .await
        .unwrap();
    let key = amends_vault::KEY_FILE;
    fs::copy(folder.path().join(key), after.path().join(key)).unwrap();
    let erasure = erasure(&vault, &[ada], Vec::new()).await;
    vault.erase(&erasure).await.unwrap();
    for (restored, names) in [(before.path(), 0), (after.path(), 1)] {
        let vault = open(restored).await;
        let numbers = [erasure.number];
        assert_eq!(vault.unfinished(&numbers).await.unwrap(), numbers);
        assert_eq!(vault.erase(&erasure).await.unwrap().names, names);
        vault.scrub().await.unwrap();
        assert_eq!(mint(&vault, "email", &[ADA], &[false]).await, [ada]);
        assert!(vault.names(&[ada]).await.unwrap().is_empty());
        assert!(vault.raw_naming(&[ada]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn rows_that_hold_something_as_short_as_a_name_go_only_when_asked() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ids = mint(&vault, "number", &["17", "4711"], &[false; 2]).await;
    let row = |entry, text: &str| RawRow {
        entry,
        text: text.into(),
    };
    vault
        .seal_raw(1, &[row(1, "17;x"), row(2, "4711;17"), row(3, "9;9")])
        .await
        .unwrap();
    let found = vault.raw_naming(&ids).await.unwrap();
    let found: Vec<_> = found.iter().map(|row| (row.entry, row.naming)).collect();
    assert_eq!(found, [(1, Naming::Perhaps), (2, Naming::Surely)]);
    let mut erasure = erasure(&vault, &ids, Vec::new()).await;
    assert_eq!(vault.erase(&erasure).await.unwrap().rows, 1);
    erasure.perhaps = true;
    assert_eq!(vault.erase(&erasure).await.unwrap().rows, 1);
    assert_eq!(vault.raw(1).await.unwrap().len(), 1);
}
