//! Columns that come, go, or change their names from one export to the next.

use serde_json::{Value, json};

use crate::invented::Invented;

const ROWS: &str = "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-06,2026-02-03,moved\n";

fn company() -> Invented {
    let says = "complete-until = \"2026-03-31\"";
    Invented::with_customers()
        .subscriptions("billing", says, ROWS)
        .imported()
}

fn export(company: &Invented, heading: &str, rows: &str) {
    company.write("exports/billing.csv", &format!("{heading}\n{rows}"));
}

/// What an import says of the columns.
fn said(company: &Invented) -> Value {
    company.json("import")["sources"]["billing"]["columns"].clone()
}

#[test]
fn columns_that_come_and_go_are_told_once() {
    let company = company();
    assert_eq!(said(&company), json!([]), "the same file again");
    let rows = "s-1,ana,2026-01-05,,,phone\ns-2,bo,2026-01-06,2026-02-03,moved,web\n";
    export(&company, "id,who,started_on,ended_on,reason,channel", rows);
    let told = company.text("import");
    let line = "The columns of billing.csv have changed since import 2; new: channel";
    assert!(told.lines().any(|said| said == line), "{told}");
    assert_eq!(said(&company), json!([]), "known by now");
    company.text("import --undo 3");
    company.text("import --undo 4");
    let gone = json!([{
        "file": "exports/billing.csv", "compared_with": 2, "added": ["channel"], "dropped": [], "renamed": [],
    }]);
    assert_eq!(said(&company), gone, "what was undone is no measure");
}

#[test]
fn a_column_under_another_name_is_recognised_and_read_once_the_definition_says_so() {
    let company = company();
    let before = company.json("card --period 2026-02");
    let rows = format!("{ROWS}s-3,cleo,2026-02-07,,\n");
    export(&company, "id,who,start_date,ended_on,reason", &rows);
    let (exit, talk) = company.fails("import");
    assert_eq!(exit, 3);
    let talk = talk.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "AM0505",
        "since import 1 the columns of exports/billing.csv have changed: `started_on` seems to be called `start_date` now",
        "write below [source.billing.file.rows.rename]: \"start_date\" = \"started_on\"",
    ] {
        assert!(talk.contains(words), "{words} is not in {talk}");
    }

    let definition = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&definition).unwrap();
    let renamed = "[source.billing.file.rows.rename]\n\"start_date\" = \"started_on\"\n";
    std::fs::write(&definition, format!("{text}{renamed}")).unwrap();
    let answer = company.json("import");
    let source = &answer["sources"]["billing"];
    // The older definition read other bytes, and what it said is said again.
    assert_eq!(
        (&source["stored"], &source["duplicate"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        source["columns"][0]["renamed"],
        json!([{"from": "started_on", "to": "start_date", "is_read": true}])
    );
    let after = company.json("card --period 2026-02");
    assert_eq!(after["opening"], before["opening"]);
    assert_eq!(after["new"], 1);
    // An older file is read by the same definition.
    export(&company, "id,who,started_on,ended_on,reason", ROWS);
    assert_eq!(company.json("import")["sources"]["billing"]["stored"], 0);
}

#[test]
fn a_file_that_never_fitted_is_not_explained_by_one_before() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, ROWS);
    export(&company, "id,who,start_date,ended_on,reason", ROWS);
    let (_, talk) = company.fails("import");
    assert!(
        talk.contains("AM0505") && !talk.contains("since import"),
        "{talk}"
    );
}

#[test]
fn names_without_end_are_not_kept() {
    let company = company();
    let endless = "x".repeat(300_000);
    let rows = "s-1,ana,2026-01-05,,,7\n";
    export(
        &company,
        &format!("id,who,started_on,ended_on,reason,{endless}"),
        rows,
    );
    let imported = company.json("import");
    let source = &imported["sources"]["billing"];
    assert_eq!(source["received"], 1);
    assert_eq!(source["columns"], json!([]));
}
