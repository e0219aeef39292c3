//! Text that a definition holds, with the place of its words and of its first letter.

use std::ops::Range;

use super::{File, Spot};
use crate::Place;

/// Text with its place.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// The words as they are written, quotes included.
    pub(crate) spot: Spot,
    /// Where its first letter stands, behind the quotes.
    pub(crate) start: Place,
}

impl Text {
    pub(crate) fn new(file: &File, range: Range<usize>, text: &str) -> Self {
        let written = file.text.get(range.clone()).unwrap_or_default();
        let start = file.place(range.start + before_the_first_letter(written));
        Self {
            text: text.to_owned(),
            spot: file.spot(range),
            start,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// How many bytes of quotes stand before the text itself; a line break right after three quotes is no part of it.
fn before_the_first_letter(written: &str) -> usize {
    let long = written.starts_with("\"\"\"") || written.starts_with("'''");
    match written.get(3..) {
        Some(rest) if long && rest.starts_with("\r\n") => 5,
        Some(rest) if long && rest.starts_with('\n') => 4,
        _ if long => 3,
        _ if written.starts_with(['"', '\'']) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_is_behind_the_quotes() {
        for (written, letters) in [
            ("\"a\"", 1),
            ("'a'", 1),
            ("\"\"\"a\"\"\"", 3),
            ("'''\na'''", 4),
            ("'''\r\na'''", 5),
            ("a", 0),
        ] {
            assert_eq!(before_the_first_letter(written), letters, "{written}");
        }
    }
}
