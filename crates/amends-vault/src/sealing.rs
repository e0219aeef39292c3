//! Keys, and what is sealed under them: XChaCha20-Poly1305 with random nonces, bound to the place where the sealed bytes stand.

use amends_model::{Problem, Result};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// What the master key is used for, each by a key derived from it.
pub(crate) struct Keys {
    wrapping: Cipher,
    /// The key of fingerprints.
    pub(crate) fingerprint: [u8; KEY],
    /// The key of hashes of personal text.
    pub(crate) content: [u8; KEY],
    /// Stands in the database, so that another master key is noticed at once.
    pub(crate) check: [u8; KEY],
}

impl Keys {
    /// Derives what is needed from the master key, with BLAKE3's key derivation.
    pub(crate) fn new(master: &[u8; KEY]) -> Self {
        let fingerprint = blake3::derive_key("amends vault fingerprint key v1", master);
        Self {
            wrapping: Cipher::new(&blake3::derive_key("amends vault wrapping key v1", master)),
            fingerprint,
            content: blake3::derive_key("amends vault content key v1", &fingerprint),
            check: blake3::derive_key("amends vault master key check v1", master),
        }
    }

    /// Wraps the key of a person or an import.
    pub(crate) fn wrap(
        &self,
        key: &[u8; KEY],
        place: &[&[u8]],
        random: &mut Random,
    ) -> Result<Vec<u8>> {
        self.wrapping.seal(key, place, random)
    }

    /// Unwraps the key of a person or an import; `None` if it is not what was wrapped at this place.
    pub(crate) fn unwrap(&self, wrapped: &[u8], place: &[&[u8]]) -> Option<Cipher> {
        let key: [u8; KEY] = self.wrapping.open(wrapped, place)?.try_into().ok()?;
        Some(Cipher::new(&key))
    }
}

/// Seals and opens under one key.
#[derive(Clone)]
pub(crate) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY]) -> Self {
        Self(XChaCha20Poly1305::new(&(*key).into()))
    }

    /// Nonce, ciphertext and tag in one; `place` says where they will stand and must be the same on opening.
    pub(crate) fn seal(
        &self,
        plain: &[u8],
        place: &[&[u8]],
        random: &mut Random,
    ) -> Result<Vec<u8>> {
        let nonce = XNonce::from(random.take::<NONCE>()?);
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .0
            .encrypt_inout_detached(&nonce, &bound(place), (&mut sealed[NONCE..]).into())
            .map_err(|_| {
                Problem::new("AM0303", "a text is too long to be sealed")
                    .detail(format!("{} bytes", plain.len()))
            })?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// What was sealed at this place under this key, or `None`.
    pub(crate) fn open(&self, sealed: &[u8], place: &[&[u8]]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let (text, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let (nonce, tag) = (XNonce::try_from(nonce).ok()?, Tag::try_from(tag).ok()?);
        let mut plain = text.to_vec();
        self.0
            .decrypt_inout_detached(&nonce, &bound(place), plain.as_mut_slice().into(), &tag)
            .ok()?;
        Some(plain)
    }
}

/// Associated data: every part with its length before it, so that no two places read alike.
fn bound(place: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(place.iter().map(|part| part.len() + 8).sum());
    for part in place {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Random bytes of the system, fetched in larger portions.
pub(crate) struct Random {
    bytes: Vec<u8>,
    used: usize,
}

impl Random {
    const PORTION: usize = 16 * 1024;

    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            used: 0,
        }
    }

    /// So many bytes that were never handed out before.
    #[allow(
        clippy::disallowed_methods,
        reason = "the vault mints keys and identifiers: nothing may be able to foresee them"
    )]
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        if self.used + N > self.bytes.len() {
            self.bytes.resize(Self::PORTION.max(N), 0);
            self.used = 0;
            getrandom::fill(&mut self.bytes).map_err(|error| {
                Problem::new("AM0306", "the system gives no random numbers").because(error)
            })?;
        }
        let mut taken = [0; N];
        let portion = &mut self.bytes[self.used..self.used + N];
        taken.copy_from_slice(portion);
        portion.fill(0);
        self.used += N;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let mut random = Random::new();
        let cipher = Cipher::new(&random.take().unwrap());
        let sealed = cipher
            .seal(b"Ada Invented", &[b"name", b"1"], &mut random)
            .unwrap();
        assert_eq!(
            cipher.open(&sealed, &[b"name", b"1"]).unwrap(),
            b"Ada Invented"
        );
        assert!(cipher.open(&sealed, &[b"name", b"2"]).is_none());
        assert!(cipher.open(&sealed, &[b"name1"]).is_none());
        let other = Cipher::new(&random.take().unwrap());
        assert!(other.open(&sealed, &[b"name", b"1"]).is_none());
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(
                cipher.open(&flipped, &[b"name", b"1"]).is_none(),
                "byte {at}"
            );
            assert!(
                cipher.open(&sealed[..at], &[b"name", b"1"]).is_none(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn random_bytes_are_handed_out_once() {
        let mut random = Random::new();
        let drawn: std::collections::HashSet<[u8; 24]> =
            (0..10_000).map(|_| random.take().unwrap()).collect();
        assert_eq!(drawn.len(), 10_000);
        assert!(
            random
                .take::<40_000>()
                .unwrap()
                .iter()
                .any(|byte| *byte != 0)
        );
    }
}
