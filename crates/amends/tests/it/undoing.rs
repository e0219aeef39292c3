//! Imports listed and taken back from the command line.

use amends_testkit::tempfile;

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
