//! Numbers that only grow: of identifiers, and of personal fields.

use amends_model::Result;
use sqlx::{Any, Transaction};

use crate::failed;

const TAKE: &str = include_str!("../sql/take_numbers.sql");

/// The number of an identifier.
pub(crate) const IDENTIFIER: &str = "identifier";
/// The place of the fields of a record.
pub(crate) const FIELDS: &str = "fields";

/// Where a counter stands.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn last(work: &mut Transaction<'_, Any>, of: &'static str) -> Result<i64> {
    sqlx::query_scalar("SELECT value FROM counters WHERE name = $1")
        .bind(of)
        .fetch_one(&mut **work)
        .await
        .map_err(failed)
}

/// Says where a counter stands.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn put(
    work: &mut Transaction<'_, Any>,
    of: &'static str,
    value: i64,
) -> Result<()> {
    sqlx::query("UPDATE counters SET value = $1 WHERE name = $2")
        .bind(value)
        .bind(of)
        .execute(&mut **work)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Takes so many numbers; the last of them.
///
/// # Errors
/// `AM0303` when the database fails.
pub(crate) async fn take(
    work: &mut Transaction<'_, Any>,
    of: &'static str,
    many: usize,
) -> Result<i64> {
    sqlx::query_scalar(TAKE)
        .bind(many as i64)
        .bind(of)
        .fetch_one(&mut **work)
        .await
        .map_err(failed)
}
