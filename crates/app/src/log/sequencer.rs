//! Puts events in order: one thread for each log assigns index, time, sequence and predecessor,
//! signs, and hands batches to the store. A batch closes when the previous sync returns.
//!
//! It also ends the log in a heads entry and signs a checkpoint, half a second after the first
//! entry that none covers, or at once on request.

pub(crate) mod beyond;
pub(crate) mod key_change;
#[cfg(test)]
mod key_change_tests;
pub(crate) mod system_entries;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use events::ids::{CommandId, EventId, StreamId};
use record::checkpoint::Checkpoint;
use record::entry::{Anchor, ErasedRef, EventEnvelope, ReplacedRef};
use record::hash::Hash;
use record::heads::Head;
use record::jws::SignedEntry;
use record::signing::EventKey;
use store::backend::opening::LogKind;
use store::key_store::{KeyRow, KeyStore};
use store::log_store::{
    BATCH_BYTES_MAX, Batch, CommandRow, CommitError, EVENT_COUNT_MAX, LogStore, NewBlob, NewEntry,
    StoredCheckpoint,
};
use store::pipeline::Pipeline;

use crate::background::Background;
use crate::clock::watch::Watch;
use crate::error::{BoxError, ReadError, RecordError};
use crate::layout::Layout;
use crate::log::content::Prepared;
use crate::log::head::{StreamTip, Tip};
use crate::log::keyring::Keyring;
use crate::log::signing_keys::LogKeys;
use crate::wanted::Wanted;
use beyond::Beyond;
use key_change::KeyChange;

/// A checkpoint is signed this long after the first entry that none covers.
pub const CHECKPOINT_AFTER: Duration = Duration::from_millis(500);

/// A clock this many seconds behind the newest entry is worth a warning.
const CLOCK_BEHIND: u64 = 2;

/// An entry is dated at most so many seconds before that is said.
const DATING_SECONDS_MAX: u64 = 5;
const DATING_ATTEMPTS: usize = 8;

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
    pub(crate) expected: Vec<(StreamId, u64)>,
    pub(crate) command: CommandId,
    pub(crate) input_mac: [u8; 32],
    /// Looked at once more before it is put in order.
    pub(crate) wanted: Wanted,
}

/// Proof that an event was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index in the log.
    pub position: u64,
    /// Leaf hash of the entry.
    pub leaf: Hash,
    /// The stream.
    pub stream: StreamId,
    /// Its version: the event's sequence number in it.
    pub version: u64,
    /// The event.
    pub event: EventId,
    /// When it was recorded, seconds of Unix time.
    pub recorded_at: u64,
}

type Answer = Sender<Result<Vec<Receipt>, RecordError>>;
type CheckpointAnswer = Sender<Result<Checkpoint, RecordError>>;
/// Is told of every checkpoint once it is stored. It must not wait for anything.
pub(crate) type Listener = Box<dyn Fn(&StoredCheckpoint) + Send>;

enum Message {
    Job(Box<Job>, Answer),
    Checkpoint(CheckpointAnswer),
    Keys(KeyChange, CheckpointAnswer),
    Listen(Listener),
    Anchor(Anchor),
    Stop,
}

/// What is on its way to the store.
#[derive(Default)]
struct Flight {
    state: Mutex<Aloft>,
    landed: Condvar,
}

#[derive(Default)]
struct Aloft {
    batches: usize,
    failed: bool,
    commands: BTreeSet<uuid::Uuid>,
    events: BTreeSet<uuid::Uuid>,
    /// Commands of a batch whose outcome is unknown: until the store is opened again nobody can say
    /// of them that nothing was written. The store takes no batch behind such a one, so they are
    /// few.
    unknown: BTreeSet<uuid::Uuid>,
}

/// Since when entries wait for a checkpoint, for whoever watches: reading it waits for nothing.
struct Pulse {
    begun: Instant,
    /// Milliseconds since `begun`, and one more; 0 when none waits.
    unsealed: AtomicU64,
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
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// An entry waits, and the first one counts.
    fn dirty(&self) {
        // It is zero or the time of an earlier entry; only the sequencer writes it.
        if self.unsealed.load(Ordering::Relaxed) == 0 {
            self.unsealed.store(self.now(), Ordering::Relaxed);
        }
    }

    fn sealed(&self) {
        self.unsealed.store(0, Ordering::Relaxed);
    }

    fn unsealed_for(&self) -> Option<Duration> {
        let since = self.unsealed.load(Ordering::Relaxed);
        (since > 0).then(|| Duration::from_millis(self.now().saturating_sub(since)))
    }
}

/// The thread that puts events in order.
pub struct Sequencer {
    thread: Background<Message>,
    pulse: Arc<Pulse>,
    beyond: Arc<Beyond>,
}

struct Worker {
    log: Arc<dyn LogStore>,
    keys: Arc<dyn KeyStore>,
    pipeline: Pipeline,
    keyring: Arc<Keyring>,
    watch: Arc<Watch>,
    beyond: Arc<Beyond>,
    origin: String,
    kind: LogKind,
    event_key: EventKey,
    log_keys: LogKeys,
    tip: Tip,
    flight: Arc<Flight>,
    dirty_since: Option<Instant>,
    pulse: Arc<Pulse>,
    /// Whether it was said that no checkpoint can be made because the store has stopped.
    stop_told: bool,
    listeners: Vec<Listener>,
    /// What is known of other logs; heads entries say it.
    anchors: Vec<Anchor>,
}

/// The time of an entry that is to be signed.
#[derive(Clone, Copy)]
struct Dated {
    time: u64,
    /// Whether it is the first behind the newest checkpoint.
    first: bool,
}

/// A batch while it is put together.
struct Building {
    batch: Batch,
    keys: Vec<KeyRow>,
    answers: Vec<(Answer, Vec<Receipt>)>,
    commands: Vec<uuid::Uuid>,
    events: Vec<uuid::Uuid>,
    bytes: usize,
}

/// Signed events that are not in the batch yet.
#[derive(Default)]
struct Placed {
    entries: Vec<NewEntry>,
    heads: Vec<(u64, Head)>,
    keys: Vec<KeyRow>,
    receipts: Vec<Receipt>,
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
        let tip = Tip::load(&*log)?;
        key_change::settle(&*log, &*keys, &tip)?;
        let (secrets, pulse) = (keys.secrets(), Arc::<Pulse>::default());
        let pipeline = Pipeline::start(Arc::clone(&log), Arc::clone(&keys))
            .map_err(RecordError::not_written)?;
        let beyond = Arc::<Beyond>::default();
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
            anchors: tip.anchors.clone(),
            tip,
            flight: Arc::default(),
            dirty_since: None,
            pulse: Arc::clone(&pulse),
            stop_told: false,
            listeners: Vec::new(),
        };
        worker.begin()?;
        let (sender, messages) = channel();
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

    /// Records a job; waits until it is durable.
    pub(crate) fn record(&self, job: Job) -> Result<Vec<Receipt>, RecordError> {
        let (answer, receipts) = channel();
        self.thread.send(Message::Job(Box::new(job), answer));
        receipts
            .recv()
            .unwrap_or_else(|_| Err(RecordError::Unknown("the sequencer stopped".into())))
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
                // Whoever has stopped names nothing any more.
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

impl Worker {
    /// The time of an entry that is to be signed now, seconds of Unix time. It is never before the
    /// newest entry: a clock that goes back a little is reported, and the log's time stands still
    /// until it has caught up. A clock that is refused dates nothing, or one wrong second would be
    /// the time of everything that follows.
    fn time(&self) -> Result<u64, RecordError> {
        let clock = u64::try_from(self.watch.read()?.as_second()).unwrap_or(0);
        let behind = self.tip.time.saturating_sub(clock);
        if behind >= CLOCK_BEHIND {
            tracing::warn!(
                seconds = behind,
                "the clock stands before the newest entry; entries are dated as that one until it has caught up"
            );
        }
        Ok(clock.max(self.tip.time))
    }

    /// The same, said to whoever asks a witness meanwhile: before the entry is signed, and so soon
    /// that nobody can have asked much later without knowing of it, although the machine may be put
    /// to sleep at any moment.
    fn date(&self) -> Result<Dated, RecordError> {
        for _ in 0..DATING_ATTEMPTS {
            let time = self.time()?;
            let dated = Dated {
                time,
                first: self.beyond.dated(time),
            };
            match self.time() {
                Ok(now) if now <= time.saturating_add(DATING_SECONDS_MAX) => {
                    self.watch.recorded(time);
                    return Ok(dated);
                }
                outcome => {
                    self.withdraw(dated);
                    outcome?;
                }
            }
        }
        Err(RecordError::not_written(
            "the machine stood still again and again while an entry was to be dated",
        ))
    }

    /// Nothing was signed with that time.
    fn withdraw(&self, dated: Dated) {
        if dated.first {
            self.beyond.withdrawn();
        }
    }

    fn run(mut self, messages: &Receiver<Message>) {
        loop {
            let due = self
                .dirty_since
                .map(|since| CHECKPOINT_AFTER.saturating_sub(since.elapsed()));
            let message = match due {
                Some(wait) => messages.recv_timeout(wait),
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let stop = match message {
                Ok(Message::Job(job, answer)) => self.jobs(*job, answer, messages),
                Err(RecvTimeoutError::Timeout) => {
                    self.due_checkpoint();
                    false
                }
                Ok(other) => self.follow(other),
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if stop {
                break;
            }
        }
        // Whoever waits still is told that nothing was begun, before the last checkpoint takes its
        // time.
        while let Ok(message) = messages.try_recv() {
            if let Message::Job(_, answer) = message {
                drop(answer.send(Err(stopped())));
            }
        }
        if let Err(error) = self.checkpoint() {
            tracing::error!(%error, "no last checkpoint could be made");
        }
        self.pipeline.shutdown();
    }

    /// Signs the checkpoint that is due; one that cannot be made now is due again.
    fn due_checkpoint(&mut self) {
        match self.checkpoint() {
            Ok(_) => {}
            // The watch has said so, and goes on saying so to whoever asks.
            Err(RecordError::ClockRefused(_)) => self.dirty_since = Some(Instant::now()),
            Err(error) => self.no_checkpoint(&error),
        }
    }

    /// It is tried again, and told each time unless the store has stopped, which is told once.
    fn no_checkpoint(&mut self, error: &RecordError) {
        let stopped = matches!(error, RecordError::Stopped(_));
        if !stopped || !self.stop_told {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "no checkpoint could be made"
            );
        }
        self.stop_told = stopped;
        self.dirty_since = Some(Instant::now());
    }

    /// A listener hears of the latest checkpoint at once, so that it misses none.
    fn listen(&mut self, listener: Listener) {
        match self.log.checkpoint() {
            Ok(stored) => stored.iter().for_each(&*listener),
            Err(error) => tracing::warn!(%error, "the stored checkpoint could not be read"),
        }
        self.listeners.push(listener);
    }

    /// What the next heads entry says of another log; never less than before.
    fn anchor(&mut self, anchor: Anchor) {
        match self
            .anchors
            .iter_mut()
            .find(|known| known.origin == anchor.origin)
        {
            Some(known) if known.size < anchor.size => *known = anchor,
            Some(_) => {}
            None => self.anchors.push(anchor),
        }
    }

    /// Puts the job and all that wait behind it into one batch; answers whether to stop.
    fn jobs(&mut self, job: Job, answer: Answer, messages: &Receiver<Message>) -> bool {
        self.recover();
        let batch = Batch {
            first: self.tip.size,
            entries: Vec::new(),
            commands: Vec::new(),
            proof: None,
        };
        let mut building = Building {
            batch,
            keys: Vec::new(),
            answers: Vec::new(),
            commands: Vec::new(),
            events: Vec::new(),
            bytes: 0,
        };
        let mut next = Some((job, answer));
        let mut after = None;
        while let Some((job, answer)) = next.take() {
            if let Err(error) = self.add(job, &mut building, &answer) {
                drop(answer.send(Err(error)));
            }
            if building.batch.entries.len() >= EVENT_COUNT_MAX / 2
                || building.bytes >= BATCH_BYTES_MAX / 2
            {
                break;
            }
            match messages.try_recv() {
                Ok(Message::Job(job, answer)) => next = Some((*job, answer)),
                Ok(other) => after = Some(other),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
        }
        if !building.batch.entries.is_empty() {
            self.submit(building);
        }
        after.is_some_and(|other| self.follow(other))
    }

    /// Does what a message asks for that is no job; answers whether to stop.
    fn follow(&mut self, message: Message) -> bool {
        match message {
            Message::Checkpoint(answer) => drop(answer.send(self.checkpoint())),
            Message::Keys(change, answer) => drop(answer.send(self.change_keys(change))),
            Message::Listen(listener) => self.listen(listener),
            Message::Anchor(anchor) => self.anchor(anchor),
            Message::Stop => return true,
            // Jobs are taken one by one where they are put into a batch.
            Message::Job(..) => {}
        }
        false
    }

    /// After a failed batch the tip is read anew, once everything on its way has landed.
    fn recover(&mut self) {
        let failed = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .failed;
        if failed {
            self.wait_until_landed();
            match Tip::load(&*self.log) {
                Ok(tip) => {
                    self.tip = tip;
                    self.flight
                        .state
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .failed = false;
                }
                Err(error) => {
                    tracing::error!(%error, "the end of the log could not be read after a failed batch")
                }
            }
        }
    }

    fn wait_until_landed(&self) {
        let mut aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while aloft.batches > 0 {
            aloft = self
                .flight
                .landed
                .wait(aloft)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the job may be recorded; nothing has changed when it may not.
    fn admit(&self, job: &Job, building: &Building) -> Result<(), RecordError> {
        job.wanted.still()?;
        if self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .unknown
            .contains(&job.command.uuid())
        {
            return Err(RecordError::Unknown(
                "an earlier attempt at this command has an unknown outcome".into(),
            ));
        }
        for (stream, expected) in &job.expected {
            let actual = self
                .tip
                .streams
                .get(&stream.uuid())
                .map_or(0, |tip| tip.seq);
            if actual != *expected {
                return Err(RecordError::Conflict {
                    stream: *stream,
                    expected: *expected,
                    actual,
                });
            }
        }
        let aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let command = job.command.uuid();
        if aloft.commands.contains(&command) || building.commands.contains(&command) {
            return Err(RecordError::InFlight);
        }
        let ids = job.drafts.iter().map(|draft| draft.event);
        let used = ids
            .clone()
            .find(|id| aloft.events.contains(&id.uuid()) || building.events.contains(&id.uuid()));
        drop(aloft);
        if let Some(id) = used {
            return Err(RecordError::EventIdUsed(id));
        }
        if self
            .log
            .command(command)
            .map_err(ReadError::from)?
            .is_some()
        {
            return Err(RecordError::InFlight);
        }
        for id in ids {
            if self
                .log
                .event_index(id.uuid())
                .map_err(ReadError::from)?
                .is_some()
            {
                return Err(RecordError::EventIdUsed(id));
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        job: Job,
        building: &mut Building,
        answer: &Answer,
    ) -> Result<(), RecordError> {
        self.admit(&job, building)?;
        let first = self.tip.size;
        let count = u32::try_from(job.drafts.len()).map_err(RecordError::not_written)?;
        let dated = self.date()?;
        let placed = self
            .place(job.drafts, dated.time)
            .inspect_err(|_| self.withdraw(dated))?;
        for (ordinal, head) in &placed.heads {
            self.tip
                .heads
                .set(*ordinal, head)
                .map_err(RecordError::not_written)?;
            self.tip.streams.insert(
                head.stream,
                StreamTip {
                    ordinal: *ordinal,
                    seq: head.seq,
                    leaf: head.leaf,
                },
            );
        }
        placed
            .receipts
            .iter()
            .for_each(|receipt| self.tip.grow(receipt.leaf, receipt.recorded_at));
        building.bytes += placed
            .entries
            .iter()
            .map(|entry| entry.bytes.len() + entry.blobs.iter().map(NewBlob::held).sum::<usize>())
            .sum::<usize>();
        building.batch.entries.extend(placed.entries);
        building.keys.extend(placed.keys);
        building.commands.push(job.command.uuid());
        building
            .events
            .extend(placed.receipts.iter().map(|receipt| receipt.event.uuid()));
        building.batch.commands.push(CommandRow {
            id: job.command.uuid(),
            input_mac: job.input_mac,
            first,
            count,
        });
        building.answers.push((answer.clone(), placed.receipts));
        Ok(())
    }

    /// Signs the drafts in order behind the tip, which stays as it is until all are signed.
    fn place(&self, drafts: Vec<Draft>, recorded_at: u64) -> Result<Placed, RecordError> {
        let mut placed = Placed::default();
        let mut moved: BTreeMap<uuid::Uuid, StreamTip> = BTreeMap::new();
        let mut streams = self.tip.heads.len();
        for (index, draft) in (self.tip.size..).zip(drafts) {
            let content = match draft.content {
                Content::Ready(content) => content,
                Content::Naming { draft, make } => {
                    let named = placed
                        .receipts
                        .get(draft)
                        .ok_or_else(|| RecordError::not_written("a draft names one behind it"))?;
                    make(named.leaf).map_err(RecordError::not_written)?
                }
            };
            let stream = draft.stream.uuid();
            let (ordinal, seq, prev) =
                match moved.get(&stream).or_else(|| self.tip.streams.get(&stream)) {
                    Some(tip) => (tip.ordinal, tip.seq + 1, tip.leaf),
                    None => {
                        streams += 1;
                        (streams - 1, 1, Hash::ZERO)
                    }
                };
            let envelope = EventEnvelope {
                origin: self.origin.clone(),
                index,
                recorded_at,
                event_id: draft.event.uuid(),
                stream,
                ordinal,
                seq,
                prev,
                payload: content.payload,
                blobs: content.blob_hashes,
                erased: draft.erased,
                replaced: draft.replaced,
            };
            let signed = match self.kind {
                LogKind::Cases => envelope.sign(&self.event_key),
                LogKind::Accesses => envelope.sign_access(&self.event_key),
            };
            let SignedEntry { bytes, leaf } = signed.map_err(RecordError::not_written)?;
            moved.insert(stream, StreamTip { ordinal, seq, leaf });
            placed.heads.push((
                ordinal,
                Head {
                    stream,
                    seq,
                    index,
                    leaf,
                },
            ));
            placed.keys.extend(content.keys);
            placed.entries.push(NewEntry {
                bytes,
                leaf,
                blobs: content.blobs,
            });
            let receipt = Receipt {
                position: index,
                leaf,
                stream: draft.stream,
                version: seq,
                event: draft.event,
                recorded_at,
            };
            placed.receipts.push(receipt);
        }
        Ok(placed)
    }

    fn submit(&mut self, building: Building) {
        let Building {
            mut batch,
            keys,
            answers,
            commands,
            events,
            ..
        } = building;
        let leaves: Vec<Hash> = batch.entries.iter().map(|entry| entry.leaf).collect();
        batch.proof = Some(
            self.event_key
                .prove_commands(batch.first, &leaves, &batch.commands),
        );
        let mut aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        aloft.batches += 1;
        aloft.commands.extend(&commands);
        aloft.events.extend(&events);
        drop(aloft);
        self.dirty_since.get_or_insert_with(Instant::now);
        self.pulse.dirty();
        let (flight, keyring) = (Arc::clone(&self.flight), Arc::clone(&self.keyring));
        let subjects = keys.iter().filter_map(|row| {
            if let KeyRow::Subject(row) = row {
                Some(row.subject)
            } else {
                None
            }
        });
        let subjects: Vec<uuid::Uuid> = subjects.collect();
        let done = Box::new(move |outcome: Result<(), CommitError>| {
            let error = outcome.err().map(Arc::new);
            if error.is_none() {
                keyring.settled(&subjects);
            }
            // The batch has landed before anybody is told, so that a caller's next command never
            // meets its own last one in the air.
            let mut aloft = flight.state.lock().unwrap_or_else(PoisonError::into_inner);
            aloft.batches -= 1;
            aloft.failed |= error.is_some();
            for command in &commands {
                aloft.commands.remove(command);
            }
            if matches!(error.as_deref(), Some(CommitError::Unknown(_))) {
                aloft.unknown.extend(&commands);
            }
            for event in &events {
                aloft.events.remove(event);
            }
            flight.landed.notify_all();
            drop(aloft);
            for (answer, receipts) in answers {
                let outcome = match &error {
                    None => Ok(receipts),
                    Some(error) if matches!(**error, CommitError::Unknown(_)) => {
                        Err(RecordError::Unknown(Box::new(Arc::clone(error))))
                    }
                    Some(error) => Err(RecordError::not_written(Arc::clone(error))),
                };
                drop(answer.send(outcome));
            }
        });
        self.pipeline.submit(keys, batch, done);
    }
}
