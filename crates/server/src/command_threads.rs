//! The threads on which commands are executed, apart from those that move bytes.
//!
//! They are few, because none stands still while a command waits: for its stream, for a change of keys,
//! or for its receipt.

use std::future::Future;
use std::num::NonZero;

use api::queue::Queue;
use app::wanted::Wanted;
use tokio::runtime::{Builder, Runtime};

use crate::pools::{Pools, Unanswered};

/// Threads that execute commands, at least.
const THREADS_MIN: usize = 4;

/// The threads. They are left behind when this is dropped: what is in order is recorded.
pub(crate) struct CommandThreads(Option<Runtime>);

impl CommandThreads {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        // A command that reads a long case for the first time keeps one of them for milliseconds.
        let threads = processors.saturating_mul(2).max(THREADS_MIN);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("commands")
            .enable_time()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs a command once it has its turn and a place. It goes on when its client has gone, and is told
    /// so.
    pub(crate) async fn run<T, F>(
        &self,
        pools: &Pools,
        queue: &Queue,
        work: impl FnOnce(Wanted) -> F,
    ) -> Result<T, Unanswered>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let held = pools.enter(queue).await.map_err(Unanswered::Busy)?;
        let (wanted, _present) = Wanted::by_client();
        let work = work(wanted);
        let runtime = self.0.as_ref().ok_or(Unanswered::Broken)?;
        let job = runtime.spawn(async move {
            let done = work.await;
            drop(held);
            done
        });
        job.await.map_err(|_| Unanswered::Broken)
    }
}

impl Drop for CommandThreads {
    fn drop(&mut self) {
        // Whoever drops it may be a task, which must not wait for threads.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
