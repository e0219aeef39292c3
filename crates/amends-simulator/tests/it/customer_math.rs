//! Customer math: the equation of every month, counted anew from the memberships and from the exported contracts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::company::{Company, Row};

fn number(row: &Row, column: &str) -> i64 {
    row[column].parse().unwrap()
}

/// The month in which a moment lies, in the company's zone.
fn month(moment: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get(amends_simulator::ZONE).unwrap();
    moment.to_zoned(zone).strftime("%Y-%m").to_string()
}

fn utc(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[test]
fn the_equation_holds_in_every_month_and_months_follow_each_other() {
    for seed in 0..4 {
        let company = Company::new(600, 14, seed);
        let months = company.rows("truth/customer_math.csv");
        assert_eq!(months.len(), 14);
        let mut closing = number(&months[0], "opening");
        for row in &months {
            let of = |column| number(row, column);
            assert_eq!(of("opening"), closing);
            closing = of("opening") + of("new") + of("returned") - of("lost");
            assert_eq!(of("closing"), closing, "{row:?}");
            let natures = [
                "lost_natural",
                "lost_avoidable",
                "lost_company",
                "lost_unknown",
            ];
            assert_eq!(of("lost"), natures.map(of).iter().sum::<i64>());
            assert!(of("joined_and_left") <= of("lost").min(of("new") + of("returned")));
        }
        let total = |column| months.iter().map(|row| number(row, column)).sum::<i64>();
        for column in [
            "new",
            "returned",
            "lost_natural",
            "lost_avoidable",
            "lost_company",
            "lost_unknown",
            "joined_and_left",
        ] {
            assert!(total(column) > 0, "{column} never happens with seed {seed}");
        }
    }
}

#[test]
fn months_are_the_sums_of_their_people() {
    let company = Company::new(900, 12, 5);
    let mut counted: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut count = |month: &str, line: &str| {
        *counted.entry((month.into(), line.into())).or_default() += 1;
    };
    let mut last = String::new();
    for row in company.rows("truth/memberships.csv") {
        let returned = row["customer_id"] == last;
        last = row["customer_id"].clone();
        let joined = month(utc(&row["joined_at"]).unwrap());
        count(&joined, if returned { "returned" } else { "new" });
        if let Some(left) = utc(&row["left_at"]).map(month) {
            count(&left, "lost");
            count(&left, &format!("lost_{}", row["nature"]));
            if left == joined {
                count(&left, "joined_and_left");
            }
        }
    }
    for row in company.rows("truth/customer_math.csv") {
        for (line, value) in &row {
            if !["month", "opening", "closing"].contains(&line.as_str()) {
                let key = (row["month"].clone(), line.clone());
                let expected = counted.get(&key).copied().unwrap_or(0);
                assert_eq!(value.parse::<i64>().unwrap(), expected, "{key:?}");
            }
        }
    }
}

/// From and until of every contract in the export, by person: the union of what overlaps must be the memberships.
#[test]
fn memberships_are_what_the_contracts_in_the_export_add_up_to() {
    let company = Company::new(1_500, 18, 5);
    let names = company.rows("truth/identifiers.csv");
    let whose: BTreeMap<&str, &str> = names
        .iter()
        .filter(|row| row["identifier"] == "customer")
        .map(|row| (row["name"].as_str(), row["customer_id"].as_str()))
        .collect();
    let minute = |text: &str| utc(&format!("{}:00Z", text.replace(' ', "T")));
    let mut contracts: BTreeMap<&str, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    let (rows, mut several) = (company.rows("subscriptions.csv"), 0);
    for row in &rows {
        let (Some(person), Some(from)) = (
            whose.get(row["Customer ID"].as_str()),
            minute(&row["Created (UTC)"]),
        ) else {
            continue;
        };
        let until = minute(&row["Ended At (UTC)"]).unwrap_or(Timestamp::MAX);
        contracts.entry(person).or_default().push((from, until));
    }
    let mut expected = Vec::new();
    for (person, mut spans) in contracts {
        spans.sort();
        spans.dedup();
        let mut united: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (from, until) in spans {
            match united.last_mut() {
                Some(last) if from <= last.1 => {
                    last.1 = last.1.max(until);
                    several += 1;
                }
                _ => united.push((from, until)),
            }
        }
        expected.extend(
            united
                .into_iter()
                .map(|(from, until)| (person.to_owned(), from, until)),
        );
    }
    let mut told: Vec<_> = company
        .rows("truth/memberships.csv")
        .iter()
        .map(|row| {
            let until = utc(&row["left_at"]).unwrap_or(Timestamp::MAX);
            (
                row["customer_id"].clone(),
                utc(&row["joined_at"]).unwrap(),
                until,
            )
        })
        .collect();
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    assert!(several > 50, "contracts overlap");
}
