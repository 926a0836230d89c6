//! Waiting for something that another thread or process brings about. Every wait ends: it fails
//! with a message when its bound has passed. How long a wait takes decides no test, unless the
//! bound itself is the claim ([`Wait::within`]).

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a test waits for something that must come, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// For so long the processor is left to those that are waited for, before the next look.
const PAUSE: Duration = Duration::from_millis(2);

/// A wait with an end. For loops that do something of their own between two looks; others call
/// [`wait_until`] or [`wait_for`].
pub struct Wait {
    begun: Instant,
    bound: Duration,
}

impl Wait {
    /// With the bound that all waits have.
    pub fn begin() -> Self {
        Self::within(PATIENCE)
    }

    /// With a bound that is part of what the test claims.
    pub fn within(bound: Duration) -> Self {
        Self {
            begun: Instant::now(),
            bound,
        }
    }

    /// Leaves the processor to others before the next look; fails when the bound has passed, and
    /// says what was waited for and what was seen last.
    #[track_caller]
    pub fn or_fail(&self, what: &str, seen: impl Debug) {
        assert!(
            self.begun.elapsed() < self.bound,
            "{what}: not within {:?}; seen last: {seen:?}",
            self.bound
        );
        std::thread::park_timeout(PAUSE);
    }

    /// Looks until the look finds something.
    #[track_caller]
    pub fn find<T, S: Debug>(self, what: &str, mut look: impl FnMut() -> Result<T, S>) -> T {
        loop {
            match look() {
                Ok(found) => return found,
                Err(seen) => self.or_fail(what, seen),
            }
        }
    }
}

/// Waits until the condition holds.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    Wait::begin().find(what, || {
        if holds() {
            Ok(())
        } else {
            Err("it does not hold")
        }
    });
}

/// Waits until a look finds what is wanted, and answers it; what it sees until then is told when
/// the wait fails.
#[track_caller]
pub fn wait_for<T, S: Debug>(what: &str, look: impl FnMut() -> Result<T, S>) -> T {
    Wait::begin().find(what, look)
}
