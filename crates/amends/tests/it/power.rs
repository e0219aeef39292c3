//! Power cuts during whole commands: what a command wrote is replayed up to any point, what was not synced lost, torn or out of order.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use amends_testkit::disk::log::{self, Op, STRACE, Step};
use amends_testkit::disk::model::Disk;
use amends_testkit::tempfile::{TempDir, tempdir};
use amends_testkit::{rounds, seed};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::killed::backup::restored;
use crate::killed::{answers, erase};
use crate::private::EVA;
use crate::program::{self, copy, copy_all, simulated, text};

/// Runs a command on a project while everything that it does to files is written down. Nothing where there is no `strace`.
#[allow(clippy::print_stderr, reason = "a test that skips says so")]
fn watched(project: &Path, arguments: &[&str]) -> Option<Vec<Step>> {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed, so nobody sees what is written");
        return None;
    }
    let here = tempdir().unwrap();
    let log = here.path().join("log");
    // Paths in the log are whole if the project's is.
    let program = program::command(project, arguments);
    let status = Command::new(STRACE[0])
        .args(&STRACE[1..])
        .arg(&log)
        .arg(program.get_program())
        .args(program.get_args())
        .arg("--project")
        .arg(project)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "amends {arguments:?}");
    let steps = log::read(&log);
    let syncs = steps
        .iter()
        .filter(|step| matches!(step.what, Op::Sync { .. }));
    assert!(syncs.count() > 5, "the log shows that files are synced");
    Some(steps)
}

/// Cuts the power at some steps or at all of them, and last of all when the command had ended. `look` is told the folder that is left and whether
/// the command had ended.
#[allow(clippy::print_stderr, reason = "the place of a failure")]
fn cut(steps: &[Step], before: &Disk, root: &Path, look: impl Fn(&Path, bool)) {
    let mut random = ChaCha8Rng::seed_from_u64(seed(27));
    // Only what is done below the folder makes a difference.
    let mut disk = before.clone();
    let mut concerns = |step: &Step| {
        let seen = disk.seen();
        disk.take(step);
        disk.seen() > seen
    };
    let changes: Vec<usize> = (0..steps.len())
        .filter(|step| concerns(&steps[*step]))
        .collect();
    let cuts = rounds(8, changes.len());
    for round in 0..=cuts {
        let place = match round == cuts {
            true => steps.len(),
            false if cuts == changes.len() => changes[round] + 1,
            false => changes[random.next_u32() as usize % changes.len()] + 1,
        };
        eprintln!(
            "power was cut after {place} of {} steps, {} of which change {}",
            steps.len(),
            changes.len(),
            root.display()
        );
        let mut disk = before.clone();
        for step in &steps[..place] {
            disk.take(step);
        }
        let left = tempdir().unwrap();
        disk.after_power_cut(left.path(), &mut |below| random.next_u64() % below.max(1));
        look(left.path(), place == steps.len());
    }
}

/// A folder whose path is whole.
fn folder() -> (TempDir, PathBuf) {
    let here = tempdir().unwrap();
    let path = here.path().canonicalize().unwrap();
    (here, path)
}

#[test]
fn after_a_power_cut_an_erasure_has_not_begun_or_is_carried_out_to_its_end() {
    let (_keep, base) = erase::project();
    let (_keep, here) = folder();
    let project = here.join("project");
    copy_all(&base, &project);
    let data = project.join(".amends");
    let before = Disk::with_content_of(&data);
    let Some(steps) = watched(&project, &["erase", EVA, "--yes"]) else {
        return;
    };
    assert!(!erase::is_there(&project));
    cut(&steps, &before, &data, |left, ended| {
        let (_keep, here) = folder();
        let project = here.join("project");
        copy(&base, &project);
        copy_all(left, &project.join(".amends"));
        let is_there = erase::is_there(&project);
        assert!(!is_there || !ended, "what was acknowledged is on disk");
        let (_, listed, decided) = erase::answers(&project);
        let expected = usize::from(!is_there);
        assert_eq!((listed, decided), (expected, expected));
    });
}

#[test]
fn after_a_power_cut_a_backup_is_whole_is_the_old_one_or_is_refused() {
    let (_keep, here) = folder();
    let project = simulated(&here, 60);
    text(&project, &["import", "billing", "desk"]);
    let (old, backup) = (answers(&project), here.join("backup"));
    let to = backup.to_str().unwrap();
    text(&project, &["backup", to]);
    text(&project, &["import"]);
    let new = answers(&project);
    for over_an_old_one in [true, false] {
        if !over_an_old_one {
            std::fs::remove_dir_all(&backup).unwrap();
            std::fs::create_dir(&backup).unwrap();
        }
        let before = Disk::with_content_of(&backup);
        let Some(steps) = watched(&project, &["backup", to]) else {
            return;
        };
        cut(&steps, &before, &backup, |left, ended| {
            match restored(&project, left) {
                Some(found) if ended => assert_eq!(found, new),
                Some(found) => assert!(found == new || over_an_old_one && found == old),
                None => assert!(!over_an_old_one && !ended, "a whole backup was there"),
            }
        });
    }
}
