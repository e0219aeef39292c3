//! `import --dry-run`: what it says would move is what moves afterwards, and it changes nothing.

use std::fs;
use std::path::Path;

use amends_testkit::tempfile;
use serde_json::{Value, json};

use crate::invented::Invented;
use crate::program::{self, simulated};

/// The figures of a card that are counts.
const OF_CARD: [&str; 6] = ["opening", "new", "returned", "lost", "closing", "net"];

/// All that an import could change: events, imports, what was set aside.
fn state(project: &Path) -> Value {
    let ask = |command: &[&str]| program::json(project, command);
    json!([
        ask(&["doctor"])["state"],
        ask(&["imports"]),
        ask(&["quarantine", "list"])
    ])
}

fn moved(answer: &Value, of: &str) -> Value {
    let moves = answer["moves"].as_array().unwrap().iter();
    let of_it = moves.filter(|one| one["of"] == of).map(|one| {
        let figure = one["figure"].as_str().unwrap().to_owned();
        (figure, json!([one["before"], one["after"]]))
    });
    Value::Object(of_it.collect())
}

/// The differences between two answers.
fn difference(before: &Value, after: &Value, figures: &[&str]) -> Value {
    let pairs = figures
        .iter()
        .map(|name| (name, &before[*name], &after[*name]));
    let moved = pairs.filter(|(_, before, after)| before != after);
    Value::Object(
        moved
            .map(|(name, before, after)| ((*name).to_owned(), json!([before, after])))
            .collect(),
    )
}

fn only(object: &Value, figures: &[&str]) -> Value {
    let mut object = object.clone();
    let all = object.as_object_mut().unwrap();
    all.retain(|name, _| figures.contains(&name.as_str()));
    object
}

#[test]
fn what_would_move_is_what_moves() {
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions(
        "billing",
        says,
        "s-1,ana,2026-01-05,2026-03-09,moved\ns-2,bo,2026-02-06,,\n",
    );
    let project = company.path();
    let first = company.json("import --dry-run");
    assert_eq!(first["dry_run"], true);
    assert_eq!(first["as_of"]["before"], Value::Null);
    assert_eq!(first["tried"]["sources"]["billing"]["stored"], 2);
    assert_eq!(moved(&first, "card 2026-03")["lost"], json!([null, 1]));
    assert_eq!(company.json("imports")["total"], 0, "nothing is there");

    company.json("import");
    let card = || company.json("card --period 2026-03");
    let (before, was) = (card(), state(project));
    let rows = "id,who,started_on,ended_on,reason\n\
        s-1,ana,2026-01-05,2026-03-09,moved\ns-2,bo,2026-02-06,2026-03-11,too dear\ns-3,cleo,2026-03-07,,\n";
    company.write("exports/billing.csv", rows);
    let told = company.json("import billing --dry-run");
    assert_eq!(state(project), was);
    assert!(!project.join(".amends/rehearsal").exists());
    let counts = &told["tried"]["sources"]["billing"];
    assert_eq!(
        (&counts["stored"], &counts["duplicate"]),
        (&json!(2), &json!(1))
    );
    let said = company.text("import --dry-run");
    assert!(
        said.contains("nothing was changed") && said.contains("lost"),
        "{said}"
    );

    company.json("import");
    let after = card();
    let expected = difference(&before, &after, &OF_CARD);
    assert_eq!(expected["lost"], json!([1, 2]));
    assert_eq!(only(&moved(&told, "card 2026-03"), &OF_CARD), expected);

    // The undo of it, tried and done.
    let told = company.json("import --undo 2 --dry-run");
    assert_eq!(card(), after);
    assert_eq!(told["tried"]["undone"][0]["import"], 2);
    company.json("import --undo 2");
    let expected = difference(&after, &card(), &OF_CARD);
    assert_eq!(only(&moved(&told, "card 2026-03"), &OF_CARD), expected);
    let again = company.text("import --undo 1 --dry-run");
    assert!(again.contains("would move"), "{again}");
}

#[test]
fn counts_of_promises_are_told_as_well() {
    let here = tempfile::tempdir().unwrap();
    let project = simulated(here.path(), 60);
    let ask = |command: &[&str]| program::json(&project, command);
    ask(&["import"]);
    let of = |promises: &Value| promises["promises"][0].clone();
    let before = of(&ask(&["letdowns"]));
    let name = before["promise"].as_str().unwrap();
    let shop = ask(&["imports", "shop"])["items"][0]["import"].to_string();
    let told = ask(&["import", "--undo", &shop, "--dry-run"]);
    assert_eq!(of(&ask(&["letdowns"])), before);
    ask(&["import", "--undo", &shop]);
    let after = of(&ask(&["letdowns"]));
    let figures = ["exposed", "kept", "late", "broken", "overdue", "total"];
    let expected = difference(&before, &after, &figures);
    assert_ne!(expected, json!({}));
    assert_eq!(only(&moved(&told, name), &figures), expected);
}

#[test]
fn what_a_killed_dry_run_left_goes_and_one_under_way_keeps_others_out() {
    let company = Invented::with_customers()
        .subscriptions("billing", "", "s-1,ana,2026-01-05,,\n")
        .imported();
    let data = company.path().join(".amends");
    let left = data.join("rehearsal/vault");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("vault.db"), "ana").unwrap();
    let lock = fs::File::create(data.join("rehearsal.lock")).unwrap();
    lock.lock().unwrap();
    let (code, talk) = company.fails("import --dry-run");
    assert!(code == 3 && talk.contains("AM0426"), "{talk}");
    assert!(left.exists(), "somebody is at it");
    drop(lock);
    company.json("imports");
    assert!(!data.join("rehearsal").exists());
    company.json("import --dry-run");
    assert_eq!(company.fails("import nobody --dry-run").0, 2);
}
