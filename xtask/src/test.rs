//! `cargo xtask test`: every check, each timed; all of them run, also when one has failed.

use std::path::Path;
use std::time::Duration;

use crate::run::{self, shown};
use crate::tidy;

/// A check: its name and what does it.
type Check = (&'static str, fn(&Path) -> Result<(), String>);

/// Quick ones first.
const CHECKS: &[Check] = &[
    ("format", format),
    ("tidy", |root| tidy::run(root, &[])),
    ("clippy", clippy),
    ("tests", tests),
    ("doctests", doctests),
    ("docs", docs),
];

/// Runs every check, or those named; with `--long` the tests alone, each proof in its long form.
///
/// # Errors
/// The names of those that failed.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<(), String> {
    if names == ["--long"] {
        tools()?;
        return long_tests(root);
    }
    if let Some(unknown) = names.iter().find(|name| !is_check(name)) {
        let known: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "there is no check {unknown:?}; there are: {}",
            known.join(", ")
        ));
    }
    tools()?;
    match std::env::var("AMENDS_DATA") {
        Ok(folder) => println!("Real data: {folder}"),
        Err(_) => println!("Real data: none (AMENDS_DATA is not set), so tests that need it skip"),
    }
    let chosen = CHECKS
        .iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name));
    let mut outcomes = Vec::new();
    for (name, check) in chosen {
        println!("\n== {name}");
        let (outcome, took) = run::timed(|| check(root));
        if let Err(message) = &outcome {
            println!("{message}");
        }
        println!("== {name}: {}", verdict(outcome.is_ok(), took));
        outcomes.push((*name, outcome.is_ok(), took));
    }
    summary(&outcomes)
}

fn is_check(name: &str) -> bool {
    CHECKS.iter().any(|(check, _)| *check == name)
}

/// Says what is missing before anything runs.
fn tools() -> Result<(), String> {
    let cargo = run::cargo();
    let needed = [
        (
            run::works(&cargo, &["fmt", "--version"]),
            "rustfmt: run `rustup component add rustfmt`",
        ),
        (
            run::works(&cargo, &["clippy", "--version"]),
            "clippy: run `rustup component add clippy`",
        ),
        (
            run::works("git", &["--version"]),
            "git: install your system's package `git`",
        ),
        (
            run::works("cc", &["--version"]),
            "a C compiler for SQLite and zstd: install your system's package `gcc` or `clang`",
        ),
    ];
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(there, _)| !there)
        .map(|(_, says)| *says)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("missing: {}", missing.join("\nmissing: ")))
    }
}

fn summary(outcomes: &[(&str, bool, Duration)]) -> Result<(), String> {
    println!();
    for (name, ok, took) in outcomes {
        println!("{name:<10}{}", verdict(*ok, *took));
    }
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|(_, ok, _)| !ok)
        .map(|(name, _, _)| *name)
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

fn verdict(ok: bool, took: Duration) -> String {
    let word = if ok { "ok" } else { "FAILED" };
    format!("{word}, {:.1} s", took.as_secs_f64())
}

fn format(root: &Path) -> Result<(), String> {
    shown(root, &run::cargo(), &["fmt", "--all", "--check"], &[])
}

/// Warnings are denied after `--`: as RUSTFLAGS they would compile every dependency again.
fn clippy(root: &Path) -> Result<(), String> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    shown(root, &run::cargo(), &arguments, &[])
}

fn tests(root: &Path) -> Result<(), String> {
    let cargo = run::cargo();
    if run::works(&cargo, &["nextest", "--version"]) {
        let arguments = ["nextest", "run", "--workspace", "--no-fail-fast"];
        return shown(root, &cargo, &arguments, &[]);
    }
    println!(
        "(cargo-nextest is not installed: `cargo test` does the same, one crate after the other)"
    );
    let arguments = ["test", "--workspace", "--all-targets", "--no-fail-fast"];
    shown(root, &cargo, &arguments, &[])
}

/// The tests with every round of what is proven by rounds: kills, power cuts, failing disks. This takes most of an hour, more than a limit
/// for one test allows, so the plain runner runs them.
fn long_tests(root: &Path) -> Result<(), String> {
    let arguments = ["test", "--workspace", "--all-targets", "--no-fail-fast"];
    shown(root, &run::cargo(), &arguments, &[("AMENDS_LONG", "1")])
}

fn doctests(root: &Path) -> Result<(), String> {
    shown(root, &run::cargo(), &["test", "--workspace", "--doc"], &[])
}

fn docs(root: &Path) -> Result<(), String> {
    let arguments = ["doc", "--workspace", "--no-deps"];
    let environment = [("RUSTDOCFLAGS", "-D warnings")];
    shown(root, &run::cargo(), &arguments, &environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_run_and_is_named() {
        let second = Duration::from_secs(1);
        assert!(summary(&[("format", true, second), ("tests", true, second)]).is_ok());
        let failed = summary(&[("format", true, second), ("tests", false, second)]).unwrap_err();
        assert_eq!(failed, "failed: tests");
    }

    #[test]
    fn an_unknown_check_is_refused() {
        let message = run(Path::new("."), &["clipy".into()]).unwrap_err();
        assert!(message.contains("clipy") && message.contains("clippy"));
    }
}
