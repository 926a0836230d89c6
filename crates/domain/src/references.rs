//! Which other streams belong to the reading of a stream.

use std::collections::BTreeSet;

use events::casework::{CaseOpened, FactReferenced};
use events::correction::{EventAnnulled, EventCorrected};
use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::meta::EventRef;
use events::parts::person_of;
use events::people::PersonsMerged;
use events::raw::RawEvent;
use events::spec::{Facts, StreamKind};
use serde_json::Value;

use crate::correction::annulments;
use crate::reading::{ReadingPoint, visible};
use crate::recorded::Recorded;

/// What the reading of a stream takes in besides its own events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Streams taken in whole: persons, linked notifications and early advice.
    pub streams: BTreeSet<StreamId>,
    /// Single facts of other streams. Of a notification the whole stream is taken in, of another
    /// child's case only that fact and what corrects or annuls it.
    pub facts: BTreeSet<EventRef>,
}

impl References {
    /// Takes others in.
    pub fn extend(&mut self, other: Self) {
        self.streams.extend(other.streams);
        self.facts.extend(other.facts);
    }
}

/// What these events point at, as far as could be known at the point. A person's stream points
/// no further than to the registration that it was merged into, so that a case never takes in the
/// relatives of relatives.
#[must_use]
pub fn references(records: &[Recorded], point: &ReadingPoint) -> References {
    let mut found = References::default();
    // What is reached through an annulled fact alone is no part of it any more.
    for raw in in_force(records, point) {
        if raw
            .parts
            .first()
            .is_none_or(|own| own.who == StreamKind::Person.who())
        {
            found.streams.extend(merged_into(raw));
            continue;
        }
        for part in &raw.parts {
            found
                .streams
                .extend(person_of(&part.who).map(|person| StreamId::from(person.person)));
        }
        let elements = raw
            .parts
            .first()
            .into_iter()
            .flat_map(|own| own.fields.values().flatten());
        elements
            .filter_map(|element| element.value.as_ref().ok())
            .for_each(|value| persons(value, &mut found.streams));
        linked(raw, &mut found);
    }
    found
}

/// The registration under which a person goes on.
fn merged_into(raw: &RawEvent) -> Option<StreamId> {
    if raw.kind != PersonsMerged::SPEC.name {
        return None;
    }
    match Event::decode(raw) {
        Ok(Event::PersonsMerged(facts)) => Some(facts.into.person.into()),
        _ => None,
    }
}

fn linked(raw: &RawEvent, found: &mut References) {
    // Only these two link streams; asking first saves decoding all others.
    if ![FactReferenced::SPEC.name, CaseOpened::SPEC.name].contains(&raw.kind.as_str()) {
        return;
    }
    match Event::decode(raw) {
        Ok(Event::FactReferenced(facts)) => {
            found.facts.insert(facts.target);
        }
        Ok(Event::CaseOpened(facts)) => {
            let links = [facts.linked_notification, facts.linked_advice];
            found
                .streams
                .extend(links.into_iter().flatten().map(|link| link.stream));
        }
        _ => {}
    }
}

/// The courses of early advice that a case is linked to by its opening, as far as could be known at the
/// point.
#[must_use]
pub fn linked_advice(records: &[Recorded], point: &ReadingPoint) -> BTreeSet<StreamId> {
    let openings = in_force(records, point).filter(|raw| raw.kind == CaseOpened::SPEC.name);
    let links = openings.filter_map(|raw| match Event::decode(raw) {
        Ok(Event::CaseOpened(facts)) => facts.linked_advice,
        _ => None,
    });
    links.map(|link| link.stream).collect()
}

/// The contents of the records that could be known at the point and that nothing had annulled by then.
fn in_force<'a>(
    records: &'a [Recorded],
    point: &'a ReadingPoint,
) -> impl Iterator<Item = &'a RawEvent> {
    let known: Vec<&Recorded> = records
        .iter()
        .filter(|record| visible(record, point))
        .collect();
    let gone = annulments(known.clone());
    let counted = known
        .into_iter()
        .filter(move |record| !gone.contains_key(&record.event));
    counted.filter_map(|record| record.raw.as_ref())
}

/// Whether an event counts at the point: it was known and not annulled among these records of its
/// stream.
#[must_use]
pub fn counts(records: &[Recorded], event: EventId, point: &ReadingPoint) -> bool {
    let known: Vec<Recorded> = records
        .iter()
        .filter(|record| visible(record, point))
        .cloned()
        .collect();
    known.iter().any(|record| record.event == event) && !annulments(&known).contains_key(&event)
}

/// Of another stream's records, one fact and whatever corrects, annuls or erases it.
#[must_use]
pub fn only(records: Vec<Recorded>, facts: &BTreeSet<EventId>) -> Vec<Recorded> {
    let mut wanted = facts.clone();
    let mut kept = Vec::new();
    for record in records {
        let changes = record.raw.as_ref().filter(|raw| {
            [EventCorrected::SPEC.name, EventAnnulled::SPEC.name].contains(&raw.kind.as_str())
        });
        let target = changes.and_then(|raw| match Event::decode(raw) {
            Ok(Event::EventCorrected(facts)) => Some(facts.target.event),
            Ok(Event::EventAnnulled(facts)) => Some(facts.target.event),
            _ => None,
        });
        if wanted.contains(&record.event) || target.is_some_and(|target| wanted.contains(&target)) {
            wanted.insert(record.event);
            kept.push(record);
        }
    }
    kept
}

/// Finds `{"person": .., "role": ..}` anywhere in a value.
fn persons(value: &Value, streams: &mut BTreeSet<StreamId>) {
    match value {
        Value::Object(members) => {
            let id = members
                .get("person")
                .and_then(Value::as_str)
                .and_then(|id| id.parse::<PersonId>().ok());
            match id {
                Some(id) if members.contains_key("role") => {
                    streams.insert(id.into());
                }
                _ => members.values().for_each(|member| persons(member, streams)),
            }
        }
        Value::Array(items) => items.iter().for_each(|item| persons(item, streams)),
        _ => {}
    }
}
