//! What is normal: limits from a promise's own past, a planted fall, and what was written as great beside both.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::Value;

use crate::fractures::{Numbers, Order, shop};
use crate::invented::Invented;

/// So many weeks of orders from Monday, 2025-09-01 on.
const WEEKS: i64 = 60;
/// From this week on two parcels of three come late, and later than before.
const FALLS: i64 = 50;

pub(crate) fn planned() -> Vec<Order> {
    let mut numbers = Numbers(23);
    let mut orders = Vec::new();
    for day in 0..WEEKS * 7 {
        for _ in 0..5 + numbers.below(3) {
            let fallen = day >= FALLS * 7;
            let late = numbers.below(100) < if fallen { 65 } else { 25 };
            let more = numbers.below(3) as i64;
            let days = match (late, fallen) {
                (false, _) => 2,
                (true, false) => 5 + more,
                (true, true) => 7 + more,
            };
            orders.push(Order {
                who: orders.len() as u64 % 900,
                day,
                arrived: Some(days),
                complained: None,
                depot: "Saltmere".into(),
                weight: 3,
            });
        }
    }
    orders
}

/// Reported until Monday of the last week of orders, in the morning of it.
pub(crate) fn fallen() -> Invented {
    shop(&planned(), "4 days", "2026-10-19")
}

fn week_of(day: i64) -> String {
    let start: Date = "2025-09-01".parse().unwrap();
    let day = start.checked_add(jiff::Span::new().days(day)).unwrap();
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

fn of<'a>(answer: &'a Value, measure: &str) -> &'a Value {
    let mut all = items(answer).iter();
    let found = all.find(|item| item["promise"] == "parcel" && item["measure"] == measure);
    found.unwrap_or_else(|| panic!("no {measure}: {answer}"))
}

fn standings(item: &Value) -> BTreeMap<String, String> {
    let course = item["course"].as_array().unwrap().iter();
    let one = |point: &Value| {
        let [period, standing] =
            ["period", "standing"].map(|name| point[name].as_str().unwrap().to_owned());
        (period, standing)
    };
    course.map(one).collect()
}

#[test]
fn a_fall_signals_from_its_week_on_and_what_was_before_does_not() {
    let company = fallen();
    let answer = company.json("normal parcel");
    let kept = of(&answer, "kept");
    // Due four days later: counted again from what was planned. The first week holds what was due in it alone, and is left out.
    let mut due: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for order in planned() {
        let counts = due.entry(week_of(order.day + 4)).or_default();
        counts.0 += u64::from(order.arrived <= Some(4));
        counts.1 += 1;
    }
    let course = kept["course"].as_array().unwrap();
    for point in course.iter().skip(1) {
        let counts = due[point["period"].as_str().unwrap()];
        let told = ["count", "of"].map(|name| point[name].as_u64().unwrap());
        assert_eq!((told[0], told[1]), counts, "{point}");
    }
    assert_eq!(kept["begins"], "2025-W36");
    assert_eq!(
        kept["period"], "2026-W42",
        "the newest that is reported to its end"
    );
    assert_eq!(kept["baseline_count"], 24);
    for measure in ["kept", "lateness"] {
        let item = of(&answer, measure);
        let standings = standings(item);
        let signals: BTreeSet<&String> = standings
            .iter()
            .filter(|(_, standing)| *standing == "signal")
            .map(|(week, _)| week)
            .collect();
        let fallen: BTreeSet<String> = (FALLS + 1..WEEKS - 2)
            .map(|week| week_of(week * 7))
            .collect();
        let missed: Vec<&String> = fallen
            .iter()
            .filter(|week| !signals.contains(week))
            .collect();
        assert!(missed.len() <= 1, "{measure}: {missed:?} of {standings:?}");
        let before = week_of((FALLS - 1) * 7);
        let early: Vec<_> = signals.iter().filter(|week| ***week <= before).collect();
        assert!(early.is_empty(), "{measure}: {early:?}");
    }
    // Of what was due last, those that come latest are still on their way: that is told by the share kept.
    let now = of(&answer, "kept");
    assert_eq!(now["standing"], "signal", "{now}");
    assert!(now["believed"].as_f64().unwrap() <= 0.05, "{now}");
    // As many as ever were ordered.
    assert_eq!(of(&answer, "volume")["standing"], "normal");
    let text = company.text("normal");
    assert!(text.contains("kept less often than normal"), "{text}");
    let text_then = company.text("normal --period 2026-W40");
    assert!(text_then.contains("later than normal"), "{text_then}");
    assert!(text.contains("now is 2026-W42, the newest week"), "{text}");
    assert!(
        text.contains("2025-W36 is left out: the data begins in it"),
        "{text}"
    );
    // Nobody complained, so nothing opens the other promise.
    assert!(text.contains("refund: not measurable yet"), "{text}");
    assert_eq!(
        company.json("normal")["not_measurable"][0]["promise"],
        "refund"
    );
}

#[test]
fn whatever_comes_later_moves_no_limit() {
    let company = fallen();
    let now = company.json("normal parcel");
    let before = company.json("normal parcel --as-of 2026-05-01");
    for measure in ["kept", "lateness", "volume"] {
        let (now, before) = (of(&now, measure), of(&before, measure));
        let course = before["course"].as_array().unwrap();
        assert!(course.len() > 30, "{measure}");
        for (one, other) in course.iter().zip(now["course"].as_array().unwrap()) {
            for field in ["period", "lower", "upper", "value", "count", "chance"] {
                assert_eq!(one[field], other[field], "{measure} {field}: {one} {other}");
            }
        }
    }
}

#[test]
fn the_project_says_what_the_baseline_is_and_what_great_is() {
    let company = fallen();
    let journey = std::fs::read_to_string(company.path().join("journey.toml")).unwrap();
    let great = "standard = \"On the day, and dry\"\ngreat = \"70 %\"\n";
    let normal = "[normal]\nbaseline = \"2025-10..2026-03\"\n\n";
    company.write("journey.toml", &format!("{normal}{journey}{great}"));
    let answer = company.json("normal delivery");
    let kept = of(&answer, "kept");
    let ends = (&kept["baseline_from"], &kept["baseline_until"]);
    // Whole weeks that lie in these months: the first of October is a Wednesday, the last of March a Tuesday.
    assert_eq!(ends, (&"2025-W41".into(), &"2026-W13".into()));
    assert_eq!(kept["baseline_count"], 25);
    let reached = (&kept["great_now"], &kept["great_baseline"]);
    assert_eq!(reached, (&false.into(), &true.into()), "{kept}");
    assert_eq!(of(&answer, "volume")["great"], Value::Null);
    let text = company.text("normal");
    assert!(
        text.contains("delivery: great is \"On the day, and dry\"\n"),
        "{text}"
    );
    let said = "parcel: great is 70.00 % kept; 2026-W42 with";
    assert!(text.contains(said), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("does not reach it, the baseline with"),
        "{text}"
    );
    // A touchpoint has a past of its own, and too short a one gives no limits.
    let own = "baseline = \"2026-W01..2026-W08\"\n";
    company.write("journey.toml", &format!("{normal}{journey}{great}{own}"));
    let answer = company.json("normal");
    let kept = of(&answer, "kept");
    assert_eq!(kept["standing"], "no limits");
    let why = kept["no_limits"].as_str().unwrap();
    let said = "8 of the 10 weeks that a baseline needs: it is 2025-12-29 to 2026-02-22, and the data 2025-W37 to 2026-W42";
    assert_eq!(why, said);
    let nothing = own.replace("2026-W0", "2024-W0");
    company.write(
        "journey.toml",
        &format!("{normal}{journey}{great}{nothing}"),
    );
    let answer = company.json("normal");
    let why = of(&answer, "kept")["no_limits"].as_str().unwrap();
    assert!(
        why.starts_with("0 of the 10 weeks") && why.contains("it is 2024-01-01"),
        "{why}"
    );
    company.write("journey.toml", &format!("{normal}{journey}{great}{own}"));
    // A promise says for itself what is great.
    let promise = std::fs::read_to_string(company.path().join("promises/parcel.toml")).unwrap();
    company.write("promises/parcel.toml", &format!("{promise}great = 0.2\n"));
    assert_eq!(of(&company.json("normal"), "kept")["great_now"], true);
}

#[test]
fn days_and_months_are_charted_too() {
    let company = fallen();
    let days = company.json("normal parcel --every day");
    let kept = of(&days, "kept");
    assert_eq!(
        (&kept["seasons"], &kept["baseline_count"]),
        (&1.into(), &56.into())
    );
    assert_eq!(kept["period"], "2026-10-19");
    let of_day = company.json("normal parcel --every day --period 2026-09-01");
    assert_eq!(of(&of_day, "kept")["period"], "2026-09-01");
    let months = company.json("normal parcel --every month");
    let kept = of(&months, "kept");
    assert_eq!(kept["period"], "2026-09");
    // Twelve months after the first are the baseline, and none is over after them.
    let why = kept["standing"].as_str().unwrap();
    assert_eq!(why, "baseline", "{kept}");
    // Two of a promise of five are seldom judged by how late they were.
    let late = of(&days, "lateness");
    assert!(
        late["no_limits"]
            .as_str()
            .unwrap()
            .contains("of the 56 days of a baseline"),
        "{late}"
    );
}

#[test]
fn whoever_is_behind_a_period_is_listed() {
    let company = fallen();
    let answer = company.json("normal parcel --period 2026-W40");
    for measure in ["kept", "lateness", "volume"] {
        let item = of(&answer, measure);
        let figure = item["people"].as_str().unwrap();
        let people = company.json(&format!("people {figure} --period 2026-W40"));
        let counted = match measure {
            "kept" => item["of"].as_u64().unwrap() - item["count"].as_u64().unwrap(),
            _ => item["count"].as_u64().unwrap(),
        };
        assert_eq!(people["total"], counted, "{figure}");
        assert_eq!(people["period"], "2026-W40");
    }
    let newest = company.json("people normal.parcel.let-down");
    assert_eq!(newest["period"], "2026-W42");
    for wrong in [
        "people normal.parcel.kept",
        "people normal.parcle.made",
        "people normal.",
    ] {
        let (exit, talk) = company.fails(wrong);
        assert_eq!(exit, 2, "{talk}");
        assert!(talk.contains("AM0806"), "{talk}");
    }
    let (_, talk) = company.fails("people normal.refund.made");
    assert!(talk.contains("AM0807"), "{talk}");
}

#[test]
fn what_cannot_be_asked_says_why() {
    let company = fallen();
    for (wrong, code, said) in [
        ("normal parsel", "AM0014", "delivery, parcel"),
        ("normal --period 2026-03", "AM0007", "--every month"),
        ("normal --period March", "AM0007", "2018-W10"),
        ("normal --every year", "AM0022", "week"),
    ] {
        let (exit, talk) = company.fails(wrong);
        assert_eq!(exit, 2, "{talk}");
        let told = talk.contains(code) || code == "AM0022";
        assert!(told && talk.contains(said), "{wrong}: {talk}");
    }
    // A period that is not over is not judged, and said to be none of those that are.
    let text = company.text("normal --period 2026-W43");
    assert!(
        text.contains("2026-W43 is not among its complete weeks"),
        "{text}"
    );
    let answer = company.json("normal --period 2026-W43");
    assert_eq!(answer["judged"], 0);
    assert_eq!(of(&answer, "kept")["period"], Value::Null);
}

#[test]
fn an_old_period_that_is_asked_for_is_shown_with_those_before_it() {
    let company = fallen();
    let weeks = |command: &str| -> Vec<String> {
        let text = company.text(command);
        let rows = text.lines().filter(|line| line.contains("  "));
        let first = rows.filter_map(|line| line.split(' ').next());
        let weeks = first.filter(|word| word.contains("-W"));
        weeks.map(str::to_owned).collect()
    };
    let all = weeks("normal parcel --limit 500");
    assert!(all.len() > 10);
    assert_eq!(weeks("normal parcel --limit 3"), all[all.len() - 3..]);
    let old = &all[5];
    assert_eq!(
        weeks(&format!("normal parcel --limit 3 --period {old}")),
        all[3..6]
    );
    let text = company.text(&format!("normal parcel --limit 3 --period {old}"));
    assert!(text.contains(&format!("up to {old}; --limit")), "{text}");
}

#[test]
fn a_few_weeks_are_no_past() {
    let orders: Vec<Order> = planned()
        .into_iter()
        .filter(|order| order.day < 70)
        .collect();
    let company = shop(&orders, "4 days", "2025-11-10");
    let answer = company.json("normal");
    let kept = of(&answer, "kept");
    assert_eq!(kept["standing"], "no limits");
    assert!(kept["value"].as_f64().unwrap() > 0.5, "{kept}");
    let text = company.text("normal");
    assert!(
        text.contains("of the 24 weeks of a baseline so far"),
        "{text}"
    );
    // Not one week is over.
    let first: Vec<Order> = planned()
        .into_iter()
        .filter(|order| order.day < 3)
        .collect();
    let company = shop(&first, "4 days", "2025-09-05");
    let text = company.text("normal");
    assert!(text.contains("no week after 2025-W36"), "{text}");
    assert_eq!(items(&company.json("normal"))[0]["period"], Value::Null);
}

/// A second promise at the touchpoint, of a shorter time, and one that binds all the time, which is charted by itself.
#[test]
fn a_touchpoint_and_an_owner_are_charted_as_one() {
    let company = fallen();
    let promise = std::fs::read_to_string(company.path().join("promises/parcel.toml")).unwrap();
    let quick = promise
        .replace("promise.parcel", "promise.quick")
        .replace("4 days", "2 days");
    company.write("promises/quick.toml", &quick);
    let bound = "[promise.calm]\nsays = \"Nobody has to complain\"\nmade-by = \"shop\"\nopens = \"ordered\"\nbreaks = \"complained\"\nfor = \"60 days\"\ntouchpoint = \"delivery\"\n";
    company.write("promises/calm.toml", bound);
    let answer = company.json("normal delivery");
    let item = |name: &str, measure: &str| -> Value {
        let mut all = items(&answer).iter();
        let found = all.find(|item| item["name"] == name && item["measure"] == measure);
        found.unwrap().clone()
    };
    assert_eq!(item("delivery", "kept")["kind"], "touchpoint");
    assert_eq!(
        item("delivery", "kept")["promises"],
        serde_json::json!(["parcel", "quick"])
    );
    let course = |item: &Value| -> BTreeMap<String, (u64, u64)> {
        let course = item["course"].as_array().unwrap().iter();
        let count = |point: &Value, name: &str| point[name].as_u64().unwrap();
        course
            .map(|point| {
                let period = point["period"].as_str().unwrap().to_owned();
                (period, (count(point, "count"), count(point, "of")))
            })
            .collect()
    };
    for measure in ["kept", "volume"] {
        let [parcel, quick] = ["parcel", "quick"].map(|name| course(&item(name, measure)));
        let together = course(&item("delivery", measure));
        assert!(together.len() > 50, "{together:?}");
        for (period, counts) in &together {
            let (one, other) = (parcel[period], quick[period]);
            assert_eq!(
                *counts,
                (one.0 + other.0, one.1 + other.1),
                "{measure} of {period}"
            );
        }
    }
    let kept = item("delivery", "kept");
    assert_eq!(kept["standing"], "signal", "{kept}");
    // The owner has the same promises at one touchpoint.
    let of_owner = company.json("normal owner.Logistics");
    let owner = items(&of_owner)
        .iter()
        .find(|item| item["kind"] == "owner" && item["measure"] == "kept");
    assert_eq!(owner.unwrap()["count"], kept["count"]);
    // Everybody behind the figure is listed.
    let figure = kept["people"].as_str().unwrap();
    let period = kept["period"].as_str().unwrap();
    let people = company.json(&format!("people {figure} --period {period}"));
    let point = course(&kept)[period];
    assert_eq!(people["total"].as_u64().unwrap(), point.1 - point.0);
    let text = company.text("normal");
    assert!(
        text.contains("touchpoint delivery") && text.contains("owner Logistics"),
        "{text}"
    );
    let (_, wrong) = company.fails("normal owner.Nobody");
    assert!(
        wrong.contains("AM0014") && wrong.contains("Logistics"),
        "{wrong}"
    );
}
