//! A copy of the database at one moment, while others go on reading and writing.

use std::path::Path;

use amends_model::{Problem, Result};

use crate::{Vault, failed};

impl Vault {
    /// Writes the database as it is now to a new file, without its log and without anything that was deleted.
    ///
    /// # Errors
    /// `AM0303` when the database fails or the file is there already.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        let path = file.to_str().ok_or_else(|| {
            Problem::new(
                "AM0303",
                "the vault cannot be copied to a path that is not UTF-8",
            )
            .detail(file.display().to_string())
        })?;
        sqlx::query("VACUUM INTO $1")
            .bind(path)
            .execute(&self.inner.pool)
            .await
            .map_err(failed)?;
        Ok(())
    }
}
