//! When requests are sent: as fast as a number of clients can (a closed loop), or at fixed times
//! whatever happens (an open loop).
//!
//! In an open loop the latency of a request counts from when it was due. A server that stands still
//! for a second makes all requests of that second late; a loop that waited for it would have sent
//! one, and called that one slow (*coordinated omission*).

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::meter::{Meter, Outcome};

/// One client: it sends a request, waits for the answer, and is ready for the next.
pub trait Client: Send + 'static {
    /// Sends its next request.
    fn ask(&mut self) -> impl Future<Output = Outcome> + Send;
}

/// When the next request is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As soon as the client has its answer.
    AsFast,
    /// So many a second over all clients.
    Rate(f64),
}

/// How long it is measured, and how long before that nothing is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Nothing is counted for so long.
    pub warm_up: Duration,
    /// Then it is measured for so long.
    pub measured: Duration,
}

/// Requests that were due and are not sent so long after the end are given up.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(10);

/// What was measured.
#[derive(Debug)]
pub struct Measured<C> {
    /// The outcomes.
    pub meter: Meter,
    /// From the first request that counts to the last answer.
    pub took: Duration,
    /// Requests that were sent, those of the warm-up as well.
    pub asked: u64,
    /// The clients, as they are afterwards; those that a request never came back to are missing.
    pub clients: Vec<C>,
}

/// The times at which requests are due, and who takes the next one.
struct Due {
    begin: Instant,
    interval: Duration,
    /// So many are due in all.
    count: u64,
    /// The first ones are warm-up.
    uncounted: u64,
    taken: AtomicU64,
    /// One permit for each request that is due by now.
    now: Semaphore,
}

impl Due {
    fn at(&self, number: u64) -> Instant {
        self.begin + self.interval.mul_f64(number as f64)
    }

    /// Waits until a request is due that nobody has taken; null when there is none left.
    async fn next(&self) -> Option<u64> {
        let permit = self.now.acquire().await.ok()?;
        permit.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }

    /// Says what is due, from a thread of its own: timers of the runtime are late by up to a
    /// millisecond, which would count as latency.
    fn tell(&self) {
        for number in 0..self.count {
            let wait = self.at(number).saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            if self.now.is_closed() {
                return;
            }
            self.now.add_permits(1);
        }
    }
}

/// Carries a load out.
///
/// # Errors
/// As [`Meter::new`].
pub async fn run<C: Client>(
    clients: Vec<C>,
    pace: Pace,
    span: Span,
) -> Result<Measured<C>, hdrhistogram::CreationError> {
    match pace {
        Pace::AsFast => closed(clients, span).await,
        Pace::Rate(rate) => open(clients, rate, span).await,
    }
}

async fn closed<C: Client>(
    clients: Vec<C>,
    span: Span,
) -> Result<Measured<C>, hdrhistogram::CreationError> {
    let counted_from = Instant::now() + span.warm_up;
    let until = counted_from + span.measured;
    let meter = Arc::new(Mutex::new(Meter::new()?));
    let mut tasks = JoinSet::new();
    for mut client in clients {
        let (meter, mut asked) = (Arc::clone(&meter), 0);
        tasks.spawn(async move {
            loop {
                let sent = Instant::now();
                if sent >= until {
                    return (client, asked);
                }
                asked += 1;
                let outcome = client.ask().await;
                let answered = Instant::now();
                // Those that are on their way at the end count as well: the slowest are among them.
                if answered >= counted_from {
                    count(&meter, outcome, answered - sent);
                }
            }
        });
    }
    let (meter, clients, asked) = join(tasks, &meter).await;
    Ok(Measured {
        meter,
        took: counted_from.elapsed().max(span.measured),
        asked,
        clients,
    })
}

async fn open<C: Client>(
    clients: Vec<C>,
    rate: f64,
    span: Span,
) -> Result<Measured<C>, hdrhistogram::CreationError> {
    let interval = Duration::from_secs_f64(1.0 / rate.max(0.001));
    let fit = |time: Duration| {
        u64::try_from(time.as_nanos() / interval.as_nanos().max(1)).unwrap_or(u64::MAX)
    };
    let due = Arc::new(Due {
        begin: Instant::now() + interval,
        interval,
        count: fit(span.warm_up + span.measured),
        uncounted: fit(span.warm_up),
        taken: AtomicU64::new(0),
        now: Semaphore::new(0),
    });
    let teller = {
        let due = Arc::clone(&due);
        std::thread::spawn(move || due.tell())
    };
    let meter = Arc::new(Mutex::new(Meter::new()?));
    let mut tasks = JoinSet::new();
    for mut client in clients {
        let (due, meter, mut asked) = (Arc::clone(&due), Arc::clone(&meter), 0);
        tasks.spawn(async move {
            while let Some(number) = due.next().await {
                asked += 1;
                let outcome = client.ask().await;
                if number >= due.uncounted {
                    count(&meter, outcome, due.at(number).elapsed());
                }
                if number + 1 == due.count {
                    due.now.close();
                }
            }
            (client, asked)
        });
    }
    let give_up = due.at(due.count) + GIVEN_UP_AFTER;
    let closing = Arc::clone(&due);
    let watch = tokio::spawn(async move {
        tokio::time::sleep_until(give_up.into()).await;
        closing.now.close();
    });
    let (mut meter, clients, asked) = join(tasks, &meter).await;
    watch.abort();
    due.now.close();
    if teller.join().is_err() {
        meter.failed += 1;
    }
    let taken = due.taken.load(Ordering::Relaxed).min(due.count);
    meter.unsent = due.count - taken.max(due.uncounted).min(due.count);
    let took = due.at(due.uncounted).elapsed().max(span.measured);
    Ok(Measured {
        meter,
        took,
        asked,
        clients,
    })
}

fn count(meter: &Mutex<Meter>, outcome: Outcome, latency: Duration) {
    let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
    meter.count(outcome, latency);
}

/// Waits for all clients; answers what they saw, the clients, and how often they asked.
async fn join<C: 'static>(
    mut tasks: JoinSet<(C, u64)>,
    meter: &Mutex<Meter>,
) -> (Meter, Vec<C>, u64) {
    let (mut clients, mut asked) = (Vec::new(), 0);
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok((client, sent)) => {
                asked += sent;
                clients.push(client);
            }
            Err(error) => count(meter, Outcome::Failed(error.to_string()), Duration::ZERO),
        }
    }
    let meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
    (meter.clone(), clients, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers at once, but stands still once.
    struct Stalling {
        asked: Arc<AtomicU64>,
        at: u64,
        stall: Duration,
        gate: Arc<tokio::sync::Mutex<()>>,
    }

    impl Client for Stalling {
        async fn ask(&mut self) -> Outcome {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            let _turn = self.gate.lock().await;
            if number == self.at {
                tokio::time::sleep(self.stall).await;
            }
            Outcome::Done
        }
    }

    fn clients(count: u64, at: u64, stall: Duration) -> Vec<Stalling> {
        let (asked, gate) = (Arc::default(), Arc::default());
        let client = |_| Stalling {
            asked: Arc::clone(&asked),
            at,
            stall,
            gate: Arc::clone(&gate),
        };
        (0..count).map(client).collect()
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    }

    const SPAN: Span = Span {
        warm_up: Duration::ZERO,
        measured: Duration::from_millis(1_000),
    };

    #[test]
    fn a_stall_makes_every_request_that_was_due_meanwhile_late() {
        let stall = Duration::from_millis(400);
        let clients = clients(2, 100, stall);
        let measured = runtime()
            .block_on(run(clients, Pace::Rate(500.0), SPAN))
            .unwrap();
        let latency = measured.meter.latency().unwrap();
        assert_eq!((measured.meter.done, measured.meter.unsent), (500, 0));
        assert_eq!(measured.clients.len(), 2);
        // 200 of 500 were due while it stood still; a loop that waits would have seen two.
        assert!(latency.p90 > 200.0, "{latency:?}");
        assert!(
            latency.p50 < latency.p90 && latency.max >= 400.0,
            "{latency:?}"
        );
    }

    #[test]
    fn a_closed_loop_sees_a_stall_as_one_slow_answer_for_each_client() {
        let measured = runtime()
            .block_on(run(
                clients(2, 100, Duration::from_millis(300)),
                Pace::AsFast,
                SPAN,
            ))
            .unwrap();
        let latency = measured.meter.latency().unwrap();
        assert!(latency.max >= 300.0 && latency.p50 < 150.0, "{latency:?}");
        assert!(measured.took >= SPAN.measured);
    }

    #[test]
    fn what_comes_before_the_measured_time_does_not_count() {
        let span = Span {
            warm_up: Duration::from_millis(500),
            measured: Duration::from_millis(500),
        };
        let measured = runtime()
            .block_on(run(
                clients(4, 10, Duration::from_millis(200)),
                Pace::Rate(200.0),
                span,
            ))
            .unwrap();
        assert_eq!((measured.meter.done, measured.meter.unsent), (100, 0));
    }
}
