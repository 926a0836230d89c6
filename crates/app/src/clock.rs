//! The one place that reads the time.
//!
//! A live clock has a second reading that nobody can set; [`watch`] compares the two. A clock that
//! is put where it stands has none and is not watched.

pub mod known;
pub mod watch;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use events::words::Words;
use jiff::Timestamp;

/// How far a clock may differ from what it is compared with: what readers of a bundle allow for
/// clocks that differ. Whatever is recorded within it is never found to be dated later than it was
/// witnessed.
pub const BOUND_DEFAULT: Duration = Duration::from_secs(5);

/// After a longer pause a clock that nobody outside confirms needs the operator's word: a machine
/// is often off for days, and a wrong year in its battery clock is off by more than a month.
pub const PAUSE_MAX: Duration = Duration::from_hours(30 * 24);

/// Tells the time in whole seconds or finer; the log keeps whole seconds.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long the machine has run, by a counter that nobody can set and that counts on while the
    /// machine sleeps; none for a clock that is not watched.
    fn running(&self) -> Option<Duration> {
        None
    }

    /// What a watched clock is compared with besides.
    fn grounds(&self) -> Grounds {
        Grounds::default()
    }
}

/// What a watched clock is compared with, and by how much it may differ.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// How far it may differ from anything that it is compared with.
    pub bound: Duration,
    /// What clocks outside this machine have said.
    pub heard: Vec<Heard>,
    /// The operator's word that the clock is right, whatever it is compared with at the start.
    pub word: Option<Word>,
}

impl Default for Grounds {
    fn default() -> Self {
        Self {
            bound: BOUND_DEFAULT,
            heard: Vec::new(),
            word: None,
        }
    }
}

/// What a clock outside this machine has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whose clock.
    pub by: String,
    /// What it said.
    pub told: Timestamp,
    /// The running time at which it was asked.
    pub asked: Duration,
    /// How long the answer took at most, rounding included: so much less certain is it.
    pub slack: Duration,
}

/// An operator's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Why the clock is right.
    pub reason: Words,
    /// Who says so, as the machine tells: stated, not proven.
    pub operator: String,
}

/// The machine's clock, not watched: for whoever only wants to know the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock module")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's clock with its second reading: what a log is recorded by.
#[derive(Debug)]
pub struct LiveClock {
    grounds: Mutex<Grounds>,
    #[cfg(not(target_os = "linux"))]
    begun: std::time::Instant,
}

impl LiveClock {
    /// A clock that may differ by `bound`, with the operator's word where it is given.
    #[must_use]
    pub fn new(bound: Duration, word: Option<Word>) -> Self {
        Self {
            grounds: Mutex::new(Grounds {
                bound,
                heard: Vec::new(),
                word,
            }),
            #[cfg(not(target_os = "linux"))]
            begun: std::time::Instant::now(),
        }
    }

    /// Takes in what a clock outside said, which was asked when the machine had run for `asked`.
    pub fn hear(&self, by: &str, told: Timestamp, asked: Duration) {
        let took = self.elapsed().saturating_sub(asked);
        // The header of an answer tells whole seconds.
        let heard = Heard {
            by: by.to_owned(),
            told,
            asked,
            slack: took + Duration::from_secs(1),
        };
        let mut grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        grounds.heard.retain(|earlier| earlier.by != by);
        grounds.heard.push(heard);
    }

    /// Counts on while the machine sleeps.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let reading = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let (seconds, nanoseconds) = (
            u64::try_from(reading.tv_sec).unwrap_or(0),
            u32::try_from(reading.tv_nsec).unwrap_or(0),
        );
        Duration::new(seconds, nanoseconds)
    }

    /// Stands still while the machine sleeps, so that waking it looks like a jump of the clock.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

impl Clock for LiveClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn running(&self) -> Option<Duration> {
        Some(self.elapsed())
    }

    fn grounds(&self) -> Grounds {
        self.grounds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A clock that stands where it is put: for the demonstration, simulations and tests only.
#[derive(Debug)]
pub struct SetClock(Mutex<Timestamp>);

impl SetClock {
    /// A clock that stands at `at`.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Moves the clock.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A watched clock both of whose readings are put: for simulations and tests only.
#[derive(Debug)]
pub struct SetLiveClock {
    /// The wall clock, and how long the machine has run.
    readings: Mutex<(Timestamp, Duration)>,
    grounds: Grounds,
}

impl SetLiveClock {
    /// A clock that says `at` on a machine that has run for an hour.
    #[must_use]
    pub const fn new(at: Timestamp, grounds: Grounds) -> Self {
        Self {
            readings: Mutex::new((at, Duration::from_hours(1))),
            grounds,
        }
    }

    /// Lets time pass on both readings.
    pub fn pass(&self, time: Duration) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        readings.0 = readings
            .0
            .saturating_add(
                jiff::SignedDuration::try_from(time).unwrap_or(jiff::SignedDuration::MAX),
            )
            .unwrap_or(Timestamp::MAX);
        readings.1 += time;
    }

    /// Sets the wall clock, as a fault or a hand does.
    pub fn jump(&self, to: Timestamp) {
        self.readings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0 = to;
    }
}

impl Clock for SetLiveClock {
    fn now(&self) -> Timestamp {
        self.readings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    fn running(&self) -> Option<Duration> {
        Some(
            self.readings
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .1,
        )
    }

    fn grounds(&self) -> Grounds {
        self.grounds.clone()
    }
}
