//! `amends check`: every mistake in the definitions at once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amends_expressions::Planner;
use amends_model::{Problem, Result};
use amends_project::Diagnostic;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::surroundings;
use crate::terminal::number::counted;
use crate::terminal::paint::{BAD, GOOD, paint};
use crate::terminal::{self};

/// Checks a project folder; expressions are planned also when some of the files hold mistakes, as far as they do not rest on those.
///
/// # Errors
/// `AM0011` when there is no project.
pub(crate) async fn run(root: &Path) -> Result<Outcome> {
    if !root.join("amends.toml").is_file() {
        return Err(Problem::new("AM0011", "this folder holds no project")
            .detail(format!("there is no amends.toml in {}", root.display()))
            .hint("go to the project's folder, name it with --project DIR, or begin one with `amends init DIR`"));
    }
    let examined = amends_project::examine(root, &surroundings::variable);
    let mut counts = None;
    let planned = match &examined.project {
        None => Vec::new(),
        Some(project) => {
            let now = surroundings::now();
            amends_intake::check(project, &examined, &Planner::new(), now).await
        }
    };
    let mut diagnostics = examined.diagnostics;
    diagnostics.extend(planned);
    if let Some(project) = examined.project {
        diagnostics.sort_by(|one, other| one.place.cmp(&other.place));
        counts = Some((project.sources.len() as u64, project.promises.len() as u64));
    }
    let mistakes = diagnostics
        .iter()
        .filter(|diagnostic| !diagnostic.is_warning)
        .count() as u64;
    Ok(Outcome::good_if(
        mistakes == 0,
        Checked {
            root: root.to_owned(),
            diagnostics,
            mistakes,
            counts,
        },
    ))
}

struct Checked {
    root: PathBuf,
    diagnostics: Vec<Diagnostic>,
    mistakes: u64,
    counts: Option<(u64, u64)>,
}

impl Answer for Checked {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        terminal::diagnostics::write(&self.root, &self.diagnostics, out)?;
        match (self.mistakes, self.counts) {
            (0, Some((sources, promises))) => {
                let (sources, promises) = (
                    counted(sources, "source", "sources"),
                    counted(promises, "promise", "promises"),
                );
                writeln!(
                    out,
                    "{} {sources} and {promises}: no mistakes",
                    paint(GOOD, "Checked")
                )
            }
            (mistakes, _) => writeln!(
                out,
                "{}",
                paint(BAD, counted(mistakes, "mistake", "mistakes"))
            ),
        }
    }

    fn json(&self) -> Value {
        let each = self.diagnostics.iter().map(|diagnostic| {
            json!({
                "code": diagnostic.code,
                "file": diagnostic.place.file,
                "line": diagnostic.place.line,
                "column": diagnostic.place.column,
                "words": diagnostic.words,
                "message": diagnostic.message,
                "suggestion": diagnostic.suggestion,
                "warning": diagnostic.is_warning,
            })
        });
        json!({ "mistakes": self.mistakes, "items": each.collect::<Vec<_>>() })
    }
}
