//! How the quarantine knows a row, and the record that it speaks of: by hashes under a key of the vault, because what stands in a row that cannot be
//! read may be personal wherever it stands.

use amends_vault::Vault;

use super::content::{PersonalKey, keyed};

/// Makes those hashes.
#[derive(Clone)]
pub(crate) struct Recorded(PersonalKey);

impl Recorded {
    /// With the vault's key.
    pub(crate) fn new(vault: &Vault) -> Self {
        Self(vault.content_key())
    }

    /// The hash of a row's text.
    pub(crate) fn text(&self, text: &[u8]) -> String {
        self.hashed(b't', &[text])
    }

    /// The hash of a record; `None` where its key is empty.
    pub(crate) fn of(&self, source: &str, stream: &str, native: &str) -> Option<String> {
        let there = !native.trim().is_empty();
        there.then(|| self.hashed(b'r', &[source, stream, native].map(str::as_bytes)))
    }

    fn hashed(&self, tag: u8, parts: &[&[u8]]) -> String {
        let mut said = b"quarantine ".to_vec();
        said.push(tag);
        for part in parts {
            said.extend_from_slice(&(part.len() as u64).to_le_bytes());
            said.extend_from_slice(part);
        }
        let hash = keyed(&said, &self.0);
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_not_the_key_cannot_guess_and_parts_do_not_run_into_each_other() {
        let (one, other) = (Recorded([1; 32]), Recorded([2; 32]));
        assert_ne!(one.text(b"row"), other.text(b"row"));
        assert_eq!(one.text(b"row"), one.text(b"row"));
        assert_ne!(one.of("a", "bc", "d"), one.of("ab", "c", "d"));
        assert_eq!(one.of("a", "b", "  "), None);
    }
}
