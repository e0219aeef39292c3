//! An invented company whose truth is known: every let-down and every membership is found, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use amends_figures::customer_math::Book;
use amends_testkit::tempfile::{TempDir, tempdir};
use jiff::Timestamp;

use crate::opened::Opened;
use crate::program::{json, text};

/// Writes a company and gives its folder.
fn company(customers: &str, seed: &str) -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    let months = "10";
    text(
        here.path(),
        &[
            "simulate",
            "--customers",
            customers,
            "--months",
            months,
            "--seed",
            seed,
            "--out",
            "company",
        ],
    );
    let folder = here.path().join("company");
    (here, folder)
}

/// The rows of a file of the truth, by the names of its columns.
fn truth(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(folder.join("truth").join(name)).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        names
            .iter()
            .zip(line.split(','))
            .map(|(name, cell)| ((*name).into(), cell.into()))
            .collect()
    };
    lines.map(row).collect()
}

#[test]
fn let_downs_equal_the_truth_one_by_one() {
    let (_keep, folder) = company("300", "11");
    let project = folder.join("project");
    let imported = json(&project, &["import"]);
    for (source, counts) in imported["sources"].as_object().unwrap() {
        let of = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!(
            of("received"),
            of("stored") + of("duplicate") + of("quarantined"),
            "{source}"
        );
        assert!(
            of("quarantined") > 0 && of("stored") > 0,
            "{source} has bad rows and good ones: {counts}"
        );
    }
    let truth = truth(&folder, "letdowns.csv");
    assert!(truth.len() > 50, "the company lets people down");
    for promise in ["delivery-date", "first-answer"] {
        let answer = json(&project, &["letdowns", "--promise", promise]);
        let found: BTreeMap<String, String> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let known: Timestamp = item["could_have_known"].as_str().unwrap().parse().unwrap();
                let standing = format!(
                    "{} {known} {} {}",
                    item["state"].as_str().unwrap(),
                    item["late_by_seconds"],
                    item["serious"]
                );
                (item["about"].as_str().unwrap().to_owned(), standing)
            })
            .collect();
        let expected: BTreeMap<String, String> = truth
            .iter()
            .filter(|row| row["promise"] == promise)
            .map(|row| {
                let standing = format!(
                    "{} {} {} {}",
                    row["state"], row["could_have_known"], row["late_by_seconds"], row["serious"]
                );
                (row["about"].clone(), standing)
            })
            .collect();
        assert_eq!(found, expected, "{promise}");
    }
}

#[test]
fn customer_math_equals_the_truth_person_by_person() {
    let (_keep, folder) = company("300", "12");
    let project = folder.join("project");
    text(&project, &["import"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(memberships_equal_the_truth(&folder, &project));
    let months = truth(&folder, "customer_math.csv");
    for month in &months {
        let card = json(&project, &["card", "--period", &month["month"]]);
        for (name, expected) in month.iter().filter(|(name, _)| *name != "month") {
            assert_eq!(
                card[name].to_string(),
                *expected,
                "{name} of {}",
                month["month"]
            );
        }
    }
    let last = &months.last().unwrap()["month"];
    for figure in [
        "opening",
        "new",
        "returned",
        "lost",
        "lost.avoidable",
        "joined-and-left",
        "closing",
    ] {
        let people = json(&project, &["people", figure, "--period", last]);
        let expected = &months.last().unwrap()[&figure.replace(['.', '-'], "_")];
        assert_eq!(people["total"].to_string(), *expected, "{figure}");
        let distinct: BTreeSet<&str> = people["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["customer"].as_str().unwrap())
            .collect();
        assert_eq!(
            distinct.len().to_string(),
            *expected,
            "{figure} names each person once"
        );
    }
}

/// Every stretch of every customer: when it began and ended, by whose doing, over what.
async fn memberships_equal_the_truth(folder: &Path, project: &Path) {
    let opened = Opened::at(project).await;
    let book = Book::read(&opened.session).await.unwrap();
    let told = |micros: i64| amends_model::time::from_micros(micros).unwrap().to_string();
    let mut found: Vec<(String, String, String, String)> = book
        .memberships
        .iter()
        .map(|membership| {
            let leaving = membership.leaving.map_or_else(String::new, |leaving| {
                format!(
                    "{:?} {:?} {}",
                    leaving.nature,
                    leaving.cause,
                    book.reasons.words(leaving.reason)
                )
                .to_lowercase()
            });
            let (start, end) = (membership.start.map(told), membership.end().map(told));
            (
                membership.customer.to_string(),
                start.unwrap_or_default(),
                end.unwrap_or_default(),
                leaving,
            )
        })
        .collect();
    let mut expected = Vec::new();
    for row in truth(folder, "memberships.csv") {
        let customer = opened.customer("customer", &row["customer_id"]).await;
        let customer = customer
            .unwrap_or_else(|| panic!("{} is not known", row["customer_id"]))
            .to_string();
        let leaving = match row["left_at"].as_str() {
            "" => String::new(),
            _ => format!("{} {} {}", row["nature"], row["cause"], row["reason"]),
        };
        expected.push((
            customer,
            row["joined_at"].clone(),
            row["left_at"].clone(),
            leaving,
        ));
    }
    found.sort();
    expected.sort();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn any_order_of_importing_the_files_gives_the_same_state() {
    let (_keep, folder) = company("60", "13");
    let orders = [
        ["billing", "couriers", "desk", "referrals", "shop", "survey"],
        ["survey", "shop", "referrals", "desk", "couriers", "billing"],
        ["couriers", "billing", "survey", "desk", "shop", "referrals"],
    ];
    let project = folder.join("project");
    let mut states = BTreeSet::new();
    for order in orders {
        let data = project.join(".amends");
        if data.exists() {
            std::fs::remove_dir_all(&data).unwrap();
        }
        order
            .iter()
            .for_each(|source| drop(text(&project, &["import", source])));
        let examined = json(&project, &["doctor"]);
        assert_eq!(examined["good"], true, "{examined}");
        states.insert(examined["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states.len(), 1, "{states:?}");
}

#[test]
fn no_mail_address_stands_in_clear_in_any_file_of_the_data_folder() {
    let (_keep, folder) = company("80", "14");
    let project = folder.join("project");
    text(&project, &["import"]);
    let mut files = vec![project.join(".amends")];
    let mut bytes = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let content = std::fs::read(&path).unwrap();
        bytes += content.len();
        let found = content.windows(8).any(|window| window == b"@example");
        assert!(!found, "{} holds a mail address", path.display());
    }
    assert!(
        bytes > 100_000,
        "the whole folder was looked at: {bytes} bytes"
    );
}

/// The flaw that was planted begins in a week, and weeks are held against those before it.
#[test]
fn what_is_normal_ends_within_eight_weeks_of_the_flaw_and_not_before() {
    let here = tempdir().unwrap();
    let simulate = "simulate --customers 3000 --months 15 --seed 5 --plant depot --out company";
    text(here.path(), &simulate.split(' ').collect::<Vec<_>>());
    let folder = here.path().join("company");
    let manifest = std::fs::read_to_string(folder.join("truth/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let onset: jiff::civil::Date = manifest["fractures"][0]["onset"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let week = |day: jiff::civil::Date| {
        let week = day.iso_week_date();
        format!("{:04}-W{:02}", week.year(), week.week())
    };
    let project = folder.join("project");
    text(&project, &["import"]);
    // The baseline ends four weeks before.
    let day = |weeks: i64| onset.saturating_sub(jiff::Span::new().weeks(weeks));
    let journey = project.join("journey.toml");
    let before = std::fs::read_to_string(&journey).unwrap();
    let baseline = format!(
        "[normal]\nbaseline = \"{}..{}\"\n\n",
        week(day(24)),
        week(day(5))
    );
    std::fs::write(&journey, baseline + &before).unwrap();
    let answer = json(&project, &["normal", "delivery-date"]);
    let items = answer["items"].as_array().unwrap();
    let kept = items.iter().find(|item| item["measure"] == "kept").unwrap();
    let course = kept["course"].as_array().unwrap().iter();
    let signals = course.filter(|point| point["standing"] == "signal");
    let signals: Vec<&str> = signals
        .map(|point| point["period"].as_str().unwrap())
        .collect();
    let first = signals.first().copied().unwrap_or_default();
    // One parcel of eight comes through the depot: eight weeks in a row are told, if none of them is by itself.
    assert!(
        (week(onset).as_str()..=week(day(-8)).as_str()).contains(&first),
        "{signals:?}"
    );
    assert!(signals.len() >= 3, "{signals:?}");
}
