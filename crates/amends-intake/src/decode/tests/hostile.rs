//! Whatever stands in a file: no panic, and each row is read or told apart.

use amends_testkit::proptest::prelude::*;

use super::*;
use crate::decode::raw_rows;

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\"",
            "\"\"",
            "\n",
            "\r\n",
            "\r",
            ",",
            ";",
            "a",
            "2018-03-01",
            "\u{feff}",
            "{",
            "}",
            "\":",
            "[",
            "\\u00",
            "é",
            " "
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn files() -> impl Strategy<Value = SourceFile> {
    let encodings = prop::sample::select(vec!["utf-8", "latin1", "utf-16le", "shift_jis"]);
    prop_oneof![
        (encodings, any::<bool>()).prop_map(|(encoding, header)| {
            let mut file = csv();
            file.format = Format::Csv {
                delimiter: b',',
                encoding: encoding.to_owned(),
                header: header.then(|| vec!["a".to_owned(), "b".to_owned()]),
            };
            if header {
                with(file, "b", ColumnType::Date, None)
            } else {
                file
            }
        }),
        Just(with(
            SourceFile {
                format: Format::JsonLines,
                ..csv()
            },
            "a",
            ColumnType::Integer,
            None
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn every_row_is_accounted_for(bytes in pieces(), file in files()) {
        if let Ok(told) = read(&bytes, &file) {
            // Every line that is not blank begins a row, continues one, or is the header.
            let lines: BTreeSet<_> = told.rows.iter().map(|row| row[0].parse::<i64>().unwrap())
                .chain(told.failures.iter().map(|failure| failure.line)).collect();
            prop_assert_eq!(lines.len(), told.received());
            prop_assert!(told.failures.iter().all(|failure| failure.raw.is_some()));
            reads_again(&bytes, &file, &told)?;
        }
    }
}

/// A row taken out of the file by its line reads as it did in the file.
pub(super) fn reads_again(
    bytes: &[u8],
    file: &SourceFile,
    told: &Told,
) -> Result<(), TestCaseError> {
    let on_disk = written(bytes);
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let lines = told
        .rows
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    let raw = reread(on_disk.path(), file, lines);
    prop_assert_eq!(raw.len(), told.rows.len());
    let heading = crate::decode::heading(on_disk.path(), file, &wanted).unwrap();
    let decoded = raw_rows(file, &wanted, &heading, &raw).unwrap();
    if file.format != Format::JsonLines {
        prop_assert_eq!(rows(&decoded.batch), told.rows.clone());
    }
    prop_assert_eq!(decoded.batch.num_rows(), told.rows.len());
    Ok(())
}
