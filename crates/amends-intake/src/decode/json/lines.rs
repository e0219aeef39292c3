//! Lines that are looked for by their numbers: of the others nothing is read but where they end.

use std::collections::BTreeSet;

use amends_model::Result;

use crate::decode::blocks::{BLOCK, Blocks};
use crate::failure::RAW_LIMIT;

/// The lines of a file of JSON lines, as they stand there.
pub(crate) struct JsonLines {
    blocks: Blocks,
    line: i64,
    /// What there is so far of a wanted line that goes on.
    begun: Vec<u8>,
}

impl JsonLines {
    /// Before the first line.
    pub(crate) fn new(blocks: Blocks) -> Self {
        Self {
            blocks,
            line: 1,
            begun: Vec::new(),
        }
    }

    /// The wanted lines of the next block, at most 1 MiB of each; `None` at the end of the file.
    ///
    /// # Errors
    /// `AM0501` or `AM0502` when the file cannot be read on.
    pub(crate) fn next(&mut self, wanted: &BTreeSet<i64>) -> Result<Option<Vec<(i64, Vec<u8>)>>> {
        self.blocks.fill(BLOCK)?;
        let text = self.blocks.text();
        if text.is_empty() {
            return Ok(None);
        }
        let mut found = Vec::new();
        let mut wanted = wanted.range(self.line..).peekable();
        let (mut at, ended) = (0, self.blocks.ended());
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text[at..]).map(|length| at + length);
            let is_wanted = wanted.peek() == Some(&&self.line);
            if is_wanted {
                let part = &text[at..end.unwrap_or(text.len())];
                let room = RAW_LIMIT - self.begun.len();
                self.begun.extend_from_slice(&part[..part.len().min(room)]);
            }
            if is_wanted && (end.is_some() || ended) {
                found.push((self.line, std::mem::take(&mut self.begun)));
                wanted.next();
            }
            self.line += i64::from(end.is_some());
            at = end.map_or(text.len(), |end| end + 1);
        }
        let all = text.len();
        self.blocks.take(all);
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use amends_project::definition::Packing;

    use super::*;

    fn found(text: &str, wanted: &[i64]) -> Vec<(i64, Vec<u8>)> {
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let mut lines = JsonLines::new(Blocks::new(reader, Path::new("x"), Packing::None));
        let wanted = wanted.iter().copied().collect();
        let mut all = Vec::new();
        while let Some(some) = lines.next(&wanted).unwrap() {
            all.extend(some);
        }
        all
    }

    #[test]
    fn lines_are_found_by_their_numbers_also_the_last_without_an_end() {
        let line = |number: i64, text: &str| (number, text.as_bytes().to_vec());
        let text = "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}";
        let all = [
            line(1, "{\"a\":1}"),
            line(3, "{\"b\":2}\r"),
            line(4, "{\"c\":3}"),
        ];
        assert_eq!(found(text, &[1, 3, 4, 5]), all);
        assert_eq!(found(text, &[4]), all[2..]);
        assert_eq!(found(&format!("{text}\n"), &[4, 5]), all[2..]);
        assert_eq!(found(text, &[]), []);
    }

    #[test]
    fn of_a_line_longer_than_a_block_the_beginning_is_kept() {
        let long = "x".repeat(3 * BLOCK);
        let text = format!("a\n{long}\nb\n{long}");
        let all = found(&text, &[2, 3, 4]);
        let lengths: Vec<(i64, usize)> = all.iter().map(|(line, raw)| (*line, raw.len())).collect();
        assert_eq!(lengths, [(2, RAW_LIMIT), (3, 1), (4, RAW_LIMIT)]);
        assert_eq!(all[1].1, b"b");
    }
}
