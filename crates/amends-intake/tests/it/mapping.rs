use amends_project::definition::*;

use crate::shop::*;

const ORDERS: &str = "id,customer,placed,delivered,total,status,note
o1,c1,2017-10-15 00:30:00,2018-03-04 10:00:00-02:00,10.50,ok,first
o2,c2,2018-03-02 10:00:00,,,late,
";

fn orders(shop: &Shop) -> Source {
    let path = shop.write("orders.csv", ORDERS);
    let columns = [
        ("placed", ColumnType::Timestamp),
        ("delivered", ColumnType::Timestamp),
        ("total", money()),
    ];
    let mut placed = event("order_placed", "placed");
    placed.amount = Some(sql("total"));
    placed.properties = vec![("state".to_owned(), sql("upper(status)"))];
    let mut source = source(csv_file(&path, &columns));
    source.key = Some(sql("id"));
    source.events = vec![placed, event("order_delivered", "delivered")];
    source
}

#[tokio::test]
async fn a_record_gives_several_events_with_all_their_columns() {
    let shop = Shop::new().await;
    assert_eq!(shop.sums(&orders(&shop)).await, (2, 2, 0, 0));
    let columns = [
        "native_key",
        "at",
        "at_offset",
        "at_note",
        "about",
        "amount",
        "currency",
        "state",
        "line",
        "rest",
        "stream",
        "mapping",
    ];
    assert_eq!(
        shop.events("order_placed", &columns).await,
        [
            r#"o1 | 2017-10-15T03:30:00Z | -7200 | gap | o1 | 1050 | BRL | OK | 2 | {"note":"first"} | orders | m1"#,
            "o2 | 2018-03-02T13:00:00Z | -10800 | - | o2 | - | - | LATE | 3 | - | orders | m1",
        ]
    );
    // An offset of its own wins over the zone's; what is left over stands on the first event only.
    assert_eq!(
        shop.events(
            "order_delivered",
            &["native_key", "at", "at_offset", "at_note", "line", "rest"]
        )
        .await,
        ["o1 | 2018-03-04T12:00:00Z | -7200 | - | 2 | -"]
    );
    let watermark = shop.ledger.snapshot().await.unwrap().watermarks()["orders"];
    assert_eq!(watermark.to_string(), "2018-03-04T12:00:00Z");
}

#[tokio::test]
async fn the_same_again_is_duplicate_and_a_change_is_a_new_version() {
    let shop = Shop::new().await;
    let mut source = orders(&shop);
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    assert_eq!(shop.sums(&source).await, (2, 0, 2, 0));
    // A column that nobody reads, and that says nothing, changes nothing; nor does the order of columns.
    shop.write(
        "orders.csv",
        ORDERS
            .replace(",note\n", ",note,new\n")
            .replace("first\n", "first,\n")
            .replace("late,\n", "late,,\n"),
    );
    assert_eq!(shop.sums(&source).await, (2, 0, 2, 0));
    // The delivery of o2 is news; its placing is not.
    shop.write(
        "orders.csv",
        ORDERS.replace("10:00:00,,,late", "10:00:00,2018-03-09 08:00:00,,late"),
    );
    let record = shop.import(&source).await.unwrap().remove(0);
    assert_eq!((record.stored, record.duplicate, record.events), (1, 1, 1));
    // A better mapping replaces what an older one made of the same record.
    source.events[0].properties[0].1 = sql("lower(status)");
    source.mapping = "m2".to_owned();
    shop.sums(&source).await;
    assert_eq!(
        shop.events("order_placed", &["state", "mapping"]).await,
        ["late | m2", "ok | m2"]
    );
}

#[tokio::test]
async fn without_a_key_repeats_are_real_and_order_does_not_matter() {
    let shop = Shop::new().await;
    let rows = ["1,c1,2018-01-01", "1,c1,2018-01-01", "1,c2,2018-01-01"];
    let file =
        |rows: &[&str]| shop.write("o.csv", format!("id,customer,day\n{}\n", rows.join("\n")));
    let path = file(&rows);
    let mut source = source(csv_file(&path, &[("day", ColumnType::Date)]));
    source.events = vec![event("visit", "day")];
    assert_eq!(shop.sums(&source).await, (3, 3, 0, 0));
    file(&[rows[2], rows[0], rows[1]]);
    assert_eq!(shop.sums(&source).await, (3, 0, 3, 0));
    file(&[rows[0], rows[2], rows[0], rows[1]]);
    assert_eq!(shop.sums(&source).await, (4, 1, 3, 0));
    assert_eq!(
        shop.events("visit", &["at", "at_note", "native_key"]).await,
        vec!["2018-01-01T02:00:00Z | day | -"; 4]
    );
}

#[tokio::test]
async fn rows_that_cannot_become_events_say_why() {
    let shop = Shop::new().await;
    let path = shop.write(
        "o.csv",
        "id,customer,day,n,email
o1,c1,2018-01-01,1,
o2,,2018-01-01,1,
o3,c3,,1,
o4,c4,2024-06-03,1,
o5,c5,2018-01-01,zero,
,c6,2018-01-01,1,
o7,,2018-01-01,1,Ada@Example.org
o8,c8,2018-01-01,1,not an address
o9,,2018-01-01,1,not an address
",
    );
    let mut source = source(csv_file(&path, &[("day", ColumnType::Date)]));
    source.key = Some(sql("id"));
    let mut visit = event("visit", "day");
    visit.identifiers.push(named_by("email", "email"));
    visit.properties = vec![("n".to_owned(), sql("cast(n as bigint)"))];
    source.events = vec![visit];
    assert_eq!(shop.sums(&source).await, (9, 3, 0, 6));
    assert_eq!(
        shop.faults().await,
        [
            "o.csv:3 AM0530 -",
            "o.csv:4 AM0529 -",
            "o.csv:5 AM0531 -",
            "o.csv:6 AM0532 -",
            "o.csv:7 AM0534 -",
            "o.csv:10 AM0530 -"
        ]
    );
    let rows = shop.quarantine().await;
    assert_eq!(rows[3].reason, "`n` of visit fails for this row");
    assert_eq!(rows[0].reason, "visit names nobody");
    let unreadable = "visit names nobody: what stands as its email is no mail address";
    assert_eq!(rows[5].reason, unreadable);
    let raw = shop.vault.raw(1).await.unwrap();
    assert_eq!(raw.len(), 7);
    assert_eq!(raw[0].text, b"id,customer,day,n,email\n");
    assert_eq!(raw[4].text, b"o5,c5,2018-01-01,zero,");
}

#[tokio::test]
async fn a_row_one_of_whose_events_fails_is_set_aside_whole() {
    let shop = Shop::new().await;
    let path = shop.write(
        "o.csv",
        "id,customer,a,b\no1,c1,2018-01-01,2018-02-01\no2,c2,2018-01-01,2031-01-01\n",
    );
    let mut source = source(csv_file(
        &path,
        &[("a", ColumnType::Date), ("b", ColumnType::Date)],
    ));
    source.key = Some(sql("id"));
    source.events = vec![event("begun", "a"), event("ended", "b")];
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
    assert_eq!(shop.events("begun", &["about"]).await, ["o1"]);
}

#[tokio::test]
async fn several_names_and_conditions() {
    let shop = Shop::new().await;
    let path = shop.write(
        "o.csv",
        "id,customer,email,day,status\no1, c1 ,A@x.org,2018-01-01,open\no2,c1,a@X.org,2018-01-02,closed\no3,c1,info@x.org,2018-01-03,open\n",
    );
    let mut source = source(csv_file(&path, &[("day", ColumnType::Date)]));
    source.key = Some(sql("id"));
    let mut opened = event("opened", "day");
    opened.identifiers = vec![named_by("email", "email"), named_by("customer", "customer")];
    let mut closed = event("closed", "day");
    closed.when = Some(sql("status = 'closed'"));
    source.events = vec![opened, closed];
    assert_eq!(shop.sums(&source).await, (3, 3, 0, 0));
    assert_eq!(shop.events("closed", &["about"]).await, ["o2"]);
    let minted = shop.vault.minted().await.unwrap();
    let told: Vec<_> = minted
        .iter()
        .map(|minted| (&*minted.namespace, minted.generic))
        .collect();
    assert_eq!(
        told,
        [("customer", false), ("email", false), ("email", true)]
    );
    let id = |place: usize| minted[place].id.to_string();
    let named = shop
        .events("opened", &["about", "identifier", "others"])
        .await;
    assert_eq!(named[0], format!("o1 | {} | [{}]", id(1), id(0)));
    assert_eq!(named[2], format!("o3 | {} | [{}]", id(2), id(0)));
}

#[tokio::test]
async fn a_day_is_a_day_of_the_companys_calendar_and_a_time_is_one_of_the_sources_zone() {
    let shop = Shop::new().await;
    let path = shop.write(
        "members.csv",
        "id,customer,started_on,seen\nm2,c1,2024-03-01,2024-03-01 10:00:00\n",
    );
    let columns = [
        ("started_on", ColumnType::Date),
        ("seen", ColumnType::Timestamp),
    ];
    let mut source = source(csv_file(&path, &columns));
    source.zone = jiff::tz::TimeZone::UTC;
    source.events = vec![event("joined", "started_on"), event("seen", "seen")];
    assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
    let columns = ["at", "at_offset", "at_note"];
    assert_eq!(
        shop.events("joined", &columns).await,
        ["2024-03-01T03:00:00Z | -10800 | day"]
    );
    assert_eq!(
        shop.events("seen", &columns).await,
        ["2024-03-01T10:00:00Z | 0 | -"]
    );
}
