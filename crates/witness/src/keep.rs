//! A witness that keeps what it vouches for: every file of the log up to the checkpoint lies in a
//! directory, durable, before the checkpoint is cosigned. It is the second machine of the log.
//!
//! The directory has the layout of an export (tiles, `blobs/`, `blobs/size`, `checkpoint`), so that
//! it can be audited, and a log repaired from it. What its checkpoint covers is never written over.
//! What lies beyond is a draft that the next run goes on from; the checkpoint is written last.
//! Ciphertexts that an entry erases are taken away once that entry is covered, and replaced ones
//! are fetched again until the log has them.

mod folder;
mod index;
mod signed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use verify::audit::Auditor;
use verify::code::{Code, Finding};
use verify::commitments::CommitmentReader;
use verify::source::{LogSource, RawEntry, SourceError};
use verify::tiles::{Fetch, TileLog, blob_path, is_within};

use self::folder::Folder;
use self::index::{Hash, Index, Place};
use self::signed::Signed;
use crate::files::{BoxError, LogFiles};
use crate::keys::WitnessKey;
use crate::note::Checkpoint;
use crate::replay::ReplayError;
use crate::time_rule::TimeRule;

pub use self::folder::FileError;
pub(crate) use self::signed::Mirror;

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

/// A file could be neither read nor fetched and kept.
#[derive(Debug, thiserror::Error)]
enum ThroughError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{0}")]
    Remote(BoxError),
}

/// What is covered is read here; everything else is fetched, and kept before it is looked at.
struct Through<'a> {
    folder: &'a Folder,
    files: &'a dyn LogFiles,
    covered: u64,
}

impl Fetch for &Through<'_> {
    type Error = ThroughError;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, ThroughError> {
        if is_within(path, self.covered)
            && let Some(bytes) = self.folder.read(path)?
        {
            return Ok(Some(bytes));
        }
        let Some(bytes) = self.files.file(path).map_err(ThroughError::Remote)? else {
            return Ok(None);
        };
        self.folder.put(path, &bytes)?;
        Ok(Some(bytes))
    }
}

/// A log that is kept.
pub struct Keep {
    folder: Folder,
    origin: String,
    /// Entries up to the checkpoint that lies there.
    size: u64,
    index: Index,
    /// Ciphertexts that are covered and not there, with their hashes.
    lost: BTreeMap<Place, Hash>,
    /// Ciphertexts that are replaced, and may not be there in their new form yet.
    due: BTreeSet<Place>,
    /// Ciphertexts that are erased and must go.
    gone: BTreeSet<Place>,
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

fn name((index, part): Place) -> String {
    blob_path(index, part)
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
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
        let folder = Folder::open(dir)?;
        let (lost, due, gone) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let (keys, signed) = (Vec::new(), Arc::default());
        let mut keep = Self {
            folder,
            origin: origin.to_owned(),
            size: 0,
            index: Index::default(),
            lost,
            due,
            gone,
            keys,
            signed,
        };
        match keep.folder.read("checkpoint")? {
            None if keep.folder.is_new()? => {}
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
        keep.folder.tidy()?;
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
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Reads what an earlier run has kept, and finds out what is missing or must go.
    fn scan(
        &mut self,
        size: u64,
        root: Hash,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), KeepError> {
        let Self { folder, index, .. } = self;
        let (mut reader, mut absent, mut failed) =
            (CommitmentReader::default(), BTreeMap::new(), None);
        let read = TileLog::new(&*folder, size, root).for_each(&mut |raw| {
            progress(raw.index + 1, size);
            let Some(said) = reader.read(raw.bytes) else {
                return Ok(());
            };
            for (part, hash) in (0..).zip(&said.blobs) {
                match folder.has(&name((raw.index, part))) {
                    Ok(true) => {}
                    Ok(false) => drop(absent.insert((raw.index, part), *hash)),
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
                    dir: folder.dir().to_owned(),
                    finding,
                });
            }
            Err(SourceError::Read(error)) => return Err(error.into()),
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        index.settle();
        absent.retain(|place, _| !index.is_gone(*place));
        let (gone, due) = index
            .places()
            .into_iter()
            .partition(|place| index.is_gone(*place));
        (self.size, self.lost, self.gone, self.due) = (size, absent, gone, due);
        Ok(())
    }

    /// Reads and keeps the tiles up to a checkpoint of this size and root, and hands every entry
    /// that it does not know to the auditor.
    pub(crate) fn take_entries(
        &mut self,
        files: &dyn LogFiles,
        auditor: &mut Auditor,
        (size, root): (u64, Hash),
        times: &TimeRule<'_>,
    ) -> Result<(), ReplayError> {
        let before = self.size;
        if size < before {
            let dir = self.folder.dir().display();
            return Err(ReplayError::Broken(format!(
                "STORE_ROLLED_BACK: {before} entries are kept in {dir}, the checkpoint has {size}"
            )));
        }
        let Self {
            folder, index, due, ..
        } = self;
        index.undo();
        let first = before.min(auditor.size());
        let through = Through {
            folder,
            files,
            covered: before,
        };
        let mut reader = CommitmentReader::default();
        let mut visit = |raw: RawEntry<'_>| {
            if raw.index >= auditor.size() {
                auditor.entry(raw)?;
                times.judge(raw.index, auditor.time())?;
            }
            if raw.index >= before
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

    /// Fetches and keeps the ciphertexts of entries that are new up to a checkpoint of this size
    /// and root, which was found good.
    pub(crate) fn take_ciphertexts(
        &mut self,
        files: &dyn LogFiles,
        size: u64,
        root: Hash,
    ) -> Result<(), ReplayError> {
        let mut reader = CommitmentReader::default();
        let mut failed = None;
        let read = TileLog::new(&self.folder, size, root).for_each_from(self.size, &mut |raw| {
            let said = reader
                .read(raw.bytes)
                .map_or_else(Vec::new, |said| said.blobs);
            let stop = || Finding {
                code: Code::TileMissing,
                index: Some(raw.index),
                detail: "reading was broken off".to_owned(),
            };
            (0..).zip(said).try_for_each(|(part, hash)| {
                self.ciphertext(files, (raw.index, part), hash)
                    .map_err(|error| {
                        failed = Some(error);
                        stop()
                    })
            })
        });
        match (failed, read) {
            (Some(error), _) => return Err(error),
            (None, Ok(())) => {}
            (None, Err(SourceError::Finding(finding))) => return Err(broken(finding)),
            (None, Err(SourceError::Read(error))) => return Err(kept(error)),
        }
        while let Some((place, hash)) = self
            .lost
            .first_key_value()
            .map(|(place, hash)| (*place, *hash))
        {
            self.ciphertext(files, place, hash)?;
            self.lost.remove(&place);
        }
        Ok(())
    }

    /// One ciphertext, in its newest form where the log has it already.
    fn ciphertext(
        &self,
        files: &dyn LogFiles,
        place: Place,
        hash: Hash,
    ) -> Result<(), ReplayError> {
        if self.index.is_gone(place) {
            return Ok(());
        }
        let name = name(place);
        let newest = self.index.newest(place).unwrap_or(hash);
        let is_form = |found: &Hash| *found == hash || self.index.had(place, *found);
        let held = self
            .folder
            .read(&name)
            .map_err(kept)?
            .map(|bytes| sha256(&bytes))
            .filter(is_form);
        if held == Some(newest) {
            self.folder.settle_name(&name);
            return Ok(());
        }
        let bytes = files
            .file(&name)
            .map_err(|error| ReplayError::Missing(error.to_string()))?;
        let found = bytes.as_deref().map(sha256);
        match bytes {
            Some(bytes)
                if found == Some(newest)
                    || (held.is_none() && found.as_ref().is_some_and(is_form)) =>
            {
                self.folder.put(&name, &bytes).map_err(kept)
            }
            // Its erasure is ordered and not carried out yet.
            _ if held.is_some() => {
                self.folder.settle_name(&name);
                Ok(())
            }
            // Or it was erased by an entry behind this checkpoint; the next one tells.
            Some(_) => Err(ReplayError::Missing(format!(
                "BLOB_HASH: {name} is not what entry {} commits to",
                place.0
            ))),
            None => Err(ReplayError::Missing(format!(
                "BLOB_MISSING: there is no {name}, which entry {} commits to",
                place.0
            ))),
        }
    }

    /// Keeps the cosigned checkpoint: everything that it covers is durable on return. What it
    /// erases is taken away, and what it replaces is fetched where the log has it.
    pub(crate) fn seal(
        &mut self,
        files: &dyn LogFiles,
        note: &str,
        (size, time): (u64, u64),
    ) -> Result<(), FileError> {
        self.folder
            .put("blobs/size", format!("{size}\n").as_bytes())?;
        self.folder.flush()?;
        // A mirror signs for what is durable, and not before.
        let signed = self.sign(note, size, time);
        self.folder.put("checkpoint", signed.note.as_bytes())?;
        self.folder.flush()?;
        self.show(signed);
        let before = std::mem::replace(&mut self.size, size);
        self.gone.extend(self.index.settle());
        self.folder.sweep(before, size)?;
        self.remove_gone()?;
        self.renew(files)?;
        self.folder.flush()
    }

    fn remove_gone(&mut self) -> Result<(), FileError> {
        while let Some(place) = self.gone.first().copied() {
            self.folder.remove(&name(place))?;
            self.gone.remove(&place);
        }
        self.folder.flush()
    }

    /// Between an order to erase a value and its carrying out, the log has the old form.
    fn renew(&mut self, files: &dyn LogFiles) -> Result<(), FileError> {
        let mut open = BTreeSet::new();
        for place in std::mem::take(&mut self.due) {
            let Some(newest) = self.index.newest(place) else {
                continue;
            };
            let name = name(place);
            if self
                .folder
                .read(&name)?
                .is_some_and(|bytes| sha256(&bytes) == newest)
            {
                continue;
            }
            match files.file(&name) {
                Ok(Some(bytes)) if sha256(&bytes) == newest => self.folder.put(&name, &bytes)?,
                _ => {
                    tracing::info!(
                        origin = self.origin,
                        name,
                        "an erasure is ordered and not yet carried out"
                    );
                    open.insert(place);
                }
            }
        }
        self.due = open;
        Ok(())
    }
}
