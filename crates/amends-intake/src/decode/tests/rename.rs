use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use amends_testkit::workbook;
use arrow::array::{ArrayRef, Date32Array, StringArray};

use super::*;
use crate::decode::raw_rows;

/// Newer files say `Since` for `begun`.
fn of_format(format: Format) -> SourceFile {
    let file = SourceFile { format, ..csv() };
    let mut file = with(file, "begun", ColumnType::Date, None);
    file.renamed.insert("Since".into(), "begun".into());
    file
}

fn plain() -> SourceFile {
    of_format(csv().format)
}

/// Names and rows, without lines.
fn told(bytes: &[u8], file: &SourceFile) -> (Vec<String>, Vec<Vec<String>>) {
    let told = read(bytes, file).unwrap();
    assert_eq!(told.failures.len(), 0, "{:?}", told.failures);
    let rows = told.rows.into_iter().map(|row| row[1..].to_vec());
    (told.columns[1..].to_vec(), rows.collect())
}

#[test]
fn a_csv_file_is_read_under_either_name() {
    for heading in ["id,begun", "id,Since"] {
        let text = format!("{heading}\na,2026-03-01\n");
        let (columns, rows) = told(text.as_bytes(), &plain());
        assert_eq!(columns, ["id", "begun"]);
        assert_eq!(rows, [["a", "2026-03-01"]]);
    }
}

#[test]
fn a_column_that_has_its_own_name_keeps_it() {
    let (columns, rows) = told(b"Since,begun\n2026-01-01,2026-03-01\n", &plain());
    assert_eq!(columns, ["Since", "begun"]);
    assert_eq!(rows, [["2026-01-01", "2026-03-01"]]);
}

#[test]
fn lines_of_json_may_say_either_and_the_own_name_counts() {
    let lines = br#"{"id":"a","begun":"2026-03-01"}
{"id":"b","Since":"2026-03-02"}
{"id":"c","Since":"2026-01-01","begun":"2026-03-03"}
{"id":"d","begun":"2026-03-04","Since":"2026-01-01"}
{"id":"e","begun":null,"Since":"2026-03-05"}
"#;
    let (columns, rows) = told(lines, &of_format(Format::JsonLines));
    assert_eq!(columns, ["id", "begun", "_rest"]);
    let begun: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    let days = [
        "2026-03-01",
        "2026-03-02",
        "2026-03-03",
        "2026-03-04",
        "2026-03-05",
    ];
    assert_eq!(begun, days);
}

#[test]
fn parquet_and_workbooks_too() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![0]));
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let batch = RecordBatch::try_from_iter([("id", ids), ("Since", days)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let (columns, rows) = told(&bytes, &of_format(Format::Parquet));
    assert_eq!(
        (columns, rows),
        (
            vec!["id".into(), "begun".into()],
            vec![vec!["a".into(), "1970-01-01".into()]]
        )
    );

    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |number: u8, cells: [&str; 2]| {
        format!("<row r=\"{number}\">{}</row>", cells.map(cell).concat())
    };
    let rows = [row(1, ["id", "Since"]), row(2, ["a", "2026-03-01"])].concat();
    let xlsx = of_format(Format::Xlsx {
        sheet: None,
        header_row: None,
    });
    let (columns, rows) = told(&workbook::workbook(&rows), &xlsx);
    assert_eq!(columns, ["id", "begun"]);
    assert_eq!(rows, [["a", "2026-03-01"]]);
}

#[test]
fn rows_of_the_quarantine_are_read_under_the_heading_of_their_file() {
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let raw = [(7, b"a,2026-03-01".to_vec())];
    let decoded = raw_rows(&plain(), &wanted, b"id,Since\n", &raw).unwrap();
    assert_eq!(rows(&decoded.batch), [["7", "a", "2026-03-01"]]);

    let raw = [(7, br#"{"id":"a","Since":"2026-03-01"}"#.to_vec())];
    let parquet = of_format(Format::Parquet);
    let types = br#"{"id":"text","Since":"date"}"#;
    let decoded = raw_rows(&parquet, &wanted, types, &raw).unwrap();
    let begun = decoded.batch.column_by_name("begun").unwrap();
    assert_eq!(begun.null_count(), 0);
}
