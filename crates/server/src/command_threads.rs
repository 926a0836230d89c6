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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::time::Duration;

    use api::queue::Pool;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::settings::Limits;

    #[tokio::test]
    async fn commands_that_wait_take_no_thread_from_others() {
        let pools = Arc::new(Pools::new(&Limits::default()));
        let threads = Arc::new(CommandThreads::start().unwrap());
        let queue = Queue {
            pool: Pool::Write,
            turns: BTreeSet::new(),
        };
        let (disk, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let waiting = (0..200).map(|number| {
            let (pools, threads, queue) = (Arc::clone(&pools), Arc::clone(&threads), queue.clone());
            let (disk, begun) = (Arc::clone(&disk), Arc::clone(&begun));
            tokio::spawn(async move {
                let work = |_| async move {
                    begun.add_permits(1);
                    disk.acquire().await.unwrap().forget();
                    number
                };
                threads.run(&pools, &queue, work).await
            })
        });
        let waiting: Vec<_> = waiting.collect();
        begun.acquire_many(200).await.unwrap().forget();
        let refused = threads.run(&pools, &queue, |_| async { "refused" });
        let refused = tokio::time::timeout(Duration::from_secs(30), refused).await;
        assert_eq!(refused, Ok(Ok("refused")), "while all others wait");
        disk.add_permits(200);
        for (number, waited) in waiting.into_iter().enumerate() {
            assert_eq!(waited.await.unwrap(), Ok(number));
        }
    }

    #[tokio::test]
    async fn a_command_that_panics_is_told_as_broken_and_gives_its_place_back() {
        let pools = Pools::new(&Limits {
            writes: 1,
            ..Limits::default()
        });
        let threads = CommandThreads::start().unwrap();
        let queue = Queue {
            pool: Pool::Write,
            turns: BTreeSet::new(),
        };
        let panics = |_| async { panic!("as this test wants it") };
        let broken: Result<(), Unanswered> = threads.run(&pools, &queue, panics).await;
        assert_eq!(broken, Err(Unanswered::Broken));
        assert_eq!(threads.run(&pools, &queue, |_| async { 1 }).await, Ok(1));
    }
}
