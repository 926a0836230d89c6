//! The embedded log store: commits go to the journal, look-ups through the index.
//!
//! Lock order: the writer before the state. A commit syncs while it holds the writer only, so
//! that reads go on.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use record::hash::{Hash, sha256};
use record::merkle::{leaf_hash, node_hash};
use uuid::Uuid;

use super::frame::{self, Frame, FrameBlob, FrameEntry};
use super::growing::{AppendError, Growing};
use super::index::{EntryPlace, HeadRow, Index, IndexError, Key, Row, Tenant};
use super::paged::Paged;
use super::places::{INLINE_BYTES_MAX, Places, SEGMENT_BYTES_MAX};
use super::rebuild;
use super::segment::{self, SEGMENT_HEADER, Segment};
use super::{OpenError, OpenReport, checkpoint_file, rewrite};
use crate::check::{self, Known, Tail};
use crate::disk::{Disk, Held};
use crate::log_store::{
    Batch, BatchFault, BlobChange, BoxError, CommandRow, CommitError, LogStore, NewEntry, Place, ReadError, StoredCheckpoint, StoredEntry,
    StreamHead, UnusableReason,
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

/// What the index and the segments reflect.
pub(crate) struct State {
    pub(crate) index: Index,
    pub(crate) paged: Paged,
    pub(crate) segments: Vec<Segment>,
    pub(crate) tally: Tally,
    pub(crate) checkpoint: Option<StoredCheckpoint>,
}

/// Counts, and the right edge of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) size: u64,
    pub(crate) streams: u64,
    pub(crate) erasing: u64,
    /// Complete subtrees by level, the largest first.
    pub(crate) edge: Vec<(u8, Hash)>,
}

/// A log in a directory.
pub struct EmbeddedStore {
    disk: Arc<dyn Disk>,
    places: Places,
    tenant: Tenant,
    kind: IndexKind,
    writer: Mutex<Writer>,
    state: RwLock<State>,
    report: OpenReport,
    closed: AtomicBool,
    _lock: Box<dyn Held>,
}

/// Why a look-up failed: the first two mend by making the index anew.
pub(crate) enum Fault {
    Index(IndexError),
    Drift,
    Read(ReadError),
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl EmbeddedStore {
    /// Opens a log, or begins a new one. `progress` hears of bytes done and to do while the index
    /// is made anew.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed then, except that a lock file may exist.
    pub fn open(disk: Arc<dyn Disk>, options: &Options, progress: &mut dyn FnMut(u64, u64)) -> Result<Self, OpenError> {
        let places = Places::new(&options.dir);
        for dir in [places.dir().to_owned(), places.journal(), places.blobs()] {
            disk.create_dir_all(&dir).map_err(OpenError::io(&dir))?;
        }
        let lock_path = places.lock();
        let lock = disk.lock(&lock_path).map_err(OpenError::io(&lock_path))?;
        let lock = lock.ok_or_else(|| OpenError::InUse { dir: places.dir().to_owned() })?;
        let checkpoint = checkpoint_file::read(&*disk, &places.checkpoint())?;
        let opened = rebuild::open(&*disk, &places, options, checkpoint, progress)?;
        Ok(Self {
            disk,
            places,
            tenant: options.tenant,
            kind: options.index,
            writer: Mutex::new(Writer { tail: opened.tail, unusable: None }),
            state: RwLock::new(opened.state),
            report: opened.report,
            closed: AtomicBool::new(false),
            _lock: lock,
        })
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

    /// Writes the blobs that need files of their own; what stays behind after a failure is in
    /// nobody's way.
    pub(crate) fn frame_entry(&self, index: u64, entry: NewEntry) -> std::io::Result<(FrameEntry, bool)> {
        let mut blobs = Vec::with_capacity(entry.blobs.len());
        let mut files = false;
        for (part, blob) in entry.blobs.into_iter().enumerate() {
            let stored = rewrite::store_blob(&*self.disk, &self.places, index, part, blob)?;
            files |= matches!(stored, FrameBlob::File(_));
            blobs.push(stored);
        }
        Ok((FrameEntry { bytes: entry.bytes, place: entry.place, erases: entry.erases, blobs }, files))
    }

    fn make_frame(&self, batch: Batch) -> Result<Frame, CommitError> {
        let mut entries = Vec::with_capacity(batch.entries.len());
        let mut files = false;
        for (index, entry) in (batch.first..).zip(batch.entries) {
            let (entry, has_file) = self.frame_entry(index, entry).map_err(not_written)?;
            files |= has_file;
            entries.push(entry);
        }
        if files {
            self.disk.sync_dir(&self.places.blobs()).map_err(not_written)?;
        }
        Ok(Frame { first: batch.first, entries, commands: batch.commands })
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

impl Tally {
    /// Adds a leaf; hands out the complete subtrees that proofs start from.
    fn push(&mut self, leaf: Hash, node: &mut dyn FnMut(u8, u64, Hash)) {
        let (mut level, mut hash) = (0_u8, leaf);
        while let Some((_, left)) = self.edge.pop_if(|(edge, _)| *edge == level) {
            hash = node_hash(&left, &hash);
            level += 1;
            if level.is_multiple_of(NODE_LEVELS) {
                node(level, self.size >> level, hash);
            }
        }
        self.edge.push((level, hash));
        self.size += 1;
    }
}

/// Every eighth level of the tree stands in the index; what lies between is computed.
pub(crate) const NODE_LEVELS: u8 = 8;

impl State {
    /// Takes a frame in: counts, and the rows that the index needs.
    pub(crate) fn absorb(&mut self, frame: &Frame, places: &[(u32, u32)], segment: u32, offset: u64) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::with_capacity(frame.entries.len() * 2 + 4);
        for (entry, (at, len)) in frame.entries.iter().zip(places) {
            let (index, leaf) = (self.tally.size, leaf_hash(&entry.bytes));
            let place = EntryPlace { segment, offset: offset + u64::from(*at), len: *len, leaf };
            rows.extend(self.paged.add_entry(&self.index, place));
            if let Place::Event { stream, ordinal, seq, event_id } = entry.place {
                rows.extend(self.paged.add_event(&self.index, stream, HeadRow { ordinal, seq, index, leaf }));
                rows.push((self.index.key(&Key::Event(event_id)), index.to_be_bytes().to_vec()));
                if ordinal == self.tally.streams {
                    self.tally.streams += 1;
                    rows.push((self.index.key(&Key::Ordinal(ordinal)), stream.as_bytes().to_vec()));
                }
            }
            if entry.erases {
                rows.push((self.index.key(&Key::Erasing(self.tally.erasing)), index.to_be_bytes().to_vec()));
                self.tally.erasing += 1;
            }
            let keys = &self.index;
            self.tally.push(leaf, &mut |level, index, hash| rows.push((keys.key(&Key::Node(level, index)), hash.as_bytes().to_vec())));
        }
        for command in &frame.commands {
            let mut value = command.input_mac.to_vec();
            value.extend_from_slice(&command.first.to_be_bytes());
            value.extend_from_slice(&command.count.to_be_bytes());
            rows.push((self.index.key(&Key::Command(command.id)), value));
        }
        rows
    }

    fn stored(&self, disk: &dyn Disk, places: &Places, index: u64) -> Result<Option<StoredEntry>, Fault> {
        if index >= self.tally.size {
            return Ok(None);
        }
        let place = self.paged.entry(&self.index, index)?.ok_or(Fault::Drift)?;
        let segment = usize::try_from(place.segment).ok().and_then(|number| self.segments.get(number)).ok_or(Fault::Drift)?;
        let mut bytes = vec![0; usize::try_from(place.len).unwrap_or(0)];
        match segment.file.read_exact_at(&mut bytes, place.offset) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(Fault::Drift),
            Err(error) => return Err(Fault::Read(ReadError::Failed(Box::new(error)))),
        }
        let entry = frame::decode_entry(&bytes).map_err(|_| Fault::Drift)?;
        if leaf_hash(&entry.bytes) != place.leaf {
            return Err(Fault::Drift);
        }
        let mut blobs = Vec::with_capacity(entry.blobs.len());
        for (part, blob) in entry.blobs.into_iter().enumerate() {
            blobs.push(match blob {
                FrameBlob::Destroyed => None,
                FrameBlob::Inline(blob) => Some(blob),
                FrameBlob::File(hash) => Some(blob_file(disk, places, index, part, &hash).map_err(Fault::Read)?),
            });
        }
        Ok(Some(StoredEntry { index, bytes: entry.bytes, leaf: place.leaf, blobs }))
    }

    pub(crate) fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        let complete = index.checked_add(1).and_then(|next| next.checked_shl(u32::from(level)));
        if level >= 64 || complete.is_none_or(|end| end > self.tally.size || end >> level != index + 1) {
            return Err(Fault::Read(ReadError::NodeBeyondLog { level, index }));
        }
        self.node_within(level, index)
    }

    fn node_within(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        if level == 0 {
            return Ok(self.paged.entry(&self.index, index)?.ok_or(Fault::Drift)?.leaf);
        }
        if level.is_multiple_of(NODE_LEVELS) {
            return self.index.hash(&Key::Node(level, index))?.ok_or(Fault::Drift);
        }
        Ok(node_hash(&self.node_within(level - 1, index * 2)?, &self.node_within(level - 1, index * 2 + 1)?))
    }

    fn head(&self, stream: Uuid) -> Result<Option<StreamHead>, Fault> {
        let head = self.paged.head(stream);
        Ok(head.map(|HeadRow { ordinal, seq, index, leaf }| StreamHead { stream, ordinal, seq, index, leaf }))
    }
}

fn blob_file(disk: &dyn Disk, places: &Places, index: u64, part: usize, hash: &Hash) -> Result<Vec<u8>, ReadError> {
    let path = places.blob(index, part, hash);
    let read = || -> std::io::Result<Vec<u8>> {
        let file = disk.open_read(&path)?;
        let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| ReadError::Failed(Box::new(error)))?;
    if sha256(&bytes) == *hash {
        Ok(bytes)
    } else {
        Err(ReadError::Corrupt { file: path.display().to_string(), offset: 0, what: "the blob is not the one that was stored" })
    }
}

impl Known for State {
    type Error = IndexError;

    fn size(&self) -> u64 {
        self.tally.size
    }

    fn stream_count(&self) -> u64 {
        self.tally.streams
    }

    fn tail(&self, stream: Uuid) -> Result<Option<Tail>, IndexError> {
        Ok(self.paged.head(stream).map(|head| Tail { ordinal: head.ordinal, seq: head.seq }))
    }

    fn has_event(&self, event_id: Uuid) -> Result<bool, IndexError> {
        Ok(self.index.get(&Key::Event(event_id))?.is_some())
    }

    fn has_command(&self, id: Uuid) -> Result<bool, IndexError> {
        Ok(self.index.get(&Key::Command(id))?.is_some())
    }
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
        let frame = self.make_frame(batch)?;
        let (bytes, places) = frame::encode(&frame).ok_or_else(|| not_written(BatchFault::TooManyBytes { bytes: frame::BODY_MAX }))?;
        let segment = self.target(&mut writer, bytes.len(), frame.first)?;
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

    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError> {
        self.look(|state| state.stored(&*self.disk, &self.places, index))
    }

    fn leaf(&self, index: u64) -> Result<Option<Hash>, ReadError> {
        self.look(|state| if index < state.tally.size { state.node(0, index).map(Some) } else { Ok(None) })
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.look(|state| state.node(level, index))
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        self.look(|state| state.head(stream))
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.look(|state| {
            let ordinals = (from_ordinal..state.tally.streams).take(limit);
            ordinals
                .map(|ordinal| {
                    let stream = state.index.uuid(&Key::Ordinal(ordinal))?.ok_or(Fault::Drift)?;
                    state.head(stream)?.ok_or(Fault::Drift)
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
                    state.stored(&*self.disk, &self.places, index)?.ok_or(Fault::Drift)
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

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        for change in changes {
            let entry = self.entry(change.index).map_err(not_written)?;
            check::blob_exists(change, entry.map_or(0, |entry| entry.blobs.len()))?;
        }
        let mut state = self.state_mut();
        rewrite::change_blobs(&*self.disk, &self.places, &mut writer, &mut state, changes)
    }

    fn close(&self) -> Result<(), ReadError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.unusable.is_some() {
            return Ok(());
        }
        writer.unusable = Some(UnusableReason::Closed);
        self.closed.store(true, Ordering::Release);
        let trimmed = writer.tail.trim().map_err(|error| ReadError::Failed(Box::new(error)));
        let mut state = self.state_mut();
        trimmed?;
        rebuild::close(&self.places, self.kind, self.tenant, &mut state, writer.tail.end())
            .map_err(|error| ReadError::Failed(Box::new(error)))
    }
}

/// A blob that is short enough lies in the frame.
pub(crate) const fn lies_in_frame(blob: &[u8]) -> bool {
    blob.len() <= INLINE_BYTES_MAX
}

/// The header that begins a segment.
pub(crate) fn segment_header(first: u64) -> Vec<u8> {
    segment::header(first)
}
