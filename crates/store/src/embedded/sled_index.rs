//! The index on disk. A thread writes it behind the commits; rows that it has not written yet
//! lie in front of it, and their number is bounded.
//!
//! Nothing here is durable on its own: a clean shutdown leaves a digest of its files, and
//! whatever does not match that digest is thrown away.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;

use super::index::{IndexError, Row};

/// Batches that may wait to be written.
const QUEUE_BATCHES: usize = 32;

/// Rows not yet written, each with the batch that it came with last.
type Waiting = HashMap<Vec<u8>, (u64, Vec<u8>)>;

#[derive(Default)]
struct Front {
    rows: RwLock<Waiting>,
    failed: AtomicBool,
}

pub(crate) struct SledIndex {
    db: sled::Db,
    front: Arc<Front>,
    queue: Option<SyncSender<(u64, Vec<Row>)>>,
    writer: Option<JoinHandle<()>>,
    batch: std::sync::atomic::AtomicU64,
}

/// Runs something of sled's; a panic inside it is an error like any other.
pub(crate) fn guarded<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(IndexError(error.to_string())),
        Err(_) => Err(IndexError("the index panicked".to_owned())),
    }
}

impl SledIndex {
    pub(crate) fn open(dir: &Path) -> Result<Self, IndexError> {
        let config =
            sled::Config::new().path(dir).mode(sled::Mode::HighThroughput).cache_capacity(64 * 1024 * 1024).flush_every_ms(Some(10_000));
        let db = guarded(|| config.open())?;
        let front = Arc::new(Front::default());
        let (queue, batches) = sync_channel(QUEUE_BATCHES);
        let writer = std::thread::Builder::new().name("store-index".into()).spawn({
            let (db, front) = (db.clone(), Arc::clone(&front));
            move || write(&db, &front, &batches)
        });
        let writer = writer.map_err(|error| IndexError(error.to_string()))?;
        Ok(Self { db, front, queue: Some(queue), writer: Some(writer), batch: 0.into() })
    }

    fn sound(&self) -> Result<(), IndexError> {
        if self.front.failed.load(Ordering::Acquire) { Err(IndexError("the index could not be written".to_owned())) } else { Ok(()) }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        self.sound()?;
        if let Some((_, value)) = self.front.rows.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(Some(value.clone()));
        }
        // A row leaves the front only after it is in the tree, so it is found in one of the two.
        guarded(|| self.db.get(key)).map(|value| value.map(|value| value.to_vec()))
    }

    /// How many rows are written.
    pub(crate) fn rows(&self) -> Result<u64, IndexError> {
        self.sound()?;
        guarded(|| self.db.iter().try_fold(0, |count, row| row.map(|_| count + 1)))
    }

    pub(crate) fn put(&self, rows: Vec<Row>) -> Result<(), IndexError> {
        self.sound()?;
        let batch = self.batch.fetch_add(1, Ordering::Relaxed);
        let mut front = self.front.rows.write().unwrap_or_else(PoisonError::into_inner);
        front.extend(rows.iter().map(|(key, value)| (key.clone(), (batch, value.clone()))));
        drop(front);
        let sent = self.queue.as_ref().map(|queue| queue.send((batch, rows)).is_ok());
        if sent == Some(true) { Ok(()) } else { Err(IndexError("the index is closed".to_owned())) }
    }

    pub(crate) fn close(mut self) -> Result<(), IndexError> {
        self.stop();
        self.sound()?;
        guarded(|| self.db.flush()).map(|_| ())
    }

    fn stop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            self.front.failed.store(true, Ordering::Release);
        }
    }
}

impl Drop for SledIndex {
    fn drop(&mut self) {
        self.stop();
    }
}

fn write(db: &sled::Db, front: &Front, batches: &Receiver<(u64, Vec<Row>)>) {
    while let Ok((number, rows)) = batches.recv() {
        // Row by row: sled closes its log buffer behind every batch, and nothing here needs to be
        // atomic, as no row is trusted after an unclean stop.
        let written = guarded(|| rows.iter().try_for_each(|(key, value)| db.insert(key, value.as_slice()).map(|_| ())));
        if let Err(error) = written {
            tracing::error!(%error, "the index could not be written and will be made anew");
            front.failed.store(true, Ordering::Release);
            return;
        }
        let mut waiting = front.rows.write().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &rows {
            if waiting.get(key).is_some_and(|(newest, _)| *newest == number) {
                waiting.remove(key);
            }
        }
    }
}
