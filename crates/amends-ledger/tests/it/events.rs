//! Plainly invented events for tests.

use std::collections::BTreeSet;
use std::sync::Arc;

use amends_ledger::{
    Filter, ImportEnd, ImportRecord, ImportStart, Ledger, Silence, Sizes, Snapshot, Telling, Writer,
};
use amends_model::event::{self, column};
use amends_model::{EventId, IdentifierId, RecordKey};
use amends_testkit::tempfile::TempDir;
use arrow::array::{
    ArrayRef, AsArray, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Float64Array, Int32Array,
    Int64Array, ListBuilder, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use jiff::Timestamp;

/// The kinds of events in random histories.
pub(crate) const KINDS: [&str; 2] = ["order_placed", "order_delivered"];

/// So small that every path is taken.
pub(crate) const SIZES: Sizes = Sizes {
    buffered_events: 16,
    buffered_bytes: 1 << 20,
    small: 4,
    full_tail: 30,
    slice: 8,
    fan: 2,
    merged_at_once: 60,
    merged_at_most: 200,
};

/// One event, as a test says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    /// Which record; its key is a hash of this.
    pub(crate) record: u64,
    /// What was said.
    pub(crate) content: i64,
    /// The source's version.
    pub(crate) version: Option<i64>,
    /// When, in microseconds.
    pub(crate) at: i64,
    /// Whom it happened to.
    pub(crate) whom: u8,
    /// Whom else it names.
    pub(crate) others: Vec<u8>,
    /// What it is about.
    pub(crate) about: Option<String>,
    /// A property, where the batch has one.
    pub(crate) weight: Option<f64>,
    /// The line of the file.
    pub(crate) line: i64,
    /// Seconds east of UTC in which the time was told.
    pub(crate) offset: i32,
}

/// The identifier that a test calls by a number.
pub(crate) fn identifier(whom: u8) -> IdentifierId {
    IdentifierId(hash(&[whom, 1]))
}

fn hash(bytes: &[u8]) -> [u8; 16] {
    xxhash_rust::xxh3::xxh3_128(bytes).to_be_bytes()
}

fn key(kind: &str, record: u64) -> [u8; 16] {
    hash(&[kind.as_bytes(), &record.to_le_bytes()].concat())
}

fn ids(ids: impl Iterator<Item = [u8; 16]>) -> ArrayRef {
    let bytes: Vec<u8> = ids.flatten().collect();
    Arc::new(FixedSizeBinaryArray::try_new(16, bytes.into(), None).unwrap())
}

/// A batch of events of one kind. `weight` becomes a property of the given type, where one is given.
pub(crate) fn batch(kind: &str, said: &[Said], weight: Option<DataType>) -> RecordBatch {
    let moment = |at: &Said| at.at;
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; said.len()])) as ArrayRef;
    let moments =
        TimestampMicrosecondArray::from_iter_values(said.iter().map(moment)).with_timezone("UTC");
    let item = Field::new_list_field(event::id_type(), false);
    let mut others = ListBuilder::new(FixedSizeBinaryBuilder::new(16)).with_field(item);
    for said in said {
        for other in &said.others {
            others.values().append_value(identifier(*other).0).unwrap();
        }
        others.append(!said.others.is_empty());
    }
    let properties: Vec<_> = weight
        .iter()
        .map(|of| ("weight".to_owned(), of.clone()))
        .collect();
    let schema = event::schema(&properties).unwrap();
    let mut others = Some(Arc::new(others.finish()) as ArrayRef);
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            column::ID => ids(said.iter().map(|_| [0; 16])),
            column::KEY => ids(said.iter().map(|said| key(kind, said.record))),
            column::CONTENT => {
                Arc::new(Int64Array::from_iter_values(said.iter().map(|s| s.content)))
            }
            column::VERSION => Arc::new(Int64Array::from_iter(said.iter().map(|s| s.version))),
            column::SOURCE => texts("shop"),
            column::STREAM => texts("orders"),
            column::KIND => texts(kind),
            column::MAPPING => texts("m1"),
            column::AT | column::RECEIVED_AT => Arc::new(moments.clone()),
            column::AT_OFFSET => {
                Arc::new(Int32Array::from_iter_values(said.iter().map(|s| s.offset)))
            }
            column::IDENTIFIER => ids(said.iter().map(|said| identifier(said.whom).0)),
            column::OTHERS => others.take().unwrap(),
            column::ABOUT => Arc::new(StringArray::from_iter(said.iter().map(|s| s.about.clone()))),
            column::IMPORT => Arc::new(Int64Array::from_value(0, said.len())),
            column::LINE => Arc::new(Int64Array::from_iter_values(said.iter().map(|s| s.line))),
            "weight" => {
                let weights = Float64Array::from_iter(said.iter().map(|said| said.weight));
                arrow::compute::cast(&weights, field.data_type()).unwrap()
            }
            _ => arrow::array::new_null_array(field.data_type(), said.len()),
        });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// That a record gives no event of a kind, after so many that come in with it.
pub(crate) fn silence(kind: &str, said: &Said, after: u32) -> Silence {
    Silence {
        key: RecordKey(key(kind, said.record)),
        version: said.version,
        line: Some(said.line),
        after,
    }
}

/// What a test knows about a file.
pub(crate) fn start(file: &str) -> ImportStart {
    ImportStart {
        source: "shop".into(),
        mapping: "m1".into(),
        file: file.into(),
        fingerprint: None,
        started_at: Timestamp::UNIX_EPOCH,
        telling: correcting(),
    }
}

/// Whatever differs corrects what was said before, so that the newest version of a record stands for it.
pub(crate) fn correcting() -> Telling {
    let corrections = KINDS.map(|kind| (kind.to_owned(), BTreeSet::from(["weight".to_owned()])));
    Telling {
        corrections: corrections.into(),
        ..Telling::default()
    }
}

/// Imports events of one kind, every one on its own line unless they say otherwise.
pub(crate) async fn import(writer: &Writer, kind: &str, said: &[Said]) -> ImportRecord {
    let mut import = writer.begin(start("orders.csv")).await.unwrap();
    import.stage(kind, batch(kind, said, None)).await.unwrap();
    let mut lines: Vec<_> = said.iter().map(|said| said.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let end = ImportEnd {
        received: lines.len() as u64,
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap()
}

/// A ledger in a folder of its own, with its writer.
pub(crate) async fn ledger() -> (TempDir, Ledger, Writer) {
    ledger_sized(Sizes::default()).await
}

/// The same, at other sizes.
pub(crate) async fn ledger_sized(sizes: Sizes) -> (TempDir, Ledger, Writer) {
    let folder = amends_testkit::tempfile::tempdir().unwrap();
    let ledger = Ledger::open_sized(folder.path(), sizes).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    (folder, ledger, writer)
}

/// The current events of a kind: id and content, sorted.
pub(crate) fn current(snapshot: &Snapshot, kind: &str) -> Vec<(EventId, i64)> {
    contents(snapshot, kind, &Filter::default())
}

/// The events of a kind that a filter lets through: id and content, sorted.
pub(crate) fn contents(snapshot: &Snapshot, kind: &str, filter: &Filter) -> Vec<(EventId, i64)> {
    let columns = [column::ID, column::CONTENT];
    let mut events = Vec::new();
    for batch in snapshot.scan(kind, &columns, filter).unwrap() {
        let batch = batch.unwrap();
        let ids = batch.column(0).as_fixed_size_binary();
        let contents = batch.column(1).as_primitive::<Int64Type>();
        events.extend((0..batch.num_rows()).map(|row| {
            let id = EventId::from_slice(ids.value(row)).unwrap();
            (id, contents.value(row))
        }));
    }
    events.sort();
    events
}

/// Only the contents of the current events of a kind, sorted.
pub(crate) fn said(snapshot: &Snapshot, kind: &str) -> Vec<i64> {
    let mut said: Vec<i64> = current(snapshot, kind)
        .into_iter()
        .map(|(_, said)| said)
        .collect();
    said.sort_unstable();
    said
}

/// A schema of one column, for events that do not fit.
pub(crate) fn misfit() -> RecordBatch {
    let schema = Schema::new(vec![Field::new("key", DataType::Utf8, false)]);
    let column = Arc::new(StringArray::from(vec!["x"])) as ArrayRef;
    RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap()
}

/// The next writer, once nothing is written any more of an import that was dropped.
pub(crate) async fn next_writer(ledger: &Ledger) -> Writer {
    loop {
        match ledger.writer("a test, again").await {
            Err(problem) if problem.code() == "AM0402" => tokio::task::yield_now().await,
            writer => return writer.unwrap(),
        }
    }
}
