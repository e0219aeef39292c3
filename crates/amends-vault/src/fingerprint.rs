//! Hashes of names: the keyed one by which the vault finds a name, and the plain one that state hashes use.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::Vault;
use crate::sealing::Keys;

/// A keyed hash of namespace and name. Without the master key it cannot be computed for a guessed name.
pub(crate) type Fingerprint = [u8; 16];

/// A map by fingerprint or identifier, whose last bytes are as good as any hash of them.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<AsItIs>>;

/// Hashes sixteen bytes to the last eight.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

impl Keys {
    /// Sixteen bytes of keyed BLAKE3 over the namespace, its length before it, and the name.
    pub(crate) fn fingerprint(&self, namespace: &str, name: &str) -> Fingerprint {
        hashed(
            blake3::Hasher::new_keyed(&self.fingerprint),
            namespace,
            name,
        )
    }
}

impl Vault {
    /// The key under which intake hashes personal text where an event's content or key depends on it: whoever has the ledger
    /// without the vault cannot guess the text from the hash.
    pub fn content_key(&self) -> [u8; 32] {
        self.inner.keys.content
    }
}

/// A hash of a native name that is the same in every vault: state hashes use it in place of the minted id.
///
/// It is keyed by nothing secret, so that a name can be guessed from it: compute it in memory, never store it.
/// Sixteen bytes of BLAKE3 in a domain of its own.
pub fn native_hash(namespace: &str, name: &str) -> [u8; 16] {
    hashed(
        blake3::Hasher::new_derive_key("amends identifier native name v1"),
        namespace,
        name,
    )
}

fn hashed(mut hasher: blake3::Hasher, namespace: &str, name: &str) -> [u8; 16] {
    hasher.update(&(namespace.len() as u64).to_le_bytes());
    hasher.update(namespace.as_bytes());
    hasher.update(name.as_bytes());
    let mut hash = [0; 16];
    hash.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_native_hash_never_changes() {
        let hash = native_hash("email", "ada@example.org");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "318200bd4c6a522d03465b0d30a92cc9");
        assert_ne!(hash, native_hash("emaila", "da@example.org"));
    }
}
