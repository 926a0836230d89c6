//! Keeping a log: before cosigning, the witness stores every file of the log up to the checkpoint
//! and syncs it to disk. It is the second machine of the log.
//!
//! The directory has the layout of an export (tiles, `blobs/`, `blobs/size`, `checkpoint`), so that
//! it can be audited, and a log can be repaired from it. Files that its checkpoint covers are never
//! overwritten. Files beyond it are a draft that the next run continues; the checkpoint is written
//! last. A ciphertext that an entry erases is removed once that entry is covered. One that is
//! replaced is fetched again until the log has the new one.

mod ciphertexts;
mod directory;
mod error;
mod index;
mod signed;

pub use self::error::{FileError, KeepError};
pub(crate) use self::signed::Mirror;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use verify::audit::Auditor;
use verify::code::{Code, Finding};
use verify::commitments::CommitmentReader;
use verify::position::{LogTime, Size};
use verify::source::{LogSource, RawEntry, SourceError};
use verify::tiles::{Fetch, TileLog, is_within};

use self::ciphertexts::name;
use self::directory::Directory;
use self::index::{BlobId, Hash, Index};
use self::signed::Signed;
use crate::files::{BoxError, LogFiles};
use crate::keys::WitnessKey;
use crate::note::Checkpoint;
use crate::replay::ReplayError;
use crate::time_rule::TimeRule;

/// A file could be neither read nor fetched and kept.
#[derive(Debug, thiserror::Error)]
enum ThroughError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{0}")]
    Remote(BoxError),
}

/// Reads covered files from the directory. Every other file is fetched, and stored before it is
/// checked.
struct Through<'a> {
    directory: &'a Directory,
    files: &'a dyn LogFiles,
    covered: Size,
}

impl Fetch for &Through<'_> {
    type Error = ThroughError;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, ThroughError> {
        if is_within(path, self.covered)
            && let Some(bytes) = self.directory.read(path)?
        {
            return Ok(Some(bytes));
        }
        let Some(bytes) = self.files.file(path).map_err(ThroughError::Remote)? else {
            return Ok(None);
        };
        self.directory.put(path, &bytes)?;
        Ok(Some(bytes))
    }
}

/// A log that is kept.
pub struct Keep {
    directory: Directory,
    origin: String,
    /// Entries up to the checkpoint that lies there.
    size: Size,
    index: Index,
    /// Ciphertexts that are covered and not there, with their hashes.
    lost: BTreeMap<BlobId, Hash>,
    /// Ciphertexts that are replaced, and may not be there in their new form yet.
    due: BTreeSet<BlobId>,
    /// Ciphertexts that are erased and must go.
    gone: BTreeSet<BlobId>,
    /// What signs for all that is kept: another statement than that of a witness, by other keys.
    keys: Vec<WitnessKey>,
    signed: Arc<Mutex<Option<Signed>>>,
}

fn kept(error: FileError) -> ReplayError {
    ReplayError::Kept(Box::new(error))
}

fn broken(finding: Finding) -> ReplayError {
    ReplayError::Broken(finding.to_string())
}

/// A file that is not there says nothing of the log's entries; it may come later.
fn unread(error: SourceError<ThroughError>) -> ReplayError {
    match error {
        SourceError::Finding(finding)
            if matches!(finding.code, Code::TileMissing | Code::TileFormat) =>
        {
            ReplayError::Missing(finding.to_string())
        }
        SourceError::Finding(finding) => broken(finding),
        SourceError::Read(ThroughError::Remote(error)) => ReplayError::Missing(error.to_string()),
        SourceError::Read(ThroughError::File(error)) => kept(error),
    }
}

impl Keep {
    /// Opens the directory in which the log `origin` is kept, or is to be kept. What lies there is
    /// read and must lead to its checkpoint. `progress` hears of entries read and to read.
    ///
    /// # Errors
    /// [`KeepError`]; nothing in the directory was changed then.
    pub fn open(
        dir: &Path,
        origin: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, KeepError> {
        let directory = Directory::open(dir)?;
        let (lost, due, gone) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let (keys, signed) = (Vec::new(), Arc::default());
        let mut keep = Self {
            directory,
            origin: origin.to_owned(),
            size: Size::EMPTY,
            index: Index::default(),
            lost,
            due,
            gone,
            keys,
            signed,
        };
        match keep.directory.read("checkpoint")? {
            None if keep.directory.is_new()? => {}
            None => return Err(KeepError::Foreign(dir.to_owned())),
            Some(note) => {
                let checkpoint = std::str::from_utf8(&note).ok().and_then(Checkpoint::parse);
                let checkpoint = checkpoint.ok_or_else(|| KeepError::Checkpoint(dir.to_owned()))?;
                if checkpoint.origin != origin {
                    return Err(KeepError::OtherLog {
                        dir: dir.to_owned(),
                        found: checkpoint.origin,
                        expected: origin.to_owned(),
                    });
                }
                keep.scan(checkpoint.size, checkpoint.root, progress)?;
            }
        }
        keep.directory.tidy()?;
        keep.remove_gone()?;
        Ok(keep)
    }

    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Entries that are kept.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Reads what an earlier run has kept, and finds out what is missing or must go.
    fn scan(
        &mut self,
        size: Size,
        root: Hash,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), KeepError> {
        let Self {
            directory, index, ..
        } = self;
        let (mut reader, mut absent, mut failed) =
            (CommitmentReader::default(), BTreeMap::new(), None);
        let read = TileLog::new(&*directory, size, root).for_each(&mut |raw| {
            progress(raw.index.get() + 1, size.get());
            let Some(said) = reader.read(raw.bytes) else {
                return Ok(());
            };
            for (part, hash) in (0..).zip(&said.blobs) {
                let blob = BlobId {
                    entry: raw.index,
                    part,
                };
                match directory.has(&name(blob)) {
                    Ok(true) => {}
                    Ok(false) => drop(absent.insert(blob, *hash)),
                    Err(error) => failed = Some(error),
                }
            }
            index.add(raw.index, &said);
            Ok(())
        });
        match read {
            Ok(()) => {}
            Err(SourceError::Finding(finding)) => {
                return Err(KeepError::Damaged {
                    dir: directory.dir().to_owned(),
                    finding,
                });
            }
            Err(SourceError::Read(error)) => return Err(error.into()),
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        index.settle();
        absent.retain(|blob, _| !index.is_gone(*blob));
        let (gone, due) = index
            .ordered()
            .into_iter()
            .partition(|blob| index.is_gone(*blob));
        (self.size, self.lost, self.gone, self.due) = (size, absent, gone, due);
        Ok(())
    }

    /// Reads and keeps the tiles up to a checkpoint of this size and root, and hands every entry
    /// that it does not know to the auditor.
    pub(crate) fn take_entries(
        &mut self,
        files: &dyn LogFiles,
        auditor: &mut Auditor,
        (size, root): (Size, Hash),
        times: &TimeRule<'_>,
    ) -> Result<(), ReplayError> {
        let before = self.size;
        if size < before {
            let dir = self.directory.dir().display();
            return Err(ReplayError::Broken(format!(
                "STORE_ROLLED_BACK: {before} entries are kept in {dir}, the checkpoint has {size}"
            )));
        }
        let Self {
            directory,
            index,
            due,
            ..
        } = self;
        index.undo();
        let first = before.min(auditor.size()).next();
        let through = Through {
            directory,
            files,
            covered: before,
        };
        let mut reader = CommitmentReader::default();
        let mut visit = |raw: RawEntry<'_>| {
            if !auditor.size().holds(raw.index) {
                auditor.entry(raw)?;
                times.check(raw.index, auditor.time())?;
            }
            if !before.holds(raw.index)
                && let Some(said) = reader.read(raw.bytes)
            {
                due.extend(index.add(raw.index, &said));
            }
            Ok(())
        };
        TileLog::new(&through, size, root)
            .for_each_from(first, &mut visit)
            .map_err(unread)
    }

    /// Keeps the cosigned checkpoint: everything that it covers is durable on return. What it
    /// erases is taken away, and what it replaces is fetched where the log has it.
    pub(crate) fn seal(
        &mut self,
        files: &dyn LogFiles,
        note: &str,
        (size, time): (Size, LogTime),
    ) -> Result<(), FileError> {
        self.directory
            .put("blobs/size", format!("{size}\n").as_bytes())?;
        self.directory.flush()?;
        // A mirror signs only for files that are durable.
        let signed = self.sign(note, size, time);
        self.directory.put("checkpoint", signed.note.as_bytes())?;
        self.directory.flush()?;
        self.show(signed);
        let before = std::mem::replace(&mut self.size, size);
        self.gone.extend(self.index.settle());
        self.directory.sweep(before, size)?;
        self.remove_gone()?;
        self.renew(files)?;
        self.directory.flush()
    }
}
