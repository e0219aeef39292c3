//! What finds names and fields lies in two levels: each row is found in one of them, and whoever asks does not notice.

use std::path::Path;

use amends_model::{EventId, IdentifierId};
use amends_vault::{Erasure, Incoming, Personal, Vault};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::{count, database, folder, imported, open, record};

/// Each table that finds, what it says of a row, where the rows are, their number, and the counter that says up to where they were merged.
const TABLES: [[&str; 5]; 4] = [
    [
        "by_fingerprint",
        "fingerprint, sequence",
        "identifiers",
        "sequence",
        "merged names",
    ],
    [
        "by_id",
        "id, sequence",
        "identifiers",
        "sequence",
        "merged names",
    ],
    [
        "by_record",
        "record, import, place",
        "personal",
        "place",
        "merged fields",
    ],
    [
        "by_subject",
        "subject, place",
        "personal",
        "place",
        "merged fields",
    ],
];

/// Every row is found once, and in its level.
pub(crate) async fn each_is_found_once(folder: &Path) {
    let mut connection = database(folder).await;
    for [table, columns, rows, number, merged] in TABLES {
        for wrong in [
            format!("(SELECT {columns} FROM {rows} EXCEPT SELECT {columns} FROM {table})"),
            format!("(SELECT {columns} FROM {table} EXCEPT SELECT {columns} FROM {rows})"),
            format!(
                "{table} WHERE level <> ({number} > (SELECT value FROM counters WHERE name = '{merged}'))"
            ),
            format!("(SELECT 1 FROM {table} GROUP BY {number} HAVING COUNT(*) > 1)"),
        ] {
            let query = AssertSqlSafe(format!("SELECT COUNT(*) FROM {wrong}"));
            let count: i64 = sqlx::query_scalar(query)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(count, 0, "{wrong}");
        }
    }
    connection.close().await.unwrap();
}

/// How many rows of each table are in each level.
async fn levels(folder: &Path) -> [[i64; 2]; 4] {
    let mut levels = [[0; 2]; 4];
    for (levels, [table, ..]) in levels.iter_mut().zip(TABLES) {
        for (level, rows) in levels.iter_mut().enumerate() {
            *rows = count(folder, &format!("{table} WHERE level = {level}")).await;
        }
    }
    levels
}

/// An import of new people, each with a field.
async fn people(vault: &Vault, numbers: std::ops::Range<u8>) -> Vec<IdentifierId> {
    imported(vault, async |incoming: &Incoming| {
        let names: Vec<String> = numbers.clone().map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = incoming.mint("email", &names, &[]).await.unwrap();
        let personal: Vec<Personal> = ids
            .iter()
            .zip(numbers)
            .map(|(id, number)| Personal {
                subject: *id,
                record: record(number),
                fields: format!("first {number}"),
            })
            .collect();
        incoming.seal(&personal).await.unwrap();
        ids
    })
    .await
}

pub(crate) fn name(number: u8) -> String {
    format!("p{number}@example.org")
}

#[tokio::test]
async fn what_comes_lately_stays_apart_until_it_is_much() {
    let folder = folder();
    let vault = open(folder.path()).await;
    for (numbers, expected) in [
        // A vault that grows from nothing has nothing to be kept apart from.
        (0..40, [40, 0]),
        (40..100, [100, 0]),
        (100..104, [100, 4]),
        (104..112, [100, 12]),
        (112..113, [113, 0]),
        (113..127, [113, 14]),
        (127..128, [128, 0]),
    ] {
        people(&vault, numbers.clone()).await;
        assert_eq!(levels(folder.path()).await, [expected; 4], "{numbers:?}");
        each_is_found_once(folder.path()).await;
    }
}

/// Of a record in both levels the newest that counts is told, of whichever level.
#[tokio::test]
async fn a_record_is_found_in_both_levels() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ids = people(&vault, 0..100).await;
    let say = async |text: &str| {
        imported(&vault, async |incoming: &Incoming| {
            let personal = Personal {
                subject: ids[7],
                record: record(7),
                fields: text.to_owned(),
            };
            incoming.seal(&[personal]).await.unwrap();
        })
        .await;
    };
    say("second").await;
    // Nothing new is said, so that nothing is written.
    say("second").await;
    assert_eq!(levels(folder.path()).await[2], [100, 1]);
    assert_eq!(told(&vault, 7).await.as_deref(), Some("second"));
    let of_record = vault.personal_versions(&[record(7)]).await.unwrap();
    let of_record: Vec<&str> = of_record.iter().map(|one| one.fields.as_str()).collect();
    assert_eq!(of_record, ["first 7", "second"]);
    assert_eq!(vault.personal_of(&ids[7..8]).await.unwrap().len(), 2);
    assert_eq!(vault.forget_fields(&[record(7)]).await.unwrap(), 2);
    assert_eq!(levels(folder.path()).await[2..], [[99, 0]; 2]);
    assert_eq!(told(&vault, 7).await, None);
}

/// Who is erased, and what is forgotten, is gone from both levels.
#[tokio::test]
async fn both_levels_are_forgotten_and_erased() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let ids = people(&vault, 0..100).await;
    let incoming = vault.begin_with(2_000, false, 0).await.unwrap();
    for number in 100..105 {
        let id = incoming.mint("email", &[&name(number)], &[]).await.unwrap()[0];
        let personal = [(id, number), (ids[7], number - 90)].map(|(subject, of)| Personal {
            subject,
            record: record(of),
            fields: format!("second {of}"),
        });
        incoming.seal(&personal).await.unwrap();
    }
    drop(incoming);
    vault.close().await;
    let vault = open(folder.path()).await;
    vault.forget_fields(&[]).await.unwrap();
    let [names, _, fields, _] = levels(folder.path()).await;
    assert!(names[0] == 100 && names[1] > 0, "{names:?}");
    assert!(fields[1] > 0, "{fields:?}");
    let erasure = Erasure {
        number: EventId([9; 16]),
        at: Timestamp::UNIX_EPOCH,
        identifiers: vault.marks(&ids[7..8]).await.unwrap(),
        records: Vec::new(),
        perhaps: false,
    };
    assert!(vault.erase(&erasure).await.unwrap().fields > 1);
    assert_eq!(vault.personal_of(&ids[7..8]).await.unwrap(), []);
    each_is_found_once(folder.path()).await;
    vault.forget(2_000).await.unwrap();
    each_is_found_once(folder.path()).await;
    assert_eq!(count(folder.path(), "by_id").await, 100);
    assert_eq!(count(folder.path(), "by_record").await, 99);
}

async fn told(vault: &Vault, number: u8) -> Option<String> {
    let mut told = vault.personal(&[record(number)]).await.unwrap();
    told.remove(&record(number))
}

/// What the release before had of these tables.
const BEFORE: &str = "
    CREATE TABLE f (fingerprint BYTEA PRIMARY KEY, sequence BIGINT NOT NULL) WITHOUT ROWID;
    CREATE TABLE i (id BYTEA PRIMARY KEY, sequence BIGINT NOT NULL) WITHOUT ROWID;
    CREATE TABLE r (record BYTEA NOT NULL, import BIGINT NOT NULL, place BIGINT NOT NULL, PRIMARY KEY (record, import)) WITHOUT ROWID;
    CREATE TABLE s (subject BYTEA NOT NULL, place BIGINT NOT NULL, PRIMARY KEY (subject, place)) WITHOUT ROWID;
    INSERT INTO f SELECT fingerprint, sequence FROM by_fingerprint;
    INSERT INTO i SELECT id, sequence FROM by_id;
    INSERT INTO r SELECT record, import, place FROM by_record;
    INSERT INTO s SELECT subject, place FROM by_subject;
    DROP TABLE by_fingerprint;
    DROP TABLE by_id;
    DROP TABLE by_record;
    DROP TABLE by_subject;
    ALTER TABLE f RENAME TO by_fingerprint;
    ALTER TABLE i RENAME TO by_id;
    ALTER TABLE r RENAME TO by_record;
    ALTER TABLE s RENAME TO by_subject;
    DELETE FROM counters WHERE name IN ('merged names', 'merged fields');
    UPDATE settings SET value = x'03' WHERE name = 'schema';
";

#[tokio::test]
async fn a_vault_of_the_schema_before_has_all_in_one_level_once_it_is_opened() {
    let folder = folder();
    let vault = open(folder.path()).await;
    let mut ids = people(&vault, 0..100).await;
    ids.extend(people(&vault, 100..105).await);
    // It was also left in the middle of an import, of which nothing finds what was written.
    let incoming = vault.begin_with(2_000, true, 30_000).await.unwrap();
    for numbers in [0..100, 100..200] {
        let names: Vec<String> = numbers.map(|n: u8| format!("lost{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        incoming.mint("email", &names, &[]).await.unwrap();
    }
    drop(incoming);
    vault.close().await;
    assert!(count(folder.path(), "identifiers").await > 105);
    assert_eq!(levels(folder.path()).await, [[100, 5]; 4]);
    let mut connection = database(folder.path()).await;
    connection.execute(BEFORE).await.unwrap();
    connection.close().await.unwrap();

    let vault = open(folder.path()).await;
    assert_eq!(levels(folder.path()).await, [[105, 0]; 4]);
    assert_eq!(vault.names(&ids).await.unwrap().len(), 105);
    assert_eq!(told(&vault, 103).await.as_deref(), Some("first 103"));
    vault.forget(2_000).await.unwrap();
    each_is_found_once(folder.path()).await;
    people(&vault, 105..110).await;
    assert_eq!(levels(folder.path()).await[2..], [[105, 5]; 2]);
    each_is_found_once(folder.path()).await;
}
