//! Since when entries wait for a checkpoint.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Since when entries wait for a checkpoint, for whoever watches: reading it waits for nothing.
pub(super) struct Pulse {
    pub(super) begun: Instant,
    /// Milliseconds since `begun`, and one more; 0 when none waits.
    pub(super) unsealed: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            unsealed: AtomicU64::new(0),
        }
    }
}

impl Pulse {
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// An entry waits, and the first one counts.
    pub(super) fn dirty(&self) {
        // It is zero or the time of an earlier entry; only the sequencer writes it.
        if self.unsealed.load(Ordering::Relaxed) == 0 {
            self.unsealed.store(self.now(), Ordering::Relaxed);
        }
    }

    pub(super) fn sealed(&self) {
        self.unsealed.store(0, Ordering::Relaxed);
    }

    pub(super) fn unsealed_for(&self) -> Option<Duration> {
        let since = self.unsealed.load(Ordering::Relaxed);
        (since > 0).then(|| Duration::from_millis(self.now().saturating_sub(since)))
    }
}
