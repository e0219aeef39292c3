//! Complaints per 1,000 customers beside let-downs, counted again here from what was planned.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::validate::{ORDERS, Order, rated};

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

/// The month of a day after the first of January 2025.
fn month(day: i64) -> String {
    let start: jiff::civil::Date = "2025-01-01".parse().unwrap();
    let day = start.checked_add(jiff::Span::new().days(day)).unwrap();
    day.strftime("%Y-%m").to_string()
}

#[test]
fn complaints_are_counted_by_month_and_by_the_touchpoint_of_what_was_let_down() {
    let shop = rated();
    let mut planned: BTreeMap<(String, Option<&str>), u64> = BTreeMap::new();
    for order in (0..ORDERS).map(Order::planned).filter(Order::complained) {
        let after = order.rated.unwrap();
        // On the fourth day it is known that the parcel is late.
        let service = (order.late && after > 4).then_some("delivery");
        *planned
            .entry((month(order.number + after), service))
            .or_default() += 1;
    }
    let answer = shop.json("complaints --from 2025-01 --to 2025-09");
    assert_eq!(answer["services_by"], "touchpoint");
    let mut found = BTreeMap::new();
    for item in items(&answer).iter().filter(|item| item["by"] == "service") {
        if item["complaints"] != 0 {
            let period = item["period"].as_str().unwrap().to_owned();
            found.insert(
                (period, item["service"].as_str()),
                item["complaints"].as_u64().unwrap(),
            );
        }
    }
    assert_eq!(found, planned);
    let math = shop.json("math --from 2025-01 --to 2025-09");
    for of in math["periods"].as_array().unwrap() {
        let all = items(&answer).iter();
        let mut all = all.filter(|item| item["by"] == "all" && item["period"] == of["period"]);
        let one = all.next().unwrap();
        let [opening, closing] = ["opening", "closing"].map(|end| of[end].as_f64().unwrap());
        let customers = (opening + closing) / 2.0;
        assert_eq!(one["customers"], customers);
        let per_1000 = one["complaints"].as_f64().unwrap() / customers * 1000.0;
        assert!((one["per_1000"].as_f64().unwrap() - per_1000).abs() < 1e-9);
        let (low, high) = (one["low"].as_f64().unwrap(), one["high"].as_f64().unwrap());
        assert!(low <= per_1000 && per_1000 < high, "{one}");
    }
    let sources = items(&answer).iter().filter(|item| item["by"] == "source");
    let counted: u64 = sources
        .map(|item| item["complaints"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, planned.values().sum::<u64>());
}

#[test]
fn the_definition_says_what_service_a_complaint_is_about() {
    let shop = rated();
    let customers = std::fs::read_to_string(shop.path().join("customers.toml")).unwrap();
    let service = "service = \"case when about like '%3' then 'soap' end\"";
    shop.write("customers.toml", &format!("{customers}{service}\n"));
    let answer = shop.json("complaints --from 2025 --to 2025");
    assert_eq!(answer["services_by"], "definition");
    let complained = (0..ORDERS).map(Order::planned).filter(Order::complained);
    let soap = complained.filter(|order| order.number % 10 == 3).count();
    let of_soap = items(&answer).iter().find(|item| item["service"] == "soap");
    assert_eq!(of_soap.unwrap()["complaints"], soap);
    let text = shop.text("complaints --from 2025 --to 2025 --by service");
    assert!(text.contains("soap") && text.contains("not told"), "{text}");
    let wrong = customers + "service = \"topik\"\n";
    shop.write("customers.toml", &wrong);
    let (exit, talk) = shop.fails("complaints");
    assert_eq!(exit, 3, "{talk}");
    assert!(talk.contains("topik"), "{talk}");
}

#[test]
fn many_let_downs_and_few_complaints_are_silence() {
    let shop = rated();
    let heard = shop.text("complaints --from 2025 --to 2025");
    assert!(
        !heard.lines().any(|line| line.ends_with("silence")),
        "{heard}"
    );
    let customers = std::fs::read_to_string(shop.path().join("customers.toml")).unwrap();
    shop.write(
        "customers.toml",
        &customers.replace("score <= 2", "score <= 0"),
    );
    let answer = shop.json("complaints --from 2025 --to 2025");
    let all = &items(&answer)[0];
    assert_eq!((&all["by"], &all["complaints"]), (&"all".into(), &0.into()));
    assert_eq!(all["is_silent"], true, "{all}");
    let text = shop.text("complaints --from 2025 --to 2025 --by service");
    assert!(text.lines().any(|line| line.ends_with("silence")), "{text}");
    // A few let-downs that nobody complains of may be chance.
    let january = shop.json("complaints --from 2025-01 --to 2025-01");
    assert_eq!(items(&january)[0]["is_silent"], false, "{january}");
}

#[test]
fn where_nobody_is_known_to_be_a_customer_there_are_counts_and_no_rates() {
    let company = crate::fractures::broken();
    let answer = company.json("complaints --from 2026-03 --to 2026-04");
    let first = &items(&answer)[0];
    assert!(first["complaints"].as_u64() > Some(0), "{first}");
    assert_eq!(first["per_1000"], Value::Null);
    assert!(first["refused"].as_str().unwrap().contains("imported"));
    let text = company.text("complaints --from 2026-03 --to 2026-04");
    assert!(text.contains("no rates of 2026-03"), "{text}");
    // April was not reported: nobody is silent yet.
    assert!(text.contains("2026-04 so far"), "{text}");
    let april = items(&answer)
        .iter()
        .find(|item| item["period"] == "2026-04");
    assert_eq!(april.unwrap()["is_silent"], Value::Null);
}
