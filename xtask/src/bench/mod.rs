//! `cargo xtask bench`: what the program does and how fast, beside DuckDB doing the same work on the same machine in the same run.
//!
//! Answers are compared before anything is timed, and a work whose answers differ is refused. It is no test: nothing here has a limit.

mod arguments;
mod company;
mod compare;
mod promise;
mod report;
mod side;
mod tools;
mod works;

use std::path::{Path, PathBuf};

use arguments::Arguments;
use company::Company;
use report::Measured;

/// What measures one work at one size: one line of the table or several.
type Measure = fn(&Bench, &Company) -> Result<Vec<Measured>, String>;

/// Every work: its name, and what measures it.
const WORKS: &[(&str, Measure)] = &[
    ("import", works::import::measure),
    ("known", works::known::measure),
    ("replay", works::replay::one),
    ("promises", works::replay::eight),
    ("math", works::customer_math::measure),
    ("story", works::story::measure),
    ("normal", works::normal::measure),
];

/// What every work needs.
struct Bench {
    /// The workspace.
    root: PathBuf,
    /// Its target folder.
    target: PathBuf,
    /// The program, built for release.
    program: PathBuf,
    /// Python with DuckDB.
    python: PathBuf,
    /// Where the scripts and the SQL of this bench stand.
    scripts: PathBuf,
    /// Where companies, ledgers and what DuckDB makes of them are kept.
    out: PathBuf,
    /// How often each side is timed.
    runs: usize,
}

/// Measures the works that are named, or all of them, at every size that is asked for.
///
/// # Errors
/// What is missing, the command that failed, or the answers that differ.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let names: Vec<&str> = WORKS.iter().map(|(name, _)| *name).collect();
    let arguments = Arguments::read(arguments, &names)?;
    let target = crate::program::target_folder(root)?;
    let bench = Bench {
        python: tools::python_with_duckdb(&target)?,
        program: match arguments.program {
            Some(program) => program,
            None => tools::release(root, &target)?,
        },
        scripts: root.join("xtask/src/bench"),
        out: arguments.out.unwrap_or_else(|| target.join("bench")),
        runs: arguments.runs,
        root: root.to_owned(),
        target,
    };
    let chosen = WORKS.iter().filter(|(name, _)| {
        arguments.names.is_empty() || arguments.names.iter().any(|n| n == name)
    });
    let mut measured = Vec::new();
    let mut measure_all = || {
        for events in &arguments.events {
            let company = Company::of(&bench, *events)?;
            for (name, measure) in chosen.clone() {
                eprintln!("== {name}, {events} events");
                measured.extend(measure(&bench, &company)?);
            }
        }
        Ok(())
    };
    // What was measured before something failed is told all the same.
    let ended = measure_all();
    if arguments.json {
        println!("{}", report::json(&measured));
    } else {
        println!("{}", report::table(&measured));
    }
    ended
}
