//! How statements find their rows: what reads a whole table is as quick as anything here, and takes hours in a large vault.

use std::fs;
use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, Row};

use crate::{database, folder, mint, open};

const FOUND_BY: [&str; 4] = ["by_fingerprint", "by_id", "by_record", "by_subject"];

/// The statements of the vault, by the names of their files. What is put into them is put in, in each way.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let mut statements = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_setting_up = name.starts_with("00") || name.starts_with("connect");
        let values = name.starts_with("insert_") || name.starts_with("upsert_");
        if is_setting_up || values {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("{rows}", "?, ?, ?");
        for and in ["", "AND import = ?"] {
            statements.push((name.clone(), text.replace("{and}", and)));
        }
    }
    statements
}

/// How often a statement looks into a table that finds names or fields.
fn looks(statement: &str) -> usize {
    let words: Vec<&str> = statement.split(|c: char| !is_of_word(c)).collect();
    let looks = words
        .windows(2)
        .filter(|pair| ["FROM", "JOIN"].contains(&pair[0]) && FOUND_BY.contains(&pair[1]));
    looks.count()
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

async fn plan(connection: &mut AnyConnection, statement: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn names_and_fields_are_looked_up_by_level_and_key_and_no_table_of_them_is_read_whole() {
    let folder = folder();
    let vault = open(folder.path()).await;
    mint(&vault, "email", &["ada@example.org"], &[]).await;
    vault.close().await;
    let mut connection = database(folder.path()).await;
    let mut looked = 0;
    for analyzed in [false, true] {
        if analyzed {
            connection.execute(MANY).await.unwrap();
            connection.execute("ANALYZE").await.unwrap();
        }
        for (name, statement) in statements() {
            let plan = plan(&mut connection, &statement).await;
            let told = format!("{name}, analyzed: {analyzed}\n{}", plan.join("\n"));
            let of_vault = ["identifiers", "personal", "raw_rows"];
            let read_whole = plan.iter().filter_map(|step| step.strip_prefix("SCAN "));
            let mut read_whole = read_whole.filter(|step| {
                let table = step.split(' ').next().unwrap_or_default();
                table.len() == 1 || of_vault.contains(&table) || FOUND_BY.contains(&table)
            });
            assert_eq!(read_whole.next(), None, "{told}");
            let by_key = plan.iter().filter(|step| {
                step.starts_with("SEARCH ") && step.contains("USING PRIMARY KEY (level=? AND ")
            });
            // With figures about the tables a list may be planned twice.
            let (by_key, looks) = (by_key.count(), looks(&statement));
            let levels = statement.matches("level IN (0, 1)").count();
            assert_eq!(levels, looks, "both levels, in {told}");
            assert!(
                by_key == looks || analyzed && by_key > looks,
                "{by_key} of {looks} in {told}"
            );
            looked += looks;
        }
    }
    assert!(looked > 60, "{looked}");
    connection.close().await.unwrap();
}

/// Rows enough that figures about the tables say something.
const MANY: &str = "
    WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO identifiers (sequence, id, fingerprint, namespace, generic) SELECT n, randomblob(16), randomblob(16), 'email', 0 FROM n;
    INSERT INTO personal (record, import, subject, text_hash, sealed_fields)
    SELECT randomblob(16), sequence / 4000, id, x'00', x'00' FROM identifiers;
    INSERT INTO by_fingerprint (level, fingerprint, sequence) SELECT sequence > 18000, fingerprint, sequence FROM identifiers WHERE sequence > 1;
    INSERT INTO by_id (level, id, sequence) SELECT sequence > 18000, id, sequence FROM identifiers WHERE sequence > 1;
    INSERT INTO by_record (level, record, import, place) SELECT place > 18000, record, import, place FROM personal;
    INSERT INTO by_subject (level, subject, place) SELECT place > 18000, subject, place FROM personal;
";
