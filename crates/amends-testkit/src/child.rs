//! A test that runs a part of itself as a process of its own, so that the process can be killed or watched.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder in which the child works.
const TASK: &str = "AMENDS_TEST_TASK";

/// The folder in which to work, if this process was started by [`itself`]; a test that is only a child's part ends at once without it.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place through which a child learns what its parent wants"
)]
pub fn task() -> Option<PathBuf> {
    std::env::var_os(TASK).map(PathBuf::from)
}

/// A command that runs one test of this test program, named in full, with a task; `before` stands in front of it, such as `strace` and its options.
///
/// # Panics
/// When this program cannot say where it stands.
pub fn itself<S: AsRef<OsStr>>(before: &[S], test: &str, task: &Path) -> Command {
    let program = std::env::current_exe().expect("a test program has a path");
    let mut command = match before.split_first() {
        None => Command::new(program),
        Some((first, others)) => {
            let mut command = Command::new(first);
            command.args(others).arg(program);
            command
        }
    };
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(TASK, task)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command
}
