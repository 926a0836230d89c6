//! Correcting an earlier fact: the caller names the field and the new value; which elements are
//! replaced, and in which part, is found here.

use std::collections::BTreeMap;

use domain::correction;
use domain::current::Current;
use domain::decide::{Command, State, decide};
use domain::reading::{Reading, ReadingPoint};
use domain::recorded::Recorded;
use domain::refusal::RefusalCode;
use events::correction::EventCorrected;
use events::event::Event;
use events::ids::{CommandId, EventId};
use events::meta::{EventRef, Meta};
use events::parts::{META, person_of};
use events::person::PersonRef;
use events::personal::Personal;
use events::raw::{RawEvent, RawPart};
use events::text::{Digest, Short};
use events::words::Words;
use record::positions::StreamVersion;
use serde_json::{Value, json};

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::record::{Recording, Said, expect_version};
use crate::entropy::fresh;
use crate::error::{ReadError, RecordError};
use crate::log::directory::Kinds;
use crate::log::sequencer::{Job, Receipt};
use crate::waiting::wait;
use crate::wanted::Wanted;

/// An order to correct a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionOrder {
    /// Chosen by the client.
    pub command: CommandId,
    /// Id of the correction, where the client chooses it.
    pub event: Option<EventId>,
    /// The version that the client had on screen.
    pub expected_version: Option<StreamVersion>,
    /// The circumstances of the correction itself.
    pub meta: Meta,
    /// The fact to be corrected.
    pub target: EventRef,
    /// Its field, by stored name; `meta` for its circumstances.
    pub field: String,
    /// Whose value it is, where several persons have one.
    pub subject: Option<PersonRef>,
    /// Which elements of the field, counted from 0; all of them when not stated.
    pub elements: Option<Vec<usize>>,
    /// The new value: for `meta` an object whose members replace those of the circumstances,
    /// for a list all new elements, otherwise one value.
    pub value: Value,
    /// Why.
    pub reason: Words,
    /// What shows it.
    pub evidence: Option<Words>,
}

impl App {
    /// Records a correction while somebody waits for the outcome.
    ///
    /// # Errors
    /// [`RecordError`]; [`RecordError::Abandoned`] when nobody waits any more.
    pub(crate) fn correct(
        &self,
        order: &CorrectionOrder,
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        let mac = self.input_mac(&json!([
            "correction",
            order.meta,
            order.target,
            order.field,
            order.subject,
            order.elements,
            order.value,
            order.reason,
            order.evidence,
            order.event,
            order.expected_version,
            viewer.actor.id,
        ]));
        let said = Said::Kind("EventCorrected");
        wait(self.once(order.command, mac, said, || async {
            let _lock = self.lock(order.target.stream).await;
            let _epoch = self.epoch.read().await;
            // Waiting for others may have taken long.
            wanted.still()?;
            self.try_correct(order, mac, viewer, wanted).await
        }))
    }

    async fn try_correct(
        &self,
        order: &CorrectionOrder,
        mac: [u8; 32],
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Vec<Receipt>, RecordError> {
        let stream = order.target.stream;
        let version = self
            .version(stream)?
            .ok_or_else(|| RecordError::refused(RefusalCode::StreamUnknown, "target"))?;
        expect_version(stream, order.expected_version, version)?;
        let records = self.recorded(stream)?.to_vec();
        let reading =
            Reading::new(records.clone(), ReadingPoint::default()).map_err(ReadError::from)?;
        let raw = correction::in_force(&records, order.target.event)
            .ok_or_else(|| RecordError::refused(RefusalCode::TargetUnknown, "target"))?;
        let facts = correction(order, &raw)?;
        let event = order.event.unwrap_or_else(fresh);
        let command = Command {
            stream,
            event,
            facts: Event::EventCorrected(facts),
            meta: order.meta.clone(),
            actor: viewer.actor.clone(),
            version_given: order.expected_version.is_some(),
            also: Vec::new(),
        };
        let current = Current::of(reading, stream);
        let kinds = Kinds::of(&self.reader);
        let state = State {
            own: current.state(),
            reading: Some(current.reading()),
            streams: &kinds,
            related: &[],
            now: self.time()?,
        };
        let decided = decide(&command, &state);
        kinds.sound()?;
        let decided = decided?;
        self.check_fit(records, &command, order)?;
        let drafts = self.drafts(decided, &viewer.actor, &mut BTreeMap::new(), &[])?;
        let expected = vec![(stream, version)];
        let job = Job {
            drafts,
            expected,
            command: order.command,
            input_mac: mac,
            wanted: wanted.clone(),
            epoch: None,
        };
        self.submit(job, order.expected_version.is_some()).await
    }

    /// Reads the target as it will read afterwards, before anything is written.
    fn check_fit(
        &self,
        mut records: Vec<Recorded>,
        command: &Command,
        order: &CorrectionOrder,
    ) -> Result<(), RecordError> {
        let kind = self
            .kind(command.stream)?
            .ok_or_else(|| RecordError::refused(RefusalCode::StreamUnknown, "target"))?;
        let plain = command
            .facts
            .encode(&command.meta, &command.actor, kind)
            .map_err(RecordError::not_written)?;
        records.push(Recorded {
            index: u64::MAX,
            recorded_at: self.time()?,
            stream: command.stream,
            seq: u64::MAX,
            event: command.event,
            raw: Some(RawEvent::from_plain(&plain)),
        });
        correction::fits(&records, order.target.event, self.time()?)
            .map_err(|code| RecordError::refused(code, "value"))
    }
}

/// The part that holds the field, and its number.
fn part_of<'a>(
    raw: &'a RawEvent,
    order: &CorrectionOrder,
) -> Result<(usize, &'a RawPart), RecordError> {
    let mut parts = raw.parts.iter().enumerate().filter(|(_, part)| {
        let subject = person_of(&part.who);
        part.fields.contains_key(&order.field)
            && order.subject.is_none_or(|wanted| subject == Some(wanted))
    });
    match (parts.next(), parts.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(RecordError::refused(RefusalCode::FieldRequired, "subject")),
        (None, _) => Err(RecordError::refused(RefusalCode::FieldUnknown, "field")),
    }
}

fn correction(order: &CorrectionOrder, raw: &RawEvent) -> Result<EventCorrected, RecordError> {
    let (number, part) = part_of(raw, order)?;
    let elements = part
        .fields
        .get(&order.field)
        .ok_or_else(|| RecordError::refused(RefusalCode::FieldUnknown, "field"))?;
    let chosen: Vec<_> = match &order.elements {
        None => elements.iter().collect(),
        Some(places) => {
            let found: Option<Vec<_>> = places.iter().map(|place| elements.get(*place)).collect();
            found.ok_or_else(|| RecordError::refused(RefusalCode::FieldUnknown, "elements"))?
        }
    };
    let digests: Result<Vec<Digest>, _> = chosen
        .iter()
        .map(|element| Digest::new(element.digest.clone()))
        .collect();
    let old = chosen
        .first()
        .and_then(|element| element.value.as_ref().ok());
    let values = if order.field == META || corrects_circumstances(order, raw) {
        circumstances(order, old)?
    } else {
        new_values(order)?
    };
    let misfit = |_| RecordError::refused(RefusalCode::ValueMisfit, "field");
    Ok(EventCorrected {
        target: order.target,
        part: u16::try_from(number)
            .map_err(|_| RecordError::refused(RefusalCode::FieldUnknown, "field"))?,
        subject: person_of(&part.who),
        field: Short::new(order.field.clone()).map_err(misfit)?,
        replaces: digests.map_err(misfit)?,
        values: values.into_iter().map(Personal::Known).collect(),
        reason: order.reason.clone(),
        evidence: order.evidence.clone(),
    })
}

/// Whether a value poses as a gap: only an erasure makes one.
fn poses_as_gap(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.keys().any(|name| name.starts_with('$')) || members.values().any(poses_as_gap)
        }
        Value::Array(items) => items.iter().any(poses_as_gap),
        _ => false,
    }
}

/// Whether what is corrected is a correction of circumstances: its value is then one object too.
fn corrects_circumstances(order: &CorrectionOrder, raw: &RawEvent) -> bool {
    order.field == "values"
        && matches!(Event::decode(raw), Ok(Event::EventCorrected(facts)) if facts.field.as_str() == META)
}

fn new_values(order: &CorrectionOrder) -> Result<Vec<Value>, RecordError> {
    if poses_as_gap(&order.value) {
        return Err(RecordError::refused(RefusalCode::ValueMisfit, "value"));
    }
    match &order.value {
        Value::Array(items) => Ok(items.clone()),
        Value::Null => Err(RecordError::refused(RefusalCode::FieldRequired, "value")),
        single => Ok(vec![single.clone()]),
    }
}

/// The circumstances with the members that the order names replaced.
fn circumstances(order: &CorrectionOrder, old: Option<&Value>) -> Result<Vec<Value>, RecordError> {
    let misfit = || RecordError::refused(RefusalCode::ValueMisfit, "value");
    if poses_as_gap(&order.value) {
        return Err(misfit());
    }
    let (Some(Value::Object(old)), Value::Object(new)) = (old, &order.value) else {
        return Err(misfit());
    };
    let mut merged = old.clone();
    for (name, value) in new {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    // Times are stored in one form, whatever the caller wrote.
    let meta: Meta = serde_json::from_value(Value::Object(merged)).map_err(|_| misfit())?;
    serde_json::to_value(meta)
        .map(|meta| vec![meta])
        .map_err(RecordError::not_written)
}
