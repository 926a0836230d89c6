//! A log opened for reading only: no lock, no index, nothing cut, nothing changed. For audits.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::frame::FrameBlob;
use super::places::Places;
use super::segment::{self, Segment};
use super::{OpenError, checkpoint_file};
use crate::disk::{Disk, read_all};
use crate::log_store::StoredCheckpoint;

/// The journal of a log.
pub struct ReadOnly {
    disk: Arc<dyn Disk>,
    pub(super) places: Places,
    checkpoint: Option<StoredCheckpoint>,
    pub(super) segments: Vec<Segment>,
}

/// An entry as the journal holds it. Blobs are given as they are found; comparing them with what
/// the entry commits to is the auditor's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Place in the log.
    pub index: u64,
    /// The entry.
    pub bytes: Vec<u8>,
    /// Its blobs; none where one is not there.
    pub blobs: Vec<Option<Vec<u8>>>,
}

/// What ends a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tail {
    /// Entries read.
    pub entries: u64,
    /// Bytes behind the last good frame, which opening for writing would cut off.
    pub torn_bytes: u64,
}

impl ReadOnly {
    /// Opens a log.
    ///
    /// # Errors
    /// [`OpenError`], also when there is no journal.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, OpenError> {
        let places = Places::new(dir);
        let checkpoint = checkpoint_file::read(&*disk, &places.checkpoint())?;
        let numbers = segment::numbers(&*disk, &places)?;
        if numbers.is_empty() {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no journal here");
            return Err(OpenError::Io { path: places.journal(), source });
        }
        let segments = numbers.iter().map(|number| Segment::open(&*disk, &places, *number, false)).collect::<Result<_, _>>()?;
        Ok(Self { disk, places, checkpoint, segments })
    }

    /// The stored checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<&StoredCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// Length of the journal, in bytes.
    ///
    /// # Errors
    /// [`OpenError::Io`].
    pub fn bytes(&self) -> Result<u64, OpenError> {
        self.segments.iter().map(|segment| segment.file.len().map_err(OpenError::io(&segment.path))).sum()
    }

    /// Hands every entry to `visit` in log order, until it breaks off.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] for damage that is no torn end; [`OpenError::Io`].
    pub fn for_each(&self, visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>) -> Result<Tail, OpenError> {
        self.pass(true, visit)
    }

    /// The same without their blobs, which are not read.
    ///
    /// # Errors
    /// As [`ReadOnly::for_each`].
    pub fn for_each_bare(&self, visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>) -> Result<Tail, OpenError> {
        self.pass(false, visit)
    }

    fn pass(&self, with_blobs: bool, visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>) -> Result<Tail, OpenError> {
        let checkpointed = self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let mut next = 0;
        let mut tail = Tail::default();
        let mut stopped = false;
        for (place, segment) in self.segments.iter().enumerate() {
            let end = segment.scan(&mut next, &mut |placed| {
                for (index, entry) in (placed.frame.first..).zip(placed.frame.entries) {
                    if stopped {
                        break;
                    }
                    let blobs = entry.blobs.iter().enumerate().filter(|_| with_blobs);
                    let blobs = blobs.map(|(part, blob)| self.blob(index, part, blob)).collect::<Result<_, _>>()?;
                    stopped = visit(JournalEntry { index, bytes: entry.bytes, blobs }).is_break();
                    tail.entries = index + 1;
                }
                Ok(())
            })?;
            if stopped {
                return Ok(tail);
            }
            tail.torn_bytes = segment.judge(end, place + 1 == self.segments.len(), next, checkpointed)?.unwrap_or(0);
        }
        match self.segments.last() {
            Some(last) if next < checkpointed => {
                let end = last.file.len().map_err(OpenError::io(&last.path))?;
                Err(last.corrupt(end, "the journal ends before the stored checkpoint"))
            }
            _ => Ok(tail),
        }
    }

    fn blob(&self, index: u64, part: usize, blob: &FrameBlob) -> Result<Option<Vec<u8>>, OpenError> {
        match blob {
            FrameBlob::Destroyed => Ok(None),
            FrameBlob::Inline(blob) => Ok(Some(blob.clone())),
            FrameBlob::File(hash) => {
                let path = self.places.blob(index, part, hash);
                match read_all(&*self.disk, &path) {
                    Ok(bytes) => Ok(Some(bytes)),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(OpenError::io(&path)(error)),
                }
            }
        }
    }
}
