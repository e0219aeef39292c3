use amends_project::definition::*;

use crate::shop::*;

fn joined(shop: &Shop, text: &str) -> Source {
    let orders = shop.path("orders.csv");
    let people = csv_file(&shop.path("people.csv"), &[("since", ColumnType::Date)]);
    let mut source = source(csv_file(&orders, &[("placed", ColumnType::Timestamp)]));
    source.files.insert("people".to_owned(), people);
    source.sql = Some(sql(text));
    source.key = Some(sql("id"));
    source.events = vec![event("order_placed", "placed")];
    source
}

const LEFT_JOIN: &str = "select o._line, o.id, o.placed, p.customer, p.since
from orders o left join people p on p.person = o.person;
";

#[tokio::test]
async fn every_row_of_the_main_file_is_accounted_for() {
    let shop = Shop::new().await;
    shop.write("orders.csv", "id,person,placed\no1,p1,2017-10-15 00:30:00\no2,p2,2018-01-01 10:00:00+00:00\no3,p9,2018-01-01 10:00:00\no4,p1,soon\n");
    shop.write(
        "people.csv",
        "person,customer,since\np1,c1,2010-01-01\np2,c2,\np2,c2b,\np3,c3,once\n",
    );
    let source = joined(&shop, LEFT_JOIN);
    assert_eq!(shop.sums(&source).await, (4, 1, 0, 3));
    assert_eq!(
        shop.faults().await,
        [
            "orders.csv:4 AM0530 -",
            "orders.csv:5 AM0525 placed",
            "orders.csv:3 AM0528 -",
            "people.csv:5 AM0533 since"
        ]
    );
    let reason = |row: usize, rows: &[amends_ledger::Quarantined]| rows[row].reason.clone();
    let rows = shop.quarantine().await;
    assert_eq!(
        reason(2, &rows),
        "the source's SQL gives 2 records for this row"
    );
    assert_eq!(
        reason(3, &rows),
        "a row of a joined file: not a date as 2018-03-01"
    );
    assert_eq!(
        shop.events("order_placed", &["about", "at_note", "rest"])
            .await,
        [r#"o1 | gap | {"since":"2010-01-01"}"#]
    );
    let raw = shop.vault.raw(1).await.unwrap();
    assert_eq!(raw[3].text, b"o2,p2,2018-01-01 10:00:00+00:00");
    assert_eq!(raw[4].text, b"p3,c3,once");
}

#[tokio::test]
async fn rows_that_the_sql_leaves_out_are_set_aside() {
    let shop = Shop::new().await;
    let mut text = "id,person,placed\n".to_owned();
    for number in 0..50_000 {
        text.push_str(&format!("o{number},p{},2018-01-01 10:00:00\n", number % 3));
    }
    shop.write("orders.csv", text);
    shop.write(
        "people.csv",
        "person,customer,since\np1,c1,2010-01-01\np2,c2,\n",
    );
    let inner = joined(&shop, &LEFT_JOIN.replace("left join", "join"));
    assert_eq!(shop.sums(&inner).await, (50_000, 33_333, 0, 16_667));
    let few = joined(
        &shop,
        "select _line, id, placed, 'c' as customer from orders limit 10",
    );
    assert_eq!(shop.sums(&few).await, (50_000, 10, 0, 49_990));
    let none = joined(
        &shop,
        "select _line, id, placed, 'c' as customer from orders where false",
    );
    assert_eq!(shop.sums(&none).await, (50_000, 0, 0, 50_000));
}

/// Some batches were staged before one row of the last gives two records: nothing of them may stay beside what is read again.
#[tokio::test]
async fn what_shows_late_to_come_twice_is_set_aside_as_if_it_had_shown_at_once() {
    let shop = Shop::new().await;
    let mut text = "id,person,placed\n".to_owned();
    for number in 0..140_000 {
        text.push_str(&format!("o{number},p{number},2018-01-01 10:00:00\n"));
    }
    shop.write("orders.csv", text);
    shop.write(
        "people.csv",
        "person,customer,since\np139999,c1,\np139999,c2,\n",
    );
    let customer = LEFT_JOIN.replace("p.customer", "coalesce(p.customer, o.person) as customer");
    let source = joined(&shop, &customer);
    assert_eq!(shop.sums(&source).await, (140_000, 139_999, 0, 1));
    assert_eq!(shop.faults().await, ["orders.csv:140001 AM0528 -"]);
    let minted = shop.vault.minted().await.unwrap();
    assert_eq!(minted.len(), 139_999);
    assert!(shop.vault.find(None, "c1").await.unwrap().is_empty());
    assert!(shop.vault.under_way().await.unwrap().is_empty());
    assert_eq!(shop.ledger.imports().await.unwrap()[0].import, 1);
    assert_eq!(shop.sums(&source).await, (140_000, 0, 139_999, 1));
}

/// Writes a file anew once some of the first reading is told.
struct Writes(std::path::PathBuf, std::sync::Once);

impl amends_intake::Watch for Writes {
    fn progress(&self, _bytes: u64, _of: u64, _rows: u64) {
        let text = "person,customer,since\np1,c1,2010-01-01\n";
        self.1.call_once(|| std::fs::write(&self.0, text).unwrap());
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// The second reading may only go by what the first one counted while no file has changed since that one began.
#[tokio::test]
async fn a_joined_file_that_changes_before_it_is_read_again_is_refused() {
    let shop = Shop::new().await;
    shop.write(
        "orders.csv",
        "id,person,placed\no1,p1,2017-10-15 10:30:00\no2,p2,2018-01-01 10:00:00\n",
    );
    shop.write(
        "people.csv",
        "person,customer,since\np1,c1,\np2,c2,\np2,c3,\n",
    );
    let writes = Writes(shop.path("people.csv"), std::sync::Once::new());
    let source = joined(&shop, LEFT_JOIN);
    let problem = shop.import_watched(&source, &writes).await.unwrap_err();
    assert_eq!(problem.code(), "AM0508", "{problem}");
    assert!(shop.ledger.imports().await.unwrap().is_empty());
    assert!(shop.vault.minted().await.unwrap().is_empty());
    assert!(shop.vault.under_way().await.unwrap().is_empty());
}

#[tokio::test]
async fn sql_that_loses_the_lines_is_refused() {
    let shop = Shop::new().await;
    shop.write(
        "orders.csv",
        "id,person,placed\no1,p1,2017-10-15 00:30:00\n",
    );
    shop.write("people.csv", "person,customer,since\np1,c1,2010-01-01\n");
    for (text, code) in [
        (
            "select id, placed, person as customer from orders",
            "AM0512",
        ),
        (
            "select _line + 1 as _line, id, placed, person as customer from orders",
            "AM0512",
        ),
        (
            "select null::bigint as _line, id, placed, person as customer from orders",
            "AM0512",
        ),
        (
            "select _line, id, placed, nobody as customer from orders",
            "AM0509",
        ),
        ("select _line, id, placed from orders", "AM0509"),
    ] {
        let problem = shop.import(&joined(&shop, text)).await.unwrap_err();
        assert_eq!(problem.code(), code, "{text}: {problem}");
    }
    assert!(shop.ledger.imports().await.unwrap().is_empty());
}
