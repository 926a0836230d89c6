//! The decision: what a witness answers to a request, and what it remembers.

mod answer;
mod mirror;
mod opening;
mod rules;

pub use self::answer::{Answer, Arrival, SIZE_TYPE};
pub use self::mirror::MIRROR_TYPE;
pub use self::opening::{LogSettings, StartError};

use std::collections::BTreeMap;
use std::io;
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use self::answer::{clock_is_wrong, not_kept};
use self::rules::{continues, in_time, signatures};
use verify::position::{LogIndex, LogTime, Size};

use crate::keep::Mirror;
use crate::keys::{LogKey, WitnessKey};
use crate::note::Line;
use crate::passes::Passes;
use crate::replay::{Replay, ReplayError};
use crate::request::{Request, parse_request};
use crate::state::{Latest, StateDir, origin_hash};
use crate::time_rule::TimeRule;

/// Tells the time, seconds of Unix time; zero while it cannot be trusted, and nothing is signed
/// then.
pub type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

struct Log {
    keys: Vec<LogKey>,
    /// Held from the check of the old size until the new one is remembered: of two requests at
    /// once the second sees what the first has done.
    state: Mutex<LogState>,
    /// The latest cosigned note, apart: a replay may hold the other lock for long.
    shown: Mutex<Option<String>>,
    mirror: Option<Mirror>,
}

struct LogState {
    latest: Option<Latest>,
    replay: Option<Replay>,
    passes: Passes,
}

/// A witness.
pub struct Witness {
    keys: Vec<WitnessKey>,
    logs: BTreeMap<String, Log>,
    dir: StateDir,
    clock: Clock,
    delay: u64,
}

/// A pass could not be given.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// No such log, or one whose entries are not read.
    #[error("{0} is no log that this witness verifies")]
    NotVerified(String),
    /// There is no reason.
    #[error("a pass needs a reason")]
    NoReason,
    /// The file of passes.
    #[error("the pass cannot be kept")]
    State(#[from] io::Error),
}

impl Witness {
    /// The same with another delay that new entries may have, in seconds. Readers of bundles allow
    /// for [`DELAY_SECONDS`](crate::time_rule::DELAY_SECONDS).
    #[must_use]
    pub fn with_delay(self, delay: u64) -> Self {
        Self { delay, ..self }
    }

    /// Lets entries of a verified log pass whatever time they state, for a reason that is kept with
    /// it. Answers whether that is new.
    ///
    /// # Errors
    /// [`PassError`].
    pub fn pass(
        &self,
        origin: &str,
        entries: RangeInclusive<LogIndex>,
        reason: &str,
    ) -> Result<bool, PassError> {
        if reason.trim().is_empty() {
            return Err(PassError::NoReason);
        }
        let unknown = || PassError::NotVerified(origin.to_owned());
        let log = self.logs.get(origin).ok_or_else(unknown)?;
        let mut state = log.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.replay.is_none() {
            return Err(unknown());
        }
        let Some(passes) = state.passes.with(self.now(), entries, reason) else {
            return Ok(false);
        };
        self.dir.keep_passes(origin, &passes)?;
        state.passes = passes;
        Ok(true)
    }

    /// The passes that were given for a log, one a line: when, which entries, why.
    ///
    /// # Errors
    /// As the file system reports.
    pub fn passes(&self, origin: &str) -> io::Result<String> {
        Ok(self.dir.passes(origin)?.text())
    }

    /// The same for the log whose origin has this hash (hexadecimal); none when it is not
    /// witnessed.
    ///
    /// # Errors
    /// As the file system reports.
    pub fn passes_by_hash(&self, hash: &str) -> io::Result<Option<String>> {
        self.logs
            .keys()
            .find(|origin| origin_hash(origin) == hash)
            .map(|origin| self.passes(origin))
            .transpose()
    }

    /// The time by the clock of the witness, seconds of Unix time; zero while it cannot be trusted.
    #[must_use]
    pub fn now(&self) -> LogTime {
        LogTime::new((self.clock)())
    }

    /// The verifier keys, for policies.
    #[must_use]
    pub fn vkeys(&self) -> Vec<String> {
        self.keys.iter().map(WitnessKey::vkey).collect()
    }

    /// The names of the logs.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The latest cosigned checkpoint of the log whose origin has this hash (hexadecimal).
    #[must_use]
    pub fn latest(&self, hash: &str) -> Option<String> {
        let (_, log) = self
            .logs
            .iter()
            .find(|(origin, _)| origin_hash(origin) == hash)?;
        log.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Answers `add-checkpoint` to a request that arrives now.
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        self.answer(
            body,
            Arrival {
                at: self.now(),
                asked: None,
            },
        )
    }

    /// Answers `add-checkpoint` to a request that arrived a while ago. That is the time that the
    /// cosignature states: by then this was the largest tree that the witness had been shown,
    /// however long it waited and worked since.
    pub fn answer(&self, body: &[u8], arrival: Arrival) -> Answer {
        let request = match parse_request(body) {
            Ok(request) => request,
            Err(error) => return Answer::refuse(400, error),
        };
        let origin = request.checkpoint.origin.clone();
        let Some(log) = self.logs.get(&origin) else {
            return Answer::refuse(404, "this log is not witnessed here");
        };
        let Some(signatures) = signatures(&log.keys, &request.checkpoint) else {
            return Answer::refuse(403, "the checkpoint is not signed by the log");
        };
        if let Err(refused) = in_time(arrival) {
            tracing::warn!(%origin, at = arrival.at.get(), asked = arrival.asked.map(LogTime::get), "a request was not in time");
            return refused;
        }
        let mut state = log.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(refused) = continues(&request, state.latest.as_ref()) {
            tracing::warn!(%origin, size = request.checkpoint.size.get(), old = request.old.get(), status = refused.status, "a checkpoint was refused");
            if refused.status == 422 {
                // It may prove that the log deceives; whoever reads this needs all of it.
                tracing::warn!(%origin, note = request.note, "the checkpoint that was refused");
            }
            return refused;
        }
        match self.cosign(&request, arrival.at, signatures, &mut state) {
            Ok(lines) => {
                *log.shown.lock().unwrap_or_else(PoisonError::into_inner) =
                    state.latest.as_ref().map(|latest| latest.note.clone());
                Answer {
                    status: 200,
                    kind: "text/plain; charset=utf-8",
                    body: lines,
                }
            }
            Err(refused) => {
                if let Some(replay) = &mut state.replay {
                    replay.forget();
                }
                refused
            }
        }
    }

    /// Replays what is new, where the log is replayed. Answers the auditor's state, to be kept.
    fn replay(
        &self,
        request: &Request,
        arrival: LogTime,
        state: &mut LogState,
    ) -> Result<Option<Vec<u8>>, Answer> {
        let Request {
            checkpoint, note, ..
        } = request;
        let origin = &checkpoint.origin;
        let LogState {
            latest,
            replay,
            passes,
        } = state;
        let Some(replay) = replay else {
            return Ok(None);
        };
        let times = TimeRule {
            cosigned: latest
                .as_ref()
                .map_or(Size::EMPTY, |latest| latest.checkpoint.size),
            earliest: latest
                .as_ref()
                .map_or(LogTime::EPOCH, |latest| latest.arrival.earlier(self.delay)),
            arrival,
            passes,
        };
        let saved = || {
            self.dir.auditor(origin).unwrap_or_else(|error| {
                tracing::warn!(%error, %origin, "the saved state of the auditor could not be read");
                None
            })
        };
        match replay.check(checkpoint.size, note, &times, saved) {
            Ok(saved) => Ok(Some(saved)),
            Err(error @ ReplayError::Broken(_)) => {
                tracing::error!(%origin, size = checkpoint.size.get(), %error, note, "a checkpoint is not cosigned");
                Err(Answer::refuse(422, error))
            }
            Err(error @ ReplayError::Missing(_)) => {
                tracing::warn!(%origin, size = checkpoint.size.get(), %error, "a checkpoint cannot be verified");
                Err(Answer::refuse(503, error))
            }
            Err(ReplayError::Kept(error)) => Err(not_kept(origin, &*error)),
        }
    }

    /// Replays, keeps, signs and remembers a checkpoint that continues the latest one.
    fn cosign(
        &self,
        request: &Request,
        arrival: LogTime,
        signatures: Vec<Line>,
        state: &mut LogState,
    ) -> Result<String, Answer> {
        let checkpoint = &request.checkpoint;
        let origin = &checkpoint.origin;
        let failed = |error: io::Error| {
            tracing::error!(%error, %origin, "the state of the witness could not be written or read");
            Answer::refuse(500, "the witness cannot remember what it signs")
        };
        let audited = self.replay(request, arrival, state)?;
        let (now, before) = (self.now(), state.latest.as_ref());
        // A time before the last stated one would contradict it: it said that then, later, the
        // older tree was the largest seen.
        let stated = before.map_or(LogTime::EPOCH, |latest| latest.time);
        if now == LogTime::EPOCH || now < stated {
            tracing::error!(%origin, now = now.get(), "the clock stands before the last cosignature");
            return Err(clock_is_wrong());
        }
        // Requests wait for each other, and one that arrived later may be answered first.
        let time = arrival.max(stated);
        let again = before
            .filter(|latest| latest.checkpoint.size == checkpoint.size)
            .map_or(LogTime::EPOCH, |latest| latest.arrival);
        let own: Vec<Line> = self
            .keys
            .iter()
            .filter_map(|key| key.cosign(checkpoint, time))
            .collect();
        if own.is_empty() {
            return Err(Answer::refuse(
                400,
                "a checkpoint with further lines cannot be cosigned with ML-DSA",
            ));
        }
        let text: String = own.iter().map(Line::text).collect();
        let lines: String = signatures.iter().map(Line::text).collect();
        let mut remembered = checkpoint.clone();
        remembered.lines = signatures;
        remembered.lines.extend(own);
        let latest = Latest {
            time,
            arrival: arrival.max(again),
            note: format!("{}\n{lines}{text}", checkpoint.body),
            checkpoint: remembered,
        };
        // Keep the log first: a cosigned checkpoint must not be lost together with one machine.
        if let Some(replay) = &mut state.replay {
            replay
                .keep(&latest)
                .map_err(|error| not_kept(origin, &error))?;
        }
        self.dir.remember(&latest).map_err(failed)?;
        state.latest = Some(latest);
        // The auditor is saved last: it may be behind the remembered checkpoint and read again, but
        // must never be ahead of it.
        if let Some(audited) = audited
            && let Err(error) = self.dir.keep_auditor(origin, &audited)
        {
            tracing::warn!(%error, %origin, "the state of the auditor was not saved; more is read again after a restart");
        }
        Ok(text)
    }
}
