//! The decision: what a witness answers to a request, and what it remembers.

mod mirror;

use std::collections::BTreeMap;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::files::LogFiles;
use crate::keep::{Keep, Mirror};
use crate::keys::{LogKey, WitnessKey};
use crate::note::{Checkpoint, Line};
use crate::passes::Passes;
use crate::replay::{Replay, ReplayError};
use crate::request::{Request, parse_request};
use crate::state::{Latest, StateDir, origin_hash};
use crate::time_rule::{DELAY_SECONDS, TimeRule, UNDER_WAY_SECONDS_MAX};
use crate::tree::{empty, is_consistent};

/// The content type of the size that a conflict is answered with.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

pub use self::mirror::MIRROR_TYPE;

/// Tells the time, seconds of Unix time; zero while it cannot be trusted, and nothing is signed
/// then.
pub type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

/// An answer of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// Content type.
    pub kind: &'static str,
    /// Body.
    pub body: String,
}

impl Answer {
    fn refuse(status: u16, reason: impl std::fmt::Display) -> Self {
        Self {
            status,
            kind: "text/plain; charset=utf-8",
            body: format!("{reason}\n"),
        }
    }

    fn conflict(size: u64) -> Self {
        Self {
            status: 409,
            kind: SIZE_TYPE,
            body: format!("{size}\n"),
        }
    }
}

/// When a request arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// By the clock of the witness, seconds of Unix time.
    pub at: u64,
    /// When the log asked, as the request states.
    pub asked: Option<u64>,
}

/// A log that is to be witnessed.
pub struct LogSettings {
    /// Its verifier keys, all of one name. A checkpoint must bear one of them.
    pub keys: Vec<LogKey>,
    /// Where its entries come from, if they are to be replayed before anything is cosigned.
    pub files: Option<Box<dyn LogFiles>>,
    /// Where all of it is kept before it is cosigned, if it is to be; it must be replayed then.
    pub keep: Option<Keep>,
}

/// The witness could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A log has no key, or keys of several names.
    #[error("each log needs verifier keys, and all of them under its one name")]
    Keys,
    /// Entries can be replayed only by the key that signs with Ed25519.
    #[error("{0}: a verifying witness needs the log's Ed25519 key")]
    NoEd25519(String),
    /// What is kept must be replayed, and be of this log.
    #[error("{0}: only a log that is replayed can be kept, each in a directory of its own")]
    Keep(String),
    /// Whoever trusts a witness must not take its word for that of a mirror.
    #[error(
        "{0} is the name of a witness; a mirror signs with a key of its own, under another name"
    )]
    MirrorName(String),
    /// There is no key to sign with.
    #[error("a witness needs a key")]
    NoKey,
    /// The directory of its state.
    #[error("the state of the witness cannot be used")]
    State(#[from] io::Error),
}

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
    /// Opens a witness on its directory; what it has signed before is read now, and a directory
    /// that is damaged or in use is refused.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(
        keys: Vec<WitnessKey>,
        logs: Vec<LogSettings>,
        dir: &Path,
        clock: Clock,
    ) -> Result<Self, StartError> {
        if keys.is_empty() {
            return Err(StartError::NoKey);
        }
        let dir = StateDir::open(dir)?;
        let keys_own: Vec<&str> = keys.iter().map(WitnessKey::name).collect();
        let mut known = BTreeMap::new();
        for LogSettings { keys, files, keep } in logs {
            let origin = keys
                .first()
                .map(|key| key.origin().to_owned())
                .ok_or(StartError::Keys)?;
            if keys.iter().any(|key| key.origin() != origin) || known.contains_key(&origin) {
                return Err(StartError::Keys);
            }
            if keep
                .as_ref()
                .is_some_and(|keep| files.is_none() || keep.origin() != origin)
            {
                return Err(StartError::Keep(origin));
            }
            let same = keep
                .iter()
                .flat_map(Keep::names)
                .find(|name| keys_own.contains(name));
            if let Some(name) = same {
                return Err(StartError::MirrorName(name.to_owned()));
            }
            let mirror = keep.as_ref().and_then(Keep::mirror);
            let replay = match files {
                Some(files) => {
                    let key = keys
                        .iter()
                        .find(|key| key.is_ed25519())
                        .ok_or_else(|| StartError::NoEd25519(origin.clone()))?;
                    Some(Replay::new(&origin, key.text(), files, keep))
                }
                None => None,
            };
            let (latest, passes) = (dir.latest(&origin)?, dir.passes(&origin)?);
            let shown = Mutex::new(latest.as_ref().map(|latest| latest.note.clone()));
            known.insert(
                origin,
                Log {
                    keys,
                    state: Mutex::new(LogState {
                        latest,
                        replay,
                        passes,
                    }),
                    shown,
                    mirror,
                },
            );
        }
        Ok(Self {
            keys,
            logs: known,
            dir,
            clock,
            delay: DELAY_SECONDS,
        })
    }

    /// The same with another delay that new entries may have, in seconds. Readers of bundles allow
    /// for [`DELAY_SECONDS`].
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
        entries: RangeInclusive<u64>,
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
        let Some(passes) = state.passes.with((self.clock)(), entries, reason) else {
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
    pub fn now(&self) -> u64 {
        (self.clock)()
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
            tracing::warn!(%origin, at = arrival.at, asked = arrival.asked, "a request was not in time");
            return refused;
        }
        let mut state = log.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(refused) = judge(&request, state.latest.as_ref()) {
            tracing::warn!(%origin, size = request.checkpoint.size, old = request.old, status = refused.status, "a checkpoint was refused");
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
        arrival: u64,
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
            from: latest.as_ref().map_or(0, |latest| latest.checkpoint.size),
            earliest: latest
                .as_ref()
                .map_or(0, |latest| latest.arrival.saturating_sub(self.delay)),
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
                tracing::error!(%origin, size = checkpoint.size, %error, note, "a checkpoint is not cosigned");
                Err(Answer::refuse(422, error))
            }
            Err(error @ ReplayError::Missing(_)) => {
                tracing::warn!(%origin, size = checkpoint.size, %error, "a checkpoint cannot be verified");
                Err(Answer::refuse(503, error))
            }
            Err(ReplayError::Kept(error)) => Err(not_kept(origin, &*error)),
        }
    }

    /// Replays, keeps, signs and remembers a checkpoint that continues the latest one.
    fn cosign(
        &self,
        request: &Request,
        arrival: u64,
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
        let (now, before) = ((self.clock)(), state.latest.as_ref());
        // A time that goes back would contradict what was stated before: that at the later time
        // the older tree was the largest seen.
        let stated = before.map_or(0, |latest| latest.time);
        if now == 0 || now < stated {
            tracing::error!(%origin, now, "the clock stands before the last cosignature");
            return Err(clock_is_wrong());
        }
        // Of requests that waited for each other the first to arrive need not be the first to be
        // answered.
        let time = arrival.max(stated);
        let again = before
            .filter(|latest| latest.checkpoint.size == checkpoint.size)
            .map_or(0, |latest| latest.arrival);
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
        // Kept first: what is shown as cosigned must never be lost with one machine.
        if let Some(replay) = &mut state.replay {
            replay
                .keep(&latest)
                .map_err(|error| not_kept(origin, &error))?;
        }
        self.dir.remember(&latest).map_err(failed)?;
        state.latest = Some(latest);
        // Behind what is remembered the auditor reads again; it must never be ahead of it.
        if let Some(audited) = audited
            && let Err(error) = self.dir.keep_auditor(origin, &audited)
        {
            tracing::warn!(%error, %origin, "the state of the auditor was not saved; more is read again after a restart");
        }
        Ok(text)
    }
}

fn clock_is_wrong() -> Answer {
    Answer::refuse(503, "the clock of the witness is wrong")
}

/// A request that was under way for long says nothing of how the log stands now; entries that it
/// does not hold may be old by its arrival. The log asks again.
fn in_time(arrival: Arrival) -> Result<(), Answer> {
    if arrival.at == 0 {
        return Err(clock_is_wrong());
    }
    match arrival.asked {
        Some(asked) if arrival.at.abs_diff(asked) > UNDER_WAY_SECONDS_MAX => {
            let apart = arrival.at.abs_diff(asked);
            Err(Answer::refuse(
                503,
                format!(
                    "the request states another time than this witness has, {apart} s apart: ask again, or look at the clocks"
                ),
            ))
        }
        _ => Ok(()),
    }
}

fn not_kept(origin: &str, error: &dyn std::error::Error) -> Answer {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%origin, %error, cause, "what is to be cosigned could not be kept");
    Answer::refuse(500, "the witness cannot keep what it vouches for")
}

/// The lines of the log's keys; none when there are none, or one of them does not fit.
fn signatures(keys: &[LogKey], checkpoint: &Checkpoint) -> Option<Vec<Line>> {
    let mut found = Vec::new();
    for line in &checkpoint.lines {
        if let Some(key) = keys.iter().find(|key| key.owns(line)) {
            if !key.verifies(checkpoint, line) {
                return None;
            }
            found.push(line.clone());
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether a signed checkpoint continues the latest one that was cosigned.
fn judge(request: &Request, latest: Option<&Latest>) -> Result<(), Answer> {
    let Request {
        old,
        proof,
        checkpoint,
        ..
    } = request;
    if *old > checkpoint.size {
        return Err(Answer::refuse(
            400,
            "the old size is above the size of the checkpoint",
        ));
    }
    let known = latest.map_or(0, |latest| latest.checkpoint.size);
    if *old != known {
        return Err(Answer::conflict(known));
    }
    let unproven = || {
        Err(Answer::refuse(
            422,
            "the checkpoint is not proven to continue the latest one",
        ))
    };
    match latest {
        Some(latest) if *old == checkpoint.size => {
            if !proof.is_empty() {
                return unproven();
            }
            if latest.checkpoint.root == checkpoint.root {
                Ok(())
            } else {
                Err(Answer::conflict(known))
            }
        }
        Some(latest) if known > 0 => {
            if is_consistent(
                *old,
                &latest.checkpoint.root,
                checkpoint.size,
                &checkpoint.root,
                proof,
            ) {
                Ok(())
            } else {
                unproven()
            }
        }
        // Nothing, or an empty tree, was cosigned so far.
        _ => {
            if !proof.is_empty() || (checkpoint.size == 0 && checkpoint.root != empty()) {
                return unproven();
            }
            Ok(())
        }
    }
}
