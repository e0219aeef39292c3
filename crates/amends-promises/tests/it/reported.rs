//! How far sources have reported, over a project as it is loaded from its files.

use std::collections::BTreeMap;
use std::fs;

use amends_ledger::{ImportEnd, ImportStart, Ledger, Snapshot};
use amends_project::Project;
use amends_promises::{earliest_watermark, missing_kinds, reported, reported_by};
use amends_testkit::tempfile::{self, TempDir};
use jiff::Timestamp;

const COMPANY: &str = r#"
version = 1
[company]
name = "Larkspur Bikes"
zone = "Europe/Vienna"
currency = "EUR"
"#;

/// The shop tells of orders; the carrier, two days late, of deliveries; the desk only of cancellations, which excuse; the tower of the weather.
const SOURCES: [(&str, &str, &str); 4] = [
    ("shop", "order_placed", ""),
    ("carrier", "order_delivered", "lag = \"2 days\""),
    ("desk", "order_cancelled", ""),
    ("tower", "weather_seen", ""),
];

const PROMISE: &str = r#"
[promise.delivery]
says = "It comes within three days"
made-by = "shop"
opens = { on = "order_placed" }
kept = { on = "order_delivered" }
excused = { on = "order_cancelled" }
by = "3 days"
"#;

/// A project with these of the sources.
fn project(with: &[&str], promise: &str) -> Project {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("amends.toml", COMPANY);
    write("promises/delivery.toml", promise);
    for (name, kind, more) in SOURCES.iter().filter(|source| with.contains(&source.0)) {
        let source = format!(
            "[source.{name}]\nsays = \"Of the {name}\"\nkey = \"id\"\n{more}\n\n\
             [source.{name}.file.rows]\npath = \"{name}.csv\"\n\n\
             [source.{name}.file.rows.columns]\n\
             at = {{ type = \"timestamp\", format = \"%Y-%m-%d %H:%M\" }}\n\n\
             [[source.{name}.event]]\nkind = \"{kind}\"\nat = \"at\"\nabout = \"id\"\nidentifiers = {{ customer = \"who\" }}\n"
        );
        write(&format!("sources/{name}.toml"), &source);
    }
    let (project, diagnostics) = amends_project::load(folder.path(), &|_| None);
    project.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

const ALL: [&str; 4] = ["shop", "carrier", "desk", "tower"];

fn moment(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().unwrap()
}

/// A ledger in which these sources have reported so far, each in an import of its own.
async fn told(told: &[(&str, &str)]) -> (TempDir, Snapshot) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    for (source, until) in told {
        let start = ImportStart {
            source: (*source).to_owned(),
            mapping: "m1".into(),
            file: "rows.csv".into(),
            fingerprint: None,
            started_at: Timestamp::UNIX_EPOCH,
            telling: amends_ledger::Telling::default(),
        };
        let import = writer.begin(start).await.unwrap();
        let end = ImportEnd {
            watermark: Some(moment(until)),
            ..ImportEnd::default()
        };
        import.commit(end).await.unwrap();
    }
    let snapshot = ledger.snapshot().await.unwrap();
    (folder, snapshot)
}

#[tokio::test]
async fn the_slowest_source_that_could_keep_or_excuse_a_promise_counts_its_lag_taken_off() {
    let project = project(&ALL, PROMISE);
    let promise = &project.promises["delivery"];
    let now = moment("2026-03-20T00:00");
    let (_folder, snapshot) = told(&[
        ("shop", "2026-03-01T00:00"),
        ("carrier", "2026-03-12T08:00"),
        ("desk", "2026-03-11T00:00"),
        ("tower", "2026-02-01T00:00"),
    ])
    .await;
    // The shop only opens it, and the tower has nothing to do with it.
    assert_eq!(
        reported(&project, &snapshot, promise, now),
        moment("2026-03-10T08:00")
    );
    let early = moment("2026-03-05T00:00");
    assert_eq!(reported(&project, &snapshot, promise, early), early);
    // Questions are asked of the slowest source in use, without its lag.
    assert_eq!(
        earliest_watermark(&project, &snapshot),
        Some(moment("2026-03-01T00:00"))
    );
    // A source that only excuses holds everybody up as well.
    let (_folder, snapshot) = told(&[
        ("carrier", "2026-03-12T08:00"),
        ("desk", "2026-03-02T00:00"),
    ])
    .await;
    assert_eq!(
        reported(&project, &snapshot, promise, now),
        moment("2026-03-02T00:00")
    );
}

#[tokio::test]
async fn a_source_that_was_not_imported_yet_has_reported_nothing() {
    let project = project(&ALL, PROMISE);
    let promise = &project.promises["delivery"];
    let now = moment("2026-03-20T00:00");
    let (_folder, snapshot) = told(&[
        ("shop", "2026-03-18T00:00"),
        ("carrier", "2026-03-12T08:00"),
    ])
    .await;
    assert_eq!(reported(&project, &snapshot, promise, now), Timestamp::MIN);
    assert_eq!(
        earliest_watermark(&project, &snapshot),
        Some(moment("2026-03-12T08:00"))
    );
    let (_folder, nothing) = told(&[]).await;
    assert_eq!(earliest_watermark(&project, &nothing), None);
    assert_eq!(reported(&project, &nothing, promise, now), Timestamp::MIN);
}

#[test]
fn two_sources_of_one_kind_both_count_and_a_lag_follows_the_zone() {
    let with_two = PROMISE.replace("order_cancelled", "order_delivered");
    let project = project(&ALL, &with_two);
    let promise = &project.promises["delivery"];
    // On the 29th of March 2026 a day in Vienna has 23 hours.
    let far = BTreeMap::from([("carrier".to_owned(), moment("2026-03-29T22:00"))]);
    assert_eq!(
        reported_by(&project, &far, promise),
        moment("2026-03-27T23:00")
    );
}

#[test]
fn a_promise_says_which_kinds_it_lacks() {
    let whole = project(&ALL, PROMISE);
    assert!(missing_kinds(&whole, &whole.promises["delivery"]).is_empty());
    let told = BTreeMap::from([("shop".to_owned(), moment("2026-03-18T00:00"))]);
    let lacking = project(&["shop", "tower"], PROMISE);
    let promise = &lacking.promises["delivery"];
    assert_eq!(
        missing_kinds(&lacking, promise),
        ["order_cancelled", "order_delivered"]
    );
    // Nothing tells what keeps it, so nothing says that it was not kept.
    assert_eq!(reported_by(&lacking, &told, promise), Timestamp::MIN);
    // Where only the excuse is missing, nobody is waited for because of it.
    let lacking = project(&["shop", "carrier"], PROMISE);
    let promise = &lacking.promises["delivery"];
    assert_eq!(missing_kinds(&lacking, promise), ["order_cancelled"]);
    let told = BTreeMap::from([("carrier".to_owned(), moment("2026-03-12T08:00"))]);
    assert_eq!(
        reported_by(&lacking, &told, promise),
        moment("2026-03-10T08:00")
    );
}
