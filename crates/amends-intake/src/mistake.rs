//! Mistakes in definitions, pointing at the words.

use amends_expressions::PlanError;
use amends_project::{Diagnostic, Place, Sql};

/// The place of a line and column of a piece of SQL in the file that it stands in.
pub(crate) fn place(sql: &Sql, at: Option<(usize, usize)>) -> Place {
    let (line, column) = at.unwrap_or((1, 1));
    let mut place = sql.place.clone();
    if line > 1 {
        place.line += line - 1;
        place.column = column;
    } else {
        place.column += column.saturating_sub(1);
    }
    place
}

/// An expression that cannot be planned.
pub(crate) fn unplannable(sql: &Sql, error: PlanError) -> Diagnostic {
    Diagnostic {
        code: PlanError::CODE,
        place: place(sql, error.at),
        words: error.words.unwrap_or_else(|| first_line(&sql.text)),
        message: error.message,
        suggestion: error.suggestion,
        is_warning: false,
    }
}

/// A mistake that concerns a whole piece of SQL.
pub(crate) fn in_sql(
    sql: &Sql,
    code: &'static str,
    message: impl Into<String>,
    suggestion: Option<String>,
) -> Diagnostic {
    at(
        sql.place.clone(),
        first_line(&sql.text),
        code,
        message,
        suggestion,
    )
}

/// A mistake at a place.
pub(crate) fn at(
    place: Place,
    words: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
    suggestion: Option<String>,
) -> Diagnostic {
    Diagnostic {
        code,
        place,
        words: words.into(),
        message: message.into(),
        suggestion,
        is_warning: false,
    }
}

fn first_line(text: &str) -> String {
    let mut lines = text.trim_start().lines();
    let first = lines.next().unwrap_or_default().trim_end();
    match lines.next() {
        Some(_) => format!("{first} ..."),
        None => first.to_owned(),
    }
}
