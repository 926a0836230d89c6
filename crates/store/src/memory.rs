//! A log store in memory, for tests and for trying things out. It keeps the whole contract
//! except durability: what was written outlives the handle, see [`crate::memory_backend`], but not
//! the process.

pub(crate) mod state;
pub(crate) mod view;

use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::checkpoint::Checkpoint;
use record::hash::{Hash, sha256};
use record::merkle::Nodes;
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use self::state::State;
use crate::archive_link::RecordKind;
use crate::check::{self, Known};
use crate::log_store::archive::CheckpointArchive;
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{
    ArchiveHead, Batch, BlobChange, CommandRow, CommitError, INLINE_BYTES_MAX, NewBlob, ReadError,
    StoredCheckpoint, StoredEntry, StoredToken, StreamHead, TOKEN_COUNT_MAX, UnusableReason,
};

/// A place that at most one handle takes at a time, until it is dropped.
pub(crate) struct Taken(Arc<AtomicBool>);

impl Taken {
    /// Takes it; `None` if another handle has it.
    pub(crate) fn take(place: &Arc<AtomicBool>) -> Option<Self> {
        let free = !place.swap(true, Ordering::AcqRel);
        free.then(|| Self(Arc::clone(place)))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// A log in memory.
#[derive(Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    closed: AtomicBool,
    _taken: Option<Taken>,
}

impl MemoryStore {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A log that is there already.
    pub(crate) fn over(state: Arc<Mutex<State>>, taken: Taken) -> Self {
        Self {
            state,
            closed: AtomicBool::new(false),
            _taken: Some(taken),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writable(&self) -> Result<MutexGuard<'_, State>, CommitError> {
        let state = self.state();
        if self.closed.load(Ordering::Acquire) {
            Err(CommitError::NotWritten(Box::new(UnusableReason::Closed)))
        } else {
            Ok(state)
        }
    }
}

impl LogReader for MemoryStore {
    fn size(&self) -> Size {
        self.state().size()
    }

    fn stream_count(&self) -> u64 {
        self.state().stream_count()
    }

    fn entry(&self, index: LogIndex) -> Result<Option<StoredEntry>, ReadError> {
        Ok(self.state().stored(index))
    }

    fn leaf(&self, index: LogIndex) -> Result<Option<Hash>, ReadError> {
        Ok(self.state().at(index).map(|entry| entry.leaf))
    }

    fn root(&self) -> Result<(Size, Hash), ReadError> {
        let state = self.state();
        let size = state.size();
        let root = record::proof::root_at(&state.tree, size);
        root.map(|root| (size, root))
            .map_err(|_| ReadError::NodeBeyondLog {
                level: 0,
                place: size.get(),
            })
    }

    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError> {
        self.state()
            .tree
            .node(level, place)
            .map_err(|_| ReadError::NodeBeyondLog { level, place })
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        let state = self.state();
        Ok(state
            .streams
            .get(&stream)
            .and_then(|(place, _)| state.heads.get(*place))
            .copied())
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        let from = usize::try_from(from_ordinal).unwrap_or(usize::MAX);
        Ok(self
            .state()
            .heads
            .iter()
            .skip(from)
            .take(limit)
            .copied()
            .collect())
    }

    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        let state = self.state();
        let Some((_, indexes)) = state.streams.get(&stream) else {
            return Ok(Vec::new());
        };
        let from = from_seq.offset().unwrap_or(usize::MAX);
        Ok(indexes
            .iter()
            .skip(from)
            .take(limit)
            .filter_map(|index| state.stored(*index))
            .collect())
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError> {
        Ok(self.state().events.get(&event_id).copied())
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        Ok(self.state().commands.get(&id).cloned())
    }

    fn erasing_entries(&self) -> Result<Vec<LogIndex>, ReadError> {
        Ok(self.state().erasing.iter().copied().collect())
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.state().checkpoint.clone())
    }
}

impl LogWriter for MemoryStore {
    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        let outlines = check::check(&*state, &batch)?;
        state.check_staged(&batch)?;
        state.add(batch, &outlines);
        Ok(())
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        check::checkpoint(state.size(), state.checkpoint.as_ref(), checkpoint)?;
        let stated = Checkpoint::of_note(&checkpoint.note);
        if stated.is_some_and(|stated| stated.size == state.size() && !state.has_root(&stated.root))
        {
            let reason = UnusableReason::Contradiction;
            return Err(CommitError::NotWritten(Box::new(reason)));
        }
        state.checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn close(&self) -> Result<(), ReadError> {
        // Under the lock, so that no write is between its check and its end.
        let _state = self.state();
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}

impl Blobs for MemoryStore {
    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        let mut state = self.writable()?;
        if blob.len() <= INLINE_BYTES_MAX {
            return Ok(NewBlob::Bytes(blob));
        }
        let hash = sha256(&blob);
        state.staged.insert(hash, blob);
        Ok(NewBlob::Staged(hash))
    }

    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        if let NewBlob::Staged(hash) = blob {
            self.state().staged.remove(hash);
        }
        Ok(())
    }

    fn blob(&self, index: LogIndex, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self
            .state()
            .at(index)
            .and_then(|kept| kept.blobs.get(usize::from(part)).cloned().flatten()))
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        for change in changes {
            let parts = state.at(change.index).map_or(0, |entry| entry.blobs.len());
            check::blob_exists(change, parts)?;
        }
        for change in changes {
            let entry = change
                .index
                .offset()
                .and_then(|index| state.entries.get_mut(index));
            if let Some(slot) =
                entry.and_then(|entry| entry.blobs.get_mut(usize::from(change.part)))
            {
                slot.clone_from(&change.blob);
            }
        }
        Ok(())
    }
}

impl CheckpointArchive for MemoryStore {
    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        check::archivable(state.size(), kept.size, kept.note.as_bytes())?;
        let newest = state
            .archived
            .last_key_value()
            .map(|(size, (first, latest))| (*size, (first != latest).then(|| latest.clone())));
        match newest {
            // The latest note of the largest size is kept for good when a larger size comes.
            Some((newest, _)) if newest == kept.size => {}
            Some((newest, latest)) => {
                if let Some(latest) = latest.filter(|_| newest < kept.size) {
                    state.link(RecordKind::Note, newest, latest.as_bytes());
                }
                state.link(RecordKind::Note, kept.size, kept.note.as_bytes());
            }
            None => state.link(RecordKind::Note, kept.size, kept.note.as_bytes()),
        }
        let notes = state
            .archived
            .entry(kept.size)
            .or_insert_with(|| (kept.note.clone(), String::new()));
        notes.1.clone_from(&kept.note);
        Ok(())
    }

    fn first_archived(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        let state = self.state();
        Ok(state
            .archived
            .range((Bound::Excluded(above), Bound::Unbounded))
            .next()
            .map(|(size, (first, _))| StoredCheckpoint {
                size: *size,
                note: first.clone(),
            }))
    }

    fn last_archived(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        let state = self.state();
        Ok(state
            .archived
            .range(..=at_most)
            .next_back()
            .map(|(size, (_, latest))| StoredCheckpoint {
                size: *size,
                note: latest.clone(),
            }))
    }

    fn archive_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        check::archivable(state.size(), size, token)?;
        state.link(RecordKind::Token, size, token);
        state.tokens.entry(size).or_default().push(token.to_vec());
        Ok(())
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        Ok(self.state().archive_head())
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        let found = self
            .state()
            .records
            .iter()
            .rev()
            .find(|(head, _)| head.count == count)
            .map(|(head, _)| head.link);
        Ok(found.or((count == 0).then_some(Hash::ZERO)))
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        let mut state = self.writable()?;
        state.link(
            RecordKind::Mark,
            Size::new(known.count),
            known.link.as_bytes(),
        );
        Ok(())
    }

    fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        let state = self.state();
        let found = state
            .tokens
            .range(from_size..)
            .flat_map(|(size, tokens)| tokens.iter().map(|bytes| (*size, bytes.clone())));
        Ok(found
            .take(TOKEN_COUNT_MAX)
            .map(|(size, bytes)| StoredToken { size, bytes })
            .collect())
    }
}
