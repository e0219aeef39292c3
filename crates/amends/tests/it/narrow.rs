//! What people read fits their terminal: no line is wider than it, however narrow, unless it is one word that must not be broken.

use amends_testkit::tempfile::tempdir;
use std::path::Path;

use crate::program::{command, json, simulated};

/// Every command that lists something, as far as it needs no argument that only the data knows.
const LISTINGS: [&str; 20] = [
    "imports",
    "card",
    "math",
    "math --by plan",
    "letdowns",
    "letdowns --promise delivery-date",
    "letdowns --promise first-answer",
    "due --within 60days",
    "normal",
    "normal --every day",
    "normal delivery-date --every month",
    "people new",
    "people letdowns.delivery-date",
    "customer --someone",
    "customer --someone --reveal",
    "quarantine list",
    "quarantine list --all",
    "hold list",
    "check",
    "doctor",
];

/// What a command prints for people on a terminal of so many columns.
fn printed(project: &Path, words: &[&str], columns: usize) -> String {
    let mut command = command(project, words);
    let output = command.env("COLUMNS", columns.to_string()).output();
    let output = output.unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() < Some(2), "{words:?}: {talk}");
    String::from_utf8(output.stdout).unwrap() + &talk
}

fn too_wide(text: &str, columns: usize) -> Vec<&str> {
    let wide = |line: &&str| line.chars().count() > columns;
    let one_word = |line: &&str| !line.trim().contains(' ');
    let lines = text.lines().filter(wide);
    lines.filter(|line| !one_word(line)).collect()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = tempdir().unwrap();
    let project = simulated(folder.path(), 80);
    let first = printed(&project, &["import"], 80);
    assert_eq!(too_wide(&first, 80), Vec::<&str>::new(), "{first}");
    let someone = json(&project, &["customer", "--someone"]);
    let someone = someone["customer"].as_str().unwrap();
    let let_downs = json(&project, &["letdowns", "--promise", "delivery-date"]);
    let let_down = let_downs["items"][0]["id"].as_str().unwrap();
    let asides = json(&project, &["quarantine", "list"]);
    let aside = asides["items"][0]["row"].as_str().unwrap();
    let hold = ["hold", "add", someone, "--reason", "a lawsuit of 2026"];
    json(&project, &hold);

    let mut all: Vec<Vec<&str>> = LISTINGS
        .iter()
        .map(|words| words.split(' ').collect())
        .collect();
    all.push(vec!["import", "--dry-run"]);
    all.push(vec!["import"]);
    all.push(vec!["explain", let_down]);
    all.push(vec!["identity", "explain", someone, "--reveal"]);
    all.push(vec!["quarantine", "explain", aside, "--reveal"]);
    json(&project, &["plan", "--in-force", "--approver", "Ada"]);
    let promise = project.join("promises/delivery-date.toml");
    let text = std::fs::read_to_string(&promise).unwrap();
    let text = text.replacen("where =", "# where =", 1);
    std::fs::write(&promise, text.replacen("excused =", "# excused =", 1)).unwrap();
    std::fs::remove_file(project.join("promises/first-answer.toml")).unwrap();
    all.push(vec!["plan"]);
    for words in &all {
        for columns in [80, 40] {
            let text = printed(&project, words, columns);
            assert!(!text.is_empty(), "{words:?} prints nothing");
            let wide = too_wide(&text, columns);
            assert!(wide.is_empty(), "{words:?} at {columns}: {wide:#?}\n{text}");
        }
    }
}

#[test]
fn what_must_be_copied_stays_whole_and_what_has_no_room_is_named() {
    let folder = tempdir().unwrap();
    let project = simulated(folder.path(), 80);
    printed(&project, &["import"], 80);
    let let_downs = json(&project, &["letdowns", "--promise", "delivery-date"]);
    let let_downs = let_downs["items"].as_array().unwrap();
    assert!(!let_downs.is_empty());
    for columns in [80, 40, 20] {
        let words = ["letdowns", "--promise", "delivery-date"];
        let text = printed(&project, &words, columns);
        let shown: Vec<&str> = text.split_whitespace().collect();
        for let_down in let_downs.iter().take(50) {
            let id = let_down["id"].as_str().unwrap();
            assert!(shown.contains(&id), "{id} at {columns}:\n{text}");
        }
    }
    let narrow = printed(&project, &["imports"], 80);
    assert!(narrow.contains("no room for: when"), "{narrow}");
    let wide = printed(&project, &["imports"], 200);
    assert!(!wide.contains("no room for"), "{wide}");
    // A block of lines for each row has every number.
    let blocks = printed(&project, &["imports"], 40);
    let of = |heading: &str| blocks.lines().filter(|l| l.starts_with(heading)).count();
    assert_eq!(of("duplicate"), of("import "), "{blocks}");
}
