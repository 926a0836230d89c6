//! Recording a fact: decide, encrypt, put in order, commit; the same command twice is one event.

use std::collections::BTreeMap;
use std::future::Future;

use domain::decide::{Command, Decided, State, Undecided, begins_stream, decide};
use domain::reading::Reading;
use domain::refusal::RefusalCode;
use events::event::Event;
use events::ids::{CommandId, EventId, StreamId};
use events::meta::{Actor, Meta};
use events::spec::StreamKind;
use events::text::Digest;
use record::entry::{ErasedRef, ReplacedRef};
use record::positions::{LogIndex, StreamVersion};
use serde_json::json;
use store::backend::opening::LogKind;
use store::log_store::CommandRow;

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::entropy::fresh;
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::content;
use crate::log::content::prepared::{self, Attachment};
use crate::log::directory::Kinds;
use crate::log::sequencer::{Content, Draft, Job, Receipt};
use crate::waiting::wait;
use crate::wanted::Wanted;

/// A command meets another one that changed its stream this often before it gives up.
const ATTEMPTS: usize = 20;

/// The first bytes of a keyed hash of an input: the epoch of the key, which is destroyed with it.
const EPOCH_BYTES: usize = 4;

/// What a command is held to when it comes again after its keyed hash can be compared no more.
#[derive(Clone, Copy)]
pub(crate) enum Said<'a> {
    /// It recorded these facts first.
    Facts(&'a Event),
    /// It recorded an event of this type first.
    Kind(&'static str),
}

/// An order to record one fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Chosen by the client; the same id with the same input always answers the same receipt.
    pub command: CommandId,
    /// Id of the event, where the client chooses it.
    pub event: Option<EventId>,
    /// The stream; where a fact begins one, chosen by the client or made here.
    pub stream: Option<StreamId>,
    /// The version that the client had on screen.
    pub expected_version: Option<StreamVersion>,
    /// Cases of brothers and sisters that the fact belongs to too.
    pub also: Vec<StreamId>,
    /// The circumstances.
    pub meta: Meta,
    /// The fact.
    pub facts: Event,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Receipts: of the fact first, then of what the system recorded with it.
    pub receipts: Vec<Receipt>,
    /// Whether the command had been carried out before, so that nothing was written now.
    pub repeated: bool,
}

/// What an event erases and replaces, by claims in its envelope.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    pub(crate) erased: Vec<ErasedRef>,
    pub(crate) replaced: Vec<ReplacedRef>,
}

impl App {
    /// Records a fact while somebody waits for the outcome.
    ///
    /// # Errors
    /// [`RecordError`]; [`RecordError::Abandoned`] when nobody waits any more.
    pub(crate) async fn record(
        &self,
        order: &Order,
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        if matches!(order.facts, Event::RecordAccessed(_)) && self.layout().log() == LogKind::Cases
        {
            let accesses = self.access_log()?;
            return Box::pin(accesses.record(order, viewer, wanted)).await;
        }
        let mac = self.order_mac(order, viewer)?;
        self.record_attached(order, mac, &[], viewer, wanted).await
    }

    /// A keyed hash of an order as its client gave it.
    pub(crate) fn order_mac(
        &self,
        order: &Order,
        viewer: &Viewer,
    ) -> Result<[u8; 32], RecordError> {
        Ok(self.input_mac(&json!([
            order.facts.spec().name,
            order.facts.to_json().map_err(RecordError::not_written)?,
            order.meta,
            order.stream,
            order.event,
            order.expected_version,
            order.also,
            viewer.actor.id,
        ])))
    }

    /// Records a fact with chunks that are encrypted for it already; it has an id of its own then.
    pub(crate) async fn record_attached(
        &self,
        order: &Order,
        mac: [u8; 32],
        attachments: &[Attachment],
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        let stream = self.stream_of(order)?;
        let said = Said::Facts(&order.facts);
        self.once(order.command, mac, said, || {
            self.attempt((order, stream, mac), attachments, viewer, wanted)
        })
        .await
    }

    /// Decides an order and records what it becomes. The epoch is held until the outcome is there, also
    /// where nobody waits for it.
    async fn attempt(
        &self,
        (order, mut stream, mac): (&Order, StreamId, [u8; 32]),
        attachments: &[Attachment],
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Vec<Receipt>, RecordError> {
        let (_lock, epoch) = loop {
            let held = (self.lock(stream).await, self.epoch.read().await);
            let Event::RecordAccessed(facts) = &order.facts else {
                break held;
            };
            // An erasure may have cut off the stream that was asked for.
            let now = self.look_ups_for(facts.target)?;
            if now == stream {
                break held;
            }
            stream = now;
        };
        // Waiting for others may have taken long.
        wanted.still()?;
        let (version, decided) = self.decide_order(order, stream, viewer)?;
        let kinds: Vec<(StreamId, StreamKind)> = decided
            .iter()
            .map(|fact| (fact.stream, fact.kind))
            .collect();
        let drafts = self.drafts(decided, &viewer.actor, &mut BTreeMap::new(), attachments)?;
        let job = Job {
            drafts,
            expected: vec![(stream, version)],
            command: order.command,
            input_mac: mac,
            wanted: wanted.clone(),
            epoch: Some(epoch),
        };
        let receipts = self.submit(job, order.expected_version.is_some()).await?;
        kinds
            .into_iter()
            .for_each(|(stream, kind)| self.directory.add(stream, kind));
        Ok(receipts)
    }

    /// Says what would refuse an order, as things stand; nothing is written.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn would_record(&self, order: &Order, viewer: &Viewer) -> Result<(), RecordError> {
        let stream = self.stream_of(order)?;
        let _epoch = wait(self.epoch.read());
        self.decide_order(order, stream, viewer).map(|_| ())
    }

    /// A keyed hash of what a command asks for, behind the epoch of its key. The key goes with
    /// every erasure: nobody can confirm a guess of an input by a hash that lies in the journal or
    /// a backup.
    pub(crate) fn input_mac(&self, input: &serde_json::Value) -> [u8; 32] {
        let (epoch, root) = self.keyring.root();
        let mut mac = root.input_key().mac(input.to_string().as_bytes());
        for (place, byte) in mac.iter_mut().zip(epoch.to_be_bytes()) {
            *place = byte;
        }
        mac
    }

    /// Commands of a stream are decided one after the other.
    pub(crate) async fn lock(&self, stream: StreamId) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        // The low bytes of a random id are random.
        let place = stream.uuid().as_u128() % self.locks.len().max(1) as u128;
        let place = usize::try_from(place).unwrap_or(0);
        Some(self.locks.get(place)?.lock().await)
    }

    /// Carries a command out at most once. A conflict that the client did not ask about is tried
    /// again; a command that is just being recorded by another request is waited for.
    pub(crate) async fn once<A: Future<Output = Result<Vec<Receipt>, RecordError>>>(
        &self,
        command: CommandId,
        mac: [u8; 32],
        said: Said<'_>,
        mut attempt: impl FnMut() -> A,
    ) -> Result<Recording, RecordError> {
        for _ in 0..ATTEMPTS {
            if let Some(recording) = self.repeated(command, mac, said)? {
                return Ok(recording);
            }
            match attempt().await.map_err(nothing_written) {
                Ok(receipts) => {
                    return Ok(Recording {
                        receipts,
                        repeated: false,
                    });
                }
                // The other request has its outcome by now.
                Err(RecordError::InFlight | RecordError::Moved) => {}
                Err(error) => return Err(error),
            }
        }
        Err(RecordError::NotWritten(
            "others changed the stream again and again".into(),
        ))
    }

    /// The receipts of a command that was carried out before.
    pub(crate) fn repeated(
        &self,
        command: CommandId,
        mac: [u8; 32],
        said: Said<'_>,
    ) -> Result<Option<Recording>, RecordError> {
        // Whoever cannot find out whether a command came before must not carry it out.
        let row = self
            .log
            .command(command.uuid())
            .map_err(|error| nothing_written(ReadError::from(error).into()))?;
        let Some(row) = row else { return Ok(None) };
        self.receipts_of(command, &row, mac, said)
            .map(Some)
            .map_err(|error| match error {
                RecordError::Read(error) if error.is_failure() => {
                    RecordError::Unknown(Box::new(error))
                }
                other => other,
            })
    }

    fn receipts_of(
        &self,
        command: CommandId,
        row: &CommandRow,
        mac: [u8; 32],
        said: Said<'_>,
    ) -> Result<Recording, RecordError> {
        let comparable = row.input_mac.get(..EPOCH_BYTES) == mac.get(..EPOCH_BYTES);
        let same = if comparable {
            row.input_mac == mac
        } else {
            self.was_said(row.first, said)?
        };
        if !same {
            return Err(RecordError::CommandIdReused(command));
        }
        let mut receipts = Vec::new();
        for index in row.indexes() {
            let stored = self.reader.entry(index)?;
            let envelope = content::envelope(&stored)?;
            receipts.push(Receipt {
                index,
                leaf: stored.leaf,
                stream: content::stream_id(envelope.stream, index)?,
                version: envelope.seq.version(),
                event: content::event_id(envelope.event_id, index)?,
                recorded_at: envelope.recorded_at,
            });
        }
        Ok(Recording {
            receipts,
            repeated: true,
        })
    }

    /// Compares a retried command with what it recorded, after a key rotation made the stored hash
    /// useless. Erased content counts as equal.
    fn was_said(&self, first: LogIndex, said: Said<'_>) -> Result<bool, RecordError> {
        let envelope = content::envelope(&self.reader.entry(first)?)?;
        let stream = content::stream_id(envelope.stream, first)?;
        for stored in self.stored(stream)? {
            if content::envelope(&stored)?
                .erased
                .iter()
                .any(|erased| erased.seq == envelope.seq)
            {
                return Ok(true);
            }
        }
        let records = self.recorded(stream)?;
        let Some(raw) = records
            .iter()
            .find(|record| record.index == first.get())
            .and_then(|record| record.raw.as_ref())
        else {
            return Ok(true);
        };
        match said {
            Said::Facts(facts) => Ok(Event::decode(raw).is_ok_and(|recorded| recorded == *facts)),
            Said::Kind(kind) => {
                Ok(Event::decode(raw).is_ok_and(|recorded| recorded.spec().name == kind))
            }
        }
    }

    /// What an order becomes, and the version of its stream that this was decided on.
    fn decide_order(
        &self,
        order: &Order,
        stream: StreamId,
        viewer: &Viewer,
    ) -> Result<(StreamVersion, Vec<Decided>), RecordError> {
        let version = self.version(stream)?.unwrap_or(StreamVersion::EMPTY);
        expect_version(stream, order.expected_version, version)?;
        let command = Command {
            stream,
            event: order.event.unwrap_or_else(fresh),
            facts: order.facts.clone(),
            meta: order.meta.clone(),
            actor: viewer.actor.clone(),
            version_given: order.expected_version.is_some(),
            also: order.also.clone(),
        };
        let decided = match self.decide_on_state(&command, order.expected_version)? {
            Some(decided) => decided,
            None => self.decide_on_reading(&command, order.expected_version)?,
        };
        self.check_activation(order)?;
        Ok(decided)
    }

    /// Decides on what was folded of the stream; null when the command looks at more.
    fn decide_on_state(
        &self,
        command: &Command,
        expected: Option<StreamVersion>,
    ) -> Result<Option<(StreamVersion, Vec<Decided>)>, RecordError> {
        if reaches_other_streams(&command.facts) {
            return Ok(None);
        }
        let (version, folded) = self.reader.state(command.stream)?;
        expect_version(command.stream, expected, version)?;
        let kinds = Kinds::of(&self.reader);
        let state = State {
            own: folded.state(),
            reading: None,
            streams: &kinds,
            related: &[],
            now: self.time()?,
        };
        let decided = decide(command, &state);
        kinds.sound()?;
        match decided {
            Err(Undecided::ReadingNeeded) => Ok(None),
            decided => Ok(Some((version, decided?))),
        }
    }

    /// Decides on the whole reading of the stream.
    fn decide_on_reading(
        &self,
        command: &Command,
        expected: Option<StreamVersion>,
    ) -> Result<(StreamVersion, Vec<Decided>), RecordError> {
        let stream = command.stream;
        let (version, current) = self.reader.current(stream)?;
        expect_version(stream, expected, version)?;
        let related = if reaches_other_streams(&command.facts) {
            self.related(current.reading(), command)?
        } else {
            Vec::new()
        };
        let kinds = Kinds::of(&self.reader);
        let state = State {
            own: current.state(),
            reading: Some(current.reading()),
            streams: &kinds,
            related: &related,
            now: self.time()?,
        };
        let decided = decide(command, &state);
        kinds.sound()?;
        Ok((version, decided?))
    }

    /// Hands a job over; a conflict that the client did not ask about is to be tried again.
    pub(crate) async fn submit(
        &self,
        job: Job,
        version_given: bool,
    ) -> Result<Vec<Receipt>, RecordError> {
        let begun = self.caches.begin();
        let recorded = self.sequencer.record(job).await;
        let recorded = recorded.map(|written| self.reader.take_in(written, begun));
        if let Some(lists) = &self.lists {
            lists.wake();
        }
        match recorded {
            Err(RecordError::Conflict { .. }) if !version_given => Err(RecordError::Moved),
            other => other,
        }
    }

    /// The cases that a notification was matched to; the registration that another one is to go on
    /// under.
    fn related(&self, reading: &Reading, command: &Command) -> Result<Vec<Reading>, ReadError> {
        let streams = match &command.facts {
            Event::PersonsMerged(facts) => vec![StreamId::from(facts.into.person)],
            _ => domain::views::inbox::notification(reading, command.stream)
                .map(|row| row.cases)
                .unwrap_or_default(),
        };
        let mut related = Vec::new();
        for other in streams {
            related.push(self.reader.current(other)?.1.reading().as_ref().clone());
        }
        Ok(related)
    }

    /// Encrypts what was decided; what names another fact's leaf is made in order. Attachments
    /// belong to the first fact.
    pub(crate) fn drafts(
        &self,
        decided: Vec<Decided>,
        actor: &Actor,
        claims: &mut BTreeMap<usize, Claims>,
        attachments: &[Attachment],
    ) -> Result<Vec<Draft>, RecordError> {
        let mut drafts = Vec::with_capacity(decided.len());
        for (place, fact) in decided.into_iter().enumerate() {
            let event = fact.event.unwrap_or_else(fresh);
            let actor = actor.clone();
            let content = match (fact.reference_to, fact.facts) {
                (Some(named), Event::FactReferenced(mut reference)) => {
                    let (keyring, stream, meta, kind) = (
                        std::sync::Arc::clone(&self.keyring),
                        fact.stream,
                        fact.meta,
                        fact.kind,
                    );
                    let make =
                        move |leaf: record::hash::Hash| -> Result<prepared::Prepared, BoxError> {
                            reference.leaf = Digest::new(leaf.to_b64u())?;
                            let plain =
                                Event::FactReferenced(reference).encode(&meta, &actor, kind)?;
                            prepared::prepare(plain, stream, event, &keyring, &[])
                        };
                    Content::Naming {
                        draft: named,
                        make: Box::new(make),
                    }
                }
                (_, facts) => {
                    let plain = facts
                        .encode(&fact.meta, &actor, fact.kind)
                        .map_err(RecordError::not_written)?;
                    let attachments = if place == 0 { attachments } else { &[] };
                    let prepared =
                        prepared::prepare(plain, fact.stream, event, &self.keyring, attachments);
                    Content::Ready(prepared.map_err(RecordError::NotWritten)?)
                }
            };
            let claims = claims.remove(&place).unwrap_or_default();
            drafts.push(Draft {
                stream: fact.stream,
                event,
                content,
                erased: claims.erased,
                replaced: claims.replaced,
            });
        }
        Ok(drafts)
    }
}

/// What could not be read before anything was written: the client may try again.
fn nothing_written(error: RecordError) -> RecordError {
    match error {
        RecordError::Read(error) if error.is_failure() => RecordError::not_written(error),
        other => other,
    }
}

/// Whether a command is decided on other cases too: whether a person had a part in a case can only
/// be told from that case.
const fn reaches_other_streams(facts: &Event) -> bool {
    matches!(
        facts,
        Event::NotificationReassessed(_) | Event::PersonsMerged(_)
    )
}

/// Whether the stream stands where the client believes it to stand.
pub(crate) fn expect_version(
    stream: StreamId,
    expected: Option<StreamVersion>,
    actual: StreamVersion,
) -> Result<(), RecordError> {
    match expected {
        Some(expected) if expected != actual => Err(RecordError::Conflict {
            stream,
            expected,
            actual,
        }),
        _ => Ok(()),
    }
}

impl App {
    /// The stream of an order. A person's stream has the person's id, and there is one stream for
    /// facts about the log.
    fn stream_of(&self, order: &Order) -> Result<StreamId, RecordError> {
        let refuse = |code| RecordError::refused(code, "stream");
        let fixed = match &order.facts {
            Event::PersonRegistered(facts) => Some(facts.person.person.into()),
            Event::IntegrityChecked(_)
            | Event::RuleSetActivated(_)
            | Event::SafeguardOverridden(_) => Some(self.layout().system_stream()),
            Event::RecordAccessed(facts) => Some(self.look_ups_for(facts.target)?),
            _ => None,
        };
        match (fixed, order.stream) {
            (Some(fixed), Some(stream)) if stream != fixed => {
                Err(refuse(RefusalCode::StreamKindWrong))
            }
            (Some(stream), _) | (None, Some(stream)) => Ok(stream),
            (None, None) if begins_stream(&order.facts) => Ok(fresh()),
            (None, None) => Err(refuse(RefusalCode::FieldRequired)),
        }
    }
}
