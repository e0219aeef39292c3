//! What subgroups are looked for in: rows, whether each is a hit, and what each is described by.

use super::clusters::Clusters;

/// What one attribute says of every row: the numbers of its values. A row may have several, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    values: u32,
    codes: Vec<u32>,
    /// Where each row's codes begin, and behind the last where they end; `None` where every row has one.
    starts: Option<Vec<u32>>,
    /// Whether a stretch of values selects.
    is_ordered: bool,
}

impl Attribute {
    /// One value for every row, numbered from 0 to just before `values`. `None` where a number is none of these.
    pub fn of_one(codes: Vec<u32>, values: u32) -> Option<Self> {
        codes.iter().all(|code| *code < values).then_some(Self {
            values,
            codes,
            starts: None,
            is_ordered: false,
        })
    }

    /// One number for every row, as of a week: a stretch of numbers selects the rows that have one of them. `None` where a number is none of `values`.
    ///
    /// Of such an attribute a search tells the one stretch that tells best what is in it from what is outside.
    pub fn of_ordered(codes: Vec<u32>, values: u32) -> Option<Self> {
        let attribute = Self::of_one(codes, values)?;
        Some(Self {
            is_ordered: true,
            ..attribute
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
            is_ordered: false,
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

    /// Whether stretches of values select.
    pub fn is_ordered(&self) -> bool {
        self.is_ordered
    }

    /// Whether a row has one of some values that follow each other.
    pub fn has(&self, row: u32, first: u32, last: u32) -> bool {
        let mut values = self.of_row(row).iter();
        values.any(|value| (first..=last).contains(value))
    }

    /// The same of some of the rows.
    fn of_rows(&self, rows: &[u32]) -> Self {
        let mut codes = Vec::with_capacity(rows.len());
        let mut starts = self
            .starts
            .as_ref()
            .map(|_| Vec::with_capacity(rows.len() + 1));
        for row in rows {
            if let Some(starts) = &mut starts {
                // There are no more codes than before.
                starts.push(codes.len() as u32);
            }
            codes.extend_from_slice(self.of_row(*row));
        }
        if let Some(starts) = &mut starts {
            starts.push(codes.len() as u32);
        }
        Self {
            values: self.values,
            codes,
            starts,
            is_ordered: self.is_ordered,
        }
    }

    /// The values of a row.
    pub fn of_row(&self, row: u32) -> &[u32] {
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
    /// The number of each row's person.
    people: Vec<u32>,
    pub(super) attributes: Vec<Attribute>,
}

impl Table {
    /// A table of rows that are hits or not. `None` where an attribute describes more or fewer of them, or there are more than 2^32.
    ///
    /// `people` has the number of each row's person: the same number, the same person.
    pub fn new(hits: Vec<bool>, people: Vec<u32>, attributes: Vec<Attribute>) -> Option<Self> {
        let mut described = attributes.iter().map(Attribute::rows).chain([people.len()]);
        let fits = described.all(|rows| rows == hits.len());
        (fits && u32::try_from(hits.len()).is_ok()).then_some(Self {
            hits,
            people,
            attributes,
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.hits.len() as u64
    }

    /// How many of them are hits.
    pub fn hits(&self) -> u64 {
        self.hits.iter().filter(|hit| **hit).count() as u64
    }

    /// Whether a row is a hit.
    pub fn is_hit(&self, row: u32) -> bool {
        self.hits[row as usize]
    }

    /// The people of all rows that have some values, apart from or within those that have others too.
    pub(super) fn clusters(&self, of: &[Selector], inside: &[Selector]) -> Clusters {
        let mut clusters = Clusters::default();
        for row in self.covered(of) {
            let is_inside = self.selects(inside, row);
            clusters.add(self.people[row as usize], is_inside, self.is_hit(row));
        }
        clusters
    }

    /// What rows are described by.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The rows that have all of some values, in order.
    pub fn covered(&self, selectors: &[Selector]) -> Vec<u32> {
        let rows = 0..self.hits.len() as u32;
        rows.filter(|row| self.selects(selectors, *row)).collect()
    }

    /// Whether a row has all of some values.
    pub fn selects(&self, selectors: &[Selector], row: u32) -> bool {
        let has = |one: &Selector| self.attributes[one.attribute].has(row, one.value, one.last);
        selectors.iter().all(has)
    }

    /// How many rows have all of some values, and how many of them are hits.
    pub fn counted(&self, selectors: &[Selector]) -> (u64, u64) {
        let covered = self.covered(selectors);
        let hits = covered.iter().filter(|row| self.is_hit(**row)).count();
        (covered.len() as u64, hits as u64)
    }

    /// The same rows, hits where these are none.
    pub(super) fn inverted(&self) -> Self {
        Self {
            hits: self.hits.iter().map(|hit| !hit).collect(),
            ..self.clone()
        }
    }

    /// The same, without the values of ordered attributes that come after the last that a row has: where rows end, as with a week, nothing is known of what is later.
    #[must_use]
    pub fn ending_with_its_rows(mut self) -> Self {
        for of in self.attributes.iter_mut().filter(|of| of.is_ordered) {
            of.values = of.codes.iter().max().map_or(0, |last| last + 1);
        }
        self
    }

    /// How many values an attribute has; 0 of one that is not there.
    pub fn values(&self, attribute: usize) -> u32 {
        self.attributes.get(attribute).map_or(0, Attribute::values)
    }

    /// The table of some of its rows.
    pub fn of_rows(&self, rows: &[u32]) -> Self {
        let attributes = self.attributes.iter();
        Self {
            hits: rows.iter().map(|row| self.is_hit(*row)).collect(),
            people: rows.iter().map(|row| self.people[*row as usize]).collect(),
            attributes: attributes.map(|one| one.of_rows(rows)).collect(),
        }
    }
}

/// One value of one attribute, or a stretch of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// The place of the attribute in the table.
    pub attribute: usize,
    /// The number of the value, or of the first one.
    pub value: u32,
    /// The number of the last value: the same where it is one.
    pub last: u32,
}

impl Selector {
    /// One value.
    pub fn one(attribute: usize, value: u32) -> Self {
        Self {
            attribute,
            value,
            last: value,
        }
    }
}
