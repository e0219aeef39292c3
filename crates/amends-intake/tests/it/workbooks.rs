//! Rows of a workbook on their whole way.

use amends_project::definition::*;
use amends_testkit::workbook::workbook;

use crate::shop::*;

const ROWS: &str = r##"<row r="1"><c t="str"><v>id</v></c><c t="str"><v>customer</v></c><c t="str"><v>day</v></c><c t="str"><v>lookup</v></c></row>
<row r="2"><c><v>1</v></c><c t="str"><v>c1</v></c><c><v>43101</v></c></row>
<row r="3"><c><v>2</v></c><c t="str"><v>c2</v></c><c><v>43102</v></c><c t="e"><v>#REF!</v></c></row>
<row r="4"><c><v>3</v></c><c t="str"><v>c3</v></c><c t="str"><v>soon</v></c></row>"##;

fn visits(shop: &Shop) -> Source {
    let mut file = csv_file(&shop.path("v.xlsx"), &[("day", ColumnType::Date)]);
    file.format = Format::Xlsx {
        sheet: Some("Orders".to_owned()),
        header_row: None,
    };
    let mut source = source(file);
    source.key = Some(sql("id"));
    source.events = vec![event("visit", "day")];
    source
}

#[tokio::test]
async fn a_workbook_is_imported_once_and_its_rows_leave_the_quarantine() {
    let mut shop = Shop::new().await;
    shop.write("v.xlsx", workbook(ROWS));
    let mut source = visits(&shop);
    assert_eq!(shop.sums(&source).await, (3, 1, 0, 2));
    // The same records in other bytes.
    shop.write("v.xlsx", workbook(&format!("{ROWS}<row r=\"9\"/>")));
    assert_eq!(shop.sums(&source).await, (3, 0, 1, 2));
    assert_eq!(
        shop.events("visit", &["about", "line", "at"]).await,
        ["1 | 2 | 2018-01-01T02:00:00Z"]
    );
    let faults = shop.faults().await;
    assert_eq!(
        faults[..2],
        ["v.xlsx:3 AM0535 lookup", "v.xlsx:4 AM0525 day"]
    );
    source.ignore = ["lookup".to_owned()].into();
    source.mapping = "m2".to_owned();
    shop.project.sources.insert("orders".to_owned(), source);
    let replayed = shop.replay(1).await.unwrap();
    let record = replayed.import.unwrap();
    assert_eq!((record.received, record.stored), (1, 1));
    let waiting: Vec<_> = replayed
        .waiting
        .iter()
        .map(|row| (row.line, row.code.as_str()))
        .collect();
    assert_eq!(waiting, [(4, "AM0525")]);
}
