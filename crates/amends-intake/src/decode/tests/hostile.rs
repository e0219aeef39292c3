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

/// How many rows and how many bytes come at once, at most.
fn at_once(bytes: &[u8], file: &SourceFile) -> (usize, usize) {
    let on_disk = written(bytes);
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let mut decoder = open(on_disk.path(), file, &wanted).unwrap().decoder;
    let (mut rows, mut size) = (0, 0);
    while let Some(decoded) = decoder.next().unwrap() {
        rows = rows.max(decoded.batch.num_rows() + decoded.failures.len());
        size = size.max(decoded.batch.get_array_memory_size());
    }
    (rows, size)
}

#[test]
fn few_rows_come_at_once_however_short_they_are() {
    let json = SourceFile {
        format: Format::JsonLines,
        ..csv()
    };
    for (line, file) in [
        ("x\n", csv()),
        ("1,2\n", csv()),
        ("{}\n", json.clone()),
        ("x\n", json),
    ] {
        let text = format!("a,b\n{}", line.repeat(200_000));
        assert_eq!(at_once(text.as_bytes(), &file).0, 1 << 16, "{line}");
    }
}

#[test]
fn few_rows_of_parquet_come_at_once_where_they_are_long() {
    use ::parquet::arrow::ArrowWriter;
    use ::parquet::file::properties::WriterProperties;
    use arrow::array::StringArray;

    let file = SourceFile {
        format: Format::Parquet,
        ..csv()
    };
    let write = |texts: StringArray, properties| {
        let batch = RecordBatch::try_from_iter([("a", std::sync::Arc::new(texts) as _)]).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), properties).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    };
    let long = "x".repeat(1 << 20);
    let often = StringArray::from_iter_values((0..100).map(|_| &long));
    let large = WriterProperties::builder().set_dictionary_page_size_limit(4 << 20);
    let (rows, size) = at_once(&write(often, Some(large.build())), &file);
    assert!(rows <= 16 && size < 40 << 20, "{rows} rows, {size} bytes");
    let each = (0..60).map(|row| row.to_string().repeat(1 << 19));
    let plain = WriterProperties::builder().set_dictionary_enabled(false);
    let each = write(StringArray::from_iter_values(each), Some(plain.build()));
    let (rows, size) = at_once(&each, &file);
    assert!(rows <= 32 && size < 40 << 20, "{rows} rows, {size} bytes");
    let short = StringArray::from_iter_values((0..20_000).map(|row| row.to_string()));
    assert_eq!(at_once(&write(short, None), &file).0, 8192);
}

/// A Parquet file of columns of texts, packed, with values that stand in it as they are.
fn parquet_of(columns: Vec<(String, arrow::array::ArrayRef)>) -> Vec<u8> {
    use ::parquet::arrow::ArrowWriter;
    use ::parquet::basic::{Compression, ZstdLevel};
    use ::parquet::file::properties::WriterProperties;

    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()));
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), properties).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn rows_of_parquet_have_a_limit_as_in_every_format() {
    use arrow::array::StringArray;

    let file = SourceFile {
        format: Format::Parquet,
        ..csv()
    };
    let long = "x".repeat(3 << 20);
    let three = |name: &str| {
        let texts = StringArray::from_iter_values([&long, "short", &long]);
        (name.to_owned(), std::sync::Arc::new(texts) as _)
    };
    let bytes = parquet_of(vec![three("a"), three("b"), three("c")]);
    let told = read(&bytes, &file).unwrap();
    assert_eq!(told.faults(), ["1 AM0524 -", "3 AM0524 -"]);
    assert_eq!(told.rows.len(), 1);
    let fits = parquet_of(vec![three("a"), three("b")]);
    assert_eq!(read(&fits, &file).unwrap().rows.len(), 3);
}

#[test]
fn columns_of_parquet_that_unpack_to_too_much_together_are_refused() {
    use arrow::array::StringArray;

    let file = SourceFile {
        format: Format::Parquet,
        ..csv()
    };
    let page = |number: usize| {
        let texts = StringArray::from_iter_values(["x".repeat(40 << 20)]);
        (number.to_string(), std::sync::Arc::new(texts) as _)
    };
    let bytes = parquet_of((0..4).map(page).collect());
    assert!(bytes.len() < 1 << 20);
    let refused = read(&bytes, &file).err().map(|problem| problem.code());
    assert_eq!(refused, Some("AM0536"));
    let few = parquet_of((0..3).map(page).collect());
    assert_eq!(read(&few, &file).unwrap().failures.len(), 1);
}

/// A Parquet file of some columns of numbers, which says something else of them and of its rows.
fn parquet_saying(
    columns: &[&str],
    rows: i64,
    of: impl Fn(
        ::parquet::file::metadata::ColumnChunkMetaData,
        i64,
    ) -> ::parquet::file::metadata::ColumnChunkMetaDataBuilder,
) -> Vec<u8> {
    use ::parquet::arrow::ArrowWriter;
    use ::parquet::file::metadata::{
        FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter,
    };
    use arrow::array::Int64Array;

    let numbers: arrow::array::ArrayRef =
        std::sync::Arc::new(Int64Array::from_iter_values(0..10_000));
    let named = columns.iter().map(|name| (*name, numbers.clone()));
    let batch = RecordBatch::try_from_iter(named).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let written = writer.into_inner().unwrap();
    let footer = u32::from_le_bytes(*written[..written.len() - 4].last_chunk().unwrap());
    let body = &written[..written.len() - 8 - footer as usize];
    let on_disk = std::fs::File::open(super::written(&written).path()).unwrap();
    let says = ParquetMetaDataReader::new().parse_and_finish(&on_disk);
    let says = says.unwrap();
    let group = says.row_group(0).clone();
    let changed = group.columns().iter().cloned();
    let changed = changed.map(|column| of(column, body.len() as i64).build());
    let changed = changed.collect::<Result<_, _>>().unwrap();
    let group = group.into_builder().set_num_rows(rows);
    let groups = vec![group.set_column_metadata(changed).build().unwrap()];
    let file = says.file_metadata();
    let file = FileMetaData::new(
        file.version(),
        rows,
        None,
        None,
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    );
    let mut bytes = body.to_vec();
    let mut end = Vec::new();
    let says = ParquetMetaData::new(file, groups);
    ParquetMetaDataWriter::new(&mut end, &says)
        .finish()
        .unwrap();
    bytes.extend(end);
    bytes
}

#[test]
fn columns_of_parquet_have_each_their_own_place() {
    let file = SourceFile {
        format: Format::Parquet,
        columns: Default::default(),
        ..csv()
    };
    let columns = ["a", "b", "c"];
    let sound = parquet_saying(&columns, 10_000, |column, _| column.into_builder());
    assert_eq!(read(&sound, &file).unwrap().rows.len(), 10_000);
    // Every column says that it is all of them.
    let overlapping = parquet_saying(&columns, 10_000, |column, length| {
        let all = column.into_builder();
        let all = all.set_dictionary_page_offset(None).set_data_page_offset(4);
        all.set_total_compressed_size(length - 4)
    });
    let refused = read(&overlapping, &file).unwrap_err();
    assert!(format!("{refused:?}").contains("overlap"), "{refused:?}");
}

#[test]
fn a_part_of_parquet_may_be_a_dictionary_without_rows() {
    let file = SourceFile {
        format: Format::Parquet,
        columns: Default::default(),
        ..csv()
    };
    // So Arrow for C++ writes an export of a quiet day: the data begin nowhere.
    let quiet = parquet_saying(&["a"], 0, |column, _| {
        let length = column.data_page_offset() - column.dictionary_page_offset().unwrap();
        let nothing = column.into_builder().set_data_page_offset(0);
        nothing.set_num_values(0).set_total_compressed_size(length)
    });
    assert_eq!(read(&quiet, &file).unwrap().rows.len(), 0);
}

#[test]
fn bytes_that_cannot_be_read_cost_no_more_than_others() {
    // A quarter of a megabyte of halves of letters: each of them would clear a buffer of 64 KiB, 8 GiB in all.
    let file = SourceFile {
        format: Format::Csv {
            delimiter: b',',
            encoding: "utf-16le".to_owned(),
            header: Some(vec!["a".to_owned()]),
        },
        ..csv()
    };
    let halves = [0x00, 0xd8].repeat(1 << 17);
    let told = read(&halves, &file).unwrap();
    assert_eq!(told.faults(), ["1 AM0522 a"]);
}
