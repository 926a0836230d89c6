//! The thread of the sequencer: it takes messages in order, dates entries and signs checkpoints.
//!
//! How a batch of events is put together stands in `batch`.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use record::entry::Anchor;
use record::positions::LogTime;
use record::signing::EventKey;
use store::backend::opening::LogKind;
use store::key_store::KeyStore;
use store::log_store::LogStore;
use store::pipeline::Pipeline;

use super::batch::Building;
use super::beyond::Beyond;
use super::flight::Flight;
use super::pulse::Pulse;
use super::{Answer, CHECKPOINT_AFTER, Job, Listener, Message, stopped};
use crate::clock::watch::Watch;
use crate::error::RecordError;
use crate::log::head::LogHead;
use crate::log::keyring::Keyring;
use crate::log::signing_keys::LogKeys;

/// A clock this many seconds behind the newest entry is worth a warning.
const CLOCK_BEHIND: u64 = 2;
/// An entry is dated at most so many seconds before that is said.
const DATING_SECONDS_MAX: u64 = 5;
const DATING_ATTEMPTS: usize = 8;

pub(super) struct Worker {
    pub(super) log: Arc<dyn LogStore>,
    pub(super) keys: Arc<dyn KeyStore>,
    pub(super) pipeline: Pipeline,
    pub(super) keyring: Arc<Keyring>,
    pub(super) watch: Arc<Watch>,
    pub(super) beyond: Arc<Beyond>,
    pub(super) origin: String,
    pub(super) kind: LogKind,
    pub(super) event_key: EventKey,
    pub(super) log_keys: LogKeys,
    pub(super) log_head: LogHead,
    pub(super) flight: Arc<Flight>,
    /// The batch that grows while the store is busy with another; the head of the log is behind it.
    pub(super) building: Option<Building>,
    /// Where it is told that the store is free for it.
    pub(super) arrivals: Sender<Message>,
    pub(super) dirty_since: Option<Instant>,
    pub(super) pulse: Arc<Pulse>,
    /// Whether it was said that no checkpoint can be made because the store has stopped.
    pub(super) stop_told: bool,
    pub(super) listeners: Vec<Listener>,
    /// What is known of other logs; heads entries say it.
    pub(super) anchors: Vec<Anchor>,
}

/// The time of an entry that is to be signed.
#[derive(Clone, Copy)]
pub(super) struct Dated {
    pub(super) time: LogTime,
    /// Whether it is the first behind the newest checkpoint.
    pub(super) first: bool,
}

impl Worker {
    /// The time of an entry that is to be signed now, seconds of Unix time. It is never before the
    /// newest entry: a clock that goes back a little is reported, and the log's time stands still
    /// until it has caught up. A clock that is refused dates nothing, or one wrong second would be
    /// the time of everything that follows.
    pub(super) fn time(&self) -> Result<LogTime, RecordError> {
        let clock = LogTime::from_unix(self.watch.read()?.as_second());
        let behind = self.log_head.time.since(clock);
        if behind >= CLOCK_BEHIND {
            tracing::warn!(
                seconds = behind,
                "the clock stands before the newest entry; entries are dated as that one until it has caught up"
            );
        }
        Ok(clock.max(self.log_head.time))
    }

    /// The same, said to whoever asks a witness meanwhile: before the entry is signed, and so soon
    /// that nobody can have asked much later without knowing of it, although the machine may be put
    /// to sleep at any moment.
    pub(super) fn date(&self) -> Result<Dated, RecordError> {
        for _ in 0..DATING_ATTEMPTS {
            let time = self.time()?;
            let dated = Dated {
                time,
                first: self.beyond.dated(time),
            };
            match self.time() {
                Ok(now) if now <= time.later(DATING_SECONDS_MAX) => {
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
    pub(super) fn withdraw(&self, dated: Dated) {
        if dated.first {
            self.beyond.withdrawn();
        }
    }

    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            let due = self
                .dirty_since
                .map(|since| CHECKPOINT_AFTER.saturating_sub(since.elapsed()));
            let message = match due {
                // It does not wait until nobody sends anything any more.
                Some(Duration::ZERO) => Err(RecvTimeoutError::Timeout),
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
                answer.send(Err(stopped()));
            }
        }
        if let Err(error) = self.checkpoint() {
            tracing::error!(%error, "no last checkpoint could be made");
        }
        self.pipeline.shutdown();
    }

    /// Signs the checkpoint that is due; one that cannot be made now is due again.
    pub(super) fn due_checkpoint(&mut self) {
        match self.checkpoint() {
            Ok(_) => {}
            // The watch has said so, and goes on saying so to whoever asks.
            Err(RecordError::ClockRefused(_)) => self.dirty_since = Some(Instant::now()),
            Err(error) => self.no_checkpoint(&error),
        }
    }

    /// It is tried again, and told each time unless the store has stopped, which is told once.
    pub(super) fn no_checkpoint(&mut self, error: &RecordError) {
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
    pub(super) fn listen(&mut self, listener: Listener) {
        match self.log.checkpoint() {
            Ok(stored) => stored.iter().for_each(&*listener),
            Err(error) => tracing::warn!(%error, "the stored checkpoint could not be read"),
        }
        self.listeners.push(listener);
    }

    /// What the next heads entry says of another log; never less than before.
    pub(super) fn anchor(&mut self, anchor: Anchor) {
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

    /// Puts the job and all that wait behind it into the batch that grows, and hands that over if the
    /// store is free; answers whether to stop.
    pub(super) fn jobs(&mut self, job: Job, answer: Answer, messages: &Receiver<Message>) -> bool {
        self.recover();
        let mut next = Some((job, answer));
        let mut after = None;
        while let Some((job, answer)) = next.take() {
            let size = self.log_head.size;
            let mut building = (self.building.take()).unwrap_or_else(|| Building::behind(size));
            let command = job.command.uuid();
            match self.add(job, &mut building) {
                Ok(written) => building.answers.push((answer, written)),
                Err(RecordError::InFlight) => self.flight.repeat(command, answer, &building),
                Err(error) => answer.send(Err(error)),
            }
            if building.is_full() {
                self.submit(building);
                break;
            }
            self.building = Some(building).filter(|building| !building.is_empty());
            match messages.try_recv() {
                Ok(Message::Job(job, answer)) => next = Some((*job, answer)),
                Ok(other) => after = Some(other),
                Err(_) => {}
            }
        }
        self.hand_over_when_free();
        after.is_some_and(|other| self.follow(other))
    }

    /// Hands the batch that grows to the store, unless that is busy: then it is told here when it is
    /// free.
    fn hand_over_when_free(&mut self) {
        let mut aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        aloft.awaited = aloft.batches > 0 && self.building.is_some();
        let busy = aloft.awaited;
        drop(aloft);
        if !busy {
            self.hand_over();
        }
    }

    /// Hands the batch that grows to the store; waits while that is busy.
    pub(super) fn hand_over(&mut self) {
        if let Some(building) = self.building.take() {
            self.submit(building);
        }
    }

    /// Does what a message asks for that is no job; answers whether to stop.
    pub(super) fn follow(&mut self, message: Message) -> bool {
        match message {
            Message::Checkpoint(answer) => drop(answer.send(self.checkpoint())),
            Message::Keys(change, answer) => drop(answer.send(self.change_keys(change))),
            Message::Listen(listener) => self.listen(listener),
            Message::Anchor(anchor) => self.anchor(anchor),
            Message::Arrived => self.hand_over_when_free(),
            Message::Stop => return true,
            // Jobs are taken one by one where they are put into a batch.
            Message::Job(..) => {}
        }
        false
    }

    /// After a failed batch the head of the log is read anew, once everything on its way has arrived.
    /// The batch that grew behind it fails with it.
    pub(super) fn recover(&mut self) {
        let failed = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .failed;
        if failed {
            self.wait_until_arrived();
            match LogHead::load(&*self.log) {
                Ok(log_head) => {
                    self.log_head = log_head;
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

    /// Waits for everything that was put in order, the batch that grows included.
    pub(super) fn wait_until_arrived(&mut self) {
        self.hand_over();
        let mut aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while aloft.batches > 0 {
            aloft = self
                .flight
                .arrived
                .wait(aloft)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
