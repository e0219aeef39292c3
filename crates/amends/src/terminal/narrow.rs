//! Lines of an answer that are wider than the terminal, broken between words.

use std::io::{self, Write};

use textwrap::core::display_width;

/// Passes lines on, and breaks those that are too wide: what goes on in the next line stands two columns further in.
pub(crate) struct Narrow<W: Write> {
    out: W,
    width: usize,
    line: Vec<u8>,
}

impl<W: Write> Narrow<W> {
    /// Lines no wider than `width`, as far as they can be broken between words.
    pub(crate) fn new(out: W, width: usize) -> Self {
        Self {
            out,
            width,
            line: Vec::new(),
        }
    }

    /// Writes what has no end of line yet.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.out.write_all(&self.broken(&line))?;
        }
        self.out.flush()
    }

    fn broken(&self, line: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(line) else {
            return line.to_vec();
        };
        if display_width(text) <= self.width {
            return line.to_vec();
        }
        let text = &together(text, self.width / 2);
        let indent = text.len() - text.trim_start_matches(' ').len();
        let (first, rest) = (" ".repeat(indent), " ".repeat(indent + 2));
        // A word that is longer than a line is a path, an id or a command: broken it could not be copied.
        let how = textwrap::Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let lines = textwrap::wrap(&text[indent..], how).join("\n");
        lines.replace(TOGETHER, " ").into_bytes()
    }
}

/// Stands for a space at which no line breaks; no text has it, as it means nothing.
const TOGETHER: char = '\u{f8ff}';

/// A text in which commands between backticks stay in one line, so that they can be copied, as far as they are not too wide for that.
fn together(text: &str, width: usize) -> String {
    let mut kept = String::with_capacity(text.len());
    for (number, piece) in text.split('`').enumerate() {
        if number > 0 {
            kept.push('`');
        }
        match number % 2 == 1 && display_width(piece) <= width {
            true => kept.push_str(&piece.replace(' ', &TOGETHER.to_string())),
            false => kept.push_str(piece),
        }
    }
    kept
}

impl<W: Write> Write for Narrow<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                None => self.line.extend_from_slice(piece),
                Some(end) => {
                    let mut line = std::mem::take(&mut self.line);
                    line.extend_from_slice(end);
                    let mut lines = self.broken(&line);
                    lines.push(b'\n');
                    self.out.write_all(&lines)?;
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(text: &str, width: usize) -> String {
        let mut out = Vec::new();
        let mut narrow = Narrow::new(&mut out, width);
        for piece in text.as_bytes().chunks(3) {
            narrow.write_all(piece).unwrap();
        }
        narrow.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_lines_that_are_too_wide_are_broken_and_no_word_is() {
        let text = "made  7 times\n  see `amends letdowns --promise delivery-date` for all\n\nlast";
        let expected = "made  7 times\n  see `amends letdowns\n    --promise\n    delivery-date` for\n    all\n\nlast";
        assert_eq!(narrowed(text, 24), expected);
        let text = "names and texts stay in the vault: `amends help card` says more\n";
        let expected = "names and texts stay in the vault:\n  `amends help card` says more\n";
        assert_eq!(narrowed(text, 44), expected);
    }

    #[test]
    fn colours_take_no_room() {
        let text = "\u{1b}[31m1234567890\u{1b}[0m 23456\n";
        assert_eq!(narrowed(text, 16), text);
        assert_eq!(narrowed(text, 15), text.replace(' ', "\n  "));
    }
}
