//! The order of ingest of a staged batch: its rows one after the other, with gaps where records between them gave nothing.

/// The places of a batch's rows.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    first: u64,
    /// For each row how far it stands behind the first place; `None` where none is left out.
    offsets: Option<Vec<u32>>,
}

impl Places {
    /// One after the other, from there.
    pub(crate) fn from(first: u64) -> Self {
        Self {
            first,
            offsets: None,
        }
    }

    /// From there, for so many rows among which gaps are left: `after` tells for each gap, ascending, after how many rows it comes. Gives the
    /// places of the gaps as well.
    pub(crate) fn with_gaps(
        first: u64,
        rows: usize,
        after: impl ExactSizeIterator<Item = u32> + Clone,
    ) -> (Self, Vec<u64>) {
        let gaps = after.clone().zip(0_u64..);
        let gaps = gaps.map(|(rows, gap)| first + u64::from(rows) + gap);
        let gaps: Vec<u64> = gaps.collect();
        if gaps.is_empty() {
            return (Self::from(first), gaps);
        }
        let mut before = after.peekable();
        let mut passed = 0;
        let offsets = (0..rows as u32).map(|row| {
            while before.next_if(|after| *after <= row).is_some() {
                passed += 1;
            }
            row + passed
        });
        let offsets = Some(offsets.collect());
        (Self { first, offsets }, gaps)
    }

    /// The place of a row.
    pub(crate) fn of(&self, row: u32) -> u64 {
        let offset = match &self.offsets {
            None => row,
            Some(offsets) => offsets.get(row as usize).copied().unwrap_or(row),
        };
        self.first + u64::from(offset)
    }

    /// The places of so many rows.
    pub(crate) fn all(&self, rows: usize) -> impl Iterator<Item = u64> + '_ {
        (0..rows as u32).map(|row| self.of(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_gaps_have_each_a_place_of_their_own() {
        let after = [0, 0, 2, 3];
        let (places, gaps) = Places::with_gaps(10, 3, after.into_iter());
        assert_eq!(places.all(3).collect::<Vec<_>>(), [12, 13, 15]);
        assert_eq!(gaps, [10, 11, 14, 16]);
        let (places, gaps) = Places::with_gaps(10, 3, [].into_iter());
        assert_eq!(places.all(3).collect::<Vec<_>>(), [10, 11, 12]);
        assert!(gaps.is_empty());
        assert_eq!(Places::from(7).of(2), 9);
    }
}
