//! Let-downs: found again in the exported files, and far more of them where the fracture is.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::time;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::company::{Company, Row};

fn truth(company: &Company, promise: &str) -> BTreeMap<String, (String, String, String)> {
    let rows = company.rows("truth/letdowns.csv");
    let of = |row: &Row| {
        let told = (
            row["state"].clone(),
            row["could_have_known"].clone(),
            row["late_by_seconds"].clone(),
        );
        (row["about"].clone(), told)
    };
    rows.iter()
        .filter(|row| row["promise"] == promise)
        .map(of)
        .collect()
}

/// Reads the shop's and the couriers' files as anybody could, and judges every order by its dates alone.
#[test]
fn late_deliveries_can_be_found_again_in_the_exports() {
    let company = Company::new(2_000, 12, 11);
    let zone = time::zone(amends_simulator::ZONE).unwrap();
    let horizon: Timestamp = company.summary.horizon.parse().unwrap();
    let arrived: BTreeMap<String, Timestamp> = company
        .deliveries()
        .into_iter()
        .filter_map(|(order, at)| Some((order, at.parse().ok()?)))
        .collect();
    let mut found = BTreeMap::new();
    let mut exposed = BTreeSet::new();
    for row in company.rows("orders.csv") {
        let moment = |text: &str| Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok();
        let nobody = row["customer_id"].is_empty() && row["email"].is_empty();
        if nobody || moment(&row["placed_at"]).is_none() {
            continue;
        }
        exposed.insert(row["order_id"].clone());
        let promised: Date = row["promised_delivery"].parse().unwrap();
        let due = time::end_of_day(promised, &zone).unwrap();
        let given_up = time::end_of_day(promised.checked_add(21.days()).unwrap(), &zone).unwrap();
        let let_off = row["cancelled_by"] == "customer"
            && moment(&row["cancelled_at"]).is_some_and(|at| at < due);
        let delivered = arrived.get(&row["order_id"]).copied();
        let (state, until) = match delivered {
            Some(at) if at < due => continue,
            _ if let_off => continue,
            Some(at) if at < given_up => ("late", at),
            _ if given_up <= horizon => ("broken", given_up),
            _ if due <= horizon => ("overdue", horizon),
            _ => continue,
        };
        let late_by = due.duration_until(until).as_secs().to_string();
        let told = (state.to_owned(), due.to_string(), late_by);
        found.insert(row["order_id"].clone(), told);
    }
    assert_eq!(found, truth(&company, "delivery-date"));
    let counts = &company.summary.promises[0];
    assert_eq!(counts.promise, "delivery-date");
    assert_eq!(counts.exposed, exposed.len() as u64);
    assert_eq!(counts.let_down, found.len() as u64);
    for state in [
        "open", "kept", "beaten", "late", "overdue", "broken", "excused",
    ] {
        assert!(counts.states[state] > 0, "no order is {state}");
    }
}

#[test]
fn late_answers_can_be_found_again_in_the_export() {
    let company = Company::new(2_000, 12, 11);
    let mut calendar =
        amends_model::wait::Calendar::weekdays(time::zone(amends_simulator::ZONE).unwrap());
    for day in [
        "2024-01-01",
        "2024-05-01",
        "2024-10-26",
        "2024-12-25",
        "2024-12-26",
        "2025-01-01",
    ] {
        calendar.holidays.insert(day.parse().unwrap());
    }
    let wait = |text: &str| amends_model::wait::Wait::parse(text).unwrap();
    let (within, gives_up) = (wait("8 opening hours"), wait("14 days"));
    let horizon: Timestamp = company.summary.horizon.parse().unwrap();
    let mut found = BTreeMap::new();
    for row in company.rows("tickets.csv") {
        let moment = |column: &str| row[column].parse::<Timestamp>().ok();
        let Some(asked) = moment("created_at").filter(|_| !row["requester_id"].is_empty()) else {
            continue;
        };
        let due = within.after(asked, &calendar).unwrap();
        let given_up = gives_up.after(due, &calendar).unwrap();
        let taken_back = row["tags"] == "withdrawn_by_requester";
        let let_off = taken_back && moment("solved_at").is_some_and(|at| at <= due);
        let (state, until) = match moment("first_reply_at") {
            Some(at) if at <= due => continue,
            _ if let_off => continue,
            Some(at) if at <= given_up => ("late", at),
            _ if given_up <= horizon => ("broken", given_up),
            _ if due <= horizon => ("overdue", horizon),
            _ => continue,
        };
        let late_by = due.duration_until(until).as_secs().to_string();
        found.insert(
            row["id"].clone(),
            (state.to_owned(), due.to_string(), late_by),
        );
    }
    assert_eq!(found, truth(&company, "first-answer"));
    assert!(found.len() > 100);
}

#[test]
fn seriousness_grows_with_lateness() {
    let company = Company::new(2_000, 12, 11);
    for row in company.rows("truth/letdowns.csv") {
        let late_by = SignedDuration::from_secs(row["late_by_seconds"].parse().unwrap());
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let expected = match row["promise"].as_str() {
            "delivery-date" => 1 + u8::from(late_by > days(1)) + u8::from(late_by > days(7)),
            _ if row["state"] == "broken" => 3,
            _ => 1 + u8::from(late_by > days(2)),
        };
        assert_eq!(row["serious"], expected.to_string(), "{row:?}");
    }
}

#[test]
fn the_fracture_is_where_it_was_planted() {
    let company = Company::new(3_000, 12, 2);
    let [fracture] = &company.summary.fractures[..] else {
        panic!("{:?}", company.summary.fractures);
    };
    let onset: Date = fracture.onset.parse().unwrap();
    assert_eq!(onset.weekday(), jiff::civil::Weekday::Monday);
    let let_down: BTreeSet<String> = truth(&company, "delivery-date").into_keys().collect();
    // By depot, before and after the onset: orders, and let-downs among them.
    let mut rates: BTreeMap<(String, bool), (u64, u64)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in company.rows("orders.csv") {
        let Ok(placed) = row["placed_at"][..10].parse::<Date>() else {
            continue;
        };
        if row["email"].is_empty() || !seen.insert(row["order_id"].clone()) {
            continue;
        }
        let rate = rates
            .entry((row["depot"].clone(), placed >= onset))
            .or_default();
        rate.0 += 1;
        rate.1 += u64::from(let_down.contains(&row["order_id"]));
    }
    assert_eq!(rates.len(), 10);
    let inside = (fracture.place["depot"].clone(), true);
    let share = |(orders, late): (u64, u64)| late as f64 / orders as f64;
    for (place, rate) in &rates {
        if *place == inside {
            assert!(share(*rate) > 0.25, "{place:?} {rate:?}");
            assert_eq!(*rate, (fracture.exposed_inside, fracture.let_down_inside));
        } else {
            assert!(share(*rate) < 0.09, "{place:?} {rate:?}");
        }
    }
}

#[test]
fn nobody_is_named_behind_a_shared_mailbox() {
    let company = Company::new(2_500, 12, 11);
    let names = company.rows("truth/identifiers.csv");
    let people: BTreeSet<&str> = names
        .iter()
        .map(|row| row["customer_id"].as_str())
        .collect();
    let mut unnamed = 0;
    for row in company.rows("truth/letdowns.csv") {
        if row["customer_id"].is_empty() {
            assert_eq!(row["promise"], "first-answer");
            unnamed += 1;
        } else {
            assert!(people.contains(row["customer_id"].as_str()), "{row:?}");
        }
    }
    assert!(unnamed > 0);
}
