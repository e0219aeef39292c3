//! Rows in quarantine, each once however often it came, and what became of it.
//!
//! Whether a row is settled is nowhere written down: it follows from what the imports that count have read since it came last. So an undo opens
//! again what its import had settled.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use amends_model::Result;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::Catalog;
use crate::{ImportRecord, Ledger, Quarantined, record, trouble};

/// A row in quarantine: the same text in the same file, however often it was imported.
#[derive(Clone, Debug)]
pub struct BadRow {
    /// Where and why it was set aside, the last time last: import, and the row as that import told it.
    pub times: Vec<(i64, Quarantined)>,
    /// Whether it is a row of another file than the main one.
    pub joined: bool,
    /// What became of it.
    pub state: RowState,
}

/// What became of a row in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// It waits.
    Open,
    /// A replay brought it in.
    Replayed(i64),
    /// A later import read its record well.
    Mended(i64),
    /// A later import of its file does not hold it any more, and sets its record aside for another reason or with another text.
    Changed(i64),
    /// A later import of its file holds nothing of its record.
    Removed(i64),
    /// A later import of its file does not hold it any more; whether it was mended or removed cannot be told, because its key could not be read.
    Gone(i64),
}

impl RowState {
    /// Whether the row still waits.
    pub fn is_open(self) -> bool {
        self == Self::Open
    }

    /// Whether a replay may bring the row in: nothing that came later is known of its record.
    pub fn may_be_replayed(self) -> bool {
        matches!(self, Self::Open | Self::Removed(_))
    }

    /// The import that settled it.
    pub fn by(self) -> Option<i64> {
        match self {
            Self::Open => None,
            Self::Replayed(by)
            | Self::Mended(by)
            | Self::Changed(by)
            | Self::Removed(by)
            | Self::Gone(by) => Some(by),
        }
    }
}

impl BadRow {
    /// The row as an import told it, if that set it aside.
    pub fn in_import(&self, import: i64) -> Option<&Quarantined> {
        let found = self.times.iter().find(|(of, _)| *of == import);
        found.map(|(_, row)| row)
    }

    /// The row as it was told last, with the import.
    pub fn last(&self) -> Option<&(i64, Quarantined)> {
        self.times.last()
    }
}

impl Ledger {
    /// Every row that imports which count have set aside, each once, with what became of it; in order of the imports that told it last.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn bad_rows(&self) -> Result<Vec<BadRow>> {
        let catalog = self.catalog();
        let imports = record::all(catalog).await?;
        let known = Known {
            read_well: read_well(catalog).await?,
            imports: imports.iter().map(|of| (of.import, of)).collect(),
        };
        Ok(known.judge(told(catalog).await?))
    }
}

/// A row as it was set aside once.
struct Told {
    import: i64,
    row: Quarantined,
    replayed_by: Option<i64>,
}

async fn told(catalog: &Catalog) -> Result<Vec<Told>> {
    let rows = sqlx::query(include_str!("../sql/bad_rows.sql"))
        .fetch_all(&catalog.pool)
        .await
        .map_err(trouble::database)?;
    let read = |row: &AnyRow| -> Result<Told, sqlx::Error> {
        Ok(Told {
            import: row.try_get(0)?,
            row: record::quarantined(row)?,
            replayed_by: row.try_get(9)?,
        })
    };
    rows.iter()
        .map(|row| read(row).map_err(trouble::database))
        .collect()
}

/// For each record the imports that count and read it well.
async fn read_well(catalog: &Catalog) -> Result<HashMap<String, BTreeSet<i64>>> {
    let rows = sqlx::query(include_str!("../sql/read_well.sql"))
        .fetch_all(&catalog.pool)
        .await
        .map_err(trouble::database)?;
    let mut all: HashMap<String, BTreeSet<i64>> = HashMap::new();
    for row in rows {
        let import = row.try_get(0).map_err(trouble::database)?;
        let record = row.try_get(1).map_err(trouble::database)?;
        all.entry(record).or_default().insert(import);
    }
    Ok(all)
}

/// What is known beside the rows themselves.
struct Known<'a> {
    imports: BTreeMap<i64, &'a ImportRecord>,
    read_well: HashMap<String, BTreeSet<i64>>,
}

/// One row by what it is known again: source, file, text, and how often that text came before in its file; a row without a hash by where it is.
type Same = (String, String, String, u64);

impl Known<'_> {
    fn judge(&self, told: Vec<Told>) -> Vec<BadRow> {
        let mut places: HashMap<Same, usize> = HashMap::new();
        let mut nth: HashMap<(i64, String, String), u64> = HashMap::new();
        let mut rows: Vec<(Vec<Told>, bool)> = Vec::new();
        // The last import that set aside a row of each record.
        let mut last_of: HashMap<String, i64> = HashMap::new();
        for told in told {
            let source = self.source(told.import);
            if let Some(record) = &told.row.record {
                last_of.insert(record.clone(), told.import);
            }
            let place = match &told.row.text_hash {
                None => rows.len(),
                Some(hash) => {
                    let file = told.row.file.clone();
                    let count = nth.entry((told.import, file.clone(), hash.clone()));
                    let count = count.or_default();
                    *count += 1;
                    let same = (source.to_owned(), file, hash.clone(), *count);
                    *places.entry(same).or_insert(rows.len())
                }
            };
            if place == rows.len() {
                let main = self.imports.get(&told.import);
                let joined = main.is_none_or(|import| import.start.file != told.row.file);
                rows.push((Vec::new(), joined));
            }
            rows[place].0.push(told);
        }
        let rows = rows.into_iter().map(|(times, joined)| BadRow {
            state: self.state(&times, joined, &last_of),
            joined,
            times: times
                .into_iter()
                .map(|told| (told.import, told.row))
                .collect(),
        });
        let mut rows: Vec<BadRow> = rows.collect();
        rows.sort_by_key(|row| row.last().map(|(import, row)| (*import, row.entry)));
        rows
    }

    fn source(&self, import: i64) -> &str {
        let import = self.imports.get(&import);
        import.map_or("", |import| import.start.source.as_str())
    }

    /// What became of a row that was told so often.
    fn state(&self, times: &[Told], joined: bool, last_of: &HashMap<String, i64>) -> RowState {
        let Some(last) = times.last() else {
            return RowState::Open;
        };
        let counts = |by: i64| self.imports.get(&by).is_none_or(|by| by.stands());
        let replays = times.iter().filter_map(|told| told.replayed_by);
        let replay = replays.filter(|by| *by > last.import && counts(*by)).max();
        if let Some(by) = replay {
            return RowState::Replayed(by);
        }
        let row = &last.row;
        if row.text_hash.is_none() {
            return RowState::Open;
        }
        let source = self.source(last.import);
        let later = self.imports.range(last.import + 1..);
        let mut later = later.filter(|(_, by)| by.stands() && by.start.source == source);
        if let Some(record) = &row.record {
            let read = self.read_well.get(record);
            let mut read = read.into_iter().flatten();
            let of_source = |by: &&i64| **by > last.import && self.source(**by) == source;
            if let Some(by) = read.find(of_source) {
                return RowState::Mended(*by);
            }
        }
        // Only who has read a file has its fingerprint: a replay has none.
        let reads = |by: &ImportRecord| {
            by.start.fingerprint.is_some() && (joined || by.start.file == row.file)
        };
        let Some(by) = later.find_map(|(_, by)| reads(by).then_some(*by)) else {
            return RowState::Open;
        };
        match &row.record {
            None => RowState::Gone(by.import),
            Some(record) if last_of.get(record).is_some_and(|last| *last >= by.import) => {
                RowState::Changed(by.import)
            }
            Some(_) => RowState::Removed(by.import),
        }
    }
}
