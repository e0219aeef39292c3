//! What an import says when it begins and ends, and what the catalog keeps of it.

use std::collections::{BTreeSet, HashMap};

use amends_model::{Result, time};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::Catalog;
use crate::changes::Telling;
use crate::{FileColumn, trouble};

/// What an import is about.
#[derive(Clone, Debug)]
pub struct ImportStart {
    /// Which source.
    pub source: String,
    /// The version of its mapping.
    pub mapping: String,
    /// The main file, as shown to users.
    pub file: String,
    /// A hash of the file's bytes, if it was computed.
    pub fingerprint: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// How the source tells of records that it told of before.
    pub telling: Telling,
}

/// What an import says at its end.
#[derive(Clone, Debug, Default)]
pub struct ImportEnd {
    /// Rows of the main file.
    pub received: u64,
    /// Rows set aside. Those of other files than the main one are listed, but do not count among the rows received.
    pub quarantined: Vec<Quarantined>,
    /// A hash of the file's bytes, if it was computed while the file was read.
    pub fingerprint: Option<String>,
    /// How far the source has now reported.
    pub watermark: Option<Timestamp>,
    /// Records that rows in quarantine spoke of (`Import::awaited`), and that this import read well.
    pub read_well: BTreeSet<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The columns of the main file as they stand there; none where they are not told.
    pub columns: Vec<FileColumn>,
}

/// A row that could not be read. Its raw text is in the vault under `entry`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number inside the import, from 1.
    pub entry: i64,
    /// The file.
    pub file: String,
    /// The line on which the row begins, from 1.
    pub line: i64,
    /// The column's name, where one column is to blame.
    pub column: Option<String>,
    /// The code of the page that explains the reason.
    pub code: String,
    /// The reason, without personal data.
    pub reason: String,
    /// A keyed hash of its text, by which it is known when it comes again; none where the text is not known.
    pub text_hash: Option<String>,
    /// A keyed hash of the record that it speaks of, where its key could be read.
    pub record: Option<String>,
}

/// A row set aside, out of the columns that follow its import.
///
/// # Errors
/// When a column is missing or of another type.
pub(crate) fn quarantined(row: &AnyRow) -> Result<Quarantined, sqlx::Error> {
    Ok(Quarantined {
        entry: row.try_get(1)?,
        file: row.try_get(2)?,
        line: row.try_get(3)?,
        column: row.try_get(4)?,
        code: row.try_get(5)?,
        reason: row.try_get(6)?,
        text_hash: row.try_get(7)?,
        record: row.try_get(8)?,
    })
}

/// An import as the catalog knows it.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// Its number.
    pub import: i64,
    /// What it was about.
    pub start: ImportStart,
    /// Rows of the main file.
    pub received: u64,
    /// Rows that gave at least one event not seen before.
    pub stored: u64,
    /// Rows all of whose events were known.
    pub duplicate: u64,
    /// Rows set aside.
    pub quarantined: u64,
    /// Events stored.
    pub events: u64,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How far its source had reported by it.
    pub reported: Option<Timestamp>,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// The import that replaced it: one that read the same bytes with a newer definition.
    pub replaced_by: Option<i64>,
    /// A hash of all that it said; none for imports of older programs, which kept nothing of what was said again.
    pub(crate) digest: Option<String>,
    /// An earlier import that said the very same.
    pub(crate) same_as: Option<i64>,
    /// A hash of all that it told, which follows from its file alone; none for imports of older programs.
    pub(crate) told: Option<String>,
}

impl ImportRecord {
    /// Whether its events count: it was neither undone nor replaced.
    pub fn stands(&self) -> bool {
        self.undone_at.is_none() && self.replaced_by.is_none()
    }

    /// Whether an earlier import said the very same.
    pub(crate) fn is_twin_of(&self, earlier: &Self) -> bool {
        earlier.undone_at.is_none()
            && earlier.start.source == self.start.source
            && earlier.start.mapping == self.start.mapping
            && earlier.digest.is_some()
            && earlier.digest == self.digest
    }
}

/// Those of some imports, the oldest first, that say something: all but such as tell the very same as the one before that read the same file.
/// A folder of exports that is read again every day says of each file once what is in it.
pub(crate) fn speaking<'a>(imports: impl Iterator<Item = &'a ImportRecord>) -> BTreeSet<i64> {
    let mut last: HashMap<(&str, &str), &str> = HashMap::new();
    let mut speaking = BTreeSet::new();
    for import in imports {
        let file = (import.start.source.as_str(), import.start.file.as_str());
        let told = import.told.as_deref().unwrap_or_default();
        if last.insert(file, told) != Some(told) || told.is_empty() {
            speaking.insert(import.import);
        }
    }
    speaking
}

/// All imports, oldest first.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn all(catalog: &Catalog) -> Result<Vec<ImportRecord>> {
    let rows = sqlx::query(include_str!("../sql/imports.sql"))
        .fetch_all(&catalog.pool)
        .await
        .map_err(trouble::database)?;
    rows.iter().map(import).collect()
}

fn import(row: &AnyRow) -> Result<ImportRecord> {
    let text = |column| row.try_get::<String, _>(column).map_err(trouble::database);
    let number = |column| row.try_get::<i64, _>(column).map_err(trouble::database);
    let maybe = |column| {
        row.try_get::<Option<i64>, _>(column)
            .map_err(trouble::database)
    };
    let moment = |column| maybe(column)?.map(time::from_micros).transpose();
    Ok(ImportRecord {
        import: number(0)?,
        start: ImportStart {
            source: text(1)?,
            mapping: text(2)?,
            file: text(3)?,
            fingerprint: row.try_get(4).map_err(trouble::database)?,
            started_at: time::from_micros(number(5)?)?,
            telling: Telling::default(),
        },
        received: number(7)? as u64,
        stored: number(8)? as u64,
        duplicate: number(9)? as u64,
        quarantined: number(10)? as u64,
        events: number(11)? as u64,
        ended_at: moment(6)?,
        reported: moment(12)?,
        digest: row.try_get(13).map_err(trouble::database)?,
        same_as: maybe(14)?,
        undone_at: moment(15)?,
        replaced_by: maybe(16)?,
        told: row.try_get(17).map_err(trouble::database)?,
    })
}
