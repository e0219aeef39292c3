//! The erased against what takes imports back and reads them again: undo, re-import, other mappings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use amends_testkit::tempfile::{TempDir, tempdir};
use serde_json::Value;

use crate::invented::Invented;
use crate::private::{EVA, holding, project};
use crate::program::{copy, json, text};

const WORDS: [&str; 5] = [EVA, "Eva Fenn", "r-05", "brakes rub", "Is anybody there"];

/// Undoes the imports of a source that count.
fn undo(project: &Path, source: &str) {
    let listed = json(project, &["imports", source]);
    let items = listed["items"].as_array().unwrap().iter();
    for import in items.filter(|import| import["counts"] == true) {
        text(
            project,
            &["import", "--undo", &import["import"].to_string()],
        );
    }
}

/// The same definitions and exports, imported afresh, with nobody erased.
fn afresh(project: &Path) -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    let fresh = here.path().join("fresh");
    copy(project, &fresh);
    text(&fresh, &["import"]);
    (here, fresh)
}

fn counts(project: &Path) -> Vec<Value> {
    let mut answers = vec![
        json(project, &["letdowns"]),
        json(project, &["quarantine", "list"])["total"].clone(),
    ];
    answers.extend(["2026-01", "2026-02", "2026-03"].map(|month| {
        let mut card = json(project, &["card", "--period", month]);
        card["as_of"] = Value::Null;
        card
    }));
    answers
}

/// Names, personal fields and raw rows that are kept of somebody.
fn kept(project: &Path, who: &[&str]) -> (usize, usize, usize) {
    let told = json(project, &[&["export-person"], who].concat());
    let list = |part: &str| told[part].as_array().unwrap().clone();
    let names = list("identifiers");
    let names = names.iter().filter(|one| one["name"].is_string()).count();
    (names, list("personal").len(), list("quarantined").len())
}

/// That nothing of Eva is left, by whatever name she is looked up, and nothing of others is missing.
fn nothing_of_eva(project: &Path) {
    assert_eq!(
        holding(&project.join(".amends"), &WORDS),
        Vec::<PathBuf>::new()
    );
    for name in ["email=eva.fenn@example.com", "rider=r-05"] {
        assert_eq!(kept(project, &["--identifier", name]), (0, 0, 0), "{name}");
    }
    let told = json(project, &["customer", EVA, "--reveal"]);
    assert!(
        told["names"].is_null() || told["names"] == serde_json::json!({}),
        "{told}"
    );
    let others = text(project, &["customer", "ada.brook@example.com", "--reveal"]);
    assert!(
        others.contains("ada.brook@example.com") && others.contains("Which lock"),
        "{others}"
    );
    assert_eq!(json(project, &["doctor"])["good"], true);
}

/// Both sources under other mappings: another identifier comes first, and another property.
fn map_otherwise(project: &Path) {
    let subscriptions = project.join("sources/subscriptions.toml");
    let said = fs::read_to_string(&subscriptions).unwrap();
    let (one, other) = (
        r#"{ rider = "rider_id", email = "email" }"#,
        r#"{ email = "email", rider = "rider_id" }"#,
    );
    assert!(said.contains(one));
    fs::write(&subscriptions, said.replace(one, other)).unwrap();
    let tickets = project.join("sources/tickets.toml");
    let said = fs::read_to_string(&tickets).unwrap();
    let more = said.replace("topic = \"topic\"", "topic = \"upper(topic)\"");
    assert_ne!(said, more);
    fs::write(&tickets, more).unwrap();
}

#[test]
fn who_is_erased_while_their_imports_are_undone_does_not_come_back_with_another_mapping() {
    let (_keep, project) = project();
    undo(&project, "subscriptions");
    undo(&project, "tickets");
    // Nothing that counts speaks of her, or links her names; the vault has them.
    assert_eq!(kept(&project, &["--identifier", "rider=r-05"]), (2, 3, 0));
    let gone = json(&project, &["erase", "--identifier", "rider=r-05", "--yes"]);
    assert_eq!((&gone["names"], &gone["fields"]), (&2.into(), &3.into()));
    map_otherwise(&project);
    text(&project, &["import"]);
    nothing_of_eva(&project);
    assert_eq!(counts(&project), counts(&afresh(&project).1));
}

#[test]
fn who_was_erased_stays_so_through_undo_and_another_reading() {
    let (_keep, project) = project();
    let before = counts(&project);
    text(&project, &["erase", EVA, "--yes"]);
    for source in ["subscriptions", "tickets"] {
        undo(&project, source);
    }
    text(&project, &["import"]);
    nothing_of_eva(&project);
    assert_eq!(counts(&project), before);
    map_otherwise(&project);
    text(&project, &["import"]);
    nothing_of_eva(&project);
    assert_eq!(counts(&project), counts(&afresh(&project).1));
}

#[test]
fn a_name_that_only_an_undone_import_linked_goes_with_its_person() {
    let (_keep, project) = project();
    // The tickets know her by her address; that r-05 is hers was said by the subscriptions alone.
    undo(&project, "subscriptions");
    assert_eq!(kept(&project, &[EVA]), (2, 3, 1));
    let by_rider = project.parent().unwrap().join("by-rider");
    copy(&project, &by_rider);
    copy(&project.join(".amends"), &by_rider.join(".amends"));
    let whole = |project: &Path, who: &[&str]| {
        let gone = json(project, &[&["erase", "--yes"], who].concat());
        let names = gone["identifiers"].as_array().unwrap().len();
        (names, gone["names"].clone(), gone["customer"].clone())
    };
    let one = whole(&project, &[EVA]);
    assert_eq!((one.0, &one.1), (2, &2.into()));
    assert_eq!(one, whole(&by_rider, &["--identifier", "rider=r-05"]));
    nothing_of_eva(&by_rider);
    text(&project, &["import"]);
    nothing_of_eva(&project);
}

/// Two people under one address, by a mapping that is taken back.
fn company_that_was_mistaken() -> Invented {
    let rows = "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-06,,\ns-3,cleo,2026-01-07,,\n";
    let customers = crate::invented::CUSTOMERS;
    let company = Invented::that_counts("customers")
        .with(
            "customers.toml",
            &format!("[identifier.email]\n{customers}"),
        )
        .subscriptions("billing", "complete-until = \"2026-03-31\"", rows);
    let named = |email: &str| format!("{{ subscriber = \"who\", email = \"{email}\" }}");
    let path = company.path().join("sources/billing.toml");
    let said = fs::read_to_string(&path).unwrap();
    let mapped = |email: &str| said.replace("{ subscriber = \"who\" }", &named(email));
    let wrong = "case when who = 'cleo' then 'cleo@example.com' else 'desk@example.com' end";
    fs::write(&path, mapped(wrong)).unwrap();
    let company = company.imported();
    let right = "who || '@example.com'";
    fs::write(&path, mapped(right)).unwrap();
    company.imported()
}

#[test]
fn a_mistake_that_was_taken_back_erases_nobody_else() {
    let company = company_that_was_mistaken();
    let names = |who: &str| -> BTreeSet<String> {
        let told = company.json(&format!("export-person {who}"));
        let names = told["identifiers"].as_array().unwrap().iter();
        let names = names.filter_map(|one| one["name"].as_str());
        names.map(str::to_owned).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    // The desk's address led to two customers, so it is neither's; whoever asks is told of it all the same.
    let desk = "desk@example.com";
    assert_eq!(names(desk), set(&[desk]));
    assert_eq!(names("ana"), set(&["ana", "ana@example.com", desk]));
    assert_eq!(names("cleo"), set(&["cleo", "cleo@example.com"]));
    let gone = company.json("erase ana --yes");
    assert_eq!(gone["names"], 3);
    assert_eq!(names("bo"), set(&["bo", "bo@example.com"]));
    assert_eq!(names("cleo"), set(&["cleo", "cleo@example.com"]));
}

const ACCOUNTS: &str = r#"
[identifier.org]
names = "account"

[identifier.person]

[customers]
new = { on = "contract_signed" }
silence = "900 days"
"#;

/// Contracts of organisations: what is personal stands under the first identifier's key.
fn contracts(first: &str, second: &str) -> String {
    format!(
        r#"
[source.contracts]
says = "Contracts"
main = "rows"
key = "id"
complete-until = "2026-03-31"
personal = ["note"]

[source.contracts.file.rows]
path = "exports/contracts.csv"

[source.contracts.file.rows.columns]
signed_on = "date"

[[source.contracts.event]]
kind = "contract_signed"
at = "signed_on"
about = "id"
identifiers = {{ {first}, {second} }}
"#
    )
}

#[test]
fn what_names_the_erased_does_not_come_back_under_the_key_of_an_account() {
    let (org, person) = (r#"org = "org""#, r#"person = "signed_by""#);
    let rows = "id,org,signed_by,signed_on,note\nk-1,orchard,annabel,2026-01-05,Annabel is left-handed\nk-2,orchard,bodil,2026-01-06,Bodil likes plums\n";
    let company = Invented::that_counts("accounts")
        .with("customers.toml", ACCOUNTS)
        .with("sources/contracts.toml", &contracts(person, org))
        .with("exports/contracts.csv", rows)
        .imported();
    let notes = || {
        let texts = company.json("customer orchard --reveal")["texts"].to_string();
        ["left-handed", "plums", "tea"].map(|word| texts.contains(word))
    };
    assert_eq!(notes(), [true, true, false]);
    company.json("erase annabel --yes");
    assert_eq!(notes(), [false, true, false]);
    // The account comes first now, and the export has grown.
    company.write("sources/contracts.toml", &contracts(org, person));
    let more = "k-3,orchard,annabel,2026-02-05,Annabel drinks tea\n";
    company.write("exports/contracts.csv", &format!("{rows}{more}"));
    company.text("import");
    assert_eq!(notes(), [false, true, false]);
    assert_eq!(kept(company.path(), &["annabel"]), (0, 0, 0));
    // Everybody else's go under the account's key, from which an erasure takes them.
    assert_eq!(kept(company.path(), &["bodil"]).1, 2);
    company.json("erase bodil --yes");
    assert_eq!(notes(), [false, false, false]);
    company.text("import");
    assert_eq!(notes(), [false, false, false]);
}
