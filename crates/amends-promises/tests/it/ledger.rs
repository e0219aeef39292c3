//! A replay of a ledger: the same instances and the same hash, in whatever order and pieces its events were imported.

use amends_expressions::Planner;
use amends_ledger::{ImportEnd, ImportStart, Ledger};
use amends_model::time;
use amends_promises::{Compiled, Events, InMemory, Instance, replay};
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::strategy::ValueTree;
use amends_testkit::proptest::test_runner::TestRunner;
use amends_testkit::tempfile;
use jiff::Timestamp;

use crate::histories::{Event, STEPS, events, kinds, step};
use crate::replay::{KIND, batch, promise};

async fn import(ledger: &Ledger, events: &[&Event]) {
    let writer = ledger.writer("a test").await.unwrap();
    let start = ImportStart {
        source: "shop".into(),
        mapping: "m1".into(),
        file: "orders.csv".into(),
        fingerprint: None,
        started_at: Timestamp::UNIX_EPOCH,
        telling: amends_ledger::Telling::default(),
    };
    let mut import = writer.begin(start).await.unwrap();
    import.stage(KIND, batch(events)).await.unwrap();
    let end = ImportEnd {
        received: 1,
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
}

#[tokio::test]
async fn any_order_of_import_gives_the_same_instances() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let kind = kinds(false).new_tree(&mut runner).unwrap().current();
        let events = events(4, 40).new_tree(&mut runner).unwrap().current();
        let promise = promise(&kind);
        let as_of = time::from_micros(step(STEPS)).unwrap();
        let mut told = Vec::new();
        for reversed in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let ledger = Ledger::open(folder.path()).await.unwrap();
            let mut all: Vec<&Event> = events.iter().collect();
            if reversed {
                all.reverse();
            }
            for piece in all.chunks(7) {
                import(&ledger, piece).await;
                // Told again, nothing changes.
                import(&ledger, &piece[..1]).await;
            }
            if reversed {
                ledger
                    .writer("a test")
                    .await
                    .unwrap()
                    .seal(true)
                    .await
                    .unwrap();
            }
            let snapshot = ledger.snapshot().await.unwrap();
            let replay = replay(&promise, &Planner::new(), &snapshot, as_of, as_of).unwrap();
            // The ledger gives ids of its own, so only what does not hang on them is compared with the batches in memory.
            told.push((replay.hash(), replay.instances().collect::<Vec<_>>()));
        }
        let mut in_memory = InMemory::default();
        in_memory.add(KIND, batch(&events.iter().collect::<Vec<_>>()));
        let compiled = Compiled::new(&promise, &Planner::new(), in_memory.kinds()).unwrap();
        let expected = compiled.replay(&in_memory, as_of, as_of).unwrap();
        assert_eq!(told[0], told[1]);
        let abouts = |instances: &[Instance]| -> Vec<String> {
            instances
                .iter()
                .map(|instance| instance.about.clone())
                .collect()
        };
        let expected: Vec<Instance> = expected.instances().collect();
        assert_eq!(abouts(&told[0].1), abouts(&expected));
    }
}
