//! The one place where a problem becomes words on the terminal.

use amends_model::Problem;
use serde_json::json;

use super::paint::{BAD, HEADING, QUIET, paint};
use super::prose::{lines, width_of_talk};
use super::table::plain;

/// Shows a problem on standard error; for scripts as one JSON object.
pub(crate) fn show(problem: &Problem, json: bool) {
    tell("error", problem, json);
}

/// Shows a problem that keeps nobody from an answer, and must be known to whoever reads it.
pub(crate) fn warn(problem: &Problem, json: bool) {
    tell("warning", problem, json);
}

fn tell(how: &str, problem: &Problem, json: bool) {
    if json {
        let (code, message) = (problem.code(), problem.message());
        let object = json!({ how: { "code": code, "message": message, "detail": problem.detail_text(), "hint": problem.hint_text() } });
        eprintln!("{object}");
        return;
    }
    let code = paint(QUIET, format!("[{}]", problem.code()));
    anstream::eprintln!(
        "{} {} {code}",
        paint(BAD, format!("{how}:")),
        paint(HEADING, plain(problem.message()))
    );
    let width = width_of_talk();
    if let Some(detail) = problem.detail_text() {
        let lines = detail.lines().flat_map(|line| lines(line, 7, width));
        lines.for_each(|line| anstream::eprintln!("{line}"));
    }
    if let Some(hint) = problem.hint_text() {
        for hint in hint.lines() {
            let lines = lines(hint, 7, width);
            let mut lines = lines.iter().map(|line| line.trim_start());
            let first = lines.next().unwrap_or_default();
            anstream::eprintln!("  {} {first}", paint(HEADING, "try:"));
            lines.for_each(|line| anstream::eprintln!("       {line}"));
        }
    }
    anstream::eprintln!(
        "  {}",
        paint(QUIET, format!("`amends help {}` explains", problem.code()))
    );
}
