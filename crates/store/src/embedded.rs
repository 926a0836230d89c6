//! The embedded store: an fsynced journal that is the record, and an index that can be thrown
//! away. A directory holds `journal/`, `blobs/`, `checkpoint`, `archive` with `archive.latest`,
//! `format`, `lock`, and `index/` with `index.digest`, which vouches for it; the keys lie in a directory
//! of their own.

mod archive;
pub mod backend;
mod blob_form;
mod block_cache;
mod checkpoint_file;
mod format_file;
pub(crate) mod frame;
mod generation;
mod growing;
mod index;
mod index_check;
pub mod index_home;
mod key_pieces;
mod key_rows;
pub mod keys;
pub mod log;
mod merged;
pub mod options;
mod paged;
mod part_places;
mod places;
pub mod projections;
pub mod read_only;
mod rebuild;
mod rewrite;
pub(crate) mod run;
mod run_index;
mod secrets;
pub(crate) mod segment;
mod side_files;
mod state;
mod unbound_keys;
mod upgrade;
mod writer;

use std::io;
use std::path::{Path, PathBuf};

use crate::backend::opening::OpenError;
use crate::disk::Disk;
use record::positions::Size;

/// Whether a log lies in `dir`, however short: whether its journal has a file.
pub(crate) fn holds_log(disk: &dyn Disk, dir: &Path) -> io::Result<bool> {
    let names = disk.list(&places::Places::new(dir).journal())?;
    Ok(names
        .iter()
        .any(|name| places::segment_number(name).is_some()))
}

/// What a log that lay in `dir` has left behind although its journal is gone: the file that knows
/// most of it, and how many entries it knows.
pub(crate) fn left_behind(
    disk: &dyn Disk,
    dir: &Path,
) -> Result<Option<(PathBuf, Size)>, OpenError> {
    let places = places::Places::new(dir);
    let stored = checkpoint_file::read(disk, &places.checkpoint())?
        .map(|stored| (places.checkpoint(), stored.size));
    let archived = archive::Archive::read_only(disk, &places)?
        .and_then(|archive| archive.known())
        .map(|size| (places.archive(), size));
    Ok(stored
        .into_iter()
        .chain(archived)
        .filter(|(_, size)| !size.is_empty())
        .max_by_key(|(_, size)| *size))
}

/// Whether another process has the log in `dir` open.
pub(crate) fn in_use(dir: &Path) -> io::Result<bool> {
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
    /// The medium refused at a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            place: path.display().to_string(),
            source,
        }
    }
}
