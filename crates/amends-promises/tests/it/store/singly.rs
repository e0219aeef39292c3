//! What the store does in single cases: what it writes, and what it does not believe.

use std::fs;
use std::path::PathBuf;

use amends_ledger::Ledger;
use amends_model::wait::Wait;
use amends_project::definition::{By, Promise, Shape};
use amends_promises::Role;
use jiff::Timestamp;

use super::{Project, otherwise};
use crate::histories::{Event, step};
use crate::replay::promise;

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
async fn what_counts_again_after_an_undo_is_found_though_it_is_not_new() {
    let project = Project::new(timestamps()).await;
    let first = orders(1).remove(0);
    project.import(&[&first]).await;
    // The same record, about something else.
    project.import(&[&otherwise(&first, 2)]).await;
    project.compare().await;
    let writer = project.ledger.writer("a test").await.unwrap();
    writer.undo(&[2], Timestamp::UNIX_EPOCH).await.unwrap();
    project.compare().await;
}

#[tokio::test]
async fn a_ledger_that_was_put_back_and_went_another_way_is_not_answered_from_the_first() {
    let mut project = Project::new(timestamps()).await;
    let events = orders(3);
    project.import(&[&events[0]]).await;
    let mut back = None;
    project.restore(&mut back).await;
    project.import(&[&events[1]]).await;
    project.compare().await;
    project.restore(&mut back).await;
    project.import(&[&events[2]]).await;
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
