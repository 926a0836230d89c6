//! The contract of a key store: wrapped keys by event and by subject, and the secrets above them.
//!
//! It wraps and unwraps nothing; it only keeps rows, and destroys them when the epoch changes.

use std::sync::Arc;

use record::keys::{PartPlace, SubjectPlace, UnwrapError, WrappedKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key_lock::{KeyLock, LockError};
use crate::log_store::{BoxError, UnusableReason};

/// The key of one part of one event, wrapped under its subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// The event.
    pub event: Uuid,
    /// The part of the event.
    pub part: u16,
    /// The subject whose key wraps this one.
    pub subject: Uuid,
    /// The wrapped key.
    pub wrapped: WrappedKey,
}

/// The key of a subject, wrapped under the root key of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// The subject.
    pub subject: Uuid,
    /// The epoch of the root key that wraps this one.
    pub epoch: u32,
    /// The wrapped key.
    pub wrapped: WrappedKey,
}

impl PartRow {
    /// What the key is wrapped for.
    #[must_use]
    pub const fn place(&self) -> PartPlace {
        PartPlace {
            event: self.event,
            part: self.part,
            subject: self.subject,
        }
    }
}

impl SubjectRow {
    /// What the key is wrapped for.
    #[must_use]
    pub const fn place(&self) -> SubjectPlace {
        SubjectPlace {
            subject: self.subject,
            epoch: self.epoch,
        }
    }
}

/// A row of the key store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRow {
    /// The key of a part.
    Part(PartRow),
    /// The key of a subject.
    Subject(SubjectRow),
}

/// The seeds of the two keys that sign checkpoints.
#[derive(Clone)]
pub struct LogSeeds {
    /// Of the key of today.
    pub ed25519: Zeroizing<[u8; 32]>,
    /// Of the post-quantum key beside it.
    pub post_quantum: Zeroizing<[u8; 32]>,
}

/// The secrets in force. They are wiped from memory when dropped.
#[derive(Clone)]
pub struct Secrets {
    /// The epoch of `root`, from 1 on.
    pub epoch: u32,
    /// The root key, which wraps subject keys.
    pub root: Zeroizing<[u8; 32]>,
    /// The seed of the key that signs entries.
    pub event_seed: Zeroizing<[u8; 32]>,
    /// The seed of the key that signs checkpoints.
    pub log_seed: Zeroizing<[u8; 32]>,
    /// The seed of the post-quantum key that signs checkpoints beside it; `None` in a key store
    /// that has not been given one yet.
    pub post_quantum_seed: Option<Zeroizing<[u8; 32]>>,
    /// The seed of the key that signs entries next, once the log says so.
    pub next_event_seed: Option<Zeroizing<[u8; 32]>>,
    /// The seeds of the keys that sign checkpoints beside the established ones, until they take
    /// over.
    pub next_log: Option<LogSeeds>,
}

/// How keys that sign give way to others.
#[derive(Clone)]
pub enum SeedChange {
    /// Keeps a seed for the key that signs entries next.
    KeepNextEvent(Zeroizing<[u8; 32]>),
    /// That seed is in force; the one before is destroyed.
    TakeNextEvent,
    /// That seed is destroyed; the one in force stays.
    DropNextEvent,
    /// Keeps seeds for keys that sign checkpoints beside the established ones.
    KeepNextLog(LogSeeds),
    /// These seeds are the established ones; those before are destroyed.
    TakeNextLog,
    /// These seeds are destroyed; the established ones stay.
    DropNextLog,
}

/// A change of seeds that does not fit what there is; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeedFault {
    /// There is a next seed already.
    #[error("another key is waiting to take over")]
    Waiting,
    /// There is no next seed.
    #[error("no key is waiting to take over")]
    NoneWaits,
}

impl Secrets {
    /// The secrets that a new key store begins with.
    #[must_use]
    pub(crate) fn first(initial: &InitialSecrets) -> Self {
        let InitialSecrets {
            root,
            event_seed,
            log_seed,
        } = initial.clone();
        Self {
            epoch: 1,
            root,
            event_seed,
            log_seed,
            post_quantum_seed: None,
            next_event_seed: None,
            next_log: None,
        }
    }

    /// The secrets after a change.
    ///
    /// # Errors
    /// [`SeedFault::Waiting`] if a seed is to be kept where another waits;
    /// [`SeedFault::NoneWaits`] if one is to be taken or dropped where none waits.
    pub fn changed(&self, change: SeedChange) -> Result<Self, SeedFault> {
        let mut next = self.clone();
        match change {
            SeedChange::KeepNextEvent(_) if self.next_event_seed.is_some() => {
                return Err(SeedFault::Waiting);
            }
            SeedChange::KeepNextLog(_) if self.next_log.is_some() => {
                return Err(SeedFault::Waiting);
            }
            SeedChange::KeepNextEvent(seed) => next.next_event_seed = Some(seed),
            SeedChange::KeepNextLog(seeds) => next.next_log = Some(seeds),
            SeedChange::TakeNextEvent => {
                next.event_seed = next.next_event_seed.take().ok_or(SeedFault::NoneWaits)?
            }
            SeedChange::DropNextEvent => {
                drop(next.next_event_seed.take().ok_or(SeedFault::NoneWaits)?)
            }
            SeedChange::TakeNextLog => {
                let seeds = next.next_log.take().ok_or(SeedFault::NoneWaits)?;
                (next.log_seed, next.post_quantum_seed) = (seeds.ed25519, Some(seeds.post_quantum));
            }
            SeedChange::DropNextLog => drop(next.next_log.take().ok_or(SeedFault::NoneWaits)?),
        }
        Ok(next)
    }
}

/// What a new key store starts from. Randomness is the caller's.
#[derive(Clone)]
pub struct InitialSecrets {
    /// The root key of epoch 1.
    pub root: Zeroizing<[u8; 32]>,
    /// The seed of the key that signs entries.
    pub event_seed: Zeroizing<[u8; 32]>,
    /// The seed of the key that signs checkpoints.
    pub log_seed: Zeroizing<[u8; 32]>,
}

/// Why a key store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file of the key directory is missing; nothing was changed.
    #[error("key file {file} is missing")]
    Missing {
        /// The file.
        file: String,
    },
    /// The directory already holds a key store; nothing was changed.
    #[error("key directory {dir} is already in use")]
    Exists {
        /// The directory.
        dir: String,
    },
    /// The secrets are locked and do not open; nothing was changed.
    #[error("the keys in {dir} are locked: {source}")]
    Locked {
        /// The directory.
        dir: String,
        /// Why they do not open.
        source: LockError,
    },
    /// A secret lies under another name than its own, or in another file.
    #[error("key file {file} holds a secret that was not stored there under this name")]
    Swapped {
        /// The file.
        file: String,
        /// Which secret.
        source: UnwrapError,
    },
    /// A file of the key directory is damaged.
    #[error("key file {file} is damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file.
        file: String,
        /// Where in the file the damaged unit begins.
        offset: u64,
        /// What does not hold.
        what: &'static str,
    },
    /// Nothing was written.
    #[error("key store refused the write, nothing was written")]
    NotWritten(#[source] BoxError),
    /// The write may or may not be found when the key store is opened again. It accepts no
    /// further write until then.
    #[error("outcome of the key write is unknown")]
    Unknown(#[source] BoxError),
    /// The medium did not answer.
    #[error("key store could not be read")]
    Failed(#[source] BoxError),
}

/// Decides what becomes of a row when the epoch changes: `None` destroys it.
pub type Rewrite<'a> = &'a mut dyn FnMut(KeyRow) -> Result<Option<KeyRow>, BoxError>;

/// The wrapped keys of a log, apart from the log itself.
///
/// Promises of every implementation:
/// * When [`KeyStore::put`] returns `Ok`, the rows survive a crash and a loss of power; after a
///   crash before that, either all or none of them are found.
/// * A row replaces the earlier row of the same part or subject.
/// * Reading waits for no write: while rows are being made durable, those before are read.
/// * After [`KeyStore::rotate`], nothing that the store still holds opens a row that the rotation
///   left out, nor any older copy of the rows.
pub trait KeyStore: Send + Sync {
    /// The secrets in force.
    fn secrets(&self) -> Secrets;

    /// Why the store takes no more rows; `None` while it does. It never waits for a write.
    fn unusable(&self) -> Option<UnusableReason> {
        None
    }

    /// Takes the seed of the post-quantum key that signs checkpoints, for good.
    ///
    /// # Errors
    /// [`KeyError::Exists`] if there is one; [`KeyError::NotWritten`] if the medium refused;
    /// [`KeyError::Unknown`] if it may be stored now.
    fn put_post_quantum_seed(&self, seed: &[u8; 32]) -> Result<(), KeyError>;

    /// Changes which seeds there are, in one step: a crash leaves the seeds of before or those of
    /// after. A seed that goes is destroyed, at the latest when the store is opened next.
    ///
    /// # Errors
    /// [`KeyError::NotWritten`] if the medium refused, or with a [`SeedFault`] if the change does
    /// not fit; [`KeyError::Unknown`] if it may have happened, or if it has and the old seed could
    /// not be destroyed.
    fn change_seeds(&self, change: SeedChange) -> Result<(), KeyError>;

    /// Writes all rows or none.
    ///
    /// # Errors
    /// [`KeyError::NotWritten`] if the medium refused or the store takes no writes;
    /// [`KeyError::Unknown`] if the rows may be stored: every later write is refused until the
    /// store is opened again.
    fn put(&self, rows: &[KeyRow]) -> Result<(), KeyError>;

    /// Begins what [`KeyStore::put`] does, so that something else can be made durable meanwhile.
    /// Whatever can be refused is refused here; the rows are read and durable once
    /// [`KeyStore::finish_put`] returned `Ok`. The default does all of it at once.
    ///
    /// # Errors
    /// As [`KeyStore::put`].
    fn begin_put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.put(rows)
    }

    /// Makes every row durable that was begun. Without one it does nothing.
    ///
    /// # Errors
    /// [`KeyError::NotWritten`] if the store takes no writes; [`KeyError::Unknown`] if the rows may
    /// be stored: every later write is refused until the store is opened again.
    fn finish_put(&self) -> Result<(), KeyError> {
        Ok(())
    }

    /// The key of a part; `None` if there never was one or it is destroyed.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] if the row is not the one that was stored; [`KeyError::Failed`] if the
    /// medium does not answer.
    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError>;

    /// The key of a subject; `None` if there never was one or it is destroyed.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] if the row is not the one that was stored; [`KeyError::Failed`] if the
    /// medium does not answer.
    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError>;

    /// All part keys that the subject's key wraps, by event and part. This reads every row and
    /// is meant for erasure only.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] if the row is not the one that was stored; [`KeyError::Failed`] if the
    /// medium does not answer.
    fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError>;

    /// Starts the next epoch: passes every live row through `rewrite`, adds `extra`, puts the
    /// result in force in one step, then destroys the old rows and the old root key.
    ///
    /// A crash at any step leaves exactly the old or the new epoch in force; what is left of the
    /// other is destroyed when the store is opened next. `rewrite` must not call this store.
    ///
    /// # Errors
    /// [`KeyError::NotWritten`] with the old epoch in force, also if `rewrite` fails;
    /// [`KeyError::Unknown`] if the switch may have happened, or if the new epoch is in force but
    /// the old one could not be destroyed; open the store again, which destroys it.
    fn rotate(
        &self,
        new_root: [u8; 32],
        rewrite: Rewrite<'_>,
        extra: &[KeyRow],
    ) -> Result<(), KeyError>;
}

/// Keys whose secrets lie under a lock, or in the clear.
pub trait LockableKeys: KeyStore {
    /// What the secrets are locked with; [`crate::key_lock::UNLOCKED`] if nothing locks them.
    fn lock_description(&self) -> String;

    /// Puts the secrets under another lock, or under none, in one step; what lay under the lock
    /// before is destroyed. The wrapped keys stay as they are.
    ///
    /// # Errors
    /// [`KeyError::Locked`] if the new lock fails, and [`KeyError::NotWritten`] if the medium
    /// refused: the old lock is in force then. [`KeyError::Unknown`] if the switch may have
    /// happened, or if the old secrets could not be destroyed; opening the keys again destroys
    /// them.
    fn change_lock(&self, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError>;
}
