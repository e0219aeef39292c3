//! The only place with personal data: names, contact details, free text. Each stands under a key of its person.
//!
//! A SQLite database `vault.db` and a master key file, apart from the ledger so that a backup of one says nothing about the other.

use std::collections::HashMap;
use std::path::Path;

use amends_model::{IdentifierId, RecordKey, Result};

/// The vault of one project. Cheap to clone.
#[derive(Clone)]
pub struct Vault {}

/// What the vault says about an identifier without revealing the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minted {
    /// The identifier.
    pub id: IdentifierId,
    /// What kind of name it is, such as `email`.
    pub namespace: String,
    /// The order in which identifiers were minted: the oldest of a customer gives the customer its id (rule 10).
    pub sequence: i64,
    /// A generic mailbox or the like: evidence of nothing.
    pub generic: bool,
    /// A hash of namespace and native name, keyed by nothing that is minted: state hashes use it in place of the id.
    pub native: [u8; 16],
}

/// Personal fields of one record, to be sealed under the key of a person.
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
    /// Opens the vault in a folder, creating it where there is none.
    ///
    /// # Errors
    /// `AM0301` when it cannot be opened; `AM0302` when its master key is missing or wrong.
    pub async fn open(folder: &Path) -> Result<Self> {
        let _ = folder;
        todo!()
    }

    /// The identifiers of names in one namespace, in the same order; those not seen before are minted, at random, in the order given.
    /// `generic[i]` says of a name not seen before whether it stands for nobody in particular.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn mint(
        &self,
        namespace: &str,
        names: &[&str],
        generic: &[bool],
    ) -> Result<Vec<IdentifierId>> {
        let _ = (namespace, names, generic);
        todo!()
    }

    /// The identifier of a name, if it was ever minted; with no namespace, every identifier of that name.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn find(&self, namespace: Option<&str>, name: &str) -> Result<Vec<Minted>> {
        let _ = (namespace, name);
        todo!()
    }

    /// Everything that was minted, in the order of minting, without names.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn minted(&self) -> Result<Vec<Minted>> {
        todo!()
    }

    /// The names behind identifiers. Those erased are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn names(&self, ids: &[IdentifierId]) -> Result<HashMap<IdentifierId, String>> {
        let _ = ids;
        todo!()
    }

    /// Seals personal fields; a record sealed before is replaced.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn seal(&self, personal: &[Personal]) -> Result<()> {
        let _ = personal;
        todo!()
    }

    /// The personal fields of records, as JSON objects. Those erased are absent.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn personal(&self, records: &[RecordKey]) -> Result<HashMap<RecordKey, String>> {
        let _ = records;
        todo!()
    }

    /// Seals raw rows under the key of an import.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn seal_raw(&self, import: i64, rows: &[RawRow]) -> Result<()> {
        let _ = (import, rows);
        todo!()
    }

    /// The raw rows of an import.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn raw(&self, import: i64) -> Result<Vec<RawRow>> {
        let _ = import;
        todo!()
    }

    /// Forgets raw rows that were replayed.
    ///
    /// # Errors
    /// `AM0303` when the database fails.
    pub async fn forget_raw(&self, import: i64, entries: &[i64]) -> Result<()> {
        let _ = (import, entries);
        todo!()
    }
}
