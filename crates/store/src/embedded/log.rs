//! The embedded log store: commits go to the journal, look-ups through the index.
//!
//! Lock order: the writer before the state. A commit syncs while it holds the writer only, so
//! that reads go on.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use record::hash::{Hash, sha256};
use uuid::Uuid;

use super::archive::Archive;
use super::frame::{self, Frame, FrameBlob, FrameEntry};
use super::growing::{AppendError, Growing};
use super::index::{IndexError, Key, Tenant};
use super::places::{Places, SEGMENT_BYTES_MAX};
use super::rebuild;
use super::segment::{SEGMENT_HEADER, Segment};
use super::state::{Fault, State};
use super::{OpenError, OpenReport, checkpoint_file, rewrite};
use crate::check;
use crate::disk::{Disk, Held, write_new};
use crate::log_store::{
    ArchiveHead, Batch, BatchFault, BlobChange, BoxError, CommandRow, CommitError, INLINE_BYTES_MAX, LogStore, NewBlob, ReadError,
    StoredCheckpoint, StoredEntry, StoredToken, StreamHead, UnusableReason,
};

/// Where the index is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// On disk, with sled.
    Sled,
    /// In memory, made anew at every start: for simulated disks.
    Memory,
}

/// How to open a log.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its directory.
    pub dir: PathBuf,
    /// Municipality code, in front of every key.
    pub tenant: [u8; 4],
    /// Where the index is kept.
    pub index: IndexKind,
}

pub(crate) struct Writer {
    /// The end of the last segment.
    pub(crate) tail: Growing,
    pub(crate) unusable: Option<UnusableReason>,
}

/// A log in a directory.
pub struct EmbeddedStore {
    disk: Arc<dyn Disk>,
    places: Places,
    tenant: Tenant,
    kind: IndexKind,
    writer: Mutex<Writer>,
    state: RwLock<State>,
    /// Apart from the log, under a lock of its own.
    archive: Mutex<Archive>,
    report: OpenReport,
    closed: AtomicBool,
    _lock: Box<dyn Held>,
}

impl EmbeddedStore {
    /// Opens a log, or begins a new one. `progress` hears of bytes done and to do while the index
    /// is made anew.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed then, except that a lock file may exist.
    pub fn open(disk: Arc<dyn Disk>, options: &Options, progress: &mut dyn FnMut(u64, u64)) -> Result<Self, OpenError> {
        let store = Self::open_unswept(disk, options, progress)?;
        store.sweep()?;
        Ok(store)
    }

    /// Opens a log without destroying what belongs to none of its entries: in a store that was
    /// rolled back that may be what later entries need. [`EmbeddedStore::sweep`] does it.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn open_unswept(disk: Arc<dyn Disk>, options: &Options, progress: &mut dyn FnMut(u64, u64)) -> Result<Self, OpenError> {
        Self::open_as(disk, options, None, progress)
    }

    /// Opens a log that is behind what is known of it, so that what is missing can be brought back
    /// from a copy; for nothing else. `announced` is what it will lead to: it takes the place of a
    /// smaller stored checkpoint first, so that the log is refused by [`EmbeddedStore::open`] until
    /// all of it is there.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_behind(
        disk: Arc<dyn Disk>,
        options: &Options,
        announced: &StoredCheckpoint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let store = Self::open_as(disk, options, Some(announced), progress)?;
        store.sweep()?;
        Ok(store)
    }

    fn open_as(
        disk: Arc<dyn Disk>,
        options: &Options,
        announced: Option<&StoredCheckpoint>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let places = Places::new(&options.dir);
        for dir in [places.dir().to_owned(), places.journal(), places.blobs()] {
            disk.create_dir_all(&dir).map_err(OpenError::io(&dir))?;
        }
        let lock_path = places.lock();
        let lock = disk.lock(&lock_path).map_err(OpenError::io(&lock_path))?;
        let lock = lock.ok_or_else(|| OpenError::InUse { dir: places.dir().to_owned() })?;
        let mut checkpoint = checkpoint_file::read(&*disk, &places.checkpoint())?;
        if let Some(announced) = announced.filter(|announced| checkpoint.as_ref().is_none_or(|known| known.size < announced.size)) {
            let path = places.checkpoint();
            rewrite::replace_file(&*disk, &path, checkpoint_file::encode(announced).as_bytes())
                .map_err(|error| OpenError::io(&path)(std::io::Error::other(error)))?;
            checkpoint = Some(announced.clone());
        }
        let known = if announced.is_some() { None } else { checkpoint.clone() };
        let mut opened = rebuild::open(&*disk, &places, options, known, progress)?;
        opened.state.checkpoint = checkpoint;
        let size = opened.state.tally.size;
        let archive = Archive::open(&*disk, &places, if announced.is_some() { u64::MAX } else { size })?;
        Ok(Self {
            disk,
            places,
            archive: Mutex::new(archive),
            tenant: options.tenant,
            kind: options.index,
            writer: Mutex::new(Writer { tail: opened.tail, unusable: None }),
            state: RwLock::new(opened.state),
            report: opened.report,
            closed: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// Destroys the blobs that belong to no entry: of uploads that were broken off, and of commits
    /// that never came to be. Before the first write, not after it.
    ///
    /// # Errors
    /// [`OpenError::Io`].
    pub fn sweep(&self) -> Result<(), OpenError> {
        rewrite::sweep(&*self.disk, &self.places, self.size()).map_err(OpenError::io(&self.places.blobs()))
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

    fn archive(&self) -> MutexGuard<'_, Archive> {
        self.archive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, CommitError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.unusable {
            None => Ok(writer),
            Some(reason) => Err(not_written(reason)),
        }
    }

    /// Looks something up; if the index fails or contradicts the journal, makes it anew and
    /// looks again.
    fn look<T>(&self, look: impl Fn(&State) -> Result<T, Fault>) -> Result<T, ReadError> {
        match look(&self.state()) {
            Ok(found) => return Ok(found),
            Err(Fault::Read(error)) => return Err(error),
            Err(Fault::Index(error)) => tracing::warn!(%error, "the index failed and is made anew"),
            Err(Fault::Drift) => tracing::warn!("INDEX_DRIFT: the index contradicts the journal and is made anew"),
        }
        self.remake_index()?;
        match look(&self.state()) {
            Ok(found) => Ok(found),
            Err(Fault::Read(error)) => Err(error),
            Err(Fault::Index(error)) => Err(ReadError::Failed(Box::new(error))),
            Err(Fault::Drift) => Err(ReadError::Corrupt { file: "index".to_owned(), offset: 0, what: "contradicts the journal" }),
        }
    }

    fn remake_index(&self) -> Result<(), ReadError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(ReadError::Failed(Box::new(UnusableReason::Closed)));
        }
        let mut state = self.state_mut();
        rebuild::remake(&*self.disk, &self.places, self.tenant, self.kind, &mut state).map_err(|error| match error {
            OpenError::Corrupt { file, offset, what } => ReadError::Corrupt { file: file.display().to_string(), offset, what },
            other => ReadError::Failed(Box::new(other)),
        })
    }

    fn check(&self, batch: &Batch) -> Result<(), CommitError> {
        let checked = check::check(&*self.state(), batch);
        match checked {
            Err(CommitError::NotWritten(cause)) if cause.is::<IndexError>() => {
                self.remake_index().map_err(not_written)?;
                check::check(&*self.state(), batch)
            }
            other => other,
        }
    }

    /// Puts a blob where it belongs; the files that came to be are added to `files`.
    fn place_blob(&self, index: u64, part: usize, blob: NewBlob, files: &mut Vec<PathBuf>) -> Result<FrameBlob, CommitError> {
        let placed = match blob {
            NewBlob::Bytes(bytes) => rewrite::store_blob(&*self.disk, &self.places, index, part, bytes).map_err(not_written)?,
            NewBlob::Staged(hash) => match self.disk.rename(&self.places.staged(&hash), &self.places.blob(index, part, &hash)) {
                Ok(()) => FrameBlob::File(hash),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(not_written(BatchFault::NotStaged { index })),
                Err(error) => return Err(not_written(error)),
            },
        };
        if let FrameBlob::File(hash) = &placed {
            files.push(self.places.blob(index, part, hash));
        }
        Ok(placed)
    }

    fn make_frame(&self, batch: Batch, files: &mut Vec<PathBuf>) -> Result<Frame, CommitError> {
        let mut entries = Vec::with_capacity(batch.entries.len());
        for (index, entry) in (batch.first..).zip(batch.entries) {
            let mut blobs = Vec::with_capacity(entry.blobs.len());
            for (part, blob) in entry.blobs.into_iter().enumerate() {
                blobs.push(self.place_blob(index, part, blob, files)?);
            }
            entries.push(FrameEntry { bytes: entry.bytes, place: entry.place, erases: entry.erases, blobs });
        }
        if !files.is_empty() {
            self.disk.sync_dir(&self.places.blobs()).map_err(not_written)?;
        }
        Ok(Frame { first: batch.first, entries, commands: batch.commands })
    }

    /// Writes a batch that was checked.
    fn write(&self, writer: &mut Writer, batch: Batch, files: &mut Vec<PathBuf>) -> Result<(), CommitError> {
        let frame = self.make_frame(batch, files)?;
        let (bytes, places) = frame::encode(&frame).ok_or_else(|| not_written(BatchFault::TooManyBytes { bytes: frame::BODY_MAX }))?;
        let segment = self.target(writer, bytes.len(), frame.first)?;
        let offset = match writer.tail.append(&bytes) {
            Ok(offset) => offset,
            Err(AppendError::NotWritten(error)) => return Err(not_written(error)),
            Err(AppendError::Unknown(error)) => {
                writer.unusable = Some(UnusableReason::Poisoned);
                return Err(CommitError::Unknown(Box::new(error)));
            }
        };
        let mut state = self.state_mut();
        let rows = state.absorb(&frame, &places, segment.number, offset);
        if let Err(error) = state.index.put(rows) {
            tracing::warn!(%error, "the index did not take a batch; it is made anew when it is next asked");
        }
        Ok(())
    }

    /// The segment that takes a frame of this length; a new one when the last is full.
    fn target(&self, writer: &mut Writer, frame_len: usize, first: u64) -> Result<Segment, CommitError> {
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
        let segment = rebuild::begin_segment(&*self.disk, &self.places, number, first).map_err(not_written)?;
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
        self.state().tally.size
    }

    fn stream_count(&self) -> u64 {
        self.state().tally.streams
    }

    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        self.check(&batch)?;
        let mut files = Vec::new();
        let written = self.write(&mut writer, batch, &mut files);
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
        if self.closed.load(Ordering::Acquire) {
            return Err(not_written(UnusableReason::Closed));
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
        let NewBlob::Staged(hash) = blob else { return Ok(()) };
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
                Some(FrameBlob::File(hash)) => match rewrite::read_blob(&*self.disk, &self.places, index, part, &hash) {
                    Ok(blob) => return Ok(Some(blob)),
                    Err(error) => failed = Some(error),
                },
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError> {
        self.look(|state| state.stored(index))
    }

    fn leaf(&self, index: u64) -> Result<Option<Hash>, ReadError> {
        self.look(|state| if index < state.tally.size { state.node(0, index).map(Some) } else { Ok(None) })
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.look(|state| state.node(level, index))
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        Ok(self.state().head(stream))
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.look(|state| {
            let ordinals = (from_ordinal..state.tally.streams).take(limit);
            ordinals
                .map(|ordinal| {
                    let stream = state.index.uuid(&Key::Ordinal(ordinal))?.ok_or(Fault::Drift)?;
                    state.head(stream).ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn stream_page(&self, stream: Uuid, from_seq: u64, limit: usize) -> Result<Vec<StoredEntry>, ReadError> {
        self.look(|state| {
            let newest = state.paged.head(stream).map_or(0, |head| head.seq);
            (from_seq.max(1)..=newest)
                .take(limit)
                .map(|seq| {
                    let index = state.paged.sequence(&state.index, stream, seq)?.ok_or(Fault::Drift)?;
                    state.stored_in(index, stream, seq)?.ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<u64>, ReadError> {
        self.look(|state| Ok(state.index.number(&Key::Event(event_id))?))
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        let decode = |bytes: &[u8]| {
            let (mac, rest) = bytes.split_first_chunk::<32>()?;
            let (first, count) = rest.split_first_chunk::<8>()?;
            let count = u32::from_be_bytes(count.try_into().ok()?);
            Some(CommandRow { id, input_mac: *mac, first: u64::from_be_bytes(*first), count })
        };
        self.look(|state| Ok(state.index.read(&Key::Command(id), decode)?))
    }

    fn erasing_entries(&self) -> Result<Vec<u64>, ReadError> {
        self.look(|state| (0..state.tally.erasing).map(|number| state.index.number(&Key::Erasing(number))?.ok_or(Fault::Drift)).collect())
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.state().checkpoint.clone())
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        let _writer = self.writer()?;
        let mut state = self.state_mut();
        check::checkpoint(state.tally.size, state.checkpoint.as_ref(), checkpoint)?;
        let path = self.places.checkpoint();
        rewrite::replace_file(&*self.disk, &path, checkpoint_file::encode(checkpoint).as_bytes())?;
        state.checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        check::archivable(self.size(), kept.size, kept.note.as_bytes())?;
        self.archive().keep(&*self.disk, kept)
    }

    fn first_token(&self, above: u64) -> Result<Option<StoredToken>, ReadError> {
        self.archive().first_token(above)
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        self.archive().head()
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        self.archive().link(count)
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.archive().mark(known)
    }

    fn first_archived(&self, above: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive().first(above)
    }

    fn last_archived(&self, at_most: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive().last(at_most)
    }

    fn archive_token(&self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        check::archivable(self.size(), size, token)?;
        self.archive().keep_token(size, token)
    }

    fn tokens(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        self.archive().tokens(from_size)
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        for change in changes {
            let entry = self.entry(change.index).map_err(not_written)?;
            check::blob_exists(change, entry.map_or(0, |entry| entry.blobs.len()))?;
        }
        let mut state = self.state_mut();
        rewrite::change_blobs(&*self.disk, &self.places, &mut writer, &mut state, changes)
    }

    fn distrust(&self) -> Result<(), ReadError> {
        tracing::warn!("INDEX_DRIFT: the index contradicts the record and is made anew");
        self.remake_index()
    }

    fn close(&self) -> Result<(), ReadError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.unusable.is_some() {
            return Ok(());
        }
        writer.unusable = Some(UnusableReason::Closed);
        self.closed.store(true, Ordering::Release);
        let archived = self.archive().close().map_err(|error| ReadError::Failed(Box::new(error)));
        let trimmed = writer.tail.trim().map_err(|error| ReadError::Failed(Box::new(error)));
        let mut state = self.state_mut();
        trimmed.and(archived)?;
        rebuild::close(&self.places, self.kind, self.tenant, &mut state, writer.tail.end())
            .map_err(|error| ReadError::Failed(Box::new(error)))
    }
}

/// A blob that is short enough lies in the frame.
pub(crate) const fn lies_in_frame(blob: &[u8]) -> bool {
    blob.len() <= INLINE_BYTES_MAX
}
