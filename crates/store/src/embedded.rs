//! The embedded store: an fsynced journal that is the record, and an index that can be thrown
//! away. A directory holds `journal/`, `blobs/`, `checkpoint`, `archive` with `archive.latest`,
//! `format`, `lock`, and `index/` with `index.digest`; the keys lie in a directory of their own.

mod archive;
mod blob_form;
mod checkpoint_file;
mod format_file;
pub(crate) mod frame;
mod growing;
mod index;
pub mod index_check;
mod key_rows;
pub mod keys;
pub mod log;
mod options;
mod paged;
mod places;
pub mod projections;
pub mod read_only;
mod rebuild;
mod rewrite;
mod secrets;
pub(crate) mod segment;
pub mod sled_home;
mod sled_index;
mod state;
mod unbound_keys;
pub mod upgrade;
mod writer;

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
    /// The directory has another form than this program writes. Nothing was changed.
    #[error("{}", other_format(dir, *found, *expected))]
    Format {
        /// The directory.
        dir: PathBuf,
        /// Its form.
        found: u32,
        /// The form that is written.
        expected: u32,
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

fn other_format(dir: &Path, found: u32, expected: u32) -> String {
    let dir = dir.display();
    if found < expected {
        format!(
            "{dir} was written by an earlier version of this program (form {found}, today {expected}). Nothing was changed; bring it \
             over with `sagsspor upgrade` (docs/guide/operating.md, \"Upgrade\")"
        )
    } else {
        format!(
            "{dir} was written by a later version of this program (form {found}, this one knows {expected}); use that version"
        )
    }
}

/// Whether a log lies in `dir`, however short: whether its journal has a file.
///
/// # Errors
/// As the medium reports.
pub fn holds_log(dir: &Path) -> io::Result<bool> {
    let places = places::Places::new(dir);
    let names = crate::disk::Disk::list(&crate::disk::RealDisk::default(), &places.journal())?;
    Ok(names
        .iter()
        .any(|name| places::segment_number(name).is_some()))
}

/// What a log that lay in `dir` has left behind although its journal is gone: the file that knows
/// most of it, and how many entries it knows.
///
/// # Errors
/// [`OpenError`].
pub fn left_behind(dir: &Path) -> Result<Option<(PathBuf, u64)>, OpenError> {
    let (disk, places) = (crate::disk::RealDisk::default(), places::Places::new(dir));
    let stored = checkpoint_file::read(&disk, &places.checkpoint())?
        .map(|stored| (places.checkpoint(), stored.size));
    let archived = archive::Archive::read_only(&disk, &places)?
        .and_then(|archive| archive.known())
        .map(|size| (places.archive(), size));
    Ok(stored
        .into_iter()
        .chain(archived)
        .filter(|(_, size)| *size > 0)
        .max_by_key(|(_, size)| *size))
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
    if is_locked(&lock)? {
        return Ok(true);
    }
    // The lock file may be another one than that of the process; the journal is not.
    let journal = places::Places::new(dir).journal();
    let segments = std::fs::read_dir(journal)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let newest = segments
        .filter(|path| path.extension().is_some_and(|end| end == "seg"))
        .max();
    newest.map_or(Ok(false), |newest| is_locked(&std::fs::File::open(newest)?))
}

fn is_locked(file: &std::fs::File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(std::fs::TryLockError::WouldBlock) => Ok(true),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

impl OpenError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
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
    /// Why the index lies in memory only, so that nothing can be written; none when it does not.
    pub index: Option<String>,
}
