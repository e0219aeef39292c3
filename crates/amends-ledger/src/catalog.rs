//! The catalog: a SQL database that says which files are history. What it does not name does not exist.

use std::path::Path;
use std::time::Duration;

use amends_model::{Problem, Result};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row};

use crate::lock::WriterLock;
use crate::trouble;

/// The catalog's tables, version by version. Versions only go forward; what was released is never changed.
const VERSIONS: [&str; 8] = [
    include_str!("../sql/0001_begin.sql"),
    include_str!("../sql/0002_undo.sql"),
    include_str!("../sql/0003_stamps.sql"),
    include_str!("../sql/0004_given.sql"),
    include_str!("../sql/0005_settling.sql"),
    include_str!("../sql/0006_columns.sql"),
    include_str!("../sql/0007_telling.sql"),
    include_str!("../sql/0008_told.sql"),
];

/// The name of the database.
pub(crate) const DATABASE: &str = "ledger.db";

/// The file in which somebody may keep the checksum of the database at rest.
pub const CHECKSUM: &str = "ledger.db.sum";

/// What is told to every connection and touches no disk; the first says how long one waits for another's transaction.
const IN_MEMORY: [&str; 2] = ["PRAGMA busy_timeout = 30000", "PRAGMA foreign_keys = ON"];
/// What touches the disk. The first is kept in the file, the second is SQLite's own default.
const ON_DISK: [&str; 2] = ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"];

/// A pool of connections to the catalog.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    /// The pool.
    pub(crate) pool: AnyPool,
}

impl Catalog {
    /// Opens the catalog in a ledger's folder and brings its tables to today's version.
    ///
    /// # Errors
    /// `AM0401` when it cannot be opened; `AM0409` when a newer program made it.
    pub(crate) async fn open(ledger: &Path) -> Result<Self> {
        install_default_drivers();
        let failed = |error: sqlx::Error| unopened(ledger).because(error);
        let path = std::path::absolute(ledger.join(DATABASE))
            .map_err(|error| unopened(ledger).because(error))?;
        // Everything that may go wrong is met by one connection, which says at once what it is; a pool would try again and again.
        let mut first = AnyConnection::connect(&address(&path))
            .await
            .map_err(failed)?;
        settle(&mut first).await.map_err(failed)?;
        if version(&mut first).await.map_err(failed)? != VERSIONS.len() as i64 {
            let _lock = WriterLock::wait(ledger)?;
            migrate(&mut first, ledger).await?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .after_connect(|connection, _| Box::pin(attune(connection)))
            .after_release(|connection, _| Box::pin(is_at_rest(connection)))
            .connect(&address(&path))
            .await
            .map_err(failed)?;
        first.close().await.map_err(failed)?;
        Ok(Self { pool })
    }

    /// Folds the log into the database without waiting for anybody; `false` where a part of it had to stay.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub(crate) async fn fold(&self) -> Result<bool> {
        let said = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .fetch_one(&self.pool)
            .await
            .map_err(trouble::database)?;
        let number = |column| said.try_get::<i64, _>(column).map_err(trouble::database);
        let (busy, logged, folded) = (number(0)?, number(1)?, number(2)?);
        Ok(busy == 0 && logged == folded)
    }

    /// Takes the next of a row of numbers that is never given twice, not even after a crash.
    ///
    /// # Errors
    /// `AM0403` when the database fails.
    pub(crate) async fn next(&self, name: &str) -> Result<i64> {
        // Outside of a transaction the number would be given before it is committed, and a commit that fails would be heard by nobody.
        let mut write = self.pool.begin().await.map_err(trouble::database)?;
        let row = sqlx::query("UPDATE state SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(name)
            .fetch_one(&mut *write)
            .await
            .map_err(trouble::database)?;
        let next = row.try_get(0).map_err(trouble::database)?;
        write.commit().await.map_err(trouble::database)?;
        Ok(next)
    }
}

async fn version(connection: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    let table = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
    connection.execute(table).await?;
    let row = sqlx::query("SELECT MAX(version) FROM schema_version")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.unwrap_or(0))
}

async fn migrate(connection: &mut AnyConnection, ledger: &Path) -> Result<()> {
    let failed = |error: sqlx::Error| unopened(ledger).because(error);
    let found = version(connection).await.map_err(failed)?;
    // What is written now was not there when a checksum was taken.
    let checksum = ledger.join(CHECKSUM);
    std::fs::remove_file(&checksum)
        .or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
        .map_err(|error| unopened(ledger).because(error))?;
    if found > VERSIONS.len() as i64 {
        return Err(Problem::new("AM0409", "a newer Amends made this ledger")
            .detail(format!(
                "{} has version {found}, this program knows {}",
                ledger.display(),
                VERSIONS.len()
            ))
            .hint("use the newer program; versions never go back"));
    }
    for (version, statements) in (1_i64..).zip(VERSIONS) {
        if version <= found {
            continue;
        }
        let mut change = connection.begin().await.map_err(failed)?;
        change.execute(statements).await.map_err(failed)?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *change)
            .await
            .map_err(failed)?;
        change.commit().await.map_err(failed)?;
    }
    Ok(())
}

fn unopened(ledger: &Path) -> Problem {
    Problem::new("AM0401", "the ledger cannot be opened")
        .detail(ledger.display().to_string())
        .hint("see whether the folder can be read and written; `amends doctor` says more")
}

/// The address of a SQLite file; what has a meaning in addresses is escaped.
fn address(path: &Path) -> String {
    let path = path.to_string_lossy();
    let escaped = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("sqlite://{escaped}?mode=rwc")
}

/// Whether a connection may be used again. A commit that fails is rolled back by SQLite itself; the driver, which has not heard of that, would
/// nest every later transaction on this connection into one that is never committed.
async fn is_at_rest(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // What a dropped transaction still has to roll back is done before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Settles the first connection: a disk that refuses is an error here.
async fn settle(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for setting in IN_MEMORY.into_iter().chain(ON_DISK) {
        connection.execute(setting).await?;
    }
    Ok(())
}

/// Settles a connection of the pool. Whatever fails here the pool tries again for as long as anybody waits, so a disk that refuses is left to the
/// next statement to tell.
async fn attune(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for setting in IN_MEMORY {
        connection.execute(setting).await?;
    }
    for setting in ON_DISK {
        let _told_by_the_next_statement = connection.execute(setting).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_connection_keeps_a_log_and_syncs_each_commit() {
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).await.unwrap();
        let mut connections = Vec::new();
        for _ in 0..4 {
            connections.push(catalog.pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            let mode = sqlx::query_scalar("PRAGMA journal_mode");
            let mode: String = mode.fetch_one(&mut **connection).await.unwrap();
            assert_eq!(mode, "wal");
            for (setting, expected) in [
                ("PRAGMA synchronous", 2),
                ("PRAGMA foreign_keys", 1),
                ("PRAGMA busy_timeout", 30_000),
            ] {
                let value = sqlx::query_scalar(setting);
                let value: i64 = value.fetch_one(&mut **connection).await.unwrap();
                assert_eq!(value, expected, "{setting}");
            }
        }
    }
}
