//! Mistakes in definition files, shown with the line they stand on.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use amends_project::Diagnostic;

use super::paint::{BAD, CARE, HEADING, QUIET, paint};
use super::prose::width;
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
        let room = width().saturating_sub(number.len() + 5);
        let (excerpt, before) = excerpt(
            &plain(&line.replace('\t', " ")),
            place.column.saturating_sub(1),
            room,
        );
        let space = " ".repeat(before);
        let marks: String = marks
            .chars()
            .take(room.saturating_sub(before).max(1))
            .collect();
        writeln!(out, "  {} {excerpt}", paint(QUIET, format!("{number} |")),)?;
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

/// As much of a line as there is room for, with what stands behind so many characters in it, and how many stand before that then.
fn excerpt(line: &str, before: usize, room: usize) -> (String, usize) {
    let characters: Vec<char> = line.chars().collect();
    if characters.len() <= room || room < 3 {
        return (line.to_owned(), before);
    }
    let start = before.saturating_sub(room / 3).min(characters.len() - room);
    let mut shown: Vec<char> = characters.into_iter().skip(start).take(room).collect();
    let last = room - 1;
    let is_end = start + room >= line.chars().count();
    if let Some(first) = shown.first_mut().filter(|_| start > 0) {
        *first = '…';
    }
    if let Some(end) = shown.get_mut(last).filter(|_| !is_end) {
        *end = '…';
    }
    (shown.into_iter().collect(), before - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_around_the_mistake() {
        let line = "abcdefghijklmnopqrstuvwxyz";
        assert_eq!(excerpt(line, 3, 26), (line.into(), 3));
        assert_eq!(excerpt(line, 0, 9), ("abcdefgh…".into(), 0));
        assert_eq!(excerpt(line, 13, 9), ("…lmnopqr…".into(), 3));
        assert_eq!(excerpt(line, 25, 9), ("…stuvwxyz".into(), 8));
    }
}
