//! A disk that is full: said plainly, nothing believed that is not on it, and the work goes on once there is room.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use amends_testkit::rounds;
use amends_testkit::tempfile::tempdir;

use crate::program::{amends, json, text};
use crate::several::{self, Size};
use crate::strays;

/// How much room is left when others have filled a disk: for nothing, for the log of one database, for those of both, for some pages more.
const LEFT_KILOBYTES: [u64; 4] = [0, 40, 80, 120];

/// What is asked on a full disk.
const QUESTIONS: [&[&str]; 3] = [&["imports"], &["letdowns"], &["customer", "who-1-0"]];

/// A small disk in memory. It goes when this is dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts a disk of a size; `None`, saying so, where that is not allowed.
    #[allow(clippy::print_stderr, reason = "a test that skips says so")]
    fn of(kilobytes: u64, at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .output();
        match mount {
            Ok(mounted) if mounted.status.success() => Some(Self(at.to_owned())),
            _ => {
                eprintln!("skipped: nobody may mount a small disk here, so none can be full");
                None
            }
        }
    }

    fn grow(&self, kilobytes: u64) {
        let size = format!("remount,size={kilobytes}k");
        let status = Command::new("mount")
            .args(["-o", &size])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success());
    }

    /// Leaves so much room and no more.
    fn fill(&self, left_kilobytes: u64) {
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length - (left_kilobytes << 10)).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs a command that may find the disk full: whether it did what was asked. It says so at once and says what to do.
#[allow(
    clippy::disallowed_methods,
    reason = "an error that is told late is a fault"
)]
fn tried(project: &Path, arguments: &[&str]) -> bool {
    let start = Instant::now();
    let output = amends(project, arguments);
    let took = start.elapsed();
    assert!(
        took < Duration::from_secs(20),
        "amends {arguments:?} took {took:?}"
    );
    if output.status.success() {
        return true;
    }
    let talk = String::from_utf8(output.stderr).unwrap();
    let words: Vec<&str> = talk.split_whitespace().collect();
    let talk = words.join(" ");
    assert_eq!(
        output.status.code(),
        Some(3),
        "amends {arguments:?}: {talk}"
    );
    assert_eq!(
        talk.matches("[AM0021]").count(),
        1,
        "amends {arguments:?}: {talk}"
    );
    assert!(talk.contains("are free for ./.amends"), "{talk}");
    assert!(
        talk.contains("make room") && talk.contains("run the same command again"),
        "{talk}"
    );
    false
}

#[test]
#[allow(
    clippy::print_stderr,
    reason = "how many commands found room, for whoever asks"
)]
fn an_import_that_fills_the_disk_says_so_and_goes_on_when_there_is_room() {
    let here = tempdir().unwrap();
    let undisturbed = here.path().join("undisturbed");
    several::project(&undisturbed, Size::Small);
    text(&undisturbed, &["import"]);
    let state = json(&undisturbed, &["doctor"])["state"].clone();
    let minted = several::minted(&undisturbed);
    let needed = space(&undisturbed.join(".amends")).div_ceil(1024);
    let sizes = rounds(3, 24) as u64;
    let (mut full, mut answered, mut asked, mut with_little_room) = (0, 0, 0, [0; 4]);
    for round in 1..=sizes {
        let project = here.path().join(format!("project-{round}"));
        several::project(&project, Size::Small);
        // More small disks than large ones: how little suffices depends on when the log is written back.
        let kilobytes = (needed * 5 / 4 * round * round / (sizes * sizes)).next_multiple_of(4);
        let Some(disk) = Disk::of(kilobytes, &project.join(".amends")) else {
            return;
        };
        let is_done = tried(&project, &["import"]);
        full += usize::from(!is_done);
        for question in QUESTIONS {
            // Before the first import is stored there is nothing to be asked about.
            if is_done || json_or_none(&project, &["imports"]).is_some_and(|all| all["total"] != 0)
            {
                asked += 1;
                answered += usize::from(tried(&project, question));
            }
        }
        disk.grow(64 << 10);
        let examined = json(&project, &["doctor"]);
        assert_eq!(examined["good"], true, "{examined}");
        text(&project, &["import"]);
        let examined = json(&project, &["doctor"]);
        assert_eq!(
            (&examined["good"], &examined["state"]),
            (&true.into(), &state),
            "{kilobytes} kB"
        );
        assert_eq!(several::minted(&project), minted);
        assert_eq!(strays::in_data_of(&project), Vec::<PathBuf>::new());
        disk.fill(0);
        for question in QUESTIONS {
            assert!(tried(&project, question), "room was kept back for this");
        }
        for (left, answered) in LEFT_KILOBYTES.iter().zip(&mut with_little_room) {
            disk.fill(*left);
            for question in QUESTIONS {
                *answered += usize::from(tried(&project, question));
            }
            assert!(!tried(&project, &["import"]), "there is no room to write");
        }
    }
    eprintln!("{needed} kB are needed; {full} of {sizes} disks were full");
    eprintln!("{answered} of {asked} questions were answered beside the import that failed");
    let questions = sizes as usize * QUESTIONS.len();
    for (left, answered) in LEFT_KILOBYTES.iter().zip(with_little_room) {
        eprintln!("{answered} of {questions} questions were answered with {left} kB of room");
    }
    assert!(full >= 2, "some disks are too small");
}

/// What a command answers in JSON, if it does.
fn json_or_none(project: &Path, arguments: &[&str]) -> Option<serde_json::Value> {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let output = amends(project, &arguments);
    serde_json::from_slice(&output.stdout)
        .ok()
        .filter(|_| output.status.success())
}

/// What the files below a folder take.
fn space(folder: &Path) -> u64 {
    let sizes = strays::files(folder).into_iter();
    // A log goes when the last who used it has let go of it.
    sizes
        .map(|file| file.metadata().map_or(0, |about| about.len()))
        .sum()
}
