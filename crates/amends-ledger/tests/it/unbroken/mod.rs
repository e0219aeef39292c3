//! A ledger whose process is killed, whose disk fails, and whose machine loses power: nothing acknowledged is lost, nothing half done is believed.
//!
//! The same work is done by a process of its own ([`work`]), which is disturbed, started again and compared with a ledger that nobody disturbed.

mod failing;
mod flipped;
mod killed;
mod power;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use amends_ledger::{Ledger, Snapshot};
use amends_model::EventId;
use amends_testkit::tempfile::{TempDir, tempdir};

use crate::events::current;

/// The current events of each kind.
type State = BTreeMap<String, Vec<(EventId, i64)>>;

fn state(snapshot: &Snapshot) -> State {
    let kinds = snapshot.kinds().keys();
    kinds
        .map(|kind| (kind.clone(), current(snapshot, kind)))
        .filter(|(_, events)| !events.is_empty())
        .collect()
}

/// The state after each number of imports, none disturbed. Decisions stand apart: they are compared by what was acknowledged.
async fn undisturbed() -> Vec<State> {
    let folder = tempdir().unwrap();
    let ledger = Ledger::open_sized(folder.path(), work::SIZES)
        .await
        .unwrap();
    let writer = ledger.writer("undisturbed").await.unwrap();
    let mut states = vec![State::new()];
    for step in 0..work::STEPS {
        work::import(&writer, step).await.unwrap();
        writer.seal(true).await.unwrap();
        states.push(state(&ledger.snapshot().await.unwrap()));
    }
    states
}

/// What tells two states apart, in a sentence.
fn difference(found: &State, expected: &State) -> Option<String> {
    let kinds: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    kinds.into_iter().find_map(|kind| {
        let of = |state: &State| -> BTreeSet<(EventId, i64)> {
            state.get(kind).into_iter().flatten().copied().collect()
        };
        let (found, expected) = (of(found), of(expected));
        let list = |some: &BTreeSet<_>, others: &BTreeSet<(EventId, i64)>| -> Vec<i64> {
            some.difference(others)
                .map(|(_, content)| *content)
                .collect()
        };
        let (more, less) = (list(&found, &expected), list(&expected, &found));
        (found != expected).then(|| {
            format!("{kind} has contents {more:?} that it should not have, and lacks {less:?}")
        })
    })
}

/// Where a disturbed ledger and its acknowledgements are.
struct Place {
    _folder: TempDir,
    task: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        let task = folder.path().canonicalize().unwrap();
        std::fs::create_dir(work::ledger(&task)).unwrap();
        Self {
            _folder: folder,
            task,
        }
    }
}

/// Opens what was left, finds it whole, and in it everything that was acknowledged. Returns how many imports there are.
async fn examine(ledger: &Path, acknowledged: &BTreeSet<String>, states: &[State]) -> usize {
    let ledger = Ledger::open_sized(ledger, work::SIZES).await.unwrap();
    let writer = ledger.writer("the examiner").await.unwrap();
    assert_eq!(ledger.verify().await.unwrap(), []);
    let files: Vec<String> = ledger
        .imports()
        .await
        .unwrap()
        .into_iter()
        .map(|import| import.start.file)
        .collect();
    let expected: Vec<String> = (0..files.len()).map(work::file).collect();
    assert_eq!(files, expected, "imports are there in order, each once");
    let snapshot = ledger.snapshot().await.unwrap();
    let mut found = state(&snapshot);
    let decided = found.remove(work::DECISION).unwrap_or_default().len();
    if let Some(difference) = difference(&found, &states[files.len()]) {
        panic!("after {} imports {difference}", files.len());
    }
    let acknowledged_of = |what: &str| {
        let said = acknowledged.iter().filter(|said| said.starts_with(what));
        said.count()
    };
    assert!(acknowledged_of("import") <= files.len());
    assert!(acknowledged_of("decision") <= decided);
    drop(writer);
    files.len()
}
