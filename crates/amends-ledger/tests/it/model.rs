//! The ledger against a list that does the same without any art: over random imports, seals, merges, crashes and new starts.

use std::collections::BTreeMap;

use amends_ledger::{Filter, ImportEnd, Ledger, Snapshot, Writer, state_hash};
use amends_model::event::column;
use amends_model::time::from_micros;
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::sample::Index;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};

use crate::events::{KINDS, SIZES, Said, batch, contents, identifier, next_writer, start};

#[derive(Clone, Debug)]
enum Step {
    /// Imports a file: events of either kind in turns, cut into batches after the given one.
    Import(Vec<Said>, Index, Option<DataType>),
    /// Stages a file and drops it.
    Abandon(Vec<Said>),
    Seal,
    Compact,
    Reopen,
    /// Takes a snapshot that must say the same at the end.
    Look,
}

fn an_event() -> impl Strategy<Value = Said> {
    let version = prop::option::weighted(0.5, 0..4_i64);
    let about = prop::option::of(0..6_u8);
    let others = prop::collection::vec(0..6_u8, 0..3);
    let weight = prop::option::of(0..9_u8);
    (
        0..20_u64,
        0..3_i64,
        version,
        0..50_i64,
        0..6_u8,
        others,
        about,
        weight,
    )
        .prop_map(
            |(record, content, version, at, whom, others, about, weight)| Said {
                record,
                content,
                version,
                at: at * 1_000_000,
                whom,
                others,
                about: about.map(|about| format!("order-{about}")),
                weight: weight.map(f64::from),
                line: 0,
                offset: 0,
            },
        )
}

fn a_file() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(an_event(), 1..40)
}

fn a_step() -> impl Strategy<Value = Step> {
    let weight = prop_oneof![
        Just(None),
        Just(Some(DataType::Int64)),
        Just(Some(DataType::Float64)),
        Just(Some(DataType::Utf8)),
    ];
    prop_oneof![
        6 => (a_file(), any::<Index>(), weight).prop_map(|(said, cut, of)| Step::Import(said, cut, of)),
        1 => a_file().prop_map(Step::Abandon),
        1 => Just(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
        1 => Just(Step::Look),
    ]
}

/// All that was ever stored of one kind, in order.
#[derive(Default)]
struct Stored(Vec<(Said, bool)>);

impl Stored {
    /// Takes an event in; tells whether it is news.
    fn take(&mut self, said: &Said) -> bool {
        let of_record = |(known, _): &&mut (Said, bool)| known.record == said.record;
        let mut known: Vec<_> = self.0.iter_mut().filter(of_record).collect();
        let current = known.iter().position(|(_, current)| *current);
        let Some(current) = current else {
            self.0.push((said.clone(), true));
            return true;
        };
        let (before, _) = &*known[current];
        if said.content == before.content && said.version == before.version {
            return false;
        }
        let versioned = said.version.is_some() || before.version.is_some();
        let same = |known: &&mut (Said, bool)| {
            (known.0.content, known.0.version) == (said.content, said.version)
        };
        let wins = said.version >= before.version;
        if versioned && known.iter().any(same) {
            return false;
        }
        known[current].1 = !wins;
        self.0.push((said.clone(), wins));
        true
    }

    fn current(&self, wanted: impl Fn(&Said) -> bool) -> Vec<(u64, i64, Option<i64>)> {
        let current = self
            .0
            .iter()
            .filter(|(said, current)| *current && wanted(said));
        let mut current: Vec<_> = current
            .map(|(said, _)| (said.record, said.content, said.version))
            .collect();
        current.sort_unstable();
        current
    }
}

/// The kind of the event at a place in a file.
fn kind_at(place: usize) -> &'static str {
    KINDS[usize::from(place % 3 == 2)]
}

async fn stage(
    import: &mut amends_ledger::Import,
    said: &[Said],
    cut: usize,
    of: &Option<DataType>,
) {
    let lined: Vec<Said> = said
        .iter()
        .zip(0..)
        .map(|(said, place)| Said {
            line: place / 2,
            ..said.clone()
        })
        .collect();
    for kind in KINDS {
        let of_kind = |range: std::ops::Range<usize>| -> Vec<Said> {
            let places = range.filter(|place| kind_at(*place) == kind);
            places.map(|place| lined[place].clone()).collect()
        };
        for part in [of_kind(0..cut), of_kind(cut..said.len())] {
            import
                .stage(kind, batch(kind, &part, of.clone()))
                .await
                .unwrap();
        }
    }
}

async fn import(
    writer: &Writer,
    model: &mut BTreeMap<&str, Stored>,
    said: &[Said],
    cut: usize,
    of: &Option<DataType>,
) {
    let mut import = writer.begin(start("orders.csv")).await.unwrap();
    stage(&mut import, said, cut, of).await;
    let received = said.len().div_ceil(2) as u64;
    let end = ImportEnd {
        received,
        ..ImportEnd::default()
    };
    let record = import.commit(end).await.unwrap();
    let mut stored = std::collections::BTreeSet::new();
    let mut events = 0;
    // A kind's events are taken in one after the other; the other kind knows nothing of them.
    for (place, said) in said.iter().enumerate() {
        if model.entry(kind_at(place)).or_default().take(said) {
            events += 1;
            stored.insert(place / 2);
        }
    }
    assert_eq!(record.events, events);
    assert_eq!(record.stored, stored.len() as u64);
    assert_eq!(record.received, record.stored + record.duplicate);
}

type Current = Vec<(u64, i64, Option<i64>)>;

/// The current events of a kind, by the number that the test gave their record.
fn seen(snapshot: &Snapshot, kind: &str, filter: &Filter) -> Current {
    let records: BTreeMap<Vec<u8>, u64> = (0..20)
        .map(|record| {
            let said = [Said {
                record,
                ..Said::default()
            }];
            let batch = batch(kind, &said, None);
            let key = batch
                .column_by_name(column::KEY)
                .unwrap()
                .as_fixed_size_binary();
            (key.value(0).to_vec(), record)
        })
        .collect();
    let columns = [column::VERSION, column::KEY, column::CONTENT];
    let mut seen = Vec::new();
    for batch in snapshot.scan(kind, &columns, filter).unwrap() {
        let batch = batch.unwrap();
        let versions = batch.column(0).as_primitive::<Int64Type>();
        let keys = batch.column(1).as_fixed_size_binary();
        let contents = batch.column(2).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let version = versions.is_valid(row).then(|| versions.value(row));
            seen.push((records[keys.value(row)], contents.value(row), version));
        }
    }
    seen.sort_unstable();
    seen
}

fn compare(snapshot: &Snapshot, model: &BTreeMap<&str, Stored>) {
    for kind in KINDS {
        let Some(stored) = model.get(kind) else {
            continue;
        };
        assert_eq!(
            seen(snapshot, kind, &Filter::default()),
            stored.current(|_| true)
        );
        let all = contents(snapshot, kind, &Filter::default());
        let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
        let found = snapshot.events(&ids).unwrap();
        let rows: usize = found.iter().map(|batch| batch.num_rows()).sum();
        assert_eq!(rows, ids.len());
        let filter = Filter {
            from: Some(from_micros(10_000_000).unwrap()),
            until: Some(from_micros(30_000_000).unwrap()),
            ..Filter::default()
        };
        let inside = |said: &Said| (10_000_000..30_000_000).contains(&said.at);
        assert_eq!(seen(snapshot, kind, &filter), stored.current(inside));
        let filter = Filter {
            identifiers: Some(vec![identifier(1), identifier(9)]),
            ..Filter::default()
        };
        let theirs = |said: &Said| said.whom == 1 || said.others.contains(&1);
        assert_eq!(seen(snapshot, kind, &filter), stored.current(theirs));
        let filter = Filter {
            abouts: Some(vec!["order-2".into(), "none".into()]),
            ..filter
        };
        let about = |said: &Said| said.about.as_deref() == Some("order-2");
        assert_eq!(
            seen(snapshot, kind, &filter),
            stored.current(|said| theirs(said) && about(said))
        );
        let filter = Filter {
            identifiers: None,
            ..filter
        };
        assert_eq!(seen(snapshot, kind, &filter), stored.current(about));
    }
}

async fn run(steps: Vec<Step>) {
    let folder = amends_testkit::tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
    let mut writer = ledger.writer("a test").await.unwrap();
    let mut model = BTreeMap::new();
    let mut looks = Vec::new();
    for step in steps {
        match step {
            Step::Import(said, cut, of) => {
                import(&writer, &mut model, &said, cut.index(said.len()), &of).await;
            }
            Step::Abandon(said) => {
                let mut import = writer.begin(start("lost.csv")).await.unwrap();
                stage(&mut import, &said, said.len() / 2, &None).await;
            }
            Step::Seal => drop(writer.seal(true).await.unwrap()),
            Step::Compact => drop(writer.compact().await.unwrap()),
            Step::Reopen => {
                drop((writer, ledger));
                ledger = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
                writer = next_writer(&ledger).await;
            }
            Step::Look => {
                let snapshot = ledger.snapshot().await.unwrap();
                let all = KINDS.map(|kind| seen(&snapshot, kind, &Filter::default()));
                looks.push((snapshot, all));
            }
        }
    }
    compare(&ledger.snapshot().await.unwrap(), &model);
    writer.seal(true).await.unwrap();
    writer.compact().await.unwrap();
    compare(&ledger.snapshot().await.unwrap(), &model);
    assert!(ledger.verify().await.unwrap().is_empty());
    for (snapshot, before) in looks {
        let now = KINDS.map(|kind| seen(&snapshot, kind, &Filter::default()));
        assert_eq!(now, before);
    }
}

/// The state hash after importing files in an order, with the tail moved and segments merged where asked.
async fn hash_after(files: &[Vec<Said>], order: &[usize], tidy: bool) -> [u8; 32] {
    let folder = amends_testkit::tempfile::tempdir().unwrap();
    let ledger = Ledger::open_sized(folder.path(), SIZES).await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    let mut model = BTreeMap::new();
    for file in order {
        import(
            &writer,
            &mut model,
            &files[*file],
            0,
            &Some(DataType::Int64),
        )
        .await;
        if tidy {
            writer.seal(true).await.unwrap();
            writer.compact().await.unwrap();
        }
    }
    state_hash(&ledger.snapshot().await.unwrap(), &|id| id.0).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn it_says_what_a_plain_list_would(steps in prop::collection::vec(a_step(), 1..12)) {
        runtime().block_on(run(steps));
    }

    #[test]
    fn any_order_of_files_gives_the_same_state(
        mut files in prop::collection::vec(a_file(), 2..5),
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // One version says one thing only.
        for said in files.iter_mut().flatten() {
            let version = said.version.unwrap_or(0);
            *said = Said {
                version: Some(version),
                content: version % 2,
                at: said.record as i64 + version,
                whom: (said.record % 6) as u8,
                others: vec![(version % 6) as u8],
                about: Some(format!("order-{}", said.record)),
                weight: Some(version as f64),
                ..said.clone()
            };
        }
        let straight: Vec<usize> = (0..files.len()).collect();
        let shuffled: Vec<usize> = order.into_iter().filter(|file| *file < files.len()).collect();
        let runtime = runtime();
        let one = runtime.block_on(hash_after(&files, &straight, false));
        let other = runtime.block_on(hash_after(&files, &shuffled, true));
        prop_assert_eq!(one, other);
    }
}
