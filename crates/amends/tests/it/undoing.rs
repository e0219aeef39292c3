//! Imports listed and taken back from the command line.

use amends_testkit::tempfile;

use crate::invented::Invented;
use crate::program::{amends, json, simulated, text};

#[test]
fn an_undone_import_counts_no_longer_and_can_be_imported_again() {
    let here = tempfile::tempdir().unwrap();
    let project = simulated(here.path(), 60);
    json(&project, &["import"]);
    let state = |project| json(project, &["doctor"])["state"].clone();
    let (first, before) = (state(&project), json(&project, &["letdowns"]));
    let listed = json(&project, &["imports"]);
    let items = listed["items"].as_array().unwrap();
    assert!(items.len() > 2 && items.iter().all(|import| import["counts"] == true));
    let number = items[0]["import"].to_string();
    let undone = json(&project, &["import", "--undo", &number]);
    assert_eq!(undone["undone"][0]["import"], items[0]["import"]);
    assert_ne!(state(&project), first);
    let listed = json(&project, &["imports"]);
    assert_eq!(listed["items"][0]["counts"], false);
    let said = text(&project, &["imports"]);
    assert!(said.contains("undone"), "{said}");
    for (argument, code) in [(number.as_str(), "AM0412"), ("4711", "AM0411")] {
        let refused = amends(&project, &["import", "--undo", argument]);
        assert_eq!(refused.status.code(), Some(3));
        let talk = String::from_utf8(refused.stderr).unwrap();
        assert!(talk.contains(code), "{talk}");
    }
    assert_eq!(
        amends(&project, &["import", "orders", "--undo", "1"])
            .status
            .code(),
        Some(2)
    );
    json(&project, &["import"]);
    assert_eq!(state(&project), first);
    assert_eq!(json(&project, &["letdowns"]), before);
    assert_eq!(json(&project, &["doctor"])["good"], true);
}

#[test]
fn an_import_that_was_replaced_is_not_said_to_have_counted_until_it_was_undone() {
    let rows = "s-1,ana,2026-01-05,,\n";
    let says = "complete-until = \"2026-03-31\"";
    let company = Invented::with_customers().subscriptions("billing", says, rows);
    company.text("import");
    // Another mapping reads the same bytes: its import replaces the first one.
    let path = company.path().join("sources/billing.toml");
    let source = std::fs::read_to_string(&path).unwrap();
    let source = source.replace("about = \"id\"", "about = \"upper(id)\"");
    std::fs::write(&path, source).unwrap();
    company.text("import");
    assert_eq!(company.json("imports")["items"][0]["replaced_by"], 2);
    let told = company.text("import --undo 1 --dry-run");
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "nothing of it counted any more, import 2 had replaced it";
    assert!(told.contains(said), "{told}");
    let undone = company.json("import --undo 1");
    assert_eq!(undone["undone"][0]["counted_before"], false);
    let undone = company.json("import --undo 2");
    assert_eq!(undone["undone"][0]["counted_before"], true);
}
