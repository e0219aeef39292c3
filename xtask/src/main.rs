//! The chores of this repository: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`, `cargo xtask tidy`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program at the terminal: it prints, measures time and reads the environment"
)]

mod bench;
mod demo;
mod fuzz;
mod generate;
mod program;
mod run;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A chore: its name, the words of the help, and what does it. The name `help` is taken.
type Chore = (
    &'static str,
    &'static str,
    fn(&Path, &[String]) -> Result<(), String>,
);

/// Every chore. A further one is one file and one line here.
const CHORES: &[Chore] = &[
    (
        "demo",
        "build the program and show its main job on an invented company",
        demo::run,
    ),
    (
        "test",
        "run every check: format, tidy, clippy, tests, docs; or only those named; --long: the tests, long proofs at full length",
        test::run,
    ),
    (
        "tidy",
        "check the rules of this repository that no other tool knows",
        tidy::run,
    ),
    (
        "bench",
        "measure import, replay, customer math and more beside DuckDB: docs/performance.md",
        bench::run,
    ),
    (
        "fuzz",
        "search for bytes that do harm: TARGET [--seconds N | --keep]; docs/reliability.md",
        fuzz::run,
    ),
    (
        "gen",
        "write again what is made from the program: docs/commands.md",
        generate::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("help", String::as_str);
    let Some((_, _, chore)) = CHORES.iter().find(|(chore, _, _)| *chore == name) else {
        println!("cargo xtask CHORE\n");
        for (name, says, _) in CHORES {
            println!("  {name:<8}{says}");
        }
        return ExitCode::from(if name == "help" { 0 } else { 2 });
    };
    match chore(&root(), &arguments[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}
