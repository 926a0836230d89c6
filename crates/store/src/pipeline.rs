//! Two syncs per batch, overlapping: the keys of the next batch are made durable while the frame
//! of this one is.
//!
//! It forms no batches: the producer accumulates the next one while a submission blocks.

use std::sync::Arc;

use crate::key_store::{KeyRow, KeyStore};
use crate::log_store::{Batch, CommitError, LogStore};
use crate::sync::{Builder, JoinHandle, Mutex, PoisonError, Receiver, SyncSender, sync_channel};

/// Called once with the outcome of a batch, on a thread of the pipeline; it must not block.
pub type Done = Box<dyn FnOnce(Result<(), CommitError>) + Send>;

struct Work {
    keys: Vec<KeyRow>,
    batch: Batch,
    done: Done,
}

/// The reason why a batch behind a failed one was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PipelineError {
    /// The pipeline was shut down.
    #[error("pipeline is shut down")]
    ShutDown,
}

/// Commits batches in the order of submission, keys before frames.
///
/// A batch that fails leaves the size of the log as it was, so every batch that was already
/// submitted behind it fails with [`CommitError::SizeConflict`] (or with
/// [`CommitError::NotWritten`] if the store accepts nothing any more): its `first` no longer fits.
/// Its keys may then be stored without an entry, which is harmless.
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
        // One batch may wait for the key stage; none may wait between the stages, or a batch
        // would lie idle that could still have grown.
        let (entrance, to_keys) = sync_channel::<Work>(1);
        let (handover, to_frames) = sync_channel::<Work>(0);
        let key_stage = Builder::new()
            .name("store-keys".into())
            .spawn(move || run_keys(&*keys, &to_keys, &handover))?;
        let frame_stage = Builder::new()
            .name("store-frames".into())
            .spawn(move || run_frames(&*log, &to_frames))?;
        Ok(Self {
            entrance: Mutex::new(Some(entrance)),
            threads: Mutex::new(vec![key_stage, frame_stage]),
        })
    }

    /// Hands a batch over; blocks while another one waits for the key stage. `done` learns the
    /// outcome, also if the pipeline is shut down.
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
            // A stage panics only if a `done` did; the batches behind it are then dropped
            // without an answer, which their callers see as a closed channel.
            if thread.join().is_err() {
                tracing::error!("a stage of the commit pipeline panicked");
            }
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn run_keys(keys: &dyn KeyStore, incoming: &Receiver<Work>, handover: &SyncSender<Work>) {
    for work in incoming {
        let stored = if work.keys.is_empty() {
            Ok(())
        } else {
            keys.put(&work.keys)
        };
        match stored {
            Ok(()) => {
                if let Err(refused) = handover.send(work) {
                    let error = CommitError::NotWritten(Box::new(PipelineError::ShutDown));
                    (refused.0.done)(Err(error));
                }
            }
            // Whatever became of the keys, no frame was written.
            Err(error) => (work.done)(Err(CommitError::NotWritten(Box::new(error)))),
        }
    }
}

fn run_frames(log: &dyn LogStore, incoming: &Receiver<Work>) {
    for work in incoming {
        let outcome = log.commit(work.batch);
        (work.done)(outcome);
    }
}
