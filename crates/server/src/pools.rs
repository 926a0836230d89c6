//! Bounded places in front of the threads that work: reads, lists, figures and commands each have
//! their own, so that none waits for another kind. Threads that only move bytes execute nothing.
//!
//! Whoever finds every place taken waits, within bounds of number and time; beyond them the answer
//! is that the server is busy, and nothing was begun. A client that goes away while it waits takes
//! its place in no queue. Commands of one stream take turns before they take a thread, so that a
//! crowd at one case holds one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::queue::{Pool, Queue, Turn};
use app::wanted::Wanted;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::settings::Limits;

/// Requests that read rows of lists and are executed at once.
const LISTS: usize = 8;
/// Requests that read every case and are executed at once.
const FIGURES: usize = 2;

/// Nothing was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Busy {
    /// As many as may wait are waiting.
    #[error("too many requests are waiting; nothing was begun, try again")]
    Full,
    /// As many as may wait to record in the stream are waiting.
    #[error("too many commands wait for this case; nothing was begun, try again")]
    StreamFull,
    /// It has waited as long as it may.
    #[error("no place came free in time; nothing was begun, try again")]
    TooLong,
    /// The server is being stopped.
    #[error("the server is stopping; nothing was begun, try again")]
    Stopping,
}

/// So many at once, and so many more that wait.
pub(crate) struct Places {
    at_once: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Places {
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            waiting: Semaphore::new(waiting),
        }
    }

    pub(crate) async fn enter(
        &self,
        full: Busy,
        wait: Duration,
    ) -> Result<OwnedSemaphorePermit, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| full)?;
        match timeout(wait, Arc::clone(&self.at_once).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(Busy::Stopping),
            Err(_) => Err(Busy::TooLong),
        }
    }

    /// Whoever waits is turned away, and so is whoever comes.
    pub(crate) fn close(&self) {
        self.at_once.close();
    }
}

/// Who stands in line for a turn: the line lives as long as somebody does.
type Lines = Mutex<BTreeMap<Turn, (usize, Arc<Places>)>>;

/// A place in the line for a turn.
struct InLine {
    lines: Arc<Lines>,
    turn: Turn,
}

fn locked(lines: &Lines) -> MutexGuard<'_, BTreeMap<Turn, (usize, Arc<Places>)>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for InLine {
    fn drop(&mut self) {
        let mut lines = locked(&self.lines);
        if let Some((people, _)) = lines.get_mut(&self.turn) {
            *people -= 1;
            if *people == 0 {
                lines.remove(&self.turn);
            }
        }
    }
}

/// What a request holds as long as it is executed, also when its client has gone.
pub(crate) struct Held {
    _turns: Vec<(OwnedSemaphorePermit, InLine)>,
    _place: OwnedSemaphorePermit,
}

/// The pools of a server.
pub(crate) struct Pools {
    reads: Places,
    lists: Places,
    figures: Places,
    writes: Places,
    lines: Arc<Lines>,
    waiting_for_stream_max: usize,
    wait: Duration,
}

/// Why work gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It was not begun.
    Busy(Busy),
    /// It panicked.
    Broken,
}

impl Pools {
    pub(crate) fn new(limits: &Limits) -> Self {
        let places = |at_once| Places::new(at_once, limits.waiting_max);
        Self {
            reads: places(limits.reads),
            lists: places(LISTS.min(limits.reads)),
            figures: places(FIGURES),
            writes: places(limits.writes),
            lines: Arc::default(),
            waiting_for_stream_max: limits.waiting_for_stream_max,
            wait: limits.wait(),
        }
    }

    fn places(&self, pool: Pool) -> &Places {
        match pool {
            Pool::Read => &self.reads,
            Pool::List => &self.lists,
            Pool::Figures => &self.figures,
            Pool::Write => &self.writes,
        }
    }

    fn line(&self, turn: &Turn) -> (InLine, Arc<Places>) {
        let mut lines = locked(&self.lines);
        let line = || (0, Arc::new(Places::new(1, self.waiting_for_stream_max)));
        let (people, places) = lines.entry(turn.clone()).or_insert_with(line);
        *people += 1;
        (
            InLine {
                lines: Arc::clone(&self.lines),
                turn: turn.clone(),
            },
            Arc::clone(places),
        )
    }

    /// Waits for every turn and for a thread.
    pub(crate) async fn enter(&self, queue: &Queue) -> Result<Held, Busy> {
        let mut turns = Vec::with_capacity(queue.turns.len());
        // In one order for everybody, so that no two wait for each other.
        for turn in &queue.turns {
            if self.writes.at_once.is_closed() {
                return Err(Busy::Stopping);
            }
            let (in_line, places) = self.line(turn);
            turns.push((places.enter(Busy::StreamFull, self.wait).await?, in_line));
        }
        let place = self.places(queue.pool).enter(Busy::Full, self.wait).await?;
        Ok(Held {
            _turns: turns,
            _place: place,
        })
    }

    /// Runs work on a thread of a pool. When nobody waits for it any more it is told so; when it
    /// has not begun by then, it does not begin.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        queue: &Queue,
        work: impl FnOnce(Wanted) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let held = self.enter(queue).await.map_err(Unanswered::Busy)?;
        let (wanted, _present) = Wanted::by_client();
        let job = tokio::task::spawn_blocking(move || {
            let done = (!wanted.is_over()).then(|| work(wanted));
            drop(held);
            done
        });
        match job.await {
            Ok(Some(done)) => Ok(done),
            Ok(None) | Err(_) => Err(Unanswered::Broken),
        }
    }

    /// Runs work that only reads, and reads little.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let queue = Queue {
            pool: Pool::Read,
            turns: std::collections::BTreeSet::new(),
        };
        self.run(&queue, |_| work()).await
    }

    /// From now on nothing is begun; what was begun goes on.
    pub(crate) fn close(&self) {
        for places in [&self.reads, &self.lists, &self.figures, &self.writes] {
            places.close();
        }
        locked(&self.lines)
            .values()
            .for_each(|(_, places)| places.close());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    fn limits() -> Limits {
        Limits {
            reads: 2,
            writes: 4,
            waiting_max: 3,
            waiting_for_stream_max: 2,
            request: Duration::from_secs(60),
            ..Limits::default()
        }
    }

    fn stream(number: u128) -> Queue {
        let stream = uuid::Uuid::from_u128(number + 1)
            .to_string()
            .parse()
            .unwrap();
        Queue {
            pool: Pool::Write,
            turns: BTreeSet::from([Turn::Stream(stream)]),
        }
    }

    /// Waits until it is so; the other side of a test makes it so.
    async fn until(holds: impl Fn() -> bool) {
        while !holds() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_crowd_at_one_case_holds_one_thread_and_the_next_case_does_not_wait() {
        let (pools, begun) = (
            Arc::new(Pools::new(&limits())),
            Arc::new(AtomicUsize::new(0)),
        );
        let (go_on, wait) = channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let command = |number| {
            let (pools, begun, wait) = (Arc::clone(&pools), Arc::clone(&begun), Arc::clone(&wait));
            tokio::spawn(async move {
                let work = move |_: Wanted| {
                    begun.fetch_add(1, Ordering::SeqCst);
                    wait.lock().unwrap().recv().unwrap();
                };
                pools.run(&stream(number), work).await
            })
        };
        let mut crowd = vec![command(0)];
        until(|| begun.load(Ordering::SeqCst) == 1).await;
        crowd.extend([command(0), command(0)]);
        let one = stream(0).turns.into_iter().next().unwrap();
        until(|| {
            locked(&pools.lines)
                .get(&one)
                .is_some_and(|(people, _)| *people == 3)
        })
        .await;
        assert_eq!(
            command(0).await.unwrap(),
            Err(Unanswered::Busy(Busy::StreamFull)),
            "two wait, and no more may"
        );
        assert_eq!(
            pools.run(&stream(1), |_| 7).await,
            Ok(7),
            "another case is recorded in meanwhile"
        );
        assert_eq!(pools.read(|| 8).await, Ok(8), "and another one is read");
        assert_eq!(
            begun.load(Ordering::SeqCst),
            1,
            "one thread is held by the crowd"
        );
        for _ in 0..3 {
            go_on.send(()).unwrap();
        }
        for command in crowd {
            assert_eq!(command.await.unwrap(), Ok(()));
        }
        assert!(
            locked(&pools.lines).is_empty(),
            "no line is kept that nobody stands in"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_goes_away_while_it_waits_is_not_worked_for() {
        let pools = Arc::new(Pools::new(&limits()));
        let held = pools.enter(&stream(0)).await.unwrap();
        let begun = Arc::new(AtomicUsize::new(0));
        let (inner, count) = (Arc::clone(&pools), Arc::clone(&begun));
        let waiting = tokio::spawn(async move {
            inner
                .run(&stream(0), move |_| count.fetch_add(1, Ordering::SeqCst))
                .await
        });
        let one = stream(0).turns.into_iter().next().unwrap();
        until(|| {
            locked(&pools.lines)
                .get(&one)
                .is_some_and(|(people, _)| *people == 2)
        })
        .await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(held);
        assert_eq!(
            pools.run(&stream(0), |_| 1).await,
            Ok(1),
            "the same command sent again simply runs"
        );
        assert_eq!(begun.load(Ordering::SeqCst), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn work_is_told_when_its_client_has_gone() {
        let pools = Arc::new(Pools::new(&limits()));
        let ((told, seen), (begun, begin)) = (channel(), channel());
        let inner = Arc::clone(&pools);
        let running = tokio::spawn(async move {
            let work = move |wanted: Wanted| {
                begun.send(()).unwrap();
                while !wanted.is_over() {
                    std::thread::yield_now();
                }
                told.send(()).unwrap();
            };
            inner.run(&stream(0), work).await
        });
        tokio::task::block_in_place(|| begin.recv().unwrap());
        running.abort();
        tokio::task::block_in_place(|| seen.recv_timeout(Duration::from_secs(30)).unwrap());
    }

    #[tokio::test]
    async fn nobody_begins_once_the_server_stops_and_whoever_waits_is_told() {
        let pools = Arc::new(Pools::new(&limits()));
        let held = (
            pools.enter(&stream(0)).await.unwrap(),
            pools.enter(&stream(1)).await.unwrap(),
        );
        let inner = Arc::clone(&pools);
        let waiting = tokio::spawn(async move { inner.run(&stream(0), |_| ()).await });
        let one = stream(0).turns.into_iter().next().unwrap();
        until(|| {
            locked(&pools.lines)
                .get(&one)
                .is_some_and(|(people, _)| *people == 2)
        })
        .await;
        pools.close();
        assert_eq!(
            waiting.await.unwrap(),
            Err(Unanswered::Busy(Busy::Stopping))
        );
        assert_eq!(
            pools.run(&stream(2), |_| ()).await,
            Err(Unanswered::Busy(Busy::Stopping))
        );
        assert_eq!(
            pools.read(|| ()).await,
            Err(Unanswered::Busy(Busy::Stopping))
        );
        drop(held);
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_told_that_the_server_is_busy() {
        let pools = Pools::new(&Limits {
            request: Duration::from_millis(30),
            reads: 1,
            ..limits()
        });
        let queue = Queue {
            pool: Pool::Read,
            turns: BTreeSet::new(),
        };
        let held = pools.enter(&queue).await.unwrap();
        assert_eq!(
            pools.read(|| ()).await,
            Err(Unanswered::Busy(Busy::TooLong))
        );
        drop(held);
        assert_eq!(pools.read(|| ()).await, Ok(()));
    }
}
