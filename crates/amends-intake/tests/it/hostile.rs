//! Whatever stands in a file: no panic, and `received = stored + duplicate + quarantined`.

use amends_project::definition::*;
use amends_testkit::proptest::prelude::*;

use crate::shop::*;

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "1,c1,2018-01-01\n",
            "2,c2,2018-01-02\n",
            "{\"id\":\"1\",\"customer\":\"c1\",\"day\":\"2018-01-01\"}\n",
            "\"",
            "\n",
            "\r",
            ",",
            "{",
            "}",
            "9999-12-31",
            "é",
            " ",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn check(bytes: &[u8], json: bool, keyed: bool) {
    let run = async {
        let shop = Shop::new().await;
        let head: &[u8] = if json { b"" } else { b"id,customer,day\n" };
        let path = shop.write("f", [head, bytes].concat());
        let mut file = csv_file(
            &path,
            &[
                ("day", ColumnType::Date),
                ("id", ColumnType::Text),
                ("customer", ColumnType::Text),
            ],
        );
        if json {
            file.format = Format::JsonLines;
        }
        let mut source = source(file);
        source.key = keyed.then(|| sql("id"));
        source.events = vec![event("visit", "day")];
        let first = shop.sums(&source).await;
        let again = shop.sums(&source).await;
        assert_eq!((again.0, again.1, again.3), (first.0, 0, first.3));
        let raw = shop.vault.raw(1).await.unwrap();
        assert_eq!(raw.len() as u64, first.3 + u64::from(first.3 > 0));
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn rows_add_up(bytes in pieces(), json: bool, keyed: bool) {
        check(&bytes, json, keyed);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_refused_and_not_waited_for() {
    let shop = Shop::new().await;
    let pipe = shop.path("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let folder = shop.path("folder.csv");
    std::fs::create_dir(&folder).unwrap();
    for path in [pipe, folder] {
        let mut source = source(csv_file(&path, &[]));
        source.events = vec![event("visit", "day")];
        let problem = shop.import(&source).await.unwrap_err();
        assert_eq!(problem.code(), "AM0561", "{problem}");
    }
}
