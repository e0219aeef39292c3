//! Runs the program and reads what it answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Copies a folder, without what the program itself has written there.
pub(crate) fn copy(from: &Path, to: &Path) {
    copy_but(from, to, &[".amends"]);
}

/// Copies a folder with everything.
pub(crate) fn copy_all(from: &Path, to: &Path) {
    copy_but(from, to, &[]);
}

fn copy_but(from: &Path, to: &Path, left_out: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if left_out.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy_but(&entry.path(), &target, left_out)
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Simulates four months of a company in a folder. Returns its project.
pub(crate) fn simulated(folder: &Path, customers: u32) -> PathBuf {
    let customers = customers.to_string();
    let simulate = [
        "simulate",
        "--customers",
        &customers,
        "--months",
        "4",
        "--out",
        "c",
    ];
    text(folder, &simulate);
    folder.join("c/project")
}

/// `amends` in a folder, not yet run.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amends"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS");
    command
}

/// Runs `amends` in a folder.
pub(crate) fn amends(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// Runs `amends`, which must succeed, and returns its standard output.
pub(crate) fn text(folder: &Path, arguments: &[&str]) -> String {
    let output = amends(folder, arguments);
    let (out, talk) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(
        output.status.success(),
        "amends {}: {:?}\n{out}\n{talk}",
        arguments.join(" "),
        output.status.code()
    );
    out
}

/// Runs `amends ... --json`, which must succeed, and returns what it answers.
pub(crate) fn json(folder: &Path, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    serde_json::from_str(&text(folder, &arguments)).unwrap()
}
