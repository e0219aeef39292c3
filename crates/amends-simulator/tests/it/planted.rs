//! What is planted shows where it was planted and nowhere else, the truth tells whom it harmed, and nobody else is moved by it.

use std::collections::{BTreeMap, BTreeSet};

use amends_simulator::{Fracture, Plant};

use crate::company::{Company, Row};

fn share(hits: u64, of: u64) -> f64 {
    hits as f64 / of as f64
}

/// Names of people by a column of a file of the truth, of the rows that are wanted.
fn people(company: &Company, file: &str, wanted: impl Fn(&Row) -> bool) -> BTreeSet<String> {
    let rows = company.rows(file);
    let rows = rows.iter().filter(|row| wanted(row));
    rows.map(|row| row["customer_id"].clone()).collect()
}

/// The first customer id of whoever has one.
fn firsts(company: &Company) -> BTreeMap<String, String> {
    let rows = company.rows("truth/identifiers.csv");
    let rows = rows
        .into_iter()
        .filter(|row| row["identifier"] == "customer");
    rows.map(|row| (row["name"].clone(), row["customer_id"].clone()))
        .collect()
}

#[test]
fn each_flaw_shows_where_it_was_planted_and_nowhere_else() {
    for plant in Plant::ALL {
        let company = Company::with(plant.name(), 2_500, 10, 31);
        let [fracture] = &company.summary.fractures[..] else {
            panic!("{:?}", company.summary.fractures);
        };
        let Fracture { name, promise, .. } = fracture;
        assert_eq!(name, plant.name());
        let inside = share(fracture.let_down_inside, fracture.exposed_inside);
        let outside = share(fracture.let_down_outside, fracture.exposed_outside);
        assert!(inside > 0.1 && inside > 3.0 * outside, "{fracture:?}");
        assert!(fracture.people > 12, "{fracture:?}");
        assert_eq!(fracture.people, fracture.spoke + fracture.silent);
        assert!(fracture.spoke > 0 && fracture.silent > 0, "{fracture:?}");
        let harmed = people(&company, "truth/harmed.csv", |row| row["fracture"] == *name);
        assert_eq!(harmed.len() as u64, fracture.people);
        let let_down = people(&company, "truth/letdowns.csv", |row| {
            row["promise"] == *promise
        });
        assert!(harmed.is_subset(&let_down));
        // Of what is not planted nothing is told, and no other promise breaks more often than in the control company.
        let control = Company::with("none", 2_500, 10, 31);
        assert!(control.summary.fractures.is_empty());
        assert!(control.rows("truth/harmed.csv").is_empty());
        for (here, there) in company
            .summary
            .promises
            .iter()
            .zip(&control.summary.promises)
        {
            let rates = [here, there].map(|one| share(one.let_down, one.exposed));
            let is_planted = here.promise == *promise;
            assert!(
                is_planted || (rates[0] - rates[1]).abs() < 0.01,
                "{name}: {here:?} {there:?}"
            );
        }
    }
}

#[test]
fn a_flaw_changes_the_lives_of_those_whom_it_touches_and_of_nobody_else() {
    let control = Company::with("none", 1_200, 10, 32);
    let of = |company: &Company, file: &str| -> BTreeMap<String, Vec<Vec<String>>> {
        let mut all: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for row in company.rows(file) {
            let cells = row.iter().filter(|(name, _)| *name != "about");
            let cells = cells.map(|(_, cell)| cell.clone()).collect();
            all.entry(row["customer_id"].clone())
                .or_default()
                .push(cells);
        }
        all
    };
    for plant in Plant::ALL {
        let company = Company::with(plant.name(), 1_200, 10, 32);
        // Of two commodities the pair takes from one what it gives to the other: so it touches some who are spared.
        let touched = people(&company, "truth/harmed.csv", |_| true);
        let spared = |row: &Row| plant == Plant::Pair && row["promise"] == "delivery-date";
        let spared = people(&control, "truth/letdowns.csv", spared);
        let mut others = 0;
        for file in ["truth/memberships.csv", "truth/letdowns.csv"] {
            let (here, there) = (of(&company, file), of(&control, file));
            let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            for name in names {
                if touched.contains(name) || spared.contains(name) || name.is_empty() {
                    continue;
                }
                assert_eq!(here.get(name), there.get(name), "{plant:?} {name} {file}");
                others += 1;
            }
        }
        assert!(others > 800, "{plant:?} {others}");
    }
}

#[test]
fn who_is_harmed_can_be_found_again_in_the_exports() {
    let company = Company::with("all", 2_500, 10, 33);
    let firsts = firsts(&company);
    let named = |ids: BTreeSet<String>| -> BTreeSet<String> {
        ids.iter().map(|id| firsts[id].clone()).collect()
    };
    let harmed = |name: &str| people(&company, "truth/harmed.csv", |row| row["fracture"] == name);
    let mut shut_out = BTreeSet::new();
    for line in company.text("log-ins.jsonl").lines() {
        let Ok(row) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        let is_there = row["app"]["platform"] == "Android" && row["app"]["version"] == "4.0";
        let customer = row["customer"].as_str().unwrap_or_default().to_owned();
        if is_there && row["entered_at"].is_null() && firsts.contains_key(&customer) {
            shut_out.insert(customer);
        }
    }
    assert_eq!(named(shut_out), harmed("release"));

    let fracture = |name: &str| {
        let all = company.summary.fractures.iter();
        all.into_iter().find(|one| one.name == name).unwrap()
    };
    let (from, until) = (
        &fracture("charges").onset,
        fracture("charges").until.clone(),
    );
    let mut paid: BTreeMap<String, (BTreeSet<String>, Row)> = BTreeMap::new();
    for row in company.rows("charges.csv") {
        let known = firsts.contains_key(&row["customer_id"]);
        if row["what"] == "payment" && known {
            let first = paid.entry(row["invoice"].clone());
            let (ids, _) = first.or_insert_with(|| (BTreeSet::new(), row.clone()));
            ids.insert(row["charge_id"].clone());
        }
    }
    let twice = paid.values().filter(|(ids, first)| {
        // The edges of the days lie an hour or two off those of UTC; nobody pays there in this company.
        let day = &first["charged_at"][..10];
        ids.len() == 2
            && first["plan"] == "Tea Cupboard"
            && day >= &from[..]
            && day <= &until.clone().unwrap()[..]
    });
    let twice = twice
        .map(|(_, first)| first["customer_id"].clone())
        .collect();
    assert_eq!(named(twice), harmed("charges"));

    let outage = company.rows("incidents.csv");
    let outage = outage
        .iter()
        .find(|row| row["what"] == "failure" && row["began_at"].starts_with("20"));
    let outage = outage.unwrap();
    let week: Vec<Row> = company.rows("kettles.csv");
    let on_line = |row: &&Row| {
        row["reported_at"] < outage["began_at"]
            && row["kettle_week"].ends_with(&monday_before(&outage["began_at"]))
    };
    let mut stands: BTreeMap<&String, &Row> = BTreeMap::new();
    let mut reports: Vec<&Row> = week.iter().filter(on_line).collect();
    reports.sort_by_key(|row| &row["reported_at"]);
    for row in reports {
        stands.insert(&row["kettle_week"], row);
    }
    let reached = stands
        .values()
        .filter(|row| row["exchange"] == outage["exchange"]);
    let reached = reached.map(|row| row["customer_id"].clone()).collect();
    assert_eq!(named(reached), harmed("outage"));
    assert!(harmed("outage").len() > 12);
}

fn monday_before(moment: &str) -> String {
    let day: jiff::civil::Date = moment[..10].parse().unwrap();
    let back = day.weekday().to_monday_zero_offset();
    day.checked_sub(jiff::Span::new().days(back))
        .unwrap()
        .to_string()
}

#[test]
fn of_a_pair_neither_the_depot_nor_the_goods_alone_are_worse() {
    let company = Company::with("pair", 9_000, 10, 34);
    let [fracture] = &company.summary.fractures[..] else {
        panic!("{:?}", company.summary.fractures);
    };
    let late = company.rows("truth/letdowns.csv");
    let late: BTreeSet<&String> = late.iter().map(|row| &row["about"]).collect();
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let orders = company.rows("orders.csv");
    let mut seen = BTreeSet::new();
    for row in &orders {
        let placed = &row["placed_at"][..10];
        if *placed < fracture.onset[..] || row["email"].is_empty() || !seen.insert(&row["order_id"])
        {
            continue;
        }
        let is_depot = row["depot"] == fracture.place["depot"];
        let is_goods = row["product_category"] == fracture.place["product_category"];
        let groups = [
            (is_depot, "depot"),
            (is_goods, "goods"),
            (is_depot && is_goods, "pair"),
            (!is_depot && !is_goods, "neither"),
        ];
        for (_, group) in groups.into_iter().filter(|(is_in, _)| *is_in) {
            let count = counts.entry(group).or_default();
            count.0 += 1;
            count.1 += u64::from(late.contains(&row["order_id"]));
        }
    }
    let rate = |group: &str| share(counts[group].1, counts[group].0);
    assert!(rate("pair") > 0.48, "{counts:?}");
    for group in ["depot", "goods"] {
        assert!((rate(group) - rate("neither")).abs() < 0.018, "{counts:?}");
    }
}

#[test]
fn whoever_left_over_a_let_down_was_let_down_and_left() {
    let company = Company::with("all", 3_000, 10, 35);
    let let_downs = people_and(&company, "truth/letdowns.csv", ["promise", "about"]);
    let endings: BTreeMap<String, Vec<Row>> = {
        let mut all: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in company.rows("truth/memberships.csv") {
            all.entry(row["customer_id"].clone()).or_default().push(row);
        }
        all
    };
    let leavings = company.rows("truth/leavings.csv");
    let mut over: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &leavings {
        *over.entry(&row["fracture"]).or_default() += 1;
        let key = [&row["customer_id"], &row["promise"], &row["about"]].map(String::clone);
        // Behind a shared mailbox it is not told who waited for the answer.
        assert!(
            let_downs.contains(&key) || row["promise"] == "first-answer",
            "{row:?}"
        );
        let of = &endings[&row["customer_id"]];
        let ended = of.iter().any(|one| {
            one["left_at"] == row["left_at"]
                && (one["cause"] == "service" || row["left_at"].is_empty())
        });
        assert!(ended, "{row:?} {of:?}");
    }
    for fracture in &company.summary.fractures {
        let left = people(&company, "truth/leavings.csv", |row| {
            row["fracture"] == fracture.name
        });
        let told = people(&company, "truth/harmed.csv", |row| {
            row["fracture"] == fracture.name && row["left"] == "yes"
        });
        assert_eq!(told.len() as u64, fracture.left);
        assert!(told.is_subset(&left), "{fracture:?}");
    }
    assert!(
        over[""] > 20 && over["release"] > 3 && over["charges"] > 0,
        "{over:?}"
    );
}

/// Customer and two other cells of each row.
fn people_and(company: &Company, file: &str, more: [&str; 2]) -> BTreeSet<[String; 3]> {
    let rows = company.rows(file).into_iter();
    rows.map(|row| {
        [
            row["customer_id"].clone(),
            row[more[0]].clone(),
            row[more[1]].clone(),
        ]
    })
    .collect()
}

#[test]
fn kindness_is_told_and_comes_from_what_was_beaten_and_waived() {
    let company = Company::with("none", 1_500, 10, 36);
    let kindness = company.rows("truth/kindness.csv");
    let count = |name: &str| {
        kindness
            .iter()
            .filter(|row| row["kindness"] == name)
            .count() as u64
    };
    let delivery = &company.summary.promises[0];
    assert_eq!(count("promise beaten"), delivery.states["beaten"]);
    let waived: BTreeSet<String> = company
        .rows("charges.csv")
        .into_iter()
        .filter(|row| row["what"] != "payment")
        .map(|row| row["invoice"].clone())
        .collect();
    let told = kindness
        .iter()
        .filter(|row| row["kindness"] == "fee waived");
    let told: BTreeSet<String> = told.map(|row| row["about"].clone()).collect();
    assert_eq!(told, waived);
    assert!(waived.len() > 50);
}

#[test]
fn a_company_with_all_of_its_systems_is_the_same_again_and_counts_its_files() {
    let first = Company::with("all", 400, 9, 42);
    let second = Company::with("all", 400, 9, 42);
    assert_eq!(first.summary, second.summary);
    assert_eq!(first.summary.files.len(), 10);
    for counts in &first.summary.files {
        let text = first.text(&counts.name);
        assert_eq!(text, second.text(&counts.name));
        assert_eq!(
            counts.rows,
            counts.records + counts.duplicates + counts.bad_rows
        );
        if [
            "log-ins.jsonl",
            "charges.csv",
            "kettles.csv",
            "incidents.csv",
        ]
        .contains(&counts.name.as_str())
        {
            let header = u64::from(counts.name != "log-ins.jsonl");
            assert_eq!(
                text.lines().count() as u64,
                counts.rows + header,
                "{}",
                counts.name
            );
        }
    }
}
