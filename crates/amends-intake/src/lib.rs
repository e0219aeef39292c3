//! The only way in: files are decoded, checked, mapped to events, deduped by the ledger; what cannot be read is set aside.

mod decode;
mod failure;

use std::path::PathBuf;

use amends_expressions::Planner;
use amends_ledger::{ImportRecord, Writer};
use amends_model::Result;
use amends_project::Diagnostic;
use amends_project::definition::{Project, Source};
use amends_vault::Vault;
use jiff::Timestamp;

/// Told now and then while an import runs.
pub trait Watch: Send + Sync {
    /// Bytes of the main file read so far (packed), of how many, and rows so far.
    fn progress(&self, bytes: u64, of: u64, rows: u64);
    /// Whether the user asked to stop; the import then ends without a trace.
    fn stopped(&self) -> bool;
}

/// Imports every main file of a source that is not in the ledger yet under this mapping, oldest name first.
///
/// # Errors
/// `AM05..` when a file cannot be opened or a definition does not fit it; `AM0510` when the user stopped it.
pub async fn import(
    project: &Project,
    source: &Source,
    planner: &Planner,
    vault: &Vault,
    writer: &Writer,
    now: Timestamp,
    watch: &dyn Watch,
) -> Result<Vec<ImportRecord>> {
    let _ = (project, source, planner, vault, writer, now, watch);
    todo!()
}

/// Replays the quarantined rows of an import through today's definition.
///
/// # Errors
/// As `import`.
pub async fn replay(
    project: &Project,
    import: i64,
    planner: &Planner,
    vault: &Vault,
    writer: &Writer,
    now: Timestamp,
) -> Result<ImportRecord> {
    let _ = (project, import, planner, vault, writer, now);
    todo!()
}

/// Plans every expression of every source against the real columns of the real files, and those of promises and customers
/// against the columns of the kinds that the sources give.
pub async fn check(project: &Project, planner: &Planner) -> Vec<Diagnostic> {
    let _ = (project, planner);
    todo!()
}

/// The files that a source's main path stands for, in order of their names.
///
/// # Errors
/// `AM0501` when the folder cannot be read.
pub fn files(source: &Source) -> Result<Vec<PathBuf>> {
    let _ = source;
    todo!()
}
