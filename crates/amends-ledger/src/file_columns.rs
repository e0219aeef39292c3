//! The columns that an import's main file had, kept so that the next file of the source can be compared with it.

use amends_model::Result;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::{Ledger, trouble};

/// A column of a file as it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    /// Its name.
    pub name: String,
    /// What most of its values look like, letters and digits told by their kind alone; `None` where they have nothing in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<String>,
}

impl Ledger {
    /// The columns of the newest import of a source before this one, and that import: of the same file where it was imported before, else of any.
    /// `None` where nothing was noted. Imports that were undone are passed over.
    ///
    /// # Errors
    /// `AM0403` when the database fails; `AM0406` when it holds what it should not.
    pub async fn file_columns_before(
        &self,
        import: i64,
        source: &str,
        file: &str,
    ) -> Result<Option<(i64, Vec<FileColumn>)>> {
        let row = sqlx::query(include_str!("../sql/file_columns.sql"))
            .bind(source)
            .bind(import)
            .bind(file)
            .fetch_optional(&self.catalog().pool)
            .await
            .map_err(trouble::database)?;
        row.map(|row| read(&row)).transpose()
    }

    /// The columns of an import's file; `None` where nothing was noted of them.
    ///
    /// # Errors
    /// As [`Ledger::file_columns_before`].
    pub async fn file_columns(&self, import: i64) -> Result<Option<Vec<FileColumn>>> {
        let row = sqlx::query("SELECT import, columns FROM file_columns WHERE import = $1")
            .bind(import)
            .fetch_optional(&self.catalog().pool)
            .await
            .map_err(trouble::database)?;
        Ok(row
            .map(|row| read(&row))
            .transpose()?
            .map(|(_, columns)| columns))
    }
}

fn read(row: &AnyRow) -> Result<(i64, Vec<FileColumn>)> {
    let import: i64 = row.try_get(0).map_err(trouble::database)?;
    let text: String = row.try_get(1).map_err(trouble::database)?;
    let columns = serde_json::from_str(&text)
        .map_err(|error| trouble::unreadable(format!("the columns of import {import}"), error))?;
    Ok((import, columns))
}

/// Notes the columns of an import's file, if any are known.
pub(crate) async fn enter(
    write: &mut Transaction<'_, Any>,
    import: i64,
    columns: &[FileColumn],
) -> Result<(), sqlx::Error> {
    if columns.is_empty() {
        return Ok(());
    }
    let text = serde_json::to_string(columns).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("INSERT INTO file_columns (import, columns) VALUES ($1, $2)")
        .bind(import)
        .bind(text)
        .execute(&mut **write)
        .await?;
    Ok(())
}
