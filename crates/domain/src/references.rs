//! Which other streams belong to the reading of a stream.

use std::collections::BTreeSet;

use events::casework::{CaseOpened, FactReferenced};
use events::event::Event;
use events::ids::{PersonId, StreamId};
use events::parts::person_of;
use events::raw::RawEvent;
use events::spec::{Facts, StreamKind};
use serde_json::Value;

use crate::reading::{ReadingPoint, Recorded, visible};

/// The streams that these events point at, as far as could be known at the point. A person's
/// stream points no further, so that a case never takes in the relatives of relatives.
#[must_use]
pub fn references(records: &[Recorded], point: &ReadingPoint) -> BTreeSet<StreamId> {
    let mut streams = BTreeSet::new();
    for raw in records.iter().filter(|record| visible(record, point)).filter_map(|record| record.raw.as_ref()) {
        if raw.parts.first().is_none_or(|own| own.who == StreamKind::Person.who()) {
            continue;
        }
        for part in &raw.parts {
            streams.extend(person_of(&part.who).map(|person| StreamId::from(person.person)));
        }
        let elements = raw.parts.first().into_iter().flat_map(|own| own.fields.values().flatten());
        elements.filter_map(|element| element.value.as_ref().ok()).for_each(|value| persons(value, &mut streams));
        linked(raw, &mut streams);
    }
    streams
}

fn linked(raw: &RawEvent, streams: &mut BTreeSet<StreamId>) {
    // Only these two link streams; asking first saves decoding all others.
    if ![FactReferenced::SPEC.name, CaseOpened::SPEC.name].contains(&raw.kind.as_str()) {
        return;
    }
    match Event::decode(raw) {
        Ok(Event::FactReferenced(facts)) => {
            streams.insert(facts.target.stream);
        }
        Ok(Event::CaseOpened(facts)) => {
            let links = [facts.linked_notification, facts.linked_advice];
            streams.extend(links.into_iter().flatten().map(|link| link.stream));
        }
        _ => {}
    }
}

/// Finds `{"person": .., "role": ..}` anywhere in a value.
fn persons(value: &Value, streams: &mut BTreeSet<StreamId>) {
    match value {
        Value::Object(members) => {
            let id = members.get("person").and_then(Value::as_str).and_then(|id| id.parse::<PersonId>().ok());
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
