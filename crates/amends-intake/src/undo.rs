//! Imports taken back: out of the ledger, and the raw text of their rows out of the vault.

use amends_ledger::{ImportRecord, Ledger, Writer};
use amends_model::Result;
use amends_vault::Vault;
use jiff::Timestamp;

/// Undoes imports, and those that replayed rows of theirs: what they said counts no longer, and the raw text of the rows that they set aside goes.
/// Returns all that were undone.
///
/// # Errors
/// As `Writer::undo`; `AM0303` when the vault fails: the imports are undone then, and the next undo forgets the text.
pub async fn undo(
    imports: &[i64],
    ledger: &Ledger,
    vault: &Vault,
    writer: &Writer,
    now: Timestamp,
) -> Result<Vec<ImportRecord>> {
    let undone = writer.undo(imports, now).await?;
    // All that ever were, so that nothing stays behind where the one before was stopped between ledger and vault.
    let all = ledger.imports().await?;
    for import in all.iter().filter(|import| import.undone_at.is_some()) {
        vault.forget_all_raw(import.import).await?;
    }
    Ok(undone)
}
