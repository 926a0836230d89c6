//! The port: everything that the program asks of the place where its logs, keys and rows are kept.
//!
//! It says nothing of files: a log has a [`LogName`], and a backend knows where that lies. Nothing
//! above this crate names a file, a disk or a database; the program chooses a backend once.
//!
//! ```
//! use store::backend::Backend;
//! use store::backend::opening::{LogKind, LogName, Opening};
//! use store::memory_backend::MemoryBackend;
//!
//! let backend = MemoryBackend::new();
//! let name = LogName { municipality: *b"0999", kind: LogKind::Cases };
//! let opening = Opening { signers: Vec::new(), vouch: zeroize::Zeroizing::new([7; 32]) };
//!
//! let unswept = backend.open_log(&name, &opening, &mut |_done, _to_do| {})?;
//! // Here the log is compared with what else is known of it. Nothing was destroyed yet.
//! assert!(unswept.log().size().is_empty());
//! let log = unswept.sweep()?;
//! log.close()?;
//! drop(log);
//! assert!(backend.holds_log(&name)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod opening;
pub mod side_texts;
pub mod view;

use std::sync::Arc;

use record::positions::Size;

use self::opening::{LogName, OpenError, Opening, SignCommands, Unswept, Upgraded};
use self::side_texts::SideTexts;
use self::view::{LogView, Reading};
use crate::key_lock::Locksmith;
use crate::key_store::{InitialSecrets, KeyError, LockableKeys};
use crate::log_store::{LogStore, StoredCheckpoint};
use crate::projection_store::Generations;

/// Where a log and its keys lie, for messages to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Where the log lies.
    pub log: String,
    /// Where its keys lie.
    pub keys: String,
}

/// What can be told of keys that are not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysOutline {
    /// The epoch of the root key.
    pub epoch: u32,
    /// What the secrets are locked with; [`crate::key_lock::UNLOCKED`] if nothing locks them.
    pub lock: String,
}

/// A log that is gone, as what it left behind tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// What knows most of the log.
    pub place: String,
    /// How many entries it knows.
    pub entries: Size,
}

/// Keeps logs with their keys, rows and side texts.
///
/// Promises of every implementation:
/// * A log is open for writing at most once at a time, and so are its keys. Both stay taken until
///   the last handle is dropped; reading through [`Backend::read_only`] takes nothing.
/// * What was durable is found again when it is opened again, through this backend or another one
///   over the same place.
/// * Logs, keys, rows and texts of one [`LogName`] are never seen under another.
/// * Only [`Backend::open_log`] and [`Backend::open_behind`] begin a log, and only
///   [`Backend::create_keys`] begins keys. Asking makes nothing.
pub trait Backend: Send + Sync {
    /// Where a log and its keys lie, whether or not there are any.
    fn places(&self, log: &LogName) -> Places;

    /// Whether there is a log, however short.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    fn holds_log(&self, log: &LogName) -> Result<bool, OpenError>;

    /// Whether a log is open for writing, here or in another process.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    fn log_in_use(&self, log: &LogName) -> Result<bool, OpenError>;

    /// Opens a log, or begins an empty one. Nothing that lies there is destroyed before
    /// [`Unswept::sweep`]. `progress` hears of bytes done and to do while an index is made anew.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if it is open already; [`OpenError::Corrupt`] for damage that is no
    /// torn last write; [`OpenError::RolledBack`] if it ends before its stored checkpoint or
    /// before what its archive knows; [`OpenError::Format`] if another version wrote it;
    /// [`OpenError::Io`] if the medium refused; [`OpenError::Index`] if no index could be made.
    fn open_log(
        &self,
        log: &LogName,
        opening: &Opening,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Unswept, OpenError>;

    /// Opens a log that is behind what is known of it, or begins one, so that what is missing can
    /// be brought back from a copy; for nothing else. `announced` is what it will lead to: it takes
    /// the place of a smaller stored checkpoint first, so that [`Backend::open_log`] refuses the
    /// log until everything is there.
    ///
    /// # Errors
    /// As [`Backend::open_log`], without [`OpenError::RolledBack`].
    fn open_behind(
        &self,
        log: &LogName,
        opening: &Opening,
        announced: &StoredCheckpoint,
    ) -> Result<Arc<dyn LogStore>, OpenError>;

    /// Reads a log as it lies; `None` if there is none.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if its checkpoint cannot be read; [`OpenError::Io`] if the medium
    /// does not answer.
    fn read_only(
        &self,
        log: &LogName,
        reading: Reading,
    ) -> Result<Option<Box<dyn LogView>>, OpenError>;

    /// What a log that is gone has left behind; `None` if nothing tells of one. Where there is a
    /// log, this says what is stored beside it.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if what is left cannot be read; [`OpenError::Io`] if the medium does
    /// not answer.
    fn left_behind(&self, log: &LogName) -> Result<Option<LeftBehind>, OpenError>;

    /// The form in which a log was written; `None` if there is no log.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if it does not say; [`OpenError::Io`] if the medium does not answer.
    fn form(&self, log: &LogName) -> Result<Option<u32>, OpenError>;

    /// Brings a log that an earlier version wrote over to today's form, in place. The commands of
    /// each commit are signed as they are found. `progress` hears of bytes done, counted anew in
    /// each file.
    ///
    /// # Errors
    /// As [`Backend::open_log`]; [`OpenError::Io`] also if there is no log. The old form is in
    /// force then, or running it again finishes the switch.
    fn upgrade(
        &self,
        log: &LogName,
        sign: SignCommands<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Upgraded, OpenError>;

    /// Whether there are keys of a log.
    ///
    /// # Errors
    /// [`KeyError::Failed`] if the medium does not answer.
    fn holds_keys(&self, log: &LogName) -> Result<bool, KeyError>;

    /// Whether the keys of a log are open, here or in another process. A medium that does not
    /// answer reads as "no".
    fn keys_in_use(&self, log: &LogName) -> bool;

    /// Begins the keys of a log, under the lock that the locksmith gives for new ones.
    ///
    /// # Errors
    /// [`KeyError::Exists`] if there are keys already; [`KeyError::Locked`] if there is no lock to
    /// be had; [`KeyError::NotWritten`] and [`KeyError::Unknown`] if the medium refused.
    fn create_keys(
        &self,
        log: &LogName,
        initial: &InitialSecrets,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError>;

    /// Opens the keys of a log. What is left of another epoch is destroyed.
    ///
    /// # Errors
    /// [`KeyError::Missing`] if there are none, or a part of them is missing;
    /// [`KeyError::Exists`] if they are open already; [`KeyError::Locked`] if the locksmith has no
    /// lock that opens them; [`KeyError::Corrupt`] and [`KeyError::Swapped`] for damage;
    /// [`KeyError::Failed`], [`KeyError::NotWritten`] and [`KeyError::Unknown`] if the medium
    /// refused.
    fn open_keys(
        &self,
        log: &LogName,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError>;

    /// What can be told of the keys of a log without opening them. They may be in use.
    ///
    /// # Errors
    /// [`KeyError::Missing`] if there are none; [`KeyError::Corrupt`] for damage;
    /// [`KeyError::Failed`] if the medium does not answer.
    fn describe_keys(&self, log: &LogName) -> Result<KeysOutline, KeyError>;

    /// Whether rows of a log are in force, whatever state they are in.
    fn holds_rows(&self, log: &LogName) -> bool;

    /// The rows that are derived from a log.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium refused.
    fn rows(&self, log: &LogName) -> Result<Arc<dyn Generations>, OpenError>;

    /// The texts beside a log and its keys.
    fn side_texts(&self, log: &LogName) -> Arc<dyn SideTexts>;

    /// A backend that shows everything that lies here. What is written through it stays in memory
    /// or in a copy, and is gone when it is dropped; nothing here changes. It takes no locks, so
    /// ask [`Backend::log_in_use`] before and after.
    ///
    /// # Errors
    /// [`OpenError::Io`] if there is no room for copies.
    fn shadow(&self) -> Result<Box<dyn Backend>, OpenError>;
}
