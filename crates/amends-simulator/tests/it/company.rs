//! A company simulated for a test, and its files read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use amends_simulator::{Settings, Summary, simulate};
use amends_testkit::tempfile::{TempDir, tempdir};

/// One row, by column name.
pub(crate) type Row = BTreeMap<String, String>;

/// A simulated company in a folder that goes with it.
pub(crate) struct Company {
    folder: TempDir,
    /// What the simulator says of it.
    pub(crate) summary: Summary,
}

impl Company {
    /// Simulates it.
    pub(crate) fn new(customers: u64, months: u32, seed: u64) -> Self {
        Self::of(&Settings::new(customers, months, seed))
    }

    /// Simulates one with all of its systems, and this planted in it.
    pub(crate) fn with(plants: &str, customers: u64, months: u32, seed: u64) -> Self {
        Self::of(&Settings::new(customers, months, seed).with(plants.parse().unwrap()))
    }

    fn of(settings: &Settings) -> Self {
        let folder = tempdir().unwrap();
        let summary = simulate(settings, folder.path(), &mut |_, _| {}).unwrap();
        Self { folder, summary }
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The text of one of its files.
    pub(crate) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// All rows of a CSV file as cells, the header first.
    pub(crate) fn cells(&self, file: &str, delimiter: u8) -> Vec<Vec<String>> {
        csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_path(self.path().join(file))
            .unwrap()
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    /// The rows of a CSV file that have as many cells as its header, by column name.
    pub(crate) fn rows(&self, file: &str) -> Vec<Row> {
        let mut cells = self.cells(file, b',').into_iter();
        let header = cells.next().unwrap();
        let whole = cells.filter(|row| row.len() == header.len());
        whole
            .map(|row| header.iter().cloned().zip(row).collect())
            .collect()
    }

    /// The deliveries that can be read: order, and when it arrived.
    pub(crate) fn deliveries(&self) -> Vec<(String, String)> {
        let text = self.text("deliveries.jsonl");
        let read = |line: &str| -> Option<(String, String)> {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            let text = |value: &serde_json::Value| Some(value.as_str()?.to_owned());
            Some((text(&row["order"]["id"])?, text(&row["delivered_at"])?))
        };
        text.lines().filter_map(read).collect()
    }
}
