//! How many events a slice of time should have, and with it the sort order: `cargo run --release --example layout`.
//!
//! Inside a slice events are sorted by whom they happened to. One slice for everything is therefore a sort by customer alone, and
//! the smallest slices come near to a sort by time alone; what lies between gives something to both. Beside each size stand the
//! size of the files, and what three questions take: one customer, one month, and three columns of everything, as a promise reads.
//! Bytes are those that the process asked the system for; they are shown where the system tells them.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "run by hand at the terminal: it measures time and prints"
)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use amends_ledger::{Filter, ImportEnd, ImportStart, Ledger, Sizes, Snapshot};
use amends_model::IdentifierId;
use amends_model::event::{self, column};
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use jiff::Timestamp;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

const EVENTS: u64 = 2_000_000;
/// Each has a hundred events or so.
const CUSTOMERS: u64 = EVENTS / 100;
const DAY: i64 = 86_400_000_000;
const DAYS: i64 = 730;
/// How often a question is asked.
const ASKED: u64 = 20;
const KIND: &str = "order_placed";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{EVENTS} events of {CUSTOMERS} customers in {DAYS} days");
    println!("| events a slice | on disk | one customer | one month | three columns of all |");
    println!("|---:|---:|---:|---:|---:|");
    for slice in [8_192, 32_768, 131_072, 524_288, usize::MAX >> 8] {
        let folder = amends_testkit::tempfile::tempdir()?;
        let sizes = Sizes {
            slice,
            ..Sizes::default()
        };
        let ledger = Ledger::open_sized(folder.path(), sizes).await?;
        fill(&ledger).await?;
        let snapshot = ledger.snapshot().await?;
        let all = [column::AT, column::ABOUT, column::IDENTIFIER];
        let customer = |number: u64| Filter {
            identifiers: Some(vec![IdentifierId(hash(number * 31 % CUSTOMERS))]),
            ..Filter::default()
        };
        let month = |number: u64| {
            let from = (number as i64 * 37 % (DAYS - 30)) * DAY;
            let moment = |micros| Timestamp::from_microsecond(micros).ok();
            Filter {
                from: moment(from),
                until: moment(from + 30 * DAY),
                ..Filter::default()
            }
        };
        println!(
            "| {} | {} | {} | {} | {} |",
            if slice > EVENTS as usize {
                "all".to_owned()
            } else {
                slice.to_string()
            },
            mebibytes(on_disk(folder.path())?),
            asked(&snapshot, &all, customer)?,
            asked(&snapshot, &all, month)?,
            asked(&snapshot, &all, |_| Filter::default())?,
        );
    }
    Ok(())
}

/// Imports the events, so that they stand in segments as a large import leaves them.
async fn fill(ledger: &Ledger) -> Result<(), Box<dyn Error>> {
    let writer = ledger.writer("a measurement").await?;
    let start = ImportStart {
        source: "shop".into(),
        mapping: "m1".into(),
        file: "orders.csv".into(),
        fingerprint: None,
        started_at: Timestamp::UNIX_EPOCH,
        telling: amends_ledger::Telling::default(),
    };
    let mut import = writer.begin(start).await?;
    let portion = 65_536;
    for first in (0..EVENTS).step_by(portion) {
        let rows = first..(first + portion as u64).min(EVENTS);
        import
            .stage(KIND, batch(&rows.collect::<Vec<_>>())?)
            .await?;
    }
    let end = ImportEnd {
        received: EVENTS,
        ..ImportEnd::default()
    };
    import.commit(end).await?;
    Ok(())
}

/// Orders as an export has them: one customer after the other, each at any time.
fn batch(rows: &[u64]) -> Result<RecordBatch, Box<dyn Error>> {
    let schema = event::schema(&[])?;
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; rows.len()])) as ArrayRef;
    let ids = |of: &dyn Fn(u64) -> u64| -> Result<ArrayRef, Box<dyn Error>> {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| hash(of(*row))).collect();
        Ok(Arc::new(FixedSizeBinaryArray::try_new(
            16,
            bytes.into(),
            None,
        )?))
    };
    let moment = |row: &u64| (xxh3_64(&row.to_le_bytes()) % (DAYS * DAY) as u64) as i64;
    let moments = TimestampMicrosecondArray::from_iter_values(rows.iter().map(moment));
    let moments = moments.with_timezone("UTC");
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(match field.name().as_str() {
            column::ID => ids(&|_| 0)?,
            column::KEY => ids(&|row| row + CUSTOMERS)?,
            column::IDENTIFIER => ids(&|row| row * CUSTOMERS / EVENTS)?,
            column::CONTENT | column::LINE => Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|row| *row as i64),
            )),
            column::SOURCE => texts("shop"),
            column::STREAM => texts("orders"),
            column::KIND => texts(KIND),
            column::MAPPING => texts("m1"),
            column::AT | column::RECEIVED_AT => Arc::new(moments.clone()),
            column::AT_OFFSET => Arc::new(Int32Array::from_value(0, rows.len())),
            column::IMPORT => Arc::new(Int64Array::from_value(0, rows.len())),
            column::ABOUT => Arc::new(StringArray::from_iter_values(
                rows.iter().map(|row| format!("TW-{row}")),
            )),
            _ => new_null_array(field.data_type(), rows.len()),
        });
    }
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn hash(number: u64) -> [u8; 16] {
    xxh3_128(&number.to_le_bytes()).to_be_bytes()
}

/// What a question takes on average: milliseconds, and bytes read.
fn asked(
    snapshot: &Snapshot,
    columns: &[&str],
    filter: impl Fn(u64) -> Filter,
) -> Result<String, Box<dyn Error>> {
    let (begun, before) = (Instant::now(), bytes_read());
    let mut rows = 0;
    for number in 0..ASKED {
        for batch in snapshot.scan(KIND, columns, &filter(number))? {
            rows += batch?.num_rows();
        }
    }
    let took = begun.elapsed().as_secs_f64() * 1_000.0 / ASKED as f64;
    let read = bytes_read()
        .zip(before)
        .map(|(now, before)| (now - before) / ASKED);
    let read = read.map_or("unknown".to_owned(), mebibytes);
    Ok(format!(
        "{took:.1} ms, {read}, {} rows",
        rows as u64 / ASKED
    ))
}

fn bytes_read() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/self/io").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("rchar: "))?;
    line.trim().parse().ok()
}

fn on_disk(folder: &Path) -> Result<u64, Box<dyn Error>> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.path().is_dir() {
            on_disk(&entry.path())?
        } else {
            entry.metadata()?.len()
        };
    }
    Ok(bytes)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.2} MiB", bytes as f64 / f64::from(1 << 20))
}
