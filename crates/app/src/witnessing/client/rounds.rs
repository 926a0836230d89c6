//! Rounds: which checkpoint is on its way, who has cosigned it, and who is asked next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use record::positions::{LogTime, Size};
use record::proof::consistency_proof;
use record::tlog_proof::hash_lines;
use store::log_store::{LogStore, StoredCheckpoint};

use super::answer::{Meaning, Request, judge};
use super::work::Task;
use super::{
    FRESH_SECONDS, Message, TransportAnswer, WitnessClientSettings, WitnessClientStatus,
    WitnessStatus, WitnessTransport, work,
};
use crate::clock::watch::Watch;
use crate::error::BoxError;
use crate::log::content;
use crate::log::head::StoreNodes;
use crate::log::sequencer::beyond::Beyond;

mod round;

use self::round::{Asked, Round, read};

/// The clock is looked at this often.
const TICK: Duration = Duration::from_secs(1);
/// So many rounds are remembered for late answers.
const REMEMBERED: usize = 16;

pub(super) struct Rounds {
    log: Arc<dyn LogStore>,
    watch: Arc<Watch>,
    beyond: Arc<Beyond>,
    settings: WitnessClientSettings,
    asked: Vec<Asked>,
    /// By number; the last is the current one.
    rounds: VecDeque<(u64, Round)>,
    next: Option<StoredCheckpoint>,
    begun_at: Option<Timestamp>,
    status: Arc<Mutex<WitnessClientStatus>>,
}

fn instant(seconds: u64) -> Option<Timestamp> {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
}

impl Rounds {
    pub(super) fn new(
        log: Arc<dyn LogStore>,
        (watch, beyond): (Arc<Watch>, Arc<Beyond>),
        settings: WitnessClientSettings,
        transport: &Arc<dyn WitnessTransport>,
        answers: &Sender<Message>,
        status: Arc<Mutex<WitnessClientStatus>>,
    ) -> std::io::Result<Self> {
        let mut asked = Vec::new();
        let mut shown = Vec::new();
        for witness in settings.policy.witnesses() {
            let Some(url) = witness.url.clone() else {
                continue;
            };
            let tasks = work::start(
                asked.len(),
                (url.clone(), witness.clone()),
                Arc::clone(transport),
                answers.clone(),
            )?;
            let first = settings.first.contains(&witness.name);
            shown.push(WitnessStatus {
                name: witness.name.clone(),
                url,
                first,
                ..WitnessStatus::default()
            });
            asked.push(Asked {
                witness: witness.clone(),
                first,
                cosigned: None,
                tasks,
                known: Size::EMPTY,
                busy: None,
                settled: None,
                failures: 0,
                not_before: None,
                conflicts: 0,
            });
        }
        let mut rounds = Self {
            log,
            watch,
            beyond,
            settings,
            asked,
            rounds: VecDeque::new(),
            next: None,
            begun_at: None,
            status,
        };
        let latest = rounds.log.last_archived(Size::MAX).unwrap_or_default();
        rounds.show(|status| {
            status.witnesses = shown;
            status.quorum_size = latest.map(|latest| latest.size);
        });
        match rounds.log.checkpoint() {
            Ok(stored) => rounds.next = stored,
            Err(error) => {
                tracing::warn!(%error, "the stored checkpoint could not be read; the next one is submitted")
            }
        }
        Ok(rounds)
    }

    fn show(&self, change: impl FnOnce(&mut WitnessClientStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn show_witness(&self, witness: usize, change: impl FnOnce(&mut WitnessStatus)) {
        self.show(|status| {
            if let Some(shown) = status.witnesses.get_mut(witness) {
                change(shown);
            }
        });
    }

    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            self.advance();
            let wait = self
                .asked
                .iter()
                .filter_map(|asked| asked.not_before)
                .map(|at| at.saturating_duration_since(Instant::now()));
            let wait = wait
                .filter(|wait| !wait.is_zero())
                .min()
                .unwrap_or(TICK)
                .min(TICK);
            match messages.recv_timeout(wait) {
                Ok(Message::Checkpoint(checkpoint)) => self.take(checkpoint),
                Ok(Message::Answer { witness, outcome }) => self.answered(witness, outcome),
                Ok(Message::Nudge) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// A checkpoint that is on its way already is no news.
    fn take(&mut self, checkpoint: StoredCheckpoint) {
        let newest = self
            .next
            .as_ref()
            .map(|next| next.size)
            .or_else(|| self.current().map(|(_, round)| round.checkpoint.size));
        if newest.is_none_or(|newest| newest < checkpoint.size) {
            self.next = Some(checkpoint);
        }
    }

    fn current(&self) -> Option<&(u64, Round)> {
        self.rounds.back()
    }

    /// Begins a round if one is due, and asks whoever can be asked.
    fn advance(&mut self) {
        if self.is_over() && (self.next.is_some() || self.heartbeat_is_due()) {
            self.begin();
        }
        let waiting_for = self.waiting_for();
        let all = waiting_for.is_empty();
        self.show(|status| status.waiting_for = waiting_for);
        for witness in 0..self.asked.len() {
            if all || self.asked.get(witness).is_some_and(|asked| asked.first) {
                self.ask(witness);
            }
        }
    }

    /// Those that are asked first and have not cosigned the current checkpoint.
    fn waiting_for(&self) -> Vec<String> {
        let Some((_, round)) = self.current() else {
            return Vec::new();
        };
        let open =
            |asked: &&Asked| asked.first && asked.cosigned.as_ref() != Some(&round.checkpoint);
        self.asked
            .iter()
            .filter(open)
            .map(|asked| asked.witness.name.clone())
            .collect()
    }

    /// Whether the current round need not be waited for any longer.
    fn is_over(&self) -> bool {
        let Some((number, round)) = self.current() else {
            return true;
        };
        let busy = |asked: &Asked| asked.busy.is_some_and(|(busy, _)| busy == *number);
        let open = |asked: &Asked| busy(asked) || asked.settled != Some(*number);
        let outdated = round.begun.elapsed() >= self.settings.round
            || !self.is_fresh(round.checkpoint.size, self.seconds());
        // Who is asked first may read for long; a newer round would find it busy with this one for
        // ever.
        let late = outdated && !self.asked.iter().any(|asked| asked.first && busy(asked));
        round.quorum || late || !self.asked.iter().any(open)
    }

    /// A clock that jumps back must not keep the heart from beating. While the clock is refused, it
    /// beats faster: a witness may confirm that the clock is right.
    fn heartbeat_is_due(&self) -> bool {
        let Some(begun) = self.begun_at else {
            return false;
        };
        let passed = self.watch.now().duration_since(begun);
        let pressing = || {
            let since = self.current().map(|(_, round)| round.begun.elapsed());
            since.is_some_and(|since| since >= Duration::from_secs(FRESH_SECONDS))
                && self.watch.refusal().is_some()
        };
        passed.is_negative() || passed.unsigned_abs() >= self.settings.heartbeat || pressing()
    }

    /// The time by the log's clock, seconds of Unix time.
    fn seconds(&self) -> LogTime {
        LogTime::from_unix(self.watch.now().as_second())
    }

    /// Whether a witness that is asked now may be shown a checkpoint of this size. What stands
    /// behind it must be recent, or the witness would find it dated back when it sees it, and so
    /// would readers.
    fn is_fresh(&self, size: Size, now: LogTime) -> bool {
        self.beyond.is_fresh(size, now, FRESH_SECONDS)
    }

    fn begin(&mut self) {
        let found = match self.next.take() {
            Some(stored) => read(&stored),
            // A heartbeat takes the same note once more, without the lines that it has brought
            // home.
            None => self
                .current()
                .map(|(_, round)| (round.checkpoint.clone(), round.note.clone())),
        };
        let Some((checkpoint, note)) = found else {
            return;
        };
        let number = self.current().map_or(0, |(number, _)| number + 1);
        let round = Round {
            checkpoint,
            note,
            lines: BTreeMap::new(),
            quorum: false,
            begun: Instant::now(),
        };
        self.rounds.push_back((number, round));
        while self.rounds.len() > REMEMBERED {
            self.rounds.pop_front();
        }
        self.begun_at = Some(self.watch.now());
        self.asked.iter_mut().for_each(|asked| asked.conflicts = 0);
        self.count(number);
    }

    fn ask(&mut self, witness: usize) {
        let Some((number, round)) = self.rounds.back() else {
            return;
        };
        let Some(asked) = self.asked.get_mut(witness) else {
            return;
        };
        let early = asked.not_before.is_some_and(|at| at > Instant::now());
        if asked.busy.is_some() || asked.settled == Some(*number) || early {
            return;
        }
        let (old, size) = (asked.known, round.checkpoint.size);
        // Looked at before the check: whatever is dated from now on is dated later.
        let now = LogTime::from_unix(self.watch.now().as_second());
        if !self.beyond.is_fresh(size, now, FRESH_SECONDS) {
            return;
        }
        if old > size {
            // It is ahead of this round: a later checkpoint was cosigned before this witness client began.
            asked.settled = Some(*number);
            return;
        }
        let asked_at = now.get();
        let proof = if old.is_empty() {
            Ok(Vec::new())
        } else {
            consistency_proof(&StoreNodes(&*self.log), old, size)
        };
        match proof {
            Ok(proof) => {
                let body = format!("old {old}\n{}\n{}", hash_lines(&proof), round.note.text());
                let newest = size.last().and_then(|last| self.log.entry(last).ok()?);
                let newest = newest.and_then(|entry| content::log_time(&entry).ok());
                if asked.tasks.send(Task { body, asked_at }).is_ok() {
                    asked.busy = Some((
                        *number,
                        Request {
                            old,
                            asked_at,
                            newest,
                        },
                    ));
                }
            }
            Err(error) => {
                tracing::warn!(%error, old = old.get(), size = size.get(), "a consistency proof could not be made");
                asked.settled = Some(*number);
            }
        }
    }

    fn answered(&mut self, witness: usize, outcome: Result<TransportAnswer, BoxError>) {
        let Some(asked) = self.asked.get_mut(witness) else {
            return;
        };
        let Some((number, request)) = asked.busy.take() else {
            return;
        };
        let Some((_, round)) = self.rounds.iter_mut().find(|(found, _)| *found == number) else {
            return;
        };
        let meaning = match outcome {
            Ok(answer) => judge(&asked.witness.key, &round.checkpoint, request, &answer),
            Err(error) => Meaning::Failed(format!("it did not answer: {error}")),
        };
        match meaning {
            Meaning::Cosigned(line, time) => {
                (asked.known, asked.failures, asked.not_before, asked.settled) =
                    (round.checkpoint.size, 0, None, Some(number));
                if asked.first && asked.cosigned.as_ref() != Some(&round.checkpoint) {
                    // The others have the whole of their time.
                    round.begun = Instant::now();
                }
                asked.cosigned = Some(round.checkpoint.clone());
                round.lines.insert(asked.witness.name.clone(), line);
                let size = round.checkpoint.size;
                let time = instant(time);
                if let (Some(told), Some(sent)) = (time, instant(request.asked_at)) {
                    self.watch.hear(&asked.witness.name, told, sent);
                }
                // Kept first, shown then: who sees it shown finds it kept.
                self.count(number);
                self.show_witness(witness, |shown| {
                    (shown.size, shown.time, shown.error, shown.failed_at) =
                        (Some(size), time, None, None);
                });
            }
            Meaning::Knows(size) => self.knows(witness, number, size),
            Meaning::OtherRoot => {
                asked.settled = Some(number);
                self.alarm(witness, "it has cosigned another log of this size: this log's past was changed, or another one has its keys");
            }
            Meaning::Untimely(what) => {
                // It has moved on all the same.
                asked.known = round.checkpoint.size;
                self.failed(witness, what);
            }
            Meaning::Failed(what) => self.failed(witness, what),
        }
    }

    /// A witness has cosigned a checkpoint of another size than was thought.
    fn knows(&mut self, witness: usize, number: u64, size: Size) {
        let held = self.log.size();
        let Some(asked) = self.asked.get_mut(witness) else {
            return;
        };
        asked.conflicts += 1;
        if size > held {
            asked.settled = Some(number);
            self.alarm(
                witness,
                &format!(
                    "STORE_ROLLED_BACK: it has cosigned {size} entries, this log holds {held}"
                ),
            );
        } else if asked.conflicts > 3 {
            self.failed(witness, "it keeps naming other sizes".into());
        } else {
            // Asked again at once, with a proof from there.
            asked.known = size;
        }
    }

    fn alarm(&mut self, witness: usize, what: &str) {
        let name = self
            .asked
            .get(witness)
            .map_or_else(String::new, |asked| asked.witness.name.clone());
        tracing::error!(witness = name, what, "a witness contradicts this log");
        self.show(|status| status.alarm = Some(format!("{name}: {what}")));
        self.failed(witness, what.to_owned());
    }

    fn failed(&mut self, witness: usize, what: String) {
        let (heartbeat, retry) = (self.settings.heartbeat, self.settings.retry);
        let Some(asked) = self.asked.get_mut(witness) else {
            return;
        };
        let wait = retry
            .saturating_mul(1 << asked.failures.min(16))
            .min(heartbeat);
        asked.failures = asked.failures.saturating_add(1);
        asked.not_before = Some(Instant::now() + wait);
        if asked.first {
            tracing::warn!(
                witness = asked.witness.name,
                error = what,
                "a witness has not cosigned; no other is asked before it has"
            );
        } else {
            tracing::warn!(
                witness = asked.witness.name,
                error = what,
                "a witness has not cosigned"
            );
        }
        let now = self.watch.now();
        self.show_witness(witness, |shown| {
            (shown.error, shown.failed_at) = (Some(what), Some(now))
        });
    }

    /// Archives what has reached the quorum, again with each further line.
    fn count(&mut self, number: u64) {
        let Some((_, round)) = self.rounds.iter_mut().find(|(found, _)| *found == number) else {
            return;
        };
        let mut note = round.note.clone();
        let names = self
            .settings
            .policy
            .witnesses()
            .iter()
            .map(|witness| &witness.name);
        note.lines
            .extend(names.filter_map(|name| round.lines.get(name)).cloned());
        if !self.settings.policy.judge(&round.checkpoint, &note).quorum {
            return;
        }
        let size = round.checkpoint.size;
        if let Err(error) = self.log.archive_checkpoint(&StoredCheckpoint {
            size,
            note: note.text(),
        }) {
            tracing::error!(%error, size = size.get(), "a cosigned checkpoint could not be archived");
            return;
        }
        round.quorum = true;
        let now = self.watch.now();
        self.show(|status| {
            if status.quorum_size.is_none_or(|known| known <= size) {
                (status.quorum_size, status.quorum_at) = (Some(size), Some(now));
            }
        });
    }
}
