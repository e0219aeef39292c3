//! What is charted of promises: each instance in one period, from where the record really begins, and what does not come at all beside what comes late.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::fractures::{Numbers, Order, shop};
use crate::invented::Invented;
use crate::normal::fallen;

/// So many weeks of orders from Monday, 2025-09-01 on.
const WEEKS: i64 = 60;

/// One parcel of four comes late, by one to three days; from a week on none of these comes at all.
fn orders(stands_still: Option<i64>) -> Vec<Order> {
    let mut numbers = Numbers(29);
    let mut orders = Vec::new();
    for day in 0..WEEKS * 7 {
        for _ in 0..6 + numbers.below(3) {
            let late = numbers.below(100) < 25;
            let days = 5 + numbers.below(3) as i64;
            let stuck = stands_still.is_some_and(|week| day >= week * 7);
            orders.push(Order {
                who: orders.len() as u64 % 900,
                day,
                arrived: match (late, stuck) {
                    (false, _) => Some(2),
                    (true, false) => Some(days),
                    (true, true) => None,
                },
                complained: None,
                depot: "Saltmere".into(),
                weight: 3,
            });
        }
    }
    orders
}

fn item(answer: &Value, name: &str, measure: &str) -> Value {
    let mut all = answer["items"].as_array().unwrap().iter();
    let found = all.find(|item| item["name"] == name && item["measure"] == measure);
    found
        .unwrap_or_else(|| panic!("no {measure} of {name}: {answer}"))
        .clone()
}

fn week_of(day: i64) -> String {
    let start: Date = "2025-09-01".parse().unwrap();
    let day = start.checked_add(jiff::Span::new().days(day)).unwrap();
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

fn total(company: &Invented, figure: &str, period: &str) -> u64 {
    let people = company.json(&format!("people {figure} --period {period} --limit 1"));
    people["total"].as_u64().unwrap()
}

/// One arrival within four days, while it binds for five: decided on the fourth day where there was none, and on the fifth where there was.
#[test]
fn what_a_span_decides_counts_in_the_one_week_in_which_it_is_decided() {
    let company = fallen();
    let steady = "[promise.steady]\nsays = \"Something comes every four days\"\nmade-by = \"shop\"\nopens = \"ordered\"\nkept = \"arrived\"\nat-least = 1\nevery = \"4 days\"\nfor = \"5 days\"\ntouchpoint = \"delivery\"\n";
    company.write("promises/steady.toml", steady);
    let mut planned: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for order in crate::normal::planned() {
        let comes = order.arrived <= Some(4);
        let decided = week_of(order.day + if comes { 5 } else { 4 });
        let counts = planned.entry(decided).or_default();
        counts.0 += u64::from(comes);
        counts.1 += 1;
    }
    let answer = company.json("normal delivery");
    let kept = item(&answer, "steady", "kept");
    let course = kept["course"].as_array().unwrap();
    assert!(course.len() > 50);
    for point in &course[1..] {
        let told = ["count", "of"].map(|name| point[name].as_u64().unwrap());
        let of_week = planned[point["period"].as_str().unwrap()];
        assert_eq!((told[0], told[1]), of_week, "{point}");
    }
    // The people behind it are those of the same week.
    for point in course.iter().rev().take(2) {
        let period = point["period"].as_str().unwrap();
        let (kept, all) = planned[period];
        let let_down = total(&company, "normal.steady.let-down", period);
        assert_eq!(let_down, all - kept, "{period}");
    }
    // It drowns nothing, so it is charted with the others of its touchpoint.
    let together = item(&answer, "delivery", "kept");
    let promises = serde_json::json!(["parcel", "steady"]);
    assert_eq!(together["promises"], promises);
}

#[test]
fn a_year_that_was_typed_wrongly_is_no_beginning() {
    let mut all = orders(None);
    all.push(Order {
        who: 7,
        day: -3_650,
        arrived: Some(9),
        complained: None,
        depot: "Saltmere".into(),
        weight: 3,
    });
    let stray = shop(&all, "4 days", "2026-10-19").json("normal parcel");
    let clean = shop(&orders(None), "4 days", "2026-10-19").json("normal parcel");
    for measure in ["kept", "lateness", "undone", "volume"] {
        let (stray, clean) = (
            item(&stray, "parcel", measure),
            item(&clean, "parcel", measure),
        );
        assert_eq!(
            (&stray["early"], &stray["early_first"]),
            (&1.into(), &"2015-09-04".into())
        );
        assert_eq!(clean["early"], Value::Null);
        for field in ["begins", "baseline_from", "baseline_value", "course"] {
            assert_eq!(stray[field], clean[field], "{measure} {field}");
        }
        assert_eq!(stray["begins"], "2025-W36");
    }
    let text = shop(&all, "4 days", "2026-10-19").text("normal");
    let said = "was made long before all others, on 2015-09-04: the weeks begin with 2025-W36";
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(said), "{text}");
}

/// As many are kept as ever, and what comes late comes no later: but from one week on what is late does not come.
#[test]
fn a_standstill_of_what_is_late_signals_and_is_counted_beside_lateness() {
    const STILL: i64 = 50;
    let company = shop(&orders(Some(STILL)), "4 days", "2026-10-19");
    let answer = company.json("normal parcel");
    assert_eq!(item(&answer, "parcel", "kept")["standing"], "normal");
    let late = item(&answer, "parcel", "lateness");
    assert_eq!((&late["count"], &late["value"]), (&0.into(), &Value::Null));
    let waiting = late["of"].as_u64().unwrap();
    assert!(waiting > 5, "{late}");
    let undone = item(&answer, "parcel", "undone");
    // Nine of ten came within three days after they were due, as all did.
    assert_eq!(undone["undone_after_seconds"], 3.0 * 86_400.0);
    let signals = |from: i64, until: i64| -> Vec<bool> {
        let weeks: Vec<String> = (from..until).map(|week| week_of(week * 7)).collect();
        let course = undone["course"].as_array().unwrap().iter();
        let meant = course.filter(|point| weeks.iter().any(|week| point["period"] == **week));
        meant.map(|point| point["standing"] == "signal").collect()
    };
    let still = signals(STILL + 1, WEEKS - 2);
    assert!(
        still.len() >= 7 && still.iter().all(|told| *told),
        "{still:?}"
    );
    assert!(signals(26, STILL).iter().all(|told| !told), "{undone}");
    // Who has not waited that long yet counts nowhere: of the newest week those who were due in its first days alone are told.
    let counts = |name: &str| undone[name].as_u64().unwrap();
    assert_eq!(counts("count"), counts("of"));
    assert!(counts("of") < waiting, "{undone}");
    let period = undone["period"].as_str().unwrap();
    let listed = total(&company, undone["people"].as_str().unwrap(), period);
    assert_eq!(listed, counts("count"));
    let earlier = &undone["course"].as_array().unwrap()[20];
    let period = earlier["period"].as_str().unwrap();
    let listed = total(&company, "normal.parcel.undone", period);
    assert_eq!(listed, earlier["count"].as_u64().unwrap());
    let text = company.text("normal");
    assert!(
        text.contains(&format!("nothing came: {waiting} are not done")),
        "{text}"
    );
    assert!(text.contains("more undone than normal"), "{text}");
}

#[test]
fn who_was_made_a_promise_is_listed_by_when_it_was_made() {
    let company = fallen();
    let answer = company.json("people normal.parcel.made --period 2026-W40 --limit 500");
    let zone = TimeZone::get("Europe/Vienna").unwrap();
    let monday: Date = "2026-09-28".parse().unwrap();
    let items = answer["items"].as_array().unwrap();
    assert!(items.len() > 20);
    for item in items {
        let at: Timestamp = item["at"].as_str().unwrap().parse().unwrap();
        let day = at.to_zoned(zone.clone()).date();
        let days = day.since(monday).unwrap().get_days();
        assert!((0..7).contains(&days), "{item}");
    }
}

#[test]
fn of_a_week_that_is_not_reported_to_its_end_it_is_said() {
    let company = fallen();
    let not_yet = company.json("people normal.parcel.let-down --period 2026-W44");
    assert_eq!(not_yet["total"], 0);
    assert!(not_yet["reported_until"].as_str().is_some(), "{not_yet}");
    let text = company.text("people normal.parcel.let-down --period 2026-W44");
    let said = "not reported to its end yet, but until 2026-10-20 00:00: more may follow";
    assert!(text.contains(said), "{text}");
    let over = company.json("people normal.parcel.let-down --period 2026-W42");
    assert_eq!(over["reported_until"], Value::Null);
    let text = company.text("people normal.parcel.let-down --period 2026-W42");
    assert!(!text.contains("not reported"), "{text}");
}
