//! A project in a folder that cleans up after itself, with sources written as values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use amends_expressions::Planner;
use amends_intake::{Replayed, Watch, import, replay};
use amends_ledger::{Filter, ImportRecord, Ledger, Quarantined};
use amends_model::period::Length;
use amends_model::{Currency, Result};
use amends_project::definition::*;
use amends_project::{Place, Sql};
use amends_testkit::tempfile::TempDir;
use amends_vault::Vault;
use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) const NOW: &str = "2024-06-01T12:00:00Z";

/// A company with a folder, a ledger and a vault.
pub(crate) struct Shop {
    folder: TempDir,
    pub(crate) project: Project,
    pub(crate) ledger: Ledger,
    pub(crate) vault: Vault,
}

/// Never stops anything, and keeps what it is told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) progress: Mutex<Vec<(u64, u64, u64)>>,
    pub(crate) stop_after: Option<u64>,
}

impl Watch for Told {
    fn progress(&self, bytes: u64, of: u64, rows: u64) {
        self.progress.lock().unwrap().push((bytes, of, rows));
    }

    fn stopped(&self) -> bool {
        let rows = self
            .progress
            .lock()
            .unwrap()
            .last()
            .map_or(0, |last| last.2);
        self.stop_after.is_some_and(|after| rows >= after)
    }
}

pub(crate) fn sql(text: &str) -> Sql {
    Sql {
        text: text.to_owned(),
        place: Place {
            file: "sources/test.toml".into(),
            line: 10,
            column: 5,
        },
    }
}

/// A name that a column gives.
pub(crate) fn named_by(identifier: &str, column: &str) -> NamedBy {
    let sql = sql(column);
    NamedBy {
        identifier: identifier.to_owned(),
        place: sql.place.clone(),
        sql,
    }
}

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

impl Shop {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join(".amends");
        let identifier = |name: &str, normalise| {
            let rule = IdentifierRule {
                name: name.to_owned(),
                normalise,
                at_most: 5,
                generic: BTreeSet::new(),
                names: Counted::Customers,
            };
            (name.to_owned(), rule)
        };
        let project = Project {
            root: folder.path().to_owned(),
            erasures: data.join("erasures.jsonl"),
            data: data.clone(),
            retention: Default::default(),
            company: Company {
                name: "Example".to_owned(),
                zone: TimeZone::get("America/Sao_Paulo").unwrap(),
                currency: Currency::parse("EUR").unwrap(),
                period: Length::Month,
                counts: Counted::Customers,
                customer_word: "customer".to_owned(),
                customers_word: "customers".to_owned(),
            },
            calendars: BTreeMap::new(),
            sources: BTreeMap::new(),
            gone: BTreeMap::new(),
            identifiers: [
                identifier("customer", Normalise::None),
                identifier("email", Normalise::Email),
            ]
            .into(),
            customers: None,
            voice: Default::default(),
            touchpoints: BTreeMap::new(),
            stages: Vec::new(),
            baseline: None,
            promises: BTreeMap::new(),
            earlier: BTreeMap::new(),
            unmeasured: BTreeMap::new(),
            version: "v".to_owned(),
            texts: BTreeMap::new(),
        };
        Self {
            ledger: Ledger::open(&data.join("ledger")).await.unwrap(),
            vault: Vault::open(&data.join("vault")).await.unwrap(),
            folder,
            project,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) async fn import(&self, source: &Source) -> Result<Vec<ImportRecord>> {
        self.import_watched(source, &Told::default()).await
    }

    pub(crate) async fn import_watched(
        &self,
        source: &Source,
        told: &dyn Watch,
    ) -> Result<Vec<ImportRecord>> {
        let writer = self.ledger.writer("test").await?;
        let planner = Planner::new();
        import(
            &self.project,
            source,
            &planner,
            &self.vault,
            &writer,
            now(),
            told,
        )
        .await
    }

    /// Imports one file: received, stored, duplicate, quarantined.
    pub(crate) async fn sums(&self, source: &Source) -> (u64, u64, u64, u64) {
        let records = self.import(source).await.unwrap();
        let sum = |of: fn(&ImportRecord) -> u64| records.iter().map(of).sum();
        let sums = (
            sum(|record| record.received),
            sum(|record| record.stored),
            sum(|record| record.duplicate),
            sum(|record| record.quarantined),
        );
        assert_eq!(sums.0, sums.1 + sums.2 + sums.3);
        sums
    }

    pub(crate) async fn replay(&self, import: i64) -> Result<Replayed> {
        let writer = self.ledger.writer("test").await?;
        let planner = Planner::new();
        replay(
            &self.project,
            import,
            &planner,
            &self.ledger,
            &self.vault,
            &writer,
            now(),
        )
        .await
    }

    pub(crate) async fn quarantine(&self) -> Vec<Quarantined> {
        let rows = self.ledger.quarantine(None).await.unwrap();
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Quarantine as `file:line code column`.
    pub(crate) async fn faults(&self) -> Vec<String> {
        let told = |row: &Quarantined| {
            let column = row.column.as_deref().unwrap_or("-");
            format!("{}:{} {} {column}", row.file, row.line, row.code)
        };
        self.quarantine().await.iter().map(told).collect()
    }

    /// Columns of the events of a kind as text, sorted.
    pub(crate) async fn events(&self, kind: &str, columns: &[&str]) -> Vec<String> {
        let snapshot = self.ledger.snapshot().await.unwrap();
        let mut rows = Vec::new();
        if snapshot.kinds().contains_key(kind) {
            for batch in snapshot.scan(kind, columns, &Filter::default()).unwrap() {
                rows.extend(shown(&batch.unwrap()));
            }
        }
        rows.sort();
        rows
    }
}

fn shown(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    let row = |row| {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| column.value(row).to_string())
            .collect();
        cells.join(" | ")
    };
    (0..batch.num_rows()).map(row).collect()
}

pub(crate) fn csv_file(path: &Path, columns: &[(&str, ColumnType)]) -> SourceFile {
    let rule = |(name, kind): &(&str, ColumnType)| {
        let rule = ColumnRule {
            kind: *kind,
            format: None,
            place: Place::default(),
        };
        ((*name).to_owned(), rule)
    };
    SourceFile {
        section: "source.invented.file".into(),
        path: path.to_owned(),
        written: path.display().to_string(),
        place: Place::default(),
        format: Format::Csv {
            delimiter: b',',
            encoding: "utf-8".to_owned(),
            header: None,
        },
        packing: Packing::None,
        columns: columns.iter().map(rule).collect(),
        renamed: BTreeMap::new(),
    }
}

/// A source of one CSV file whose records have no key and give no events yet.
pub(crate) fn source(file: SourceFile) -> Source {
    Source {
        name: "orders".to_owned(),
        says: "What was ordered".to_owned(),
        place: Place::default(),
        files: [("orders".to_owned(), file)].into(),
        main: "orders".to_owned(),
        sql: None,
        key: None,
        version: None,
        zone: TimeZone::get("America/Sao_Paulo").unwrap(),
        complete: Complete::LatestEvent,
        complete_written: None,
        lag: None,
        snapshot: false,
        most_aside: 250_000,
        personal: BTreeSet::new(),
        derived: BTreeMap::new(),
        ignore: BTreeSet::new(),
        events: Vec::new(),
        mapping: "m1".to_owned(),
    }
}

/// An event about `id` of the customer `customer`.
pub(crate) fn event(kind: &str, at: &str) -> EventMapping {
    EventMapping {
        kind: kind.to_owned(),
        place: Place::default(),
        at: sql(at),
        planned: false,
        when: None,
        about: Some(sql("id")),
        identifiers: vec![named_by("customer", "customer")],
        amount: None,
        currency: None,
        properties: Vec::new(),
        corrections: Vec::new(),
    }
}

pub(crate) fn money() -> ColumnType {
    ColumnType::Money(Currency::parse("BRL").unwrap())
}
