//! Where promises keep breaking: the places that were planted are found and nothing else, with everybody who fell through, and what is decided stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use amends_testkit::tempfile::tempdir;
use serde_json::Value;

use crate::invented::{CUSTOMERS, Invented};
use crate::opened::Opened;
use crate::program::{self, json, text};

const SHOP: &str = r#"
[source.shop]
says = "Orders of soap, one row each"
main = "rows"
key = "id"
complete-until = "2026-03-31"

[source.shop.file.rows]
path = "exports/shop.csv"

[source.shop.file.rows.columns]
placed = "timestamp"
arrived = "timestamp"
complained = "timestamp"
refunded = "timestamp"
weight = "integer"

[[source.shop.event]]
kind = "ordered"
at = "placed"
about = "id"
identifiers = { subscriber = "who" }
properties = { depot = "depot", carrier = "carrier", product = "product", weight = "weight" }
"#;

pub(crate) const PROMISE: &str = r#"
[promise.parcel]
says = "Your soap comes within four days"
made-by = "shop"
opens = "ordered"
kept = "arrived"
by = "4 days"
gives-up = "30 days"
touchpoint = "delivery"
where = ["depot", "carrier", "product", "weight"]
"#;

const REFUND: &str = r#"
[promise.refund]
says = "Who complains is refunded within a week"
made-by = "desk"
opens = "complained"
kept = "refunded"
by = "7 days"
"#;

const JOURNEY: &str = r#"
[stage.receive]

[touchpoint.delivery]
stage = "receive"
owner = "Logistics"
"#;

/// Numbers that look like chance and are the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // D. E. Knuth's multiplier; the upper bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Soap by parcel for thirty weeks: at the depot Saltmere it comes late from Monday, 2026-01-05 on, above all in glass, since most of it goes by
/// another carrier. Who complains and who does not.
pub(crate) fn broken() -> Invented {
    company(&orders(), PROMISE, "2026-03-31")
}

/// An order of soap, by days since 2025-09-01.
pub(crate) struct Order {
    pub(crate) who: u64,
    pub(crate) day: i64,
    /// So many days later.
    pub(crate) arrived: Option<i64>,
    pub(crate) complained: Option<i64>,
    pub(crate) depot: String,
    pub(crate) weight: u64,
}

/// A shop with these orders and so long a promise, that has reported until a day.
pub(crate) fn shop(orders: &[Order], by: &str, until: &str) -> Invented {
    let promise = PROMISE.replace("4 days", by);
    company(&csv(orders), &promise, until)
}

/// The shop's export.
pub(crate) fn csv(orders: &[Order]) -> String {
    let start: jiff::civil::Date = "2025-09-01".parse().unwrap();
    let mut rows = HEADER.to_owned();
    for (number, one) in orders.iter().enumerate() {
        let at = |days: i64| {
            let day = start.checked_add(jiff::Span::new().days(one.day + days));
            format!("{}T12:00:00", day.unwrap())
        };
        let (arrived, complained) = (one.arrived.map(at), one.complained.map(at));
        writeln!(
            rows,
            "o-{number},w-{},{},{},{},,{},Swiftfoot,bar,{}",
            one.who,
            at(0),
            arrived.unwrap_or_default(),
            complained.unwrap_or_default(),
            one.depot,
            one.weight,
        )
        .unwrap();
    }
    rows
}

const HEADER: &str = "id,who,placed,arrived,complained,refunded,depot,carrier,product,weight\n";

fn company(orders: &str, promise: &str, until: &str) -> Invented {
    let event = |kind: &str| {
        format!(
            "[[source.shop.event]]\nkind = \"{kind}\"\nat = \"{kind}\"\nabout = \"id\"\nidentifiers = {{ subscriber = \"who\" }}\n"
        )
    };
    let events = ["arrived", "complained", "refunded"].map(event).concat();
    let voice = "[voice]\ncomplaint = \"complained\"\n";
    let source = format!("{SHOP}{events}").replace("2026-03-31", until);
    Invented::that_counts("customers")
        .with("customers.toml", &format!("{CUSTOMERS}{voice}"))
        .with("journey.toml", JOURNEY)
        .subscriptions("billing", &format!("complete-until = \"{until}\""), "")
        .with("sources/shop.toml", &source)
        .with("exports/shop.csv", orders)
        .with("promises/parcel.toml", promise)
        .with("promises/refund.toml", REFUND)
        .imported()
}

fn orders() -> String {
    let mut numbers = Numbers(17);
    let start: jiff::civil::Date = "2025-09-01".parse().unwrap();
    let mut rows = HEADER.to_owned();
    for number in 0..1_600 {
        let day = numbers.below(26 * 7) as i64;
        let depot = ["Saltmere", "Marrowgate", "Copper Lane"][numbers.below(3) as usize];
        let product = ["bar", "glass"][numbers.below(2) as usize];
        let fallen = depot == "Saltmere" && day >= 18 * 7;
        let other = numbers.below(100) < if fallen { 80 } else { 10 };
        let carrier = if other { "Swiftfoot" } else { "Two Brothers" };
        let percent = match (fallen, product) {
            (true, "glass") => 75,
            (true, _) => 25,
            _ => 4,
        };
        let late = numbers.below(100) < percent;
        let at = |days: i64| {
            start
                .checked_add(jiff::Span::new().days(day + days))
                .unwrap()
        };
        let arrived = at(if late { 7 } else { 2 });
        let complained = match late && numbers.below(3) == 0 {
            true => format!("{}T18:00:00", at(8)),
            false => String::new(),
        };
        let (who, weight) = (numbers.below(500), 100 + numbers.below(2_000));
        writeln!(
            rows,
            "o-{number},w-{who},{}T10:00:00,{arrived}T12:00:00,{complained},,{depot},{carrier},{product},{weight}",
            at(0)
        )
        .unwrap();
    }
    rows
}

pub(crate) fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

#[test]
fn a_fracture_tells_where_since_when_who_and_what_changed() {
    let company = broken();
    let all = company.json("fractures");
    let first = &items(&all)[0];
    assert_eq!(first["promise"], "parcel");
    assert_eq!(first["where"]["depot"], "Saltmere");
    assert_eq!(first["since"], "2026-01-05");
    assert_eq!(first["owner"], "Logistics");
    assert_eq!(first["state"], "suspected");
    assert!(first["rate"].as_f64() > first["rate_elsewhere"].as_f64());
    let (people, silent) = (
        first["people"].as_u64().unwrap(),
        first["silent"].as_u64().unwrap(),
    );
    assert!(0 < silent && silent < people, "{first}");
    // What is left breaks everywhere alike: one fracture of the promise itself, behind the place.
    let rest = &items(&all)[1];
    assert_eq!(
        (&rest["is_everywhere"], &rest["rate_elsewhere"]),
        (&true.into(), &Value::Null),
        "{all}"
    );
    assert_eq!(all["total"], 2);
    assert_eq!(all["unmeasured"][0]["promise"], "refund");

    let id = first["id"].as_str().unwrap();
    let one = company.json(&format!("fracture show {id}"));
    assert_eq!(one["traits"][0]["value"], "glass");
    assert_eq!(one["changes"][0]["attribute"], "carrier");
    assert!(one["before_since"]["instances"].as_u64() > Some(100));
    let behind = company.json(&format!("people fracture.{id} --limit 3"));
    assert_eq!(behind["total"], first["people"]);
    let said = items(&behind)
        .iter()
        .filter(|one| one["why"].as_str().unwrap().ends_with("spoke up"));
    assert_eq!(said.count() as u64, people - silent);
    let january = company.json(&format!("people fracture.{id} --period 2026-01"));
    assert!(january["total"].as_u64() < behind["total"].as_u64());
    let (exit, talk) = company.fails("fracture show 0123");
    assert_eq!(exit, 2, "{talk}");
}

#[test]
fn without_a_source_of_complaints_it_is_unknown_who_said_nothing() {
    let company = broken();
    let customers = std::fs::read_to_string(company.path().join("customers.toml")).unwrap();
    company.write("customers.toml", customers.split("[voice]").next().unwrap());
    let all = company.json("fractures");
    assert_eq!(items(&all)[0]["silent"], Value::Null);
    let list = company.text("fractures");
    assert!(list.contains("unknown"), "{list}");
    // A kind of which nothing was ever imported is no connected source either.
    let voice = "[voice]\ncomplaint = \"refunded\"\n";
    company.write(
        "customers.toml",
        &customers.replace("[voice]\ncomplaint = \"complained\"\n", voice),
    );
    assert_eq!(items(&company.json("fractures"))[0]["silent"], Value::Null);
}

#[test]
fn tables_fit_into_eighty_columns() {
    let company = broken();
    let list = program::command(company.path(), &["fractures"])
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let table = list.lines().take_while(|line| !line.starts_with("as of"));
    assert!(table.clone().count() > 4, "{list}");
    for line in table {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_is_decided_gives_the_state_and_stays() {
    let company = broken();
    let first = items(&company.json("fractures"))[0].clone();
    let id = first["id"].as_str().unwrap();
    let state = || items(&company.json("fractures"))[0].clone();
    let decided = company.json(&format!("fracture own {id} --by Vera --owner Depots"));
    assert_eq!(
        (&decided["state"], &decided["owner"]),
        (&"owned".into(), &"Depots".into())
    );
    assert_eq!(state()["owner"], "Depots");
    company.text(&format!("fracture mend {} --by Depots", &id[..6]));
    assert_eq!(state()["state"], "mending");
    // Said to be mended while it goes on: it is back once two looks have seen that. From a day after everything that is known, nothing shows otherwise.
    company.text(&format!("fracture mended {id} --by Depots --on 2026-01-19"));
    let told = || (state()["state"].clone(), state()["is_back"].clone());
    assert_eq!(told(), ("mended".into(), true.into()));
    company.text("fracture look --as-of 2026-03-16");
    assert_eq!(told(), ("mended".into(), true.into()));
    company.text("fracture look");
    assert_eq!(told(), ("regressed".into(), true.into()));
    company.text(&format!("fracture mended {id} --by Depots --on 2026-03-30"));
    let all = company.json("fractures");
    let settled = items(&all).last().unwrap();
    assert_eq!(
        (&settled["id"], &settled["state"]),
        (&first["id"], &"mended".into())
    );
    company.text(&format!("fracture note {id} --by Depots --why told"));
    company.text(&format!("fracture dismiss {id} --by Vera --why wrong"));
    let one = company.json(&format!("fracture show {id}"));
    assert_eq!(one["state"], "dismissed");
    let history = one["history"].as_array().unwrap();
    let kinds: Vec<&str> = history
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    let expected = [
        "fracture_owned",
        "fracture_mending",
        "fracture_mended",
        "fracture_mended",
        "fracture_noted",
        "fracture_dismissed",
    ];
    assert_eq!(kinds, expected);
    // A question about the past knows nothing of what was decided later.
    let then = company.json("fractures --as-of 2026-03-30");
    assert!(items(&then).iter().all(|one| one["state"] == "suspected"));
    // What breaks everywhere has a life too, and what is decided of it does not change the place.
    let everywhere = items(&all)
        .iter()
        .find(|one| one["is_everywhere"] == true)
        .unwrap();
    let everywhere = everywhere["id"].as_str().unwrap();
    let accepted = company.json(&format!("fracture accept {everywhere} --by Vera"));
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(company.json("fractures")["total"], 2);
}

#[test]
fn a_place_that_somebody_spoke_of_stays_listed_where_it_breaks_no_more_than_elsewhere() {
    let company = broken();
    let id = items(&company.json("fractures"))[0]["id"].clone();
    company.text(&format!("fracture own {} --by Vera", id.as_str().unwrap()));
    // Of the depot everything arrives in time now.
    let orders: String = orders()
        .lines()
        .map(|line| match line.contains("Saltmere") {
            true => {
                let cells: Vec<&str> = line.split(',').collect();
                let placed = cells[2];
                format!(
                    "{},{},{placed},{placed},{}\n",
                    cells[0],
                    cells[1],
                    cells[4..].join(",")
                )
            }
            false => format!("{line}\n"),
        })
        .collect();
    company.write(
        "exports/shop.csv",
        &orders.replacen(
            "2026-01-06T10:00:00,2026-01-06T10:00:00",
            "2026-01-06T10:00:00,2026-01-26T10:00:00",
            1,
        ),
    );
    company.text("import");
    let all = company.json("fractures");
    let found = items(&all).iter().find(|one| one["id"] == id);
    let found = found.unwrap_or_else(|| panic!("{all}"));
    assert_eq!(
        (&found["state"], &found["false_discovery"]),
        (&"owned".into(), &Value::Null)
    );
}

/// Everybody whom the planted depot let down from the onset on, by the files of the truth and the shop's own export.
async fn fallen(folder: &Path, opened: &Opened, onset: &str) -> BTreeSet<String> {
    let orders = std::fs::read_to_string(folder.join("orders.csv")).unwrap();
    let mut lines = orders.lines();
    let names: Vec<&str> = lines
        .next()
        .unwrap()
        .trim_start_matches('\u{feff}')
        .split(',')
        .collect();
    let place = |name: &str| names.iter().position(|one| *one == name).unwrap();
    let (id, placed, depot) = (place("order_id"), place("placed_at"), place("depot"));
    let there: BTreeSet<&str> = lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| {
            cells.len() == names.len() && cells[depot] == "Saltmere" && cells[placed] >= onset
        })
        .map(|cells| cells[id])
        .collect();
    let truth = std::fs::read_to_string(folder.join("truth/letdowns.csv")).unwrap();
    let mut people = BTreeSet::new();
    for line in truth.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[0] == "delivery-date" && there.contains(cells[1]) {
            let customer = opened.customer("customer", cells[2]).await;
            people.extend(customer.map(|customer| customer.to_string()));
        }
    }
    people
}

#[test]
fn the_planted_depot_leads_the_list_with_its_onset_and_its_people() {
    for seed in ["21", "22", "23"] {
        let here = tempdir().unwrap();
        let simulate = [
            "simulate",
            "--customers",
            "1500",
            "--months",
            "10",
            "--seed",
            seed,
            "--out",
            "company",
        ];
        text(here.path(), &simulate);
        let folder = here.path().join("company");
        let project = folder.join("project");
        text(&project, &["import"]);
        let manifest = std::fs::read_to_string(folder.join("truth/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        let planted = &manifest["fractures"][0];
        let all = json(&project, &["fractures"]);
        let first = &items(&all)[0];
        assert_eq!(first["promise"], planted["promise"], "seed {seed}");
        let expected = BTreeMap::from([("depot", planted["where"]["depot"].clone())]);
        let place: BTreeMap<&str, Value> = first["where"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        assert_eq!(place, expected, "seed {seed}: {first}");
        let day = |value: &Value| {
            value
                .as_str()
                .unwrap()
                .parse::<jiff::civil::Date>()
                .unwrap()
        };
        let (since, onset) = (day(&first["since"]), day(&planted["onset"]));
        let off = since.duration_since(onset).as_hours() / 24;
        assert!(off.abs() <= 7, "seed {seed}: {since} is not {onset}");
        let id = first["id"].as_str().unwrap();
        let behind = json(&project, &["people", &format!("fracture.{id}")]);
        let found: BTreeSet<String> = items(&behind)
            .iter()
            .map(|person| person["customer"].as_str().unwrap().to_owned())
            .collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let truth = runtime.block_on(async {
            fallen(&folder, &Opened::at(&project).await, &onset.to_string()).await
        });
        let both = found.intersection(&truth).count() as f64;
        let (recall, precision) = (both / truth.len() as f64, both / found.len() as f64);
        assert!(
            truth.len() > 20 && recall >= 0.95 && precision >= 0.95,
            "seed {seed}: {recall} {precision} of {}",
            truth.len()
        );
    }
}
