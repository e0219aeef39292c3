//! After any imports, undos, repeated imports and newer mappings the ledger says what it would say had it only seen the imports that remain.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_ledger::{
    Filter, ImportEnd, ImportStart, Ledger, Quarantined, Snapshot, Telling, Writer, state_hash,
};
use amends_model::event::{changes_of, column};
use amends_model::time::from_micros;
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::sample::Index;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use jiff::Timestamp;

use crate::events::{KINDS, SIZES, Said, batch, correcting, silence, start};

/// A file as a source leaves it: rows, some of which cannot be read.
#[derive(Clone, Debug)]
struct File {
    bytes: u32,
    rows: Vec<Said>,
    bad: u8,
    reported: i64,
}

/// One import of a file, as one of some mappings reads it.
#[derive(Clone, Debug)]
struct Read {
    file: File,
    mapping: u8,
}

#[derive(Clone, Debug)]
enum Step {
    Import(Read),
    /// Imports a file again that was imported before, as a mapping reads it.
    Again(Index, u8),
    /// Undoes some imports, if they are not undone.
    Undo(Vec<Index>),
    Seal,
    Compact,
    Reopen,
}

fn a_row() -> impl Strategy<Value = Said> {
    let version = prop::option::weighted(0.3, 0..3_i64);
    (0..12_u64, 0..3_i64, version, 0..2_i32).prop_map(|(record, content, version, offset)| Said {
        record,
        content,
        version,
        offset: offset * 3_600,
        ..Said::default()
    })
}

fn a_file() -> impl Strategy<Value = File> {
    let rows = prop::collection::vec(a_row(), 0..24);
    (any::<u32>(), rows, 0..3_u8, 0..9_i64).prop_map(|(bytes, rows, bad, reported)| File {
        bytes,
        rows,
        bad,
        reported,
    })
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (a_file(), 0..2_u8).prop_map(|(file, mapping)| Step::Import(Read { file, mapping })),
        4 => (any::<Index>(), 0..3_u8).prop_map(|(file, mapping)| Step::Again(file, mapping)),
        4 => prop::collection::vec(any::<Index>(), 1..3).prop_map(Step::Undo),
        1 => Just(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

/// What a record says of a kind: an event, or that it gives none.
type Word = (&'static str, Said, bool);

/// What a mapping makes of each row, of both kinds. The second mapping builds keys in another way and gives one kind only; the third says other
/// things, and no longer gives the other kind.
fn words(read: &Read) -> Vec<[Word; 2]> {
    let rows = read.file.rows.iter().zip(0..);
    let words = rows.map(|(row, line)| {
        let row = Said {
            line,
            ..row.clone()
        };
        let delivered = row.content != 1;
        match read.mapping {
            0 => [
                (KINDS[0], row.clone(), true),
                (KINDS[1], row.clone(), delivered),
            ],
            1 => {
                let record = row.record / 2 + 100;
                let row = Said { record, ..row };
                [(KINDS[0], row.clone(), false), (KINDS[1], row, true)]
            }
            _ => {
                let content = row.content + 1;
                let said = Said {
                    content,
                    ..row.clone()
                };
                [(KINDS[0], said, true), (KINDS[1], row, false)]
            }
        }
    });
    // What is said follows from record and content alone, as a hash of it would have it.
    let whole = |(kind, said, gives): Word| {
        let said = Said {
            at: (said.record as i64 + said.content / 2) * 1_000_000,
            weight: (said.content != 2).then_some((said.content % 2) as f64),
            whom: (said.record % 4) as u8,
            about: Some(format!("order-{}", said.record)),
            ..said
        };
        (kind, said, gives)
    };
    words.map(|words| words.map(whole)).collect()
}

/// The events with the mapping of their import, and with the moment at which it began.
fn told_by(read: &Read, batch: &RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    let rows = batch.num_rows();
    let columns = columns.map(|(field, column)| match field.name().as_str() {
        column::MAPPING => {
            Arc::new(StringArray::from(vec![format!("m{}", read.mapping); rows])) as ArrayRef
        }
        column::RECEIVED_AT => {
            let moments = TimestampMicrosecondArray::from(vec![read.file.reported; rows]);
            Arc::new(moments.with_timezone("UTC"))
        }
        _ => column.clone(),
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

/// One mapping corrects, another dates its changes, others tell only that something changed.
fn telling(mapping: u8) -> Telling {
    match mapping {
        0 => correcting(),
        1 => Telling {
            dated: true,
            ..Telling::default()
        },
        _ => Telling {
            whole: true,
            ..Telling::default()
        },
    }
}

async fn import(writer: &Writer, read: &Read) -> i64 {
    let start = ImportStart {
        mapping: format!("m{}", read.mapping),
        fingerprint: Some(read.file.bytes.to_string()),
        started_at: from_micros(read.file.reported).unwrap(),
        telling: telling(read.mapping),
        ..start("orders.csv")
    };
    let mut import = writer.begin(start).await.unwrap();
    let number = import.number();
    let all = words(read);
    for part in all.chunks(7) {
        for kind in KINDS {
            let (mut events, mut silent) = (Vec::new(), Vec::new());
            for (_, said, gives) in part.iter().flatten().filter(|(of, ..)| *of == kind) {
                match gives {
                    true => events.push(said.clone()),
                    false => silent.push(silence(kind, said, events.len() as u32)),
                }
            }
            let batch = told_by(read, &batch(kind, &events, Some(DataType::Float64)));
            import.stage_all(kind, batch, &silent).await.unwrap();
        }
    }
    let bad = (1..=i64::from(read.file.bad)).map(|entry| Quarantined {
        entry,
        file: "orders.csv".into(),
        line: 1_000 + entry,
        column: None,
        code: "AM0520".into(),
        reason: "it is bad".into(),
        ..Quarantined::default()
    });
    let end = ImportEnd {
        received: read.file.rows.len() as u64 + u64::from(read.file.bad),
        quarantined: bad.collect(),
        watermark: Some(from_micros(read.file.reported).unwrap()),
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
    number
}

/// What was imported, and which of it remains.
#[derive(Default)]
struct Story(Vec<(i64, Read, bool)>);

impl Story {
    fn remaining(&self) -> Vec<&(i64, Read, bool)> {
        let replaces = |older: &Read, newer: &(i64, Read, bool)| {
            !newer.2 && newer.1.file.bytes == older.file.bytes && newer.1.mapping != older.mapping
        };
        let remains = |place: &usize| {
            let (_, read, undone) = &self.0[*place];
            !undone
                && !self.0[place + 1..]
                    .iter()
                    .any(|newer| replaces(read, newer))
        };
        let places = (0..self.0.len()).filter(remains);
        places.map(|place| &self.0[place]).collect()
    }
}

/// Everything that an event says, and how we came by it.
type Event = (
    Vec<u8>,
    i64,
    Option<i64>,
    i32,
    usize,
    Option<i64>,
    String,
    i64,
);

/// All current events of a kind. Imports are told by their place among those that remain.
fn all(snapshot: &Snapshot, kind: &str, places: &BTreeMap<i64, usize>) -> Vec<Event> {
    let columns = [
        column::ID,
        column::CONTENT,
        column::VERSION,
        column::AT_OFFSET,
        column::IMPORT,
        column::LINE,
        column::MAPPING,
        column::RECEIVED_AT,
    ];
    let mut events = Vec::new();
    for batch in snapshot.scan(kind, &columns, &Filter::default()).unwrap() {
        let batch = batch.unwrap();
        let number = |column: usize, row: usize| {
            let column = batch.column(column).as_primitive::<Int64Type>();
            column.is_valid(row).then(|| column.value(row))
        };
        let moments = arrow::compute::cast(batch.column(7), &DataType::Int64);
        let moments = moments.unwrap();
        for row in 0..batch.num_rows() {
            events.push((
                batch.column(0).as_fixed_size_binary().value(row).to_vec(),
                number(1, row).unwrap(),
                number(2, row),
                batch.column(3).as_primitive::<Int32Type>().value(row),
                places[&number(4, row).unwrap()],
                number(5, row),
                batch.column(6).as_string::<i32>().value(row).to_owned(),
                moments.as_primitive::<Int64Type>().value(row),
            ));
        }
    }
    events.sort();
    events
}

type Counts = (u64, u64, u64, u64, u64);

async fn counts(ledger: &Ledger) -> Vec<Counts> {
    let imports = ledger.imports().await.unwrap();
    let standing = imports.iter().filter(|import| import.stands());
    standing
        .map(|of| {
            assert_eq!(of.received, of.stored + of.duplicate + of.quarantined);
            (
                of.received,
                of.stored,
                of.duplicate,
                of.quarantined,
                of.events,
            )
        })
        .collect()
}

/// Compares a ledger with one that saw only what remains.
async fn compare(ledger: &Ledger, story: &Story) {
    let folder = amends_testkit::tempfile::tempdir().unwrap();
    let fresh = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
    let writer = fresh.writer("a test").await.unwrap();
    let (mut here, mut there) = (BTreeMap::new(), BTreeMap::new());
    for (place, (number, read, _)) in story.remaining().into_iter().enumerate() {
        here.insert(*number, place);
        there.insert(import(&writer, read).await, place);
    }
    let (one, other) = (
        ledger.snapshot().await.unwrap(),
        fresh.snapshot().await.unwrap(),
    );
    let changes = KINDS.map(changes_of);
    for kind in KINDS.into_iter().chain(changes.iter().map(String::as_str)) {
        assert_eq!(all(&one, kind, &here), all(&other, kind, &there), "{kind}");
        for segment in one.segments(kind) {
            // Who tells events apart by their ids sees what he sees who tells them apart by their rows.
            assert_eq!(segment.superseded.len(), segment.superseded_rows.len());
        }
    }
    let hash = |snapshot| state_hash(snapshot, &|id| id.0).unwrap();
    assert_eq!(hash(&one), hash(&other));
    assert_eq!(counts(ledger).await, counts(&fresh).await);
    assert_eq!(one.watermarks(), other.watermarks());
    let quarantine = |rows: Vec<(i64, Quarantined)>, places: &BTreeMap<i64, usize>| {
        let rows = rows.into_iter();
        rows.map(|(import, row)| (places[&import], row))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        quarantine(ledger.quarantine(None).await.unwrap(), &here),
        quarantine(fresh.quarantine(None).await.unwrap(), &there)
    );
    assert!(ledger.verify().await.unwrap().is_empty());
}

async fn run(steps: Vec<Step>) {
    let folder = amends_testkit::tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
    let mut writer = ledger.writer("a test").await.unwrap();
    let mut story = Story::default();
    for step in steps {
        match step {
            Step::Import(read) => {
                let number = import(&writer, &read).await;
                story.0.push((number, read, false));
            }
            Step::Again(_, _) if story.0.is_empty() => {}
            Step::Again(which, mapping) => {
                let file = story.0[which.index(story.0.len())].1.file.clone();
                let read = Read { file, mapping };
                let number = import(&writer, &read).await;
                story.0.push((number, read, false));
            }
            Step::Undo(_) if story.0.is_empty() => {}
            Step::Undo(which) => {
                let places = which.iter().map(|which| which.index(story.0.len()));
                let mut places: Vec<usize> = places.filter(|place| !story.0[*place].2).collect();
                places.sort_unstable();
                places.dedup();
                let imports: Vec<i64> = places.iter().map(|place| story.0[*place].0).collect();
                writer.undo(&imports, Timestamp::UNIX_EPOCH).await.unwrap();
                places.into_iter().for_each(|place| story.0[place].2 = true);
            }
            Step::Seal => drop(writer.seal(true).await.unwrap()),
            Step::Compact => drop(writer.compact().await.unwrap()),
            Step::Reopen => {
                drop((writer, ledger));
                ledger = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
                writer = ledger.writer("a test, again").await.unwrap();
            }
        }
    }
    compare(&ledger, &story).await;
    writer.seal(true).await.unwrap();
    writer.compact().await.unwrap();
    compare(&ledger, &story).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_remains_is_what_a_fresh_import_of_it_gives(steps in prop::collection::vec(a_step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(run(steps));
    }
}
