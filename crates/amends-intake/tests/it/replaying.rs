use amends_project::definition::*;

use crate::shop::*;

fn visits(shop: &Shop) -> Source {
    let mut source = source(csv_file(&shop.path("v.csv"), &[("day", ColumnType::Date)]));
    source.key = Some(sql("id"));
    source.events = vec![event("visit", "day")];
    source
}

#[tokio::test]
async fn rows_that_can_be_read_now_leave_the_quarantine() {
    let mut shop = Shop::new().await;
    shop.write(
        "v.csv",
        "id,customer,day\n1,c1,2018-01-01\n2,c2,02.01.2018\n3,c3,03.01.2018\n4,,04.01.2018\n5,c5\n",
    );
    let mut source = visits(&shop);
    assert_eq!(shop.sums(&source).await, (5, 1, 0, 4));
    // The file may be gone by then.
    std::fs::remove_file(shop.path("v.csv")).unwrap();
    let rule = source
        .files
        .get_mut("orders")
        .unwrap()
        .columns
        .get_mut("day")
        .unwrap();
    rule.format = Some("%d.%m.%Y".to_owned());
    source.mapping = "m2".to_owned();
    shop.project.sources.insert("orders".to_owned(), source);
    let replayed = shop.replay(1).await.unwrap();
    let record = replayed.import.unwrap();
    assert_eq!(
        (
            record.received,
            record.stored,
            record.duplicate,
            record.quarantined
        ),
        (2, 2, 0, 0)
    );
    let waiting: Vec<_> = replayed
        .waiting
        .iter()
        .map(|row| (row.line, row.code.as_str()))
        .collect();
    assert_eq!(waiting, [(5, "AM0530"), (6, "AM0520")]);
    assert_eq!(
        shop.faults().await,
        ["v.csv:5 AM0525 day", "v.csv:6 AM0520 -"]
    );
    assert_eq!(
        shop.events("visit", &["about", "line", "mapping"]).await,
        ["1 | 2 | m1", "2 | 3 | m2", "3 | 4 | m2"]
    );
    let left: Vec<_> = shop
        .vault
        .raw(1)
        .await
        .unwrap()
        .iter()
        .map(|raw| raw.entry)
        .collect();
    assert_eq!(left, [0, 3, 4]);
    assert!(shop.replay(1).await.unwrap().import.is_none());
    assert_eq!(shop.replay(7).await.unwrap_err().code(), "AM0513");
}

#[tokio::test]
async fn json_and_joined_rows_can_be_replayed() {
    let mut shop = Shop::new().await;
    shop.write("v.jsonl", "{\"id\":1,\"person\":\"p1\",\"day\":\"1.1.2018\"}\n{\"id\":2,\"person\":\"p2\",\"day\":\"1.1.2018\"}\n[\n");
    shop.write("people.csv", "person,customer\np1,c1\n");
    let mut source = visits(&shop);
    let file = source.files.get_mut("orders").unwrap();
    file.path = shop.path("v.jsonl");
    file.format = Format::JsonLines;
    source
        .files
        .insert("people".to_owned(), csv_file(&shop.path("people.csv"), &[]));
    source.sql = Some(sql(
        "select v._line, v.id, v.day, p.customer from orders v join people p on p.person = v.person",
    ));
    assert_eq!(shop.sums(&source).await, (3, 0, 0, 3));
    let rule = source
        .files
        .get_mut("orders")
        .unwrap()
        .columns
        .get_mut("day")
        .unwrap();
    rule.format = Some("%d.%m.%Y".to_owned());
    shop.project.sources.insert("orders".to_owned(), source);
    let replayed = shop.replay(1).await.unwrap();
    assert_eq!(replayed.import.unwrap().stored, 1);
    let waiting: Vec<_> = replayed
        .waiting
        .iter()
        .map(|row| (row.line, row.code.as_str()))
        .collect();
    assert_eq!(waiting, [(2, "AM0527"), (3, "AM0526")]);
    // The person turns up.
    shop.write("people.csv", "person,customer\np1,c1\np2,c2\n");
    assert_eq!(shop.replay(1).await.unwrap().import.unwrap().stored, 1);
    assert_eq!(
        shop.events("visit", &["about", "line"]).await,
        ["1 | 1", "2 | 2"]
    );
}

/// What reading finds is set aside before what the join finds, wherever it stands in the file.
#[tokio::test]
async fn joined_rows_are_replayed_in_the_order_of_their_file() {
    let mut shop = Shop::new().await;
    let rows = "1,p2,2018-01-01,7\n2,p1,2018-01-02,7\n3,p1,2018-01-03,x\n4,p2,2018-01-04,7\n";
    shop.write("v.csv", format!("id,person,day,n\n{rows}"));
    shop.write("people.csv", "person,customer\np1,c1\np2,c2\np2,c3\n");
    let mut source = visits(&shop);
    let people = csv_file(&shop.path("people.csv"), &[]);
    source.files.insert("people".to_owned(), people);
    let columns = &mut source.files.get_mut("orders").unwrap().columns;
    let number = csv_file(&shop.path("v.csv"), &[("n", ColumnType::Integer)]);
    columns.extend(number.columns);
    source.sql = Some(sql(
        "select v._line, v.id, v.day, p.customer from orders v left join people p on p.person = v.person",
    ));
    assert_eq!(shop.sums(&source).await, (4, 1, 0, 3));
    assert_eq!(
        shop.faults().await,
        ["v.csv:4 AM0525 n", "v.csv:2 AM0528 -", "v.csv:5 AM0528 -"]
    );
    shop.write("people.csv", "person,customer\np1,c1\np2,c2\n");
    let columns = &mut source.files.get_mut("orders").unwrap().columns;
    columns.remove("n");
    shop.project.sources.insert("orders".to_owned(), source);
    assert_eq!(shop.replay(1).await.unwrap().import.unwrap().stored, 3);
    assert_eq!(
        shop.events("visit", &["about", "line"]).await,
        ["1 | 2", "2 | 3", "3 | 4", "4 | 5"]
    );
}

#[tokio::test]
async fn more_rows_than_a_source_allows_are_not_set_aside() {
    let shop = Shop::new().await;
    let mut source = visits(&shop);
    source.most_aside = 3;
    let rows = "1,c1,2018-01-01\n2,c2,never\n3,c3,never\n4,c4,2018-01-01,x\n";
    shop.write("v.csv", format!("id,customer,day\n{rows}5,c5,2018\n"));
    let problem = shop.import(&source).await.unwrap_err();
    assert_eq!(problem.code(), "AM0541");
    let detail = problem.detail_text().unwrap();
    assert!(
        detail.ends_with("v.csv; 2 of them: column day: not a date as 2018-03-01 [AM0525]"),
        "{detail}"
    );
    assert!(shop.ledger.imports().await.unwrap().is_empty());
    assert!(shop.vault.raw(1).await.unwrap().is_empty());
    shop.write("v.csv", format!("id,customer,day\n{rows}5,c5,2018-01-02\n"));
    assert_eq!(shop.sums(&source).await, (5, 2, 0, 3));
}
