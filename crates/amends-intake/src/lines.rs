//! The lines of a file's rows, in order: a few numbers for many lines that follow one another.

/// Lines in ascending order, each with its place among them.
#[derive(Default)]
pub(crate) struct Lines {
    runs: Vec<Run>,
    len: usize,
}

/// Lines that follow one another, up to the next run.
#[derive(Clone, Copy)]
struct Run {
    line: i64,
    place: usize,
}

impl Lines {
    /// Adds a line behind the others.
    pub(crate) fn push(&mut self, line: i64) {
        debug_assert!(
            self.runs
                .last()
                .is_none_or(|run| run.line_at(self.len) <= line)
        );
        let follows = self.runs.last().map(|run| run.line_at(self.len));
        if follows != Some(line) {
            self.runs.push(Run {
                line,
                place: self.len,
            });
        }
        self.len += 1;
    }

    /// Takes all lines of others, which are behind these.
    pub(crate) fn append(&mut self, others: &mut Self) {
        for line in std::mem::take(others).iter() {
            self.push(line);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The place of a line.
    pub(crate) fn place(&self, line: i64) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.line <= line);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let end = self.runs.get(after).map_or(self.len, |next| next.place);
        let place = run.place + usize::try_from(line - run.line).ok()?;
        (place < end).then_some(place)
    }

    /// All lines, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        let ends = self.runs.iter().skip(1).map(|next| next.place);
        let ends = ends.chain(std::iter::once(self.len));
        self.runs
            .iter()
            .zip(ends)
            .flat_map(|(run, end)| (run.place..end).map(|place| run.line_at(place)))
    }
}

impl Run {
    fn line_at(self, place: usize) -> i64 {
        self.line + (place - self.place) as i64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use amends_testkit::proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_line_has_its_place(lines in prop::collection::btree_set(-5_i64..60, 0..50), cut in 0..50_usize) {
            let mut all = Lines::default();
            let (mut first, mut second) = (Lines::default(), Lines::default());
            for (at, line) in lines.iter().enumerate() {
                if at < cut { &mut first } else { &mut second }.push(*line);
            }
            all.append(&mut first);
            all.append(&mut second);
            prop_assert_eq!((first.len(), all.len()), (0, lines.len()));
            prop_assert_eq!(all.iter().collect::<BTreeSet<i64>>(), lines.clone());
            let places: Vec<i64> = lines.into_iter().collect();
            for line in -7..63 {
                prop_assert_eq!(all.place(line), places.binary_search(&line).ok());
            }
        }
    }
}
