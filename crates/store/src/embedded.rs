//! The embedded store: an fsynced journal that is the record, and an index that can be thrown
//! away. A directory holds `journal/`, `blobs/`, `checkpoint`, `archive` with `archive.latest`,
//! `lock`, and `index/` with `index.digest`; the keys lie in a directory of their own.

mod archive;
mod blob_form;
mod checkpoint_file;
mod frame;
mod growing;
mod index;
pub mod index_check;
mod key_rows;
pub mod keys;
pub mod log;
mod paged;
mod places;
pub mod projections;
pub mod read_only;
mod rebuild;
mod rewrite;
mod secrets;
mod segment;
mod sled_index;
mod state;
mod unbound_keys;

use std::io;
use std::path::{Path, PathBuf};

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{dir} is in use by another process")]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// Damage that is no torn last write (`STORE_CORRUPT`). Nothing was changed.
    #[error("STORE_CORRUPT: {file} is damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where the damaged unit begins.
        offset: u64,
        /// What does not hold.
        what: &'static str,
    },
    /// The journal ends before something that is known of it: an older copy lies here, for example
    /// a restored backup. Nothing was changed, and nothing may be written: entries that others
    /// have seen would come to be different ones.
    #[error(
        "STORE_ROLLED_BACK: {file} knows {known} entries, but the journal holds {held}; bring back the newest copy of the \
         whole directory, or what is missing with `sagsspor repair --from COPY`, and write nothing to this one"
    )]
    RolledBack {
        /// What knows more.
        file: PathBuf,
        /// How many entries it knows of.
        known: u64,
        /// How many there are.
        held: u64,
    },
    /// The medium refused, for example because the directory is read-only.
    #[error("cannot use {path}: {source}")]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What the medium said.
        source: io::Error,
    },
    /// The index could not be made, not even a new one.
    #[error("the index in {dir} could not be made: {what}")]
    Index {
        /// The directory.
        dir: PathBuf,
        /// What failed.
        what: String,
    },
}

/// Whether another process has the log in `dir` open.
///
/// # Errors
/// As the medium reports.
pub fn in_use(dir: &Path) -> io::Result<bool> {
    let lock = match std::fs::File::open(places::Places::new(dir).lock()) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(std::fs::TryLockError::WouldBlock) => Ok(true),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

impl OpenError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

/// What was found when the log was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Bytes of a torn last frame that were cut off; nothing in it was ever acknowledged, unless
    /// it was damaged after the last checkpoint.
    pub cut_bytes: u64,
    /// Whether the index was made anew from the journal.
    pub rebuilt: bool,
}
