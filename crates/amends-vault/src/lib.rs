//! The only place with personal data: names, contact details, free text. Each stands under a key of its person.
//!
//! A SQLite database `vault.db` and a master key file `master.key`, apart from the ledger so that a backup of one says nothing about the other.
//!
//! # Keys
//! ```text
//! master.key ─┬─ fingerprint key   keyed hash of namespace and name: finds a name without holding it
//!             └─ wrapping key ─┬─ person key of each identifier   its name, and the personal fields of its records
//!                              └─ import key of each import       the raw text of its quarantined rows
//! ```
//! A person is a set of identifiers, and which identifiers make one person is judged when reading and may change (rule 10).
//! The key therefore belongs to the identifier, which is finer than rule 16 asks for: nothing has to be sealed anew when
//! people are joined or parted, and erasing a person destroys the keys of all their identifiers and nobody else's.
//!
//! Sealing is XChaCha20-Poly1305 with random nonces. What is sealed is bound to where it stands: a row copied over
//! another one, or a fingerprint exchanged, is found on opening (`AM0304`).
//!
//! # Deleting
//! SQLite overwrites what is deleted (`secure_delete`). Its write-ahead log may hold older pages until it is truncated,
//! which [`Vault::close`] and [`Vault::scrub`] do.

mod copy;
mod counters;
mod ending;
mod erasure;
mod fields;
mod finding;
mod fingerprint;
mod incoming;
mod key_file;
mod names;
mod naming;
mod open;
mod places;
mod raw;
mod rows;
mod sealing;
mod seen;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use amends_model::{IdentifierId, Problem, RecordKey, Result};
use sqlx::AnyPool;

pub use erasure::{Erased, Erasure, Mark, NamingRow};
pub use fingerprint::native_hash;
pub use incoming::Incoming;
pub use key_file::NAME as KEY_FILE;
pub use naming::Naming;
pub use open::{CHECKSUM, DATABASE};

use crate::sealing::Keys;
use crate::seen::Seen;

/// The vault of one project. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    pool: AnyPool,
    keys: Keys,
    seen: Mutex<Seen>,
    /// Held by whoever of this process writes, so that nobody here waits for the lock of the database by sleeping.
    turn: tokio::sync::Mutex<()>,
}

/// What the vault says about an identifier without revealing the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minted {
    /// The identifier.
    pub id: IdentifierId,
    /// What kind of name it is, such as `email`.
    pub namespace: Arc<str>,
    /// The order in which identifiers were minted: the oldest of a customer gives the customer its id (rule 10).
    pub sequence: i64,
    /// A generic mailbox or the like: evidence of nothing.
    pub generic: bool,
}

/// Personal fields of one record, to be sealed under the key of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// Whose key.
    pub subject: IdentifierId,
    /// Of which record.
    pub record: RecordKey,
    /// The fields as a JSON object.
    pub fields: String,
}

/// A row in quarantine: its raw text, sealed under the key of its import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// The number that the ledger's quarantine knows it by.
    pub entry: i64,
    /// The text as it stood in the file.
    pub text: Vec<u8>,
}

impl Vault {
    /// Closes the database once nothing uses it any more and folds its write-ahead log into `vault.db`.
    pub async fn close(self) {
        self.inner.pool.close().await;
    }
}

impl Vault {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A panic elsewhere cannot leave half an entry behind: the map is used on.
        self.inner
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// `AM0305`: the vault was asked about somebody whom it does not know.
fn unknown(id: IdentifierId) -> Problem {
    Problem::new("AM0305", "the vault does not know this identifier")
        .detail(id.to_string())
        .hint("vault and ledger must come from the same project, and from backups of the same time")
}

/// `AM0303`: the database said no.
fn failed(error: sqlx::Error) -> Problem {
    Problem::new("AM0303", "the vault's database failed")
        .hint("see that the disk has room and that no other program holds vault.db, then run the command again")
        .because(error)
}

/// `AM0304`: what stands in a row is not what was put there.
fn damaged(what: &str) -> Problem {
    Problem::new(
        "AM0304",
        "the vault holds a row that was changed or damaged",
    )
    .detail(what)
    .hint("restore vault.db from a backup")
}

/// A column of sixteen bytes.
fn sixteen(bytes: &[u8], what: &str) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| damaged(what))
}
