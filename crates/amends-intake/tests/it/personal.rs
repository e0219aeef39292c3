use amends_project::definition::*;

use crate::shop::*;

async fn surveys(shop: &Shop) -> Source {
    let path = shop.write(
        "s.csv",
        "id,customer,email,day,words,score\n1,c1,ada@example.org,2018-01-01,\"Very, very slow\",2\n1,c1,bob@example.org,2018-01-01,,2\n",
    );
    let mut source = source(csv_file(&path, &[("day", ColumnType::Date)]));
    source.personal = ["email".to_owned(), "words".to_owned()].into();
    let mut said = event("said", "day");
    said.identifiers = vec![named_by("email", "email")];
    source.events = vec![said];
    source
}

#[tokio::test]
async fn personal_fields_go_to_the_vault_and_nowhere_else() {
    let shop = Shop::new().await;
    let source = surveys(&shop).await;
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    let said = shop.events("said", &["rest"]).await;
    assert_eq!(said, vec![r#"{"customer":"c1","score":"2"}"#; 2]);
    let keys = shop.events("said", &["key"]).await;
    let keys: Vec<amends_model::RecordKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
    let personal = shop.vault.personal(&keys).await.unwrap();
    let mut fields: Vec<_> = personal.values().cloned().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            r#"{"email":"ada@example.org","words":"Very, very slow"}"#,
            r#"{"email":"bob@example.org"}"#
        ]
    );
    // Rows that differ only in what is personal are two records, not two of one.
    assert_eq!(shop.sums(&source).await, (2, 0, 2, 0));
}

#[tokio::test]
async fn only_identifiers_may_read_what_is_personal() {
    let shop = Shop::new().await;
    for wrong in 0..4 {
        let mut source = surveys(&shop).await;
        let said = &mut source.events[0];
        match wrong {
            0 => said.properties = vec![("words".to_owned(), sql("words"))],
            1 => said.about = Some(sql("email || 'x'")),
            2 => said.when = Some(sql("email is not null")),
            _ => source.key = Some(sql("email")),
        }
        let problem = shop.import(&source).await.unwrap_err();
        assert!(
            problem.detail_text().unwrap().contains("is personal"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn nothing_personal_stands_in_the_ledgers_files() {
    let shop = Shop::new().await;
    let source = surveys(&shop).await;
    shop.write("s.csv", "id,customer,email,day,words,score\n1,c1,ada@example.org,2018-01-01,Unforgettable,2\n2,c2,bob@example.org,Unforgettable,Unforgettable,1\n");
    assert_eq!(shop.sums(&source).await, (2, 1, 0, 1));
    let mut folders = vec![
        shop.project.data.join("ledger"),
        shop.project.data.join("vault"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for text in ["Unforgettable", "ada@", "bob@"] {
                let found = bytes
                    .windows(text.len())
                    .any(|window| window == text.as_bytes());
                assert!(!found, "{text} in {}", path.display());
            }
        }
    }
}

/// A file that is cut off in its middle, so that an import fails after it has read some of it.
fn cut_off(shop: &Shop, name: &str, text: &str) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    shop.write(name, &packed[..packed.len() - 6]);
}

#[tokio::test]
async fn an_import_that_fails_leaves_nobody_and_no_word_in_the_vault() {
    let shop = Shop::new().await;
    let source = surveys(&shop).await;
    shop.write(
        "s.csv",
        "id,customer,email,day,words,score\n1,c1,ada@example.org,2018-01-01,Once,2\n",
    );
    let mut source = Source {
        key: Some(sql("id")),
        ..source
    };
    shop.sums(&source).await;
    let keys = shop.events("said", &["key"]).await;
    let keys: Vec<amends_model::RecordKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
    let minted = shop.vault.minted().await.unwrap();
    let before = shop.vault.personal(&keys).await.unwrap();
    assert!(before[&keys[0]].contains("Once"));

    let mut file = csv_file(&shop.path("s.csv.gz"), &[("day", ColumnType::Date)]);
    file.packing = Packing::Gzip;
    source.files.insert(source.main.clone(), file);
    let others: String = (2..500)
        .map(|n| format!("{n},c{n},u{n}@example.org,2018-01-01,Never,1\n"))
        .collect();
    cut_off(
        &shop,
        "s.csv.gz",
        &format!(
            "id,customer,email,day,words,score\n1,c1,ada@example.org,2018-01-01,Twice,2\n{others}"
        ),
    );
    assert_eq!(shop.import(&source).await.unwrap_err().code(), "AM0502");
    assert_eq!(shop.vault.minted().await.unwrap(), minted);
    assert_eq!(shop.vault.personal(&keys).await.unwrap(), before);
    assert!(shop.vault.under_way().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_crash_left_under_way_is_settled_as_the_ledger_says() {
    let shop = Shop::new().await;
    let source = surveys(&shop).await;
    shop.sums(&source).await;
    let minted = shop.vault.minted().await.unwrap();
    // One marker of an import that the ledger holds, and one of an import that it never came to hold.
    shop.vault.begin(1, false).await.unwrap();
    let lost = shop.vault.begin(77, false).await.unwrap();
    lost.mint("email", &["nobody@example.org"], &[])
        .await
        .unwrap();
    lost.settle().await.unwrap();
    let row = amends_vault::RawRow {
        entry: 1,
        text: "x".into(),
    };
    shop.vault.seal_raw(77, &[row]).await.unwrap();
    shop.sums(&source).await;
    assert!(shop.vault.under_way().await.unwrap().is_empty());
    assert_eq!(shop.vault.minted().await.unwrap(), minted);
    assert!(shop.vault.raw(77).await.unwrap().is_empty());
}

/// Tickets under a subject that is personal, through SQL.
fn tickets(shop: &Shop, select: &str) -> Source {
    let path = shop.write(
        "t.csv",
        "id,customer,email,day,subject,born\n1,c1,ada@example.org,2018-01-01,Unforgettable,1958\n2,c2,bob@example.org,2018-01-01,Unforgettable,1994\n",
    );
    let mut source = source(csv_file(&path, &[("day", ColumnType::Date)]));
    source.personal = ["subject".to_owned(), "born".to_owned()].into();
    source.sql = Some(sql(select));
    let mut said = event("said", "day");
    said.identifiers = vec![named_by("email", "email")];
    said.properties = vec![("s".to_owned(), sql("s"))];
    source.events = vec![said];
    source
}

#[tokio::test]
async fn what_comes_from_a_personal_column_is_personal_under_any_name() {
    let shop = Shop::new().await;
    for select in [
        "select t.*, t.subject as s from orders t",
        "select t.*, upper(t.subject) as s from orders t",
        "select t.*, case when t.subject like 'U%' then 'yes' else 'no' end as s from orders t",
        "select t.*, x.s from orders t join (select id, max(subject) as s from orders group by id) x on x.id = t.id",
        "select t.*, t.email as s from orders t",
        "select t.*, x.mail as s from orders t join (select id, split_part(email, '@', 2) as mail from orders) x on x.id = t.id",
    ] {
        let problem = shop.import(&tickets(&shop, select)).await.unwrap_err();
        let said = problem.detail_text().unwrap();
        assert!(said.contains("`s` comes from `"), "{select}: {said}");
    }
}

#[tokio::test]
async fn a_column_that_comes_from_a_personal_one_and_is_read_by_nothing_goes_to_the_vault() {
    let shop = Shop::new().await;
    let mut source = tickets(
        &shop,
        "select t.*, t.subject as s, t.email as e from orders t",
    );
    source.events[0].properties.clear();
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    let rest = shop.events("said", &["rest"]).await;
    assert_eq!(rest, [r#"{"customer":"c1"}"#, r#"{"customer":"c2"}"#]);
}

#[tokio::test]
async fn a_band_that_is_declared_as_derived_may_be_kept() {
    let shop = Shop::new().await;
    let band =
        "select t.*, case when t.born < '1960' then 'older' else 'younger' end as s from orders t";
    let mut source = tickets(&shop, band);
    let reason = Reason {
        text: "two groups".to_owned(),
        place: amends_project::Place::default(),
    };
    source.derived = [("s".to_owned(), reason)].into();
    assert_eq!(shop.sums(&source).await, (2, 2, 0, 0));
    assert_eq!(shop.events("said", &["s"]).await, ["older", "younger"]);
    // A column that only passes the value on is no band, whatever is declared of it.
    source.sql = Some(sql("select t.*, trim(t.born) as s from orders t"));
    let problem = shop.import(&source).await.unwrap_err();
    assert!(
        problem.detail_text().unwrap().contains("`s` is no band"),
        "{problem}"
    );
}
