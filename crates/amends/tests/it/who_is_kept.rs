//! Who is who is kept on disk: whatever happens to a project, its answers are those of a project that keeps nothing.

use std::fs;
use std::path::PathBuf;

use amends_testkit::tempfile::tempdir;
use serde_json::Value;

use crate::invented::Invented;
use crate::program::{copy_all, json};

const CUSTOMERS: &str = r#"
[identifier.number]

[identifier.mail]
generic = [GENERIC]

[customers]
new = { on = "subscription_started" }
lost = { on = "subscription_ended" }
"#;

const SOURCE: &str = r#"
[source.contracts]
says = "Contracts"
main = "rows"
key = "id"
complete-until = "2026-06-30"

[source.contracts.file.rows]
path = "exports/contracts.csv"

[source.contracts.file.rows.columns]
started_on = "date"
ended_on = "date"

[[source.contracts.event]]
kind = "subscription_started"
at = "started_on"
about = "id"
identifiers = { number = "number", mail = "mail" }

[[source.contracts.event]]
kind = "subscription_ended"
at = "ended_on"
about = "id"
identifiers = { number = "number", mail = "mail" }
"#;

const ROWS: &str = "id,number,mail,started_on,ended_on
k-1,n-1,ana@example.com,2026-01-05,
k-2,n-2,bo@example.com,2026-01-06,2026-03-11
k-3,n-3,front@example.com,2026-02-07,
k-4,n-4,front@example.com,2026-02-08,
";

const MORE: &str = "k-5,n-1,ana.new@example.com,2026-03-05,
k-6,n-5,bo@example.com,2026-04-06,
";

fn customers(generic: &str) -> String {
    CUSTOMERS.replace("GENERIC", generic)
}

fn kept(company: &Invented) -> PathBuf {
    company.path().join(".amends/derived/people/who.parts")
}

/// The answers of a company, which must be those of a copy that keeps nothing.
fn answers(company: &Invented) -> Vec<Value> {
    let apart = tempdir().unwrap();
    copy_all(company.path(), apart.path());
    fs::remove_dir_all(apart.path().join(".amends/derived")).unwrap_or_default();
    let commands: [&[&str]; 5] = [
        &["customer", "n-1"],
        &["customer", "bo@example.com"],
        &["math", "--from", "2026-01", "--to", "2026-06"],
        &["people", "new", "--period", "2026-02"],
        &[
            "math",
            "--from",
            "2026-01",
            "--to",
            "2026-02",
            "--as-of",
            "2026-03-01",
        ],
    ];
    let mut all = Vec::new();
    for command in commands {
        let answer = json(company.path(), command);
        // Whatever was asked first keeps what the next one reads.
        assert_eq!(answer, json(company.path(), command), "{command:?}");
        assert_eq!(answer, json(apart.path(), command), "{command:?}");
        all.push(answer);
    }
    assert!(kept(company).exists());
    let examined = company.json("doctor");
    assert_eq!(examined["good"], true, "{examined}");
    all
}

#[test]
fn whatever_happens_nothing_old_is_believed() {
    let company = Invented::that_counts("customers")
        .with("customers.toml", &customers(""))
        .with("sources/contracts.toml", SOURCE)
        .with("exports/contracts.csv", ROWS)
        .imported();
    let first = answers(&company);
    company.write("exports/contracts.csv", &format!("{ROWS}{MORE}"));
    company.text("import");
    let second = answers(&company);
    assert_ne!(first, second);
    company.text("identity unlink n-5 bo@example.com --by Bo --why twins");
    let unlinked = answers(&company);
    assert_ne!(second, unlinked);
    company.text("identity link n-5 bo@example.com --by Bo --why one");
    assert_eq!(answers(&company), second);
    // The vault alone changes: what the rows say is known already.
    company.write("customers.toml", &customers("\"front@example.com\""));
    company.text("import");
    let generic = answers(&company);
    assert_ne!(generic, second, "n-3 and n-4 are two again");
    company.text("import --undo 2");
    assert_eq!(answers(&company), generic, "the third said the same");
    company.text("import --undo 3");
    let undone = answers(&company);
    assert_ne!(undone, generic);
    company.text("erase bo@example.com --yes");
    assert_ne!(answers(&company), undone);
}

#[test]
fn what_is_kept_is_read_and_what_is_damaged_is_made_anew() {
    let company = Invented::that_counts("customers")
        .with("customers.toml", &customers(""))
        .with("sources/contracts.toml", SOURCE)
        .with("exports/contracts.csv", ROWS)
        .imported();
    let answer = company.json("customer n-1");
    let file = kept(&company);
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(company.json("customer n-1"), answer);
    let same = fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(written, same, "it was read, and not written again");
    let whole = fs::read(&file).unwrap();
    for damaged in [&whole[..whole.len() - 9], b"", b"something else entirely"] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(company.json("customer n-1"), answer);
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(company.json("customer n-1"), answer, "and nothing is kept");
}
