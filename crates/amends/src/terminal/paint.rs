//! The few colours there are, each with one meaning.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// A heading.
pub(crate) const HEADING: Style = Style::new().bold();
/// What is good: customers gained, promises kept.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is bad: customers lost, promises broken, errors.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What wants attention.
pub(crate) const CARE: Style = AnsiColor::Yellow.on_default();
/// What stands back: units, ids, notes.
pub(crate) const QUIET: Style = Style::new().dimmed();

/// Text in a style.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
