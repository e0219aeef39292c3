//! Complete snapshots: what the next export no longer holds is told, and what it said stays.

use serde_json::{Value, json};

use crate::invented::Invented;

const SAYS: &str = "complete-until = \"2026-03-31\"\nsnapshot = true";

const ROWS: [&str; 5] = [
    "s-1,ana,2026-01-05,2026-03-09,moved",
    "s-2,bo,2026-01-06,,",
    "s-3,cleo,2026-01-07,,",
    "s-4,dag,2026-01-08,,",
    "s-5,eve,2026-01-09,2026-03-11,too dear",
];

fn company(rows: &[&str]) -> Invented {
    Invented::with_customers().subscriptions("billing", SAYS, &lines(rows))
}

fn lines(rows: &[&str]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// Writes an export.
fn export(company: &Invented, file: &str, rows: &[&str]) {
    let text = format!("id,who,started_on,ended_on,reason\n{}", lines(rows));
    company.write(&format!("exports/{file}"), &text);
}

/// What an import says of the source: how many records are missing, which, and compared with which imports.
fn said(company: &Invented) -> Value {
    let answer = company.json("import");
    let source = &answer["sources"]["billing"];
    let names = ["missing", "missing_records", "compared_with"];
    Value::from_iter(names.map(|name| source[name].clone()))
}

#[test]
fn what_the_next_snapshot_no_longer_holds_is_told_and_its_events_stay() {
    let company = company(&ROWS);
    assert_eq!(said(&company), json!([null, [], []]), "nothing came before");
    assert_eq!(said(&company), json!([0, [], [1]]), "the same file again");
    let card = company.json("card --period 2026-03");

    // An end taken back is a change of a record that is there.
    let rest = ["s-1,ana,2026-01-05,,", ROWS[1], ROWS[3]];
    export(&company, "billing.csv", &rest);
    let told = company.text("import");
    let line = "2 records of billing that its last import held are missing from this one: s-3, s-5; their events stay";
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(line), "{told}");
    let after = company.json("card --period 2026-03");
    // What the missing ones said stays; of the one whose end was taken back nobody says any more that it was lost.
    for (count, more) in [("opening", 0), ("lost", -1), ("closing", 1)] {
        let number = |card: &Value| card[count].as_i64().unwrap();
        assert_eq!(number(&after), number(&card) + more, "{count}");
    }

    // It held three, and so does the same file once more; as if it had never been, the five are compared with again.
    assert_eq!(said(&company), json!([0, [], [3]]));
    for import in ["4", "3"] {
        company.json(&format!("import --undo {import}"));
    }
    assert_eq!(said(&company), json!([2, ["s-3", "s-5"], [2]]));

    // Back again, together with one that is new.
    export(
        &company,
        "billing.csv",
        &[&ROWS[..], &["s-6,finn,2026-03-02,,"]].concat(),
    );
    assert_eq!(said(&company), json!([0, [], [5]]));
}

#[test]
fn the_files_of_one_run_are_one_snapshot() {
    let company = company(&[]);
    let definition = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&definition).unwrap();
    let text = text.replace("exports/billing.csv", "exports/billing-*.csv");
    std::fs::write(&definition, text).unwrap();
    export(&company, "billing-a.csv", &ROWS[..2]);
    export(&company, "billing-b.csv", &ROWS[2..]);
    assert_eq!(said(&company), json!([null, [], []]));
    // A record that moves from file to file is not missing, and neither is what the other file holds.
    export(&company, "billing-a.csv", &ROWS[..3]);
    export(&company, "billing-b.csv", &ROWS[3..]);
    assert_eq!(said(&company), json!([0, [], [1, 2]]));
    std::fs::remove_file(company.path().join("exports/billing-b.csv")).unwrap();
    assert_eq!(said(&company), json!([2, ["s-4", "s-5"], [3, 4]]));
}

#[test]
fn a_row_that_was_replayed_belongs_to_the_run_that_set_it_aside() {
    let company = company(&[&ROWS[..4], &["s-5,eve,09.01.2026,,"]].concat());
    assert_eq!(said(&company), json!([null, [], []]));
    let definition = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&definition).unwrap();
    let mended = "started_on = { type = \"date\", format = \"%d.%m.%Y\" }";
    std::fs::write(&definition, text.replace("started_on = \"date\"", mended)).unwrap();
    assert_eq!(company.json("quarantine replay 1")["stored"], 1);
    std::fs::write(&definition, text).unwrap();
    export(&company, "billing.csv", &ROWS[1..4]);
    assert_eq!(said(&company), json!([2, ["s-1", "s-5"], [1, 2]]));
}

#[test]
fn a_snapshot_without_a_key_is_a_mistake() {
    let company = company(&ROWS);
    let definition = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&definition).unwrap();
    std::fs::write(&definition, text.replace("key = \"id\"\n", "")).unwrap();
    let output = crate::program::amends(company.path(), &["check"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("AM0113") && said.contains("complete snapshot"),
        "{said}"
    );
}

#[test]
fn a_source_that_is_no_snapshot_misses_nothing() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, &lines(&ROWS));
    let company = company.imported();
    export(&company, "billing.csv", &ROWS[..2]);
    assert_eq!(said(&company), json!([null, [], []]));
}
