//! The money at stake where promises keep breaking.

use std::collections::BTreeMap;

use crate::fractures::{broken, items};
use crate::invented::Invented;

/// Reads an amount of each parcel: a euro for each unit of its weight, and half a euro.
pub(crate) fn with_amounts(company: &Invented) {
    let source = std::fs::read_to_string(company.path().join("sources/shop.toml")).unwrap();
    let amount = "about = \"id\"\namount = \"100 * weight + 50\"\nidentifiers";
    let source = source.replacen("about = \"id\"\nidentifiers", amount, 1);
    company.write("sources/shop.toml", &source);
    company.text("import");
}

#[test]
fn the_money_at_stake_is_another_order() {
    let company = broken();
    let people = company.json("fractures");
    assert!(items(&people).iter().all(|one| one["at_stake"].is_null()));
    with_amounts(&company);
    let money = company.json("fractures --by money");
    let place = items(&money)
        .iter()
        .find(|one| one["where"]["depot"] == "Saltmere")
        .unwrap();
    // Counted again: the weights of the parcels from there that were let down, each half a euro more.
    let rows = std::fs::read_to_string(company.path().join("exports/shop.csv")).unwrap();
    let weights: BTreeMap<&str, i64> = rows
        .lines()
        .skip(1)
        .map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            (cells[0], cells[9].parse().unwrap())
        })
        .collect();
    let since = place["since"].as_str().unwrap();
    let let_downs = company.json("letdowns --promise parcel");
    let there = items(&let_downs).iter().filter(|one| {
        let depots = one["attributes"]["depot"].as_array().unwrap();
        let opened: jiff::Timestamp = one["opened_at"].as_str().unwrap().parse().unwrap();
        let day = opened.in_tz("Europe/Vienna").unwrap().date().to_string();
        depots.contains(&"Saltmere".into()) && day.as_str() >= since
    });
    let abouts: Vec<&str> = there.map(|one| one["about"].as_str().unwrap()).collect();
    assert_eq!(abouts.len() as u64, place["let_downs"].as_u64().unwrap());
    let expected: i64 = abouts.iter().map(|about| 100 * weights[about] + 50).sum();
    assert_eq!(
        place["at_stake"],
        serde_json::json!([{ "currency": "EUR", "minor": expected }])
    );
    let shown = company.text("fractures --by money");
    assert!(
        shown.contains("at stake") && shown.contains(" EUR"),
        "{shown}"
    );
}
