//! Versions follow what a definition means, not how it is written.

use std::fs;
use std::path::Path;

use amends_project::Project;
use amends_testkit::tempfile::TempDir;

use crate::{load, shown};

/// A new project after replacing words in its files.
fn changed(changes: &[(&str, &str, &str)]) -> Project {
    let dir = TempDir::new().unwrap();
    amends_project::init(dir.path()).unwrap();
    for (file, from, to) in changes {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} holds no {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
    read(dir.path())
}

fn read(root: &Path) -> Project {
    let (project, diagnostics) = load(root);
    project.unwrap_or_else(|| panic!("{}", shown(&diagnostics)))
}

/// The versions of the project, of its subscriptions, of its promise.
fn versions(project: &Project) -> [&str; 3] {
    [
        &project.version,
        &project.sources["subscriptions"].mapping,
        &project.promises["first-answer"].version,
    ]
}

const COMPANY: &str = "amends.toml";
const CUSTOMERS: &str = "customers.toml";
const JOURNEY: &str = "journey.toml";
const SOURCE: &str = "sources/subscriptions.toml";
const PROMISE: &str = "promises/first-answer.toml";

#[test]
fn spaces_comments_order_and_wording_do_not_matter() {
    let before = changed(&[]);
    for change in [
        (SOURCE, "key = \"id\"", "key   =   'id'   # another comment"),
        (
            SOURCE,
            "at = \"started_on\"\nabout = \"id\"",
            "about = \"id\"\n\n\nat = '''\nstarted_on -- the day\n'''",
        ),
        (SOURCE, "path = \"exports/", "path = \"${EXPORTS}/"),
        (
            SOURCE,
            "says = \"Subscriptions",
            "says = \"The subscriptions",
        ),
        (PROMISE, "says = \"Whoever", "says = \"Everybody who"),
        (
            PROMISE,
            "case when late_by > interval '3 days'",
            "case\\n when late_by>interval '3 days' /* long */",
        ),
        (COMPANY, "version = 1", "data = \"elsewhere\"\nversion = 1"),
        (COMPANY, "\"Larkspur Bikes\"", "\"Larkspur Cycles\""),
    ] {
        let after = changed(&[change]);
        assert_eq!(versions(&after), versions(&before), "{change:?}");
    }
}

#[test]
fn sql_in_a_file_is_as_sql_inline() {
    let before = changed(&[]);
    let dir = TempDir::new().unwrap();
    amends_project::init(dir.path()).unwrap();
    let path = dir.path().join(PROMISE);
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("serious"))
        .unwrap();
    let sql = line.split_once('"').unwrap().1.trim_end_matches('"');
    let file = dir.path().join("promises/serious.sql");
    fs::write(file, format!("-- how bad\n{sql}\n")).unwrap();
    fs::write(&path, text.replace(line, "serious = \"serious.sql\"")).unwrap();
    assert_eq!(versions(&read(dir.path())), versions(&before));
}

#[test]
fn what_changes_the_meaning_makes_a_new_version() {
    let before = changed(&[]);
    assert!(versions(&before).iter().all(|version| version.len() == 12));
    let source = [true, true, false];
    let promise = [true, false, true];
    let neither = [true, false, false];
    for (change, expected) in [
        (
            (SOURCE, "plan = \"plan\"", "plan = \"upper(plan)\""),
            source,
        ),
        (
            (
                SOURCE,
                "{ rider = \"rider_id\", email = \"email\" }",
                "{ email = \"email\", rider = \"rider_id\" }",
            ),
            source,
        ),
        ((SOURCE, "= \"money\"", "= \"money:USD\""), source),
        ((COMPANY, "\"EUR\"", "\"USD\""), source),
        ((CUSTOMERS, "= \"email\"", "= \"lower\""), source),
        ((SOURCE, "\"2026-03-31\"", "\"2026-03-30\""), neither),
        ((CUSTOMERS, "= \"company\"", "= \"unknown\""), neither),
        // What is held beside what happens judges nobody.
        ((PROMISE, "made-by", "great = 0.9\nmade-by"), neither),
        ((JOURNEY, "owner", "great = 0.9\nowner"), neither),
        ((JOURNEY, "owner", "baseline = \"2026\"\nowner"), neither),
        ((PROMISE, "by = \"8 opening", "by = \"9 opening"), promise),
        ((PROMISE, "interval '3 days'", "interval '4 days'"), promise),
        ((COMPANY, "\"2026-01-06\", ", ""), promise),
    ] {
        let after = changed(&[change]);
        let pairs = versions(&after).into_iter().zip(versions(&before));
        let different: Vec<bool> = pairs.map(|(one, other)| one != other).collect();
        assert_eq!(different, expected, "{change:?}");
    }
}

#[test]
fn tests_are_no_part_of_a_promise() {
    let before = changed(&[]);
    let after = changed(&[(PROMISE, "2026-03-10T10:20", "2026-03-10T10:21")]);
    assert_eq!(versions(&before), versions(&after));
}
