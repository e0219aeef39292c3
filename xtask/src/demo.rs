//! `cargo xtask demo`: builds the program and shows its main job on an invented company.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program;
use crate::run::{answer, shown};

/// The company of the demo: always the same one.
const COMPANY: [&str; 6] = ["--customers", "2000", "--months", "12", "--seed", "7"];

/// Simulates a company, imports it, and shows the card, the let-downs of the worst promise and one customer's story.
///
/// # Errors
/// The command that failed.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let target = program::target_folder(root)?;
    let demo = Demo {
        root,
        program: program::build(root, &target)?,
    };
    let company = fresh_folder(&target)?;
    let folder = program::below(root, &company);
    let project = program::below(root, &company.join("project"));

    let mut simulate = vec!["simulate"];
    simulate.extend(COMPANY);
    demo.step(
        "A company is invented: what its systems would export, with a flaw planted in it",
        &[&simulate[..], &["--out", &folder]].concat(),
    )?;
    demo.step(
        "Its exports become events; every record is accounted for",
        &["import", "--project", &project],
    )?;
    demo.step(
        "The card of its last month",
        &["card", "--project", &project],
    )?;
    let worst = demo.worst_promise(&project)?;
    demo.step(
        "The promise that let most customers down",
        &[
            "letdowns",
            "--promise",
            &worst,
            "--limit",
            "12",
            "--project",
            &project,
        ],
    )?;
    demo.step(
        "One customer's story",
        &["customer", "--someone", "--project", &project],
    )?;
    println!(
        "\nThe project is in {project}. Try: {} people lost --project {project}",
        demo.program
    );
    Ok(())
}

struct Demo<'a> {
    root: &'a Path,
    program: String,
}

impl Demo<'_> {
    fn step(&self, says: &str, arguments: &[&str]) -> Result<(), String> {
        println!("\n# {says}");
        shown(self.root, &self.program, arguments, &[])
    }

    /// The promise with the most let-downs, as the program itself counts them.
    fn worst_promise(&self, project: &str) -> Result<String, String> {
        let arguments = ["letdowns", "--json", "--project", project];
        worst(&answer(self.root, &self.program, &arguments)?)
            .ok_or_else(|| "the company has no promise".into())
    }
}

fn worst(letdowns: &str) -> Option<String> {
    let letdowns: Value = serde_json::from_str(letdowns).ok()?;
    let promises = letdowns["promises"].as_array()?;
    let worst = promises
        .iter()
        .max_by_key(|promise| promise["total"].as_u64())?;
    worst["promise"].as_str().map(str::to_owned)
}

/// The folder of the demo, empty: what an earlier demo left there is removed.
fn fresh_folder(target: &Path) -> Result<PathBuf, String> {
    let folder = target.join("demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_promise_has_the_most_let_downs() {
        let answer =
            r#"{"promises": [{"promise": "a", "total": 3}, {"promise": "b", "total": 12}]}"#;
        assert_eq!(worst(answer).as_deref(), Some("b"));
        assert_eq!(worst(r#"{"promises": []}"#), None);
        assert_eq!(worst("no json"), None);
    }
}
