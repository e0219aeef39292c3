//! Which lines of a file were seen: a bit for each.

use std::collections::HashMap;

const LINES_PER_BLOCK: i64 = 65_536;

/// A set of lines. Ten million lines in a row take little more than a megabyte.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    blocks: HashMap<i64, Box<[u64; 1024]>>,
    count: u64,
}

impl Lines {
    /// Adds a line.
    pub(crate) fn insert(&mut self, line: i64) {
        let block = line.div_euclid(LINES_PER_BLOCK);
        let place = line.rem_euclid(LINES_PER_BLOCK) as usize;
        let block = self
            .blocks
            .entry(block)
            .or_insert_with(|| Box::new([0; 1024]));
        let bit = 1 << (place % 64);
        if block[place / 64] & bit == 0 {
            block[place / 64] |= bit;
            self.count += 1;
        }
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
