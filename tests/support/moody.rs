//! A store that does what a test tells it: waits, fails, or stops.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use record::hash::Hash;
use store::embedded::log::EmbeddedStore;
use store::log_store::{
    ArchiveHead, Batch, BlobChange, CommandRow, CommitError, LogStore, NewBlob, ReadError,
    StoreHealth, StoredCheckpoint, StoredEntry, StoredToken, StreamHead, UnusableReason,
};
use uuid::Uuid;

/// Done once, in front of the next page of a stream.
type Before = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub struct Mood {
    /// Commits wait, and so do changes of blobs.
    pub held: bool,
    /// So many wait now.
    pub waiting: usize,
    /// What becomes of the next commit cannot be told, and it is the last.
    pub unknown: bool,
    /// Nothing is taken.
    pub stopped: Option<UnusableReason>,
    /// The index fails.
    pub index: Option<String>,
    /// No blob is changed.
    pub no_changes: bool,
    /// No checkpoint is taken.
    pub no_checkpoint: bool,
    /// It claims to hold another tree than it does.
    pub other_tree: bool,
    /// Done in front of the next page of a stream.
    pub before_page: Option<Before>,
}

pub struct Moody {
    inner: EmbeddedStore,
    mood: Mutex<Mood>,
    changed: Condvar,
}

impl Moody {
    pub fn new(inner: EmbeddedStore) -> Arc<Self> {
        Arc::new(Self {
            inner,
            mood: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap()
    }

    /// Lets everything go on.
    pub fn release(&self) {
        self.mood().held = false;
        self.changed.notify_all();
    }

    /// Waits until so many wait.
    pub fn until_waiting(&self, count: usize) {
        drop(
            self.changed
                .wait_while(self.mood(), |mood| mood.waiting < count)
                .unwrap(),
        );
    }

    fn take(&self) -> Result<(), CommitError> {
        let mut mood = self.mood();
        mood.waiting += 1;
        self.changed.notify_all();
        mood = self.changed.wait_while(mood, |mood| mood.held).unwrap();
        mood.waiting -= 1;
        if let Some(reason) = mood.stopped {
            return Err(CommitError::NotWritten(Box::new(reason)));
        }
        if std::mem::take(&mut mood.unknown) {
            mood.stopped = Some(UnusableReason::Poisoned);
            return Err(CommitError::Unknown("the disk did not say".into()));
        }
        Ok(())
    }
}

impl LogStore for Moody {
    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.take()?;
        self.inner.commit(batch)
    }
    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        self.take()?;
        if self.mood().no_changes {
            return Err(CommitError::NotWritten(Box::new(UnusableReason::Poisoned)));
        }
        self.inner.change_blobs(changes)
    }
    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        if self.mood().no_checkpoint {
            Err(CommitError::NotWritten("no room".into()))
        } else {
            self.inner.put_checkpoint(checkpoint)
        }
    }
    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        let page = self.inner.stream_page(stream, from_seq, limit)?;
        let before = self.mood().before_page.take();
        if let Some(before) = before {
            before();
        }
        Ok(page)
    }
    fn health(&self) -> StoreHealth {
        let mood = self.mood();
        StoreHealth {
            unusable: mood.stopped,
            index: mood.index.clone(),
        }
    }
    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        self.inner.archive_head()
    }
    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        self.inner.archive_link(count)
    }
    fn archive_mark(&self, head: &ArchiveHead) -> Result<(), CommitError> {
        self.inner.archive_mark(head)
    }
    fn root(&self) -> Result<(u64, Hash), ReadError> {
        let (size, root) = self.inner.root()?;
        Ok((
            size,
            if self.mood().other_tree {
                Hash::ZERO
            } else {
                root
            },
        ))
    }
    fn size(&self) -> u64 {
        self.inner.size()
    }
    fn stream_count(&self) -> u64 {
        self.inner.stream_count()
    }
    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        self.inner.stage(blob)
    }
    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        self.inner.unstage(blob)
    }
    fn blob(&self, index: u64, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.blob(index, part)
    }
    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, ReadError> {
        self.inner.entry(index)
    }
    fn leaf(&self, index: u64) -> Result<Option<Hash>, ReadError> {
        self.inner.leaf(index)
    }
    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.inner.node(level, index)
    }
    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        self.inner.stream_head(stream)
    }
    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.inner.heads(from_ordinal, limit)
    }
    fn event_index(&self, event_id: Uuid) -> Result<Option<u64>, ReadError> {
        self.inner.event_index(event_id)
    }
    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        self.inner.command(id)
    }
    fn erasing_entries(&self) -> Result<Vec<u64>, ReadError> {
        self.inner.erasing_entries()
    }
    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.inner.checkpoint()
    }
    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        self.inner.archive_checkpoint(kept)
    }
    fn first_archived(&self, above: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.inner.first_archived(above)
    }
    fn last_archived(&self, at_most: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.inner.last_archived(at_most)
    }
    fn archive_token(&self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        self.inner.archive_token(size, token)
    }
    fn tokens(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        self.inner.tokens(from_size)
    }
    fn close(&self) -> Result<(), ReadError> {
        self.inner.close()
    }
}
