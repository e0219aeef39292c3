//! Changed is not corrected (rule 2): an event keeps what its record said first, and what differs later is an event of its own.

use std::collections::BTreeMap;

use amends_ledger::{
    Filter, ImportEnd, ImportStart, Ledger, Point, Snapshot, Telling, Writer, state_hash,
};
use amends_model::event::{changes_of, column};
use amends_model::time::from_micros;
use amends_testkit::proptest::prelude::*;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::events::{SIZES, Said, batch, ledger_sized, silence, start};

pub(crate) const KIND: &str = "order_placed";
pub(crate) const DAY: i64 = 86_400_000_000;

pub(crate) fn said(record: u64, weight: f64) -> Said {
    Said {
        record,
        // What is said follows from the weight alone.
        content: weight as i64,
        about: Some(format!("order-{record}")),
        weight: Some(weight),
        line: record as i64,
        ..Said::default()
    }
}

/// Imports what a source says on a day; who says nothing gives no event.
async fn on_day(writer: &Writer, day: i64, telling: &Telling, said: &[Said], silent: &[Said]) {
    let start = ImportStart {
        started_at: from_micros(day * DAY).unwrap(),
        telling: telling.clone(),
        ..start("orders.csv")
    };
    let mut import = writer.begin(start).await.unwrap();
    let silent: Vec<_> = silent
        .iter()
        .map(|said_nothing| silence(KIND, said_nothing, said.len() as u32))
        .collect();
    import
        .stage_all(KIND, batch(KIND, said, Some(DataType::Float64)), &silent)
        .await
        .unwrap();
    // A record that gives no event of this kind gives one of another.
    let others: Vec<Said> = silent
        .iter()
        .map(|silence| Said {
            line: silence.line.unwrap_or_default(),
            record: 1_000 + silence.line.unwrap_or_default() as u64,
            content: day,
            ..Said::default()
        })
        .collect();
    import
        .stage("order_seen", batch("order_seen", &others, None))
        .await
        .unwrap();
    let mut lines: Vec<i64> = said.iter().chain(&others).map(|said| said.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let end = ImportEnd {
        received: lines.len() as u64,
        watermark: Some(from_micros(day * DAY - 1).unwrap()),
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
}

/// The events that a filter lets through, by id: everything that they say, in words.
fn told(snapshot: &Snapshot, kind: &str, filter: &Filter) -> BTreeMap<Vec<u8>, String> {
    let Some(schema) = snapshot.kinds().get(kind) else {
        return BTreeMap::new();
    };
    let names = schema.fields().iter();
    let names: Vec<&str> = names.map(|field| field.name().as_str()).collect();
    let mut all = BTreeMap::new();
    for batch in snapshot.scan(kind, &names, filter).unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let ids = batch.column_by_name(column::ID).unwrap();
            let id = ids.as_fixed_size_binary().value(row).to_vec();
            let before = all.insert(id, in_words(&batch, row));
            assert!(before.is_none(), "an id stands twice");
        }
    }
    all
}

fn in_words(batch: &RecordBatch, row: usize) -> String {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(batch.columns());
    let fields = fields.filter(|(_, column)| column.is_valid(row));
    let words = fields.map(|(field, column)| {
        let name = field.name();
        if let Some(moments) = column.as_primitive_opt::<TimestampMicrosecondType>() {
            return format!("{name}={}", from_micros(moments.value(row)).unwrap());
        }
        let formatter = ArrayFormatter::try_new(column, &options).unwrap();
        format!("{name}={}", formatter.value(row))
    });
    words.collect::<Vec<_>>().join(" ")
}

fn everything(snapshot: &Snapshot, kind: &str) -> BTreeMap<Vec<u8>, String> {
    told(snapshot, kind, &Filter::default())
}

/// The weights of the events of a kind, in order of time.
pub(crate) fn weights(snapshot: &Snapshot, kind: &str) -> Vec<Option<f64>> {
    let mut all = Vec::new();
    let columns = [column::AT, "weight"];
    for batch in snapshot.scan(kind, &columns, &Filter::default()).unwrap() {
        let batch = batch.unwrap();
        let at = batch.column(0).as_primitive::<TimestampMicrosecondType>();
        let weights = batch.column(1).as_primitive::<Float64Type>();
        all.extend((0..batch.num_rows()).map(|row| {
            (
                at.value(row),
                weights.is_valid(row).then(|| weights.value(row)),
            )
        }));
    }
    all.sort_by(|one, other| one.partial_cmp(other).unwrap());
    all.into_iter().map(|(_, weight)| weight).collect()
}

#[tokio::test]
async fn what_differs_is_an_event_of_its_own_between_two_imports() {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let changes = changes_of(KIND);
    let plain = Telling::default();
    on_day(&writer, 1, &plain, &[said(1, 3.0), said(2, 3.0)], &[]).await;
    let first = ledger.snapshot().await.unwrap();
    on_day(&writer, 2, &plain, &[said(1, 3.0), said(2, 3.0)], &[]).await;
    on_day(&writer, 4, &plain, &[said(1, 5.0), said(2, 3.0)], &[]).await;
    for tidy in 0..3 {
        match tidy {
            0 => {}
            1 => _ = writer.seal(true).await.unwrap(),
            _ => _ = writer.compact().await.unwrap(),
        }
        let snapshot = ledger.snapshot().await.unwrap();
        assert_eq!(everything(&snapshot, KIND), everything(&first, KIND));
        let told = everything(&snapshot, &changes);
        assert_eq!(told.len(), 1);
        let (id, words) = told.first_key_value().unwrap();
        for word in [
            "kind=order_placed.changed",
            "about=order-1",
            "changed=[weight]",
            "was={\"weight\":3.0}",
            "became={\"weight\":5.0}",
            "weight=5.0",
            "at_note=between",
            // It was said first on the first day, and the source need not hold all records every day.
            "not_before=1970-01-01T23:59:59.999999Z",
            " at=1970-01-04T23:59:59.999999Z",
            "import=3",
        ] {
            assert!(words.contains(word), "{word:?} is not in {words}");
        }
        let id = amends_model::EventId::from_slice(id).unwrap();
        assert_eq!(snapshot.events(&[id]).unwrap().len(), 1);
    }
    // In an export that holds everything the record still had the old value the time before.
    let whole = Telling {
        whole: true,
        ..Telling::default()
    };
    on_day(&writer, 6, &whole, &[said(1, 5.0), said(2, 4.0)], &[]).await;
    let told = everything(&ledger.snapshot().await.unwrap(), &changes);
    let words = told
        .values()
        .find(|words| words.contains("order-2"))
        .unwrap();
    assert!(words.contains("not_before=1970-01-04T23:59:59.999999Z"));
    // Where the source dates its versions, a change has its moment.
    let dated = Telling {
        dated: true,
        ..Telling::default()
    };
    let third = Said {
        version: Some(7 * DAY + 5),
        ..said(2, 9.0)
    };
    on_day(&writer, 9, &dated, &[third], &[]).await;
    let told = everything(&ledger.snapshot().await.unwrap(), &changes);
    let words = told
        .values()
        .find(|words| words.contains("weight=9.0"))
        .unwrap();
    assert!(words.contains(" at=1970-01-08T00:00:00.000005Z"));
    assert!(!words.contains("at_note") && !words.contains("not_before"));
}

#[tokio::test]
async fn an_undo_takes_a_change_back() {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let plain = Telling::default();
    for (day, weight) in [(1, 3.0), (2, 5.0), (3, 7.0)] {
        on_day(&writer, day, &plain, &[said(1, weight)], &[]).await;
    }
    let of = |snapshot: &Snapshot| {
        (
            weights(snapshot, KIND),
            weights(snapshot, &changes_of(KIND)),
        )
    };
    let all = ledger.snapshot().await.unwrap();
    assert_eq!(of(&all), (vec![Some(3.0)], vec![Some(5.0), Some(7.0)]));
    writer.undo(&[2], from_micros(0).unwrap()).await.unwrap();
    let without = ledger.snapshot().await.unwrap();
    assert_eq!(of(&without), (vec![Some(3.0)], vec![Some(7.0)]));
    writer.undo(&[1], from_micros(0).unwrap()).await.unwrap();
    let last = ledger.snapshot().await.unwrap();
    assert_eq!(of(&last), (vec![Some(7.0)], vec![]));
}

#[tokio::test]
async fn what_was_taken_back_begins_anew() {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let plain = Telling::default();
    on_day(&writer, 1, &plain, &[said(1, 3.0)], &[]).await;
    on_day(&writer, 2, &plain, &[said(1, 5.0)], &[]).await;
    let of = |snapshot: &Snapshot| {
        (
            weights(snapshot, KIND),
            weights(snapshot, &changes_of(KIND)),
        )
    };
    on_day(&writer, 3, &plain, &[], &[said(1, 0.0)]).await;
    assert_eq!(of(&ledger.snapshot().await.unwrap()), (vec![], vec![]));
    on_day(&writer, 4, &plain, &[said(1, 6.0)], &[]).await;
    on_day(&writer, 5, &plain, &[said(1, 8.0)], &[]).await;
    let again = ledger.snapshot().await.unwrap();
    assert_eq!(of(&again), (vec![Some(6.0)], vec![Some(8.0)]));
}

/// One version of a record: its number, when it happened, weight, and whether it gives no event.
type Version = (u64, i64, u8, Option<u8>, bool);

fn a_version() -> impl Strategy<Value = Version> {
    let weight = prop::option::weighted(0.8, 0..3_u8);
    (
        0..5_u64,
        0..6_i64,
        0..2_u8,
        weight,
        prop::bool::weighted(0.15),
    )
}

fn files() -> impl Strategy<Value = Vec<(bool, Vec<Version>)>> {
    let file = (any::<bool>(), prop::collection::vec(a_version(), 1..8));
    prop::collection::vec(file, 2..7)
}

fn as_said((record, version, at, weight, _): &Version, versioned: bool) -> Said {
    Said {
        version: versioned.then_some(*version),
        at: i64::from(*at),
        weight: weight.map(f64::from),
        content: i64::from(*at) * 10 + weight.map_or(9, i64::from),
        ..said(*record, 0.0)
    }
}

/// A file says one thing of a record.
fn once(versions: &[Version]) -> Vec<Version> {
    let by_record: BTreeMap<u64, &Version> = versions.iter().map(|one| (one.0, one)).collect();
    by_record.into_values().copied().collect()
}

async fn import_all(
    writer: &Writer,
    day: i64,
    telling: &Telling,
    file: &[Version],
    versioned: bool,
) {
    let (silent, said): (Vec<&Version>, Vec<&Version>) = file.iter().partition(|one| one.4);
    let said: Vec<Said> = said.iter().map(|one| as_said(one, versioned)).collect();
    let silent: Vec<Said> = silent.iter().map(|one| as_said(one, versioned)).collect();
    on_day(writer, day, telling, &said, &silent).await;
}

/// Whoever follows the ledger by what came in and what went holds what a new reader sees.
async fn follow(files: Vec<(bool, Vec<Version>)>, versioned: bool) {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let kinds = [KIND.to_owned(), changes_of(KIND)];
    let mut earlier: Vec<(Point, [BTreeMap<Vec<u8>, String>; 2])> = Vec::new();
    for (day, (corrects, file)) in (1..).zip(&files) {
        let telling = match corrects {
            true => crate::events::correcting(),
            false => Telling::default(),
        };
        import_all(&writer, day, &telling, &once(file), versioned).await;
        if day % 3 == 0 {
            writer.seal(true).await.unwrap();
            writer.compact().await.unwrap();
        }
        let snapshot = ledger.snapshot().await.unwrap();
        let now = kinds.each_ref().map(|kind| everything(&snapshot, kind));
        for (point, before) in &earlier {
            assert!(snapshot.continues(point));
            for ((kind, before), now) in kinds.iter().zip(before).zip(&now) {
                let mut held = before.clone();
                for gone in snapshot.withdrawn_since(kind, point).unwrap() {
                    held.remove(&gone.id.0[..]);
                }
                let filter = Filter {
                    entered_after: Some(point.clone()),
                    ..Filter::default()
                };
                held.extend(told(&snapshot, kind, &filter));
                let ids = |of: &BTreeMap<Vec<u8>, String>| of.keys().cloned().collect::<Vec<_>>();
                assert_eq!(ids(&held), ids(now), "{kind}");
                assert_eq!(&held, now, "{kind}");
            }
        }
        earlier.push((snapshot.point().unwrap(), now));
    }
}

/// The hash of a ledger that saw files in some order, each at the same moment.
async fn hash(files: &[Vec<Version>], order: &[usize]) -> [u8; 32] {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let dated = Telling {
        dated: true,
        ..Telling::default()
    };
    for place in order {
        import_all(&writer, 50, &dated, &files[*place], true).await;
    }
    hash_of(&ledger).await
}

async fn hash_of(ledger: &Ledger) -> [u8; 32] {
    let snapshot = ledger.snapshot().await.unwrap();
    state_hash(&snapshot, &|id| id.0).unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_came_and_went_is_told_exactly(files in files(), versioned in any::<bool>()) {
        run(follow(files, versioned));
    }

    #[test]
    fn with_versions_the_order_of_import_does_not_matter(files in files(), order in any::<u64>()) {
        // A version says one thing of a record.
        let mut known: BTreeMap<(u64, i64), Version> = BTreeMap::new();
        let files: Vec<Vec<Version>> = files
            .into_iter()
            .map(|(_, file)| once(&file).into_iter().map(|one| *known.entry((one.0, one.1)).or_insert(one)).collect())
            .collect();
        let straight: Vec<usize> = (0..files.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|place| order.rotate_left(*place as u32 * 9));
        let (one, other) = run(async { (hash(&files, &straight).await, hash(&files, &shuffled).await) });
        prop_assert_eq!(one, other);
    }
}

#[tokio::test]
async fn numbers_of_imports_are_those_that_told_last() {
    let (_folder, ledger, writer) = ledger_sized(SIZES).await;
    let plain = Telling::default();
    on_day(&writer, 1, &plain, &[said(1, 3.0)], &[]).await;
    let moved = Said {
        at: 7,
        ..said(1, 5.0)
    };
    on_day(&writer, 2, &plain, &[moved], &[]).await;
    let snapshot = ledger.snapshot().await.unwrap();
    let mut imports = Vec::new();
    let columns = [column::IMPORT, column::AT, "weight"];
    for batch in snapshot.scan(KIND, &columns, &Filter::default()).unwrap() {
        let batch = batch.unwrap();
        imports.extend(
            batch
                .column(0)
                .as_primitive::<Int64Type>()
                .values()
                .to_vec(),
        );
    }
    // It happened at another time than was said first, with the weight that was said first.
    assert_eq!(
        (imports, weights(&snapshot, KIND)),
        (vec![2], vec![Some(3.0)])
    );
}

/// What happened at one moment is told in the order of the course, and behind the event itself: by ids, as readers fold it.
#[tokio::test]
async fn changes_of_one_moment_stand_in_their_order() {
    let (_keep, ledger, writer) = ledger_sized(SIZES).await;
    let records = 1..=20;
    for weight in [5.0, 9.0, 2.0, 7.0] {
        let all: Vec<Said> = records.clone().map(|record| said(record, weight)).collect();
        // Every export reaches as far as the others.
        on_day(&writer, 3, &Telling::default(), &all, &[]).await;
    }
    let snapshot = ledger.snapshot().await.unwrap();
    let columns = [column::ID, column::KEY, "weight"];
    let mut told: BTreeMap<Vec<u8>, Vec<(Vec<u8>, f64)>> = BTreeMap::new();
    for kind in [KIND.to_owned(), changes_of(KIND)] {
        for batch in snapshot.scan(&kind, &columns, &Filter::default()).unwrap() {
            let batch = batch.unwrap();
            let bytes = |column: usize, row| {
                let column = batch.column(column).as_fixed_size_binary();
                column.value(row).to_vec()
            };
            let weights = batch.column(2).as_primitive::<Float64Type>();
            for row in 0..batch.num_rows() {
                let of_record = told.entry(bytes(1, row)).or_default();
                of_record.push((bytes(0, row), weights.value(row)));
            }
        }
    }
    assert_eq!(told.len(), records.count());
    for (_, mut course) in told {
        course.sort_by(|one, other| one.0.cmp(&other.0));
        let weights: Vec<f64> = course.into_iter().map(|(_, weight)| weight).collect();
        assert_eq!(weights, [5.0, 9.0, 2.0, 7.0]);
    }
}
