//! What the fuzz targets and the tests that replay their corpus do with an input: each function takes any bytes, and panics where something is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_expressions::Planner;
use amends_intake::count;
use amends_project::definition::{ColumnRule, ColumnType, Format, Packing, SourceFile};
use amends_project::{Place, examine};
use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use jiff::tz::TimeZone;

use crate::Target;
use crate::count as by_hand;

/// The targets by their names.
pub const TARGETS: [(&str, Target); 6] = [
    ("csv", csv),
    ("json_lines", json_lines),
    ("parquet", parquet),
    ("xlsx", xlsx),
    ("project", project),
    ("expression", expression),
];

/// A file of these columns.
fn file(
    path: PathBuf,
    format: Format,
    packing: Packing,
    columns: &[(&str, ColumnType, Option<&str>)],
) -> SourceFile {
    let rule = |(name, kind, format): &(&str, ColumnType, Option<&str>)| {
        let rule = ColumnRule {
            kind: *kind,
            format: format.map(str::to_owned),
            place: Place::default(),
        };
        ((*name).to_owned(), rule)
    };
    SourceFile {
        section: "source.fuzzed.file".into(),
        renamed: Default::default(),
        written: path.display().to_string(),
        path,
        place: Place::default(),
        format,
        packing,
        columns: columns.iter().map(rule).collect::<BTreeMap<_, _>>(),
    }
}

/// Decodes a file; how many rows it has, unless it is refused.
fn rows(
    bytes: &[u8],
    folder: &Path,
    format: Format,
    packing: Packing,
    columns: &[(&str, ColumnType, Option<&str>)],
) -> Option<u64> {
    let path = folder.join("input");
    fs::write(&path, bytes).expect("the folder can be written");
    let file = file(path, format, packing, columns);
    let counted = count(&file, &TimeZone::UTC).ok()?;
    Some(counted.readable + counted.aside)
}

/// The first byte says how the file is written: packing, encoding, and whether the definition names the columns.
pub fn csv(bytes: &[u8], folder: &Path) {
    let Some((how, text)) = bytes.split_first() else {
        return;
    };
    let packing =
        [Packing::None, Packing::Gzip, Packing::Zstd, Packing::None][usize::from(how & 3)];
    let encoding = [
        "utf-8",
        "utf-8",
        "latin1",
        "utf-16le",
        "shift_jis",
        "utf-8",
        "utf-8",
        "utf-8",
    ][usize::from(how >> 2 & 7)];
    let delimiter = [b',', b';'][usize::from(how >> 5 & 1)];
    let header = (how >> 6 & 1 == 1).then(|| ["a", "b", "c"].map(str::to_owned).to_vec());
    let columns = match header {
        Some(_) => &COLUMNS[..3],
        None => &[],
    };
    let format = Format::Csv {
        delimiter,
        encoding: encoding.to_owned(),
        header: header.clone(),
    };
    let read = rows(text, folder, format, packing, columns);
    let plain = packing == Packing::None && matches!(encoding, "utf-8" | "latin1");
    if let Some(read) = read.filter(|_| plain) {
        // The reader by hand takes the first record for the header.
        let records = by_hand::csv(text, delimiter)
            .map(|it| it + u64::from(header.is_some() && it + read > 0));
        assert!(
            records.is_none_or(|it| it == read),
            "{records:?} records, {read} rows"
        );
    }
}

/// A column of each type.
const COLUMNS: [(&str, ColumnType, Option<&str>); 8] = [
    ("a", ColumnType::Date, None),
    ("b", ColumnType::Timestamp, Some("%d.%m.%Y %H:%M")),
    ("c", ColumnType::Number, None),
    ("d", ColumnType::Integer, None),
    ("e", ColumnType::Boolean, None),
    ("f", ColumnType::Month, None),
    ("g", ColumnType::Timestamp, None),
    ("h", ColumnType::EpochMillis, None),
];

/// Lines of JSON.
pub fn json_lines(bytes: &[u8], folder: &Path) {
    let read = rows(bytes, folder, Format::JsonLines, Packing::None, &COLUMNS);
    if let Some(read) = read {
        let lines = by_hand::lines(bytes);
        assert!(
            lines.is_none_or(|it| it == read),
            "{lines:?} lines, {read} rows"
        );
    }
}

/// A Parquet file.
pub fn parquet(bytes: &[u8], folder: &Path) {
    rows(bytes, folder, Format::Parquet, Packing::None, &[]);
}

/// A workbook.
pub fn xlsx(bytes: &[u8], folder: &Path) {
    let format = Format::Xlsx {
        sheet: None,
        header_row: None,
    };
    rows(bytes, folder, format, Packing::None, &[]);
}

/// The files of a project, each behind a line `# file: NAME`; what stands before the first such line is `amends.toml`.
pub fn project(bytes: &[u8], folder: &Path) {
    let text = String::from_utf8_lossy(bytes);
    let root = folder.join("project");
    let _none_yet = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).expect("the folder can be written");
    let (mut name, mut content) = ("amends.toml".to_owned(), String::new());
    let write = |name: &str, content: &str| {
        let path = root.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the folder can be written");
        }
        fs::write(path, content).expect("the folder can be written");
    };
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("# file: ").map(str::trim) {
            Some(next) if FILES.contains(&next) => {
                write(&name, &content);
                (name, content) = (next.to_owned(), String::new());
            }
            _ => content.push_str(line),
        }
    }
    write(&name, &content);
    let examined = examine(&root, &|variable| {
        (variable == "EXPORTS").then(|| "exports".to_owned())
    });
    for diagnostic in &examined.diagnostics {
        assert!(!diagnostic.to_string().is_empty());
    }
    assert!(examined.project.is_some() || !examined.diagnostics.is_empty());
}

/// The names that files of a project may have here.
const FILES: [&str; 7] = [
    "amends.toml",
    "customers.toml",
    "journey.toml",
    "sources/orders.toml",
    "sources/tickets.toml",
    "promises/delivery.toml",
    "promises/answer.toml",
];

/// SQL over one row at a time.
pub fn expression(bytes: &[u8], _: &Path) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let batch = batch();
    let schema = batch.schema();
    let planner = Planner::new();
    let Ok(expression) = planner.expression(text, &schema) else {
        let _refused_too = planner.condition(text, &schema);
        return;
    };
    let (values, failed) = expression.evaluate_each(&batch);
    assert_eq!(values.len(), batch.num_rows());
    assert!(failed.iter().all(|(row, _)| *row < batch.num_rows()));
}

fn batch() -> RecordBatch {
    let columns: [(&str, ArrayRef); 6] = [
        (
            "a",
            Arc::new(StringArray::from(vec![
                Some("x"),
                None,
                Some("2018-03-01"),
                Some("é"),
            ])),
        ),
        (
            "n",
            Arc::new(Int64Array::from(vec![
                Some(0),
                None,
                Some(i64::MAX),
                Some(i64::MIN),
            ])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![
                Some(0.5),
                None,
                Some(f64::NAN),
                Some(f64::INFINITY),
            ])),
        ),
        (
            "b",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                None,
                Some(false),
                None,
            ])),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![
                Some(17_000),
                None,
                Some(i32::MAX),
                Some(i32::MIN),
            ])),
        ),
        (
            "t",
            Arc::new(
                TimestampMicrosecondArray::from(vec![
                    Some(0),
                    None,
                    Some(i64::MAX),
                    Some(i64::MIN),
                ])
                .with_timezone("UTC"),
            ),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .expect("columns of one length")
}
