//! What the process does that is disturbed: imports, decisions, sealing and compaction, each acknowledged when it is done.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use amends_ledger::{ImportEnd, Ledger, Sizes, Writer};
use amends_model::Result;
use jiff::Timestamp;

use crate::events::{Said, batch, start};

/// How many imports there are.
pub(super) const STEPS: usize = 24;
/// The kind of decisions.
pub(super) const DECISION: &str = "fracture_named";
/// So small that everything happens: tail and segments, sealing, merging.
pub(super) const SIZES: Sizes = Sizes {
    buffered_events: 24,
    buffered_bytes: 1 << 20,
    small: 12,
    full_tail: 24,
    slice: 16,
    fan: 3,
    merged_at_once: 128,
    merged_at_most: 4_096,
};

/// The folder of the ledger in that of a task.
pub(super) fn ledger(task: &Path) -> PathBuf {
    task.join("ledger")
}

/// The file of acknowledgements.
pub(super) fn acknowledgements(task: &Path) -> PathBuf {
    task.join("acknowledged")
}

/// What was acknowledged, each thing once: a process that starts again decides again what it had decided.
pub(super) fn acknowledged(task: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(acknowledgements(task)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The name of the file of a step.
pub(super) fn file(step: usize) -> String {
    format!("orders-{step:02}.csv")
}

/// Imports the file of a step: new records, records known before, and records that now say something else.
pub(super) async fn import(writer: &Writer, step: usize) -> Result<()> {
    let mut import = writer.begin(start(&file(step))).await?;
    let parcels = if step.is_multiple_of(3) { 40 } else { 9 };
    for (kind, count) in [("parcel", parcels), ("letter", 5 + step as u64 % 2)] {
        let first = step as u64 * 5;
        let said: Vec<Said> = (first..first + count)
            .map(|record| Said {
                record,
                content: record as i64 * 10 + (step as i64 / 4) % 3,
                at: (record as i64 * 7_919) % 1_000,
                whom: (record % 7) as u8,
                line: record as i64,
                ..Said::default()
            })
            .collect();
        import.stage(kind, batch(kind, &said, None)).await?;
    }
    let received = parcels.max(5 + step as u64 % 2);
    let end = ImportEnd {
        received,
        ..ImportEnd::default()
    };
    import.commit(end).await.map(drop)
}

/// How often a step is tried.
const TRIES: usize = 4;

/// Does what is not done yet, in order. A step that fails is tried again by the same writer, as by someone who has read of it; the first failure
/// is told at the end.
async fn work(task: &Path) -> Result<()> {
    let ledger = Ledger::open_sized(&ledger(task), SIZES).await?;
    let writer = ledger.writer("the work").await?;
    let mut failed = None;
    for step in 0..STEPS {
        for tried in 1.. {
            match take(task, &ledger, &writer, step).await {
                Ok(()) => break,
                Err(problem) if tried == TRIES => return Err(problem),
                Err(problem) => failed.get_or_insert(problem),
            };
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn take(task: &Path, ledger: &Ledger, writer: &Writer, step: usize) -> Result<()> {
    let imports = ledger.imports().await?;
    if !imports.iter().any(|import| import.start.file == file(step)) {
        import(writer, step).await?;
        acknowledge(task, &format!("import {step}"));
    }
    if step % 4 == 3 {
        let about = step.to_string();
        writer
            .decide(DECISION, &about, "{}", Timestamp::UNIX_EPOCH)
            .await?;
        acknowledge(task, &format!("decision {step}"));
    }
    if step % 5 == 4 {
        writer.seal(true).await?;
    }
    writer.compact().await.map(drop)
}

/// Tells the world, which from now on relies on it.
fn acknowledge(task: &Path, what: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(acknowledgements(task))
        .unwrap();
    file.write_all(format!("{what}\n").as_bytes()).unwrap();
}

/// The process of its own; nothing where it was not started as one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_of_a_process_of_its_own() {
    let Some(task) = amends_testkit::task() else {
        return;
    };
    let ended = match work(&task).await {
        Ok(()) => "done".to_owned(),
        Err(problem) => format!("{}: {problem}", problem.code()),
    };
    std::fs::write(task.join("ended"), ended).unwrap();
}

/// The name of the test above.
pub(super) const TEST: &str = "unbroken::work::the_work_of_a_process_of_its_own";

/// How the process ended, in its own words; `None` when it was not asked.
pub(super) fn ended(task: &Path) -> Option<String> {
    std::fs::read_to_string(task.join("ended")).ok()
}
