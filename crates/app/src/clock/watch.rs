//! Whether the clock can be trusted, asked before anything is dated by it.
//!
//! While the program runs, the wall clock is compared with the running time of the machine: the two
//! differ by the same amount all along. At the start that amount is not known yet. There the clock
//! must not lie before anything that the store knows of, must agree with the clocks outside that
//! answered, and where none did, must not lie more than [`PAUSE_MAX`] behind the store's newest
//! time. A clock that fails is refused until it agrees again; nothing is recorded meanwhile.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use events::log::{Safeguard, SafeguardOverridden};
use events::text::Short;
use jiff::{SignedDuration, Timestamp};
use record::positions::LogTime;

use super::known::KnownTime;
use super::{Clock, Grounds, Heard, PAUSE_MAX, Word};

/// So often the trusted difference follows the small steps that a machine's clock is corrected by.
/// A clock that creeps by more in that time is refused.
const FOLLOW_EVERY: Duration = Duration::from_hours(1);

/// The two readings belong together when they were taken within so long.
const TOGETHER: Duration = Duration::from_millis(100);
/// They are taken anew this often.
const ATTEMPTS: usize = 8;

/// Why the clock is refused. Every form names what the clock says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefused {
    /// It was set while the program ran.
    #[error(
        "the clock was set: it says {says}, and by the time that has passed since it was trusted it is {expected}"
    )]
    Jumped {
        /// What the clock says.
        says: Timestamp,
        /// What it must say.
        expected: Timestamp,
    },
    /// Something was there that it says is still to come.
    #[error("the clock says {says}, which lies before {known}, the time of {by}")]
    Behind {
        /// What the clock says.
        says: Timestamp,
        /// What is known.
        known: Timestamp,
        /// What states that.
        by: String,
    },
    /// Clocks outside say otherwise.
    #[error("the clock says {says}, and by the clock of {by} it is {told}")]
    Outside {
        /// What the clock says.
        says: Timestamp,
        /// What the other clock says.
        told: Timestamp,
        /// Whose clock.
        by: String,
    },
    /// A long pause that nobody outside confirms.
    #[error("the clock says {says}, more than {} days after {known}, the time of {by}, and no clock outside this machine answered", PAUSE_MAX.as_secs() / 86_400)]
    Pause {
        /// What the clock says.
        says: Timestamp,
        /// What is known.
        known: Timestamp,
        /// What states that.
        by: String,
    },
}

impl ClockRefused {
    /// What the record says of it when an operator sets it aside.
    #[must_use]
    pub fn set_aside(&self, word: &Word) -> SafeguardOverridden {
        let (says, known, by) = match self {
            Self::Jumped { says, expected } => (says, expected, "the running time of the machine"),
            Self::Behind { says, known, by } | Self::Pause { says, known, by } => {
                (says, known, by.as_str())
            }
            Self::Outside { says, told, by } => (says, told, by.as_str()),
        };
        SafeguardOverridden {
            safeguard: Safeguard::Clock,
            reason: word.reason.clone(),
            clock: Some(*says),
            known_time: Some(*known),
            entries_here: None,
            entries_known: None,
            known_by: Short::new(by).ok(),
        }
    }
}

/// The clock of a log, watched.
pub struct Watch {
    clock: Arc<dyn Clock>,
    grounds: Grounds,
    /// What the store knew of at the start.
    known: Option<KnownTime>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Since when the clock is trusted; none while it never was.
    base: Option<Base>,
    /// Why it is refused now.
    refused: Option<ClockRefused>,
    /// What the operator's word has set aside, until it is recorded.
    owed: Option<ClockRefused>,
    /// The newest time that was recorded since.
    recorded: Option<KnownTime>,
}

/// By how much the wall clock and the running time differ while the clock is trusted.
#[derive(Clone, Copy)]
struct Base {
    difference: SignedDuration,
    /// The running time at which it was taken.
    taken: Duration,
}

/// Both readings of the clock.
#[derive(Clone, Copy)]
struct Readings {
    wall: Timestamp,
    running: Duration,
}

impl Readings {
    fn difference(self) -> SignedDuration {
        SignedDuration::from_nanos_i128(self.wall.as_nanosecond()) - signed(self.running)
    }

    const fn base(self, difference: SignedDuration) -> Base {
        Base {
            difference,
            taken: self.running,
        }
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// Whole seconds, for whoever reads the refusal.
fn plain(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn moved(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(time)
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("refused", &self.refusal())
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// Watches a clock from now on; `known` is the newest time that the store knows of. Where the
    /// clock would be refused and the operator's word is given, it is trusted, and the word is owed
    /// to the record.
    #[must_use]
    pub fn start(clock: Arc<dyn Clock>, known: Option<KnownTime>) -> Self {
        let grounds = clock.grounds();
        let watch = Self {
            clock,
            grounds,
            known,
            state: Mutex::default(),
        };
        if let (Some(readings), Err(refused), Some(_)) =
            (watch.readings(), watch.read(), &watch.grounds.word)
        {
            tracing::warn!(%refused, "the clock is trusted by the operator's word");
            let mut state = watch.state();
            (state.base, state.refused, state.owed) = (
                Some(readings.base(readings.difference())),
                None,
                Some(refused),
            );
        }
        watch
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the wall clock, whether it is refused or not: for whoever records nothing.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time, if the clock can be trusted.
    ///
    /// # Errors
    /// [`ClockRefused`]; nothing may be dated then.
    pub fn read(&self) -> Result<Timestamp, ClockRefused> {
        let Some(readings) = self.readings() else {
            return Ok(self.clock.now());
        };
        let mut state = self.state();
        let base = state.base;
        let judged = base.map_or_else(
            || self.begins(readings),
            |base| self.goes_on(readings, base),
        );
        match judged {
            Ok(base) => {
                if state.refused.take().is_some() {
                    tracing::info!("the clock agrees again; recording goes on");
                }
                state.base = Some(base);
                Ok(readings.wall)
            }
            Err(refused) => {
                // Whoever opens a log asks and tells it in the way of the program.
                if state.refused.is_none() && base.is_some() {
                    tracing::error!(%refused, "the clock is refused; nothing is recorded until it agrees again");
                }
                state.refused = Some(refused.clone());
                Err(refused)
            }
        }
    }

    /// Why the clock is refused now; none when it is not. It waits for nothing.
    #[must_use]
    pub fn refusal(&self) -> Option<ClockRefused> {
        self.read().err()
    }

    /// What the operator's word has set aside, with that word; once.
    pub(crate) fn owed(&self) -> Option<(ClockRefused, Word)> {
        self.state().owed.take().zip(self.grounds.word.clone())
    }

    /// Whether the operator's word is still owed to the record.
    pub(crate) fn owes(&self) -> bool {
        self.state().owed.is_some()
    }

    /// An entry is recorded with that time, seconds of Unix time.
    pub(crate) fn recorded(&self, time: LogTime) {
        let time = i64::try_from(time.get())
            .ok()
            .and_then(|time| Timestamp::from_second(time).ok());
        self.state().recorded = time.map(|time| KnownTime {
            time,
            by: "the newest entry of the log".to_owned(),
        });
    }

    /// Takes in what a witness stated as the time when it cosigned, which was asked at `sent`. A
    /// refused clock that a quick answer confirms is trusted again: a machine that was paused from
    /// outside, and whose clock was put right, differs from its running time for good. It is not
    /// where the log has recorded a later time: everything until then would be dated with that one.
    pub(crate) fn hear(&self, by: &str, told: Timestamp, sent: Timestamp) {
        let Some(readings) = self.readings() else {
            return;
        };
        let bound = signed(self.grounds.bound);
        let quick = readings.wall.duration_since(sent) <= bound && sent <= readings.wall;
        let agrees = moved(sent, -bound) <= told && told <= moved(readings.wall, bound);
        let mut state = self.state();
        let behind = [&self.known, &state.recorded]
            .into_iter()
            .flatten()
            .find_map(|known| self.behind(readings, known));
        if state.refused.is_none() || !quick || !agrees {
            return;
        }
        if let Some(behind) = behind {
            state.refused = Some(behind);
            return;
        }
        tracing::warn!(
            by,
            "the clock was refused, and a witness's clock confirms it; recording goes on"
        );
        state.base = Some(readings.base(readings.difference()));
        state.refused = None;
    }

    /// Both readings, taken together; none of a clock that is not watched.
    fn readings(&self) -> Option<Readings> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let running = self.clock.running()?;
            let wall = self.clock.now();
            last = Some(Readings { wall, running });
            // The process may have been stopped in between.
            if self.clock.running()?.saturating_sub(running) <= TOGETHER {
                break;
            }
        }
        last
    }

    /// Whether the clock has kept pace with the running time.
    fn goes_on(&self, readings: Readings, base: Base) -> Result<Base, ClockRefused> {
        let off = readings.difference() - base.difference;
        if off.unsigned_abs() > self.grounds.bound {
            let expected = moved(readings.wall, -off);
            return Err(ClockRefused::Jumped {
                says: plain(readings.wall),
                expected: plain(expected),
            });
        }
        let follow = readings.running.saturating_sub(base.taken) >= FOLLOW_EVERY;
        Ok(if follow {
            readings.base(readings.difference())
        } else {
            base
        })
    }

    /// Whether the clock can be trusted at the start.
    fn begins(&self, readings: Readings) -> Result<Base, ClockRefused> {
        let says = plain(readings.wall);
        if let Some(refused) = self
            .known
            .as_ref()
            .and_then(|known| self.behind(readings, known))
        {
            return Err(refused);
        }
        let heard = &self.grounds.heard;
        let differing: Vec<(&Heard, Timestamp)> = heard
            .iter()
            .filter_map(|heard| Some((heard, self.differs(readings, heard)?)))
            .collect();
        // One outside clock that is wrong stops nothing where another agrees.
        if let Some((first, told)) = differing.first() {
            if differing.len() * 2 > heard.len() {
                return Err(ClockRefused::Outside {
                    says,
                    told: plain(*told),
                    by: first.by.clone(),
                });
            }
            tracing::warn!(by = first.by, told = %plain(*told), "a clock outside differs from this machine's, others agree");
        }
        match &self.known {
            Some(known)
                if heard.is_empty()
                    && readings.wall.duration_since(known.time) > signed(PAUSE_MAX) =>
            {
                Err(ClockRefused::Pause {
                    says,
                    known: plain(known.time),
                    by: known.by.clone(),
                })
            }
            _ => Ok(readings.base(readings.difference())),
        }
    }

    fn behind(&self, readings: Readings, known: &KnownTime) -> Option<ClockRefused> {
        let before = moved(readings.wall, signed(self.grounds.bound)) < known.time;
        before.then(|| ClockRefused::Behind {
            says: plain(readings.wall),
            known: plain(known.time),
            by: known.by.clone(),
        })
    }

    /// What an outside clock would say now, if that differs by more than the bound.
    fn differs(&self, readings: Readings, heard: &Heard) -> Option<Timestamp> {
        let told = moved(
            heard.told,
            signed(readings.running.saturating_sub(heard.asked)),
        );
        let off = readings.wall.duration_since(told).unsigned_abs();
        (off > self.grounds.bound + heard.slack).then_some(told)
    }
}

#[cfg(test)]
mod tests;
