//! Puts events in order: one thread for each log assigns index, time, sequence and predecessor,
//! signs, and hands batches to the store. While the store is busy with a batch the next one grows
//! and is signed; it closes when the store is free.
//!
//! It also ends the log in a heads entry and signs a checkpoint, half a second after the first
//! entry that none covers, or at once on request.

mod batch;
pub(crate) mod beyond;
mod flight;
pub(crate) mod key_change;
#[cfg(test)]
mod key_change_tests;
mod pulse;
pub(crate) mod system_entries;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use events::ids::{CommandId, EventId, StreamId};
use events::raw::RawEvent;
use jiff::Timestamp;
use record::checkpoint::Checkpoint;
use record::entry::{Anchor, ErasedRef, ReplacedRef};
use record::hash::Hash;
use record::positions::{LogIndex, LogTime, StreamVersion};
use record::signing::EventKey;
use store::key_store::KeyStore;
use store::log_store::{LogStore, StoredCheckpoint};
use store::pipeline::Pipeline;
use tokio::sync::oneshot;

use crate::background::Background;
use crate::clock::watch::Watch;
use crate::error::{BoxError, RecordError};
use crate::layout::Layout;
use crate::log::content;
use crate::log::content::prepared::Prepared;
use crate::log::epoch::HeldEpoch;
use crate::log::head::LogHead;
use crate::log::keyring::Keyring;
use crate::log::sequencer::pulse::Pulse;
use crate::log::sequencer::worker::Worker;
use crate::log::signing_keys::LogKeys;
use crate::wanted::Wanted;
use beyond::Beyond;
use key_change::KeyChange;

/// A checkpoint is signed this long after the first entry that none covers.
pub const CHECKPOINT_AFTER: Duration = Duration::from_millis(500);

/// Makes the content of an event that names another one by its leaf.
pub(crate) type MakeContent = Box<dyn FnOnce(Hash) -> Result<Prepared, BoxError> + Send>;

/// What an event says, or how to make it.
pub(crate) enum Content {
    Ready(Prepared),
    /// Names the leaf of an earlier draft of the same job, which exists only in order.
    Naming {
        draft: usize,
        make: MakeContent,
    },
}

/// An event that has no place yet.
pub(crate) struct Draft {
    pub(crate) stream: StreamId,
    pub(crate) event: EventId,
    pub(crate) content: Content,
    pub(crate) erased: Vec<ErasedRef>,
    pub(crate) replaced: Vec<ReplacedRef>,
}

/// Events that are recorded together or not at all.
pub(crate) struct Job {
    pub(crate) drafts: Vec<Draft>,
    /// Streams that must stand at these versions.
    pub(crate) expected: Vec<(StreamId, StreamVersion)>,
    pub(crate) command: CommandId,
    pub(crate) input_mac: [u8; 32],
    /// Looked at once more before it is put in order.
    pub(crate) wanted: Wanted,
    /// The epoch of the keys, where whoever waits may go away; null where a thread holds it until it
    /// has the outcome.
    pub(crate) epoch: Option<HeldEpoch>,
}

/// Proof that an event was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index in the log.
    pub index: LogIndex,
    /// Leaf hash of the entry.
    pub leaf: Hash,
    /// The stream.
    pub stream: StreamId,
    /// Its version: the event's sequence number in it.
    pub version: StreamVersion,
    /// The event.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: LogTime,
}

/// An event that was recorded, with what reading it back shows.
pub(crate) struct Written {
    pub(crate) receipt: Receipt,
    pub(crate) raw: RawEvent,
    /// Whether it erases or replaces something of its stream.
    pub(crate) erases: bool,
}

impl Receipt {
    /// When it was recorded, as an instant.
    #[must_use]
    pub fn instant(&self) -> Timestamp {
        content::instant(self.recorded_at)
    }
}

/// Where the outcome of a job goes.
struct Answer {
    sender: oneshot::Sender<Result<Vec<Written>, RecordError>>,
    /// Held until the outcome is there, also when nobody waits for it any more: otherwise the keys
    /// could change under a commit that is on its way.
    _epoch: Option<HeldEpoch>,
}

impl Answer {
    fn send(self, outcome: Result<Vec<Written>, RecordError>) {
        // Whoever has gone asks again with the same command id.
        drop(self.sender.send(outcome));
    }
}

type CheckpointAnswer = Sender<Result<Checkpoint, RecordError>>;
/// Is told of every checkpoint once it is stored. It must not wait for anything.
pub(crate) type Listener = Box<dyn Fn(&StoredCheckpoint) + Send>;

enum Message {
    Job(Box<Job>, Answer),
    Checkpoint(CheckpointAnswer),
    Keys(KeyChange, CheckpointAnswer),
    Listen(Listener),
    Anchor(Anchor),
    /// The store is free for the batch that waits.
    Arrived,
    Stop,
}

/// The thread that puts events in order.
pub struct Sequencer {
    thread: Background<Message>,
    pulse: Arc<Pulse>,
    beyond: Arc<Beyond>,
}

fn stopped() -> RecordError {
    RecordError::not_written("the log is shut down")
}

impl Sequencer {
    /// Starts on a log; a new log gets its first entry, the keys, and its first checkpoint.
    ///
    /// # Errors
    /// [`RecordError`] when the log cannot be read or the first entries cannot be written. A
    /// checkpoint that an earlier run owes waits for a clock that can be trusted; a new log cannot
    /// begin without.
    pub fn start(
        log: Arc<dyn LogStore>,
        keys: Arc<dyn KeyStore>,
        keyring: Arc<Keyring>,
        watch: Arc<Watch>,
        layout: &Layout,
    ) -> Result<Self, RecordError> {
        let origin = layout.origin();
        let log_head = LogHead::load(&*log)?;
        key_change::settle(&*log, &*keys, &log_head)?;
        let (secrets, pulse) = (keys.secrets(), Arc::<Pulse>::default());
        let pipeline = Pipeline::start(Arc::clone(&log), Arc::clone(&keys))
            .map_err(RecordError::not_written)?;
        let beyond = Arc::<Beyond>::default();
        let (sender, messages) = channel();
        let mut worker = Worker {
            log,
            keys,
            pipeline,
            keyring,
            watch,
            beyond: Arc::clone(&beyond),
            kind: layout.log(),
            event_key: EventKey::from_seed(&secrets.event_seed),
            log_keys: LogKeys::new(&origin, &secrets)?,
            origin,
            anchors: log_head.anchors.clone(),
            log_head,
            flight: Arc::default(),
            building: None,
            arrivals: sender.clone(),
            dirty_since: None,
            pulse: Arc::clone(&pulse),
            stop_told: false,
            listeners: Vec::new(),
        };
        worker.begin()?;
        let thread = Background::start(
            "sequencer",
            sender,
            || Message::Stop,
            move || worker.run(&messages),
        );
        Ok(Self {
            thread: thread.map_err(RecordError::not_written)?,
            pulse,
            beyond,
        })
    }

    /// Records a job; waits until it is durable. A command that another job is recording is told so
    /// when that one has its outcome.
    pub(crate) async fn record(&self, mut job: Job) -> Result<Vec<Written>, RecordError> {
        let (answer, written) = oneshot::channel();
        let answer = Answer {
            sender: answer,
            _epoch: job.epoch.take(),
        };
        self.thread.send(Message::Job(Box::new(job), answer));
        let written = written.await;
        written.unwrap_or_else(|_| Err(RecordError::Unknown("the sequencer stopped".into())))
    }

    /// How long entries have waited for a checkpoint; none when none waits.
    pub(crate) fn unsealed_for(&self) -> Option<Duration> {
        self.pulse.unsealed_for()
    }

    /// Signs a checkpoint over everything recorded so far; waits until it is stored.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`], [`RecordError::Unknown`].
    pub fn checkpoint(&self) -> Result<Checkpoint, RecordError> {
        let (answer, checkpoint) = channel();
        self.thread.send(Message::Checkpoint(answer));
        checkpoint.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Changes the keys that sign, behind everything recorded so far; waits until a checkpoint is
    /// stored that is signed by what is in force then.
    pub(crate) fn change_keys(&self, change: KeyChange) -> Result<Checkpoint, RecordError> {
        let (answer, checkpoint) = channel();
        self.thread.send(Message::Keys(change, answer));
        checkpoint.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Tells a listener of every checkpoint from now on.
    pub(crate) fn listen(&self, listener: Listener) {
        self.thread.send(Message::Listen(listener));
    }

    /// A listener to another log, whose checkpoints this one names in its heads entries from then
    /// on.
    pub(crate) fn anchoring(&self) -> Listener {
        let sender = self.thread.sender();
        Box::new(move |stored| {
            if let Some(Checkpoint { origin, size, root }) = Checkpoint::of_note(&stored.note) {
                // The other sequencer has shut down, so there is nobody left to record this anchor.
                drop(sender.send(Message::Anchor(Anchor { size, origin, root })));
            }
        })
    }

    /// Which checkpoints are all of the log, or were a short while ago.
    pub(crate) fn beyond(&self) -> Arc<Beyond> {
        Arc::clone(&self.beyond)
    }

    /// Finishes what was handed over, signs a last checkpoint and stops. Repeating is harmless.
    pub fn stop(&self) {
        self.thread.stop();
    }
}
