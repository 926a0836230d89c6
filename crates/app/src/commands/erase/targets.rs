//! From what somebody wants erased to the exact parts and values in every stream.

use std::collections::{BTreeMap, BTreeSet};

use domain::refusal::RefusalCode;
use events::document::DocumentFiled;
use events::erasure::ErasureTarget;
use events::event::Event;
use events::ids::{ErasureId, EventId, PersonId, StreamId};
use events::meta::EventRef;
use events::parts::who;
use events::raw::RawEvent;
use events::spec::{Facts, StreamKind};
use record::entry::EventEnvelope;
use record::hash::Hash;
use record::keys::PendingPlace;
use record::opening::PartSource;
use record::payload::remove_values;
use record::positions::{LogIndex, Seq};
use store::log_store::StoredBlob;

use super::{EraseTarget, digest};
use crate::app::App;
use crate::entropy::OsEntropy;
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::content::{self, OpenedEvent};
use crate::log::pending::Replacement;

/// One part or value to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) event: EventId,
    pub(super) index: LogIndex,
    pub(super) seq: Seq,
    pub(super) part: u16,
    pub(super) digest: Option<Hash>,
}

impl Item {
    pub(super) fn listed(&self) -> Result<ErasureTarget, BoxError> {
        Ok(ErasureTarget {
            event: self.event,
            seq: self.seq.get(),
            part: self.part,
            digest: self.digest.map(digest).transpose()?,
        })
    }
}

fn unknown(field: &str) -> RecordError {
    RecordError::refused(RefusalCode::TargetUnknown, field)
}

fn id(event: &OpenedEvent) -> Result<EventId, ReadError> {
    content::event_id(event.envelope.event_id, event.envelope.index)
}

/// Every part and attachment of an event, as its signed entry lists them.
fn whole(envelope: &EventEnvelope) -> Result<Vec<Item>, ReadError> {
    let event = content::event_id(envelope.event_id, envelope.index)?;
    let (index, seq) = (envelope.index, envelope.seq);
    let numbers = (0_u16..).zip(&envelope.blobs).map(|(part, _)| part);
    Ok(numbers
        .map(|part| Item {
            event,
            index,
            seq,
            part,
            digest: None,
        })
        .collect())
}

/// The parts of an event that pass; none where nobody can tell any more what they hold.
fn parts(
    event: &OpenedEvent,
    pass: impl Fn(u16, &RawEvent) -> bool,
) -> Result<Vec<Item>, ReadError> {
    let Some(raw) = &event.raw else {
        return Ok(Vec::new());
    };
    Ok(whole(&event.envelope)?
        .into_iter()
        .filter(|item| pass(item.part, raw))
        .collect())
}

/// Numbers of the blobs behind the parts of an event.
fn attachments(event: &OpenedEvent) -> impl Iterator<Item = u16> {
    let parts = event.raw.as_ref().map_or(usize::MAX, |raw| raw.parts.len());
    (0_u16..)
        .zip(&event.envelope.blobs)
        .map(|(number, _)| number)
        .skip(parts)
}

/// The corrections of an event among the others of its stream.
pub(crate) fn corrections(
    stream: &[OpenedEvent],
    target: EventId,
) -> impl Iterator<Item = (&OpenedEvent, events::correction::EventCorrected)> {
    stream
        .iter()
        .filter_map(move |event| match event.raw.as_ref().map(Event::decode) {
            Some(Ok(Event::EventCorrected(facts))) if facts.target.event == target => {
                Some((event, facts))
            }
            _ => None,
        })
}

impl App {
    /// What is to be erased in each stream; what is gone already is left out.
    pub(super) fn resolve(
        &self,
        target: &EraseTarget,
    ) -> Result<BTreeMap<StreamId, Vec<Item>>, RecordError> {
        let mut found: BTreeMap<StreamId, Vec<Item>> = BTreeMap::new();
        match target {
            EraseTarget::Value {
                event,
                field,
                subject,
                element,
            } => {
                let stream = self.erasable(event.stream)?;
                let part = subject.map(who);
                let mut items = value(&stream, *event, field, part.as_deref(), *element)?;
                // Without what says where its chunks lie, a document is erased.
                let own = target_of(&stream, *event)?;
                let document = own
                    .raw
                    .as_ref()
                    .is_some_and(|raw| raw.kind == DocumentFiled::SPEC.name);
                if document && field == DocumentFiled::CONTENT {
                    let chunks: BTreeSet<u16> = attachments(own).collect();
                    items.extend(parts(own, |number, _| chunks.contains(&number))?);
                }
                found.insert(event.stream, items);
            }
            EraseTarget::Part { event, subject } => {
                let stream = self.erasable(event.stream)?;
                let name = who(*subject);
                let named = |part: u16, raw: &RawEvent| {
                    raw.parts
                        .get(usize::from(part))
                        .is_some_and(|part| part.who == name)
                };
                let own = target_of(&stream, *event)?;
                let mut items = parts(own, named)?;
                if !items.is_empty() {
                    items.extend(self.attachments_about(own, subject.person)?);
                }
                for (correction, _) in corrections(&stream, event.event) {
                    items.extend(parts(correction, named)?);
                }
                found.insert(event.stream, items);
            }
            EraseTarget::Event(event) => {
                let stream = self.erasable(event.stream)?;
                let mut items = whole(&target_of(&stream, *event)?.envelope)?;
                for (correction, _) in corrections(&stream, event.event) {
                    items.extend(whole(&correction.envelope)?);
                }
                found.insert(event.stream, items);
            }
            EraseTarget::Person(person) => self.under_key_of(*person, &mut found)?,
            EraseTarget::Case(stream) => {
                if !matches!(
                    self.kind(*stream)?,
                    Some(StreamKind::Case | StreamKind::Notification)
                ) {
                    return Err(unknown("stream"));
                }
                found.insert(*stream, self.everything(*stream)?);
            }
        }
        for items in found.values_mut() {
            items.sort_unstable();
            items.dedup();
            self.leave_out_gone(items)?;
        }
        found.retain(|_, items| !items.is_empty());
        Ok(found)
    }

    /// A stream, opened, whose events are all those that it signs.
    fn erasable(&self, stream: StreamId) -> Result<Vec<OpenedEvent>, RecordError> {
        self.signed_stream(stream)?;
        Ok(self.opened(stream)?)
    }

    /// Every part of every event of a stream.
    fn everything(&self, stream: StreamId) -> Result<Vec<Item>, RecordError> {
        let mut items = Vec::new();
        for envelope in self.signed_stream(stream)? {
            items.extend(whole(&envelope)?);
        }
        Ok(items)
    }

    /// All that lies under a person's key, wherever it stands, and all of the person's own stream.
    /// The rows of the key store say where that is, so that no stream is read for it that holds
    /// nothing about the person. What they name must be found, or have never been recorded.
    fn under_key_of(
        &self,
        person: PersonId,
        found: &mut BTreeMap<StreamId, Vec<Item>>,
    ) -> Result<(), RecordError> {
        let mut recorded = self.recorded_events();
        for row in self
            .keys
            .parts_of(person.uuid())
            .map_err(RecordError::not_written)?
        {
            // The key of an event that was never committed opens nothing, and goes with the others.
            let Some(envelope) = recorded.find(row.event)? else {
                continue;
            };
            let event = content::event_id(envelope.event_id, envelope.index)?;
            let item = Item {
                event,
                index: envelope.index,
                seq: envelope.seq,
                part: row.part,
                digest: None,
            };
            found
                .entry(content::stream_id(envelope.stream, envelope.index)?)
                .or_default()
                .push(item);
        }
        let own = StreamId::from(person);
        if self
            .log
            .stream_head(own.uuid())
            .map_err(ReadError::from)?
            .is_some()
        {
            found.entry(own).or_default().extend(self.everything(own)?);
        }
        Ok(())
    }

    /// The attachments of an event that lie under a person's key.
    fn attachments_about(
        &self,
        event: &OpenedEvent,
        person: PersonId,
    ) -> Result<Vec<Item>, ReadError> {
        let mut own = BTreeSet::new();
        for number in attachments(event) {
            let row = self
                .keys
                .part(event.envelope.event_id, number)
                .map_err(|error| ReadError::Keys(error.into()))?;
            match row {
                Some(row) if row.subject == person.uuid() => drop(own.insert(number)),
                Some(_) => {}
                None if self.is_gone(event.envelope.index, number)? => {}
                // Nobody can tell whom it is about.
                None => {
                    return Err(ReadError::KeyMissing {
                        index: event.envelope.index,
                        part: number,
                    });
                }
            }
        }
        parts(event, |number, _| own.contains(&number))
    }

    fn leave_out_gone(&self, items: &mut Vec<Item>) -> Result<(), ReadError> {
        let mut kept = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            if !self.is_gone(item.index, item.part)? {
                kept.push(item);
            }
        }
        *items = kept;
        Ok(())
    }

    /// Whether a ciphertext was destroyed.
    fn is_gone(&self, index: LogIndex, part: u16) -> Result<bool, ReadError> {
        let missing = || ReadError::Damaged {
            index,
            source: format!("there is no part {part}").into(),
        };
        let stored = self.log.entry(index)?.ok_or_else(missing)?;
        Ok(*stored.blobs.get(usize::from(part)).ok_or_else(missing)? == StoredBlob::Gone)
    }

    /// The new form of every part that loses single values, with the sequence of its event.
    pub(super) fn replacements(
        &self,
        erasure: ErasureId,
        items: &[Item],
    ) -> Result<Vec<(Seq, Replacement)>, RecordError> {
        let mut values: BTreeMap<(Seq, LogIndex, EventId, u16), BTreeSet<Hash>> = BTreeMap::new();
        for item in items {
            if let Some(digest) = item.digest {
                values
                    .entry((item.seq, item.index, item.event, item.part))
                    .or_default()
                    .insert(digest);
            }
        }
        let (epoch, root) = self.keyring.root();
        let mut replacements = Vec::with_capacity(values.len());
        for ((seq, index, event, part), digests) in values {
            let missing = || RecordError::Read(ReadError::KeyMissing { index, part });
            let stored = self
                .log
                .entry(index)
                .map_err(ReadError::from)?
                .ok_or_else(missing)?;
            let blob = content::blob(&stored, part, &*self.log)?.ok_or_else(missing)?;
            let key = self.keyring.part(event.uuid(), part)?.ok_or_else(missing)?;
            let source = PartSource {
                blob: &blob,
                key: &key,
            };
            let new = remove_values(source, event.uuid(), part, &digests, &mut OsEntropy)
                .map_err(RecordError::not_written)?;
            let place = PendingPlace {
                erasure: erasure.uuid(),
                event: event.uuid(),
                part,
                epoch,
            };
            let wrapped = root.wrap_part(place, &new.key).0;
            replacements.push((
                seq,
                Replacement {
                    index,
                    event: event.uuid(),
                    part,
                    blob: new.blob,
                    wrapped,
                    bound: true,
                    epoch,
                },
            ));
        }
        Ok(replacements)
    }
}

fn target_of(stream: &[OpenedEvent], event: EventRef) -> Result<&OpenedEvent, RecordError> {
    stream
        .iter()
        .find(|opened| opened.envelope.event_id == event.event.uuid())
        .ok_or_else(|| unknown("target"))
}

/// One element, and what corrections of its field put in its place.
fn value(
    stream: &[OpenedEvent],
    event: EventRef,
    field: &str,
    part: Option<&str>,
    element: usize,
) -> Result<Vec<Item>, RecordError> {
    let target = target_of(stream, event)?;
    let raw = target.raw.as_ref().ok_or_else(|| unknown("target"))?;
    let found = raw.parts.iter().enumerate().find(|(number, held)| {
        held.fields.contains_key(field) && part.map_or(*number == 0, |part| held.who == part)
    });
    let (number, held) = found.ok_or_else(|| unknown("field"))?;
    let element = held
        .fields
        .get(field)
        .and_then(|elements| elements.get(element))
        .ok_or_else(|| unknown("element"))?;
    let hash = |digest: &str| Hash::parse_b64u(digest).map_err(RecordError::not_written);
    let number = u16::try_from(number).map_err(RecordError::not_written)?;
    let (index, seq) = (target.envelope.index, target.envelope.seq);
    // What is gone already is not erased twice.
    let mut items = Vec::new();
    if element.value.is_ok() {
        items.push(Item {
            event: event.event,
            index,
            seq,
            part: number,
            digest: Some(hash(&element.digest)?),
        });
    }
    for (correction, facts) in corrections(stream, event.event) {
        if facts.part != number || facts.field.as_str() != field {
            continue;
        }
        let raw = correction.raw.as_ref();
        for (number, part) in raw.into_iter().flat_map(|raw| (0_u16..).zip(&raw.parts)) {
            for element in part
                .fields
                .get("values")
                .into_iter()
                .flatten()
                .filter(|element| element.value.is_ok())
            {
                let digest = Some(hash(&element.digest)?);
                let (index, seq) = (correction.envelope.index, correction.envelope.seq);
                items.push(Item {
                    event: id(correction)?,
                    index,
                    seq,
                    part: number,
                    digest,
                });
            }
        }
    }
    Ok(items)
}
