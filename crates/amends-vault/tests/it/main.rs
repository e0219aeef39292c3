//! The vault from outside: what goes in comes out, to the right person only, and nowhere else.

mod bytes;
mod concurrent;
mod erasing;
mod levels;
mod levels_model;
mod model;
mod opening;
mod plans;
mod round_trips;
mod tampering;
mod under_way;
mod unfound;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use amends_model::{IdentifierId, RecordKey};
use amends_testkit::tempfile::TempDir;
use amends_vault::{Incoming, Personal, Vault};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

async fn open(folder: &Path) -> Vault {
    Vault::open(folder).await.unwrap()
}

fn record(number: u8) -> RecordKey {
    RecordKey([number; 16])
}

/// What one import says of people, from its beginning until it is kept. No two imports of a test have the same number.
async fn imported<T>(vault: &Vault, say: impl AsyncFnOnce(&Incoming) -> T) -> T {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let import = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    let incoming = vault.begin(import, false).await.unwrap();
    let said = say(&incoming).await;
    incoming.settle().await.unwrap();
    vault.keep(import).await.unwrap();
    said
}

/// The identifiers that an import gives to names.
async fn mint(
    vault: &Vault,
    namespace: &str,
    names: &[&str],
    generic: &[bool],
) -> Vec<IdentifierId> {
    imported(vault, async |incoming: &Incoming| {
        incoming.mint(namespace, names, generic).await.unwrap()
    })
    .await
}

/// Seals what an import says.
async fn seal(vault: &Vault, personal: &[Personal]) {
    imported(vault, async |incoming: &Incoming| {
        incoming.seal(personal).await.unwrap();
    })
    .await;
}

/// How many rows the database holds of a table.
async fn count(folder: &Path, of: &str) -> i64 {
    let mut connection = database(folder).await;
    let query = AssertSqlSafe(format!("SELECT COUNT(*) FROM {of}"));
    let count = sqlx::query_scalar(query)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    count
}

/// The database behind the vault's back.
async fn database(folder: &Path) -> AnyConnection {
    let url = format!("sqlite://{}", folder.join("vault.db").display());
    AnyConnection::connect(&url).await.unwrap()
}
