//! Opening the vault: folder, key, database, schema, and whether key and database belong together.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use amends_model::{Problem, Result};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row};

use crate::sealing::Keys;
use crate::{Inner, Vault, failed, key_file};

/// The name of the database.
pub const DATABASE: &str = "vault.db";

/// The file in which somebody may keep the checksum of the database at rest.
pub const CHECKSUM: &str = "vault.db.sum";

/// The tables, version by version. Versions only go forward; what was released is never changed.
const VERSIONS: [&str; 4] = [
    include_str!("../sql/0001_begin.sql"),
    include_str!("../sql/0002_erasure.sql"),
    include_str!("../sql/0003_order.sql"),
    include_str!("../sql/0004_levels.sql"),
];
/// What is told to every connection; none of it touches the disk.
const CONNECT: &str = include_str!("../sql/connect.sqlite.sql");
/// What touches the disk. The first is kept in the file, the second is SQLite's own default.
const ON_DISK: [&str; 3] = [
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -65536",
];

impl Vault {
    /// Opens the vault in a folder, creating it where there is none.
    ///
    /// # Errors
    /// `AM0301` when it cannot be opened; `AM0302` when its master key is missing or wrong.
    pub async fn open(folder: &Path) -> Result<Self> {
        let folder = prepare(folder)?;
        let (master, key_file) = key_file::read_or_make(&folder)?;
        // Two processes that open a new vault at once take turns; the lock goes with the file.
        key_file.lock().map_err(|error| refused(&folder, error))?;
        let database = folder.join(DATABASE);
        key_file::only_mine(OpenOptions::new().append(true).create(true).truncate(false))
            .open(&database)
            .map_err(|error| refused(&database, error))?;
        let keys = Keys::new(&master);
        let pool = connect(&database, &keys).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                keys,
                seen: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
            }),
        })
    }
}

/// Makes the folder, for its owner alone, and gives its absolute path.
fn prepare(folder: &Path) -> Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| refused(folder, error))
}

/// Settles the database over one connection, which says at once what is wrong where a pool would try again and again. It stays until the
/// pool has one: the last to go would take the log away, and there may be no room to begin it again.
async fn connect(database: &Path, keys: &Keys) -> Result<AnyPool> {
    let wrong = |error| refused(database, error);
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rw", escaped(database).map_err(wrong)?);
    let mut first = AnyConnection::connect(&url).await.map_err(wrong)?;
    first.execute(CONNECT).await.map_err(wrong)?;
    for setting in ON_DISK {
        first.execute(setting).await.map_err(wrong)?;
    }
    settle(&mut first, keys, database).await?;
    // One writes while the other finds names. More would be of no use: what one commits takes away the pages that the others have in memory.
    let pool = AnyPoolOptions::new()
        .max_connections(2)
        .after_connect(|connection, _| Box::pin(attune(connection)))
        .after_release(|connection, _| Box::pin(is_at_rest(connection)))
        .connect(&url)
        .await
        .map_err(wrong)?;
    first.close().await.map_err(wrong)?;
    Ok(pool)
}

/// Settles a connection of the pool. Whatever fails here the pool tries again for as long as anybody waits, so a disk that refuses is left to the
/// next statement to tell.
async fn attune(connection: &mut AnyConnection) -> sqlx::Result<()> {
    connection.execute(CONNECT).await?;
    for setting in ON_DISK {
        let _told_by_the_next_statement = connection.execute(setting).await;
    }
    Ok(())
}

/// Whether a connection may be used again. A commit that fails is rolled back by SQLite itself; the driver, which has not heard of that, would
/// nest every later transaction on this connection into one that is never committed.
async fn is_at_rest(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    // What a dropped transaction still has to roll back is done before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// A path as part of a URL.
fn escaped(path: &Path) -> sqlx::Result<String> {
    let text = path.to_str().ok_or_else(|| {
        sqlx::Error::Configuration(format!("{} is not UTF-8", path.display()).into())
    })?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    Ok(text
        .bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect())
}

/// Lays out a new database, or sees that an old one is of a known schema and belongs to the key.
async fn settle(connection: &mut AnyConnection, keys: &Keys, database: &Path) -> Result<()> {
    const SETTINGS: &str = "SELECT name, value FROM settings";
    // A new database has no such table yet. Anything else that is wrong shows again when it is laid out.
    let settings = match sqlx::query(SETTINGS).fetch_all(&mut *connection).await {
        Ok(rows) if !rows.is_empty() => rows,
        _ => {
            lay_out(connection, keys)
                .await
                .map_err(|error| refused(database, error))?;
            sqlx::query(SETTINGS)
                .fetch_all(&mut *connection)
                .await
                .map_err(failed)?
        }
    };
    let (mut schema, mut check) = (Vec::new(), Vec::new());
    for row in settings {
        let value: Vec<u8> = row.try_get(1).map_err(failed)?;
        match row.try_get::<String, _>(0).map_err(failed)?.as_str() {
            "schema" => schema = value,
            "check" => check = value,
            _ => {}
        }
    }
    let version = match schema.as_slice() {
        [version] if (1..=VERSIONS.len()).contains(&usize::from(*version)) => *version,
        _ => return Err(other_release(database, &schema)),
    };
    if check != keys.check {
        return Err(Problem::new("AM0302", "this master key is not the one of this vault")
            .detail(format!("{} beside {}", key_file::NAME, database.display()))
            .hint("vault.db and master.key are made together: put back the key that belongs to this database, or the database that belongs to this key"));
    }
    if usize::from(version) < VERSIONS.len() {
        // What is written now was not there when a checksum was taken.
        let checksum = database.with_file_name(CHECKSUM);
        if let Err(error) = fs::remove_file(checksum)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(refused(database, error));
        }
    }
    go_forward(connection, version)
        .await
        .map_err(|error| refused(database, error))
}

fn other_release(database: &Path, schema: &[u8]) -> Problem {
    Problem::new(
        "AM0301",
        "the vault was written by another release of amends",
    )
    .detail(format!(
        "{} has schema {schema:?}, this release knows {}",
        database.display(),
        VERSIONS.len()
    ))
    .hint("use the release that wrote it, or a newer one")
}

/// Lays out the first version; `go_forward` does the rest.
async fn lay_out(connection: &mut AnyConnection, keys: &Keys) -> sqlx::Result<()> {
    let mut work = connection.begin().await?;
    work.execute(VERSIONS[0]).await?;
    for (name, value) in [("schema", &[1_u8][..]), ("check", &keys.check)] {
        sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2)")
            .bind(name)
            .bind(value.to_vec())
            .execute(&mut *work)
            .await?;
    }
    work.commit().await
}

/// Brings the tables from a version to today's, one version at a time.
async fn go_forward(connection: &mut AnyConnection, version: u8) -> sqlx::Result<()> {
    for (version, statements) in (1..).zip(VERSIONS).skip(usize::from(version)) {
        let mut work = connection.begin().await?;
        work.execute(statements).await?;
        sqlx::query("UPDATE settings SET value = $1 WHERE name = 'schema'")
            .bind(vec![version])
            .execute(&mut *work)
            .await?;
        work.commit().await?;
    }
    Ok(())
}

fn refused(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new("AM0301", "the vault cannot be opened")
        .detail(path.display().to_string())
        .hint("the folder must be writable, and vault.db a database that amends made")
        .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_connection_keeps_a_log_syncs_each_commit_and_overwrites_what_is_deleted() {
        let folder = amends_testkit::tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path()).await.unwrap();
        let pool = &vault.inner.pool;
        for _ in 0..2 {
            let mut connection = pool.acquire().await.unwrap();
            let mode = sqlx::query_scalar("PRAGMA journal_mode");
            let mode: String = mode.fetch_one(&mut *connection).await.unwrap();
            assert_eq!(mode, "wal");
            for (setting, expected) in [
                ("PRAGMA synchronous", 2),
                ("PRAGMA foreign_keys", 1),
                ("PRAGMA secure_delete", 1),
                ("PRAGMA busy_timeout", 60_000),
            ] {
                let value = sqlx::query_scalar(setting);
                let value: i64 = value.fetch_one(&mut *connection).await.unwrap();
                assert_eq!(value, expected, "{setting}");
            }
            connection.close().await.unwrap();
        }
    }
}
