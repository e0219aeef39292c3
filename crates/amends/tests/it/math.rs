//! Customer math of one period after another: it is what the cards say, and the segments add up to it, person by person.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::invented::Invented;
use crate::program::{json, simulated};

const LINES: [&str; 10] = [
    "opening",
    "new",
    "returned",
    "lost",
    "lost_natural",
    "lost_avoidable",
    "lost_company",
    "lost_unknown",
    "joined_and_left",
    "closing",
];

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

#[test]
fn every_period_is_what_its_card_says_and_segments_add_up() {
    let here = amends_testkit::tempfile::tempdir().unwrap();
    let project = simulated(here.path(), 400);
    json(&project, &["import"]);
    let asked = [
        "math", "--from", "2024-01", "--to", "2024-04", "--by", "plan",
    ];
    let math = json(&project, &asked);
    let periods = array(&math["periods"]);
    assert_eq!(periods.len(), 4);
    let segments = array(&math["segments"]);
    let values: Vec<&str> = segments
        .iter()
        .filter_map(|one| one["value"].as_str())
        .collect();
    assert_eq!(values, ["Daily Cup", "Tea Cupboard", "Year of Tea"]);
    for (place, period) in periods.iter().enumerate() {
        let name = period["period"].as_str().unwrap();
        let card = json(&project, &["card", "--period", name]);
        for line in LINES {
            assert_eq!(period[line], card[line], "{line} of {name}");
            let parts = segments
                .iter()
                .map(|one| one["periods"][place][line].as_u64().unwrap());
            assert_eq!(
                period[line].as_u64(),
                Some(parts.sum()),
                "{line} of {name}, by plan"
            );
        }
    }
    // Behind each count are its people, each in one segment.
    for line in ["opening", "new", "lost", "lost.avoidable", "closing", "net"] {
        let people = |segment: &[&str]| {
            let asked = [&["people", line, "--period", "2024-03"], segment].concat();
            let behind = json(&project, &asked);
            let items = array(&behind["items"]).iter();
            let keys = items.map(|one| format!("{} {}", one["customer"], one["at"]));
            keys.collect::<BTreeSet<String>>()
        };
        let all = people(&[]);
        let mut parts = BTreeSet::new();
        for value in &values {
            let part = people(&["--segment", &format!("plan={value}")]);
            assert!(parts.is_disjoint(&part), "{line} of {value}");
            parts.extend(part);
        }
        assert_eq!(parts, all, "{line}");
    }
}

const ROWS: &str = "s-1,ana,2026-01-05,2026-02-09,poor
s-2,bo,2026-01-06,,
s-3,cleo,2026-02-07,,rich
s-4,dag,,2026-02-08,
";

/// Rich and poor are told by the same column as reasons are.
fn company() -> Invented {
    let definition = "[segment.purse]\nsays = \"What they can spend\"\nvalue = \"reason\"\n";
    let customers = format!("{}{definition}", crate::invented::CUSTOMERS);
    let says = "complete-until = \"2026-02-28\"";
    Invented::that_counts("customers")
        .with("customers.toml", &customers)
        .subscriptions("billing", says, ROWS)
}

/// The company with the segment told by the events that begin something.
fn told() -> Invented {
    let company = company();
    let path = company.path().join("sources/billing.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let started = "kind = \"subscription_started\"\nat = \"started_on\"\nabout = \"id\"\nidentifiers = { subscriber = \"who\" }\n";
    let with = format!("{started}properties = {{ reason = \"reason\" }}\n");
    assert!(text.contains(started));
    std::fs::write(&path, text.replace(started, &with)).unwrap();
    company.imported()
}

#[test]
fn those_of_whom_nothing_is_said_are_a_segment_of_their_own() {
    let company = told();
    let math = company.json("math --from 2026-01 --to 2026-02 --by purse");
    let told: Vec<(Value, Vec<u64>)> = array(&math["segments"])
        .iter()
        .map(|one| {
            let closing = array(&one["periods"]).iter();
            let closing = closing.map(|period| period["closing"].as_u64().unwrap());
            (one["value"].clone(), closing.collect())
        })
        .collect();
    // Dag is known from the end of a contract alone.
    let expected = [
        (Value::from("poor"), vec![1, 0]),
        (Value::from("rich"), vec![0, 1]),
        (Value::Null, vec![2, 1]),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        company.json("people closing --period 2026-01 --segment purse=")["total"],
        2
    );
    let shown = company.text("math --from 2026-01 --to 2026-02 --by purse");
    assert!(
        shown.contains("purse: not said") && shown.contains("purse: What they can spend"),
        "{shown}"
    );
}

#[test]
fn what_cannot_be_told_apart_is_said_with_the_way_out() {
    let company = told();
    for (command, words) in [
        ("math --by size", "its segments are: purse"),
        ("math --from 2026-02 --to 2026-01", "the earlier one first"),
        ("math --from 2026-01 --to 2026-Q1", "the earlier one first"),
        ("people new --segment purse", "--segment plan=basic"),
        (
            "people new --segment purse=huge",
            "its values are: poor, rich",
        ),
        (
            "people recommend.said --segment purse=rich",
            "not told by segment",
        ),
    ] {
        let (exit, talk) = company.fails(command);
        let talk = talk.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(talk.contains(words), "{command}: {talk}");
        assert_eq!(exit, 2, "{command}");
    }
    let untold = company_without();
    let (_, talk) = untold.fails("math --from 2026-01 --to 2026-02 --by purse");
    assert!(
        talk.contains("AM0811") && talk.contains("customers.toml"),
        "{talk}"
    );
    let output = crate::program::amends(untold.path(), &["check"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("do not tell the segment purse"), "{said}");
}

#[test]
fn a_condition_at_fault_is_not_taken_for_the_segment() {
    let company = told();
    let path = company.path().join("customers.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let new = "on = \"subscription_started\"";
    assert!(text.contains(new));
    let with = format!("{new}, where = \"nosuch = 1\"");
    std::fs::write(&path, text.replacen(new, &with, 1)).unwrap();
    for command in ["math --by purse", "people new --segment purse=rich"] {
        let (_, talk) = company.fails(command);
        let talk = talk.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(talk.contains("the condition on events of kind"), "{talk}");
    }
}

/// The company as it was before its beginnings told the segment.
fn company_without() -> Invented {
    company().imported()
}
