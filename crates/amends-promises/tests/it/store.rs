//! The store against a replay: whatever happens to the ledger, to the moment and to the store itself, both say the same.

mod singly;

use std::fs;
use std::path::{Path, PathBuf};

use amends_expressions::Planner;
use amends_ledger::{ImportEnd, ImportStart, Ledger, Sizes, Snapshot};
use amends_model::event::changes_of;
use amends_model::{IdentifierId, time};
use amends_project::definition::{Promise, Shape, Spell, Window};
use amends_promises::{Asked, Compiled, Instance, Kept, LeftOut, Replay, Role, Store};
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::strategy::ValueTree;
use amends_testkit::proptest::test_runner::TestRunner;
use amends_testkit::rounds;
use amends_testkit::tempfile::{self, TempDir};
use jiff::Timestamp;

use crate::histories::{Event, events, exposures, kinds, nevers, step, windows};
use crate::others::{happenings, others};
use crate::replay::{KIND, batch, promise};

/// So small that a few events fill the tail, and a few segments are merged.
const SMALL: Sizes = Sizes {
    buffered_events: 12,
    buffered_bytes: 1 << 20,
    small: 3,
    full_tail: 9,
    slice: 4,
    fan: 3,
    merged_at_once: 40,
    merged_at_most: 1_000,
};

/// What may happen between two questions.
#[derive(Clone, Debug)]
enum Step {
    /// Events come in, by their places among those that are drawn; each said otherwise so many times.
    Import(Vec<(prop::sample::Index, u8)>),
    /// An import is undone.
    Undo(prop::sample::Index),
    /// What an import said comes in again, read by another mapping that says all of it otherwise.
    Reread(prop::sample::Index),
    /// Time passes, and sources report.
    Later(i64, i64),
    /// The tail becomes a segment, and segments are merged.
    Tidy,
    /// The ledger is put back as it was some steps ago, which is not the way it goes on.
    Restore,
    /// A byte of some file of the store becomes another.
    Damage(prop::sample::Index, prop::sample::Index),
    /// A file of the store goes.
    Lose(prop::sample::Index),
    /// The store goes.
    Delete,
    /// The definition changes.
    Redefine,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    let said = (index(), 0u8..4);
    let step = prop_oneof![
        8 => prop::collection::vec(said, 1..9).prop_map(Step::Import),
        6 => (0i64..9, 0i64..9).prop_map(|(now, told)| Step::Later(now, told)),
        1 => index().prop_map(Step::Undo),
        1 => index().prop_map(Step::Reread),
        2 => Just(Step::Tidy),
        1 => Just(Step::Restore),
        1 => (index(), index()).prop_map(|(file, byte)| Step::Damage(file, byte)),
        1 => index().prop_map(Step::Lose),
        1 => Just(Step::Delete),
        1 => Just(Step::Redefine),
    ];
    prop::collection::vec(step, 8..28)
}

/// A ledger and a store, as a project has them.
struct Project {
    folder: TempDir,
    ledger: Ledger,
    /// The ledger's folder, and how often it was put back.
    live: PathBuf,
    restored: u32,
    promise: Promise,
    as_of: i64,
    reported: i64,
    /// What was imported, and how often that was read anew.
    imports: Vec<(Vec<Event>, u32)>,
}

impl Project {
    async fn new(promise: Promise) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let live = folder.path().join("ledger");
        Self {
            ledger: Ledger::open_sized(&live, SMALL).await.unwrap(),
            live,
            restored: 0,
            folder,
            promise,
            as_of: step(4),
            reported: step(3),
            imports: Vec::new(),
        }
    }

    fn derived(&self) -> PathBuf {
        self.folder.path().join("derived")
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = |folder: &Path| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        };
        let folders = entries(&self.derived().join("promises"));
        let mut files: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).collect();
        files.sort();
        files
    }

    async fn import(&self, events: &[&Event]) {
        import(&self.ledger, events, "orders.csv", "m1").await;
    }

    fn ask(&self, snapshot: &Snapshot, as_of: i64, reported: i64, settled: bool) -> Kept {
        let moment = |micros| time::from_micros(micros).unwrap();
        let asked = Asked {
            promise: &self.promise,
            planner: &Planner::new(),
            snapshot,
            as_of: moment(as_of),
            reported: moment(reported),
            settled,
        };
        Store::at(self.folder.path()).ask(&asked).unwrap()
    }

    fn replay(&self, snapshot: &Snapshot, as_of: i64, reported: i64) -> Replay {
        self.replay_by(&self.promise, snapshot, as_of, reported)
    }

    fn replay_by(
        &self,
        promise: &Promise,
        snapshot: &Snapshot,
        as_of: i64,
        reported: i64,
    ) -> Replay {
        let moment = |micros| time::from_micros(micros).unwrap();
        let kinds = snapshot.kinds();
        let compiled = Compiled::new(promise, &Planner::new(), kinds).unwrap();
        let replay = compiled.replay(snapshot, moment(as_of), moment(reported));
        replay.unwrap()
    }

    /// Reads a file that was imported before, or for the first time. What has the same bytes replaces what an older mapping made of it.
    async fn read(&self, which: usize) {
        let (said, times) = &self.imports[which];
        let said: Vec<&Event> = said.iter().collect();
        let (file, mapping) = (format!("{which}.csv"), format!("m{times}"));
        import(&self.ledger, &said, &file, &mapping).await;
    }

    /// Asks now, of an earlier and of a later moment.
    async fn compare(&self) {
        let snapshot = self.ledger.snapshot().await.unwrap();
        let (as_of, reported) = (self.as_of, self.reported);
        let earlier = (as_of - step(3) + step(0), reported - step(2) + step(0));
        let later = (as_of + step(5) - step(0), reported + step(4) - step(0));
        for (as_of, reported, settled) in [
            (earlier.0, earlier.1, false),
            (as_of, reported, true),
            (later.0, later.1, false),
            (as_of, reported, true),
        ] {
            let kept = self.ask(&snapshot, as_of, reported, settled);
            let replay = self.replay(&snapshot, as_of, reported);
            same(&kept, &replay);
            self.judges_its_own(&snapshot, &replay, (as_of, reported));
        }
    }

    /// A definition judges what opened in its spell, as one does that was always in force; two that follow each other judge all together.
    fn judges_its_own(&self, snapshot: &Snapshot, replay: &Replay, (as_of, reported): (i64, i64)) {
        let by = |spell| {
            let promise = Promise {
                spell,
                ..self.promise.clone()
            };
            self.replay_by(&promise, snapshot, as_of, reported)
        };
        let whole = by(Spell::default());
        let own = self.promise.spell;
        let its_own = whole.instances().filter(|one| own.holds(one.opened_at));
        assert!(replay.instances().eq(its_own));
        let (before, after) = (by(spell(None, Some(3))), by(spell(Some(3), None)));
        assert_eq!(before.len() + after.len(), whole.len());
        let hash = before.hash().wrapping_add(after.hash());
        assert_eq!(hash, whole.hash());
        let mut left_out = before.left_out;
        left_out += LeftOut {
            without_about: 0,
            ..after.left_out
        };
        assert_eq!(left_out, whole.left_out);
    }

    async fn happen(&mut self, step: &Step, events: &[Event], back: &mut Option<PathBuf>) {
        match step {
            Step::Import(said) => {
                let said: Vec<Event> = said
                    .iter()
                    .map(|(place, times)| otherwise(place.get(events), *times))
                    .collect();
                self.imports.push((said, 0));
                self.read(self.imports.len() - 1).await;
            }
            Step::Undo(which) => {
                let all = self.ledger.imports().await.unwrap();
                let counting = all.iter().filter(|import| import.stands());
                let counting: Vec<i64> = counting.map(|import| import.import).collect();
                if !counting.is_empty() {
                    let writer = self.ledger.writer("a test").await.unwrap();
                    let undone = [*which.get(&counting)];
                    writer.undo(&undone, Timestamp::UNIX_EPOCH).await.unwrap();
                }
            }
            Step::Reread(which) => {
                if !self.imports.is_empty() {
                    let which = which.index(self.imports.len());
                    let (said, times) = &mut self.imports[which];
                    *said = said.iter().map(|event| otherwise(event, 1)).collect();
                    *times += 1;
                    self.read(which).await;
                }
            }
            Step::Later(now, told) => {
                self.as_of += now * crate::histories::STEP;
                self.reported += told * crate::histories::STEP;
            }
            Step::Tidy => {
                let writer = self.ledger.writer("a test").await.unwrap();
                writer.seal(true).await.unwrap();
                writer.compact().await.unwrap();
            }
            Step::Restore => self.restore(back).await,
            Step::Damage(file, byte) => {
                let files = self.files();
                if !files.is_empty() {
                    let mut bytes = fs::read(file.get(&files)).unwrap();
                    if !bytes.is_empty() {
                        let place = byte.index(bytes.len());
                        bytes[place] ^= 0x55;
                        fs::write(file.get(&files), bytes).unwrap();
                    }
                }
            }
            Step::Lose(file) => {
                let files = self.files();
                if !files.is_empty() {
                    fs::remove_file(file.get(&files)).unwrap();
                }
            }
            Step::Delete => _ = fs::remove_dir_all(self.derived()),
            Step::Redefine => {
                if let Shape::Deadline(deadline) = &mut self.promise.shape {
                    deadline.gives_up = None;
                }
                self.promise.version.push('1');
                // It takes the place of the one before from some moment on, or in all.
                let times = self.promise.version.len() as i64 % 3;
                self.promise.spell = spell((times > 0).then_some(times), (times > 1).then_some(5));
            }
        }
    }

    /// Puts the ledger back as it was when this happened last, and remembers it as it is now. Each gets a folder of its own, because the
    /// database of the one before may still be open.
    async fn restore(&mut self, back: &mut Option<PathBuf>) {
        self.restored += 1;
        let copy = self.folder.path().join(format!("copy-{}", self.restored));
        copy_all(&self.live, &copy);
        if let Some(before) = back.replace(copy) {
            self.live = self.folder.path().join(format!("ledger-{}", self.restored));
            copy_all(&before, &self.live);
            self.ledger = Ledger::open_sized(&self.live, SMALL).await.unwrap();
        }
    }
}

async fn import(ledger: &Ledger, events: &[&Event], file: &str, mapping: &str) {
    let writer = ledger.writer("a test").await.unwrap();
    let start = ImportStart {
        source: "shop".into(),
        mapping: mapping.into(),
        file: file.into(),
        fingerprint: Some(file.into()),
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

/// What a source says of the same record another time: of another moment, about something else, in other roles.
fn otherwise(event: &Event, times: u8) -> Event {
    let mut event = event.clone();
    for time in 0..times {
        event.at += crate::histories::STEP * 2;
        event.by = event.by.map(|by| by + crate::histories::STEP * 3);
        if time > 0 {
            event.about = match (time, event.about) {
                (2, _) => "",
                (_, "a") => "b",
                _ => "a",
            };
            event.roles = vec![Role::Opens];
        }
    }
    event
}

/// Another deadline in the same record moves the promise, where it has one.
fn hear_changes(promise: &mut Promise) {
    let deadline = match &mut promise.shape {
        Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => deadline,
        _ => return,
    };
    if let Some(moved) = &mut deadline.moved {
        moved.on.kind = changes_of(KIND);
        if let Some(condition) = &mut moved.on.condition {
            condition.text = "array_has(changed, 'due')".into();
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What is kept is what a replay says, however it is asked.
/// A spell between two steps of time.
fn spell(from: Option<i64>, until: Option<i64>) -> Spell {
    let moment = |at: i64| time::from_micros(step(at)).unwrap();
    Spell {
        from: from.map(moment),
        until: until.map(moment),
    }
}

fn same(kept: &Kept, replay: &Replay) {
    let expected: Vec<Instance> = replay.instances().collect();
    let found: Vec<Instance> = kept.instances().unwrap().map(Result::unwrap).collect();
    assert_eq!(found, expected);
    assert_eq!(kept.hash().unwrap(), replay.hash());
    let counts = kept.counts().iter().filter(|(_, count)| **count > 0);
    let told = replay.counts();
    assert!(counts.eq(told.iter().filter(|(_, count)| **count > 0)));
    assert_eq!(kept.count().all.left_out, replay.left_out);
    let let_downs: Vec<Instance> = kept.let_downs().unwrap().map(Result::unwrap).collect();
    assert_eq!(let_downs, replay.let_downs().collect::<Vec<_>>());
    for about in ["a", "b", "c", "d", "e"] {
        assert_eq!(
            kept.find(about).unwrap(),
            Vec::from_iter(replay.find(about))
        );
    }
    for instance in &expected {
        let theirs = [instance.identifier, IdentifierId([7; 16])];
        let found = kept.of(&theirs).unwrap();
        let rows: usize = found.iter().map(|batch| batch.num_rows()).sum();
        let of = |other: &&Instance| theirs.contains(&other.identifier);
        assert_eq!(rows, expected.iter().filter(of).count());
    }
}

#[tokio::test]
async fn whatever_happens_the_store_says_what_a_replay_says() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..rounds(16, 400) {
        let shaped = prop_oneof![
            2 => (kinds(false), events(4, 40)),
            1 => (windows(false), events(4, 40)),
            2 => (nevers(), exposures(4, 40)),
            4 => (others(), happenings(4, 40)),
        ];
        let drawn = (shaped, steps(), any::<bool>())
            .new_tree(&mut runner)
            .unwrap();
        let ((kind, events), steps, hears_changes) = drawn.current();
        println!("{kind:?}, hears changes: {hears_changes}");
        let mut promise = promise(&kind);
        if hears_changes {
            hear_changes(&mut promise);
        }
        let mut project = Project::new(promise).await;
        let mut back = None;
        for happened in &steps {
            // Shown when the test fails.
            println!("{happened:?}");
            project.happen(happened, &events, &mut back).await;
            project.compare().await;
        }
    }
}
