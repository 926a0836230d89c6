//! Locks for the secrets of a key store while they lie on disk: what is stored is the key of the
//! file of secrets, wrapped (RFC 3394) under a key that lies elsewhere, and how to find that key
//! again.

use std::sync::Arc;

use record::keys::LockKey;
pub use record::keys::WrappedKey;
use zeroize::Zeroizing;

/// How secrets that lie in the clear are marked.
pub const UNLOCKED: &str = "none";

/// A lock does not open. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The key is not the one that locked: another passphrase, another credential.
    #[error("{0} is not the one that the keys were locked with")]
    Wrong(String),
    /// What holds the key is not at hand.
    #[error("{what} is needed to open the keys: {how}")]
    Needed {
        /// What is needed.
        what: String,
        /// How it is given.
        how: String,
    },
    /// What holds the key failed.
    #[error("{what} failed")]
    Failed {
        /// What holds the key.
        what: String,
        /// Why.
        #[source]
        source: crate::log_store::BoxError,
    },
    /// The words that describe the lock are not understood.
    #[error("the lock is described as \"{0}\", which this program does not know")]
    Unknown(String),
}

/// Locks the key of a file of secrets and opens it again.
pub trait KeyLock: Send + Sync {
    /// What stands beside the locked secrets, one line: the kind of lock, and all that is needed
    /// to find its key again except what is secret.
    fn description(&self) -> String;

    /// Locks a secret.
    ///
    /// # Errors
    /// [`LockError::Failed`] if what holds the key does not answer.
    fn wrap(&self, secret: &[u8; 32]) -> Result<WrappedKey, LockError>;

    /// Opens a secret.
    ///
    /// # Errors
    /// [`LockError::Wrong`] if another key locked it; [`LockError::Failed`] if what holds the key
    /// does not answer.
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, LockError>;
}

/// Finds the lock that a description speaks of.
pub trait Locksmith: Send + Sync + std::fmt::Debug {
    /// The lock that secrets are locked with.
    ///
    /// # Errors
    /// [`LockError::Unknown`] if the description is not understood; [`LockError::Needed`] if what
    /// holds the key is not at hand; [`LockError::Wrong`] if it is another key;
    /// [`LockError::Failed`] if what holds the key does not answer.
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError>;

    /// The lock for a key store that is begun; `None` leaves its secrets in the clear.
    ///
    /// # Errors
    /// [`LockError::Needed`] if what holds the key is not at hand; [`LockError::Failed`] if it does
    /// not answer.
    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError>;
}

/// Opens no lock: only secrets in the clear can be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLocksmith;

impl Locksmith for NoLocksmith {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        let what = description.split(' ').next().unwrap_or_default().to_owned();
        Err(LockError::Needed {
            what,
            how: "this program was given none".to_owned(),
        })
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(None)
    }
}

/// A lock whose key is in memory, wherever it came from.
pub struct MemoryLock {
    /// What a person calls it, for messages: "the passphrase".
    name: String,
    description: String,
    key: LockKey,
}

impl MemoryLock {
    /// A lock with a name for messages, a description that finds it again, and its key.
    #[must_use]
    pub fn new(name: &str, description: &str, key: &Zeroizing<[u8; 32]>) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            key: LockKey::from_bytes(**key),
        }
    }
}

impl KeyLock for MemoryLock {
    fn description(&self) -> String {
        self.description.clone()
    }

    fn wrap(&self, secret: &[u8; 32]) -> Result<WrappedKey, LockError> {
        Ok(self.key.wrap(secret))
    }

    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, LockError> {
        self.key
            .unwrap(wrapped)
            .ok_or_else(|| LockError::Wrong(self.name.clone()))
    }
}
