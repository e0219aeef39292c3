//! Notices a catalog that was lost or put back alone: files that it never gave a number to. Swept as leftovers, they would be lost as well.

use std::path::Path;

use amends_model::{Problem, Result};
use sqlx::Row;

use crate::catalog::{Catalog, DATABASE};
use crate::{sweep, trouble};

/// Sees that every finished file has a number that the catalog has given.
///
/// A number is on disk before its file is begun, so that no crash leaves one without.
///
/// # Errors
/// `AM0403` when the database fails; `AM0404` when the folder cannot be read; `AM0414` when there is such a file.
pub(crate) async fn see_known(ledger: &Path, catalog: &Catalog) -> Result<()> {
    let row = sqlx::query("SELECT value FROM state WHERE name = 'part'")
        .fetch_one(&catalog.pool)
        .await
        .map_err(trouble::database)?;
    let last: i64 = row.try_get(0).map_err(trouble::database)?;
    let stranger = sweep::finished(ledger)?.into_iter().find(|path| {
        let number = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        number.is_some_and(|number: i64| number > last)
    });
    let Some(stranger) = stranger else {
        return Ok(());
    };
    let database = ledger.join(DATABASE);
    Err(
        Problem::new("AM0414", "the ledger's catalog is lost, or older than its files")
            .detail(format!(
                "{} is not known to {}",
                stranger.display(),
                database.display()
            ))
            .hint("nothing was changed: put back the whole folder, or `amends restore` a backup; the files alone cannot be read"),
    )
}
