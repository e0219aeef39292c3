//! `check` over project folders as people write them.

use amends_expressions::Planner;
use amends_intake::check;
use amends_testkit::tempfile::TempDir;
use amends_testkit::workbook::workbook;

const COMPANY: &str = r#"
version = 1

[company]
name = "Dune Tea"
zone = "Europe/Vienna"
currency = "EUR"
"#;

const ORDERS: &str = r#"
[source.orders]
says = "What the shop sold"
key = "order_id"
personal = ["note"]

[source.orders.file]
path = "orders.csv"
columns = { placed = "timestamp", promised = "date", delivered = "timestamp", total = "money" }

[[source.orders.event]]
kind = "order_placed"
at = "placed"
about = "order_id"
identifiers = { customer = "customer" }
amount = "total"
properties = { promised = "promised", depot = "depot" }

[[source.orders.event]]
kind = "order_delivered"
at = "delivered"
about = "order_id"
identifiers = { customer = "customer" }
"#;

const CUSTOMERS: &str = r#"
[customers]
new = [{ on = "order_placed" }]
silence = "200 days"
"#;

const PROMISE: &str = r#"
[promise.delivery-date]
says = "Your order arrives by the date we showed you"
made-by = "checkout"
opens = { on = "order_placed", where = "depot <> 'none'" }
kept = { on = "order_delivered" }
by = { property = "promised", as = "date" }
serious = "case when late_by > interval '7 days' then 3 else 1 end"
where = ["depot"]
"#;

const FILE: &str = "order_id,customer,placed,promised,delivered,total,depot,note
o1,c1,2024-03-01T10:00:00,2024-03-05,2024-03-04T10:00:00,10.50,north,
o2,c2,2024-03-01T11:00:00,2024-03-05,,8,south,ring twice
";

/// The columns of the orders in a workbook, and one row of them.
const BOOK: &str = r#"<row><c t="str"><v>order_id</v></c><c t="str"><v>customer</v></c><c t="str"><v>placed</v></c><c t="str"><v>promised</v></c>
<c t="str"><v>delivered</v></c><c t="str"><v>total</v></c><c t="str"><v>depot</v></c><c t="str"><v>note</v></c></row>
<row><c><v>1</v></c><c t="str"><v>c1</v></c><c><v>45352.5</v></c><c><v>45356</v></c><c/><c><v>10.5</v></c><c t="str"><v>north</v></c></row>"#;

/// What `check` says of a project, after some words of it were exchanged.
async fn said(changes: &[(&str, &str)]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut text = text.to_owned();
        for (before, after) in changes {
            text = text.replace(before, after);
        }
        std::fs::write(path, text).unwrap();
    };
    put("amends.toml", COMPANY);
    put("sources/orders.toml", ORDERS);
    put("customers.toml", CUSTOMERS);
    put("promises/delivery-date.toml", PROMISE);
    put("orders.csv", FILE);
    std::fs::write(folder.path().join("orders.xlsx"), workbook(BOOK)).unwrap();
    let examined = amends_project::examine(folder.path(), &|_| None);
    let project = examined.project.as_ref().unwrap();
    let planned = check(project, &examined, &Planner::new(), crate::shop::now()).await;
    let mut found = examined.diagnostics;
    found.extend(planned);
    let said = found.iter().map(|found| {
        let place = &found.place;
        format!(
            "{}:{}:{} {}{} {}: {} => {}",
            place.file.display(),
            place.line,
            place.column,
            found.code,
            if found.is_warning { " warning" } else { "" },
            found.words,
            found.message,
            found.suggestion.as_deref().unwrap_or("-")
        )
    });
    said.collect()
}

#[tokio::test]
async fn a_project_that_fits_its_files_has_no_mistakes() {
    assert_eq!(said(&[]).await, Vec::<String>::new());
}

#[tokio::test]
async fn mistakes_point_at_the_words() {
    let found = said(&[
        ("at = \"placed\"", "at = \"total\""),
        ("at = \"delivered\"", "at = \"deliverd\""),
        (
            "amount = \"total\"",
            "amount = \"depot\"\nwhen = \"note is null\"",
        ),
        ("personal = [\"note\"]", "personal = [\"note\", \"nte\"]"),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test]
async fn files_that_do_not_fit_say_so() {
    let found = said(&[(
        "promised = \"date\"",
        "promised = \"date\", depott = \"integer\"",
    )])
    .await;
    let late = said(&[("2024-03-05", "05.03.2024")]).await;
    let gone = said(&[("orders.csv\"", "ordres.csv\"")]).await;
    let gone: Vec<_> = gone
        .iter()
        .map(|line| {
            line.split(" => ")
                .next()
                .unwrap()
                .split(": /")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    amends_testkit::insta::assert_snapshot!([found, late, gone].concat().join("\n"));
}

#[tokio::test]
async fn promises_and_customers_are_planned_over_the_kinds() {
    let found = said(&[
        ("depot <> 'none'", "depott <> 'none'"),
        ("late_by > interval '7 days'", "late_by > 7"),
        (
            "new = [{ on = \"order_placed\" }]",
            "new = [{ on = \"order_placed\", where = \"amount\" }]",
        ),
        (
            "properties = { promised = \"promised\"",
            "properties = { promised = \"total\"",
        ),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test]
async fn a_mistake_in_one_place_hides_none_in_another() {
    let found = said(&[
        ("silence =", "silense ="),
        ("at = \"delivered\"", "at = \"deliverd\""),
        ("depot <> 'none'", "depott <> 'none'"),
        (
            "where = [\"depot\"]",
            "where = [\"depot\"]\nexcused = { on = \"order_delivered\", where = \"unheard of\" }",
        ),
    ])
    .await;
    // What rests on the event that cannot be planned is not held against its absence.
    amends_testkit::insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test]
async fn sources_agree_about_a_kind() {
    let second = ORDERS
        .replace("source.orders", "source.old_orders")
        .replace(
            "promised = \"promised\"",
            "promised = \"cast(promised as varchar)\"",
        );
    let both = format!("{ORDERS}\n{second}");
    let found = said(&[(ORDERS, both.as_str())]).await;
    amends_testkit::insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test]
async fn a_new_project_fits_its_files() {
    let folder = TempDir::new().unwrap();
    amends_project::init(folder.path()).unwrap();
    let examined = amends_project::examine(folder.path(), &|_| None);
    assert_eq!(examined.diagnostics, []);
    // Its files end in 2026.
    let later = "2026-06-01T00:00:00Z".parse().unwrap();
    let project = examined.project.as_ref().unwrap();
    let found = check(project, &examined, &Planner::new(), later).await;
    assert_eq!(found, []);
}

#[tokio::test]
async fn no_source_has_reported_further_than_now() {
    let key = "key = \"order_id\"";
    let with = |until: &str| format!("{key}\ncomplete-until = \"{until}\"");
    assert_eq!(
        said(&[(key, &with("2024-05-31"))]).await,
        Vec::<String>::new()
    );
    let found = said(&[(key, &with("2062-03-31"))]).await;
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("AM0560 \"2062-03-31\": "),
        "it points at what is written: {found:?}"
    );
}

#[tokio::test]
async fn a_missing_column_hides_nothing_and_is_told_once() {
    let declared = said(&[
        (
            "placed = \"timestamp\"",
            "placd = \"timestamp\", gone = \"money\"",
        ),
        ("amount = \"total\"", "amount = \"gone\""),
        ("depot = \"depot\"", "depot = \"depott\""),
        ("at = \"delivered\"", "at = \"deliverd\""),
    ])
    .await;
    let joined = "key = \"order_id\"\nsql = \"select _line, order_id, custmer as customer, placed, promised, delivered, total, nothing as x, depot, note from orders\"";
    let joined = said(&[
        ("key = \"order_id\"", joined),
        ("at = \"delivered\"", "at = \"deliverd\""),
        ("depot = \"depot\"", "depot = \"depot\", x = \"x\""),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!([declared, joined].concat().join("\n"));
}

#[tokio::test]
async fn a_mistake_in_one_event_hides_none_in_another() {
    let event = said(&[
        ("amount = \"total\"", "amont = \"total\""),
        ("at = \"delivered\"", "at = \"deliverd\""),
        ("made-by", "madeby"),
        ("late_by > interval '7 days'", "late_by > 7"),
        ("depot <> 'none'", "depott <> 'none'"),
    ])
    .await;
    let source = said(&[
        ("promised = \"date\"", "promised = \"dat\""),
        ("at = \"delivered\"", "at = \"deliverd\""),
        ("where = [\"depot\"]", "where = [\"depott\"]"),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!([event, source].concat().join("\n"));
}

#[tokio::test]
async fn without_its_currency_a_company_is_still_examined() {
    let found = said(&[
        ("currency =", "curency ="),
        ("at = \"delivered\"", "at = \"deliverd\""),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!(found.join("\n"));
}

/// The orders with a mail address and a telephone number in them.
const NAMED: &str = "order_id,customer,placed,promised,delivered,total,depot,note,contact,phone
o1,c1,2024-03-01T10:00:00,2024-03-05,2024-03-04T10:00:00,10.50,north,,ada@example.org,+43 1 2345678
o2,c2,2024-03-01T11:00:00,2024-03-05,,8,south,ring twice,grace@example.org,+43 1 8765432
o3,c2,2024-03-01T11:00:00,2024-03-05,,8,south,,info@example.org,
";

#[tokio::test]
async fn addresses_that_would_stand_in_the_ledger_are_shown() {
    let unread = said(&[(FILE, NAMED)]).await;
    let about = "at = \"delivered\"\nabout = \"lower(contact)\"";
    let stored = said(&[
        (FILE, NAMED),
        (
            "key = \"order_id\"",
            "key = \"order_id || contact\"\nignore = [\"phone\"]",
        ),
        ("at = \"delivered\"\nabout = \"order_id\"", about),
        (
            "depot = \"depot\"",
            "depot = \"depot\", by = \"contact\", host = \"split_part(contact, '@', 2)\"",
        ),
    ])
    .await;
    let sql = "personal = [\"note\"]\nsql = \"select o.*, contact as who from orders o\"";
    let joined = said(&[
        (FILE, NAMED),
        ("personal = [\"note\"]", sql),
        ("depot = \"depot\"", "depot = \"depot\", who = \"who\""),
    ])
    .await;
    amends_testkit::insta::assert_snapshot!([unread, stored, joined].concat().join("\n"));
}

#[tokio::test]
async fn what_goes_to_the_vault_needs_no_warning() {
    let told = |rest: &str| rest.to_owned();
    for (key, identifiers) in [
        ("personal = [\"note\", \"contact\", \"phone\"]", "customer"),
        ("ignore = [\"contact\", \"phone\"]", "customer"),
        ("ignore = [\"phone\"]", "contact"),
    ] {
        let key = match key.starts_with("ignore") {
            true => format!("personal = [\"note\"]\n{key}"),
            false => told(key),
        };
        let found = said(&[
            (FILE, NAMED),
            ("personal = [\"note\"]", &key),
            (
                "identifiers = { customer = \"customer\" }",
                &format!("identifiers = {{ customer = \"customer\", who = \"{identifiers}\" }}"),
            ),
        ])
        .await;
        assert_eq!(found, Vec::<String>::new(), "{key}");
    }
}

#[tokio::test]
async fn a_workbook_is_planned_over_its_real_columns() {
    let file = ("path = \"orders.csv\"", "path = \"orders.xlsx\"");
    assert_eq!(said(&[file]).await, Vec::<String>::new());
    let found = said(&[
        file,
        ("at = \"delivered\"", "at = \"deliverd\""),
        ("total = \"money\"", "totl = \"money\""),
    ])
    .await;
    let sheet = said(&[(
        "path = \"orders.csv\"",
        "path = \"orders.xlsx\"\nsheet = \"Ordres\"",
    )])
    .await;
    let codes: Vec<&str> = found
        .iter()
        .chain(&sheet)
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(codes, ["AM0505", "AM0201", "AM0538"], "{found:?} {sheet:?}");
    assert!(found[0].ends_with("=> write `total`"), "{found:?}");
}

#[tokio::test]
async fn another_delimiter_is_one_mistake() {
    for (sign, called, written) in [
        (";", "a semicolon", "\";\""),
        ("\t", "a tab", "\"tab\""),
        ("|", "a vertical bar", "\"|\""),
    ] {
        let found = said(&[(FILE, &FILE.replace(',', sign))]).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("AM0539"), "{found:?}");
        let delimiter = format!("delimiter = {written}");
        assert!(
            found[0].contains(called) && found[0].contains(&delimiter),
            "{found:?}"
        );
    }
}
