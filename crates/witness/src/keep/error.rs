//! What can go wrong with a directory in which a log is kept.

use std::io;
use std::path::{Path, PathBuf};

use verify::code::Finding;

/// A directory cannot be used to keep a log in.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It holds another log.
    #[error("{dir} keeps {found}, not {expected}")]
    OtherLog {
        /// The directory.
        dir: PathBuf,
        /// The log in it.
        found: String,
        /// The log that was to be kept.
        expected: String,
    },
    /// It holds something else.
    #[error("{0} holds other files than those of a log; name a directory of its own")]
    Foreign(PathBuf),
    /// Its checkpoint is none.
    #[error("{0}/checkpoint is no checkpoint")]
    Checkpoint(PathBuf),
    /// What it holds does not lead to its own checkpoint.
    #[error("what {dir} keeps is damaged ({finding}); move it away, and the log is fetched again")]
    Damaged {
        /// The directory.
        dir: PathBuf,
        /// What is wrong.
        finding: Finding,
    },
    /// Another process uses it.
    #[error("another witness keeps a log in {0}")]
    InUse(PathBuf),
    /// The medium refused.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A lower error with its file.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path}")]
pub struct FileError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> FileError + '_ {
    move |source| FileError {
        path: path.to_owned(),
        source,
    }
}
