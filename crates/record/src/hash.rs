//! SHA-256 values (FIPS 180-4).

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{b64u, hex};

/// A SHA-256 value of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// The text does not name a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes")]
pub struct HashError;

impl Hash {
    /// 32 zero bytes: the predecessor of a first entry.
    pub const ZERO: Self = Self([0; 32]);

    /// Wraps 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As base64url, 43 characters.
    #[must_use]
    pub fn to_b64u(&self) -> String {
        b64u::encode(&self.0)
    }

    /// Reads base64url.
    ///
    /// # Errors
    /// [`HashError`] unless it is canonical base64url of 32 bytes.
    pub fn parse_b64u(text: &str) -> Result<Self, HashError> {
        let bytes = b64u::decode(text.as_bytes()).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }

    /// As lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }

    /// Reads hexadecimal digits.
    ///
    /// # Errors
    /// [`HashError`] unless it is 64 digits.
    pub fn parse_hex(text: &str) -> Result<Self, HashError> {
        let bytes = hex::decode(text).ok_or(HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Hashes bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// Hashes bytes that come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes the next piece in.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// Hashes the concatenation of byte strings.
#[must_use]
pub(crate) fn sha256_all(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_as_it_was_written() {
        let hash = sha256(b"abc");
        assert_eq!(
            hash.to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Hash::parse_hex(&hash.to_hex()), Ok(hash));
        assert_eq!(Hash::parse_b64u(&hash.to_b64u()), Ok(hash));
        assert_eq!(Hash::parse_hex("ba78"), Err(HashError));
        assert_eq!(Hash::parse_b64u("AA"), Err(HashError));
    }

    #[test]
    fn pieces_hash_to_the_same_as_the_whole() {
        let mut hasher = Hasher::default();
        hasher.update(b"a");
        hasher.update(b"");
        hasher.update(b"bc");
        assert_eq!(hasher.finish(), sha256(b"abc"));
    }
}
