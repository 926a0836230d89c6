//! One sync of a file per batch to wait for: the keys of a batch and its frame become durable at
//! the same time, and it is acknowledged when both are.
//!
//! It forms no batches: the producer accumulates the next one while a submission blocks.

use std::sync::Arc;

use crate::key_store::{KeyError, KeyRow, KeyStore};
use crate::log_store::{Batch, BoxError, CommitError, LogStore};
use crate::sync::{Builder, JoinHandle, Mutex, PoisonError, Receiver, SyncSender, sync_channel};

/// Called once with the outcome of a batch, on a thread of the pipeline; it must not block.
pub type Done = Box<dyn FnOnce(Result<(), CommitError>) + Send>;

struct Work {
    keys: Vec<KeyRow>,
    batch: Batch,
    done: Done,
}

/// The reason why a batch was not tried, or why nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PipelineError {
    /// The pipeline was shut down.
    #[error("pipeline is shut down")]
    ShutDown,
    /// The thread that makes keys durable is gone.
    #[error("the thread that makes keys durable is gone")]
    KeysGone,
}

/// Commits batches one after the other, in the order of submission.
///
/// The frame of a batch is begun when the frame and the keys of the one before are durable. So a
/// crash leaves at most one frame without its keys, the newest, and it was never acknowledged.
/// The reverse, keys without a frame, is harmless: nothing refers to them.
///
/// A batch that fails leaves the size of the log as it was, so every batch that was already
/// submitted behind it fails with [`CommitError::SizeConflict`] (or with
/// [`CommitError::NotWritten`] if the store accepts nothing any more): its `first` no longer fits.
/// Its keys may then be stored without an entry.
pub struct Pipeline {
    entrance: Mutex<Option<SyncSender<Work>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pipeline {
    /// Starts the two threads.
    ///
    /// # Errors
    /// As the operating system reports if it has no thread to give.
    pub fn start(log: Arc<dyn LogStore>, keys: Arc<dyn KeyStore>) -> std::io::Result<Self> {
        // No batch waits inside, or it would lie idle that could still have grown.
        let (entrance, batches) = sync_channel::<Work>(0);
        let (begun, to_finish) = sync_channel::<()>(1);
        let (finished, outcomes) = sync_channel::<Result<(), KeyError>>(1);
        let key_thread = {
            let keys = Arc::clone(&keys);
            Builder::new().name("store-keys".into()).spawn(move || {
                while to_finish.recv().is_ok() {
                    if finished.send(keys.finish_put()).is_err() {
                        return;
                    }
                }
            })?
        };
        let stage = Stage {
            log,
            keys,
            begun,
            outcomes,
        };
        let frame_thread = Builder::new()
            .name("store-frames".into())
            .spawn(move || stage.run(&batches))?;
        Ok(Self {
            entrance: Mutex::new(Some(entrance)),
            threads: Mutex::new(vec![frame_thread, key_thread]),
        })
    }

    /// Hands a batch over; blocks while another one is committed. `done` learns the outcome, also if
    /// the pipeline is shut down.
    pub fn submit(&self, keys: Vec<KeyRow>, batch: Batch, done: Done) {
        let entrance = self
            .entrance
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let work = Work { keys, batch, done };
        let refused = match entrance {
            Some(entrance) => entrance.send(work).err().map(|error| error.0),
            None => Some(work),
        };
        if let Some(work) = refused {
            (work.done)(Err(CommitError::NotWritten(Box::new(
                PipelineError::ShutDown,
            ))));
        }
    }

    /// Finishes every batch submitted so far and stops the threads.
    pub fn shutdown(&self) {
        drop(
            self.entrance
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread panics only if a `done` did; the batches behind it are then dropped
            // without an answer, which their callers see as a closed channel.
            if thread.join().is_err() {
                tracing::error!("a thread of the commit pipeline panicked");
            }
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// What the thread of the frames works with.
struct Stage {
    log: Arc<dyn LogStore>,
    keys: Arc<dyn KeyStore>,
    /// Tells the thread of the keys that rows were begun.
    begun: SyncSender<()>,
    /// What became of them.
    outcomes: Receiver<Result<(), KeyError>>,
}

impl Stage {
    fn run(self, batches: &Receiver<Work>) {
        for Work { keys, batch, done } in batches {
            done(self.commit(&keys, batch));
        }
    }

    fn commit(&self, rows: &[KeyRow], batch: Batch) -> Result<(), CommitError> {
        if rows.is_empty() {
            return self.log.commit(batch);
        }
        // A store that has stopped may hold a frame of unknown outcome. Its keys stay as they are,
        // also where the same event is sent again.
        if let Some(reason) = self.log.health().unusable {
            return Err(CommitError::NotWritten(Box::new(reason)));
        }
        // What is refused of the keys, for example for want of room, is refused before the frame.
        let refused = |error: BoxError| CommitError::NotWritten(error);
        self.keys
            .begin_put(rows)
            .map_err(|error| refused(Box::new(error)))?;
        self.begun
            .send(())
            .map_err(|_| refused(Box::new(PipelineError::KeysGone)))?;
        let mut waited = false;
        let committed = self.log.commit_beside(batch, &mut || {
            waited = true;
            self.keys_finished()
        });
        if !waited && let Err(error) = self.keys_finished() {
            // The batch failed by itself. The keys take nothing more either, and say so.
            tracing::error!(error, "the keys of a batch that failed are not durable");
        }
        committed
    }

    /// Waits until the rows are durable that were begun.
    fn keys_finished(&self) -> Result<(), BoxError> {
        match self.outcomes.recv() {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => Err(Box::new(PipelineError::KeysGone)),
        }
    }
}
