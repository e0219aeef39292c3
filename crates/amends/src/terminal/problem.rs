//! The one place where a problem becomes words on the terminal.

use amends_model::Problem;
use serde_json::json;

use super::paint::{BAD, HEADING, QUIET, paint};
use super::table::plain;

/// Shows a problem on standard error; for scripts as one JSON object.
pub(crate) fn show(problem: &Problem, json: bool) {
    if json {
        let (code, message) = (problem.code(), problem.message());
        let object = json!({ "error": { "code": code, "message": message, "detail": problem.detail_text(), "hint": problem.hint_text() } });
        eprintln!("{object}");
        return;
    }
    let code = paint(QUIET, format!("[{}]", problem.code()));
    anstream::eprintln!(
        "{} {} {code}",
        paint(BAD, "error:"),
        paint(HEADING, plain(problem.message()))
    );
    if let Some(detail) = problem.detail_text() {
        detail
            .lines()
            .for_each(|line| anstream::eprintln!("       {}", plain(line)));
    }
    if let Some(hint) = problem.hint_text() {
        hint.lines()
            .for_each(|line| anstream::eprintln!("  {} {}", paint(HEADING, "try:"), plain(line)));
    }
    anstream::eprintln!(
        "  {}",
        paint(QUIET, format!("`amends help {}` explains", problem.code()))
    );
}
