//! The text of one definition file, and where things stand in it.

use std::ops::Range;
use std::path::PathBuf;

use crate::Place;

/// The text of a definition file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path below the project folder.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    lines: Vec<usize>,
}

/// Words with the place where they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) place: Place,
    pub(crate) words: String,
}

/// Longer words are cut off where they are shown.
const LONGEST_WORDS: usize = 80;

impl File {
    pub(crate) fn new(path: PathBuf, text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(breaks.map(|(at, _)| at + 1))
            .collect();
        Self { path, text, lines }
    }

    /// The place of a byte.
    pub(crate) fn place(&self, byte: usize) -> Place {
        let byte = byte.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or_default();
        Place {
            file: self.path.clone(),
            line: line.max(1),
            column: before.chars().count() + 1,
        }
    }

    /// The first line of the words in a range of bytes, with their place.
    pub(crate) fn spot(&self, range: Range<usize>) -> Spot {
        let words = self.text.get(range.clone()).unwrap_or_default();
        let line = words
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim_end();
        let mut words: String = line.chars().take(LONGEST_WORDS).collect();
        if words.len() < line.len() {
            words.push_str("...");
        }
        Spot {
            place: self.place(range.start),
            words,
        }
    }

    /// The very beginning, for what is missing from the file.
    pub(crate) fn beginning(&self) -> Spot {
        Spot {
            place: self.place(0),
            words: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let file = File::new("a.toml".into(), "a = 1\nüb = \"x\"\n".into());
        let at = file.text.find("\"x").unwrap();
        let spot = file.spot(at..at + 3);
        assert_eq!(
            (spot.place.line, spot.place.column, spot.words.as_str()),
            (2, 6, "\"x\"")
        );
        assert_eq!(file.place(usize::MAX).line, 3);
        // A byte inside a character has a place too.
        assert_eq!(file.place(7).line, 2);
    }
}
