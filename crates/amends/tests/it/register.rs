//! The register: every promise once, whatever became of it.

use serde_json::Value;

use crate::fractures::{PROMISE, broken};

const FILE: &str = "promises/parcel.toml";

#[test]
fn a_promise_that_comes_back_and_cannot_be_measured_stands_in_the_register_once() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let made = |answer: &Value| {
        let items = answer["items"].as_array().unwrap().iter();
        let parcels: Vec<Value> = items
            .filter(|item| item["promise"] == "parcel")
            .cloned()
            .collect();
        assert_eq!(parcels.len(), 1, "{answer}");
        parcels[0].clone()
    };
    let before = made(&company.json("promises"));
    std::fs::remove_file(company.path().join(FILE)).unwrap();
    company.json("plan --in-force --approver Ada --from 2026-01-05");
    let gone = made(&company.json("promises"));
    assert!(gone["exposed"].as_u64().unwrap() < before["exposed"].as_u64().unwrap());
    let needs = "[promise.parcel]\nsays = \"Your soap comes when you are at home\"\nmade-by = \"desk\"\ntouchpoint = \"delivery\"\nneeds = \"to hear from the carrier when it rang\"\n";
    company.write(FILE, needs);
    // It judges as little as the last definition did, so that another day would correct that one's.
    company.json("plan --in-force --approver Ada --from 2026-01-05");
    let answer = company.json("promises");
    assert_eq!(answer["total"], 2);
    let back = made(&answer);
    assert_eq!(back["needs"], "to hear from the carrier when it rang");
    assert_eq!(back["says"], "Your soap comes when you are at home");
    assert_eq!(back["shape"], Value::Null);
    // What opened while it was measured is judged still, and told as it is told now.
    for field in ["exposed", "states"] {
        assert_eq!(back[field], gone[field], "{field}");
    }
    let text = company.text("promises");
    let rows = text.lines().filter(|line| line.starts_with("parcel "));
    assert_eq!(rows.count(), 2, "a row, and what it needs: {text}");
    assert!(text.contains("an earlier definition judges it"), "{text}");
    let let_downs = company.json("letdowns");
    let told = let_downs["promises"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.filter(|one| one["promise"] == "parcel").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["says"], "Your soap comes when you are at home");
    assert_eq!(told[0]["exposed"], gone["exposed"]);
    // Measured again, it is a promise as every other one.
    company.write(FILE, PROMISE);
    company.json("plan --in-force --approver Ada --from 2026-02-02");
    let again = made(&company.json("promises"));
    assert_eq!(again["needs"], Value::Null);
    assert!(again["exposed"].as_u64() > gone["exposed"].as_u64());
}
