//! Whether the server can do its work, told without waiting for anything.
//!
//! A thread of its own looks at the log again and again; a probe is answered by what it saw last. A
//! store that does not even answer is told by how long ago that was. A store that has stopped and
//! needs to be opened again is given some time in which it goes on being read, and then the server
//! ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use app::public_log::readiness::Trouble;
use app::public_log::{PublicLog, WeakPublicLog};
use tokio::sync::watch;

use crate::settings::Limits;

/// How often the log is looked at.
const ROUND: Duration = Duration::from_millis(250);
/// A store that has not answered for so long is not ready.
const SILENT: Duration = Duration::from_secs(5);
/// How long the thread is waited for at the end; one that waits for a store that hangs is left
/// behind.
const ENDING: Duration = Duration::from_secs(1);

/// What was seen last.
struct Seen {
    at: Instant,
    troubles: Vec<Trouble>,
    stop: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
    draining: AtomicBool,
    /// Says why the server must end; none while it need not.
    end: watch::Sender<Option<String>>,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches over a log.
pub(crate) struct Health {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Health {
    /// Starts to watch. Nothing is ready before the log was looked at once.
    pub(crate) fn start(log: &PublicLog, limits: &Limits) -> std::io::Result<Self> {
        let seen = Seen {
            at: Instant::now(),
            troubles: log.troubles(limits.checkpoint_late),
            stop: false,
        };
        let shared = Arc::new(Shared {
            seen: Mutex::new(seen),
            changed: Condvar::new(),
            draining: AtomicBool::new(false),
            end: watch::Sender::new(None),
        });
        let (watched, log, limits) = (Arc::clone(&shared), log.downgrade(), *limits);
        let thread = std::thread::Builder::new()
            .name("health".into())
            .spawn(move || watch_over(&log, &watched, &limits))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// From now on it is not ready, because it ends.
    pub(crate) fn drain(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
    }

    /// Why it is not ready, a line for each reason that begins with a stable code; none when it is
    /// ready.
    pub(crate) fn unready(&self) -> Option<String> {
        if self.shared.draining.load(Ordering::Relaxed) {
            return Some("DRAINING: the server is stopping\n".to_owned());
        }
        let seen = self.shared.seen();
        let ago = seen.at.elapsed();
        if ago > SILENT {
            return Some(format!(
                "STORE_SILENT: the store has not answered for {} s\n",
                ago.as_secs()
            ));
        }
        let lines: String = seen
            .troubles
            .iter()
            .map(|trouble| format!("{}: {trouble}\n", trouble.code()))
            .collect();
        (!lines.is_empty()).then_some(lines)
    }

    /// Resolves, with the reason, when the server must end because its store has stopped.
    pub(crate) async fn must_end(&self) -> String {
        let mut end = self.shared.end.subscribe();
        let why = end
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|why| why.clone());
        match why {
            Some(why) => why,
            // The sender lives as long as this does.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.shared.seen().stop = true;
        self.shared.changed.notify_all();
        let Some(thread) = self.thread.take() else {
            return;
        };
        let until = Instant::now() + ENDING;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        if thread.is_finished() && thread.join().is_err() {
            tracing::error!("the watch over the log panicked");
        }
    }
}

/// Tells what has changed.
fn tell(before: &[Trouble], now: &[Trouble]) {
    let codes = |troubles: &[Trouble]| troubles.iter().map(Trouble::code).collect::<Vec<_>>();
    if codes(before) == codes(now) {
        return;
    }
    for trouble in now {
        tracing::error!(code = trouble.code(), "not ready: {trouble}");
    }
    if now.is_empty() {
        tracing::warn!("ready again");
    }
}

fn watch_over(log: &WeakPublicLog, shared: &Shared, limits: &Limits) {
    let mut stopped_since: Option<Instant> = None;
    loop {
        // Not held while it waits: whoever closes the log must be the last to hold it.
        let Some(troubles) = log
            .upgrade()
            .map(|log| log.troubles(limits.checkpoint_late))
        else {
            return;
        };
        let stopped = troubles.iter().find(|trouble| trouble.needs_reopening());
        stopped_since = stopped.map(|_| stopped_since.unwrap_or_else(Instant::now));
        let why = stopped.map(|trouble| format!("{}: {trouble}", trouble.code()));
        let mut seen = shared.seen();
        tell(&seen.troubles, &troubles);
        (seen.at, seen.troubles) = (Instant::now(), troubles);
        if stopped_since.is_some_and(|since| since.elapsed() >= limits.stopped) {
            shared.end.send_if_modified(|end| {
                end.is_none() && {
                    *end = why;
                    true
                }
            });
        }
        if !seen.stop {
            seen = shared
                .changed
                .wait_timeout(seen, ROUND)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        if seen.stop {
            return;
        }
    }
}
