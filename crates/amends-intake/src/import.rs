//! From the files of a source into the ledger: each file of the main path is an import of its own.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use amends_expressions::{Lineage, Planner};
use amends_ledger::{Import, ImportEnd, ImportRecord, ImportStart, Telling, Writer};
use amends_model::{Problem, Result};
use amends_project::definition::{Complete, Project, Source, SourceFile};
use amends_vault::{Incoming, Vault};
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;

use crate::aside::Aside;
use crate::decode::{self, Remark, Reread, Wanted};
use crate::files;
use crate::joined::{self, Counts, Main, Tables};
use crate::map::{Mapper, Mapping, Recorded, Remarks, plan, telling};
use crate::recognise::Recognising;
use crate::sealing::Sealing;
use crate::staging::{Records, Staging};
use crate::stamp::{Stamp, file_changed, stamp};
use crate::{altered, complete};

/// Told now and then while an import runs.
pub trait Watch: Send + Sync {
    /// Bytes of the main file read so far (packed), of how many, and rows so far. Where a source's SQL gives several records for one row, its
    /// files are read a second time, which begins at none again.
    fn progress(&self, bytes: u64, of: u64, rows: u64);
    /// Whether the user asked to stop; the import then ends without a trace.
    fn stopped(&self) -> bool;
}

/// Imports every file that a source's main path stands for, in order of their names.
///
/// A file that was imported before is read again, and all its rows are duplicates, unless file or mapping changed:
/// so `received = stored + duplicate + quarantined` holds for every import. Files imported before one that fails stay imported.
///
/// # Errors
/// `AM05..` when a file cannot be opened or a definition does not fit it; `AM0560` when the source says that it has reported further than
/// `now`; `AM0510` when the user stopped it.
pub async fn import(
    project: &Project,
    source: &Source,
    planner: &Planner,
    vault: &Vault,
    writer: &Writer,
    now: Timestamp,
    watch: &dyn Watch,
) -> Result<Vec<ImportRecord>> {
    complete::not_ahead(source, now)?;
    let mut records = Vec::new();
    for path in files::files(source)? {
        let importing = Importing {
            project,
            source,
            planner,
            vault,
            path,
            watch,
        };
        records.push(importing.run(writer, now).await?);
    }
    Ok(records)
}

/// One file on its way.
struct Importing<'a> {
    project: &'a Project,
    source: &'a Source,
    planner: &'a Planner,
    vault: &'a Vault,
    path: PathBuf,
    watch: &'a dyn Watch,
}

/// What an import has come to.
#[derive(Default)]
pub(crate) struct Sums {
    /// Rows of the main file.
    pub(crate) received: u64,
    /// What its records have come to.
    pub(crate) records: Records,
    /// A hash of the file's bytes.
    pub(crate) fingerprint: Option<String>,
}

impl Importing<'_> {
    async fn run(&self, writer: &Writer, now: Timestamp) -> Result<ImportRecord> {
        self.go_on()?;
        let start = ImportStart {
            source: self.source.name.clone(),
            mapping: self.source.mapping.clone(),
            file: files::shown(&self.project.root, &self.path),
            fingerprint: None,
            started_at: now,
            telling: Telling::default(),
        };
        let mut counts = Counts::default();
        let before = self.stamps()?;
        let (mut import, mut incoming) = begin(self.vault, writer, start).await?;
        loop {
            let read = self.read(&mut import, &incoming, &mut counts, &before, now);
            let problem = match read.await {
                Ok(Some(end)) => return commit(self.vault, &incoming, import, end).await,
                Ok(None) => None,
                Err(problem) => Some(problem),
            };
            let forgotten = incoming.forget().await;
            if let Some(problem) = problem {
                // What cannot be forgotten now stays hidden, and whoever imports next forgets it.
                return Err(problem);
            }
            forgotten?;
            import = import.begin_again().await?;
            incoming = incoming_of(self.vault, &import).await?;
        }
    }

    /// Reads the file and stages what it says. `None` where it has shown that some row gives several records, and which: then nothing of this may stay.
    async fn read(
        &self,
        import: &mut Import,
        incoming: &Arc<Incoming>,
        counts: &mut Counts,
        before: &[Stamp],
        now: Timestamp,
    ) -> Result<Option<ImportEnd>> {
        let file = self.main()?;
        let shown = files::shown(&self.project.root, &self.path);
        let recorded = Recorded::new(self.vault);
        let path = self.path.as_path();
        let keys = || {
            Recognising::new(
                self.source,
                self.planner,
                self.wanted(),
                path,
                recorded.clone(),
            )
        };
        let mut aside = Aside::new(
            self.vault,
            import.number(),
            &shown,
            self.source.most_aside,
            recorded.clone(),
            &keys,
        );
        let mut sealing = Sealing::new(incoming);
        let staged = match &self.source.sql {
            None => self
                .plain(file, import, &mut sealing, &mut aside, now)
                .await
                .map(Some),
            Some(_) => {
                self.joined(import, &mut sealing, &mut aside, now, counts)
                    .await
            }
        };
        let sealed = sealing.end().await;
        let Some(sums) = staged.and_then(|sums| sealed.map(|()| sums))? else {
            return Ok(None);
        };
        // What was read is written and synced, while what was set aside is looked up.
        let end = self.end(file, sums, &mut aside, before, now);
        let (_, _, end) = tokio::try_join!(incoming.settle(), import.finish(), end)?;
        Ok(Some(end))
    }

    fn main(&self) -> Result<&SourceFile> {
        self.source.files.get(&self.source.main).ok_or_else(|| {
            Problem::new("AM0511", "the source has no main file").detail(self.source.name.clone())
        })
    }

    fn wanted(&self) -> Wanted<'_> {
        wanted(self.source)
    }

    /// Size and date of each file that the import reads, the main one first: what shows that one was written to meanwhile.
    fn stamps(&self) -> Result<Vec<Stamp>> {
        let mut stamps = vec![stamp(&self.path)?];
        for (alias, file) in &self.source.files {
            if *alias != self.source.main {
                for path in files::matching(file)? {
                    stamps.push(stamp(&path)?);
                }
            }
        }
        Ok(stamps)
    }

    fn go_on(&self) -> Result<()> {
        if self.watch.stopped() {
            return Err(Problem::new(
                "AM0510",
                "the import was stopped; nothing of this file was stored",
            )
            .detail(files::shown(&self.project.root, &self.path))
            .hint("run the same command again to import it"));
        }
        Ok(())
    }

    async fn mapper(
        &self,
        records: &SchemaRef,
        lineage: &Lineage,
        import: &mut Import,
        now: Timestamp,
    ) -> Result<Mapper> {
        let mapping = mapping(self.project, self.source, self.planner, records, lineage)?;
        import.tells(telling(self.source, &mapping));
        let mapper = Mapper::new(mapping, self.vault, import.number(), now).await?;
        mapper
            .instead_of(import.given())
            .awaiting(import.awaited())
            .retaining(self.project, now)
    }

    /// The main file is the table of records.
    async fn plain(
        &self,
        file: &SourceFile,
        import: &mut Import,
        sealing: &mut Sealing,
        aside: &mut Aside<'_>,
        now: Timestamp,
    ) -> Result<Sums> {
        let opened = decode::open(&self.path, file, &self.wanted())?;
        let mapper = self
            .mapper(opened.decoder.schema(), &Lineage::default(), import, now)
            .await?;
        let mut rows = decode::start(opened.decoder, Arc::clone(&opened.meter))?;
        let mut staging = Staging::new(mapper, import, sealing);
        let mut sums = Sums::default();
        while let Some(decoded) = rows.next().await? {
            self.go_on()?;
            sums.received += decoded.received();
            let remarks = by_column(decoded.remarks);
            aside
                .add_all(staging.add(&decoded.batch, &remarks).await?)
                .await?;
            aside.add_all(decoded.failures).await?;
            self.watch
                .progress(rows.read(), opened.meter.size(), sums.received);
        }
        let (failures, records) = staging.end().await?;
        aside.add_all(failures).await?;
        sums.records = records;
        sums.fingerprint = Some(opened.meter.fingerprint());
        Ok(sums)
    }

    /// SQL gives the table of records. `None` where some row gives several, which was not known yet: which rows do is then counted to the end.
    async fn joined(
        &self,
        import: &mut Import,
        sealing: &mut Sealing,
        aside: &mut Aside<'_>,
        now: Timestamp,
        counts: &mut Counts,
    ) -> Result<Option<Sums>> {
        let sql = self.source.sql.as_ref().map_or("", |sql| sql.text.as_str());
        let tables = Tables::new(self.project, self.source, Main::File(self.path.clone()));
        let records = self.planner.query_schema(sql, &tables.schemas()?).await;
        let records = records.map_err(|error| unfit(self.source, &error.message))?;
        joined::check(&records)?;
        let lineage = tables.lineage(self.planner).await?;
        let mapper = self.mapper(&records, &lineage, import, now).await?;
        let mut run = tables.run(self.planner, sql).await?;
        let mut staging = Staging::new(mapper, import, sealing);
        let (mut sums, mut remarks) = (Sums::default(), Remarks::default());
        let counted_before = counts.is_complete();
        while let Some(mut batch) = run.next_large().await? {
            self.go_on()?;
            let (meter, rows) = (run.meter(), run.left().received);
            self.watch.progress(meter.read(), meter.size(), rows);
            if counted_before {
                batch = counts.once(&batch)?;
            } else {
                counts.add(&batch, &mut run.left())?;
                if counts.has_twice() {
                    continue;
                }
            }
            let noticed = std::mem::take(&mut run.left().remarks);
            add_remarks(&mut remarks, noticed);
            aside.add_all(staging.add(&batch, &remarks).await?).await?;
        }
        run.drain().await?;
        if !counted_before {
            counts.end(&mut run.left());
            if counts.has_twice() {
                return Ok(None);
            }
        }
        let (failures, records) = staging.end().await?;
        aside.add_all(failures).await?;
        sums.records = records;
        let (failures, joined) = {
            let mut left = run.left();
            sums.received = left.received;
            (
                std::mem::take(&mut left.failures),
                std::mem::take(&mut left.joined),
            )
        };
        aside.add_all(failures).await?;
        aside.add_all(counts.failures()).await?;
        for (file, failure) in joined {
            aside.add_joined(&file, failure).await?;
        }
        sums.fingerprint = Some(run.meter().fingerprint());
        Ok(Some(sums))
    }

    /// Finds the raw text of rows set aside, and puts together what the import says at its end.
    async fn end(
        &self,
        file: &SourceFile,
        sums: Sums,
        aside: &mut Aside<'_>,
        before: &[Stamp],
        now: Timestamp,
    ) -> Result<ImportEnd> {
        let missing = aside.missing();
        if !missing.is_empty() {
            let rows = Reread::open(&self.path, file, &self.wanted(), missing)?;
            aside.find(rows).await?;
        }
        let heading = match aside.count() {
            0 => Vec::new(),
            _ => decode::heading(&self.path, file, &self.wanted())?,
        };
        let quarantined = aside.finish(heading).await?;
        self.go_on()?;
        if self.stamps()? != before {
            return Err(file_changed(&self.path));
        }
        Ok(ImportEnd {
            received: sums.received,
            quarantined,
            fingerprint: sums.fingerprint,
            watermark: watermark(self.source.complete, sums.records.latest, before[0].1),
            read_well: sums.records.read_well,
            ended_at: Some(now),
            columns: altered::columns(&self.path, file),
        })
    }
}

/// Begins an import in ledger and vault, once what a crash left under way in the vault is settled: the ledger, which commits last, says
/// which way it went. It is asked after it has given the new number, because only then is a commit that failed gone from its log for good.
///
/// # Errors
/// `AM0303`, `AM0403` when a database fails; `AM0407` when an import is under way already.
pub(crate) async fn begin(
    vault: &Vault,
    writer: &Writer,
    start: ImportStart,
) -> Result<(Import, Arc<Incoming>)> {
    let import = writer.begin(start).await?;
    for earlier in vault.under_way().await? {
        match writer.holds(earlier).await? {
            true => vault.keep(earlier).await?,
            false => vault.forget(earlier).await?,
        }
    }
    let incoming = incoming_of(vault, &import).await?;
    Ok((import, incoming))
}

/// What an import says of people.
async fn incoming_of(vault: &Vault, import: &Import) -> Result<Arc<Incoming>> {
    vault.begin(import.number(), import.is_first()).await
}

/// Commits an import in the ledger, once all that it says of people is on the disk; then in the vault. Where the ledger fails nobody can tell yet what
/// is on its disk: the next import will know.
///
/// # Errors
/// As `Incoming::settle` and `Import::commit`.
pub(crate) async fn commit(
    vault: &Vault,
    incoming: &Incoming,
    mut import: Import,
    end: ImportEnd,
) -> Result<ImportRecord> {
    // Two databases and two disks' worth of work, of which neither needs the other.
    if let Err(problem) = tokio::try_join!(incoming.settle(), import.finish()) {
        let _forgotten_later = incoming.forget().await;
        return Err(problem);
    }
    let record = import.commit(end).await?;
    let _kept_later = vault.keep(record.import).await;
    Ok(record)
}

/// What is looked for in the main file: without SQL it is the table of records.
pub(crate) fn wanted(source: &Source) -> Wanted<'_> {
    const NOTHING: &BTreeSet<String> = &BTreeSet::new();
    let joined = source.sql.is_some();
    Wanted {
        zone: &source.zone,
        ignore: if joined { NOTHING } else { &source.ignore },
        named: if joined { NOTHING } else { &source.personal },
    }
}

/// The plan of a source, where it fits.
///
/// # Errors
/// `AM0509`, with the first mistake, where it does not.
pub(crate) fn mapping(
    project: &Project,
    source: &Source,
    planner: &Planner,
    records: &SchemaRef,
    lineage: &Lineage,
) -> Result<Mapping> {
    let planned = plan(project, source, planner, records, lineage);
    let mistake = planned
        .diagnostics
        .iter()
        .find(|mistake| !mistake.is_warning);
    match (planned.mapping, mistake) {
        (Some(mapping), None) => Ok(mapping),
        (_, Some(mistake)) => Err(unfit(
            source,
            &format!(
                "{}:{}:{}: {}: {}",
                mistake.place.file.display(),
                mistake.place.line,
                mistake.place.column,
                mistake.words,
                mistake.message
            ),
        )),
        (None, None) => Err(unfit(source, "an identifier has no rule")),
    }
}

pub(crate) fn unfit(source: &Source, why: &str) -> Problem {
    Problem::new(
        "AM0509",
        format!(
            "the definition of source {} does not fit its file",
            source.name
        ),
    )
    .detail(why)
    .hint("run `amends check`: it lists every mistake with its place")
}

/// Remarks by column and line.
pub(crate) fn by_column(remarks: Vec<Remark>) -> Remarks {
    let mut all = Remarks::default();
    add_remarks(&mut all, remarks);
    all
}

pub(crate) fn add_remarks(all: &mut Remarks, remarks: Vec<Remark>) {
    for remark in remarks {
        all.entry(remark.column)
            .or_default()
            .insert(remark.line, (remark.offset, remark.note));
    }
}

/// How far the source has reported, as its definition says (rule 4).
fn watermark(complete: Complete, latest: Option<i64>, written: SystemTime) -> Option<Timestamp> {
    match complete {
        Complete::Until(moment) => Some(moment),
        Complete::LatestEvent => Timestamp::from_microsecond(latest?).ok(),
        Complete::FileDate => Timestamp::try_from(written).ok(),
    }
}
