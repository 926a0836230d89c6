//! What is known of a log apart from its own directory: size and root of its latest checkpoint,
//! kept beside the keys. A data directory that was replaced by an older copy is told by it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use record::checkpoint::Checkpoint;
use record::note::Note;
use record::proof::root_at;
use store::log_store::LogStore;

use crate::error::ReadError;
use crate::tip::StoreNodes;

/// The log is not the one that is known.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// It is an older copy.
    #[error(
        "STORE_ROLLED_BACK: {} knows {known} entries of this log, but only {held} lie here: an older copy was put back, or the newest \
         files are missing. Nothing was written. `sagsspor repair --from COPY` brings back what is missing from a newer copy or from \
         exported tiles (docs/operating.md, \"Repair\")", file.display()
    )]
    Older {
        /// Where it is kept.
        file: PathBuf,
        /// How many entries are known.
        known: u64,
        /// How many there are.
        held: u64,
    },
    /// It has another past.
    #[error("FORK: {} knows other {size} entries of this log than those that lie here; nothing was written", file.display())]
    Other {
        /// Where it is kept.
        file: PathBuf,
        /// The size at which the roots differ.
        size: u64,
    },
    /// The log could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
}

/// The checkpoint that is kept; none when there is none, or when it was lost with the power.
pub(crate) fn read(file: &Path) -> Option<Checkpoint> {
    let text = fs::read_to_string(file).ok()?;
    let known = Note::parse(&text).ok().and_then(|note| Checkpoint::parse_body(&note.body).ok());
    if known.is_none() {
        tracing::warn!(file = %file.display(), "the checkpoint beside the keys cannot be read and is made anew");
    }
    known
}

/// Whether a log holds all that is known of it.
pub(crate) fn check(log: &dyn LogStore, origin: &str, file: &Path) -> Result<(), KnownError> {
    let Some(known) = read(file).filter(|known| known.origin == origin) else { return Ok(()) };
    let (size, held) = (known.size, log.size());
    if size > held {
        return Err(KnownError::Older { file: file.to_owned(), known: size, held });
    }
    if root_at(&StoreNodes(log), size).map_err(ReadError::from)? == known.root {
        return Ok(());
    }
    Err(KnownError::Other { file: file.to_owned(), size })
}

/// Keeps a checkpoint. It is not synced: a loss of power may leave an earlier one, which only
/// tells of less.
pub(crate) fn keep(file: &Path, note: &str) -> io::Result<()> {
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir)?;
    }
    let temporary = file.with_extension("new");
    fs::File::create(&temporary)?.write_all(note.as_bytes())?;
    fs::rename(&temporary, file)
}
