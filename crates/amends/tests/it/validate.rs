//! Promises beside what customers said: on an invented shop, counted again here; and on real orders, with the figures that others computed from the same files.

use std::fmt::Write;

use amends_testkit::tempfile::tempdir;
use serde_json::Value;

use crate::invented::Invented;
use crate::program::{copy, json, repository, text};

const CUSTOMERS: &str = r#"
[identifier.subscriber]

[customers]
new = "ordered"
silence = "100 days"

[voice]
complaint = { on = "rated", where = "score <= 2" }
praise = { on = "rated", where = "score = 5" }
"#;

const SHOP: &str = r#"
[source.shop]
says = "Orders of soap, one row each"
main = "rows"
key = "id"
complete-until = "2026-06-30"

[source.shop.file.rows]
path = "exports/shop.csv"

[source.shop.file.rows.columns]
ordered = "timestamp"
packed = "timestamp"
arrived = "timestamp"
rated = "timestamp"
score = "integer"
"#;

const PROMISES: [(&str, &str); 3] = [
    (
        "parcel",
        "says = \"Your soap comes within four days\"\nmade-by = \"shop\"\nopens = \"ordered\"\nkept = \"arrived\"\nby = \"4 days\"\ntouchpoint = \"delivery\"\nwhere = [\"depot\", \"weight\"]\n",
    ),
    (
        "packing",
        "says = \"We pack the day after\"\nmade-by = \"depot\"\nopens = \"ordered\"\nkept = \"packed\"\nby = \"1 day\"\nwhere = [\"depot\"]\n",
    ),
    (
        "thanks",
        "says = \"Whoever rates us gets another parcel\"\nmade-by = \"shop\"\nopens = \"rated\"\nkept = \"arrived\"\nby = \"4 days\"\n",
    ),
];

pub(crate) const ORDERS: i64 = 240;

/// One order, as it is planned. It is placed on day `number`.
pub(crate) struct Order {
    pub(crate) number: i64,
    pub(crate) late: bool,
    packed_late: bool,
    /// After how many days it was rated.
    pub(crate) rated: Option<i64>,
    complains: bool,
}

impl Order {
    pub(crate) fn planned(number: i64) -> Self {
        let late = number % 4 == 0;
        Self {
            number,
            late,
            packed_late: number % 6 == 0,
            rated: match number {
                _ if number % 10 == 9 => None,
                // Before the fourth day is over.
                _ if number % 40 == 16 => Some(3),
                _ => Some(8),
            },
            complains: (late && number % 8 == 0) || number % 16 == 3,
        }
    }

    pub(crate) fn complained(&self) -> bool {
        self.complains && self.rated.is_some()
    }

    /// Whether it is named, by either promise or by one.
    fn named(&self, promise: &str) -> bool {
        let late = promise != "packing" && self.late && self.rated.is_some_and(|day| day > 4);
        let packed = promise != "parcel" && self.packed_late && self.rated.is_some();
        late || packed
    }
}

/// A shop whose orders are late, rated and complained of as planned. Who got soap in time orders again every other time, who got it late never.
pub(crate) fn rated() -> Invented {
    let event = |kind: &str| {
        format!(
            "[[source.shop.event]]\nkind = \"{kind}\"\nat = \"{kind}\"\nabout = \"id\"\nidentifiers = {{ subscriber = \"who\" }}\n"
        )
    };
    let mut source = SHOP.to_owned();
    source += &event("ordered");
    source += "properties = { depot = \"depot\", weight = \"weight\" }\n";
    source += &[event("packed"), event("arrived"), event("rated")].concat();
    source += "properties = { score = \"score\" }\n";
    let journey =
        "[stage.receive]\n[touchpoint.delivery]\nstage = \"receive\"\nowner = \"Logistics\"\n";
    let shop = Invented::that_counts("customers")
        .with("customers.toml", CUSTOMERS)
        .with("journey.toml", journey)
        .with("sources/shop.toml", &source)
        .with("exports/shop.csv", &rows());
    for (name, promise) in PROMISES {
        let promise = format!("[promise.{name}]\n{promise}");
        shop.write(&format!("promises/{name}.toml"), &promise);
    }
    shop.imported()
}

fn rows() -> String {
    let start: jiff::civil::Date = "2025-01-01".parse().unwrap();
    let mut rows = "id,who,ordered,packed,arrived,rated,score,depot,weight\n".to_owned();
    for order in (0..ORDERS).map(Order::planned) {
        let number = order.number;
        let day = |days: i64| {
            let day = start.checked_add(jiff::Span::new().days(number + days));
            format!("{}T10:00:00", day.unwrap())
        };
        let packed = day(if order.packed_late { 2 } else { 0 });
        let arrived = day(if order.late { 6 } else { 3 });
        let rated = order.rated.map(day).unwrap_or_default();
        let score = if order.complains { 1 } else { 5 };
        let depot = ["Saltmere", "Marrowgate"][(number / 4 % 2) as usize];
        writeln!(
            rows,
            "o-{number},w-{number},{},{packed},{arrived},{rated},{score},{depot},{number}",
            day(0)
        )
        .unwrap();
        if number % 2 == 1 {
            let (again, came) = (day(60), day(62));
            writeln!(
                rows,
                "a-{number},w-{number},{again},{again},{came},,,{depot},0"
            )
            .unwrap();
        }
    }
    rows
}

fn counts(answer: &Value) -> [u64; 4] {
    ["heard", "named", "complained", "hit"].map(|field| answer[field].as_u64().unwrap())
}

/// The same counts, from the plan.
fn planned(promise: &str, days: std::ops::Range<i64>) -> [u64; 4] {
    let orders = days
        .map(Order::planned)
        .filter(|order| order.rated.is_some());
    let mut counts = [0; 4];
    for order in orders {
        let (named, complained) = (order.named(promise), order.complained());
        let adds = [true, named, complained, named && complained];
        for (count, add) in counts.iter_mut().zip(adds) {
            *count += u64::from(add);
        }
    }
    counts
}

#[test]
fn whoever_complains_is_named_first_where_a_let_down_could_be_known_before() {
    let shop = rated();
    for promise in ["parcel", "packing"] {
        let answer = shop.json(&format!("validate --promise {promise}"));
        assert_eq!(counts(&answer), planned(promise, 0..ORDERS), "{promise}");
        assert_eq!(answer["behind"].as_array().unwrap().len() as u64, {
            let [_, named, complained, hit] = counts(&answer);
            named + complained - hit
        });
    }
    let parcel = shop.json("validate --promise parcel");
    let [_, named, complained, hit] = planned("parcel", 0..ORDERS);
    assert_eq!(parcel["share_named_first"], hit as f64 / complained as f64);
    assert_eq!(parcel["precision"], hit as f64 / named as f64);
    // Known after four days, rated after eight.
    assert_eq!(parcel["median_lead_days"], 4.0);
    let all = shop.json("validate");
    assert_eq!(counts(&all), planned("", 0..ORDERS));
    assert_eq!(all["heard_by"], "answers");
    // What listens to ratings would know what is to be found.
    assert_eq!(all["left_out"][0]["promise"], "thanks", "{all}");
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let text = shop.text("validate");
    assert!(text.contains("thanks is left out"), "{text}");
}

#[test]
fn months_are_looked_at_apart_and_the_frontier_is_chosen_on_the_earlier() {
    let shop = rated();
    // 2025-07-01 is the 182nd day of the year.
    let split = 181;
    let earlier = shop.json("validate --promise parcel --until 2025-06");
    let later = shop.json("validate --promise parcel --from 2025-07-01");
    assert_eq!(counts(&earlier), planned("parcel", 0..split));
    assert_eq!(counts(&later), planned("parcel", split..ORDERS));
    let all = shop.json("validate --split 2025-07");
    let steps = all["frontier"]["steps"].as_array().unwrap();
    let [first, both] = &steps[..] else {
        panic!("{all}")
    };
    let precision = |name: &str| {
        let [_, named, _, hit] = planned(name, 0..split);
        hit as f64 / named as f64
    };
    assert!(precision("parcel") > precision("packing"));
    assert_eq!(
        (&first["promise"], &both["promise"]),
        (&"parcel".into(), &"packing".into())
    );
    assert_eq!(counts(&first["later"]), planned("parcel", split..ORDERS));
    assert_eq!(counts(&both["earlier"]), planned("", 0..split));
    assert_eq!(counts(&both["later"]), planned("", split..ORDERS));
    for wrong in [
        "--from 2025-07 --until 2025-06",
        "--split soon",
        "--split 2031",
    ] {
        let (exit, talk) = shop.fails(&format!("validate {wrong}"));
        assert_eq!(exit, 2, "{talk}");
    }
}

#[test]
fn whoever_was_let_down_and_said_nothing_is_compared_with_others_alike() {
    let shop = rated();
    let silent = &shop.json("validate --promise parcel")["silent"];
    assert_eq!(silent["outcome"], "came-back");
    assert_eq!(silent["share"], 0.0);
    // Of the others every other one that is not a multiple of four comes back.
    assert!(silent["high"].as_f64() < Some(-0.3), "{silent}");
    assert_eq!(silent["alike_in"][0], "depot");
    assert_eq!(silent["not_in"][0], "weight");
    let late = (0..ORDERS)
        .map(Order::planned)
        .filter(|order| order.late && !order.complained());
    let counted = ["people", "alone"].map(|field| silent[field].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>(), late.count() as u64, "{silent}");
    let text = shop.text("validate --promise parcel");
    assert!(text.contains("less than the others"), "{text}");
}

#[test]
fn where_only_complaints_are_known_silence_is_no_complaint() {
    let company = crate::fractures::broken();
    let answer = company.json("validate --promise parcel");
    assert_eq!(answer["heard_by"], "complaints");
    // Everybody who complains had waited for longer than was promised.
    assert_eq!(answer["share_named_first"], 1.0);
    assert_eq!(answer["heard"], 1_600);
    let letdowns = company.json("letdowns --promise parcel");
    assert_eq!(answer["named"], letdowns["total"]);
    let reason = answer["silent"]["refused"].as_str().unwrap();
    assert!(reason.contains("imported"), "{reason}");
    let customers = std::fs::read_to_string(company.path().join("customers.toml")).unwrap();
    company.write("customers.toml", customers.split("[voice]").next().unwrap());
    let (exit, talk) = company.fails("validate");
    assert_eq!(exit, 3);
    assert!(talk.contains("AM0812"), "{talk}");
}

/// The delivery date as in the example, with what was called off left out.
const EXCUSED: &str = r#"
[promise.delivery-date-excused]
says = "Your order arrives by the date we showed you, unless it is called off"
made-by = "checkout"
opens = { on = "order_placed", where = "status not in ('canceled', 'unavailable')" }
kept = { on = "order_delivered" }
by = { property = "estimated_delivery", as = "date" }
"#;

/// The figures were recomputed with pandas from the same files.
#[test]
fn on_real_orders_two_in_five_complainers_are_named_first() {
    if amends_testkit::real_data("olist").is_none() {
        return;
    }
    let folder = tempdir().unwrap();
    let project = folder.path().join("olist");
    copy(&repository().join("examples/olist"), &project);
    std::fs::write(project.join("promises/excused.toml"), EXCUSED).unwrap();
    text(&project, &["import"]);
    let ask = |arguments: &[&str]| json(&project, &[&["validate"], arguments].concat());
    let date = ask(&["--promise", "delivery-date"]);
    assert_eq!(counts(&date), [14_872, 1_321, 2_171, 891]);
    let lead = date["median_lead_days"].as_f64().unwrap();
    assert!((lead - 2.596).abs() < 0.001, "{lead}");
    let excused = ask(&["--promise", "delivery-date-excused"]);
    assert_eq!(counts(&excused), [14_872, 1_145, 2_171, 744]);
    let before = ask(&["--promise", "delivery-date", "--until", "2018-02"]);
    assert_eq!(counts(&before), [8_858, 829, 1_352, 586]);
    let after = ask(&["--promise", "delivery-date", "--from", "2018-03"]);
    assert_eq!(counts(&after), [6_014, 492, 819, 305]);
    // Nobody chose it: three in five complainers were opened before.
    let all = ask(&[]);
    assert_eq!(all["frontier"]["split"], "2018-03-01T03:00:00Z");
    let steps = all["frontier"]["steps"].as_array().unwrap();
    let named: Vec<(&str, [u64; 4])> = steps
        .iter()
        .take(2)
        .map(|step| (step["promise"].as_str().unwrap(), counts(&step["later"])))
        .collect();
    assert_eq!(
        named,
        [
            ("day-of-grace", [6_014, 453, 819, 297]),
            ("one-parcel", [6_014, 540, 819, 333])
        ]
    );
}
