//! A log opened for reading only: no lock, no index, nothing cut, nothing changed. For audits.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use record::commands::CommandJudge;
use record::positions::{LogIndex, Size};
use record::signing::PublicKey;

use super::archive::Archive;
use super::frame::{Frame, FrameBlob};
use super::places::Places;
use super::rebuild;
use super::segment::{self, SEGMENT_HEADER, Segment};
use super::{checkpoint_file, format_file};
use crate::backend::opening::OpenError;
use crate::backend::view::{
    Archived, ArchivedRecord, CommittedBatch, JournalEntry, Reading, Tail, UNPROVEN,
};
use crate::disk::{Disk, read_all};
use crate::log_store::{CommandProof, CommandRow, StoredCheckpoint};

/// The journal of a log.
pub struct ReadOnly {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) places: Places,
    checkpoint: Option<StoredCheckpoint>,
    pub(super) segments: Vec<Segment>,
    /// Whether the journal may end before the stored checkpoint.
    behind: bool,
    /// Whether the signatures under commands are checked.
    judging: bool,
    /// Keys that may have signed commands, besides those that the log announces.
    signers: Vec<PublicKey>,
}

/// What one commit wrote, as the journal holds it. Blobs are read when they are asked for.
pub struct JournalBatch<'a> {
    log: &'a ReadOnly,
    frame: &'a Frame,
}

impl JournalBatch<'_> {
    /// Index of its first entry.
    #[must_use]
    pub const fn first(&self) -> LogIndex {
        self.frame.first
    }

    /// How many entries it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.frame.entries.len()
    }

    /// Whether it has none, which no commit ever has.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.frame.entries.is_empty()
    }

    /// An entry, counted within the batch.
    #[must_use]
    pub fn entry(&self, number: usize) -> Option<&[u8]> {
        self.frame
            .entries
            .get(number)
            .map(|entry| entry.bytes.as_slice())
    }

    /// How many blobs an entry has or had.
    #[must_use]
    pub fn blob_count(&self, number: usize) -> usize {
        self.frame
            .entries
            .get(number)
            .map_or(0, |entry| entry.blobs.len())
    }

    /// A blob of an entry; `None` where it was destroyed or is missing.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    pub fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, OpenError> {
        let blob = self
            .frame
            .entries
            .get(number)
            .and_then(|entry| entry.blobs.get(part));
        let index = self.frame.first.plus(number as u64);
        index
            .zip(blob)
            .map_or(Ok(None), |(index, blob)| self.log.blob(index, part, blob))
    }

    /// The commands that it carried out.
    #[must_use]
    pub fn commands(&self) -> &[CommandRow] {
        &self.frame.commands
    }

    /// The signature under its commands.
    #[must_use]
    pub const fn proof(&self) -> Option<&CommandProof> {
        self.frame.proof.as_ref()
    }
}

impl CommittedBatch for JournalBatch<'_> {
    fn first(&self) -> LogIndex {
        JournalBatch::first(self)
    }

    fn len(&self) -> usize {
        JournalBatch::len(self)
    }

    fn entry(&self, number: usize) -> Option<&[u8]> {
        JournalBatch::entry(self, number)
    }

    fn blob_count(&self, number: usize) -> usize {
        JournalBatch::blob_count(self, number)
    }

    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, OpenError> {
        JournalBatch::blob(self, number, part)
    }

    fn commands(&self) -> &[CommandRow] {
        JournalBatch::commands(self)
    }

    fn proof(&self) -> Option<&CommandProof> {
        JournalBatch::proof(self)
    }
}

impl ReadOnly {
    /// Opens a log.
    ///
    /// # Errors
    /// [`OpenError::Io`] if there is no journal or the medium does not answer;
    /// [`OpenError::Corrupt`] if the stored checkpoint cannot be read or a segment is missing.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, OpenError> {
        let places = Places::new(dir);
        let checkpoint = checkpoint_file::read(&*disk, &places.checkpoint())?;
        let numbers = segment::numbers(&*disk, &places)?;
        if numbers.is_empty() {
            let source =
                std::io::Error::new(std::io::ErrorKind::NotFound, "there is no journal here");
            return Err(OpenError::Io {
                place: places.journal().display().to_string(),
                source,
            });
        }
        let segments = numbers
            .iter()
            .map(|number| Segment::open(&*disk, &places, *number, false))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            disk,
            places,
            checkpoint,
            segments,
            behind: false,
            judging: false,
            signers: Vec::new(),
        })
    }

    /// Reads also a journal that ends before the stored checkpoint, as far as it goes.
    #[must_use]
    pub fn behind(self) -> Self {
        Self {
            behind: true,
            ..self
        }
    }

    /// Checks the signatures under the commands while everything is read, by the keys that the log
    /// announces. A directory of the first form has none.
    #[must_use]
    pub fn judging(self) -> Self {
        Self {
            judging: true,
            ..self
        }
    }

    /// Knows keys that may have signed commands, besides those that the log announces.
    #[must_use]
    pub fn trusting(self, signers: Vec<PublicKey>) -> Self {
        Self { signers, ..self }
    }

    /// Reads it as the port says.
    pub(crate) fn reading(self, reading: Reading) -> Self {
        let Reading {
            behind,
            checks_commands: judging,
            signers,
        } = reading;
        Self {
            behind,
            judging,
            signers,
            ..self
        }
    }

    /// The form of the directory: 1 has nothing that vouches for its commands.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if the directory does not say; [`OpenError::Io`] if the medium does
    /// not answer.
    pub fn form(&self) -> Result<u32, OpenError> {
        Ok(format_file::read(&*self.disk, &self.places)?.unwrap_or(format_file::FORMAT))
    }

    /// What was archived.
    ///
    /// # Errors
    /// As [`ReadOnly::for_each_archived`].
    pub fn archived(&self) -> Result<Archived, OpenError> {
        let mut records = Vec::new();
        let latest = self.for_each_archived(&mut |record| {
            records.push(record);
            true
        })?;
        Ok(Archived { records, latest })
    }

    /// Hands out the records of the archive in their order, one at a time, until `visit` answers
    /// no. Answers the latest note of the largest size, where it is not kept for good yet.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if a good record follows a damaged one; [`OpenError::Io`] if the
    /// medium does not answer.
    pub fn for_each_archived(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<Option<StoredCheckpoint>, OpenError> {
        let Some(archive) = Archive::read_only(&*self.disk, &self.places)? else {
            return Ok(None);
        };
        archive.for_each(visit)?;
        Ok(archive.latest_note())
    }

    /// The stored checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<&StoredCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// Length of the journal, in bytes.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    pub fn bytes(&self) -> Result<u64, OpenError> {
        self.segments
            .iter()
            .map(|segment| segment.file.len().map_err(OpenError::io(&segment.path)))
            .sum()
    }

    /// One entry, which is looked for in its segment only; `None` beyond the end.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer. Damage in front of the entry reads as the
    /// end of the log.
    pub fn entry(&self, index: LogIndex) -> Result<Option<Vec<u8>>, OpenError> {
        for segment in self.segments.iter().rev() {
            let mut next = segment.first().map_err(OpenError::io(&segment.path))?;
            if next > index {
                continue;
            }
            let mut found = None;
            segment.scan(&mut next, &mut |placed| {
                let within = index.offset_from(placed.frame.first);
                if let Some(entry) = within.and_then(|within| placed.frame.entries.get(within)) {
                    found = Some(entry.bytes.clone());
                }
                Ok(())
            })?;
            return Ok(found);
        }
        Ok(None)
    }

    /// The newest entry that `accept` takes; `None` if it takes none. Whether a checkpoint covers
    /// the entry is not asked: a stored checkpoint can be removed, or put back as it was earlier.
    ///
    /// # Errors
    /// As [`ReadOnly::entry`].
    pub fn newest(&self, accept: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>, OpenError> {
        for segment in self.segments.iter().rev() {
            // A segment that was just begun may hold nothing yet, not even its header.
            if segment.file.len().map_err(OpenError::io(&segment.path))? < SEGMENT_HEADER {
                continue;
            }
            let mut next = segment.first().map_err(OpenError::io(&segment.path))?;
            let mut found = None;
            segment.scan(&mut next, &mut |placed| {
                if let Some(entry) = placed
                    .frame
                    .entries
                    .iter()
                    .rev()
                    .find(|entry| accept(&entry.bytes))
                {
                    found = Some(entry.bytes.clone());
                }
                Ok(())
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Hands every entry to `visit` in log order, until it breaks off.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] for damage that is no torn end, for a journal that ends before the
    /// stored checkpoint, and for commands that nobody known signed where that is checked;
    /// [`OpenError::Io`] if the medium does not answer.
    pub fn for_each(
        &self,
        visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>,
    ) -> Result<Tail, OpenError> {
        self.pass(true, visit)
    }

    /// The same without their blobs, which are not read.
    ///
    /// # Errors
    /// As [`ReadOnly::for_each`].
    pub fn for_each_bare(
        &self,
        visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>,
    ) -> Result<Tail, OpenError> {
        self.pass(false, visit)
    }

    fn pass(
        &self,
        with_blobs: bool,
        visit: &mut dyn FnMut(JournalEntry) -> ControlFlow<()>,
    ) -> Result<Tail, OpenError> {
        self.for_each_batch(&mut |batch| {
            for (number, index) in (0..batch.len()).zip(batch.first().and_behind()) {
                let bytes = batch.entry(number).unwrap_or_default().to_vec();
                let parts = if with_blobs {
                    batch.blob_count(number)
                } else {
                    0
                };
                let blobs = (0..parts)
                    .map(|part| batch.blob(number, part))
                    .collect::<Result<_, _>>()?;
                if visit(JournalEntry {
                    index,
                    bytes,
                    blobs,
                })
                .is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Hands everything to `visit` as it was committed, with the commands, until it breaks off.
    ///
    /// # Errors
    /// As [`ReadOnly::for_each`].
    pub fn for_each_batch(
        &self,
        visit: &mut dyn FnMut(&JournalBatch<'_>) -> Result<ControlFlow<()>, OpenError>,
    ) -> Result<Tail, OpenError> {
        let checkpointed = if self.behind {
            Size::EMPTY
        } else {
            self.checkpoint
                .as_ref()
                .map_or(Size::EMPTY, |checkpoint| checkpoint.size)
        };
        let mut next = LogIndex::FIRST;
        let mut tail = Tail::default();
        let mut stopped = false;
        let mut judge = CommandJudge::knowing(self.signers.clone());
        for (place, segment) in self.segments.iter().enumerate() {
            let judged = self.judging && !segment.is_old().map_err(OpenError::io(&segment.path))?;
            let end = segment.scan(&mut next, &mut |placed| {
                if stopped {
                    return Ok(());
                }
                if judged {
                    rebuild::judged(&mut judge, segment, &placed)?;
                }
                let batch = JournalBatch {
                    log: self,
                    frame: &placed.frame,
                };
                stopped = visit(&batch)?.is_break();
                tail.entries = batch.first().size_after(batch.len() as u64);
                Ok(())
            })?;
            if stopped {
                return Ok(tail);
            }
            tail.torn_bytes = segment
                .judge(
                    end,
                    place + 1 == self.segments.len(),
                    next.size_before(),
                    checkpointed,
                )?
                .unwrap_or(0);
        }
        match self.segments.last() {
            Some(last) if next.size_before() < checkpointed => {
                let end = last.file.len().map_err(OpenError::io(&last.path))?;
                Err(last.corrupt(end, "the journal ends before the stored checkpoint"))
            }
            Some(last) if judge.end().is_err() => Err(last.corrupt(0, UNPROVEN)),
            _ => Ok(tail),
        }
    }

    fn blob(
        &self,
        index: LogIndex,
        part: usize,
        blob: &FrameBlob,
    ) -> Result<Option<Vec<u8>>, OpenError> {
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
