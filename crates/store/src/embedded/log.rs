//! The embedded log store: commits go to the journal, look-ups through the index.
//!
//! Lock order: the writer, then healing, then the state. Whatever waits for a medium holds the
//! writer only, so that reads go on; the state is locked for writing only while memory changes.

mod blobs;
mod healing;
mod opening;
mod stop;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use record::hash::{Hash, sha256};
use record::outline::Outline;
use record::signing::PublicKey;
use uuid::Uuid;

use self::healing::Healing;
use self::stop::Stop;
use super::archive::Archive;
use super::frame::{self, Frame, FrameBlob, FrameEntry};
use super::growing::{AppendError, Growing};
use super::index::{Key, Tenant};
use super::places::{Places, SEGMENT_BYTES_MAX};
use super::segment::{SEGMENT_HEADER, Segment};
use super::sled_home::{SledHome, VouchKey};
use super::state::{Fault, State};
use super::{OpenError, OpenReport, checkpoint_file, rebuild, rewrite};
use crate::check;
use crate::disk::{Disk, Held, write_new};
use crate::index_store::{IndexError, IndexHome, MemoryIndexes};
use crate::log_store::{
    ArchiveHead, Batch, BatchFault, BlobChange, BoxError, CommandRow, CommitError,
    INLINE_BYTES_MAX, LogStore, NewBlob, ReadError, StoreHealth, StoredCheckpoint, StoredEntry,
    StoredToken, StreamHead, UnusableReason,
};
use crate::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Where the index is kept.
#[derive(Clone)]
pub enum IndexKind {
    /// On disk, with sled; a later start believes what the key vouches for.
    Sled(VouchKey),
    /// In memory, made anew at every start.
    Memory,
    /// Elsewhere.
    At(Arc<dyn IndexHome>),
}

impl IndexKind {
    fn home(&self, places: &Places) -> Arc<dyn IndexHome> {
        match self {
            Self::Sled(key) => Arc::new(SledHome::new(places.clone(), key.clone())),
            Self::Memory => Arc::new(MemoryIndexes),
            Self::At(home) => Arc::clone(home),
        }
    }
}

/// How to open a log.
#[derive(Clone)]
pub struct Options {
    /// Its directory.
    pub dir: PathBuf,
    /// Municipality code, in front of every key.
    pub tenant: [u8; 4],
    /// Where the index is kept.
    pub index: IndexKind,
    /// Keys that may have signed lists of commands, besides those that the log announces itself.
    pub signers: Vec<PublicKey>,
    /// After a failed attempt to make the index anew, the next is made so much later; after each
    /// further one twice as much, up to a minute.
    pub retry: Duration,
}

impl Options {
    /// The usual pace, and no other signers than those that the log announces.
    #[must_use]
    pub fn new(dir: PathBuf, tenant: [u8; 4], index: IndexKind) -> Self {
        Self {
            dir,
            tenant,
            index,
            signers: Vec::new(),
            retry: Duration::from_secs(1),
        }
    }
}

pub(crate) struct Writer {
    /// The end of the last segment.
    pub(crate) tail: Growing,
}

/// A log in a directory.
pub struct EmbeddedStore {
    disk: Arc<dyn Disk>,
    places: Places,
    tenant: Tenant,
    home: Arc<dyn IndexHome>,
    writer: Mutex<Writer>,
    healing: Mutex<Healing>,
    retry: Duration,
    signers: Vec<PublicKey>,
    state: RwLock<State>,
    /// Apart from the log, under a lock of its own.
    archive: Archive,
    report: OpenReport,
    stop: Stop,
    lock: Box<dyn Held>,
}

impl EmbeddedStore {
    /// Destroys the blobs that belong to no entry: of uploads that were broken off, and of commits
    /// that never came to be. Before the first write, not after it.
    ///
    /// # Errors
    /// [`OpenError::Io`].
    pub fn sweep(&self) -> Result<(), OpenError> {
        if self.stop.reason().is_some() {
            return Ok(());
        }
        rewrite::sweep(&*self.disk, &self.places, self.size())
            .map_err(OpenError::io(&self.places.blobs()))
    }

    /// What was found at opening.
    #[must_use]
    pub fn report(&self) -> &OpenReport {
        &self.report
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to write, as long as nothing speaks against writing at all.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>, CommitError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.stop.reason() {
            return Err(not_written(reason));
        }
        let alone = self.is_alone(&writer).map_err(not_written)?;
        if alone {
            Ok(writer)
        } else {
            Err(not_written(self.stop.because(UnusableReason::LockLost)))
        }
    }

    /// Whether nobody else can have written: the locks lie where they did, and the journal is as
    /// long as this process left it.
    fn is_alone(&self, writer: &Writer) -> std::io::Result<bool> {
        let last = self.state().segments.last().cloned();
        let there = last.map_or(Ok(true), |last| last.file.is_at(&last.path))?;
        Ok(there && self.lock.holds()? && writer.tail.is_as_left()?)
    }

    /// What follows from a write whose outcome nobody knows.
    fn unknown(&self, error: impl Into<BoxError>) -> CommitError {
        self.stop.because(UnusableReason::Poisoned);
        CommitError::Unknown(error.into())
    }

    fn check(&self, writer: &mut Writer, batch: &Batch) -> Result<Vec<Outline>, CommitError> {
        let checked = check::check(&*self.state(), batch);
        match checked {
            Err(CommitError::NotWritten(cause)) if cause.is::<IndexError>() => {
                let number = self.fail_index(&cause.to_string());
                self.heal(writer, number).map_err(not_written)?;
                check::check(&*self.state(), batch)
            }
            other => other,
        }
    }

    /// Puts a blob where it belongs; the files that came to be are added to `files`.
    fn place_blob(
        &self,
        index: u64,
        part: usize,
        blob: NewBlob,
        files: &mut Vec<PathBuf>,
    ) -> Result<FrameBlob, CommitError> {
        let placed = match blob {
            NewBlob::Bytes(bytes) => {
                rewrite::store_blob(&*self.disk, &self.places, index, part, bytes)
                    .map_err(not_written)?
            }
            NewBlob::Staged(hash) => match self.disk.rename(
                &self.places.staged(&hash),
                &self.places.blob(index, part, &hash),
            ) {
                Ok(()) => FrameBlob::File(hash),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(not_written(BatchFault::NotStaged { index }));
                }
                Err(error) => return Err(not_written(error)),
            },
        };
        if let FrameBlob::File(hash) = &placed {
            files.push(self.places.blob(index, part, hash));
        }
        Ok(placed)
    }

    fn make_frame(
        &self,
        batch: Batch,
        outlines: Vec<Outline>,
        files: &mut Vec<PathBuf>,
    ) -> Result<Frame, CommitError> {
        let mut entries = Vec::with_capacity(batch.entries.len());
        for (index, entry) in (batch.first..).zip(batch.entries) {
            let mut blobs = Vec::with_capacity(entry.blobs.len());
            for (part, blob) in entry.blobs.into_iter().enumerate() {
                blobs.push(self.place_blob(index, part, blob, files)?);
            }
            entries.push(FrameEntry {
                bytes: entry.bytes,
                blobs,
            });
        }
        if !files.is_empty() {
            self.disk
                .sync_dir(&self.places.blobs())
                .map_err(not_written)?;
        }
        Ok(Frame {
            first: batch.first,
            entries,
            outlines,
            commands: batch.commands,
            proof: batch.proof,
        })
    }

    /// Writes a batch that was checked.
    fn write(
        &self,
        writer: &mut Writer,
        batch: Batch,
        outlines: Vec<Outline>,
        files: &mut Vec<PathBuf>,
    ) -> Result<(), CommitError> {
        let leaves: Vec<Hash> = batch.entries.iter().map(|entry| entry.leaf).collect();
        let frame = self.make_frame(batch, outlines, files)?;
        let (bytes, places) = frame::encode(&frame).ok_or_else(|| {
            not_written(BatchFault::TooManyBytes {
                bytes: frame::BODY_MAX,
            })
        })?;
        let segment = self.target(writer, bytes.len(), frame.first)?;
        // Once more, behind everything that came between: what is written now can never be taken
        // back.
        let index = {
            let state = self.state();
            if state.known.follows(&frame).is_err() {
                return Err(not_written(
                    self.stop.because(UnusableReason::Contradiction),
                ));
            }
            state.index.room()
        };
        index.make_room();
        let offset = match writer.tail.append(&bytes) {
            Ok(offset) => offset,
            Err(AppendError::NotWritten(error)) => return Err(not_written(error)),
            Err(AppendError::Unknown(error)) => return Err(self.unknown(error)),
        };
        let mut state = self.state_mut();
        let rows = match state
            .known
            .absorb(&frame, &leaves, &places, segment.number, offset)
        {
            Ok(rows) => rows,
            Err(contradiction) => {
                tracing::error!(%contradiction, first = frame.first, "the store contradicts itself and stops");
                self.stop.because(UnusableReason::Contradiction);
                return Err(CommitError::Unknown(Box::new(contradiction)));
            }
        };
        if let Err(error) = state.index.put(rows) {
            tracing::warn!(%error, "the index did not take a batch; it is made anew when it is next asked");
            state.failed.get_or_insert_with(|| error.to_string());
        }
        Ok(())
    }

    /// The segment that takes a frame of this length; a new one when the last is full.
    fn target(
        &self,
        writer: &mut Writer,
        frame_len: usize,
        first: u64,
    ) -> Result<Segment, CommitError> {
        let last = self.state().segments.last().cloned();
        let end = writer.tail.end();
        let fits = end + frame_len as u64 <= SEGMENT_BYTES_MAX || end <= SEGMENT_HEADER;
        if let (Some(last), true) = (&last, fits) {
            return Ok(last.clone());
        }
        // A closed segment holds frames and nothing else.
        writer.tail.trim().map_err(not_written)?;
        if let Some(last) = &last {
            last.file.sync_data().map_err(not_written)?;
        }
        let number = last.map_or(0, |last| last.number + 1);
        let segment = rebuild::begin_segment(&*self.disk, &self.places, number, first)
            .map_err(not_written)?;
        if !segment.file.try_lock().map_err(not_written)? {
            return Err(not_written(self.stop.because(UnusableReason::LockLost)));
        }
        self.state_mut().segments.push(segment.clone());
        writer.tail = Growing::new(Arc::clone(&segment.file), SEGMENT_HEADER);
        Ok(segment)
    }
}

pub(crate) fn not_written(error: impl Into<BoxError>) -> CommitError {
    CommitError::NotWritten(error.into())
}

impl LogStore for EmbeddedStore {
    fn size(&self) -> u64 {
        self.state().known.tally.size
    }

    fn stream_count(&self) -> u64 {
        self.state().known.tally.streams
    }

    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        let outlines = self.check(&mut writer, &batch)?;
        let mut files = Vec::new();
        let written = self.write(&mut writer, batch, outlines, &mut files);
        if let Err(CommitError::NotWritten(_)) = &written {
            // No frame names these files. What cannot be removed now is swept when the store is
            // opened, or overwritten by the next commit.
            for file in files {
                if let Err(error) = self.disk.remove(&file) {
                    tracing::warn!(%error, "a blob of a batch that was not written stays for now");
                }
            }
        }
        written
    }

    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        if let Some(reason) = self.stop.reason() {
            return Err(not_written(reason));
        }
        if lies_in_frame(&blob) {
            return Ok(NewBlob::Bytes(blob));
        }
        let hash = sha256(&blob);
        if let Err(error) = write_new(&*self.disk, &self.places.staged(&hash), &blob) {
            // Half a blob would take room on a disk that may be full.
            self.unstage(&NewBlob::Staged(hash))?;
            return Err(not_written(error));
        }
        Ok(NewBlob::Staged(hash))
    }

    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        let NewBlob::Staged(hash) = blob else {
            return Ok(());
        };
        match self.disk.remove(&self.places.staged(hash)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(not_written(error)),
            _ => Ok(()),
        }
    }

    fn blob(&self, index: u64, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        let mut failed = None;
        // Twice, because the blob may be destroyed between looking it up and reading its file,
        // which happens outside the lock.
        for _ in 0..2 {
            match self.look(|state| state.blob(index, part))? {
                None | Some(FrameBlob::Destroyed) => return Ok(None),
                Some(FrameBlob::Inline(blob)) => return Ok(Some(blob)),
                Some(FrameBlob::File(hash)) => {
                    match rewrite::read_blob(&*self.disk, &self.places, index, part, &hash) {
                        Ok(blob) => return Ok(Some(blob)),
                        Err(error) => failed = Some(error),
                    }
                }
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError> {
        self.look(|state| state.stored(index))
    }

    fn leaf(&self, index: u64) -> Result<Option<Hash>, ReadError> {
        self.look(|state| {
            if index < state.known.tally.size {
                state.node(0, index).map(Some)
            } else {
                Ok(None)
            }
        })
    }

    fn root(&self) -> Result<(u64, Hash), ReadError> {
        let state = self.state();
        let corrupt = || ReadError::Corrupt {
            file: "journal".to_owned(),
            offset: 0,
            what: "what is known of it contradicts itself",
        };
        let root = state.known.tally.root().ok_or_else(corrupt)?;
        Ok((state.known.tally.size, root))
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.look(|state| state.node(level, index))
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        Ok(self.state().head(stream))
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.look(|state| {
            let ordinals = (from_ordinal..state.known.tally.streams).take(limit);
            ordinals
                .map(|ordinal| {
                    let stream = state
                        .index
                        .uuid(&Key::Ordinal(ordinal))?
                        .ok_or(Fault::Drift)?;
                    state.head(stream).ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        self.look(|state| {
            let newest = state.known.paged.head(stream).map_or(0, |head| head.seq);
            (from_seq.max(1)..=newest)
                .take(limit)
                .map(|seq| {
                    let index = state
                        .known
                        .paged
                        .sequence(&state.index, stream, seq)?
                        .ok_or(Fault::Drift)?;
                    state.stored_in(index, stream, seq)?.ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<u64>, ReadError> {
        self.look(|state| {
            let found = state.index.number(&Key::Event(event_id))?;
            if found.is_some_and(|index| index >= state.known.tally.size) {
                Err(Fault::Drift)
            } else {
                Ok(found)
            }
        })
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        let decode = |bytes: &[u8]| {
            let (mac, rest) = bytes.split_first_chunk::<32>()?;
            let (first, count) = rest.split_first_chunk::<8>()?;
            let count = u32::from_be_bytes(count.try_into().ok()?);
            Some(CommandRow {
                id,
                input_mac: *mac,
                first: u64::from_be_bytes(*first),
                count,
            })
        };
        self.look(|state| Ok(state.index.read(&Key::Command(id), decode)?))
    }

    fn erasing_entries(&self) -> Result<Vec<u64>, ReadError> {
        self.look(|state| {
            (0..state.known.tally.erasing)
                .map(|number| {
                    state
                        .index
                        .number(&Key::Erasing(number))?
                        .ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.state().checkpoint.clone())
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        // Nothing else is written meanwhile, so what is checked here still holds when it is stored.
        let _writer = self.writer()?;
        let (size, stored) = {
            let state = self.state();
            (state.known.tally.clone(), state.checkpoint.clone())
        };
        check::checkpoint(size.size, stored.as_ref(), checkpoint)?;
        let stated = record::checkpoint::Checkpoint::of_note(&checkpoint.note);
        if stated.is_some_and(|stated| stated.size == size.size && Some(stated.root) != size.root())
        {
            tracing::error!(
                size = checkpoint.size,
                "a checkpoint states another tree than the one that was committed; the store stops"
            );
            return Err(not_written(
                self.stop.because(UnusableReason::Contradiction),
            ));
        }
        let path = self.places.checkpoint();
        rewrite::replace_file(
            &*self.disk,
            &path,
            checkpoint_file::encode(checkpoint).as_bytes(),
        )?;
        self.state_mut().checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        check::archivable(self.size(), kept.size, kept.note.as_bytes())?;
        self.archive.keep(&*self.disk, kept)
    }

    fn first_token(&self, above: u64) -> Result<Option<StoredToken>, ReadError> {
        self.archive.first_token(above)
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        self.archive.head()
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        self.archive.link(count)
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.archive.mark(known)
    }

    fn first_archived(&self, above: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive.first(above)
    }

    fn last_archived(&self, at_most: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive.last(at_most)
    }

    fn archive_token(&self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        check::archivable(self.size(), size, token)?;
        self.archive.keep_token(size, token)
    }

    fn tokens(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        self.archive.tokens(from_size)
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        for change in changes {
            let entry = self
                .look_under(&mut writer, |state| state.stored(change.index))
                .map_err(not_written)?;
            check::blob_exists(change, entry.map_or(0, |entry| entry.blobs.len()))?;
        }
        self.rewrite_blobs(&mut writer, changes)
    }

    fn distrust(&self) -> Result<(), ReadError> {
        tracing::warn!("INDEX_DRIFT: the index contradicts the record and is made anew");
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.fail_index("INDEX_DRIFT: it contradicts the record");
        self.heal(&mut writer, number)
    }

    fn health(&self) -> StoreHealth {
        StoreHealth {
            unusable: self.stop.reason(),
            index: self
                .state()
                .failed
                .clone()
                .or_else(|| self.report.index.clone()),
        }
    }

    fn close(&self) -> Result<(), ReadError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.reason().is_some() {
            return Ok(());
        }
        self.stop.because(UnusableReason::Closed);
        let archived = self
            .archive
            .close()
            .map_err(|error| ReadError::Failed(Box::new(error)));
        let trimmed = writer
            .tail
            .trim()
            .map_err(|error| ReadError::Failed(Box::new(error)));
        trimmed.and(archived)?;
        // The record is durable and whole without it: the next start makes it anew.
        if let Err(error) = self.close_index(&writer) {
            tracing::warn!(%error, "the index could not be put in order and is made anew at the next start");
        }
        Ok(())
    }
}

/// A blob that is short enough lies in the frame.
pub(crate) const fn lies_in_frame(blob: &[u8]) -> bool {
    blob.len() <= INLINE_BYTES_MAX
}
