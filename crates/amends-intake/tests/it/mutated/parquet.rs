//! Parquet, whole and damaged: packed in each way, since what is packed hides what stands in it from most mutations.

use std::io::Write;
use std::sync::Arc;

use amends_testkit::hostile::{Dice, mutated};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
    Int64Array, ListArray, RecordBatch, StringArray, StructArray, TimestampMillisecondArray,
    new_null_array,
};
use arrow::datatypes::{DataType, Field, Int32Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::kind::ROWS;

const OF_THRIFT: &[&[u8]] = &[
    b"PAR1",
    b"PARE",
    b"\0",
    b"\x15\x02",
    b"\x19\xfc\xff\xff\xff\xff\x07",
    b"\x19\xfc\xff\x7f",
    b"\x18\xff\xff\xff\xff\x07",
    b"\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x26\x01",
    b"\x1c",
    b"\x2c",
    b"\x5c",
    b"\xff\xff\xff\x7f",
    b"\x15\x00\x15\x00",
];

fn columns() -> Vec<(&'static str, ArrayRef)> {
    let rows = 0..ROWS as i64;
    let text = |of: fn(i64) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.clone().map(of)))
    };
    let amounts = Decimal128Array::from_iter_values(rows.clone().map(|row| i128::from(row) * 750));
    let place = StructArray::from(vec![(
        Arc::new(Field::new("city", DataType::Utf8, true)),
        Arc::new(StringArray::from_iter(
            rows.clone().map(|row| (row % 3 > 0).then_some("Porto")),
        )) as ArrayRef,
    )]);
    let several = rows
        .clone()
        .map(|row| (row % 4 > 0).then(|| vec![Some(row as i32), None]));
    let days = rows.clone().map(|row| 17_532 + row as i32);
    let moments = rows.clone().map(|row| 1_514_800_000_000 + row * 86_400_000);
    vec![
        ("id", text(|row| row.to_string())),
        (
            "customer",
            Arc::new(
                rows.clone()
                    .map(|row| Some(["c1", "c2", "c3"][row as usize % 3]))
                    .collect::<DictionaryArray<Int32Type>>(),
            ),
        ),
        ("day", Arc::new(Date32Array::from_iter_values(days))),
        (
            "at",
            Arc::new(TimestampMillisecondArray::from_iter_values(moments)),
        ),
        (
            "amount",
            Arc::new(amounts.with_precision_and_scale(12, 2).unwrap()),
        ),
        (
            "n",
            Arc::new(Int64Array::from_iter_values(
                rows.clone().map(|row| row * 1000),
            )),
        ),
        (
            "share",
            Arc::new(Float64Array::from_iter_values(
                rows.clone().map(|row| row as f64 / 7.0),
            )),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from_iter(
                rows.clone().map(|row| (row % 3 > 0).then_some(row % 2 > 0)),
            )),
        ),
        ("month", text(|_| "2018-02".to_owned())),
        (
            "note",
            text(|row| ["late", "café", ""][row as usize % 3].to_owned()),
        ),
        ("place", Arc::new(place)),
        (
            "several",
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(several)),
        ),
    ]
}

/// A file as a program writes it, packed and encoded by chance.
pub(super) fn honest(dice: &mut Dice) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns()
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let packing = [
        Compression::UNCOMPRESSED,
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(Default::default()),
        Compression::GZIP(Default::default()),
        Compression::LZ4_RAW,
    ];
    let mut properties = WriterProperties::builder()
        .set_compression(packing[dice.roll(packing.len())])
        .set_dictionary_enabled(dice.once_in(2))
        .set_max_row_group_row_count(Some([4, 100][dice.roll(2)]))
        .set_data_page_row_count_limit([3, 100][dice.roll(2)])
        .set_write_batch_size(3);
    if dice.once_in(2) {
        properties = properties.set_writer_version(WriterVersion::PARQUET_2_0);
    }
    if dice.once_in(3) {
        properties = properties.set_column_encoding("id".into(), Encoding::DELTA_BYTE_ARRAY);
        properties = properties.set_column_encoding("n".into(), Encoding::DELTA_BINARY_PACKED);
    }
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// A file that was damaged. What the footer says of its rows is what is read of it, or it is refused.
pub(super) fn damaged(dice: &mut Dice) -> (Vec<u8>, Option<u64>) {
    let whole = honest(dice);
    let length = whole.len() - 8;
    let of_footer = u32::from_le_bytes(whole[length..length + 4].try_into().unwrap()) as usize;
    let (pages, footer) = whole[..length].split_at(length - of_footer);
    match dice.roll(3) {
        // Anything anywhere.
        0 => (mutated(&whole, OF_THRIFT, dice), None),
        // The footer, with a length that fits it.
        1 => {
            let footer = mutated(footer, OF_THRIFT, dice);
            let length = (footer.len() as u32).to_le_bytes();
            ([pages, &footer, &length, b"PAR1"].concat(), None)
        }
        // The pages, which stay where the footer says.
        _ => {
            let mut damaged = mutated(pages, OF_THRIFT, dice);
            damaged.resize(pages.len(), 0);
            ([&damaged, &whole[pages.len()..]].concat(), Some(ROWS))
        }
    }
}

/// A file of these columns, each cell empty but for those given.
fn file(rows: usize, given: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let mut all: Vec<(&str, ArrayRef)> = columns()
        .into_iter()
        .take(10)
        .map(|(name, column)| (name, new_null_array(column.data_type(), rows)))
        .filter(|(name, _)| given.iter().all(|(other, _)| other != name))
        .collect();
    all.extend(given);
    let all = all.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(all).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The day and the customer that each record needs.
fn record(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let customers = (0..rows).map(|row| Some(["c1", "c2"][row % 2]));
    vec![
        ("day", Arc::new(Date32Array::from_value(17_532, rows))),
        (
            "customer",
            Arc::new(customers.collect::<DictionaryArray<Int32Type>>()),
        ),
    ]
}

/// A footer that announces two thousand million groups of rows.
pub(super) fn row_groups_without_end(to: &mut dyn Write) {
    let whole = honest(&mut Dice::new(1));
    let length = whole.len() - 8;
    let of_footer = u32::from_le_bytes(whole[length..length + 4].try_into().unwrap()) as usize;
    let (pages, footer) = whole[..length].split_at(length - of_footer);
    // The number of rows, 12, and behind it the list of the groups.
    let at = footer
        .windows(3)
        .position(|three| three == [0x16, 0x18, 0x19])
        .unwrap()
        + 3;
    let footer = [
        &footer[..at],
        b"\xfc\xff\xff\xff\xff\x07",
        &footer[at + 1..],
    ]
    .concat();
    let length = (footer.len() as u32).to_le_bytes();
    to.write_all(&[pages, &footer, &length, b"PAR1"].concat())
        .unwrap();
}

/// A page of a few kilobytes that unpacks to 300 MiB.
pub(super) fn one_page(to: &mut dyn Write) {
    let note = "x".repeat(1 << 20);
    let mut given = record(300);
    given.push((
        "note",
        Arc::new(StringArray::from_iter_values((0..300).map(|_| &note))),
    ));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(1 << 30)
        .set_write_batch_size(1000);
    to.write_all(&file(300, given, properties.build())).unwrap();
}

/// A text of a megabyte that stands in the file once and in every row.
pub(super) fn one_text(to: &mut dyn Write) {
    let text = "x".repeat(1 << 20);
    let mut given = record(30);
    given.push((
        "further",
        Arc::new(StringArray::from_iter_values((0..30).map(|_| &text))),
    ));
    let properties = WriterProperties::builder().set_dictionary_page_size_limit(4 << 20);
    to.write_all(&file(30, given, properties.build())).unwrap();
}

/// Two million rows in a few kilobytes.
pub(super) fn rows_of_nothing(to: &mut dyn Write) {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(10_000_000))
        .set_data_page_row_count_limit(10_000_000)
        .set_write_batch_size(10_000_000);
    to.write_all(&file(2_000_000, Vec::new(), properties.build()))
        .unwrap();
}
