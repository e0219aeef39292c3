//! The store against a replay: whatever happens to the ledger, to the moment and to the store itself, both say the same.

use std::fs;
use std::path::{Path, PathBuf};

use amends_expressions::Planner;
use amends_ledger::{ImportEnd, ImportStart, Ledger, Sizes, Snapshot};
use amends_model::wait::Wait;
use amends_model::{IdentifierId, time};
use amends_project::definition::{By, Promise, Shape};
use amends_promises::{Asked, Compiled, Instance, Kept, Replay, Role, Store};
use amends_testkit::proptest::prelude::*;
use amends_testkit::proptest::strategy::ValueTree;
use amends_testkit::proptest::test_runner::TestRunner;
use amends_testkit::tempfile::{self, TempDir};
use jiff::Timestamp;

use crate::histories::{Event, events, kinds, step};
use crate::replay::{KIND, batch, calendars, promise};

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
    let said = (index(), 0u8..3);
    let step = prop_oneof![
        8 => prop::collection::vec(said, 1..9).prop_map(Step::Import),
        6 => (0i64..9, 0i64..9).prop_map(|(now, told)| Step::Later(now, told)),
        2 => Just(Step::Tidy),
        1 => Just(Step::Restore),
        1 => (index(), index()).prop_map(|(file, byte)| Step::Damage(file, byte)),
        1 => index().prop_map(Step::Lose),
        1 => Just(Step::Delete),
        1 => Just(Step::Redefine),
    ];
    prop::collection::vec(step, 6..24)
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
        }
    }

    fn derived(&self) -> PathBuf {
        self.folder.path().join("derived")
    }

    fn files(&self) -> Vec<PathBuf> {
        let folder = self.derived().join("promises").join("p");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    async fn import(&self, events: &[&Event]) {
        import(&self.ledger, events).await;
    }

    fn ask(&self, snapshot: &Snapshot, as_of: i64, reported: i64, settled: bool) -> Kept {
        let moment = |micros| time::from_micros(micros).unwrap();
        let asked = Asked {
            promise: &self.promise,
            calendars: &calendars(),
            planner: &Planner::new(),
            snapshot,
            as_of: moment(as_of),
            reported: moment(reported),
            settled,
        };
        Store::at(self.folder.path()).ask(&asked).unwrap()
    }

    fn replay(&self, snapshot: &Snapshot, as_of: i64, reported: i64) -> Replay {
        let moment = |micros| time::from_micros(micros).unwrap();
        let kinds = snapshot.kinds();
        let compiled = Compiled::new(&self.promise, &calendars(), &Planner::new(), kinds).unwrap();
        let replay = compiled.replay(snapshot, moment(as_of), moment(reported));
        replay.unwrap()
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
            same(&kept, &self.replay(&snapshot, as_of, reported));
        }
    }

    async fn happen(&mut self, step: &Step, events: &[Event], back: &mut Option<PathBuf>) {
        match step {
            Step::Import(said) => {
                let said: Vec<Event> = said
                    .iter()
                    .map(|(place, times)| otherwise(place.get(events), *times))
                    .collect();
                self.import(&said.iter().collect::<Vec<_>>()).await;
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

async fn import(ledger: &Ledger, events: &[&Event]) {
    let writer = ledger.writer("a test").await.unwrap();
    let start = ImportStart {
        source: "shop".into(),
        mapping: "m1".into(),
        file: "orders.csv".into(),
        fingerprint: None,
        started_at: Timestamp::UNIX_EPOCH,
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
            event.about = if event.about == "a" { "b" } else { "a" };
            event.roles = vec![Role::Opens];
        }
    }
    event
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
fn same(kept: &Kept, replay: &Replay) {
    let expected: Vec<Instance> = replay.instances().collect();
    let found: Vec<Instance> = kept.instances().unwrap().map(Result::unwrap).collect();
    assert_eq!(found, expected);
    assert_eq!(kept.hash().unwrap(), replay.hash());
    let counts = kept.counts().iter().filter(|(_, count)| **count > 0);
    let told = replay.counts();
    assert!(counts.eq(told.iter().filter(|(_, count)| **count > 0)));
    let let_downs: Vec<Instance> = kept.let_downs().unwrap().map(Result::unwrap).collect();
    assert_eq!(let_downs, replay.let_downs().collect::<Vec<_>>());
    for about in ["a", "b", "c", "d", "e"] {
        assert_eq!(kept.find(about).unwrap(), replay.find(about));
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
    for _ in 0..12 {
        let drawn = (kinds(false), events(4, 40), steps());
        let (kind, events, steps) = drawn.new_tree(&mut runner).unwrap().current();
        let mut project = Project::new(promise(&kind)).await;
        let mut back = None;
        for happened in &steps {
            // Shown when the test fails.
            println!("{happened:?}");
            project.happen(happened, &events, &mut back).await;
            project.compare().await;
        }
    }
}

/// Orders with a deadline in six hours, each kept at once, but for the last.
fn orders(count: usize) -> Vec<Event> {
    const ABOUTS: [&str; 4] = ["a", "b", "c", "d"];
    let event = |number: usize, role| Event {
        about: ABOUTS[number],
        at: step(1),
        source: 0,
        id: amends_model::EventId([number as u8 * 2 + u8::from(role == Role::Kept); 16]),
        roles: vec![role],
        by: Some(step(2)),
        from: None,
    };
    let opened = (0..count).map(|number| event(number, Role::Opens));
    let kept = (0..count - 1).map(|number| event(number, Role::Kept));
    opened.chain(kept).collect()
}

fn timestamps() -> Promise {
    let kind = crate::histories::Kind {
        form: crate::histories::Form::Deadline,
        by: "timestamp",
        beaten: None,
        gives_up: None,
    };
    promise(&kind)
}

impl Project {
    fn names(&self) -> Vec<String> {
        let files = self.files();
        let names = files.iter().map(|file| file.file_name().unwrap());
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn what_is_new_is_written_beside_what_was_closed_before() {
    let mut project = Project::new(timestamps()).await;
    let events = orders(4);
    project
        .import(&events[..7].iter().collect::<Vec<_>>())
        .await;
    project.compare().await;
    assert_eq!(
        project.names(),
        [
            "1-events-0.parquet",
            "1-held.parquet",
            "1-run.parquet",
            "lock",
            "manifest"
        ]
    );
    // Three closed and one open: the one that is kept now comes beside the three.
    let mut kept = events[3].clone();
    (kept.roles, kept.id) = (vec![Role::Kept], amends_model::EventId([99; 16]));
    project.import(&[&kept]).await;
    project.compare().await;
    assert_eq!(
        project.names(),
        [
            "1-run.parquet",
            "2-held.parquet",
            "2-run.parquet",
            "lock",
            "manifest"
        ]
    );
    // Asked again, nothing is written; and as time passes only what is open.
    project.compare().await;
    assert!(project.names().contains(&"2-held.parquet".into()));
    project.as_of += crate::histories::STEP;
    project.compare().await;
    assert_eq!(
        project.names(),
        [
            "1-run.parquet",
            "2-run.parquet",
            "3-held.parquet",
            "lock",
            "manifest"
        ]
    );
}

#[tokio::test]
async fn where_nothing_can_be_kept_a_replay_answers() {
    let project = Project::new(timestamps()).await;
    project.import(&orders(4).iter().collect::<Vec<_>>()).await;
    fs::write(project.derived(), "a file stands in the way").unwrap();
    project.compare().await;
    fs::remove_file(project.derived()).unwrap();
    // Somebody else is writing to it.
    fs::create_dir_all(project.derived().join("promises/p")).unwrap();
    let lock = fs::File::create(project.derived().join("promises/p/lock")).unwrap();
    lock.lock().unwrap();
    project.compare().await;
    assert_eq!(project.names(), ["lock"]);
    drop(lock);
    project.compare().await;
    assert!(project.names().contains(&"manifest".into()));
    // A name that stands in the way of the next files: what is new is answered all the same.
    let before = project.names();
    for name in ["2-run.parquet.tmp", "2-held.parquet.tmp"] {
        fs::create_dir(project.derived().join("promises/p").join(name)).unwrap();
    }
    let late = Event {
        at: step(3),
        id: amends_model::EventId([77; 16]),
        ..orders(4)[0].clone()
    };
    project.import(&[&late]).await;
    project.compare().await;
    assert!(before.iter().all(|name| project.names().contains(name)));
}

#[tokio::test]
async fn no_byte_of_what_is_kept_can_change_without_being_noticed() {
    let project = Project::new(timestamps()).await;
    project.import(&orders(4).iter().collect::<Vec<_>>()).await;
    let snapshot = project.ledger.snapshot().await.unwrap();
    let ask = || project.ask(&snapshot, project.as_of, project.reported, true);
    let expected = project
        .replay(&snapshot, project.as_of, project.reported)
        .hash();
    ask();
    let files: Vec<(PathBuf, Vec<u8>)> = project
        .files()
        .into_iter()
        .map(|file| (file.clone(), fs::read(file).unwrap()))
        .collect();
    let folder = project.derived().join("promises/p");
    for (damaged, bytes) in &files {
        for place in (0..bytes.len()).step_by(29) {
            // What is found to be damaged is computed anew, so it is put back first.
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir_all(&folder).unwrap();
            for (file, bytes) in &files {
                fs::write(file, bytes).unwrap();
            }
            let mut bytes = bytes.clone();
            bytes[place] ^= 0x20;
            fs::write(damaged, bytes).unwrap();
            assert_eq!(ask().hash().unwrap(), expected, "{damaged:?} {place}");
        }
    }
}

#[tokio::test]
async fn another_definition_is_not_answered_from_what_is_kept_of_the_first() {
    let mut project = Project::new(timestamps()).await;
    project.import(&orders(4).iter().collect::<Vec<_>>()).await;
    project.compare().await;
    if let Shape::Deadline(deadline) = &mut project.promise.shape {
        deadline.by = By::After(Wait::parse("30 days").unwrap());
    }
    project.promise.version = "2".into();
    project.compare().await;
}

#[tokio::test]
async fn what_is_damaged_after_it_was_opened_is_replayed() {
    let project = Project::new(timestamps()).await;
    // So many that a file has more blocks than its end, which is read when it is opened.
    let first = orders(1).remove(0);
    let many = (0..9_000_u32).map(|number| {
        let about: &'static str = Box::leak(format!("order {number}").into_boxed_str());
        let mut id = [1; 16];
        id[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        let id = amends_model::EventId(id);
        let roles = vec![Role::Opens, Role::Kept];
        Event {
            about,
            id,
            roles,
            ..first.clone()
        }
    });
    let many: Vec<Event> = many.collect();
    let ledger = Ledger::open(&project.folder.path().join("large")).await;
    let project = Project {
        ledger: ledger.unwrap(),
        ..project
    };
    project.import(&many.iter().collect::<Vec<_>>()).await;
    let snapshot = project.ledger.snapshot().await.unwrap();
    let kept = project.ask(&snapshot, project.as_of, project.reported, true);
    assert!(project.names().contains(&"manifest".into()));
    let run = project
        .files()
        .into_iter()
        .find(|file| file.ends_with("1-run.parquet"));
    let run = run.unwrap();
    let mut bytes = fs::read(&run).unwrap();
    assert!(bytes.len() > 1 << 18);
    bytes.iter_mut().for_each(|byte| *byte ^= 1);
    fs::write(&run, bytes).unwrap();
    let replay = project.replay(&snapshot, project.as_of, project.reported);
    assert_eq!(kept.hash().unwrap(), replay.hash());
    assert!(!project.names().contains(&"manifest".into()));
    let again = project.ask(&snapshot, project.as_of, project.reported, true);
    assert_eq!(again.hash().unwrap(), replay.hash());
    assert!(project.names().contains(&"manifest".into()));
}
