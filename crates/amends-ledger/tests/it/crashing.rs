//! What a crash, a damaged disk or a reader in the way leave behind.

use std::fs;
use std::path::{Path, PathBuf};

use amends_ledger::{Ledger, Sizes};

use crate::events::{Said, batch, current, import, ledger, ledger_sized, next_writer, start};

fn some(count: u64, content: i64) -> Vec<Said> {
    (0..count)
        .map(|record| Said {
            record,
            content: content + record as i64,
            line: record as i64,
            ..Said::default()
        })
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("segments/parcel"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn segments_only() -> Sizes {
    Sizes {
        small: 0,
        fan: 2,
        merged_at_once: 0,
        ..Sizes::default()
    }
}

#[tokio::test]
async fn what_was_not_committed_leaves_nothing() {
    let (folder, ledger, writer) = ledger_sized(Sizes {
        buffered_events: 10,
        ..segments_only()
    })
    .await;
    import(&writer, "parcel", &some(20, 0)).await;
    let before = files(folder.path());
    let mut crashed = writer.begin(start("b.csv")).await.unwrap();
    // While the second is gathered the first is written.
    for first in [100, 200] {
        let events = batch("parcel", &some(30, first), None);
        crashed.stage("parcel", events).await.unwrap();
    }
    drop(crashed);
    assert!(files(folder.path()).len() > before.len());
    fs::write(folder.path().join("segments/parcel/99.parquet.tmp"), "half").unwrap();
    drop(writer);
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(current(&snapshot, "parcel").len(), 20);
    drop(snapshot);
    let writer = next_writer(&ledger).await;
    assert_eq!(files(folder.path()), before);
    let record = import(&writer, "parcel", &some(30, 100)).await;
    assert_eq!((record.stored, record.import), (30, 3));
    assert!(ledger.verify().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reader_keeps_the_files_that_it_reads() {
    let (folder, ledger, writer) = ledger_sized(segments_only()).await;
    import(&writer, "parcel", &some(20, 0)).await;
    import(&writer, "parcel", &some(30, 100)).await;
    let reader = ledger.snapshot().await.unwrap();
    let before = current(&reader, "parcel");
    assert_eq!(writer.compact().await.unwrap(), 2);
    assert_eq!(files(folder.path()).len(), 6);
    assert_eq!(current(&reader, "parcel"), before);
    let after = ledger.snapshot().await.unwrap();
    assert_eq!(current(&after, "parcel"), before);
    assert_eq!(after.segments("parcel").len(), 1);
    drop((reader, after, writer));
    let _writer = ledger.writer("later").await.unwrap();
    assert_eq!(files(folder.path()).len(), 2);
    let now = ledger.snapshot().await.unwrap();
    assert_eq!(current(&now, "parcel"), before);
}

#[tokio::test]
async fn damage_is_named_and_the_rest_can_be_read() {
    let (folder, ledger, writer) = ledger_sized(segments_only()).await;
    import(&writer, "parcel", &some(200, 0)).await;
    import(&writer, "letter", &some(300, 0)).await;
    assert!(ledger.verify().await.unwrap().is_empty());
    let files = files(folder.path());
    for path in &files {
        let whole = fs::read(path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 4;
        fs::write(path, &flipped).unwrap();
        let damage = ledger.verify().await.unwrap();
        assert_eq!(damage.len(), 1);
        assert_eq!(&damage[0].path, path);
        fs::write(path, &whole[1..]).unwrap();
        assert!(ledger.verify().await.unwrap()[0].what.contains("bytes"));
        fs::remove_file(path).unwrap();
        assert_eq!(ledger.verify().await.unwrap().len(), 1);
        let snapshot = ledger.snapshot().await.unwrap();
        assert_eq!(current(&snapshot, "letter").len(), 300);
        fs::write(path, whole).unwrap();
    }
    assert_eq!(files.len(), 2);
    assert!(ledger.verify().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_key_file_never_lets_a_duplicate_in() {
    let (folder, ledger, writer) = ledger_sized(segments_only()).await;
    import(&writer, "parcel", &some(200, 0)).await;
    let keys = files(folder.path()).remove(0);
    assert_eq!(keys.extension().unwrap(), "keys");
    let mut bytes = fs::read(&keys).unwrap();
    // The first page after the header holds entries.
    bytes[4_096 + 100] ^= 1;
    fs::write(&keys, bytes).unwrap();
    let mut import = writer.begin(start("a.csv")).await.unwrap();
    import
        .stage("parcel", batch("parcel", &some(200, 0), None))
        .await
        .unwrap();
    let end = amends_ledger::ImportEnd {
        received: 200,
        ..Default::default()
    };
    let problem = import.commit(end).await.unwrap_err();
    assert_eq!(problem.code(), "AM0406");
    assert!(
        problem
            .detail_text()
            .unwrap()
            .contains("checksum of page 1")
    );
    assert_eq!(ledger.imports().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_no_ledger() {
    let (folder, ledger, _writer) = ledger().await;
    let path = folder.path().join("file");
    fs::write(&path, "x").unwrap();
    assert_eq!(Ledger::open(&path).await.unwrap_err().code(), "AM0401");
    let newer = "INSERT INTO schema_version (version) VALUES (999)";
    let address = format!("sqlite://{}", folder.path().join("ledger.db").display());
    let pool = sqlx::AnyPool::connect(&address).await.unwrap();
    sqlx::query(newer).execute(&pool).await.unwrap();
    drop((ledger, _writer));
    assert_eq!(
        Ledger::open(folder.path()).await.unwrap_err().code(),
        "AM0409"
    );
}

#[tokio::test]
async fn a_catalog_that_is_lost_or_older_than_its_files_is_no_empty_ledger() {
    let (folder, ledger, writer) = ledger_sized(segments_only()).await;
    import(&writer, "parcel", &some(20, 0)).await;
    drop((ledger, writer));
    let older = Database::of(folder.path());
    let opened = || Ledger::open_sized(folder.path(), segments_only());
    let ledger = opened().await.unwrap();
    let writer = ledger.writer("a test").await.unwrap();
    import(&writer, "parcel", &some(20, 100)).await;
    drop((ledger, writer));
    let (before, newer) = (files(folder.path()), Database::of(folder.path()));

    Database::default().put(folder.path());
    assert_eq!(opened().await.unwrap_err().code(), "AM0414");
    older.put(folder.path());
    assert_eq!(opened().await.unwrap_err().code(), "AM0414");
    assert_eq!(files(folder.path()), before, "nothing is swept");
    newer.put(folder.path());
    let ledger = opened().await.unwrap();
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(current(&snapshot, "parcel").len(), 20);
}

/// The files of a catalog; the log may hold what the first does not hold yet.
#[derive(Default)]
struct Database(Vec<(PathBuf, Vec<u8>)>);

impl Database {
    const FILES: [&str; 3] = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];

    /// Read until it stays: whoever closed it last may still be tidying.
    fn of(ledger: &Path) -> Self {
        let read = || -> Vec<(PathBuf, Vec<u8>)> {
            let file = |name: &&str| Some((PathBuf::from(name), fs::read(ledger.join(name)).ok()?));
            Self::FILES.iter().filter_map(file).collect()
        };
        let mut last = read();
        loop {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let next = read();
            if next == last {
                return Self(last);
            }
            last = next;
        }
    }

    fn put(&self, ledger: &Path) {
        for name in Self::FILES {
            let _gone = fs::remove_file(ledger.join(name));
        }
        for (name, bytes) in &self.0 {
            fs::write(ledger.join(name), bytes).unwrap();
        }
    }
}
