//! The examples of this repository are read without a word.

use std::path::{Path, PathBuf};

use amends_model::State;
use amends_project::Project;
use amends_project::definition::{By, ColumnType, Complete, Format, Lost, Normalise};

use crate::shown;

fn examples() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found: Vec<_> = std::fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.retain(|path| path.join("amends.toml").is_file());
    found.sort();
    assert!(!found.is_empty());
    found
}

fn load(root: &Path) -> Project {
    let (project, diagnostics) = amends_project::load(root, &|_| Some("/exports".to_owned()));
    assert!(
        diagnostics.is_empty(),
        "{}:\n{}",
        root.display(),
        shown(&diagnostics)
    );
    project.unwrap()
}

#[test]
fn every_example_has_no_mistakes_and_every_promise_its_tests() {
    for root in examples() {
        let project = load(&root);
        assert!(!project.sources.is_empty() && !project.promises.is_empty());
        for promise in project.promises.values() {
            assert!(
                promise.tests.len() >= 2,
                "{} in {}",
                promise.name,
                root.display()
            );
        }
    }
}

#[test]
fn what_an_example_says_is_what_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tumblewick");
    let project = load(&root);
    let billing = &project.sources["billing"];
    assert_eq!(
        (
            billing.main.as_str(),
            billing.snapshot,
            billing.events.len()
        ),
        ("subscriptions", true, 3)
    );
    assert_eq!(billing.zone.iana_name(), Some("UTC"));
    // The end of the last day of 2025 in Vienna.
    assert_eq!(
        billing.complete,
        Complete::Until("2025-12-31T23:00:00Z".parse().unwrap())
    );
    let file = &billing.files["subscriptions"];
    assert_eq!(file.path, Path::new("/exports/subscriptions.csv"));
    assert_eq!(file.written, "${AMENDS_SIMULATED}/subscriptions.csv");
    assert!(
        matches!(file.columns["Amount"].kind, ColumnType::Money(currency) if currency.as_str() == "EUR")
    );
    let started = &billing.events[0];
    let names: Vec<&str> = started
        .identifiers
        .iter()
        .map(|named| named.identifier.as_str())
        .collect();
    assert_eq!(names, ["customer", "email"], "the order written is kept");
    assert_eq!(started.identifiers[0].sql.text, "\"Customer ID\"");
    assert!(matches!(
        &project.sources["survey"].files["answers"].format,
        Format::Csv {
            delimiter: b';',
            ..
        }
    ));
    assert_eq!(project.sources["couriers"].files.len(), 2);
    assert_eq!(project.identifiers["email"].normalise, Normalise::Email);
}

#[test]
fn what_the_other_files_of_an_example_say_is_what_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tumblewick");
    let project = load(&root);
    let customers = project.customers.as_ref().unwrap();
    assert!(matches!(&customers.lost, Lost::Contract { on } if on[0].kind == "subscription_ended"));
    let recommend = &customers.would_recommend[0];
    assert_eq!(recommend.condition.as_ref().unwrap().text, "score >= 9");
    let promise = &project.promises["delivery-date"];
    let by = &promise.shape.deadline().unwrap().by;
    assert!(matches!(by, By::Date(property) if property == "promised_delivery"));
    let test = &promise.tests[0];
    assert_eq!(test.events[0].at.to_string(), "2024-03-01T09:00:00Z");
    let expected = &test.expect[0];
    assert_eq!(expected.is, Some(State::Late));
    assert_eq!(expected.late_by.unwrap().as_secs(), (38 * 60 + 30) * 60);
    let stages: Vec<&str> = project
        .stages
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    assert_eq!(stages, ["join", "receive", "ask", "leave", "use"]);
}
