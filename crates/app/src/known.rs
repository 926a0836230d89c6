//! What is known of a log apart from its own directory: size and root of its latest checkpoint,
//! kept beside the keys, and what the municipality's other log says of it. A data directory that was
//! replaced by an older copy is told by the first, one log of the two by the second.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use record::checkpoint::Checkpoint;
use record::entry::{Anchor, Entry, parse};
use record::proof::root_at;
use store::disk::RealDisk;
use store::embedded::read_only::ReadOnly;
use store::log_store::LogStore;

use crate::error::{BoxError, ReadError};
use crate::layout::Layout;
use crate::tip::StoreNodes;

/// The log is not the one that is known.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// It is an older copy.
    #[error(
        "STORE_ROLLED_BACK: {by} knows {known} entries of this log, but only {held} lie here: an older copy was put back, or the newest \
         files are missing. Nothing was written. `sagsspor repair --from COPY` brings back what is missing from a newer copy or from \
         exported tiles (docs/operating.md, \"Repair\")"
    )]
    Older {
        /// Where it is kept: a file, or the other log.
        by: String,
        /// How many entries are known.
        known: u64,
        /// How many there are.
        held: u64,
    },
    /// It has another past.
    #[error("FORK: {by} knows other {size} entries of this log than those that lie here; nothing was written")]
    Other {
        /// Where it is kept: a file, or the other log.
        by: String,
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
    let known = Checkpoint::of_note(&text);
    if known.is_none() {
        tracing::warn!(file = %file.display(), "the checkpoint beside the keys cannot be read and is made anew");
    }
    known
}

/// What the newest heads entry of the log in a directory says of another log.
fn said(dir: &Path, origin: &str) -> Result<Option<Anchor>, BoxError> {
    if !dir.join("journal").is_dir() {
        return Ok(None);
    }
    let log = ReadOnly::open(Arc::new(RealDisk::default()), dir)?;
    let Some(bytes) = log.last_checkpointed()? else { return Ok(None) };
    let Entry::Heads(heads) = parse(&bytes)?.entry else { return Ok(None) };
    Ok(heads.anchors.into_iter().find(|anchor| anchor.origin == origin))
}

/// Whether a log holds all that is known of it. What cannot be read says nothing: the other log
/// refuses for itself to be opened.
pub(crate) fn check(log: &dyn LogStore, layout: &Layout) -> Result<(), KnownError> {
    let (origin, file, sister) = (layout.origin(), layout.known_file(), layout.sister());
    if let Some(known) = read(&file).filter(|known| known.origin == origin) {
        hold(log, &known, &file.display().to_string())?;
    }
    match said(&sister.log_dir(), &origin) {
        Ok(None) => Ok(()),
        Ok(Some(Anchor { size, origin, root })) => hold(log, &Checkpoint { origin, size, root }, &format!("the log {}", sister.origin())),
        Err(error) => {
            tracing::warn!(%error, log = sister.origin(), "what the other log says of this one could not be read");
            Ok(())
        }
    }
}

fn hold(log: &dyn LogStore, known: &Checkpoint, by: &str) -> Result<(), KnownError> {
    let (size, held, by) = (known.size, log.size(), by.to_owned());
    if size > held {
        return Err(KnownError::Older { by, known: size, held });
    }
    if root_at(&StoreNodes(log), size).map_err(ReadError::from)? == known.root {
        return Ok(());
    }
    Err(KnownError::Other { by, size })
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
