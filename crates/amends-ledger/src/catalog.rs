//! The catalog: a SQL database that says which files are history. What it does not name does not exist.

use std::path::Path;
use std::time::Duration;

use amends_model::{Problem, Result};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row};

use crate::lock::WriterLock;
use crate::trouble;

/// The catalog's tables, version by version. Versions only go forward; what was released is never changed.
const VERSIONS: [&str; 3] = [
    include_str!("../sql/0001_begin.sql"),
    include_str!("../sql/0002_undo.sql"),
    include_str!("../sql/0003_stamps.sql"),
];

/// The name of the database.
pub(crate) const DATABASE: &str = "ledger.db";

/// How long one connection waits for another's transaction.
const PATIENCE: &str = "PRAGMA busy_timeout = 30000";

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
        // One connection first: it says at once what is wrong where a pool would try again and again.
        let mut first = AnyConnection::connect(&address(&path))
            .await
            .map_err(failed)?;
        settle(&mut first).await.map_err(failed)?;
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .after_connect(|connection, _| Box::pin(settle(connection)))
            .after_release(|connection, _| Box::pin(is_at_rest(connection)))
            .connect(&address(&path))
            .await
            .map_err(failed)?;
        first.close().await.map_err(failed)?;
        let catalog = Self { pool };
        if catalog.version().await.map_err(failed)? != VERSIONS.len() as i64 {
            let _lock = WriterLock::wait(ledger)?;
            catalog.migrate(ledger).await?;
        }
        Ok(catalog)
    }

    async fn version(&self) -> Result<i64, sqlx::Error> {
        let table = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
        self.pool.execute(table).await?;
        let row = sqlx::query("SELECT MAX(version) FROM schema_version")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.unwrap_or(0))
    }

    async fn migrate(&self, ledger: &Path) -> Result<()> {
        let failed = |error: sqlx::Error| unopened(ledger).because(error);
        let found = self.version().await.map_err(failed)?;
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
            let mut change = self.pool.begin().await.map_err(failed)?;
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

async fn settle(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for setting in [
        PATIENCE,
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ] {
        connection.execute(setting).await?;
    }
    Ok(())
}
