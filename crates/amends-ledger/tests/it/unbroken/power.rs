//! Power cuts: the writes of a whole run, replayed up to any point, what was not synced lost, torn or out of order.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use amends_testkit::disk::log::{self, Op, STRACE, Step};
use amends_testkit::disk::model::Disk;
use amends_testkit::tempfile::tempdir;
use amends_testkit::{itself, rounds};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{Place, examine, undisturbed, work};

/// Whether there is `strace`; without it this says that it skips.
#[allow(clippy::print_stderr, reason = "a test that skips says so")]
pub(super) fn strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    if !there {
        eprintln!("skipped: strace is not installed, so nobody sees what is written");
    }
    there
}

#[tokio::test]
async fn no_power_cut_loses_what_was_acknowledged() {
    if !strace() {
        return;
    }
    let states = undisturbed().await;
    let place = Place::new();
    let log_path = place.task.join("log");
    let mut before: Vec<&str> = STRACE.to_vec();
    before.push(log_path.to_str().unwrap());
    let status = itself(&before, work::TEST, &place.task).status().unwrap();
    assert!(status.success());
    assert_eq!(work::ended(&place.task).as_deref(), Some("done"));
    let steps = log::read(&log_path);
    let root = work::ledger(&place.task);
    let acknowledgements = work::acknowledgements(&place.task);
    let syncs = steps
        .iter()
        .filter(|step| matches!(step.what, Op::Sync { .. }));
    assert!(syncs.count() > 100, "the log shows that files are synced");
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let cuts = rounds(40, steps.len());
    for round in 0..cuts {
        let cut = match cuts == steps.len() {
            true => round,
            false => random.next_u32() as usize % steps.len(),
        };
        let mut choose = |below: u64| random.next_u64() % below.max(1);
        let (disk, acknowledged) = at(&steps[..=cut], &root, &acknowledgements);
        let left = tempdir().unwrap();
        disk.after_power_cut(left.path(), &mut choose);
        let said = format!("after {cut} of {} steps", steps.len());
        let examined = examine(left.path(), &acknowledged, &states);
        // The panic of a failed examination does not know where the cut was.
        let shown = Shown(said);
        examined.await;
        shown.well();
    }
}

/// Says on a panic what was being looked at.
struct Shown(String);

impl Shown {
    fn well(self) {
        std::mem::forget(self);
    }
}

impl Drop for Shown {
    #[allow(clippy::print_stderr, reason = "the place of a failure")]
    fn drop(&mut self) {
        eprintln!("power was cut {}", self.0);
    }
}

/// The disk after these steps, and what had been acknowledged by then.
fn at(steps: &[Step], root: &Path, acknowledgements: &Path) -> (Disk, BTreeSet<String>) {
    let mut disk = Disk::new(root);
    let mut acknowledged = BTreeSet::new();
    let mut talks = None;
    for step in steps {
        disk.take(step);
        match &step.what {
            Op::Open { fd, path, .. } if path == acknowledgements => talks = Some(*fd),
            Op::Open { fd, .. } if talks == Some(*fd) => talks = None,
            Op::Write { fd, bytes, .. } if talks == Some(*fd) => {
                let text = String::from_utf8_lossy(bytes);
                acknowledged.extend(text.lines().map(str::to_owned));
            }
            _ => {}
        }
    }
    (disk, acknowledged)
}
