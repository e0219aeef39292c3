//! What subgroups are looked for in: rows, whether each is a hit, and what each is described by.

/// What one attribute says of every row: the numbers of its values. A row may have several, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    values: u32,
    codes: Vec<u32>,
    /// Where each row's codes begin, and behind the last where they end; `None` where every row has one.
    starts: Option<Vec<u32>>,
}

impl Attribute {
    /// One value for every row, numbered from 0 to just before `values`. `None` where a number is none of these.
    pub fn of_one(codes: Vec<u32>, values: u32) -> Option<Self> {
        codes.iter().all(|code| *code < values).then_some(Self {
            values,
            codes,
            starts: None,
        })
    }

    /// Any values for every row; one that is named twice counts once. `None` where a number is none of the `values`, or there are more of them than
    /// a row number can tell.
    pub fn of_several(rows: &[Vec<u32>], values: u32) -> Option<Self> {
        let mut codes = Vec::new();
        let mut starts = Vec::with_capacity(rows.len() + 1);
        for row in rows {
            starts.push(u32::try_from(codes.len()).ok()?);
            let mut row = row.clone();
            row.sort_unstable();
            row.dedup();
            codes.append(&mut row);
        }
        starts.push(u32::try_from(codes.len()).ok()?);
        codes.iter().all(|code| *code < values).then_some(Self {
            values,
            codes,
            starts: Some(starts),
        })
    }

    /// How many values there are.
    pub fn values(&self) -> u32 {
        self.values
    }

    /// How many rows it describes.
    pub fn rows(&self) -> usize {
        match &self.starts {
            Some(starts) => starts.len() - 1,
            None => self.codes.len(),
        }
    }

    /// The values of a row.
    pub(super) fn of_row(&self, row: u32) -> &[u32] {
        let row = row as usize;
        match &self.starts {
            Some(starts) => &self.codes[starts[row] as usize..starts[row + 1] as usize],
            None => &self.codes[row..=row],
        }
    }
}

/// Rows with their hits and attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) hits: Vec<bool>,
    pub(super) attributes: Vec<Attribute>,
}

impl Table {
    /// A table of rows that are hits or not. `None` where an attribute describes more or fewer of them, or there are more than 2^32.
    pub fn new(hits: Vec<bool>, attributes: Vec<Attribute>) -> Option<Self> {
        let fits = attributes.iter().all(|one| one.rows() == hits.len());
        (fits && u32::try_from(hits.len()).is_ok()).then_some(Self { hits, attributes })
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.hits.len() as u64
    }

    /// How many of them are hits.
    pub fn hits(&self) -> u64 {
        self.hits.iter().filter(|hit| **hit).count() as u64
    }

    /// The rows that have all of some values, in order.
    pub fn covered(&self, selectors: &[Selector]) -> Vec<u32> {
        let has = |row: u32, selector: &Selector| {
            let values = self.attributes[selector.attribute].of_row(row);
            values.contains(&selector.value)
        };
        (0..self.hits.len() as u32)
            .filter(|row| selectors.iter().all(|selector| has(*row, selector)))
            .collect()
    }
}

/// One value of one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// The place of the attribute in the table.
    pub attribute: usize,
    /// The number of the value.
    pub value: u32,
}
