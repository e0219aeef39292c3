//! What a record said, where it has no key of its own: everything in it.
//!
//! Columns that the source's definition ignores, and columns of ours, are left out. Personal columns are told through a hash under a
//! key of the vault: from a plain hash their text could be guessed. The content of such records, and with it their keys, therefore
//! differs from vault to vault.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::key;
use super::value::Named;

/// The key with which personal text is hashed.
pub(crate) type PersonalKey = [u8; 32];

/// The columns of a record table, by what may be told of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    /// Columns told plainly.
    pub(crate) plain: Vec<String>,
    /// Columns told through the vault's key.
    pub(crate) personal: Vec<String>,
}

/// The hash of each record's content.
///
/// # Errors
/// When a column cannot be read.
pub(crate) fn of_records(
    batch: &RecordBatch,
    spoken: &Spoken,
    personal_key: &PersonalKey,
) -> Result<Vec<u128>, ArrowError> {
    let plain = columns(batch, &spoken.plain)?;
    let personal = columns(batch, &spoken.personal)?;
    let (mut said, mut secret) = (Vec::new(), Vec::new());
    let hashes = (0..batch.num_rows()).map(|row| {
        said.clear();
        secret.clear();
        plain.write(row, &mut said);
        personal.write(row, &mut secret);
        if !secret.is_empty() {
            said.push(b'p');
            said.extend_from_slice(&keyed(&secret, personal_key));
        }
        key::record(&said)
    });
    Ok(hashes.collect())
}

/// Sixteen bytes that tell a personal text from others, and tell nothing of it without the key.
pub(crate) fn keyed(text: &[u8], key: &PersonalKey) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::keyed_hash(key, text).as_bytes()[..16]);
    short
}

/// Some columns of a batch, by name.
///
/// # Errors
/// When a column cannot be read.
pub(crate) fn columns(batch: &RecordBatch, names: &[String]) -> Result<Named, ArrowError> {
    Named::of(
        names
            .iter()
            .filter_map(|name| Some((name.as_str(), batch.column_by_name(name)?))),
    )
}
