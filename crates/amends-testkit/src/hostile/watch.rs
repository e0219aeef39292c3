//! A process that reads hostile input, watched from outside: it must not panic, not hang, and not take more memory than it may.

use std::fs;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::{itself, task};

/// No input may take more memory than this beyond what the process took before it met any.
const MOST_BYTES: u64 = 256 << 20;
/// How often the parent looks, and how often it may find its child at the same input. This is no limit of speed: no input takes more than some seconds.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: usize = 4 * 120;

/// Runs a test of this test program as a process of its own, as far as [`Watch::begin`] gives it something to do, and watches over it.
/// `prepare` puts into the child's folder what it reads and must not make itself, because making it takes memory.
/// Gives what the child found worth telling.
///
/// # Panics
/// When the child fails or hangs, with the input that it was at.
pub fn watched(test: &str, prepare: impl FnOnce(&Path)) -> String {
    let folder = tempfile::TempDir::new().expect("a folder for the child");
    prepare(folder.path());
    let file = |name: &str| folder.path().join(name);
    let told = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
    let errors = fs::File::create(file("errors")).expect("a file for the child's words");
    let output = errors.try_clone().expect("the same file");
    let mut child = itself::<&str>(&[], test, folder.path())
        .stderr(errors)
        .stdout(output)
        .spawn()
        .expect("the child starts");
    let (mut at, mut looks) = (String::new(), 0);
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be asked") {
            break status;
        }
        std::thread::sleep(LOOK);
        let now = told("at");
        looks = if now == at { looks + 1 } else { 0 };
        at = now;
        if looks > LOOKS {
            let _gone_already = child.kill();
            let _status = child.wait();
            panic!("{test} hangs at input {at}");
        }
    };
    let words = told("errors");
    let last: Vec<&str> = words.lines().rev().take(40).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    assert!(
        status.success() && !told("told").is_empty(),
        "{test} failed ({status}) at input {}:\n{}",
        told("at"),
        last.join("\n")
    );
    told("told")
}

/// The child's side: says which input it is at, and looks at what the input did to the process.
pub struct Watch {
    folder: PathBuf,
    panics: Arc<Mutex<Vec<String>>>,
    contained: &'static [&'static str],
    inputs: usize,
    baseline: Option<u64>,
}

impl Watch {
    /// The watch, where this process is a child that [`watched`] has started.
    ///
    /// A panic is a finding, also one that is caught, except in the libraries named by `contained`: those a decoder has to catch, and does.
    pub fn begin(contained: &'static [&'static str]) -> Option<Self> {
        let folder = task()?;
        let panics = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&panics);
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let mut heard = match heard.lock() {
                Ok(heard) => heard,
                Err(poisoned) => poisoned.into_inner(),
            };
            heard.push(info.to_string());
            say(&info.to_string());
        }));
        Some(Self {
            folder,
            panics,
            contained,
            inputs: 0,
            baseline: None,
        })
    }

    /// The folder that was prepared for this process.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From here on memory counts.
    pub fn baseline(&mut self) {
        // Resets the highest value to the present one, where the system can.
        let _not_there = fs::write("/proc/self/clear_refs", "5");
        self.baseline = memory("VmRSS:");
    }

    /// Reads one input.
    ///
    /// # Panics
    /// When the input made something panic, or take too much memory.
    pub fn input<T>(&mut self, name: &str, read: impl FnOnce() -> T) -> T {
        self.inputs += 1;
        fs::write(self.folder.join("at"), name).expect("the child can write");
        let read = read();
        let panics = self.panics.lock().expect("no panic while it is held");
        let ours = panics.iter().find(|panic| {
            let mut contained = self.contained.iter();
            !contained.any(|library| panic.contains(library))
        });
        assert!(ours.is_none(), "{name} panicked: {ours:?}");
        drop(panics);
        if let Some((highest, baseline)) = memory("VmHWM:").zip(self.baseline) {
            let over = highest.saturating_sub(baseline);
            assert!(
                over <= MOST_BYTES,
                "{name} took {} MiB over the baseline of {} MiB",
                over >> 20,
                baseline >> 20
            );
        }
        read
    }

    /// Tells the parent that all inputs were read.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn end(self, words: &str) {
        let contained = self.panics.lock().expect("no panic while it is held").len();
        let memory = match memory("VmHWM:").zip(self.baseline) {
            Some((highest, baseline)) => format!(
                "at most {} MiB over the baseline of {} MiB",
                highest.saturating_sub(baseline) >> 20,
                baseline >> 20
            ),
            None => "this system does not tell how much memory was taken".to_owned(),
        };
        let _of_the_runner = std::panic::take_hook();
        write(
            &self.folder.join("told"),
            &format!(
                "{} inputs, {words}, {contained} panics of libraries contained, {memory}",
                self.inputs
            ),
        );
    }
}

#[allow(
    clippy::print_stderr,
    reason = "the parent quotes it when its child has failed"
)]
fn say(words: &str) {
    eprintln!("{words}");
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the child can write");
}

/// What the system says of this process, in bytes.
fn memory(line: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let said = status.lines().find_map(|it| it.strip_prefix(line))?;
    let kibibytes: u64 = said.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
