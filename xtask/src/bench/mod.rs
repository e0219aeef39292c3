//! `cargo xtask bench`: what the program does and how fast, beside DuckDB (and, of estimators, a library) doing the same work on the
//! same machine in the same run.
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

/// What measures one work: one line of the table or several.
#[derive(Clone, Copy)]
enum Measure {
    /// The program, at one size of a simulated company.
    Company(fn(&Bench, &Company) -> Result<Vec<Measured>, String>),
    /// An estimator alone: neither the program nor a company is needed, and it is measured once.
    Estimator(fn(&Bench) -> Result<Vec<Measured>, String>),
}

/// Every work: its name, and what measures it.
const WORKS: &[(&str, Measure)] = &[
    ("import", Measure::Company(works::import::measure)),
    ("known", Measure::Company(works::known::measure)),
    ("replay", Measure::Company(works::replay::one)),
    ("promises", Measure::Company(works::replay::eight)),
    ("math", Measure::Company(works::customer_math::measure)),
    ("story", Measure::Company(works::story::measure)),
    ("due", Measure::Company(works::due::measure)),
    ("normal", Measure::Estimator(works::normal::measure)),
    ("subgroups", Measure::Estimator(works::subgroups::measure)),
];

/// What every work needs.
struct Bench {
    /// The workspace.
    root: PathBuf,
    /// Its target folder.
    target: PathBuf,
    /// The program, built for release; none where no work needs it.
    program: Option<PathBuf>,
    /// Python, with DuckDB where there is a program to be held against it.
    python: PathBuf,
    /// Where the scripts and the SQL of this bench stand.
    scripts: PathBuf,
    /// Where companies, ledgers and what DuckDB makes of them are kept.
    out: PathBuf,
    /// The real data, where `AMENDS_DATA` names some.
    data: Option<PathBuf>,
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
    let is_chosen =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| n == name);
    let chosen = WORKS.iter().filter(|(name, _)| is_chosen(name));
    let needs_program = chosen
        .clone()
        .any(|(_, measure)| matches!(measure, Measure::Company(_)));
    let target = crate::program::target_folder(root)?;
    let bench = Bench {
        python: if needs_program {
            tools::python(&target, &[tools::DUCKDB])?
        } else {
            tools::python(&target, &[])?
        },
        program: match arguments.program {
            None if needs_program => Some(tools::release(root, &target)?),
            built => built,
        },
        scripts: root.join("xtask/src/bench"),
        out: arguments.out.unwrap_or_else(|| target.join("bench")),
        data: std::env::var_os("AMENDS_DATA").map(PathBuf::from),
        runs: arguments.runs,
        root: root.to_owned(),
        target,
    };
    std::fs::create_dir_all(&bench.out)
        .map_err(|error| format!("{}: {error}", bench.out.display()))?;
    let mut measured = Vec::new();
    let ended = measure_all(&bench, chosen, &arguments.events, &mut measured);
    // What was measured before something failed is told all the same.
    if arguments.json {
        println!("{}", report::json(&measured));
    } else {
        println!("{}", report::table(&measured));
    }
    ended
}

/// Measures works of the program at every size, and then estimators.
fn measure_all<'a>(
    bench: &Bench,
    chosen: impl Iterator<Item = &'a (&'static str, Measure)> + Clone,
    sizes: &[u64],
    measured: &mut Vec<Measured>,
) -> Result<(), String> {
    let of_company = chosen.clone().filter_map(|(name, measure)| match measure {
        Measure::Company(measure) => Some((name, measure)),
        Measure::Estimator(_) => None,
    });
    if of_company.clone().next().is_some() {
        for events in sizes {
            let company = Company::of(bench, *events)?;
            for (name, measure) in of_company.clone() {
                eprintln!("== {name}, {events} events");
                measured.extend(measure(bench, &company)?);
            }
        }
    }
    for (name, measure) in chosen {
        if let Measure::Estimator(measure) = measure {
            eprintln!("== {name}");
            measured.extend(measure(bench)?);
        }
    }
    Ok(())
}
