//! Values by stream within a bound of memory, for every thread. What was read before something was
//! erased is never put in after it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::log::bounded::Bounded;

/// How often everything was forgotten. What was read before that is not kept afterwards.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clearings(Arc<AtomicU64>);

/// When a reading began, counted in clearings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun(u64);

impl Clearings {
    /// To be asked before a reading begins.
    pub(crate) fn now(&self) -> Begun {
        Begun(self.0.load(Ordering::SeqCst))
    }

    /// Everything is about to be forgotten.
    pub(crate) fn another(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The values.
pub(crate) struct Cache<V> {
    values: Mutex<Bounded<V>>,
    clearings: Clearings,
}

impl<V> Cache<V> {
    /// An empty one that takes at most so many bytes.
    pub(crate) fn new(most: usize, clearings: Clearings) -> Self {
        Self {
            values: Mutex::new(Bounded::new(most)),
            clearings,
        }
    }

    /// The values, for this thread alone.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Bounded<V>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for what was read since then; null when everything was forgotten meanwhile.
    pub(crate) fn lock_since(&self, begun: Begun) -> Option<MutexGuard<'_, Bounded<V>>> {
        // Locked first: whoever forgets counts that, and then waits for the lock.
        let values = self.lock();
        (self.clearings.now() == begun).then_some(values)
    }

    /// At most so many bytes from now on.
    pub(crate) fn limit(&self, most: usize) {
        self.lock().limit(most);
    }

    /// Forgets everything. It must have been counted before.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}
