//! The ladder of keys: a part key under a subject key under a root key, each wrapped for its place;
//! and the keys of what is derived: hashes of inputs, blind tokens, rows of an index.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
pub use crate::wrapping::{
    KeyPlace, PartPlace, PendingPlace, SecretPlace, SubjectPlace, UnwrapError, WrappedKey,
};
use crate::wrapping::{derive, unwrap, unwrap_plain, wrap, wrap_plain};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// Wraps 32 bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(Zeroizing::new(bytes))
            }

            /// A new key.
            #[must_use]
            pub fn generate(entropy: &mut dyn Entropy) -> Self {
                let mut bytes = Zeroizing::new([0; 32]);
                entropy.fill(&mut *bytes);
                Self(bytes)
            }

            /// The bytes, for storing or comparing; handle with care.
            #[must_use]
            pub fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

key!(
    /// Encrypts one part of one event, once.
    PartKey
);
key!(
    /// Wraps the part keys of one stream or one person.
    SubjectKey
);
key!(
    /// Wraps the subject keys of a municipality during one epoch.
    RootKey
);

impl SubjectKey {
    /// Wraps the key of a part for its place.
    #[must_use]
    pub fn wrap(&self, place: PartPlace, key: &PartKey) -> WrappedKey {
        wrap(&self.0, &KeyPlace::Part(place), &key.0)
    }

    /// Opens the key of a part.
    ///
    /// # Errors
    /// [`UnwrapError`] when it is not the one that was wrapped for this place.
    pub fn unwrap(&self, place: PartPlace, wrapped: &WrappedKey) -> Result<PartKey, UnwrapError> {
        unwrap(&self.0, &KeyPlace::Part(place), wrapped).map(PartKey)
    }

    /// Opens a key that was wrapped before wrapped keys were bound to their places. For taking over
    /// what is stored in that form, and for nothing else.
    #[must_use]
    pub fn unwrap_unbound(&self, wrapped: &WrappedKey) -> Option<PartKey> {
        unwrap_plain(&self.0, wrapped).map(PartKey)
    }
}

impl RootKey {
    /// Wraps the key of a subject for its place.
    #[must_use]
    pub fn wrap(&self, place: SubjectPlace, key: &SubjectKey) -> WrappedKey {
        wrap(&self.0, &KeyPlace::Subject(place), &key.0)
    }

    /// Opens the key of a subject.
    ///
    /// # Errors
    /// [`UnwrapError`] when it is not the one that was wrapped for this place.
    pub fn unwrap(
        &self,
        place: SubjectPlace,
        wrapped: &WrappedKey,
    ) -> Result<SubjectKey, UnwrapError> {
        unwrap(&self.0, &KeyPlace::Subject(place), wrapped).map(SubjectKey)
    }

    /// As [`SubjectKey::unwrap_unbound`], for the key of a subject.
    #[must_use]
    pub fn unwrap_unbound(&self, wrapped: &WrappedKey) -> Option<SubjectKey> {
        unwrap_plain(&self.0, wrapped).map(SubjectKey)
    }

    /// Wraps a part key directly, for the short time between ordering and carrying out an
    /// erasure.
    #[must_use]
    pub fn wrap_part(&self, place: PendingPlace, key: &PartKey) -> WrappedKey {
        wrap(&self.0, &KeyPlace::Pending(place), &key.0)
    }

    /// Opens what [`RootKey::wrap_part`] wrapped.
    ///
    /// # Errors
    /// [`UnwrapError`] when it is not the one that was wrapped for this place.
    pub fn unwrap_part(
        &self,
        place: PendingPlace,
        wrapped: &WrappedKey,
    ) -> Result<PartKey, UnwrapError> {
        unwrap(&self.0, &KeyPlace::Pending(place), wrapped).map(PartKey)
    }

    /// As [`SubjectKey::unwrap_unbound`], for a part that waits for an erasure.
    #[must_use]
    pub fn unwrap_part_unbound(&self, wrapped: &WrappedKey) -> Option<PartKey> {
        unwrap_plain(&self.0, wrapped).map(PartKey)
    }
}

key!(
    /// Wraps one secret: the key of a file of secrets, or in the form of before each of them.
    LockKey
);

impl LockKey {
    /// Wraps a secret.
    #[must_use]
    pub fn wrap(&self, secret: &[u8; 32]) -> WrappedKey {
        wrap_plain(&self.0, secret)
    }

    /// Opens a secret; null when another key wrapped it, or the bytes are damaged.
    #[must_use]
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Option<Zeroizing<[u8; 32]>> {
        unwrap_plain(&self.0, wrapped)
    }
}

key!(
    /// Wraps the secrets of one generation while they lie on disk; it lies there itself, under the
    /// lock.
    FileKey
);

impl FileKey {
    /// Wraps a secret for its place.
    #[must_use]
    pub fn wrap(&self, place: SecretPlace, secret: &[u8; 32]) -> WrappedKey {
        wrap(&self.0, &KeyPlace::Secret(place), secret)
    }

    /// Opens a secret.
    ///
    /// # Errors
    /// [`UnwrapError`] when it is not the one that was wrapped for this place.
    pub fn unwrap(
        &self,
        place: SecretPlace,
        wrapped: &WrappedKey,
    ) -> Result<Zeroizing<[u8; 32]>, UnwrapError> {
        unwrap(&self.0, &KeyPlace::Secret(place), wrapped)
    }
}

key!(
    /// Proves that the rows of a key file are all there, up to the last one, and in order.
    ChainKey
);

/// What a chain of rows begins with.
pub const CHAIN_START: [u8; 32] = [0; 32];

impl ChainKey {
    /// The next link of a chain: HMAC-SHA-256 of the link before and of what follows it.
    #[must_use]
    pub fn link(&self, before: &[u8; 32], next: &[u8]) -> [u8; 32] {
        hmac(&self.0, &[before, next])
    }

    /// Whether a link is the next one of a chain; the comparison takes the same time whatever
    /// differs.
    #[must_use]
    pub fn follows(&self, before: &[u8; 32], next: &[u8], link: &[u8]) -> bool {
        let mut mac = keyed(&self.0);
        mac.update(before);
        mac.update(next);
        mac.verify_slice(link).is_ok()
    }
}

/// What stands at the top of the ladder is derived from the root key too, and goes with its epoch.
impl RootKey {
    /// The key that the secrets of one generation are wrapped under.
    #[must_use]
    pub fn file_key(&self, epoch: u32, generation: u32) -> FileKey {
        let info = [
            b"sagsspor secrets file 2\0".as_slice(),
            &epoch.to_be_bytes(),
            &generation.to_be_bytes(),
        ]
        .concat();
        FileKey(derive(&self.0, &info))
    }

    /// The key that chains the rows of an epoch.
    #[must_use]
    pub fn chain_key(&self, epoch: u32) -> ChainKey {
        ChainKey(derive(
            &self.0,
            &[b"sagsspor key rows 2\0".as_slice(), &epoch.to_be_bytes()].concat(),
        ))
    }
}

key!(
    /// Makes keyed hashes of command inputs, so that equal inputs can be told without keeping
    /// them.
    InputMacKey
);

impl InputMacKey {
    /// HMAC-SHA-256 (RFC 2104).
    #[must_use]
    pub fn mac(&self, input: &[u8]) -> [u8; 32] {
        hmac(&self.0, &[input])
    }
}

/// What is derived from a root key by an HMAC over a label goes with its epoch: once the root key
/// is destroyed, nobody can open it in a backup, nor test a guess against it.
impl RootKey {
    /// The keys of an index that can be thrown away.
    #[must_use]
    pub fn index_keys(&self) -> (BlindKey, RowKey) {
        let derived = |label: &[u8]| hmac(&self.0, &[label]);
        (
            BlindKey::from_bytes(derived(b"sagsspor blind index 2")),
            RowKey::from_bytes(derived(b"sagsspor projection row 2")),
        )
    }

    /// The key of what a client is given to hand back.
    #[must_use]
    pub fn cursor_key(&self) -> BlindKey {
        BlindKey::from_bytes(hmac(&self.0, &[b"sagsspor cursor 2"]))
    }

    /// The key of the hashes of command inputs.
    #[must_use]
    pub fn input_key(&self) -> InputMacKey {
        InputMacKey::from_bytes(hmac(&self.0, &[b"sagsspor command input 2"]))
    }
}

key!(
    /// Makes blind tokens: what an index is searched by, and what says nothing without the key.
    BlindKey
);

/// A keyed hash in place of a value, 16 bytes.
pub type Token = [u8; 16];

impl BlindKey {
    /// The token of a value among the values of its kind: HMAC-SHA-256, cut to 16 bytes. The kind
    /// must hold no zero byte.
    #[must_use]
    pub fn token(&self, kind: &str, value: &[u8]) -> Token {
        let mac = hmac(&self.0, &[kind.as_bytes(), &[0], value]);
        let mut token = [0; 16];
        token.copy_from_slice(mac.first_chunk::<16>().unwrap_or(&[0; 16]));
        token
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("any length")
}

fn hmac(key: &[u8; 32], message: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    message.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

key!(
    /// Encrypts rows of an index that can be thrown away.
    RowKey
);

/// A row of an index does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row does not open")]
pub struct OpenRowError;

impl RowKey {
    /// Encrypts a row under AES-256-GCM, bound to where it stands. The same row in the same place
    /// always becomes the same bytes, so that two indexes can be compared without opening them:
    /// the nonce is a keyed hash of place and content.
    #[must_use]
    pub fn seal(&self, place: &[u8], row: &[u8]) -> Vec<u8> {
        let length = (place.len() as u64).to_be_bytes();
        let mac = hmac(&self.0, &[b"nonce", &length, place, row]);
        let mut nonce = [0; 12];
        nonce.copy_from_slice(mac.first_chunk::<12>().unwrap_or(&[0; 12]));
        #[expect(
            clippy::expect_used,
            reason = "a row is far shorter than what AES-GCM takes"
        )]
        let sealed = self
            .cipher()
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: row,
                    aad: place,
                },
            )
            .expect("a short row");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`RowKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`OpenRowError`] when it was made for another place or by another key, or is damaged.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenRowError> {
        let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(OpenRowError)?;
        self.cipher()
            .decrypt(
                &Nonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: place,
                },
            )
            .map_err(|_| OpenRowError)
    }

    /// Nonces and encryption have keys of their own.
    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&hmac(&self.0, &[b"encryption"]).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_on_key_kind_and_value() {
        let (blind, _) = RootKey::from_bytes([1; 32]).index_keys();
        let (other, _) = RootKey::from_bytes([2; 32]).index_keys();
        let token = blind.token("number", b"1413160003");
        assert_eq!(token, blind.token("number", b"1413160003"));
        for different in [
            blind.token("number", b"1413160004"),
            blind.token("name", b"1413160003"),
            other.token("number", b"1413160003"),
        ] {
            assert_ne!(token, different);
        }
    }

    #[test]
    fn a_row_opens_only_in_its_place_and_whole() {
        let (_, key) = RootKey::from_bytes([1; 32]).index_keys();
        let sealed = key.seal(b"place", b"row");
        assert_eq!(
            sealed,
            key.seal(b"place", b"row"),
            "equal rows are equal bytes"
        );
        assert_eq!(key.open(b"place", &sealed).unwrap(), b"row");
        assert_eq!(key.open(b"elsewhere", &sealed), Err(OpenRowError));
        for byte in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[byte] ^= 1;
            assert_eq!(key.open(b"place", &bent), Err(OpenRowError), "byte {byte}");
        }
        assert_eq!(key.open(b"place", &sealed[..5]), Err(OpenRowError));
        assert_eq!(
            RootKey::from_bytes([2; 32])
                .index_keys()
                .1
                .open(b"place", &sealed),
            Err(OpenRowError)
        );
    }
}
