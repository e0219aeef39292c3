//! Which lines of a file were seen: a bit for each.

use std::collections::HashMap;

const LINES_PER_BLOCK: i64 = 65_536;

/// A set of lines. Ten million lines in a row take little more than a megabyte.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    blocks: Vec<Box<[u64; 1024]>>,
    places: HashMap<i64, usize>,
    /// Number and place of the block that was used last: lines come in about the order of their file.
    last: Option<(i64, usize)>,
    count: u64,
}

impl Lines {
    /// Adds a line.
    pub(crate) fn insert(&mut self, line: i64) {
        let block = line.div_euclid(LINES_PER_BLOCK);
        let place = line.rem_euclid(LINES_PER_BLOCK) as usize;
        let block = self.block(block);
        let bit = 1 << (place % 64);
        let is_new = block[place / 64] & bit == 0;
        block[place / 64] |= bit;
        self.count += u64::from(is_new);
    }

    fn block(&mut self, number: i64) -> &mut [u64; 1024] {
        let place = match self.last {
            Some((last, place)) if last == number => place,
            _ => *self.places.entry(number).or_insert_with(|| {
                self.blocks.push(Box::new([0; 1024]));
                self.blocks.len() - 1
            }),
        };
        self.last = Some((number, place));
        &mut self.blocks[place]
    }

    /// Adds the line of an event; events of a source without lines count for themselves.
    pub(crate) fn add(&mut self, line: Option<i64>) {
        match line {
            Some(line) => self.insert(line),
            None => self.count += 1,
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_once() {
        let mut lines = Lines::default();
        for line in [1, 2, 2, 65_535, 65_536, -1, 1, i64::MAX, i64::MIN] {
            lines.insert(line);
        }
        lines.add(None);
        lines.add(None);
        lines.add(Some(2));
        assert_eq!(lines.count(), 9);
    }
}
