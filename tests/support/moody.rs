//! A store that waits, fails or stops when a test tells it to. Otherwise it is the embedded store.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use record::hash::Hash;
use record::positions::{Seq, Size};
use store::embedded::log::EmbeddedStore;
use store::log_store::blobs::Blobs;
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{
    Batch, BlobChange, CommitError, LogStore, ReadError, StoreHealth, StoredCheckpoint,
    StoredEntry, UnusableReason,
};
use store::overlay::Overlay;
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

impl Overlay for Moody {
    fn behind(&self) -> &dyn LogStore {
        &self.inner
    }
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
        from_seq: Seq,
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
    fn root(&self) -> Result<(Size, Hash), ReadError> {
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
}
