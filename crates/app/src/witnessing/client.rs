//! Takes checkpoints to witnesses and brings cosignatures home (C2SP tlog-witness).
//!
//! One thread decides, one for each witness waits for its answers; none of them is ever waited
//! for by the sequencer. A round takes one checkpoint to all witnesses: the next begins when the
//! quorum is reached, when nobody is left to answer, or after a while. Late answers still count
//! for the checkpoint that they are of. What reached the quorum is archived.
//!
//! Witnesses that keep the log are asked first: what only this machine holds is not shown to the
//! others, because losing it after they have cosigned it would end the log.

mod answer;
#[cfg(test)]
mod client_tests;
mod mirror;
pub mod rollback;
mod rounds;
mod work;

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
pub use record::policy::Policy;
use record::positions::Size;
use store::log_store::{LogStore, StoredCheckpoint};

use crate::background::Background;
use crate::clock::watch::Watch;
use crate::error::BoxError;
use crate::log::sequencer::beyond::Beyond;
use crate::log::signing_keys::VerifierKeys;

/// What a witness answered over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportAnswer {
    /// The status.
    pub status: u16,
    /// The body, as far as it is read.
    pub body: String,
}

/// The way to witnesses.
///
/// A call may take as long as its time-outs allow and no longer: the witness client gives up on a witness
/// for a round, never on a call.
pub trait WitnessTransport: Send + Sync {
    /// Posts a body to `add-checkpoint` below a witness's URL, and states the time at which the log
    /// asks (seconds of Unix time, [`ASKED_AT`]): a request that was under way for too long is
    /// refused.
    ///
    /// # Errors
    /// When there is no answer.
    fn add_checkpoint(
        &self,
        url: &str,
        body: &str,
        asked_at: u64,
    ) -> Result<TransportAnswer, BoxError>;

    /// Posts the head of a request to `add-entries` below a mirror's URL. One that is no mirror has
    /// no such path, and answers 404.
    ///
    /// # Errors
    /// When there is no answer.
    fn add_entries(&self, url: &str, head: &[u8]) -> Result<TransportAnswer, BoxError> {
        let _ = (url, head);
        Ok(TransportAnswer {
            status: 404,
            body: String::new(),
        })
    }

    /// The latest checkpoint that a witness shows of the log whose origin has this hash
    /// (hexadecimal), and its time.
    ///
    /// # Errors
    /// When there is no answer.
    fn latest(&self, url: &str, origin_hash: &str) -> Result<Shown, BoxError>;
}

/// The header of a request that states when the log asks, seconds of Unix time.
pub const ASKED_AT: &str = "sagsspor-asked-at";

/// A witness is asked only with a checkpoint behind which no entry is dated more than so many
/// seconds before, and a cosignature counts only when it states a time at most so many seconds
/// after. So every entry behind a cosigned checkpoint is dated at most twice as long before the
/// time of its cosignatures: the delay that witnesses and readers allow for.
pub const FRESH_SECONDS: u64 = 30;

/// What a witness shows to whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The latest checkpoint that it has cosigned of a log; none when it shows none.
    pub note: Option<String>,
    /// The time by its own clock; none when it tells none.
    pub time: Option<Timestamp>,
}

/// How the witness client works.
#[derive(Debug, Clone)]
pub struct WitnessClientSettings {
    /// Which witnesses, and which of them are enough.
    pub policy: Policy,
    /// Names of the witnesses that are asked first: a checkpoint goes to the others when each of
    /// these has cosigned that very one.
    pub first: Vec<String>,
    /// An unchanged checkpoint is submitted again after so long, so that the time at which the
    /// log was seen last is never far back.
    pub heartbeat: Duration,
    /// A witness that failed is asked again after so long, after each further failure twice as
    /// long, up to the heartbeat.
    pub retry: Duration,
    /// A round without a quorum ends after so long when there is something new.
    pub round: Duration,
}

impl WitnessClientSettings {
    /// The usual pace: a heartbeat every 15 minutes.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        let (heartbeat, retry, round) = (
            Duration::from_mins(15),
            Duration::from_secs(5),
            Duration::from_secs(10),
        );
        Self {
            policy,
            first: Vec::new(),
            heartbeat,
            retry,
            round,
        }
    }
}

/// The policy does not fit the log.
#[derive(Debug, thiserror::Error)]
pub enum WitnessClientError {
    /// No log line of the policy is of this log.
    #[error("the policy has no line for this log; it must hold: log {0}")]
    OtherLog(String),
    /// A witness line bears the log's name with another key.
    #[error("the policy names another post-quantum key of this log; its own is {0}")]
    OtherKey(String),
    /// The quorum cannot be reached, because too few of its witnesses have a URL.
    #[error("the quorum of the policy needs witnesses that have no URL")]
    Unreachable,
    /// A witness that is to be asked first is not in the policy, or has no URL there.
    #[error("the policy has no witness {0} with a URL that could be asked first")]
    First(String),
    /// The log's own keys could not be read.
    #[error("the keys of the log could not be read")]
    Keys(#[source] BoxError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// How it stands with one witness.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WitnessStatus {
    /// Its name in the policy.
    pub name: String,
    /// Where it is asked.
    pub url: String,
    /// Whether it is asked before the others.
    pub first: bool,
    /// Size of the last checkpoint that it cosigned.
    pub size: Option<Size>,
    /// The time that this cosignature states.
    pub time: Option<Timestamp>,
    /// Why the last attempt failed; none when it did not.
    pub error: Option<String>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
}

/// How it stands with witnessing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WitnessClientStatus {
    /// The witnesses that are asked, in the order of the policy.
    pub witnesses: Vec<WitnessStatus>,
    /// Names of those that are asked first and have not cosigned the newest checkpoint yet: no
    /// other is shown it before.
    pub waiting_for: Vec<String>,
    /// Size of the newest checkpoint that the quorum cosigned.
    pub quorum_size: Option<Size>,
    /// When that was, by the log's own clock.
    pub quorum_at: Option<Timestamp>,
    /// What a person must look at: a witness knows another past or more entries than this log.
    pub alarm: Option<String>,
}

pub(crate) enum Message {
    /// A checkpoint was stored; all that it covers is durable.
    Checkpoint(StoredCheckpoint),
    /// A witness has answered, or not.
    Answer {
        witness: usize,
        outcome: Result<TransportAnswer, BoxError>,
    },
    /// Look at the clock now.
    Nudge,
    Stop,
}

/// A witness client at work.
pub struct WitnessClient {
    thread: Background<Message>,
    status: Arc<Mutex<WitnessClientStatus>>,
}

impl WitnessClient {
    /// Starts on a log whose latest checkpoint may have been witnessed or not.
    ///
    /// # Errors
    /// [`WitnessClientError`].
    pub(crate) fn start(
        log: Arc<dyn LogStore>,
        (watch, beyond): (Arc<Watch>, Arc<Beyond>),
        keys: &VerifierKeys,
        settings: WitnessClientSettings,
        transport: Arc<dyn WitnessTransport>,
    ) -> Result<Self, WitnessClientError> {
        fits(&settings.policy, keys)?;
        can_be_first(&settings.policy, &settings.first)?;
        let (sender, messages): (Sender<Message>, Receiver<Message>) = std::sync::mpsc::channel();
        let status = Arc::new(Mutex::new(WitnessClientStatus::default()));
        let rounds = rounds::Rounds::new(
            log,
            (watch, beyond),
            settings,
            &transport,
            &sender,
            Arc::clone(&status),
        )
        .map_err(WitnessClientError::Thread)?;
        let thread = Background::start(
            "witness_client",
            sender,
            || Message::Stop,
            move || rounds.run(&messages),
        );
        Ok(Self {
            thread: thread.map_err(WitnessClientError::Thread)?,
            status,
        })
    }

    /// Where the sequencer tells of new checkpoints.
    pub(crate) fn listener(&self) -> impl Fn(&StoredCheckpoint) + Send + 'static {
        let sender = self.thread.sender();
        move |checkpoint| drop(sender.send(Message::Checkpoint(checkpoint.clone())))
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> WitnessClientStatus {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks at the clock at once, instead of within a second.
    pub fn nudge(&self) {
        self.thread.send(Message::Nudge);
    }

    /// Stops. Calls that are under way are not waited for; what they bring is lost, and is asked
    /// for again at the next start.
    pub fn stop(&self) {
        self.thread.stop();
    }
}

/// Whether each of these names is that of a witness of the policy that can be asked.
///
/// # Errors
/// [`WitnessClientError::First`] with the first that is not.
pub fn can_be_first(policy: &Policy, names: &[String]) -> Result<(), WitnessClientError> {
    let reachable = |name: &String| {
        policy
            .witnesses()
            .iter()
            .any(|witness| witness.name == *name && witness.url.is_some())
    };
    match names.iter().find(|name| !reachable(name)) {
        Some(unknown) => Err(WitnessClientError::First(unknown.clone())),
        None => Ok(()),
    }
}

/// Whether a policy is one for this log, and can be met by asking.
pub(crate) fn fits(policy: &Policy, keys: &VerifierKeys) -> Result<(), WitnessClientError> {
    let log = policy
        .logs()
        .iter()
        .find(|log| log.key.text() == keys.ed25519);
    let log = log.ok_or_else(|| WitnessClientError::OtherLog(keys.ed25519.clone()))?;
    let own = policy
        .witnesses()
        .iter()
        .filter(|witness| witness.key.name() == log.key.name());
    if own
        .clone()
        .any(|witness| witness.key.text() != keys.ml_dsa_44)
    {
        return Err(WitnessClientError::OtherKey(keys.ml_dsa_44.clone()));
    }
    let reachable = policy
        .witnesses()
        .iter()
        .filter(|witness| witness.url.is_some())
        .chain(own)
        .map(|witness| witness.name.as_str());
    if policy.is_quorum(&reachable.collect()) {
        Ok(())
    } else {
        Err(WitnessClientError::Unreachable)
    }
}
