use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, ListArray,
    StringArray, StructArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type};

use super::*;

fn parquet_file() -> SourceFile {
    SourceFile {
        format: Format::Parquet,
        ..csv()
    }
}

fn write(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn columns_keep_their_types_and_structs_are_flattened() {
    let place = StructArray::from(vec![(
        Arc::new(Field::new("city", DataType::Utf8, true)),
        text(&[Some("Porto"), None]),
    )]);
    let sellers =
        ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), Some(2)]), None]);
    let told = read(
        &write(vec![
            ("n", Arc::new(Int32Array::from(vec![Some(1), None]))),
            ("where", Arc::new(place)),
            (
                "at",
                Arc::new(TimestampMillisecondArray::from(vec![Some(60_000), None])),
            ),
            (
                "kind",
                Arc::new(DictionaryArray::<Int32Type>::from_iter(["a", "b"])),
            ),
            ("sellers", Arc::new(sellers)),
            ("day", Arc::new(Date32Array::from(vec![1, 2]))),
        ]),
        &parquet_file(),
    )
    .unwrap();
    assert_eq!(
        told.columns,
        ["_line", "n", "where.city", "at", "kind", "sellers", "day"]
    );
    assert_eq!(
        told.rows,
        [
            [
                "1",
                "1",
                "Porto",
                "1970-01-01T00:01:00Z",
                "a",
                "[1, 2]",
                "1970-01-02"
            ],
            ["2", "-", "-", "-", "b", "-", "1970-01-03"],
        ]
    );
}

#[test]
fn declared_types_are_read_and_what_does_not_fit_is_set_aside() {
    let mut file = with(parquet_file(), "price", money("EUR"), None);
    file = with(file, "when", ColumnType::Date, Some("%d.%m.%Y"));
    file = with(file, "count", ColumnType::Integer, None);
    file = with(file, "total", money("EUR"), None);
    let prices = Decimal128Array::from(vec![1950, 5])
        .with_precision_and_scale(10, 2)
        .unwrap();
    let bytes = write(vec![
        ("id", text(&[Some("x"), Some("y")])),
        ("price", Arc::new(prices)),
        ("when", text(&[Some("01.03.2018"), Some("soon")])),
        ("count", Arc::new(Float64Array::from(vec![3.0, 4.0]))),
        ("total", Arc::new(Float64Array::from(vec![199.9, 0.5]))),
    ]);
    let told = read(&bytes, &file).unwrap();
    assert_eq!(told.rows, [["1", "x", "1950", "2018-03-01", "3", "19990"]]);
    assert_eq!(told.faults(), ["2 AM0525 when"]);
    let raw = r#"{"id":"y","price":0.05,"when":"soon","count":4.0,"total":0.5}"#;
    assert_eq!(told.failures[0].raw.as_deref(), Some(raw.as_bytes()));
    let on_disk = written(&bytes);
    let again = reread(on_disk.path(), &file, BTreeSet::from([2]));
    assert_eq!(again, [(2, raw.as_bytes().to_vec())]);
}

#[test]
fn what_is_no_parquet_says_so() {
    let code = |bytes: &[u8], file: &SourceFile| read(bytes, file).unwrap_err().code();
    assert_eq!(code(b"a,b\n1,2\n", &parquet_file()), "AM0507");
    let good = write(vec![("a", text(&[Some("x")]))]);
    assert_eq!(code(&good[..good.len() - 3], &parquet_file()), "AM0507");
    let missing = with(parquet_file(), "b", ColumnType::Date, None);
    assert_eq!(code(&good, &missing), "AM0505");
}

#[test]
fn what_a_program_stores_beside_the_types_of_parquet_is_not_believed() {
    use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
    use ::parquet::file::metadata::KeyValue;
    use ::parquet::file::properties::WriterProperties;

    let stored = KeyValue::new("ARROW:schema".to_owned(), "no schema".to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![stored]));
    let options = ArrowWriterOptions::new()
        .with_properties(properties.build())
        .with_skip_arrow_metadata(true);
    let batch = RecordBatch::try_from_iter([("a", text(&[Some("x")]))]).unwrap();
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    let told = read(&writer.into_inner().unwrap(), &parquet_file()).unwrap();
    assert_eq!(told.rows, [["1", "x"]]);
}

#[test]
fn a_cell_too_large_is_set_aside_with_its_column() {
    let long = "y".repeat((4 << 20) + 1);
    let bytes = write(vec![
        ("a", text(&[Some("1"), Some("2"), Some("3")])),
        ("b", text(&[Some(&long), Some("x"), None])),
        ("n", Arc::new(Int32Array::from(vec![7, 8, 9]))),
        ("day", text(&[None, None, Some(&long)])),
    ]);
    for file in [
        parquet_file(),
        with(parquet_file(), "day", ColumnType::Date, None),
    ] {
        let told = read(&bytes, &file).unwrap();
        assert_eq!(told.rows, [["2", "2", "x", "8", "-"]]);
        let faults = told.failures.iter().map(|fault| {
            let kept = fault.raw.as_ref().map_or(0, Vec::len);
            (fault.line, fault.code, fault.column.as_deref(), kept)
        });
        let kept = 1 << 20;
        assert_eq!(
            faults.collect::<Vec<_>>(),
            [
                (1, "AM0524", Some("b"), kept),
                (3, "AM0524", Some("day"), kept)
            ]
        );
    }
}
