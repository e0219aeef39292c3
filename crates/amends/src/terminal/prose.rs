//! Sentences, broken into lines where the terminal ends.

use std::io::{self, IsTerminal, Write};

use anstyle::Style;
use terminal_size::{Width, terminal_size};

use super::paint::paint;
use super::table::plain;
use crate::surroundings;

/// How wide lines are where neither a terminal nor `COLUMNS` says it.
const WIDTH: usize = 100;
/// Narrower than this nothing is broken.
const NARROWEST: usize = 20;

/// How many columns standard output has.
pub(crate) fn width() -> usize {
    columns(io::stdout().is_terminal())
}

/// How many columns standard error has.
pub(crate) fn width_of_talk() -> usize {
    columns(io::stderr().is_terminal())
}

/// `COLUMNS` comes first, as POSIX has it: whoever sets it wants another width than the terminal's.
fn columns(is_terminal: bool) -> usize {
    let wanted = surroundings::variable("COLUMNS");
    let wanted = wanted.and_then(|columns| columns.trim().parse().ok());
    let wanted = wanted.filter(|columns: &usize| *columns > 0);
    let of_terminal = || {
        let size = is_terminal.then(terminal_size).flatten();
        size.map(|(Width(columns), _)| usize::from(columns))
    };
    let columns = wanted.or_else(of_terminal);
    columns.map_or(WIDTH, |columns| columns.max(NARROWEST))
}

/// A text in lines no wider than `width`, each indented by so many columns; without characters that would steer the terminal.
pub(crate) fn lines(text: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(1);
    let space = " ".repeat(indent);
    let text = plain(text);
    // A word that is longer than a line is a path, an id or a command: broken it could not be copied.
    let how = textwrap::Options::new(room)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(&text, how).into_iter();
    lines.map(|line| format!("{space}{line}")).collect()
}

/// Writes a text to standard output as indented lines, in a style.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(
    out: &mut dyn Write,
    indent: usize,
    style: Style,
    text: &str,
) -> io::Result<()> {
    lines(text, indent, width())
        .into_iter()
        .try_for_each(|line| writeln!(out, "{}", paint(style, line)))
}

/// Writes a label and a text beside it, whose lines begin where the first one does. Both may be painted already.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn beside(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    let indent = textwrap::core::display_width(label);
    let (space, width) = (" ".repeat(indent), width());
    let how = textwrap::Options::new(width)
        .initial_indent(label)
        .subsequent_indent(&space)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut lines = textwrap::wrap(text, how).into_iter();
    lines.try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_break_between_words_and_words_do_not_break() {
        let text = "In March we gained one guest, see /a/path/that/is/much/longer/than/a/line";
        let expected = [
            "  In March we gained",
            "  one guest, see",
            "  /a/path/that/is/much/longer/than/a/line",
        ];
        assert_eq!(lines(text, 2, 20), expected);
        assert_eq!(
            lines("see joined-and-left", 0, 14),
            ["see", "joined-and-left"]
        );
        assert_eq!(lines("a\u{1b}[31m", 0, 40), ["a?[31m"]);
    }
}
