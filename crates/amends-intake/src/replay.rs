//! Rows out of the quarantine, read again as today's definition says.

use std::collections::{BTreeMap, HashMap};

use amends_expressions::{Lineage, Planner};
use amends_ledger::{Import, ImportEnd, ImportRecord, ImportStart, Ledger, Quarantined, Writer};
use amends_model::{Problem, Result};
use amends_project::definition::{Complete, Project, Source};
use amends_vault::Vault;
use arrow::array::RecordBatch;
use jiff::Timestamp;

use crate::aside::HEADING;
use crate::decode::{self, Decoded};
use crate::failure::Failure;
use crate::import::{begin, by_column, commit, mapping, wanted};
use crate::joined::{Counts, Main, Tables};
use crate::map::{Mapper, Remarks, telling};
use crate::sealing::Sealing;
use crate::staging::{Records, stage};

/// So much raw text is read again at once.
const PORTION: usize = 16 << 20;

/// What came of a replay.
#[derive(Debug)]
pub struct Replayed {
    /// The import that holds what can be read now: all its rows were stored or are duplicates. `None` where nothing can be.
    pub import: Option<ImportRecord>,
    /// The rows that stay in quarantine, each with the reason that it has today.
    pub waiting: Vec<Quarantined>,
}

/// Replays the rows of the main file that an import set aside. Those that can be read now are stored under an import of their own, with
/// the lines that they had in their file, and leave the quarantine; the others stay.
///
/// # Errors
/// `AM0513` when there is nothing to replay; as `import`.
pub async fn replay(
    project: &Project,
    import: i64,
    planner: &Planner,
    ledger: &Ledger,
    vault: &Vault,
    writer: &Writer,
    now: Timestamp,
) -> Result<Replayed> {
    let imports = ledger.imports().await?;
    let earlier = imports.into_iter().find(|record| record.import == import);
    let earlier = earlier.ok_or_else(|| nothing(import, "there is no such import"))?;
    let source = project.sources.get(&earlier.start.source);
    let source = source.ok_or_else(|| {
        nothing(
            import,
            &format!(
                "its source {:?} is not defined any more",
                earlier.start.source
            ),
        )
    })?;
    let rows = ledger.bad_rows().await?.into_iter();
    let rows = rows.filter(|row| !row.joined && row.state.may_be_replayed());
    let rows = rows.filter_map(|row| row.in_import(import).cloned());
    let mut rows: Vec<Quarantined> = rows.collect();
    // As they stood in the file: where several say something of one record, the last counts.
    rows.sort_by_key(|row| (row.line, row.entry));
    let kept = ledger.quarantine(Some(import)).await?;
    let kept = kept
        .iter()
        .filter(|(_, row)| row.file == earlier.start.file);
    let kept = kept.count();
    if rows.is_empty() {
        return Err(nothing(import, "none of its rows waits in quarantine"));
    }
    let mut texts: HashMap<i64, Vec<u8>> = HashMap::new();
    for raw in vault.raw(import).await? {
        texts.insert(raw.entry, raw.text);
    }
    let start = ImportStart {
        source: source.name.clone(),
        mapping: source.mapping.clone(),
        fingerprint: None,
        started_at: now,
        ..earlier.start
    };
    let replaying = Replaying {
        project,
        source,
        planner,
        vault,
        now,
    };
    replaying
        .run(writer, start, import, rows, kept, texts)
        .await
}

fn nothing(import: i64, why: &str) -> Problem {
    Problem::new("AM0513", "these rows cannot be replayed")
        .detail(format!("import {import}: {why}"))
        .hint("`amends quarantine list` lists the imports that have rows in quarantine")
}

struct Replaying<'a> {
    project: &'a Project,
    source: &'a Source,
    planner: &'a Planner,
    vault: &'a Vault,
    now: Timestamp,
}

/// What rows become as they are read.
struct Rows<'a> {
    import: &'a mut Import,
    sealing: Sealing,
    mapper: Option<Mapper>,
    sums: Records,
}

impl Replaying<'_> {
    async fn run(
        &self,
        writer: &Writer,
        start: ImportStart,
        earlier: i64,
        rows: Vec<Quarantined>,
        kept: usize,
        mut texts: HashMap<i64, Vec<u8>>,
    ) -> Result<Replayed> {
        let heading = texts.remove(&HEADING).unwrap_or_default();
        let (mut import, incoming) = begin(self.vault, writer, start).await?;
        let mut failures: BTreeMap<i64, Failure> = BTreeMap::new();
        let mut staging = Rows {
            mapper: None,
            sealing: Sealing::new(&incoming),
            import: &mut import,
            sums: Records::default(),
        };
        let mut staged = Ok(());
        for portion in portions(&rows, &mut texts) {
            match self.read(&heading, &portion, &mut staging).await {
                Ok(failed) => failures.extend(failed.into_iter().map(|one| (one.line, one))),
                Err(problem) => {
                    staged = Err(problem);
                    break;
                }
            }
        }
        let sealed = staging.sealing.end().await;
        if let Err(problem) = staged.and(sealed) {
            let _forgotten_later = incoming.forget().await;
            return Err(problem);
        }
        let sums = staging.sums;
        let (waiting, done): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .map(|row| today(row, &failures, &texts))
            .partition(|(stays, _)| *stays);
        let waiting: Vec<Quarantined> = waiting.into_iter().map(|(_, row)| row).collect();
        if done.is_empty() {
            let _forgotten_later = incoming.forget().await;
            return Ok(Replayed {
                import: None,
                waiting,
            });
        }
        let latest = sums.latest;
        let latest = latest.filter(|_| self.source.complete == Complete::LatestEvent);
        let end = ImportEnd {
            received: done.len() as u64,
            watermark: latest.and_then(|latest| Timestamp::from_microsecond(latest).ok()),
            ended_at: Some(self.now),
            read_well: sums.read_well,
            ..ImportEnd::default()
        };
        let record = commit(self.vault, &incoming, import, end).await?;
        let entries: Vec<i64> = done.iter().map(|(_, row)| row.entry).collect();
        writer.replayed(earlier, &entries, record.import).await?;
        self.vault.forget_raw(earlier, &entries).await?;
        // Rows that are settled today may wait again after an undo.
        if kept == entries.len() {
            self.vault.forget_raw(earlier, &[HEADING]).await?;
        }
        Ok(Replayed {
            import: Some(record),
            waiting,
        })
    }

    /// Reads the text of some rows again, and stages what they give; tells those that give nothing.
    async fn read(
        &self,
        heading: &[u8],
        portion: &[(i64, Vec<u8>)],
        staging: &mut Rows<'_>,
    ) -> Result<Vec<Failure>> {
        let file = &self.source.files[&self.source.main];
        let read = decode::raw_rows(file, &wanted(self.source), heading, portion)?;
        self.stage(read, staging).await
    }

    /// Stages what some rows give, and tells those that give nothing.
    async fn stage(&self, read: Decoded, staging: &mut Rows<'_>) -> Result<Vec<Failure>> {
        let mut failures = read.failures;
        if self.source.sql.is_none() {
            let remarks = by_column(read.remarks);
            let lineage = Lineage::default();
            failures.extend(self.map(&read.batch, &lineage, &remarks, staging).await?);
            return Ok(failures);
        }
        let sql = self.source.sql.as_ref().map_or("", |sql| sql.text.as_str());
        let remarks = by_column(read.remarks.clone());
        let tables = Tables::new(
            self.project,
            self.source,
            Main::Rows(read.batch, read.remarks),
        );
        let lineage = tables.lineage(self.planner).await?;
        let mut run = tables.run(self.planner, sql).await?;
        let (mut counts, mut records) = (Counts::default(), Vec::new());
        while let Some(batch) = run.next_large().await? {
            counts.add(&batch, &mut run.left())?;
            records.push(batch);
        }
        run.drain().await?;
        counts.end(&mut run.left());
        failures.extend(counts.failures());
        for batch in records {
            let batch = counts.once(&batch)?;
            failures.extend(self.map(&batch, &lineage, &remarks, staging).await?);
        }
        Ok(failures)
    }

    async fn map(
        &self,
        records: &RecordBatch,
        lineage: &Lineage,
        remarks: &Remarks,
        staging: &mut Rows<'_>,
    ) -> Result<Vec<Failure>> {
        let Rows {
            import,
            sealing,
            mapper,
            sums,
        } = staging;
        let mapper = match mapper {
            Some(mapper) => mapper,
            None => {
                let records = records.schema();
                let mapping = mapping(self.project, self.source, self.planner, &records, lineage)?;
                import.tells(telling(self.source, &mapping));
                let fresh = Mapper::new(mapping, self.vault, import.number(), self.now).await?;
                let fresh = fresh.instead_of(import.given());
                let fresh = fresh.awaiting(import.awaited());
                mapper.insert(fresh.retaining(self.project, self.now)?)
            }
        };
        stage(mapper, records, remarks, import, sealing, sums).await
    }
}

/// Lines with their text, some megabytes at a time. Rows whose text is gone stay where they are.
fn portions(rows: &[Quarantined], texts: &mut HashMap<i64, Vec<u8>>) -> Vec<Vec<(i64, Vec<u8>)>> {
    let mut portions = vec![Vec::new()];
    let mut size = 0;
    for row in rows {
        let Some(text) = texts.get_mut(&row.entry) else {
            continue;
        };
        // An empty text stays behind, as a sign that the row was read again.
        let text = std::mem::take(text);
        size += text.len();
        if size > PORTION {
            portions.push(Vec::new());
            size = text.len();
        }
        if let Some(last) = portions.last_mut() {
            last.push((row.line, text));
        }
    }
    portions.retain(|portion| !portion.is_empty());
    portions
}

/// Whether a row stays in quarantine, and why today.
fn today(
    row: Quarantined,
    failures: &BTreeMap<i64, Failure>,
    texts: &HashMap<i64, Vec<u8>>,
) -> (bool, Quarantined) {
    if !texts.contains_key(&row.entry) {
        return (true, row);
    }
    match failures.get(&row.line) {
        None => (false, row),
        Some(failure) => {
            let row = Quarantined {
                column: failure.column.clone(),
                code: failure.code.to_owned(),
                reason: failure.reason.clone(),
                ..row
            };
            (true, row)
        }
    }
}
