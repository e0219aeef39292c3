//! Mistakes in definition files, shown with the line they stand on.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use amends_project::Diagnostic;

use super::paint::{BAD, CARE, HEADING, QUIET, paint};
use super::table::plain;

/// Shows mistakes on standard error.
pub(crate) fn show_on_stderr(root: &Path, diagnostics: &[Diagnostic]) {
    // Standard error gone is no reason to fail: the problem itself is reported by the exit code.
    let _gone = write(root, diagnostics, &mut anstream::stderr().lock());
}

/// Writes mistakes in the order of files and lines, each with the line it stands on.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(
    root: &Path,
    diagnostics: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by(|a, b| a.place.cmp(&b.place));
    sorted
        .into_iter()
        .try_for_each(|diagnostic| one(root, diagnostic, out))
}

fn one(root: &Path, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let place = &diagnostic.place;
    let (style, word) = if diagnostic.is_warning {
        (CARE, "warning:")
    } else {
        (BAD, "mistake:")
    };
    let at = format!("{}:{}:{}", place.file.display(), place.line, place.column);
    writeln!(
        out,
        "{} {} {}",
        paint(HEADING, at),
        paint(style, word),
        plain(&diagnostic.message)
    )?;
    let text = fs::read_to_string(root.join(&place.file)).unwrap_or_default();
    if let Some(line) = text.lines().nth(place.line.saturating_sub(1)) {
        let number = place.line.to_string();
        let marks = "^".repeat(
            diagnostic
                .words
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .count()
                .max(1),
        );
        let space = " ".repeat(place.column.saturating_sub(1));
        writeln!(
            out,
            "  {} {}",
            paint(QUIET, format!("{number} |")),
            plain(&line.replace('\t', " "))
        )?;
        writeln!(
            out,
            "  {} {space}{}",
            paint(QUIET, format!("{} |", " ".repeat(number.len()))),
            paint(style, marks)
        )?;
    }
    if let Some(suggestion) = &diagnostic.suggestion {
        writeln!(out, "  {} {}", paint(HEADING, "try:"), plain(suggestion))?;
    }
    writeln!(
        out,
        "  {}",
        paint(QUIET, format!("`amends help {}` explains", diagnostic.code))
    )
}
