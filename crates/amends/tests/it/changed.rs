//! What differs in a record that comes again: it happened, unless the definition says that it corrects.

use crate::invented::Invented;

const SHOP: &str = r#"
[source.shop]
says = "Parcels of the day"
main = "parcels"
key = "id"
complete-until = "2026-03-10"

[source.shop.file.parcels]
path = "exports/parcels.csv"

[source.shop.file.parcels.columns]
sent = "timestamp"
promised = "date"
arrived = "timestamp"
price = "money"

[[source.shop.event]]
kind = "parcel_sent"
at = "sent"
about = "id"
identifiers = { subscriber = "who" }
amount = "price"

[source.shop.event.properties]
promised = "promised"
carrier = "carrier"

[[source.shop.event]]
kind = "parcel_arrived"
at = "arrived"
about = "id"
identifiers = { subscriber = "who" }
"#;

const PROMISE: &str = r#"
[promise.parcel]
says = "Your parcel arrives by the day that we told you"
made-by = "shop"
opens = { on = "parcel_sent" }
kept = { on = "parcel_arrived" }
by = { property = "promised", as = "date" }
where = ["carrier"]
"#;

const MOVED: &str = "moved = { on = \"parcel_sent.changed\", by = \"promised\", where = \"array_has(changed, 'promised')\" }\n";

const TEST: &str = r#"
[[test]]
name = "moved before it was due"
events = [
  { at = "2026-03-01T10:00", kind = "parcel_sent", about = "o1", promised = "2026-03-03", carrier = "van" },
  { at = "2026-03-02T10:00", kind = "parcel_sent.changed", about = "o1", promised = "2026-03-06", changed = ["promised"] },
  { at = "2026-03-05T10:00", kind = "parcel_arrived", about = "o1" },
]
expect = [{ about = "o1", is = "kept" }]
"#;

const FIRST: &str = "id,who,sent,promised,arrived,price,carrier
p-1,ana,2026-03-01 09:00:00,2026-03-03,,10.00,van
p-2,bo,2026-03-01 09:00:00,2026-03-09,,10.00,
p-3,cleo,2026-03-01 09:00:00,2026-03-09,,10.00,van
";
/// One is moved, one has a carrier now, one costs more.
const SECOND: &str = "id,who,sent,promised,arrived,price,carrier
p-1,ana,2026-03-01 09:00:00,2026-03-06,2026-03-05 08:00:00,10.00,van
p-2,bo,2026-03-01 09:00:00,2026-03-09,2026-03-05 08:00:00,10.00,bike
p-3,cleo,2026-03-01 09:00:00,2026-03-09,2026-03-05 08:00:00,12.50,van
";

/// Imports the parcels of the second of March, then those of the tenth.
fn company(source: &str, promise: &str) -> Invented {
    company_of(source, promise, &[FIRST, SECOND].map(str::to_owned))
}

fn company_of(source: &str, promise: &str, [first, second]: &[String; 2]) -> Invented {
    let early = source.replace("2026-03-10", "2026-03-02");
    let company = Invented::with_customers()
        .with("sources/shop.toml", &early)
        .with("promises/parcel.toml", promise)
        .with("exports/parcels.csv", first)
        .imported();
    company.write("sources/shop.toml", source);
    company.write("exports/parcels.csv", second);
    company
}

#[test]
fn a_day_that_is_moved_does_not_heal_what_it_broke() {
    let company = company(SHOP, PROMISE);
    let said = company.text("import");
    assert!(said.contains("2 changes of parcel_sent in shop"), "{said}");
    let letdowns = company.json("letdowns --promise parcel");
    assert_eq!(
        (&letdowns["exposed"], &letdowns["late"]),
        (&3.into(), &1.into())
    );
    assert_eq!(letdowns["items"][0]["about"], "p-1");
    // What was not told yet is known from then on.
    let bike = company.json("customer bo");
    assert!(!bike.to_string().contains("changed"), "{bike}");
    let story = company.text("customer ana");
    let story = story.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        story.contains("changed: promised 2026-03-03 → 2026-03-06"),
        "{story}"
    );
    assert!(
        story.contains("some time since 2026-03-03 00:00"),
        "{story}"
    );
    let story = company.text("customer cleo");
    assert!(
        story.contains("changed: amount 10.00 EUR → 12.50 EUR"),
        "{story}"
    );
    // Undone, nothing has changed.
    company.text("import --undo 2");
    assert!(!company.text("customer ana").contains("changed"));
}

#[test]
fn a_promise_may_hear_of_changes() {
    let company = company(SHOP, &format!("{PROMISE}{MOVED}{TEST}"));
    assert_eq!(company.json("check")["mistakes"], 0);
    assert_eq!(company.json("test")["failed"], 0);
    company.text("import");
    let letdowns = company.json("letdowns --promise parcel");
    // The export that told of the move reached beyond the day that was promised first: nobody can say that it was in time.
    assert_eq!(letdowns["late"], 1);
    // A source that dates its versions tells when it was moved.
    let dated = SHOP
        .replace("key = \"id\"", "key = \"id\"\nversion = \"seen\"")
        .replace(
            "sent = \"timestamp\"",
            "sent = \"timestamp\"\nseen = \"timestamp\"",
        );
    let with_seen = |rows: &str, day: &str| {
        let rows = rows.replace("carrier\n", "carrier,seen\n");
        ["van\n", "bike\n", ",\n"].iter().fold(rows, |rows, end| {
            rows.replace(end, &format!("{},2026-03-{day} 12:00:00\n", end.trim_end()))
        })
    };
    let files = [with_seen(FIRST, "01"), with_seen(SECOND, "02")];
    let company = company_of(&dated, &format!("{PROMISE}{MOVED}"), &files);
    company.text("import");
    let story = company.text("customer ana");
    assert!(story.contains("2026-03-02 12:00"), "{story}");
    let letdowns = company.json("letdowns --promise parcel");
    assert_eq!(
        (&letdowns["late"], &letdowns["overdue"]),
        (&0.into(), &0.into()),
        "{letdowns}"
    );
}

#[test]
fn what_is_declared_so_corrects() {
    let corrected = SHOP.replace(
        "amount = \"price\"",
        "amount = \"price\"\ncorrection = [\"amount\", \"promised\"]",
    );
    let company = company(&corrected, PROMISE);
    let imported = company.json("import");
    assert_eq!(
        imported["sources"]["shop"]["changed"],
        serde_json::json!({})
    );
    let letdowns = company.json("letdowns --promise parcel");
    assert_eq!(letdowns["late"], 0);
    assert!(company.text("customer cleo").contains("12.50 EUR"));
}

#[test]
fn mistakes_about_changes_are_told() {
    let wrong = SHOP.replace(
        "amount = \"price\"",
        "amount = \"price\"\ncorrection = [\"promissed\", \"id\"]",
    );
    let moved = MOVED.replace("by = \"promised\"", "by = \"promise\"");
    let company = company(SHOP, PROMISE);
    company.write("sources/shop.toml", &wrong);
    company.write("promises/parcel.toml", &format!("{PROMISE}{moved}"));
    let (code, _) = company.fails("check");
    assert_eq!(code, 1);
    let output = crate::program::amends(company.path(), &["check", "--json"]);
    let told = String::from_utf8(output.stdout).unwrap();
    for words in [
        "\\\"promissed\\\"",
        "write \\\"promised\\\"",
        "no source gives `promise` to `parcel_sent.changed`",
    ] {
        assert!(told.contains(words), "{words} is not in {told}");
    }
}
