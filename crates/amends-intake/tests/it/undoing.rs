//! Imports taken back, and files read again with a better definition.

use amends_model::Result;
use amends_project::definition::*;

use crate::shop::*;

fn visits(shop: &Shop) -> Source {
    let mut source = source(csv_file(&shop.path("v.csv"), &[("day", ColumnType::Date)]));
    source.key = Some(sql("id"));
    source.events = vec![event("visit", "day")];
    source
}

async fn undo(shop: &Shop, import: i64) -> Result<Vec<i64>> {
    let writer = shop.ledger.writer("test").await?;
    let undone = amends_intake::undo(&[import], &shop.ledger, &shop.vault, &writer, now()).await?;
    Ok(undone.iter().map(|import| import.import).collect())
}

const ABOUT: [&str; 3] = ["about", "line", "mapping"];

#[tokio::test]
async fn an_undone_file_leaves_no_event_no_row_in_quarantine_and_no_text() {
    let shop = Shop::new().await;
    let source = visits(&shop);
    shop.write("v.csv", "id,customer,day\n1,c1,2018-01-01\n2,c2,never\n");
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
    shop.write(
        "v.csv",
        "id,customer,day\n1,c1,2018-01-01\n2,c2,2018-01-02\n3,c3,ever\n",
    );
    assert_eq!(shop.sums(&source).await, (3, 1, 1, 1));
    assert_eq!(undo(&shop, 1).await.unwrap(), [1]);
    assert_eq!(
        shop.events("visit", &ABOUT).await,
        ["1 | 2 | m1", "2 | 3 | m1"]
    );
    let imports = shop.ledger.imports().await.unwrap();
    let second = &imports[1];
    assert_eq!(
        (second.stored, second.duplicate, second.quarantined),
        (2, 0, 1)
    );
    assert_eq!(shop.faults().await, ["v.csv:4 AM0525 day"]);
    assert!(shop.vault.raw(1).await.unwrap().is_empty());
    assert_eq!(shop.vault.raw(2).await.unwrap().len(), 2);
    assert_eq!(undo(&shop, 1).await.unwrap_err().code(), "AM0412");
    assert_eq!(undo(&shop, 9).await.unwrap_err().code(), "AM0411");
}

#[tokio::test]
async fn what_was_replayed_of_an_import_goes_with_it_and_comes_back_to_the_quarantine_alone() {
    let mut shop = Shop::new().await;
    let mut source = visits(&shop);
    shop.write(
        "v.csv",
        "id,customer,day\n1,c1,2018-01-01\n2,c2,02.01.2018\n",
    );
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
    let file = source.files.get_mut("orders").unwrap();
    file.columns.get_mut("day").unwrap().format = Some("%d.%m.%Y".to_owned());
    source.mapping = "m2".to_owned();
    shop.project.sources.insert("orders".to_owned(), source);
    assert_eq!(shop.replay(1).await.unwrap().import.unwrap().import, 2);
    assert!(shop.faults().await.is_empty());
    assert_eq!(undo(&shop, 2).await.unwrap(), [2]);
    assert_eq!(shop.events("visit", &["about"]).await, ["1"]);
    assert_eq!(shop.faults().await, ["v.csv:3 AM0525 day"]);
    // Its text went when it could be read: the file has it still.
    assert!(shop.replay(1).await.unwrap().import.is_none());
    assert_eq!(undo(&shop, 1).await.unwrap(), [1]);
    assert!(shop.events("visit", &["about"]).await.is_empty());
    assert!(shop.faults().await.is_empty());
}

#[tokio::test]
async fn a_replay_is_undone_with_the_import_whose_rows_it_read() {
    let mut shop = Shop::new().await;
    let mut source = visits(&shop);
    shop.write("v.csv", "id,customer,day\n1,c1,02.01.2018\n");
    assert_eq!(shop.sums(&source).await, (1, 0, 0, 1));
    let file = source.files.get_mut("orders").unwrap();
    file.columns.get_mut("day").unwrap().format = Some("%d.%m.%Y".to_owned());
    source.mapping = "m2".to_owned();
    shop.project.sources.insert("orders".to_owned(), source);
    assert_eq!(shop.replay(1).await.unwrap().import.unwrap().import, 2);
    assert_eq!(undo(&shop, 1).await.unwrap(), [1, 2]);
    assert!(shop.events("visit", &["about"]).await.is_empty());
}

#[tokio::test]
async fn a_better_definition_replaces_what_the_older_one_gave() {
    let shop = Shop::new().await;
    let mut source = visits(&shop);
    source.events.push(event("return", "day"));
    shop.write("v.csv", "id,customer,day\n1,c1,2018-01-01\n2,c2,never\n");
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
    // No returns any more, keys built in another way, and a date that can be read now.
    source.mapping = "m2".to_owned();
    source.key = Some(sql("concat('v-', id)"));
    source.events = vec![event("visit", "coalesce(day, date '2018-01-05')")];
    let file = source.files.get_mut("orders").unwrap();
    file.columns.remove("day");
    source.events[0].at = sql("coalesce(try_cast(day as date), date '2018-01-05')");
    let sums = shop.sums(&source).await;
    assert_eq!(sums, (2, 2, 0, 0));
    assert_eq!(
        shop.events("visit", &ABOUT).await,
        ["1 | 2 | m2", "2 | 3 | m2"]
    );
    assert!(shop.events("return", &ABOUT).await.is_empty());
    assert!(shop.faults().await.is_empty());
    let imports = shop.ledger.imports().await.unwrap();
    assert_eq!(imports[0].replaced_by, Some(2));
    assert_eq!(undo(&shop, 2).await.unwrap(), [2]);
    assert_eq!(shop.events("visit", &ABOUT).await, ["1 | 2 | m1"]);
    assert_eq!(shop.events("return", &ABOUT).await, ["1 | 2 | m1"]);
    assert_eq!(shop.faults().await, ["v.csv:3 AM0525 day"]);
}

/// Visits that may have ended.
fn stays(shop: &Shop) -> Source {
    let mut source = visits(shop);
    let file = source.files.get_mut("orders").unwrap();
    let day = file.columns["day"].clone();
    file.columns.insert("until".to_owned(), day);
    source.events.push(event("leave", "until"));
    source
}

#[tokio::test]
async fn a_row_whose_end_was_emptied_takes_the_end_back_and_an_undo_gives_it_back() {
    let shop = Shop::new().await;
    let source = stays(&shop);
    shop.write(
        "v.csv",
        "id,customer,day,until\n1,c1,2018-01-01,2018-02-01\n2,c2,2018-01-02,2018-02-02\n3,c3,2018-01-03,\n4,c4,2018-01-04,2018-02-04\n",
    );
    assert_eq!(shop.sums(&source).await, (4, 4, 0, 0));
    shop.write(
        "v.csv",
        "id,customer,day,until\n1,c1,2018-01-01,\n2,c2,2018-01-02,soon\n3,c3,2018-01-03,\n4,,2018-01-04,\n",
    );
    // What was set aside says nothing, whether its cells cannot be read or it names nobody: it takes nothing back.
    assert_eq!(shop.sums(&source).await, (4, 1, 1, 2));
    assert_eq!(shop.events("leave", &["about"]).await, ["2", "4"]);
    assert_eq!(shop.events("visit", &["about"]).await, ["1", "2", "3", "4"]);
    assert_eq!(undo(&shop, 2).await.unwrap(), [2]);
    assert_eq!(shop.events("leave", &["about"]).await, ["1", "2", "4"]);
    // A condition that holds no more is the same.
    let mut source = source;
    source.events[1].when = Some(sql("customer <> 'c2'"));
    source.mapping = "m2".to_owned();
    shop.write(
        "v.csv",
        "id,customer,day,until\n2,c2,2018-01-02,2018-02-02\n5,c5,2018-01-05,2018-02-05\n",
    );
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    assert_eq!(shop.events("leave", &["about"]).await, ["1", "4", "5"]);
}

#[tokio::test]
async fn a_file_that_grew_keeps_no_event_that_its_better_definition_does_not_give() {
    let shop = Shop::new().await;
    let mut source = stays(&shop);
    let rows = "id,customer,day,until\n1,c1,2018-01-01,2018-02-01\n";
    shop.write("v.csv", rows);
    assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
    source.mapping = "m2".to_owned();
    source.events[1].kind = "end".to_owned();
    shop.write("v.csv", format!("{rows}2,c2,2018-01-02,2018-02-02\n"));
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    assert!(shop.events("leave", &["about"]).await.is_empty());
    assert_eq!(shop.events("end", &["about"]).await, ["1", "2"]);
    assert_eq!(undo(&shop, 2).await.unwrap(), [2]);
    assert_eq!(shop.events("leave", &["about"]).await, ["1"]);
    assert!(shop.events("end", &["about"]).await.is_empty());
}

#[tokio::test]
async fn records_without_a_key_of_their_own_take_nothing_back() {
    let shop = Shop::new().await;
    let mut source = stays(&shop);
    source.key = None;
    shop.write(
        "v.csv",
        "id,customer,day,until\n1,c1,2018-01-01,2018-02-01\n",
    );
    assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
    shop.write("v.csv", "id,customer,day,until\n1,c1,2018-01-01,\n");
    assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
    assert_eq!(shop.events("leave", &["about"]).await, ["1"]);
}

#[tokio::test]
async fn an_older_version_that_arrives_late_brings_no_end_back() {
    let old = "id,customer,day,until,edition\n1,c1,2018-01-01,2018-02-01,3\n";
    let new = "id,customer,day,until,edition\n1,c1,2018-01-01,,5\n";
    for files in [[old, new], [new, old]] {
        let shop = Shop::new().await;
        let mut source = stays(&shop);
        source.version = Some(sql("cast(edition as bigint)"));
        for file in files {
            shop.write("v.csv", file);
            assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
        }
        assert!(shop.events("leave", &["about"]).await.is_empty());
    }
}

#[tokio::test]
async fn a_joined_file_that_ends_nothing_any_more_takes_the_end_back() {
    let shop = Shop::new().await;
    let mut source = visits(&shop);
    let ends = csv_file(&shop.path("ends.csv"), &[("until", ColumnType::Date)]);
    source.files.insert("ends".to_owned(), ends);
    source.sql = Some(sql(
        "select o._line, o.id, o.customer, o.day, e.until from orders o left join ends e on e.visit = o.id",
    ));
    source.events.push(event("leave", "until"));
    shop.write(
        "v.csv",
        "id,customer,day\n1,c1,2018-01-01\n2,c2,2018-01-02\n",
    );
    shop.write("ends.csv", "visit,until\n1,2018-02-01\n2,2018-02-02\n");
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    shop.write("ends.csv", "visit,until\n2,2018-02-02\n");
    assert_eq!(shop.sums(&source).await, (2, 1, 1, 0));
    assert_eq!(shop.events("leave", &["about"]).await, ["2"]);
}
