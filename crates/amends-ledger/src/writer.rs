//! The one writer of a ledger.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use amends_model::{Problem, Result};
use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::change::{self, Change};
use crate::contents::{self, Contents};
use crate::import::{Before, Import};
use crate::known::{Entries, Known, KnownPart};
use crate::lock::WriterLock;
use crate::part::Form;
use crate::{ImportStart, Sizes, silence, staging, sweep, tail, trouble};

/// The one writer. Its lock is given back when it and its last import are dropped.
pub struct Writer {
    pub(crate) shared: Arc<Shared>,
}

/// What a writer and its imports share.
pub(crate) struct Shared {
    /// The ledger's folder.
    pub(crate) ledger: PathBuf,
    /// Its catalog.
    pub(crate) catalog: Catalog,
    /// At how many events what happens.
    pub(crate) sizes: Sizes,
    /// What is stored, by record key.
    known: Mutex<Known>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
    /// Whether a change failed, so that what is known may differ from the catalog.
    unsure: AtomicBool,
    /// Whether an import is under way.
    importing: AtomicBool,
    _lock: WriterLock,
}

impl Shared {
    /// What is stored, by record key.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The known parts of a kind, those of its silences among them.
    pub(crate) fn parts_of(&self, kind: &str) -> Vec<Arc<KnownPart>> {
        let known = self.known();
        let mut parts = known.get(kind).cloned().unwrap_or_default();
        let silent = known.get(&silence::parts_of(kind));
        parts.extend(silent.into_iter().flatten().cloned());
        parts
    }

    /// Waits for one's turn to change the catalog. Whether a change that failed is in the catalog nevertheless cannot be told from its error
    /// (a commit whose sync fails may be found whole in the log later), so what is stored is learned anew after one.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0406` when it holds what it should not.
    pub(crate) async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>> {
        let turn = self.changing.lock().await;
        if self.unsure.load(Ordering::Acquire) {
            let contents = contents::read(&self.catalog).await?;
            *self.known() = learn(&self.ledger, &contents);
            self.unsure.store(false, Ordering::Release);
        }
        Ok(turn)
    }

    /// Enters a change in the catalog, then in what is known. The caller has the turn.
    ///
    /// # Errors
    /// `AM0403` when the database fails; nothing of the change is kept then.
    pub(crate) async fn enter(
        &self,
        change: &Change,
        parts: Vec<(String, Arc<KnownPart>)>,
    ) -> Result<()> {
        self.unsure.store(true, Ordering::Release);
        change::apply(&self.catalog, change).await?;
        let mut known = self.known();
        for gone in &change.leave {
            if let Some(parts) = known.get_mut(&gone.kind) {
                parts.retain(|part| part.part != gone.part);
            }
        }
        for (part, marks) in &change.marked_anew {
            let all = known.values_mut().flatten();
            for known in all.filter(|known| known.part == *part) {
                *known = Arc::new(known.marked(marks));
            }
        }
        for (kind, part) in parts {
            known.entry(kind).or_default().push(part);
        }
        self.unsure.store(false, Ordering::Release);
        Ok(())
    }

    /// Claims the writer for an import or for moving parts.
    ///
    /// # Errors
    /// `AM0407` when an import is under way already.
    pub(crate) fn claim(self: &Arc<Self>) -> Result<Claim> {
        if self.importing.swap(true, Ordering::AcqRel) {
            return Err(Problem::new("AM0407", "an import is under way already")
                .hint("one writer imports one file at a time: commit or drop the first import"));
        }
        Ok(Claim(Arc::clone(self)))
    }
}

/// The writer, claimed until this is dropped.
pub(crate) struct Claim(pub(crate) Arc<Shared>);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.importing.store(false, Ordering::Release);
    }
}

impl Writer {
    /// Takes the lock, sweeps, and learns what is stored.
    pub(crate) async fn start(
        ledger: PathBuf,
        catalog: Catalog,
        sizes: Sizes,
        holder: &str,
    ) -> Result<Self> {
        let lock = WriterLock::take(&ledger, holder)?;
        let contents = contents::read(&catalog).await?;
        sweep::sweep(&ledger, &contents)?;
        let known = learn(&ledger, &contents);
        Ok(Self {
            shared: Arc::new(Shared {
                ledger,
                catalog,
                sizes,
                known: Mutex::new(known),
                changing: tokio::sync::Mutex::new(()),
                unsure: AtomicBool::new(false),
                importing: AtomicBool::new(false),
                _lock: lock,
            }),
        })
    }

    /// Begins an import. One writer has one import under way at a time.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0406` when it holds what it should not; `AM0407` when an import is under way already.
    pub async fn begin(&self, start: ImportStart) -> Result<Import> {
        let claim = self.shared.claim()?;
        drop(self.shared.turn().await?);
        let given = sqlx::query_scalar("SELECT kind FROM given WHERE source = $1 ORDER BY kind")
            .bind(start.source.as_str())
            .fetch_all(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let awaited: Vec<String> = sqlx::query_scalar(include_str!("../sql/awaited.sql"))
            .bind(start.source.as_str())
            .fetch_all(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let imports = sqlx::query_scalar("SELECT COUNT(*) FROM import WHERE source = $1")
            .bind(start.source.as_str())
            .fetch_one(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let before = Before {
            given,
            imports,
            awaited: awaited.into_iter().collect(),
        };
        let number = self.shared.catalog.next("import").await?;
        Ok(Import::new(claim, number, start, before))
    }

    /// Whether the ledger holds an import.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn holds(&self, import: i64) -> Result<bool> {
        let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM import WHERE import = $1")
            .bind(import)
            .fetch_one(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        Ok(found > 0)
    }

    /// Notes when let-downs were noticed first; those noted before keep their moment.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn notice(&self, promise: &str, abouts: &[String], at: Timestamp) -> Result<()> {
        let pool = &self.shared.catalog.pool;
        let mut write = pool.begin().await.map_err(trouble::database)?;
        for about in abouts {
            sqlx::query(include_str!("../sql/notice.sql"))
                .bind(promise)
                .bind(about.as_str())
                .bind(amends_model::time::micros(at))
                .execute(&mut *write)
                .await
                .map_err(trouble::database)?;
        }
        write.commit().await.map_err(trouble::database)
    }

    /// Marks quarantined rows as replayed by another import.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub async fn replayed(&self, import: i64, entries: &[i64], by: i64) -> Result<()> {
        let pool = &self.shared.catalog.pool;
        let mut write = pool.begin().await.map_err(trouble::database)?;
        for entry in entries {
            sqlx::query("UPDATE quarantine SET replayed_by = $1 WHERE import = $2 AND entry = $3")
                .bind(by)
                .bind(import)
                .bind(entry)
                .execute(&mut *write)
                .await
                .map_err(trouble::database)?;
        }
        write.commit().await.map_err(trouble::database)
    }
}

fn learn(ledger: &Path, contents: &Contents) -> Known {
    let mut known = Known::new();
    for part in &contents.parts {
        let entries = match &part.form {
            Form::Segment(_) => staging::entries_of(ledger, &part.info.kind, part.info.part),
            Form::Tail { keys, .. } => Entries::Held(tail::entries(keys)),
        };
        let marks = contents.marks.get(&part.info.part);
        let part_known = KnownPart::new(part.info.part, entries, marks.map_or(&[], Vec::as_slice));
        let kind = known.entry(part.info.kind.clone()).or_default();
        kind.push(Arc::new(part_known));
    }
    known
}
