//! What is in the files: as many rows as the manifest says, everything that a real export would spoil, and nobody real.

use std::collections::{BTreeMap, BTreeSet};

use crate::company::Company;

const FILES: [(&str, u8); 5] = [
    ("subscriptions.csv", b','),
    ("tickets.csv", b','),
    ("orders.csv", b','),
    ("satisfaction.csv", b';'),
    ("referrals.csv", b','),
];

/// All rows of a file, header aside, each as one text.
fn rows(company: &Company, file: &str) -> Vec<String> {
    if file == "deliveries.jsonl" {
        return company.text(file).lines().map(str::to_owned).collect();
    }
    let (_, delimiter) = FILES.iter().find(|(name, _)| *name == file).unwrap();
    let rows = company.cells(file, *delimiter).into_iter().skip(1);
    rows.map(|cells| cells.join("\u{1f}")).collect()
}

#[test]
fn counts_equal_the_files() {
    let company = Company::new(1_500, 12, 3);
    assert_eq!(company.summary.files.len(), 6);
    for counts in &company.summary.files {
        let rows = rows(&company, &counts.name);
        let apart: BTreeSet<_> = rows.iter().collect();
        assert_eq!(counts.rows, rows.len() as u64, "{}", counts.name);
        assert_eq!(
            counts.duplicates,
            (rows.len() - apart.len()) as u64,
            "{}",
            counts.name
        );
        assert_eq!(
            counts.rows,
            counts.records + counts.duplicates + counts.bad_rows
        );
        assert!(counts.duplicates > 0 && counts.bad_rows > 1, "{counts:?}");
        assert!(counts.records > 8 * counts.bad_rows, "{counts:?}");
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&company.text("truth/manifest.json")).unwrap();
    assert_eq!(manifest, serde_json::to_value(&company.summary).unwrap());
    assert_eq!(manifest["complete_until"], "2024-12-31");
    assert_eq!(manifest["horizon"], "2024-12-31T23:00:00Z");
}

#[test]
fn the_smallest_company_has_every_kind_of_bad_row() {
    let company = Company::new(1, 1, 1);
    let of = |name: &str| {
        let counts = company.summary.files.iter().find(|file| file.name == name);
        counts.unwrap().bad_rows
    };
    assert_eq!(of("satisfaction.csv"), 4);
    for name in [
        "subscriptions.csv",
        "tickets.csv",
        "orders.csv",
        "deliveries.jsonl",
        "referrals.csv",
    ] {
        assert_eq!(of(name), 3, "{name}");
    }
    for (file, delimiter) in FILES {
        let cells = company.cells(file, delimiter);
        let wrong = cells.iter().filter(|row| row.len() != cells[0].len());
        assert_eq!(wrong.count(), 1, "{file}");
    }
    let broken = company.text("deliveries.jsonl");
    let broken = broken
        .lines()
        .filter(|line| serde_json::from_str::<serde_json::Value>(line).is_err());
    assert_eq!(broken.count(), 1);
}

#[test]
fn no_cell_begins_a_formula() {
    let company = Company::new(1_500, 12, 3);
    let truth = ["customer_math", "letdowns", "memberships"];
    let truth = truth.map(|name| (format!("truth/{name}.csv"), b','));
    let files = FILES.map(|(name, delimiter)| (name.to_owned(), delimiter));
    for (file, delimiter) in files.iter().chain(&truth) {
        for cell in company.cells(file, *delimiter).concat() {
            let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!begins || cell.parse::<f64>().is_ok(), "{file}: {cell:?}");
        }
    }
}

#[test]
fn exports_look_the_way_exports_do() {
    let company = Company::new(1_500, 12, 3);
    assert!(
        company
            .text("satisfaction.csv")
            .starts_with("\u{feff}response_id;")
    );
    let quoted_break = "nobody came\nand nobody called";
    assert!(company.text("satisfaction.csv").contains(quoted_break));
    let orders = company.rows("orders.csv");
    let guests = orders
        .iter()
        .filter(|row| row["customer_id"].is_empty() && !row["email"].is_empty());
    assert!(guests.count() > orders.len() / 20);
    let tickets = company.rows("tickets.csv");
    assert!(
        tickets
            .iter()
            .any(|row| row["via_channel"] == "phone" && row["requester_email"].is_empty())
    );
    assert!(
        tickets
            .iter()
            .any(|row| row["requester_email"].ends_with("@Example.com"))
    );
    assert!(
        tickets
            .iter()
            .any(|row| row["tags"] == "withdrawn_by_requester")
    );
    let subscriptions = company.rows("subscriptions.csv");
    let pending = |row: &&crate::company::Row| {
        row["Cancel At Period End"] == "true" && row["Status"] == "active"
    };
    assert!(
        subscriptions
            .iter()
            .any(|row| pending(&row) && row["Ended At (UTC)"].is_empty())
    );
}

#[test]
fn nothing_is_told_of_the_time_after_the_horizon() {
    let company = Company::new(800, 3, 3);
    let horizon = company.summary.horizon.parse::<jiff::Timestamp>().unwrap();
    let utc = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let minute = |text: &str| utc(&format!("{}:00Z", text.replace(' ', "T")));
    let shop = |text: &str| jiff::Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok();
    let known = |moment: Option<jiff::Timestamp>| moment.is_none_or(|moment| moment < horizon);
    for row in company.rows("subscriptions.csv") {
        for column in ["Created (UTC)", "Canceled At (UTC)", "Ended At (UTC)"] {
            assert!(known(minute(&row[column])), "{row:?}");
        }
    }
    for row in company.rows("tickets.csv") {
        for column in ["created_at", "first_reply_at", "solved_at"] {
            assert!(known(utc(&row[column])), "{row:?}");
        }
    }
    for row in company.rows("orders.csv") {
        assert!(
            known(shop(&row["placed_at"])) && known(shop(&row["cancelled_at"])),
            "{row:?}"
        );
    }
    for (order, delivered) in company.deliveries() {
        assert!(known(utc(&delivered)), "{order} {delivered}");
    }
}

#[test]
fn every_address_is_one_that_can_belong_to_nobody() {
    let company = Company::new(500, 6, 3);
    for file in [
        "subscriptions.csv",
        "tickets.csv",
        "orders.csv",
        "satisfaction.csv",
        "referrals.csv",
    ] {
        let text = company.text(file).to_lowercase();
        for after in text.split('@').skip(1) {
            let end = after.find([',', ';', '\n']).unwrap_or(after.len());
            let domain = &after[..end];
            let reserved = ["example.com", "example.org", "example.net"];
            assert!(
                reserved
                    .iter()
                    .any(|of| domain == *of || domain.ends_with(&format!(".{of}"))),
                "{domain}"
            );
        }
    }
}

/// Customer id and address meet in orders and subscriptions: whoever follows them finds the people of the truth, no more and no fewer.
#[test]
fn names_lead_to_the_people_of_the_truth() {
    let company = Company::new(1_500, 18, 3);
    let mut whose: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in company.rows("truth/identifiers.csv") {
        let key = (row["identifier"].clone(), row["name"].clone());
        let before = whose.insert(key, row["customer_id"].clone());
        assert_eq!(before, None, "{row:?}");
    }
    let is_generic = |email: &str| email.starts_with("info@");
    let person =
        |identifier: &str, name: &str| whose.get(&(identifier.into(), name.to_lowercase()));
    let mut shared = BTreeMap::<String, BTreeSet<String>>::new();
    let (mut two_ids, mut two_addresses, mut linked) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let both = [
        ("subscriptions.csv", "Customer ID", "Customer Email"),
        ("orders.csv", "customer_id", "email"),
    ];
    for (file, customer, email) in both {
        for row in company.rows(file) {
            let (customer, email) = (&row[customer], &row[email]);
            let Some(of) = whose.get(&("customer".into(), customer.clone())) else {
                continue;
            };
            if is_generic(email) {
                shared.entry(email.clone()).or_default().insert(of.clone());
                continue;
            }
            assert_eq!(person("email", email), Some(of), "{row:?}");
            linked.insert(email.clone());
            if of != customer {
                two_ids.insert(of.clone());
            }
            if email.ends_with(".org") {
                two_addresses.insert(of.clone());
            }
        }
    }
    for row in company.rows("orders.csv") {
        let tie = row["customer_id"].is_empty() && !row["email"].is_empty();
        assert!(!tie || linked.contains(&row["email"]), "{row:?}");
    }
    for row in company.rows("tickets.csv") {
        let email = row["requester_email"].to_lowercase();
        let real = person("requester", &row["requester_id"]);
        if let Some(of) = real.filter(|_| !email.is_empty()) {
            assert!(
                linked.contains(&email) && person("email", &email) == Some(of),
                "{row:?}"
            );
        }
    }
    assert!(shared.values().any(|people| people.len() > 1), "{shared:?}");
    assert!(two_ids.len() > 3 && two_addresses.len() > 3);
}
