//! Kill -9 at random moments of whole commands: started again, everything is as if nobody had disturbed it.
//!
//! When a command is killed depends on the machine as well as on the seed; a failure tells both the seed and after how long it was.

pub(crate) mod backup;
mod dry_run;
pub(crate) mod erase;
mod import;
mod restore;
mod undo;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use amends_testkit::seed;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

use crate::program::{self, json as ask};
use crate::strays;

/// Kills of each command in a short and in a long run.
const SHORT: usize = 4;
const LONG: usize = 50;

/// Runs commands and kills them.
struct Killer {
    random: ChaCha8Rng,
    longest: Duration,
    kills: usize,
    wanted: usize,
}

impl Killer {
    fn new(fixed: u64, wanted: usize) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed(fixed)),
            longest: Duration::from_millis(400),
            kills: 0,
            wanted,
        }
    }

    /// Whether there were kills enough.
    fn is_done(&self) -> bool {
        self.kills >= self.wanted
    }

    /// How long the command takes if nobody disturbs it: kills come within that time.
    #[allow(
        clippy::disallowed_methods,
        reason = "kills come within the time that a command takes"
    )]
    fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = run();
        self.longest = start.elapsed();
        outcome
    }

    /// Runs a command and kills it at a random moment: whether it was killed. One that ended before its moment must have succeeded.
    #[allow(
        clippy::print_stderr,
        reason = "the moment of a kill, for whoever reads of a failure"
    )]
    fn strike(&mut self, folder: &Path, arguments: &[&str]) -> bool {
        let mut command = program::command(folder, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = command.stderr(Stdio::null()).spawn().unwrap();
        let share = f64::from(self.random.next_u32()) / f64::from(u32::MAX);
        let wait = self.longest.mul_f64(share);
        std::thread::sleep(wait);
        if let Some(status) = process.try_wait().unwrap() {
            assert!(
                status.success(),
                "amends {arguments:?}, undisturbed: {status}"
            );
            self.longest = self.longest.mul_f64(0.95).max(Duration::from_millis(20));
            return false;
        }
        process.kill().unwrap();
        process.wait().unwrap();
        self.kills += 1;
        // A machine that has more to do than when the time was taken would never let it come to its end.
        self.longest = self.longest.mul_f64(1.03);
        eprintln!("kill {}: {arguments:?} after {wait:?}", self.kills);
        true
    }
}

/// What a project answers, but for what differs between any two vaults: identifiers, and the moments of the work itself.
pub(crate) fn answers(project: &Path) -> Value {
    let (card, letdowns) = (ask(project, &["card"]), ask(project, &["letdowns"]));
    let examined = ask(project, &["doctor"]);
    assert_eq!(examined["good"], true, "{examined}");
    let figures = [
        "opening",
        "new",
        "returned",
        "lost",
        "lost_avoidable",
        "closing",
        "net",
    ];
    let figures = figures.map(|figure| (figure.to_owned(), card[figure].clone()));
    let aside = ask(project, &["quarantine", "list", "--limit", "0"]);
    let mut aside: Vec<String> = aside["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| ["file", "line", "column", "code", "reason"].map(|part| row[part].to_string()))
        .map(|row| row.join(" "))
        .collect();
    aside.sort();
    aside.dedup();
    let counts = letdowns["promises"].as_array().unwrap().iter();
    let counts = counts.map(|promise| {
        let parts = [
            "promise", "exposed", "kept", "late", "broken", "overdue", "total",
        ];
        parts.map(|part| promise[part].clone())
    });
    json!({
        "state": examined["state"],
        "card": serde_json::Map::from_iter(figures),
        "promises": counts.collect::<Vec<_>>(),
        "aside": aside,
    })
}

/// Sees that nothing stands in the data folder that does not belong there.
fn clean(project: &Path) {
    assert_eq!(strays::in_data_of(project), Vec::<PathBuf>::new());
}
