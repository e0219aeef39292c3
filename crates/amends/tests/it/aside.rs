//! Rows set aside: an import and the list of the quarantine say the same of them.

use amends_testkit::tempfile;
use serde_json::Value;

use crate::program::{json, simulated, text};

/// How many rows of main files and of joined files an answer counts.
fn counts(answer: &Value) -> [u64; 2] {
    ["quarantined", "quarantined_joined"].map(|name| answer[name].as_u64().unwrap())
}

#[test]
fn import_and_list_count_the_same_rows_of_main_files_and_of_joined_ones() {
    let here = tempfile::tempdir().unwrap();
    let project = simulated(here.path(), 300);
    let imported = text(&project, &["import"]);
    let listed = text(&project, &["quarantine", "list"]);
    let said = |of: &str| {
        let line = of.lines().find(|line| line.starts_with("Set aside: "));
        let line = line.unwrap_or_else(|| panic!("{of}"));
        line.split(';').next().unwrap().to_owned()
    };
    assert_eq!(said(&imported), said(&listed));

    let list = json(&project, &["quarantine", "list"]);
    let items = list["items"].as_array().unwrap();
    let joined = items.iter().filter(|item| item["joined"] == true).count() as u64;
    let [of_main, of_joined] = counts(&list);
    assert!(of_main > 0 && of_joined > 0, "{list}");
    assert_eq!(
        (of_joined, of_main + of_joined),
        (joined, items.len() as u64)
    );
    assert!(
        items
            .iter()
            .all(|item| (item["joined"] == true) == (item["code"] == "AM0533"))
    );
    let many = |number: u64, of: &str| match number {
        1 => format!("1 row of a {of} file"),
        _ => format!("{number} rows of {of} files"),
    };
    let expected = [many(of_main, "main"), many(of_joined, "joined")].join(", ");
    assert_eq!(said(&listed), format!("Set aside: {expected}"));

    // The same files again are set aside again, and each import says its own.
    let again = json(&project, &["import"]);
    let sources = again["sources"].as_object().unwrap().values();
    let mut sums = [0, 0];
    for source in sources {
        let files = source["imports"].as_array().unwrap().iter().map(counts);
        let files = files.fold([0, 0], |sum, file| [sum[0] + file[0], sum[1] + file[1]]);
        assert_eq!(files, counts(source), "{source}");
        sums = [sums[0] + files[0], sums[1] + files[1]];
    }
    assert_eq!(sums, [of_main, of_joined]);
    let both = json(&project, &["quarantine", "list"]);
    assert_eq!(counts(&both), [2 * of_main, 2 * of_joined]);
}
