//! The ladder of keys: a part key under a subject key under a root key, wrapped as in RFC 3394.

use std::fmt;

use aes_kw::KwAes256;
use aes_kw::cipher::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::payload::Entropy;

/// A key of 32 bytes wrapped under another: 40 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrappedKey(pub [u8; 40]);

/// The key does not open: it is not the one that wrapped, or the bytes are damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrapped key does not open")]
pub struct UnwrapError;

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
    /// Wraps the key of a part.
    #[must_use]
    pub fn wrap(&self, key: &PartKey) -> WrappedKey {
        wrap(&self.0, &key.0)
    }

    /// Opens the key of a part.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<PartKey, UnwrapError> {
        unwrap(&self.0, wrapped).map(PartKey)
    }
}

impl RootKey {
    /// Wraps the key of a subject.
    #[must_use]
    pub fn wrap(&self, key: &SubjectKey) -> WrappedKey {
        wrap(&self.0, &key.0)
    }

    /// Opens the key of a subject.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap(&self, wrapped: &WrappedKey) -> Result<SubjectKey, UnwrapError> {
        unwrap(&self.0, wrapped).map(SubjectKey)
    }

    /// Wraps a part key directly, for the short time between ordering and carrying out an
    /// erasure.
    #[must_use]
    pub fn wrap_part(&self, key: &PartKey) -> WrappedKey {
        wrap(&self.0, &key.0)
    }

    /// Opens what [`RootKey::wrap_part`] wrapped.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap_part(&self, wrapped: &WrappedKey) -> Result<PartKey, UnwrapError> {
        unwrap(&self.0, wrapped).map(PartKey)
    }
}

fn wrap(key: &[u8; 32], inner: &[u8; 32]) -> WrappedKey {
    let mut wrapped = [0; 40];
    #[expect(clippy::expect_used, reason = "32 bytes wrap into 40")]
    KwAes256::new(key.into()).wrap_key(inner, &mut wrapped).expect("fitting lengths");
    WrappedKey(wrapped)
}

fn unwrap(key: &[u8; 32], wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, UnwrapError> {
    let mut inner = Zeroizing::new([0; 32]);
    KwAes256::new(key.into()).unwrap_key(&wrapped.0, &mut *inner).map_err(|_| UnwrapError)?;
    Ok(inner)
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
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&*self.0).expect("any length");
        mac.update(input);
        mac.finalize().into_bytes().into()
    }
}
