use amends_project::definition::*;

use crate::shop::*;

fn visits(shop: &Shop) -> Source {
    let mut source = source(csv_file(
        &shop.path("v-*.csv"),
        &[("day", ColumnType::Date)],
    ));
    source.key = Some(sql("id"));
    source.events = vec![event("visit", "day")];
    source
}

#[tokio::test]
async fn each_file_of_a_pattern_is_an_import() {
    let shop = Shop::new().await;
    shop.write("v-2.csv", "id,customer,day\n2,c2,2018-02-01\n");
    shop.write("v-1.csv", "id,customer,day\n1,c1,2018-01-01\n3,c3,\n");
    shop.write("w-3.csv", "nothing");
    let records = shop.import(&visits(&shop)).await.unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record.start.file.as_str(),
                record.received,
                record.stored,
                record.quarantined,
            )
        })
        .collect();
    assert_eq!(told, [("v-1.csv", 2, 1, 1), ("v-2.csv", 1, 1, 0)]);
    let fingerprint = records[1].start.fingerprint.clone().unwrap();
    let bytes = std::fs::read(shop.path("v-2.csv")).unwrap();
    assert_eq!(fingerprint, blake3::hash(&bytes).to_hex()[..32]);
    let mut nothing = visits(&shop);
    nothing.files.get_mut("orders").unwrap().path = shop.path("x-*.csv");
    assert_eq!(shop.import(&nothing).await.unwrap_err().code(), "AM0511");
}

#[tokio::test]
async fn a_stopped_import_leaves_nothing_behind() {
    let shop = Shop::new().await;
    let mut text = "id,customer,day\n".to_owned();
    for number in 0..200_000 {
        let day = if number % 1000 == 0 {
            "never"
        } else {
            "2018-01-01"
        };
        text.push_str(&format!("{number},c{},{day}\n", number % 50));
    }
    shop.write("v-1.csv", text);
    let source = visits(&shop);
    let told = Told {
        stop_after: Some(50_000),
        ..Told::default()
    };
    let problem = shop.import_watched(&source, &told).await.unwrap_err();
    assert_eq!(problem.code(), "AM0510");
    assert_eq!(problem.detail_text().as_deref(), Some("v-1.csv"));
    assert!(shop.ledger.imports().await.unwrap().is_empty());
    assert!(shop.ledger.quarantine(None).await.unwrap().is_empty());
    assert!(shop.events("visit", &["id"]).await.is_empty());
    for import in 0..3 {
        assert!(shop.vault.raw(import).await.unwrap().is_empty());
    }
    let told = Told::default();
    let record = shop.import_watched(&source, &told).await.unwrap().remove(0);
    assert_eq!(
        (record.received, record.stored, record.quarantined),
        (200_000, 199_800, 200)
    );
    let progress = told.progress.lock().unwrap();
    assert!(progress.len() > 2 && progress.is_sorted());
    let (bytes, of, rows) = *progress.last().unwrap();
    assert_eq!((bytes, rows), (of, 200_000));
}

#[tokio::test]
async fn a_file_that_fails_leaves_nothing_behind() {
    let shop = Shop::new().await;
    let good = zstd::encode_all(&b"id,customer,day\n1,c1,2018-01-01\n2,c2,x\n"[..], 0).unwrap();
    shop.write("v-1.csv.zst", &good[..good.len() - 4]);
    let mut source = visits(&shop);
    let file = source.files.get_mut("orders").unwrap();
    file.path = shop.path("v-1.csv.zst");
    file.packing = Packing::Zstd;
    assert_eq!(shop.import(&source).await.unwrap_err().code(), "AM0502");
    assert!(shop.ledger.imports().await.unwrap().is_empty());
    shop.write("v-1.csv.zst", &good);
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
}

#[tokio::test]
async fn the_watermark_is_what_the_definition_says() {
    let shop = Shop::new().await;
    shop.write("v-1.csv", "id,customer,day\n1,c1,2018-01-01\n");
    let mut source = visits(&shop);
    for (name, complete) in [
        (
            "a",
            Complete::Until("2018-11-02T00:00:00Z".parse().unwrap()),
        ),
        ("b", Complete::LatestEvent),
        ("c", Complete::FileDate),
    ] {
        source.name = name.to_owned();
        source.complete = complete;
        shop.import(&source).await.unwrap();
    }
    let watermarks = shop.ledger.snapshot().await.unwrap().watermarks().clone();
    assert_eq!(watermarks["a"].to_string(), "2018-11-02T00:00:00Z");
    assert_eq!(watermarks["b"].to_string(), "2018-01-01T02:00:00Z");
    let written = std::fs::metadata(shop.path("v-1.csv"))
        .unwrap()
        .modified()
        .unwrap();
    let written = jiff::Timestamp::try_from(written).unwrap();
    assert_eq!(watermarks["c"].as_microsecond(), written.as_microsecond());
}

#[tokio::test]
async fn a_source_that_says_it_has_reported_further_than_now_is_refused() {
    let shop = Shop::new().await;
    shop.write("v-1.csv", "id,customer,day\n1,c1,2018-01-01\n");
    let mut source = visits(&shop);
    source.complete = Complete::Until("2062-04-01T00:00:00Z".parse().unwrap());
    assert_eq!(shop.import(&source).await.unwrap_err().code(), "AM0560");
    assert!(shop.ledger.imports().await.unwrap().is_empty());
    source.complete = Complete::Until(now());
    assert_eq!(shop.sums(&source).await, (1, 1, 0, 0));
}
