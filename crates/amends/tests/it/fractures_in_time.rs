//! Fractures over time: what is not ripe says nothing, what was mended is believed, and what was decided stays.

use std::fmt::Write;

use serde_json::Value;

use crate::fractures::{Numbers, Order, items, shop};
use crate::invented::Invented;

/// A year of orders at five depots; the percentage of late ones by depot, day and weight.
fn year(count: u64, percent: impl Fn(u64, i64, u64) -> u64) -> Vec<Order> {
    let mut numbers = Numbers(29);
    let orders = (0..count).map(|_| {
        let (depot, day) = (numbers.below(5), numbers.below(365) as i64);
        let weight = 1_010 + numbers.below(40);
        Order {
            who: numbers.below(count),
            day,
            arrived: Some(if numbers.below(100) < percent(depot, day, weight) {
                7
            } else {
                2
            }),
            complained: None,
            depot: format!("D{depot}"),
            weight,
        }
    });
    orders.collect()
}

fn places(company: &Invented) -> Vec<Value> {
    let all = company.json("fractures");
    let items = items(&all).iter();
    items
        .filter(|one| one["is_everywhere"] == false)
        .cloned()
        .collect()
}

fn one_place(company: &Invented) -> Value {
    let mut places = places(company);
    assert_eq!(places.len(), 1, "{places:#?}");
    places.remove(0)
}

#[test]
fn those_that_were_quick_before_they_were_due_make_no_place_of_the_newest() {
    // Ninety days of orders that are due after sixty; one in six comes too late, at all times alike.
    let mut numbers = Numbers(3);
    let orders: Vec<Order> = (0..1_000)
        .map(|who| {
            let (day, takes) = (numbers.below(90) as i64, 1 + numbers.below(71) as i64);
            Order {
                who,
                day,
                arrived: Some(takes).filter(|takes| day + takes < 90),
                complained: None,
                depot: format!("D{}", numbers.below(5)),
                weight: 1,
            }
        })
        .collect();
    let company = shop(&orders, "60 days", "2025-11-29");
    assert_eq!(places(&company), Vec::<Value>::new());
    let all = company.json("fractures");
    let rest = items(&all)[0]["instances"].as_u64().unwrap();
    assert!((200..400).contains(&rest), "{rest} of about a third");
}

/// Two looks, as of two moments.
fn looked_twice(company: &Invented) {
    company.text("fracture look --as-of 2026-09-14");
    company.text("fracture look");
}

#[test]
fn what_two_looks_in_a_row_see_is_new_and_what_one_sees_waits() {
    let company = shop(
        &year(2_000, |depot, _, _| if depot == 3 { 30 } else { 5 }),
        "4 days",
        "2026-09-30",
    );
    let place = one_place(&company);
    let id = place["id"].clone();
    assert_eq!(
        (&place["is_new"], &place["looks"]),
        (&false.into(), &0.into())
    );
    let has = |answer: &Value, list: &str| answer[list].as_array().unwrap().contains(&id);
    let first = company.json("fracture look --as-of 2026-08-31");
    assert!(has(&first, "waiting") && !has(&first, "new"), "{first}");
    // The same moment again is the same look.
    let again = company.json("fracture look --as-of 2026-08-31");
    assert!(has(&again, "waiting") && !has(&again, "new"), "{again}");
    // Another moment of the same day is too.
    let again = company.json("fracture look --as-of 2026-08-31T12:00:00");
    assert!(has(&again, "waiting") && !has(&again, "new"), "{again}");
    let second = company.json("fracture look --as-of 2026-09-14");
    assert!(has(&second, "new") && !has(&second, "waiting"), "{second}");
    let place = one_place(&company);
    assert_eq!(
        (&place["is_new"], &place["looks"], &place["state"]),
        (&true.into(), &2.into(), &"suspected".into())
    );
    assert!(company.text("fractures").contains(" new"));
    // A question about an earlier moment knows no later look, and after a third one it is new no more.
    let then = company.json("fractures --as-of 2026-09-07");
    let then = items(&then).iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(
        (&then["is_new"], &then["looks"]),
        (&false.into(), &1.into())
    );
    let third = company.json("fracture look");
    assert!(!has(&third, "new") && !has(&third, "waiting"), "{third}");
    assert_eq!(one_place(&company)["looks"], 3);
    // Looks are events: they change no figure of the ledger's own, and stay when what is computed is computed again.
    std::fs::remove_dir_all(company.path().join(".amends/derived")).unwrap();
    assert_eq!(one_place(&company)["looks"], 3);
}

#[test]
fn a_place_that_goes_on_what_was_seen_elsewhere_is_the_same_fracture() {
    // Two months in which it breaks everywhere: what tells the place are its days, and they move while it lasts.
    let orders = year(
        4_000,
        |_, day, _| {
            if (150..210).contains(&day) { 40 } else { 5 }
        },
    );
    let company = || shop(&orders, "4 days", "2026-09-30");
    let dated = |all: &Value| -> Vec<Value> {
        let of = |one: &&Value| one["is_everywhere"] == false;
        items(all).iter().filter(of).cloned().collect()
    };
    let unseen = one_place(&company());
    let company = company();
    let then = dated(&company.json("fractures --as-of 2026-02-28"));
    assert_eq!(then.len(), 1, "{then:#?}");
    assert_eq!(then[0]["until"], Value::Null);
    assert_ne!(then[0]["id"], unseen["id"]);
    company.text("fracture look --as-of 2026-02-28");
    let now = one_place(&company);
    assert_eq!((&now["id"], &now["looks"]), (&then[0]["id"], &1.into()));
    assert_eq!(now["until"], unseen["until"]);
    let formerly = format!("since {}", then[0]["since"].as_str().unwrap());
    assert_eq!(now["formerly"], formerly.as_str());
    assert_eq!(unseen["formerly"], Value::Null);
    let id = now["id"].as_str().unwrap();
    let shown = company.text(&format!("fracture show {id}"));
    assert!(shown.contains("The last look saw it as since"), "{shown}");
    // The next look sees it where it is now: it is new, since two looks saw it, and formerly nowhere else.
    let second = company.json("fracture look");
    let new = second["new"].as_array().unwrap();
    assert!(new.contains(&id.into()), "{second}");
    let now = one_place(&company);
    assert_eq!((&now["id"], &now["formerly"]), (&id.into(), &Value::Null));
    // What was decided about it stays with it as well.
    company.text(&format!("fracture own {id} --owner Logistics --by Vera"));
    let owned = one_place(&company);
    assert_eq!(
        (&owned["id"], &owned["state"]),
        (&id.into(), &"owned".into())
    );
}

#[test]
fn what_broke_everywhere_and_was_mended_is_mended() {
    let company = shop(
        &year(3_000, |_, day, _| if day < 210 { 15 } else { 1 }),
        "4 days",
        "2026-09-30",
    );
    // It ended: one place with an end, and nothing of its months.
    let place = one_place(&company);
    assert_eq!(
        (&place["since"], &place["where"]),
        (&Value::Null, &serde_json::json!({}))
    );
    let until: jiff::civil::Date = place["until"].as_str().unwrap().parse().unwrap();
    let off = until
        .duration_since("2026-03-29".parse().unwrap())
        .as_hours()
        / 24;
    assert!(off.abs() <= 7, "{until}");

    let company = shop(&year(3_000, |_, _, _| 10), "4 days", "2026-09-30");
    let everywhere = items(&company.json("fractures"))[0].clone();
    let id = everywhere["id"].as_str().unwrap();
    company.text(&format!("fracture mended {id} --by Vera --on 2026-03-02"));
    looked_twice(&company);
    assert_eq!(items(&company.json("fractures"))[0]["state"], "regressed");
    // Nothing that was ordered from March on came late.
    let orders = year(3_000, |_, day, _| if day < 182 { 10 } else { 1 });
    company.write("exports/shop.csv", &crate::fractures::csv(&orders));
    company.text("import");
    // What was seen stays until somebody looks again.
    let shown = company.json(&format!("fracture show {id}"));
    assert_eq!(
        (&shown["state"], &shown["is_back"]),
        (&"regressed".into(), &false.into())
    );
    company.text("fracture look");
    let all = company.json("fractures");
    let told = items(&all).iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(told["state"], "mended", "{told}");
}

#[test]
fn what_was_decided_is_the_same_as_of_the_same_moment() {
    let company = shop(
        &year(2_000, |depot, _, _| if depot == 3 { 30 } else { 5 }),
        "4 days",
        "2026-09-30",
    );
    let all = company.json("fractures");
    let (as_of, id) = (
        all["as_of"].as_str().unwrap(),
        items(&all)[0]["id"].as_str().unwrap(),
    );
    let decided = company.json(&format!("fracture accept {id} --by Vera --as-of {as_of}"));
    assert_eq!(decided["state"], "accepted");
    assert_eq!(
        company.json("fractures"),
        company.json(&format!("fractures --as-of {as_of}"))
    );
}

#[test]
fn what_was_decided_stays_whatever_ranges_attributes_and_names_become() {
    let heavy = |_, _, weight| if weight >= 1_042 { 40 } else { 5 };
    let company = shop(&year(1_500, heavy), "4 days", "2026-09-30");
    let place = one_place(&company);
    let weight = place["where"]["weight"].as_str().unwrap();
    assert!(
        weight.starts_with("104") && weight.ends_with(" or more"),
        "{weight}"
    );
    let id = place["id"].as_str().unwrap();
    company.text(&format!("fracture own {id} --by Vera --owner Depots"));
    // Older orders with other weights move the ranges; the place stays what it was.
    let mut orders = year(1_500, heavy);
    let older = year(1_200, heavy).into_iter();
    orders.extend(older.map(|one| Order {
        day: one.day - 400,
        weight: one.weight - 13,
        ..one
    }));
    company.write("exports/shop.csv", &crate::fractures::csv(&orders));
    company.text("import");
    let all = company.json("fractures");
    let told = items(&all).iter().find(|one| one["id"] == id);
    let told = told.unwrap_or_else(|| panic!("{all:#}"));
    assert_eq!(
        (&told["state"], &told["where"]),
        (&"owned".into(), &place["where"])
    );
    // The attribute is looked at no more, then the promise has another name.
    let promise = std::fs::read_to_string(company.path().join("promises/parcel.toml")).unwrap();
    for (from, to) in [
        (", \"weight\"]", "]"),
        ("[promise.parcel]", "[promise.post]"),
    ] {
        company.write("promises/parcel.toml", &promise.replace(from, to));
        let one = company.json(&format!("fracture show {id}"));
        assert_eq!(
            (&one["state"], &one["owner"]),
            (&"owned".into(), &"Depots".into())
        );
        assert_eq!(
            (&one["is_looked_for"], &one["people"]),
            (&false.into(), &0.into())
        );
        let told = company.text(&format!("fracture show {id}"));
        assert!(told.contains("no longer looked for"), "{told}");
    }
}

#[test]
fn what_is_inside_of_an_owned_place_is_not_told_again() {
    let company = shop(
        &year(2_500, |depot, _, _| if depot == 3 { 30 } else { 5 }),
        "4 days",
        "2026-09-30",
    );
    let id = one_place(&company)["id"].clone();
    company.text(&format!("fracture own {} --by Vera", id.as_str().unwrap()));
    // It gets much worse at the end: the same place still.
    let orders = year(2_500, |depot, day, _| match (depot, day) {
        (3, 200..) => 60,
        (3, _) => 30,
        _ => 5,
    });
    company.write("exports/shop.csv", &crate::fractures::csv(&orders));
    company.text("import");
    let place = one_place(&company);
    assert_eq!((&place["id"], &place["state"]), (&id, &"owned".into()));
}

#[test]
fn two_beginnings_are_two_fractures() {
    let rate = |_, day, _| match day {
        0..120 => 3,
        120..240 => 15,
        _ => 45,
    };
    let company = shop(&year(3_000, rate), "4 days", "2026-09-30");
    let places = places(&company);
    let ids: std::collections::BTreeSet<&str> = places
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!((places.len(), ids.len()), (2, 2), "{places:#?}");
    for id in ids {
        let owned = company.json(&format!("fracture own {id} --by Vera"));
        assert_eq!(
            (&owned["id"], &owned["state"]),
            (&id.into(), &"owned".into())
        );
    }
    assert_eq!(company.json("fractures")["total"], 3);
}

#[test]
fn a_decision_that_says_nothing_is_refused() {
    let company = shop(
        &year(2_000, |depot, _, _| if depot == 3 { 30 } else { 5 }),
        "4 days",
        "2026-09-30",
    );
    let id = one_place(&company)["id"].as_str().unwrap().to_owned();
    let mut told = String::new();
    for wrong in [
        format!("fracture mended {id} --by Vera --on 2130-01-01"),
        format!("fracture own {id} --by Vera --owner="),
        format!("fracture accept {id} --by="),
        format!("fracture note {id} --by Vera"),
        // The sources have reported until the end of September.
        "fracture look --as-of 2026-10-15".to_owned(),
    ] {
        let (exit, problem) = company.fails(&wrong);
        assert_eq!(exit, 2, "{problem}");
        writeln!(told, "{problem}").unwrap();
    }
    assert_eq!(told.matches("[AM1004]").count(), 5, "{told}");
    company.text(&format!("fracture dismiss {id} --by Vera"));
    for wrong in ["dismiss", "mend"] {
        assert_eq!(
            company.fails(&format!("fracture {wrong} {id} --by Vera")).0,
            2
        );
    }
    company.text(&format!("fracture own {id} --by Vera --owner Depots"));
    company.text(&format!("fracture mended {id} --by Vera --on 2026-03-02"));
    looked_twice(&company);
    // Whoever takes over what is back does not make it new.
    company.text(&format!("fracture own {id} --by Vera --owner Couriers"));
    let one = company.json(&format!("fracture show {id}"));
    assert_eq!(
        (&one["state"], &one["owner"]),
        (&"regressed".into(), &"Couriers".into())
    );
    assert_eq!(one["history"][1]["owner"], "Depots");
    assert_eq!(one["history"][2]["from"], "2026-03-01T23:00:00Z");
}

/// Every third order is heavy and goes by the depot Saltmere, where two of five come late.
fn heavy() -> Vec<Order> {
    let mut numbers = Numbers(41);
    let orders = (0..1_500).map(|number| {
        let heavy = number % 3 == 0;
        let late = numbers.below(100) < if heavy { 40 } else { 4 };
        Order {
            who: number,
            day: numbers.below(200) as i64,
            arrived: Some(if late { 9 } else { 2 }),
            complained: None,
            depot: if heavy { "Saltmere" } else { "Marrowgate" }.into(),
            weight: if heavy {
                30 + number % 7
            } else {
                1 + number % 7
            },
        }
    });
    orders.collect()
}

/// The look saw it at a depot; the promise looks at weights alone since, by which those who were harmed there are found again.
#[test]
fn a_promise_that_looks_at_other_attributes_breaks_in_the_same_fracture() {
    let company = shop(&heavy(), "4 days", "2026-06-30");
    let looks_at = |attributes: &str| {
        let file = "promises/parcel.toml";
        let (before, _) = crate::fractures::PROMISE.split_once("where =").unwrap();
        company.write(file, &format!("{before}where = [{attributes}]\n"));
    };
    looks_at("\"depot\"");
    let seen = one_place(&company);
    assert_eq!(
        seen["where"],
        serde_json::json!({"depot": "Saltmere"}),
        "{seen}"
    );
    company.text("fracture look");
    looks_at("\"weight\"");
    let now = one_place(&company);
    assert!(now["where"]["weight"].is_string(), "{now}");
    assert_eq!((&now["id"], &now["looks"]), (&seen["id"], &1.into()));
    assert_eq!(now["formerly"], "depot Saltmere");
    // Asked of a moment before the look, it is another place.
    let early = company.json("fractures --as-of 2026-06-01");
    let early = items(&early)
        .iter()
        .find(|one| one["is_everywhere"] == false);
    assert_ne!(early.unwrap()["id"], seen["id"]);
}
