//! `cargo xtask tidy`: the rules of this repository that no other tool knows.
//!
//! A rule is one file: a function from the repository to findings, and tests that show it finding something.

mod confined;
mod errors;
mod leftovers;
mod length;
mod links;
mod manifests;
mod map;
mod order;
mod readme;
mod repository;
mod rust;
mod sql;
mod words;

use std::path::Path;

use repository::{Finding, Repository};

/// A rule: its name and what finds where it is broken.
type Rule = (&'static str, fn(&Repository) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("crates form one order", order::check),
    ("the map shows every crate", map::check),
    ("libraries stay where they belong", confined::check),
    ("versions are named once", manifests::check),
    ("error codes have pages", errors::check),
    ("files and functions are short", length::check),
    ("nothing is left open", leftovers::check),
    ("the project speaks of itself alone", words::check),
    ("SQL files are used", sql::check),
    ("links lead somewhere", links::check),
    ("the commands of the README exist", readme::check),
];

/// Checks every rule and prints what was found.
///
/// # Errors
/// How many findings there are.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let repository = Repository::read(root)?;
    let mut count = 0;
    for (rule, check) in RULES {
        let findings = check(&repository);
        if !findings.is_empty() {
            println!("{rule}:");
        }
        for finding in &findings {
            println!("  {finding}");
        }
        count += findings.len();
    }
    println!(
        "tidy: {} rules, {} files, {} crates, {count} findings",
        RULES.len(),
        repository.files.len(),
        repository.crates.len()
    );
    match count {
        0 => Ok(()),
        _ => Err(format!("tidy: {count} findings to mend")),
    }
}
