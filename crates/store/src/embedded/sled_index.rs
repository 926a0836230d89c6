//! The index on disk. A thread writes it behind the commits; rows that it has not written yet
//! lie in front of it, and their number is bounded.
//!
//! Nothing here is durable on its own: a clean shutdown leaves a digest of its files, and
//! whatever does not match that digest is thrown away.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use crate::index_store::{IndexError, IndexRow, IndexRows};

/// Batches that may wait to be written.
const QUEUE_BATCHES: usize = 32;

/// A batch by its number.
type Numbered = (u64, Vec<IndexRow>);
/// Rows not yet written, each with the batch that it came with last.
type Waiting = HashMap<Vec<u8>, (u64, Vec<u8>)>;

#[derive(Default)]
struct Front {
    rows: RwLock<Waiting>,
    failed: AtomicBool,
    /// Batches that wait to be written.
    batches: Mutex<usize>,
    written: Condvar,
}

impl Front {
    fn sound(&self) -> Result<(), IndexError> {
        if self.failed.load(Ordering::Acquire) {
            Err(IndexError("the index could not be written".to_owned()))
        } else {
            Ok(())
        }
    }

    fn fail(&self) {
        self.failed.store(true, Ordering::Release);
        self.written.notify_all();
    }
}

pub(crate) struct SledIndex {
    db: sled::Db,
    front: Arc<Front>,
    queue: Mutex<Option<Sender<Numbered>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    batch: AtomicU64,
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
        let config = sled::Config::new()
            .path(dir)
            .mode(sled::Mode::HighThroughput)
            .cache_capacity(64 * 1024 * 1024)
            .flush_every_ms(Some(10_000));
        let db = guarded(|| config.open())?;
        let front = Arc::new(Front::default());
        let (queue, batches) = channel();
        let writer = std::thread::Builder::new()
            .name("store-index".into())
            .spawn({
                let (db, front) = (db.clone(), Arc::clone(&front));
                move || write(&db, &front, &batches)
            });
        let writer = writer.map_err(|error| IndexError(error.to_string()))?;
        Ok(Self {
            db,
            front,
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            batch: AtomicU64::new(0),
        })
    }

    fn stop(&self) {
        drop(
            self.queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            self.front.fail();
        }
    }
}

impl IndexRows for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        self.front.sound()?;
        if let Some((_, value)) = self
            .front
            .rows
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
        {
            return Ok(Some(value.clone()));
        }
        // A row leaves the front only after it is in the tree, so it is found in one of the two.
        guarded(|| self.db.get(key)).map(|value| value.map(|value| value.to_vec()))
    }

    fn count(&self) -> Result<u64, IndexError> {
        self.front.sound()?;
        guarded(|| {
            self.db
                .iter()
                .try_fold(0, |count, row| row.map(|_| count + 1))
        })
    }

    fn make_room(&self) {
        let mut batches = self
            .front
            .batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while *batches >= QUEUE_BATCHES && self.front.sound().is_ok() {
            batches = self
                .front
                .written
                .wait(batches)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError> {
        self.front.sound()?;
        let batch = self.batch.fetch_add(1, Ordering::Relaxed);
        let mut front = self
            .front
            .rows
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        front.extend(
            rows.iter()
                .map(|(key, value)| (key.clone(), (batch, value.clone()))),
        );
        drop(front);
        *self
            .front
            .batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner) += 1;
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = queue
            .as_ref()
            .is_some_and(|queue| queue.send((batch, rows)).is_ok());
        if sent {
            Ok(())
        } else {
            Err(IndexError("the index is closed".to_owned()))
        }
    }

    fn close(&self) -> Result<(), IndexError> {
        self.stop();
        self.front.sound()?;
        guarded(|| self.db.flush()).map(|_| ())
    }
}

impl Drop for SledIndex {
    fn drop(&mut self) {
        self.stop();
    }
}

fn write(db: &sled::Db, front: &Front, batches: &Receiver<Numbered>) {
    while let Ok((number, rows)) = batches.recv() {
        // Row by row: sled closes its log buffer behind every batch, and nothing here needs to be
        // atomic, as no row is trusted after an unclean stop.
        let written = guarded(|| {
            rows.iter()
                .try_for_each(|(key, value)| db.insert(key, value.as_slice()).map(|_| ()))
        });
        if let Err(error) = written {
            tracing::error!(%error, "the index could not be written and will be made anew");
            front.fail();
            return;
        }
        let mut waiting = front.rows.write().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &rows {
            if waiting
                .get(key)
                .is_some_and(|(newest, _)| *newest == number)
            {
                waiting.remove(key);
            }
        }
        drop(waiting);
        *front.batches.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        front.written.notify_all();
    }
}
